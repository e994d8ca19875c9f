"""A study, its sweep and the folder of its report in, that folder with the files of a new report out: what was drawn is kept, what
people changed stays, and the whole is replaced at once."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.sentences import unconfirmed
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.drawing import Artist
from sweepbook.analysis.page.gallery import Drawn
from sweepbook.analysis.report.aside import awaited, replaced, set_aside
from sweepbook.analysis.report.critical import known_values
from sweepbook.analysis.report.files import content
from sweepbook.analysis.report.history import history
from sweepbook.analysis.report.lastbuild import LastBuild
from sweepbook.analysis.report.looks import looks
from sweepbook.analysis.report.manifest import (
    ASIDE,
    FILE,
    HISTORY,
    PDF,
    SET_ASIDE,
    digest,
    digest_of,
    objections,
    own_files,
    record,
    recorded_looks,
    refusal,
)
from sweepbook.analysis.report.places import Places, no_logs
from sweepbook.analysis.report.report import Begun, Report, begin
from sweepbook.analysis.report.swap import alone, settle, swap
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.study import Study

DAY = 86_400  # seconds
WHY = "the journal says why under What went wrong"


def begun(study: Study, sweep: Sweep, where: Places, before: LastBuild, artist: Artist | None = None) -> Begun:
    """The report as far as what its figures show; those that were not drawn before are drawn from now on."""
    with known_values():
        drawn = dict(_figures(where.out, before))
        return begin(study, sweep, where.again, drawn, lambda: looks(where.out, study, sweep), artist)


def finished(begun: Begun, templates: Path | None) -> Report:
    """The report; SweepbookError for a template that is wrong, or does not end."""
    try:
        return begun.finish(templates)
    except (TemplateError, TimeoutError) as error:
        raise SweepbookError(f"{templates or 'the templates'}: {_place(error)}{error}") from None


def _place(error: Exception) -> str:
    """The template and the line in which `error` came up."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name}:{error.lineno}: "
    if isinstance(error, TemplateNotFound):
        return "there is no template "
    frames = traceback.extract_tb(error.__traceback__)
    lines = [(Path(frame.filename).name, frame.lineno) for frame in frames if frame.filename.endswith((".j2", ".css", ".js"))]
    return f"{lines[-1][0]}:{lines[-1][1]}: " if lines else ""


def _figures(out: Path, before: LastBuild) -> Iterator[tuple[str, Drawn]]:
    """The figures that lie in the report as they were drawn."""
    for name, key in before.figures.items():
        data = content(out / "figures" / f"{name}.svg") or b""
        if digest(data) == before.files.get(f"figures/{name}.svg"):
            yield name, Drawn(data.decode(), key, fresh=False)


def warnings(made: Report, study: Study, where: Places) -> Iterator[str]:
    """What whoever builds should look at: logs that do not count, a clock that is wrong, a report without runs."""
    if lost := len(uncounted(made.findings)):
        logs = "1 log does" if lost == 1 else f"{lost} logs do"
        yield f"{logs} not count; {WHY}"
    if unended := len(made.findings.unended):
        yield f"{w.plural(unended, 'run')} {'has' if unended == 1 else 'have'} not ended; what finishes will count"
    yield from dubious(made, study, where)


def dubious(made: Report, study: Study, where: Places) -> Iterator[str]:
    """A clock that is wrong, and a report without runs."""
    if made.findings.last is not None and made.findings.last > time.time() + DAY:
        yield f"a run began in the future ({w.moment(made.findings.last)}): was the clock of its machine right?"
    if not made.findings.ranking and not find_logs(where.logs).stamps and not _is_new(where.logs):
        yield f"{called(where.logs)}: {no_logs()}"
    if not made.findings.ranking and not unconfirmed(made.findings):
        yield f"no run in {called(where.logs)} has finished with a {study.metric}, so the journal holds the plan alone"


def uncounted(findings: Findings) -> dict[str, str]:
    """Why logs do not count, by log; without those whose run goes on, or was run again and came to its end."""
    return {log: why for log, why in findings.problems if log not in findings.again and log not in findings.unended}


def _is_new(logs: Path) -> bool:
    """Whether nothing at all lies in a folder of logs yet."""
    return logs.is_dir() and not any(logs.iterdir())


@dataclass(frozen=True)
class Replaced:
    """The names of the files that changed, those removed, those that belong to the report no more and stay, as they were changed by
    hand; and what moved since the report that was replaced."""

    changed: list[str]
    removed: list[str]
    kept: list[str]
    moved: list[str]


def replace_report(
    out: Path,
    name: str,
    made: Report,
    before: LastBuild,
    changes: Callable[[Mapping[str, bytes], Mapping[str, bytes]], list[str]],
    *,
    watching: bool,
    forced: bool,
) -> Replaced:
    """Replaces the report of the study `name` whole, and what a build wrote there alone; what moved is told by `changes`.

    The history tells what moved since the report that the last `build` or `run` left, whatever `watch` made of it meanwhile.
    SweepbookError where a file is in the way that no build wrote, or that was changed by hand, unless `forced`.
    """
    _make_folder(out)
    with alone(out):
        settle(out)
        own = own_files(out, before.files, made.files)
        there, waits = replaced(out), awaited(out, own)
        old = replaced(out / ASIDE) if waits and not watching else there
        moved = changes(old, made.files)
        aside = set_aside(there) if moved and watching and not waits else {}
        entry = {} if watching else history(out, name, made.findings.last, moved)
        files = {**aside, **made.files}
        carried = {name for name in own if name == PDF or (watching and name in SET_ASIDE)}
        stale = [name for name in own if name not in files and name not in carried and (out / name).exists()]
        kept = {objection.name for objection in objections(out, stale, own)}
        removed = [name for name in stale if name not in kept]
        lines = {name: own[name] for name in carried} | {name: digest(data) for name, data in files.items()}
        seen = recorded_looks(out) if watching else made.looks
        changed = _changed(out, {**files, **entry, FILE: record(lines, seen)})
        # The history is everyone's: an entry comes behind whatever stands in it.
        against = list(objections(out, changed, {**own, HISTORY: digest_of(out / HISTORY), FILE: digest_of(out / FILE)}))
        if any(objection.firm or not forced for objection in against):
            raise refusal(out, against)
        if changed or removed:
            swap(out, changed, removed)
    shown = [name for name in removed if name not in SET_ASIDE]
    return Replaced([name for name in changed if name != FILE], shown, sorted(kept), moved)


def _changed(out: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of `files` that are not in `out` as they should be; a link is not, whatever it leads to."""
    return {
        name: data
        for name, data in files.items()
        if (out / name).is_symlink()
        or ((out / name).parent.is_symlink() and name.count("/"))
        or (content(out / name) or b"") != data
    }


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SweepbookError(f"{out}: cannot be written: {error.strerror}") from None
