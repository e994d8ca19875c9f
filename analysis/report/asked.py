"""A sweep and what a person asks of its reading in; an error for a name that no run has."""

from collections.abc import Iterator
from pathlib import Path

from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.readers import table
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.rules import BEST, Rules
from sweepbook.runner.runlog import LogError
from sweepbook.runner.suggest import nearest


def check_asked(logs: Path, sweep: Sweep, rules: Rules) -> None:
    """SweepbookError for the first name in `rules` that no setting, metric or column of the `logs` has; none where there are no
    runs. The files are opened again only where a name is none of the sweep's."""
    if sweep.runs.empty:
        return
    known = {"setting": _settings(sweep), "metric": _metrics(sweep)}
    both = [*known["setting"], *known["metric"]]
    wrong = [(key, name, kind) for key, name, kind in _names(rules) if not _is_known(name, both)]
    columns = list(_columns(logs, rules)) if wrong else []
    for key, name, kind in wrong:
        if not _is_known(name, columns):
            told = nearest(name, [*known[kind], *columns])
            raise SweepbookError(f'{called(logs)}: {key} names "{name}", which no run has as a setting or metric; {told}')


def _names(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Each name that is asked for: by which rule, and what it should be."""
    yield from (("map", theirs, "metric") for theirs, _ in rules.map)
    for key, names, kind in (
        ("ignore", rules.ignore, "setting"),
        ("keep", rules.keep, "setting"),
        ("metrics", rules.metrics, "metric"),
        ("settings", rules.settings, "setting"),
    ):
        yield from ((key, name, kind) for name in names)
    if rules.seed:
        yield "seed", rules.seed, "setting"
    if rules.at and rules.at != BEST:
        yield "at", rules.at, "metric"


def _settings(sweep: Sweep) -> list[str]:
    """The settings, those that were set aside, and the one that has the seed."""
    picture = sweep.picture
    names = [*sweep.names(CONFIG), *dict(picture.aside), *dict(picture.secrets), picture.seed, "seed"]
    return [name for name in dict.fromkeys(names) if name]


def _metrics(sweep: Sweep) -> list[str]:
    """The metrics and series, by our names and by theirs."""
    series = [str(name) for name in sweep.epochs.columns if name not in ("log", "epoch")]
    return list(dict.fromkeys([*sweep.names(METRICS), *series, *sweep.picture.ours]))


def _is_known(name: str, known: list[str]) -> bool:
    return any(name in (other, other.rpartition(".")[2]) for other in known)


def _columns(logs: Path, rules: Rules) -> Iterator[str]:
    """The columns of the tables among the logs: some say nothing of a run, and are known all the same."""
    for source in find_logs(logs).sources.values():
        if source.reader is table:
            try:
                for name, column in table.columns(source.log.files[0], rules).all.items():
                    yield from (name, column.name)
            except LogError:
                continue
