"""What TensorBoard's HParams plugin wrote in, the settings of a run and how it ended out.

The numbers of fields are those of the plugin's plugin_data.proto and of protobuf's struct.proto."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import unpack_from

from sweepbook.analysis.logs.eventfile.wire import BYTES, FIXED64, VARINT, Field, fields, text

START, END = 3, 4  # of a session, among what the plugin writes
STATUSES = {1: "finished", 2: "failed", 3: "running"}


@dataclass
class Session:
    """The settings of a run, and how and when it ended, "" and None where that is not said."""

    settings: dict[str, str | bool | int | float] = field(default_factory=dict)
    status: str = ""
    started: float | None = None
    ended: float | None = None


def session(records: Iterable[bytes]) -> Session:
    """The session that the records of a run tell of; the last counts where they tell of several."""
    read = Session()
    for record in records:
        for part in fields(record, 0, len(record)):
            if part.number == START and part.kind == BYTES:
                _read_start(record, part, read)
            elif part.number == END and part.kind == BYTES:
                _read_end(record, part, read)
    return read


def _read_start(data: bytes, start: Field, read: Session) -> None:
    read.settings = {}
    for part in fields(data, start.at, start.stop):
        if part.number == 1 and part.kind == BYTES:
            entry = {one.number: one for one in fields(data, part.at, part.stop) if one.kind == BYTES}
            value = _value(data, entry[2]) if 2 in entry else None
            if 1 in entry and value is not None:
                read.settings[text(data, entry[1])] = value
        elif part.number == 5 and part.kind == FIXED64:
            read.started = unpack_from("<d", data, part.at)[0] or None


def _read_end(data: bytes, end: Field, read: Session) -> None:
    for part in fields(data, end.at, end.stop):
        if part.number == 1 and part.kind == VARINT:
            read.status = STATUSES.get(part.value, "")
        elif part.number == 2 and part.kind == FIXED64:
            read.ended = unpack_from("<d", data, part.at)[0] or None


def _value(data: bytes, value: Field) -> str | bool | int | float | None:
    """A setting: the plugin knows numbers, text and flags; it writes a whole number as 32.0."""
    for part in fields(data, value.at, value.stop):
        if part.number == 2 and part.kind == FIXED64:
            number = float(unpack_from("<d", data, part.at)[0])
            return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
        if part.number == 3 and part.kind == BYTES:
            return text(data, part)
        if part.number == 4 and part.kind == VARINT:
            return bool(part.value)
    return None
