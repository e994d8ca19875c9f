"""An expression of the notes and the values that it may name in, its text out. Jinja only parses it: nothing is run."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from sweepbook.analysis import words as w
from sweepbook.analysis.journal.notes import values
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.values import is_finite

EXAMPLE = "run.epochs_10.valid_accuracy | percent"
MOST_DIGITS = 12


class ExpressionError(SweepbookError):
    """An expression that names no value; the message does not know the file and the line."""


def _percent(value: float, digits: int) -> str:
    return f"{round(100 * value, digits) + 0.0:.{digits}f}%"


def _points(value: float, digits: int) -> str:
    return f"{round(100 * value, digits) + 0.0:+.{digits}f} points"


def _round(value: float, digits: int) -> str:
    return f"{round(float(value), digits) + 0.0:.{digits}f}"


def _count(value: float, _: int) -> str:
    return w.count(round(value))


def _duration(value: float, _: int) -> str:
    return w.duration(float(value))


# Each filter, and the digits behind the point that it shows unless told; None where it takes no digits.
FILTERS: Mapping[str, tuple[Callable[[float, int], str], int | None]] = {
    "percent": (_percent, 1),
    "points": (_points, 1),
    "round": (_round, 0),
    "count": (_count, None),
    "duration": (_duration, None),
}


def expression_text(source: str, names: values.Names) -> str:
    """The text of the value that `source` names; ExpressionError where it names none, or would do more than name one.

    >>> expression_text("run.a.valid_accuracy | percent", {"run": {"a": {"valid_accuracy": 0.855}}})
    '85.5%'
    """
    node, filters = _parsed(source, names), []
    while isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Expr):
        filters.append(node)
        node = node.node
    value = node.value if isinstance(node, nodes.Const) else _named(_path(node, source, names), source, names)
    for each in reversed(filters):
        value = _filtered(each, value, source, names)
    return values.text(value)


@cache
def _parser() -> Environment:
    return Environment()


def _parsed(source: str, names: values.Names) -> nodes.Expr:
    """The one expression that `source` is."""
    try:
        body = _parser().parse("{{ " + source + " }}").body
    except (TemplateSyntaxError, ValueError, RecursionError):  # also of a number or a nesting beyond what Python reads
        raise _more_than_a_value(source, names) from None
    match body:
        case [nodes.Output(nodes=[nodes.Expr() as node])]:
            return node
    raise _more_than_a_value(source, names)


def _path(node: nodes.Node, source: str, names: values.Names) -> list[str]:
    """The names that lead to a value, the outermost first."""
    parts: list[str] = []
    while True:
        match node:
            case nodes.Name(name=name):
                return [name, *reversed(parts)]
            case nodes.Getattr(node=above, attr=name):
                parts.append(name)
            case nodes.Getitem(node=above, arg=nodes.Const(value=key)):
                parts.append(str(key))
            case _:
                raise _more_than_a_value(source, names)
        node = above


def _named(path: list[str], source: str, names: values.Names) -> object:
    found: Any = names
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            near = values.nearest(_dotted(source), names)
            called = _short(_without_filters(source))
            raise ExpressionError(f"no value is called {called}; the nearest is {near}; `sweepbook names STUDY` lists all")
        found = found[part]
    if isinstance(found, Mapping):
        held = [values.extended("", key).removeprefix(".") for key in found]
        more = f", {', '.join(held[:6])}{', …' if len(held) > 6 else ''}" if held else ""
        raise ExpressionError(f"{_short(_without_filters(source))} is no value but holds several{more}; name one of them")
    return found


def _filtered(node: nodes.Filter, value: object, source: str, names: values.Names) -> object:
    """`value` through one filter; a missing value stays one."""
    if node.name not in FILTERS:
        near = max(FILTERS, key=lambda known: values.likeness(node.name[:99], known))
        raise ExpressionError(f"no filter is called {_short(node.name)}; the nearest is {near}; known: {', '.join(FILTERS)}")
    shown, default = FILTERS[node.name]
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(arg, nodes.Const) for arg in node.args):
        raise _more_than_a_value(source, names)
    given = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
    if len(given) > (default is not None) or not all(type(n) is int and 0 <= n <= MOST_DIGITS for n in given):
        wanted = f"the number of digits, 0 to {MOST_DIGITS}, alone" if default is not None else "nothing"
        raise ExpressionError(f"{node.name} takes {wanted} in brackets; found in {_short(source)}")
    if values.text(value) == w.NONE and not isinstance(value, str):
        return None
    if type(value) not in (int, float):
        raise ExpressionError(f'{node.name} takes a number; "{values.text(value)}" found in {_short(source)}')
    return shown(value, given[0] if given else default or 0) if is_finite(value) else values.text(value)  # type: ignore[arg-type]


def _more_than_a_value(source: str, names: values.Names) -> ExpressionError:
    """Also what is meant for a name and is none: `run.lr_0.1.n` has to be written `run["lr_0.1"].n`."""
    dotted = _dotted(source)
    near = values.nearest(dotted, names) if dotted.partition(".")[0] in names else EXAMPLE
    return ExpressionError(f"notes hold values only, such as {{{{ {near} }}}}; {{{{ {_short(source)} }}}} found")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:77]}…" if len(line) > 78 else line


def _without_filters(source: str) -> str:
    return source.partition("|")[0].strip()


def _dotted(source: str) -> str:
    """A name as it was typed, with dots for brackets, and no longer than names are."""
    return re.sub(r"""\s*\[\s*["']?|["']?\s*\]""", ".", _without_filters(source)).replace("..", ".").strip(".")[:300]
