"""Templates and values in, the text of a page out. Knows Jinja, the SVG of figures and the words of the glossary."""

import hashlib
import json
import re
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import jinja2
from jinja2 import ChoiceLoader, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, TemplateRuntimeError
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from sweepbook.analysis.glossary import occurring
from sweepbook.analysis.logs.files import cache_folder
from sweepbook.analysis.page.explained import explained, linked_terms
from sweepbook.analysis.page.markdown import markdown_table, markdown_text, note_html, note_md
from sweepbook.analysis.page.spaces import Space
from sweepbook.analysis.page.table import Line, curve_text, long_columns, slim, span_text
from sweepbook.analysis.page.visible import visible

TEMPLATES = Path(__file__).parents[2] / "templates"
PATIENCE = 60  # seconds for a template of the user's
# The colours that the figures are drawn in, and the page's names for them; those of heatmaps stay as they are.
FIGURE_COLOURS = {
    "#fdfcf9": "card",
    "#1d2329": "ink",
    "#000000": "ink",
    "#5b6470": "soft",
    "#e6e2d8": "line",
    "#0b6e6e": "accent",
    "#b45309": "warn",
}
FIGURE_COLOUR = re.compile(rf"(?<=[\" ])(?:{'|'.join(FIGURE_COLOURS)})(?=[;\"])")
FIGURE_FONT = "font-family: 'DejaVu Sans'; "  # the page names the fonts that may stand for it
FIGURE_STYLE = re.compile(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>\s*")
TAG = re.compile(r"<[^>]*>")
ROW = json.JSONEncoder(separators=(",", ":"))
SAFE: dict[tuple[type, str], bool] = {}  # whether a template may have an attribute of a type


def render(template: str, values: Mapping[str, object], overrides: Path | None = None) -> str:
    """The text of `template` with `values`; a template of the same name in the folder `overrides` comes first.

    Undefined names are errors, and so is a template of the user's that takes longer than PATIENCE seconds. In templates whose
    name has ".html" in it every value is escaped.
    """
    try:
        with _patience(overrides):
            environment = _environment(overrides) if overrides else _own_environment()
            return environment.get_template(template).render(values)
    except RecursionError:
        raise TemplateRuntimeError(f"{template} includes itself, or calls deeper than Python goes") from None
    except MemoryError:
        raise TemplateRuntimeError(f"{template} makes more text than the memory holds") from None


@contextmanager
def _patience(overrides: Path | None) -> Iterator[None]:
    """Raises TimeoutError in a template of the user's that does not come to an end, where the system has a clock for that."""
    if overrides is None or threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"the templates took longer than {PATIENCE} s; look for a loop without an end")

    earlier = signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox: a template calls what it is given, and comes to nothing of Python's besides.

    Whether it may have an attribute goes by the type of what has it, and a page asks for the same few 20,000 times."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        asked = type(obj), attr
        if asked not in SAFE:
            SAFE[asked] = super().is_safe_attribute(obj, attr, value)
        return SAFE[asked]


class _Compiled(FileSystemBytecodeCache):
    """The compiled templates, in the user's cache folder, which may be deleted at any time."""

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(f"{_version()}{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # a cache that cannot be read, for whatever reason, is a cache that is not there
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # no room or no right to write there: the next process compiles again
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _version() -> str:
    """Changes with what a template is compiled to: Jinja works out the filters of what is constant."""
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"".join([jinja2.__version__.encode(), *sources])).hexdigest()


def compile_pages() -> None:
    """Has our own templates of a journal ready before their values are."""
    for template in TEMPLATES.iterdir():
        if not template.name.startswith("diff"):
            _own_environment().get_template(template.name)


@cache
def _own_environment() -> Environment:
    """The environment of our own templates, kept, so that a process compiles each of them once; one that changes is seen. That of
    the user's is made each time, for a template that comes new into the folder would not be."""
    return _environment(None)


def _environment(overrides: Path | None) -> Environment:
    """Only templates of the user's are kept in a sandbox, which takes a fifth of the rendering."""
    folders = [overrides, TEMPLATES] if overrides else [TEMPLATES]
    environment = (_Sandbox if overrides else Environment)(
        bytecode_cache=None if overrides else _Compiled(str(cache_folder("templates"))),
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible_value,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters.update(md=markdown_text, table=markdown_table, svg=placed, note_html=note_html, note_md=note_md)
    environment.filters.update(explained=explained, linked_terms=linked_terms, terms=occurring)
    environment.filters.update(slim=slim, long_columns=long_columns, one_blank=one_blank)
    environment.filters.update(span=span_text, curve=curve_text, rows=rows)
    return environment


def _visible_value(value: object) -> object:
    """A text without what a terminal or a browser would obey; all else, and what is HTML by now, as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def rows(lines: Iterable[Line]) -> Markup:
    """Rows of a table as JSON that a page may hold, each on a line of its own: what journal.js makes rows of."""
    own = ([line.cells, line.anchor, line.links, line.best, span_text(line), curve_text(line)] for line in lines)
    return htmlsafe_json_dumps(own, dumps=lambda each: ",\n".join(map(ROW.encode, each)))


def one_blank(text: str) -> str:
    """Markdown with one empty line where a template left several.

    >>> one_blank("a\\n\\n\\n\\nb\\n")
    'a\\n\\nb\\n'
    """
    return re.sub(r"\n{3,}", "\n\n", text)


def placed(figure: str | Space, label: str) -> Markup:
    """A figure in a page, or the space for it."""
    return figure.labelled(label) if isinstance(figure, Space) else inline_svg(figure, label)


def inline_svg(text: str, label: str) -> Markup:
    """An SVG file's text as an element of an HTML page, with `label` for those who do not see it; the figures' own colours
    become the page's, which are others in the dark, and the style that would reach beyond the figure is left out."""
    element = TAG.sub(lambda tag: _own_colours(tag[0]), FIGURE_STYLE.sub("", text[text.index("<svg") :]))
    role = "group" if "<a " in element else "img"  # what lies within an image cannot be reached
    return Markup(element.replace("<svg", Markup('<svg role="{}" aria-label="{}"').format(role, visible(label)), 1))


def _own_colours(tag: str) -> str:
    return FIGURE_COLOUR.sub(lambda colour: f"var(--{FIGURE_COLOURS[colour[0]]})", tag.replace(FIGURE_FONT, ""))
