"""A plan, its notes and a folder of logs in, the files of the report out, as bytes by their name. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sweepbook.analysis.export.record import write as export
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.journal.journal import Journal, journal
from sweepbook.analysis.journal.notes.notes import Notes, load_notes
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.drawing import Artist
from sweepbook.analysis.page.gallery import Drawn, Gallery
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.render import compile_pages, render
from sweepbook.analysis.report.places import is_planned
from sweepbook.runner.study import Study

MOST_FIGURES = 60  # that one page holds; of a study with more the first are drawn


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
        data = {"runs.csv": export.runs_csv(self.sweep, self.findings), "findings.json": export.findings_json(self.findings)}
        compile_pages()
        drawn = self.gallery.finish()
        values = {"journal": self.page, "pictures": {name: figure.text for name, figure in drawn.items()}}
        texts = {f"figures/{name}.svg": figure.text for name, figure in drawn.items()}
        texts |= {name: render(f"{name}.j2", values, templates) for name in ("journal.md", "journal.html")} | data
        files = {name: text.encode(errors="replace") for name, text in texts.items()}
        return Report(self.findings, drawn, files, self.looks)


def begin(
    study: Study,
    sweep: Sweep,
    command: str,
    before: Mapping[str, Drawn] | None = None,
    looks: Sequence[int] = (),
    artist: Artist | None = None,
) -> Begun:
    """The report of `study`, begun. The same plan, notes, logs and looks give the same bytes.

    `command` is what makes the page again; `before` has figures that were drawn earlier, `looks` the numbers of runs behind this
    report and those before it; `artist` is the process that draws the other figures, if any does.
    """
    found = findings(sweep, study, looks=looks)
    made = {"Made by": f"Sweepbook {version('sweepbook')}", "Made again with": command}
    # Run logs without a plan have no folder of ours, and a notes.md among them is somebody else's.
    notes = load_notes(study.path.parent / "notes.md", found) if is_planned(study) else Notes()
    page = journal(found, sweep, notes, made)
    return Begun(found, sweep, page, Gallery(pictures(page), before or {}, artist), looks)


def pictures(page: Journal) -> tuple[Picture, ...]:
    """The figures of a journal that its page holds."""
    groups = [picture for section in page.sections for picture in section.pictures]
    return (*page.pictures, *groups[: MOST_FIGURES - len(page.pictures)])
