"""A `Picture` in, a matplotlib Figure out, and its bytes, the same on every machine. Nothing is shown or written here."""

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pkgutil import resolve_name

import matplotlib as mpl
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import STYLE
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.visible import visible

# The figures, a line each: the kind of a picture, and the function that draws it, by its module in this folder. It is imported
# with the first figure of its kind, seaborn taking half a second.
FIGURES = {
    "factors": "factors:factors",
    "heatmap": "heatmap:heatmap",
    "line": "levels:line",
    "dots": "levels:dots",
    "cost": "cost:cost",
    "metrics": "metrics:metrics",
    "settings": "settings:settings",
    "curves": "curves:curves",
    "scatter": "scatter:scatter",
    "forest": "forest:forest",
    "grids": "grids:grids",
    "history": "history:history",
}
REFERENCE = re.compile(r'(\bid="|url\(#|(?<!<a xlink:)href="#)')  # a link leads out of the figure, to a place in its page
GEOMETRY = re.compile(r'\b(?:d|x|y|transform|width|height)="[^"]*"')
DIGITS = re.compile(r"(\d\.\d\d)\d+")


def draw(picture: Picture) -> Figure:
    """The figure of `picture`; close to the same width whatever it shows, so that a page of them is calm."""
    drawing: Callable[[Picture], Figure] = resolve_name(f"{__name__}.{FIGURES[picture.kind]}")
    with mpl.rc_context(STYLE), _any_letter():
        return drawing(picture)


def svg(figure: Figure, name: str) -> bytes:
    """The SVG of `figure`; every id in it begins with `name`, so that several can stand in one page. Numbers are cut to a
    hundredth of a point, far below what is seen: the last digits may differ between machines."""
    text = visible(image(figure, "svg").decode())  # XML allows no control characters: a label may have them
    text = REFERENCE.sub(rf"\g<1>{name}-", text.replace(' target="_blank"', ""))  # what it leads to is in the same page
    return GEOMETRY.sub(lambda match: DIGITS.sub(r"\1", match[0]), text).encode()


@contextmanager
def _any_letter() -> Iterator[None]:
    """Without warnings of letters that our font lacks: the reader's own fonts show an SVG's text."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        yield


def image(figure: Figure, form: str) -> bytes:
    """The figure as "svg", "png" (200 dots an inch) or "pdf", without a date."""
    metadata = {"svg": ("Creator", "Date", "Format", "Type"), "png": ("Software",), "pdf": ("Creator", "Producer", "CreationDate")}
    with mpl.rc_context(STYLE), _any_letter():
        buffer = io.BytesIO()
        figure.savefig(buffer, format=form, dpi=200, metadata=dict.fromkeys(metadata[form]))
    return buffer.getvalue()
