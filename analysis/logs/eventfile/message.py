"""One event's bytes in, out what it says: its time and step, where its scalars lie, and what else bears on them.

The numbers of fields are those of TensorFlow's event.proto, summary.proto, tensor.proto and session's event.proto."""

from dataclasses import dataclass, field
from math import prod
from struct import unpack_from

from sweepbook.analysis.logs.eventfile.wire import BYTES, FIXED32, FIXED64, VARINT, Field, fields, signed, text, varint

WALL, STEP, SUMMARY, SESSION = 1, 2, 5, 7
TAG, SIMPLE, NODE, TENSOR, METADATA = 1, 2, 7, 8, 9
START = 1  # of a session's states
# The code of a tensor's type -> what its content's bytes are, and the field that has its values otherwise.
TYPES = {
    1: ("<f4", 5),
    2: ("<f8", 6),
    3: ("<i4", 7),
    4: ("<u1", 7),
    5: ("<i2", 7),
    6: ("<i1", 7),
    9: ("<i8", 10),
    10: ("<u1", 11),
    14: ("bfloat", 13),
    17: ("<u2", 7),
    19: ("<f2", 13),
    22: ("<u4", 16),
    23: ("<u8", 17),
}
FORMATS = {"<f4": "<f", "<f8": "<d", "<f2": "<e", "<i4": "<i", "<u1": "<B", "<i2": "<h", "<i1": "<b", "<i8": "<q", "<u2": "<H"}
FORMATS |= {"<u4": "<I", "<u8": "<Q"}
SIZES = {"f4": 4, "f8": 8, "f2": 2, "i4": 4, "u1": 1, "i2": 2, "i1": 1, "i8": 8, "u2": 2, "u4": 4, "u8": 8}


@dataclass(frozen=True)
class Slot:
    """A scalar: its tag, its value, where in the record it lies and as which numpy type; `at` is -1 where its length varies."""

    tag: str
    value: float
    at: int
    type: str


@dataclass
class Event:
    """One event. `step_at` and `step_width` say where in the record its step lies; both are 0 where step 0 was left out.
    `is_plain` says that all its bytes but time, step and values are the same in any event of its kind."""

    wall: float = 0.0
    step: int = 0
    step_at: int = 0
    step_width: int = 0
    is_plain: bool = False
    restarts: bool = False
    slots: list[Slot] = field(default_factory=list)
    hparams: list[bytes] = field(default_factory=list)
    plugins: dict[str, str] = field(default_factory=dict)


def event(data: bytes, at: int, stop: int, plugins: dict[str, str]) -> Event:
    """The event in data[at:stop]; `plugins` says which of TensorBoard's plugins a tag of the run belongs to, as far as is known."""
    read = Event(plugins=plugins)
    for part in fields(data, at, stop):
        if part.number == WALL and part.kind == FIXED64:
            read.wall = unpack_from("<d", data, part.at)[0]
            read.is_plain = part.at == at + 1
        elif part.number == STEP and part.kind == VARINT:
            read.is_plain = read.is_plain and part.at == at + 10
            read.step, read.step_at, read.step_width = signed(part.value), part.at - at, part.stop - part.at
        elif part.number == SUMMARY and part.kind == BYTES:
            _read_summary(data, at, part, read)
        elif part.number == SESSION and part.kind == BYTES:
            states = [inner.value for inner in fields(data, part.at, part.stop) if inner.number == 1 and inner.kind == VARINT]
            read.restarts = START in states
    return read


def _read_summary(data: bytes, origin: int, summary: Field, read: Event) -> None:
    for value in fields(data, summary.at, summary.stop):
        if value.number == 1 and value.kind == BYTES:
            _read_value(data, origin, value, read)


def _read_value(data: bytes, origin: int, value: Field, read: Event) -> None:
    parts = {part.number: part for part in fields(data, value.at, value.stop)}
    tag = text(data, parts[TAG]) if TAG in parts and parts[TAG].kind == BYTES else ""
    if METADATA in parts and parts[METADATA].kind == BYTES:
        _read_metadata(data, tag, parts[METADATA], read)
    if SIMPLE in parts and parts[SIMPLE].kind == FIXED32:
        at = parts[SIMPLE].at
        read.slots.append(Slot(tag, unpack_from("<f", data, at)[0], at - origin, "<f4"))
    elif TENSOR in parts and parts[TENSOR].kind == BYTES:
        named = tag or (text(data, parts[NODE]) if NODE in parts and parts[NODE].kind == BYTES else "")
        if read.plugins.get(named, "scalars") == "scalars" and (slot := _slot(data, origin, parts[TENSOR], named)):
            read.slots.append(slot)


def _read_metadata(data: bytes, tag: str, metadata: Field, read: Event) -> None:
    """The plugin that the tag belongs to, which only its first event says, and the settings where it is that of HParams."""
    for part in fields(data, metadata.at, metadata.stop):
        if part.number == 1 and part.kind == BYTES:
            inner = {one.number: one for one in fields(data, part.at, part.stop) if one.kind == BYTES}
            name = text(data, inner[1]) if 1 in inner else ""
            read.plugins.setdefault(tag, name or "scalars")
            if name == "hparams" and 2 in inner:
                read.hparams.append(data[inner[2].at : inner[2].stop])


def _slot(data: bytes, origin: int, tensor: Field, tag: str) -> Slot | None:
    """The scalar that a tensor is; None for one with several values, or with none that are numbers."""
    parts = list(fields(data, tensor.at, tensor.stop))
    kinds = TYPES.get(next((part.value for part in parts if part.number == 1), 0))
    if kinds is None or any(_count(data, part) != 1 for part in parts if part.number == 2 and part.kind == BYTES):
        return None
    code, number = kinds
    for part in parts:
        if part.number == 4 and part.kind == BYTES and part.stop - part.at == SIZES.get(code[1:], 2):
            return _fixed(data, origin, part.at, code, tag)
        if part.number == number:
            if code in ("<f4", "<f8"):
                return _fixed(data, origin, part.at, code, tag) if part.stop - part.at == int(code[2:]) else None
            value = part.value if part.kind == VARINT else varint(data, part.at, part.stop)[0]
            return Slot(tag, _number(value, code), -1, "")
    return Slot(tag, 0.0, -1, "")  # as a value of 0 may be left out


def _count(data: bytes, shape: Field) -> int:
    """The number of values of a shape: the product of its sizes."""
    dims = [dim for dim in fields(data, shape.at, shape.stop) if dim.number == 2 and dim.kind == BYTES]
    return prod(sum(signed(size.value) for size in fields(data, dim.at, dim.stop) if size.number == 1) for dim in dims)


def _fixed(data: bytes, origin: int, at: int, code: str, tag: str) -> Slot:
    if code == "bfloat":
        return Slot(tag, _number(unpack_from("<H", data, at)[0], code), -1, "")
    return Slot(tag, float(unpack_from(FORMATS[code], data, at)[0]), at - origin, code)


def _number(value: int, code: str) -> float:
    """A varint as the number that it is by its type; halves are written as their bits."""
    if code == "bfloat":
        return float(unpack_from("<f", b"\0\0" + (value & 0xFFFF).to_bytes(2, "little"))[0])
    if code == "<f2":
        return float(unpack_from("<e", (value & 0xFFFF).to_bytes(2, "little"))[0])
    return float(value if code.startswith("<u") else signed(value))
