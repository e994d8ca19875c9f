"""A `Picture` in, a matplotlib Figure out, and its bytes, the same on every machine. Nothing is shown or written here."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import matplotlib as mpl
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import STYLE
from sweepbook.analysis.page.picture import Picture

# What draws each kind: a module and its function. It is imported with the first figure of that kind, seaborn taking half a second.
KINDS = {"heatmap": "heatmap", "line": "levels", "dots": "levels", "cost": "cost", "curves": "curves"}
KINDS |= {"scatter": "scatter", "forest": "forest", "grids": "grids"}
GEOMETRY = re.compile(r'\b(?:d|x|y|transform|width|height)="[^"]*"')
DIGITS = re.compile(r"(\d\.\d\d)\d+")


def draw(picture: Picture) -> Figure:
    """The figure of `picture`; close to the same width whatever it shows, so that a page of them is calm."""
    drawing = getattr(import_module(f"sweepbook.analysis.page.figures.{KINDS[picture.kind]}"), picture.kind)
    with mpl.rc_context(STYLE), _any_letter():
        figure: Figure = drawing(picture)
    return figure


def svg(figure: Figure, name: str) -> bytes:
    """The SVG of `figure`; every id in it begins with `name`, so that several can stand in one page. Numbers are cut to a
    hundredth of a point, far below what is seen: the last digits may differ between machines."""
    text = image(figure, "svg").decode()
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    return GEOMETRY.sub(lambda found: DIGITS.sub(r"\1", found[0]), text).encode()


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
