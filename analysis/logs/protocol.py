"""A run-*.wandb file of Weights & Biases in, its records out as numbered fields: the framing of a LevelDB log, and Protocol Buffers
on the wire. Both are fixed for good, so neither their library nor that of Weights & Biases is needed."""

import struct
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from sweepbook.analysis.logs.jsontext import name_of
from sweepbook.runner.runlog import LogError

START = b":W&B\xe1\xbe\x00"
BLOCK, HEADER = 32_768, struct.Struct("<IHB")  # checksum, length, kind
WHOLE, FIRST, LAST = 1, 2, 4
LARGEST = 64_000_000  # bytes of a record
VARINT, FIXED64, TEXT, FIXED32 = 0, 1, 2, 5
Fields: TypeAlias = list[tuple[int, int | bytes]]


def records(path: str) -> Iterator[bytes]:
    """Each whole record. What follows a damaged one, as in a file that is being written, is not read."""
    try:
        with open(path, "rb") as file:
            if file.read(HEADER.size) != START:
                raise LogError(f"{name_of(path)}: not a file of Weights & Biases, or cut short")
            place, parts, size = HEADER.size, list[bytes](), 0
            while block := file.read(BLOCK - place % BLOCK):
                place += len(block)
                for kind, part in _pieces(block):
                    if kind in (WHOLE, FIRST):
                        parts, size = [], 0
                    parts, size = [*parts, part], size + len(part)
                    if size > LARGEST:
                        raise LogError(f"{name_of(path)}: a record of more than {LARGEST:,} bytes")
                    if kind in (WHOLE, LAST):
                        yield b"".join(parts)
    except OSError as error:
        raise LogError(f"{name_of(path)}: cannot be read: {error.strerror}") from None


def _pieces(block: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and the bytes of each piece of a record in a block, up to one whose checksum is wrong."""
    at = 0
    while at + HEADER.size <= len(block):
        checksum, length, kind = HEADER.unpack_from(block, at)
        part = block[at + HEADER.size : at + HEADER.size + length]
        if len(part) < length or not kind or zlib.crc32(part, zlib.crc32(bytes([kind]))) != checksum:
            return
        yield kind, part
        at += HEADER.size + length


def fields(data: bytes) -> Fields:
    """The numbers and values of the fields of a message; those up to the damage where it is damaged."""
    known: Fields = []
    at = 0
    try:
        while at < len(data):
            key, at = _varint(data, at)
            number, kind = key >> 3, key & 7
            if kind == VARINT:
                value, at = _varint(data, at)
                known.append((number, value))
            elif kind == TEXT:
                length, at = _varint(data, at)
                if at + length > len(data):
                    break
                known.append((number, data[at : at + length]))
                at += length
            elif kind in (FIXED64, FIXED32):
                at += 8 if kind == FIXED64 else 4
            else:
                break
    except IndexError:
        return known
    return known


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        number, shift, at = number | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128 or shift > 63:
            return number, at
