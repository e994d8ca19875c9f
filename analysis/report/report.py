"""A plan, its notes and a folder of logs in, the files of the report out, as bytes by their name. Writes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sweepbook.analysis.checks import Check
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import Findings, checked, graded, ungraded
from sweepbook.analysis.forks import beside
from sweepbook.analysis.journal.journal import Journal, journal
from sweepbook.analysis.journal.notes.notes import Notes, load_notes
from sweepbook.analysis.journal.pictures import figures
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.drawing import Artist
from sweepbook.analysis.page.gallery import Drawn, Gallery
from sweepbook.analysis.page.render import compile_pages, inline_svg, render
from sweepbook.analysis.page.spaces import Spaces
from sweepbook.analysis.report.places import is_planned
from sweepbook.runner.study import Study

MANY = 3000  # runs; below, starting a process for their checks costs more than it saves


@dataclass(frozen=True)
class Report:
    """The findings, the figures, and journal.md, journal.html, figures/*.svg, runs.csv and findings.json as bytes; `looks` are the
    numbers of runs behind it and the reports before it."""

    findings: Findings
    figures: Mapping[str, Drawn]
    files: Mapping[str, bytes]
    looks: Sequence[int] = ()


@dataclass(frozen=True)
class Begun:
    """A report whose figures are being drawn."""

    findings: Findings
    sweep: Sweep
    page: Journal
    gallery: Gallery
    looks: Sequence[int]

    def finish(self, templates: Path | None = None) -> Report:
        """The report, once its figures are there; a template in the folder `templates` comes before that of the same name here."""
        data = {"runs.csv": runs_csv(self.sweep, self.findings), "findings.json": findings_json(self.findings)}
        compile_pages()
        # Our own pages are rendered while figures are drawn; the patience with the user's templates does not wait for figures.
        spaces = Spaces(self.gallery)
        values = {"journal": self.page, "pictures": dict(self.gallery) if templates else spaces}
        pages = {name: render(f"{name}.j2", values, templates) for name in ("journal.md", "journal.html")}
        if not templates:
            pages["journal.html"] = spaces.filled(pages["journal.html"], inline_svg)
        drawn = self.gallery.finish()
        texts = {f"figures/{name}.svg": figure.text for name, figure in drawn.items()} | pages | data
        files = {name: text.encode(errors="replace") for name, text in texts.items()}
        return Report(self.findings, drawn, files, self.looks)


def begin(
    study: Study,
    sweep: Sweep,
    command: str,
    before: Mapping[str, Drawn] | None = None,
    looks: Callable[[], Sequence[int]] = tuple,
    artist: Artist | None = None,
) -> Begun:
    """The report of `study`, begun. The same plan, notes, logs and looks give the same bytes.

    `command` is what makes the page again; `before` has figures that were drawn earlier, `looks` says the numbers of runs behind
    this report and those before it; `artist` is the process that draws the other figures, if any does.
    """
    read = ungraded(sweep, study)

    def seen() -> tuple[Sequence[int], tuple[Check, ...]]:
        return (reports := looks()), checked(read, sweep, reports)

    with beside(seen, worth=len(sweep.runs) >= MANY) as result:
        shown = figures(read, sweep)
        gallery = Gallery(shown.of_page, before or {}, artist)  # first, as drawing takes the longest
        reports, fired = result()
    found = graded(read, fired)
    made = {"Made by": f"Sweepbook {version('sweepbook')}", "Made again with": command}
    # Run logs without a plan have no folder of ours, and a notes.md among them is somebody else's.
    notes = load_notes(study.path.parent / "notes.md", found) if is_planned(study) else Notes()
    page = journal(found, sweep, notes, made, shown)
    return Begun(found, sweep, page, gallery, reports)
