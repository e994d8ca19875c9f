"""A JSON document in, its text out, as `json.dumps` indents it: what holds no further lists or tables is written in C."""

from collections.abc import Callable
from functools import cache
from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any

PLAIN = frozenset((str, int, float, bool, type(None)))  # what needs no lines of its own
WRITTEN: dict[type, Callable[[Any], str]] = {str: encode_basestring, int: repr, type(None): lambda _: "null"}


def indented(document: Any, depth: int = 0) -> str:
    """What `json.dumps` makes of `document` with an indent of 1; ValueError for a number that is not finite. `depth` is how many
    lists and tables it lies in.

    >>> print(indented({"n": 3, "means": [0.5, None], "none": []}))
    {
     "n": 3,
     "means": [
      0.5,
      null
     ],
     "none": []
    }
    """
    if write := WRITTEN.get(type(document)):
        return write(document)
    encoder, line, inner = _layout(depth)
    if not isinstance(document, (dict, list, tuple)) or not document:
        return encoder.encode(document)
    if PLAIN.issuperset(map(type, document.values() if isinstance(document, dict) else document)):
        text = encoder.encode(document)
        return f"{text[0]}{inner}{text[1:-1]}{line}{text[-1]}"
    if not isinstance(document, dict) and all(map(_is_flat, document)):  # a break in JSON is never within a text
        writer, end, start = _layout(depth + 1)
        text = writer.encode(document).replace(f"}},{start}{{", f"{end}}},{end}{{{start}")
        return f"[{inner}{{{start}{text[2:-2]}{end}}}{line}]"
    if isinstance(document, dict):
        own = [f"{encode_basestring(name)}: {indented(value, depth + 1)}" for name, value in document.items()]
        return f"{{{inner}{f',{inner}'.join(own)}{line}}}"
    return f"[{inner}{f',{inner}'.join(indented(value, depth + 1) for value in document)}{line}]"


def _is_flat(value: object) -> bool:
    """Whether it is a table of plain values, one at least."""
    return type(value) is dict and bool(value) and PLAIN.issuperset(map(type, value.values()))


@cache
def _layout(depth: int) -> tuple[JSONEncoder, str, str]:
    """What writes a list or a table that lies in so many others, each of its values on a line; and the breaks before its end and
    before each value."""
    line, inner = "\n" + " " * depth, "\n" + " " * (depth + 1)
    return JSONEncoder(ensure_ascii=False, allow_nan=False, default=str, separators=(f",{inner}", ": ")), line, inner
