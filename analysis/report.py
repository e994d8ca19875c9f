"""A plan and a folder of logs in, the files of the report out, as bytes by their name. Writes nothing."""

from importlib.metadata import version
from pathlib import Path

from analysis import export
from analysis.findings import Findings, findings
from analysis.journal import Journal, journal
from analysis.render import render
from analysis.sweep import Sweep
from runner.study import Study


def report(study: Study, sweep: Sweep, command: str, templates: Path | None) -> tuple[Findings, dict[str, bytes]]:
    """The findings, and journal.md, journal.html, figures/*.svg, runs.csv and findings.json.

    The same plan and logs give the same bytes. `command` is what makes the page again; `templates` a folder whose
    templates come before those of the same name here.
    """
    found = findings(sweep, study)
    made = {"Made by": f"Sweepbook {version('sweepbook')}", "Made again with": command}
    page = journal(found, made)
    pictures = draw_all(page)
    files = {
        "journal.md": render("journal.md.j2", {"journal": page}, templates),
        "journal.html": render("journal.html.j2", {"journal": page, "pictures": pictures}, templates),
        "runs.csv": export.runs_csv(sweep, found),
        "findings.json": export.findings_json(found),
        **{f"figures/{name}.svg": text for name, text in pictures.items()},
    }
    return found, {name: text.encode(errors="replace") for name, text in files.items()}


def draw_all(page: Journal) -> dict[str, str]:
    """The SVG of every figure of the journal, by its name."""
    from analysis.figures import draw, svg  # importing what draws takes two seconds; a page without figures needs none

    pictures = [section.picture for section in page.sections if section.picture]
    return {picture.name: svg(draw(picture), picture.name).decode() for picture in pictures}
