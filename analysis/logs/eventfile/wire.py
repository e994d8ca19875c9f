"""A protobuf message's bytes in, its fields out, one level at a time and without copying what they hold."""

from collections.abc import Iterator
from typing import NamedTuple

from sweepbook.runner.runlog import LogError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTH = {FIXED64: 8, FIXED32: 4}


class Field(NamedTuple):
    """One field: `at` and `stop` are where what it holds lies in the data; `value` is that of a varint, 0 for any other."""

    number: int
    kind: int
    at: int
    stop: int
    value: int


class Malformed(LogError):
    """Bytes that are no message."""


def fields(data: bytes, at: int, stop: int) -> Iterator[Field]:
    """The fields of the message in data[at:stop], in the order in which they stand there."""
    while at < stop:
        key, at = varint(data, at, stop)
        kind, begin, value = key & 7, at, 0
        if kind == VARINT:
            value, at = varint(data, at, stop)
        elif kind == BYTES:
            length, begin = varint(data, at, stop)
            at = begin + length
        elif kind in WIDTH:
            at += WIDTH[kind]
        else:
            raise Malformed(f"a field of kind {kind}")
        if at > stop:
            raise Malformed("a field that is longer than its message")
        yield Field(key >> 3, kind, begin, at, value)


def varint(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """The number that begins at `at`, seven bits a byte, and where it ends."""
    value = shift = 0
    while at < stop and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise Malformed("a number that does not end")


def signed(value: int) -> int:
    """A varint as the signed number that it stands for."""
    return value - (1 << 64) if value >> 63 else value


def text(data: bytes, field: Field) -> str:
    """What a field holds, as text."""
    return data[field.at : field.stop].decode("utf-8", "replace")
