"""The event files of one run in, in order of time, each tag's steps and values out, as TensorBoard's EventAccumulator has them."""

import math
from array import array
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from sweepbook.analysis.logs.eventfile.crc import ALL, MASK, Tally, masked, offset
from sweepbook.analysis.logs.eventfile.message import Event, event
from sweepbook.analysis.logs.eventfile.rows import FOOT, HEAD, MOST, Shape, layout, rows, shape_of
from sweepbook.analysis.logs.eventfile.wire import Malformed, varint

LARGE = 1 << 16  # bytes of a record, from which on its checksum counts only where it holds scalars: it is a picture or a graph
LONGEST_ROW = 64  # records that may come before the first of them comes again
PATIENCE = 256  # records, at most, until rows are looked for again where there were none
WORTH = 32  # records that a look for rows has to find, as it costs as much as reading so many one by one
FAILURES = 4  # looks for rows of several lengths, before there is a rest
LENGTH = Struct("<QI").unpack
CHECK = Struct("<I").unpack_from
DOUBLE = Struct("<d").unpack
FLOAT = Struct("<f").unpack_from
WALL, STEP = b"\x09", b"\x10"  # the keys of these two fields, which writers put first
LAST_STEP = (1 << 63) - 1
WHOLE, CUT, DAMAGED = "", "cut", "damaged"


class Track:
    """The scalars of one tag, in the order in which they were written."""

    __slots__ = ("steps", "values")

    def __init__(self) -> None:
        self.steps = array("q")
        self.values = array("d")

    def keep(self, count: int) -> None:
        """Leaves the first `count` alone."""
        del self.steps[count:], self.values[count:]

    def before(self, step: int) -> None:
        """Leaves those of earlier steps alone."""
        kept = [at for at, one in enumerate(self.steps) if one < step]
        self.steps, self.values = array("q", (self.steps[at] for at in kept)), array("d", (self.values[at] for at in kept))


class Kind:
    """What is known of records with one head: the length of their body, and by what stands around the value in it which scalar
    each holds."""

    __slots__ = ("length", "offset", "shapes")

    def __init__(self, length: int) -> None:
        self.length = length
        self.offset = offset(length) if length <= LARGE else 0
        self.shapes: dict[bytes, Known] = {}


class Known:
    """A layout of records that came before: the tags of its scalars with their tracks, and when it came last."""

    __slots__ = ("at", "shape", "tracks")

    def __init__(self, shape: Shape, tracks: Sequence[Track]) -> None:
        self.shape = shape
        self.tracks = tracks
        self.at = -1


class Run:
    """The events of one run: `tracks` by tag, `hparams` as their plugin wrote them, `first` and `last` the times of the events.
    `ends` says of each file how it ended: whole, cut short, or damaged; `voided` counts scalars that a restart made void."""

    def __init__(self) -> None:
        self.tracks: dict[str, Track] = {}
        self.plugins: dict[str, str] = {}
        self.hparams: list[bytes] = []
        self.ends: list[str] = []
        self.first: float | None = None
        self.last: float | None = None
        self.voided = 0

    def add(self, data: bytes) -> None:
        """Adds the events of a file, which are later than those of all before."""
        File(self, data).read()

    def see(self, *times: bytes) -> None:
        """Takes note of when events were, each as the field that says so."""
        for time in times:
            if time[:1] == WALL and len(time) == 9 and 0 < (seconds := DOUBLE(time[1:])[0]) < math.inf:
                self.first = min(self.first or seconds, seconds)
                self.last = max(self.last or seconds, seconds)

    def track(self, tag: str) -> Track:
        """The track of a tag, a new one where there is none yet."""
        if tag not in self.tracks:
            self.tracks[tag] = Track()
        return self.tracks[tag]

    def void(self, step: int) -> None:
        """What was logged at `step` or later is void: training began there anew."""
        for track in self.tracks.values():
            before = len(track.steps)
            track.before(step)
            self.voided += before - len(track.steps)


# The layouts of records with one scalar at their end, by their length and all but time, step and value: the runs of a program have
# the same, and need not find each anew.
LAYOUTS: dict[tuple[int, bytes], tuple[Shape, str]] = {}
MOST_LAYOUTS = 10_000


@lru_cache(maxsize=1024)
def length_of(head: bytes) -> int:
    """The length of a record's body by its head; -1 where the head is not as it was written."""
    length, check = LENGTH(head)
    return int(length) if masked(head[:8]) == check else -1


class Wrong(Exception):
    """A stretch of a file has a record with a wrong checksum."""


class File:
    """One event file as it is read: how far, and what of it is not yet known to be right."""

    def __init__(self, run: Run, data: bytes) -> None:
        self.run, self.data, self.size = run, data, len(data)
        self.kinds: dict[bytes, Kind] = {}
        self.known: dict[tuple[Shape, tuple[str, ...]], Known] = {}
        self.recent: deque[Known] = deque(maxlen=LONGEST_ROW)
        self.tally = Tally()
        self.checks = True
        self.at = self.last = self.seen = self.next_try = self.success = self.failures = 0
        self.patience = self.shortest = 1
        self.restart: int | None = None
        self._begin()

    def read(self) -> None:
        """Reads the file to its end, or up to where it is cut short or damaged."""
        try:
            end = self._records()
            self._confirm()
        except Wrong:
            self._take_back()
            self._records()
            end = DAMAGED
        self.run.ends.append(end)
        if self.last:
            self.run.see(self.data[HEAD : HEAD + 9], self.data[self.last : self.last + 9])

    def _begin(self) -> None:
        """Notes where a stretch begins that is right or wrong as a whole."""
        self.begun = self.at
        self.counts = {tag: len(track.steps) for tag, track in self.run.tracks.items()}
        self.settings = len(self.run.hparams)

    def _confirm(self) -> None:
        """Begins a new stretch where the one before is as it was written, and raises Wrong where it is not."""
        if self.checks and not self.tally.is_right():
            raise Wrong
        self._begin()

    def _take_back(self) -> None:
        """Undoes what was read of a wrong stretch, and ends the file before its first wrong record."""
        for tag, track in self.run.tracks.items():
            track.keep(self.counts.get(tag, 0))
        del self.run.hparams[self.settings :]
        self.recent.clear()
        self.checks, self.restart = False, None
        self.size, self.at = self._first_wrong(), self.begun

    def _first_wrong(self) -> int:
        at = self.begun
        while at < self.at:
            stop = at + HEAD + self.kinds[self.data[at : at + HEAD]].length
            if stop - at - HEAD <= LARGE and masked(self.data[at + HEAD : stop]) != CHECK(self.data, stop)[0]:
                break
            at = stop + FOOT
        return at

    def _records(self) -> str:
        """Reads record by record, and rows of them where they repeat; how the file ended."""
        data, size, kinds = self.data, self.size, self.kinds
        while self.at < size:
            at = self.at
            kind = kinds.get(data[at : at + HEAD]) or self._kind(data[at : at + HEAD])
            if kind is None:
                return CUT if at + HEAD > size else DAMAGED
            begin = at + HEAD
            stop = begin + kind.length
            if stop + FOOT > size:
                return CUT
            try:
                known = self._record(kind, begin, stop)
            except (Malformed, RecursionError):
                return DAMAGED
            self.last, self.at = begin, stop + FOOT
            if known is not None:
                self._look_for_rows(known)
            else:
                self.recent.clear()
                self.seen += LONGEST_ROW
            if self.at - self.begun > MOST:
                self._confirm()
            if self.restart is not None:
                self._begin_anew(self.restart)
        return WHOLE

    def _kind(self, head: bytes) -> Kind | None:
        """A kind of records that is met for the first time; None for what is no head of a record."""
        if len(head) < HEAD:
            return None
        length = length_of(head)
        if length < 0:
            return None
        self.kinds[head] = Kind(length)
        return self.kinds[head]

    def _record(self, kind: Kind, begin: int, stop: int) -> Known | None:
        """Adds the scalars of a record. Of most only the value is new, and the step: all else stood so in one before."""
        if kind.length > LARGE:
            return self._event(kind, begin, stop)
        body, tally = self.data[begin:stop], self.tally
        tally.bodies ^= int.from_bytes(body, "big")
        tally.checks ^= CHECK(self.data, stop)[0] - MASK & ALL
        tally.offsets ^= kind.offset
        step, rest = 0, 9
        if body[9:10] == STEP:
            step, rest = body[10], 11
            if step > 127:
                step, rest = varint(body, 10, kind.length)
        around = body[rest:-4]
        known = kind.shapes.get(around)
        if known is None or body[:1] != WALL or step > LAST_STEP:
            known = self._recalled(kind, around) if body[:1] == WALL and step <= LAST_STEP else None
        if known is None:
            return self._event(kind, begin, stop)
        track = known.tracks[0]
        track.steps.append(step)
        track.values.append(FLOAT(body, kind.length - 4)[0])
        return known

    def _recalled(self, kind: Kind, around: bytes) -> Known | None:
        """The layout of a record that came in another file before."""
        layout_and_tag = LAYOUTS.get((kind.length, around))
        if layout_and_tag is None:
            return None
        shape, tag = layout_and_tag
        kind.shapes[around] = self.known[shape, (tag,)] = Known(shape, [self.run.track(tag)])
        return kind.shapes[around]

    def _event(self, kind: Kind, begin: int, stop: int) -> Known | None:
        """Adds what an event says that is not like one before; its layout, where a later one may be like it."""
        read = event(self.data, begin, stop, self.run.plugins)
        if read.slots and kind.length > LARGE and masked(self.data[begin:stop]) != CHECK(self.data, stop)[0]:
            raise Malformed("a wrong checksum")
        self.run.hparams += read.hparams
        for slot in read.slots:
            track = self.run.track(slot.tag)
            track.steps.append(read.step)
            track.values.append(slot.value)
        if read.restarts:
            self.restart = read.step
        return None if read.restarts or read.hparams or kind.length > LARGE else self._known(kind, begin, read)

    def _known(self, kind: Kind, begin: int, read: Event) -> Known | None:
        """The layout of an event, remembered for those that are like it."""
        shape = shape_of(kind.length, read.step_at, read.step_width, read.slots) if read.is_plain else None
        if shape is None:
            return None
        tags = tuple(slot.tag for slot in read.slots)
        if (shape, tags) not in self.known:
            self.known[shape, tags] = Known(shape, [self.run.track(tag) for tag in tags])
        if shape.values == ((kind.length - 4, "<f4"),):
            rest = read.step_at + read.step_width or 9
            around = self.data[begin + rest : begin + kind.length - 4]
            kind.shapes[around] = self.known[shape, tags]
            if len(LAYOUTS) < MOST_LAYOUTS and kind.length < LARGE // 64:
                LAYOUTS[kind.length, around] = shape, tags[0]
        return self.known[shape, tags]

    def _look_for_rows(self, known: Known) -> None:
        """Reads rows where the record came before and those since then may be about to repeat."""
        period = self.seen - known.at if known.at >= 0 else LONGEST_ROW + 1
        known.at = self.seen
        self.seen += 1
        self.recent.append(known)
        if self.seen - self.success > PATIENCE:
            self.shortest, self.success = 1, self.seen
        if self.shortest <= period <= len(self.recent) and self.seen > self.next_try:
            self._note(period, self._rows([*self.recent][-period:]))

    def _note(self, period: int, records: int) -> None:
        """Learns from a try that read so many records: after a poor one longer rows are tried, and after some of these none for a
        while, which grows."""
        if records >= WORTH:
            self.patience, self.failures, self.success = 1, 0, self.seen
            return
        self.shortest = period + 1
        self.failures += 1
        if self.failures >= FAILURES:
            self.shortest, self.failures = 1, 0
            self.patience = min(2 * self.patience, PATIENCE)
            self.next_try = self.seen + self.patience

    def _rows(self, period: Sequence[Known]) -> int:
        """Reads the rows that repeat the records of `period`, which were read last; how many records these are."""
        tracks = [track for known in period for track in known.tracks]
        plan = layout(tuple(known.shape for known in period)) if len(tracks) == len({*map(id, tracks)}) else None
        read = plan and rows(self.data, self.at, self.size, plan)
        count = 0
        while plan and read:
            owners = (place for place, known in enumerate(period) for _ in known.tracks)
            for track, owner, values in zip(tracks, owners, read.values, strict=True):
                track.steps.frombytes(read.steps[owner])
                track.values.frombytes(values)
            count += read.count
            self.tally.add(read.bodies, read.checks, read.offsets)
            self.at += read.count * plan.size
            self.last = self.at - FOOT - period[-1].shape.length
            if self.at - self.begun > MOST:
                self._confirm()
            read = rows(self.data, self.at, self.size, plan) if read.count >= MOST // plan.size else None
        if count:
            self._follow(period)
        return count * len(period)

    def _follow(self, period: Sequence[Known]) -> None:
        """Takes the last row that was read for the last records: they are all that is known to lie right before what follows."""
        self.recent.clear()
        self.recent.extend(period)
        for place, known in enumerate(period, self.seen - len(period)):
            known.at = place

    def _begin_anew(self, step: int) -> None:
        """Training began anew at `step`."""
        self._confirm()
        self.restart = None
        self.run.void(step)
        self._begin()
