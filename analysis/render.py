"""Templates and values in, the text of a page out. Knows Jinja and no other room of ours."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
# What Markdown would read as marks: not the underscore within a word, nor brackets that make no link.
MARKDOWN_MARKS = re.compile(
    r"^[#>]|^\+(?=\s|$)|^-(?=[\s-]|$)|(?<=\s)#(?=#*$)"  # at the start and the end of a line
    r"|[\\`*<|~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])|&(?=#?\w+;)"
)
NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
TEMPLATE_FOLDERS = (HERE / "templates", HERE.parent / "templates")  # as installed, and as checked out


def render(template: str, values: Mapping[str, object], overrides: Path | None = None) -> str:
    """The text of `template` with `values`; a template of the same name in the folder `overrides` comes first.

    Undefined names are errors. In templates whose name has ".html" in it every value is escaped.
    """
    return _environment(overrides).get_template(template).render(values)


def _environment(overrides: Path | None) -> Environment:
    folders = [overrides, *TEMPLATE_FOLDERS] if overrides else list(TEMPLATE_FOLDERS)
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(md=markdown_text, table=markdown_table, svg=inline_svg)
    return environment


def markdown_text(text: object) -> str:
    """`text` for a Markdown page, in one line: what Markdown would read as marks is escaped, so that it shows as it was written."""
    line = " ".join(str(text).split())
    return NUMBERED.sub(r"\1\\\2", MARKDOWN_MARKS.sub(r"\\\g<0>", line))


def markdown_table(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A Markdown table whose columns align in the source. `rows` begins with the head; `right` says which columns do."""
    cells = [[markdown_text(cell) for cell in row] for row in rows]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(right))]
    lines = ["| " + " | ".join(_padded(c, w, r) for c, w, r in zip(row, widths, right, strict=True)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (w + 1) + (":" if r else "-") for w, r in zip(widths, right, strict=True)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _padded(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)


def inline_svg(text: str, label: str) -> Markup:
    """An SVG file's text as an element of an HTML page, with `label` for those who do not see it."""
    element = text[text.index("<svg") :]
    return Markup(element.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(label), 1))
