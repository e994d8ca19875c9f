"""A `SweepDiff` in, its Markdown and its HTML page out, as text."""

from sweepbook.analysis.diff.contents import contents
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.page.gallery import gallery
from sweepbook.analysis.page.render import render


def markdown(diff: SweepDiff) -> str:
    """What changed as Markdown that reads well in a comment: the answer first, long tables folded away, no figures."""
    return render("diff.md.j2", {"page": contents(diff)})


def html(diff: SweepDiff) -> str:
    """What changed as one HTML file in the journal's style, with its figures."""
    page = contents(diff)
    drawn = gallery(page.pictures, {})
    return render("diff.html.j2", {"page": page, "pictures": {name: figure.text for name, figure in drawn.items()}})
