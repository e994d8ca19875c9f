"""A JSON file, or one of JSON lines, in; its table, or a table a line, out. NaN and Infinity are read as tools write them."""

import json
import os
from collections.abc import Iterator
from typing import Any

from sweepbook.runner.runlog import LogError

LARGEST = 256_000_000  # bytes of a file
LONGEST_LINE = 16_000_000  # bytes


def name_of(path: str) -> str:
    """The name of a file; reasons give it without its folder, so that they are the same wherever the logs lie."""
    return path.rpartition("/")[2]


def table(path: str, largest: int = LARGEST) -> dict[str, Any]:
    """The table that the file holds; LogError says why there is none."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > largest:
                raise LogError(f"{name_of(path)}: {size:,} bytes; at most {largest:,} are read")
            value = parsed(file.read())
    except OSError as error:
        raise LogError(f"{name_of(path)}: cannot be read: {error.strerror}") from None
    if not isinstance(value, dict):
        raise LogError(f"{name_of(path)}: not a JSON table, perhaps cut short")
    return value


def parsed(text: bytes | str) -> object:
    """What the text holds; None where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # also of a number or a nesting beyond what Python reads, and of what is not UTF-8
        return None


def lines(path: str) -> Iterator[dict[str, Any]]:
    """The table of each line. A line that holds none is left out: the last one may be just being written."""
    try:
        with open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                value = parsed(line)
                if isinstance(value, dict):
                    yield value
    except OSError as error:
        raise LogError(f"{name_of(path)}: cannot be read: {error.strerror}") from None
