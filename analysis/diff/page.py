"""A `SweepDiff` in, its Markdown and its HTML page out, as text."""

from dataclasses import replace

from sweepbook.analysis.diff.contents import contents
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.page.gallery import Gallery
from sweepbook.analysis.page.render import render


def markdown(diff: SweepDiff, beside: str = "") -> str:
    """What changed as Markdown that reads well in a comment: what a reviewer asks first, and all else folded away. It links to the
    figure that lies `beside` it, where one does."""
    page = contents(diff)
    return render("diff.md.j2", {"page": replace(page, picture=beside if page.scatter else "")})


def picture(diff: SweepDiff) -> str:
    """The SVG of the figure that Markdown links to; "" where nothing is drawn."""
    drawn = Gallery(contents(diff).scatter, {}).finish()
    return next((figure.text for figure in drawn.values()), "")


def html(diff: SweepDiff) -> str:
    """What changed as one HTML file in the journal's style, with its figures."""
    page = contents(diff)
    drawn = Gallery(page.pictures, {}).finish()
    return render("diff.html.j2", {"page": page, "pictures": {name: figure.text for name, figure in drawn.items()}})
