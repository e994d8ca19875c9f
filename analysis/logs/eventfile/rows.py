"""Records that repeat in one order in, all their scalars out at once: most programs log the same tags, step after step.

The last records make a template: which bytes never change between such rows, and where times, steps, values and checksums lie.
Rows that agree with it byte for byte need no further reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.logs.eventfile.crc import MASK, offset
from sweepbook.analysis.logs.eventfile.message import Slot

HEAD, FOOT = 12, 4  # bytes around a record's body: its length and a checksum of that, and the body's checksum
MOST = 1 << 18  # bytes at once
WEIGHTS = np.array([1 << 7 * place for place in range(9)] + [-(1 << 63)], dtype=np.int64)
Column = npt.NDArray[np.int64]


class Shape(NamedTuple):
    """The layout of a record: the length of its body, the place and width of its step, and the place and type of each value."""

    length: int
    step_at: int
    step_width: int
    values: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Layout:
    """The layout of a row of records: `fixed` has the bits that never change, `offsets` what the records' lengths add to a sum of
    checksums."""

    size: int
    fixed: npt.NDArray[np.uint8]
    values: np.dtype[np.void]
    checks: npt.NDArray[np.int64]
    steps: tuple[tuple[int, int], ...]
    bodies: tuple[tuple[int, int], ...]
    offsets: int


@lru_cache(maxsize=512)
def layout(shapes: tuple[Shape, ...]) -> Layout:
    """The layout of a row of records with these shapes."""
    size = sum(HEAD + shape.length + FOOT for shape in shapes)
    fixed = np.full(size, 255, np.uint8)
    places: list[int] = []
    types: list[str] = []
    checks: list[int] = []
    steps, bodies, offsets = [], [], 0
    at = HEAD
    for shape in shapes:
        stop = at + shape.length
        fixed[at + 1 : at + 9] = 0
        fixed[at + shape.step_at : at + shape.step_at + shape.step_width] = 128  # whether a byte of a varint is its last
        fixed[stop : stop + FOOT] = 0
        for place, type_ in shape.values:
            fixed[at + place : at + place + int(type_[2:])] = 0
            places.append(at + place)
            types.append(type_)
        checks += range(stop, stop + FOOT)
        steps.append((at + shape.step_at, shape.step_width))
        bodies.append((at, stop))
        offsets ^= offset(shape.length)
        at = stop + FOOT + HEAD
    names = [str(number) for number in range(len(places))]
    values: np.dtype[np.void] = np.dtype({"names": names, "formats": types, "offsets": places, "itemsize": size})
    return Layout(size, fixed, values, np.array(checks, np.int64), tuple(steps), tuple(bodies), offsets)


@dataclass(frozen=True)
class Rows:
    """Rows that were read: the steps of each record of a row, the values of each scalar, and sums for a `Tally`."""

    count: int
    steps: Sequence[bytes]
    values: Sequence[bytes]
    bodies: int
    checks: int
    offsets: int


def rows(data: bytes, at: int, size: int, plan: Layout) -> Rows | None:
    """The rows from `at` on that are like the one before it; None where there are fewer than two."""
    room = min(size - at, MOST) // plan.size
    before = at - plan.size
    if room < 2 or data[at : at + HEAD] != data[before : before + HEAD]:
        return None
    table = np.frombuffer(data, np.uint8, (room + 1) * plan.size, at - plan.size).reshape(room + 1, plan.size)
    differing = (table[1:] ^ table[0]) & plan.fixed
    count = room if not differing.any() else int(differing.any(axis=1).argmax())
    if count < 2:
        return None
    table = table[1 : count + 1]
    packed = np.frombuffer(data, plan.values, count, at)
    values = [packed[name].astype("<f8").tobytes() for name in plan.values.names or ()]
    folded = np.bitwise_xor.reduce(table, axis=0).tobytes()
    sum_ = 0
    for begin, stop in plan.bodies:
        sum_ ^= int.from_bytes(folded[begin:stop], "big")
    checks = np.take(table, plan.checks, axis=1).view("<u4") - np.uint32(MASK)
    check = int(np.bitwise_xor.reduce(checks, axis=None))
    return Rows(count, _steps(table, plan.steps), values, sum_, check, plan.offsets if count % 2 else 0)


def _steps(table: npt.NDArray[np.uint8], places: Sequence[tuple[int, int]]) -> list[bytes]:
    """The steps of each record, as whole numbers of eight bytes."""
    columns = []
    for at, width in places:
        step: Column = (table[:, at : at + width] & 127) @ WEIGHTS[:width] if width else np.zeros(len(table), np.int64)
        columns.append(step.tobytes())
    return columns


def shape_of(length: int, step_at: int, step_width: int, slots: Sequence[Slot]) -> Shape | None:
    """The shape of a record; None where a value's bytes may be more or fewer in the next."""
    if not slots or any(slot.at < 0 for slot in slots):
        return None
    return Shape(length, step_at, step_width, tuple((slot.at, slot.type) for slot in slots))
