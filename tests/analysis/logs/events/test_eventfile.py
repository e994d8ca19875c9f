"""Event files of real writers against what TensorBoard's EventAccumulator says of them, and damaged ones."""

import json
import math
import random
import struct
import time
from pathlib import Path

import pytest
from sweepbook.analysis.logs.eventfile.crc import Tally, masked, offset
from sweepbook.analysis.logs.eventfile.folder import events, in_time, is_event_file
from sweepbook.analysis.logs.eventfile.hparams import session
from sweepbook.analysis.logs.eventfile.scan import CUT, DAMAGED, WHOLE, Run

REAL = Path(__file__).parents[3] / "real" / "tensorboard"
SAID = {writer.name: json.loads((writer / "expected.json").read_text()) for writer in sorted(REAL.iterdir()) if writer.is_dir()}
FOLDERS = [(writer, folder) for writer, said in SAID.items() for folder in said]


def files(writer, folder):
    return [str(path) for path in (REAL / writer / folder).iterdir() if is_event_file(path.name)]


def scalars(run):
    return {tag: [[*track.steps], [*track.values]] for tag, track in run.tracks.items()}


def exact(told):
    """What was said, with nan and infinities as numbers."""
    return {tag: [steps, [float(value) for value in values]] for tag, (steps, values) in told.items()}


def same(one, other):
    return repr(dict(sorted(one.items()))) == repr(dict(sorted(other.items())))  # nan is nan


@pytest.mark.parametrize(("writer", "folder"), FOLDERS)
def test_the_scalars_are_those_of_the_accumulator_to_the_last_digit(writer, folder):
    assert same(scalars(events(files(writer, folder))), exact(SAID[writer][folder]["scalars"]))


@pytest.mark.parametrize(("writer", "folder"), [(writer, folder) for writer, folder in FOLDERS if SAID[writer][folder]["settings"]])
def test_the_settings_are_those_of_the_hparams_plugin(writer, folder):
    read = session(events(files(writer, folder)).hparams)
    assert read.settings == SAID[writer][folder]["settings"]
    assert read.status == "finished"


def bytes_of(writer="torch", folder="killed"):
    return Path(files(writer, folder)[0]).read_bytes()


def read(data):
    run = Run()
    run.add(data)
    return run


def framed(body):
    head = struct.pack("<Q", len(body))
    return head + struct.pack("<I", masked(head)) + body + struct.pack("<I", masked(body))


def scalar(tag, step, value, wall=1.6e9):
    name = tag.encode()
    inner = b"\x0a" + bytes([len(name)]) + name + b"\x15" + struct.pack("<f", value)
    steps = b"\x10" + varint(step) if step else b""
    summary = b"\x0a" + bytes([len(inner)]) + inner
    return framed(b"\x09" + struct.pack("<d", wall) + steps + b"\x2a" + bytes([len(summary)]) + summary)


def varint(value):
    value &= (1 << 64) - 1
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def test_a_file_that_is_cut_short_at_any_byte_gives_all_whole_records_before():
    data = bytes_of()
    whole = scalars(read(data))["Loss/valid"]
    for stop in range(len(data)):
        run = read(data[:stop])
        own = scalars(run).get("Loss/valid", [[], []])
        assert own[0] == whole[0][: len(own[0])]
        assert own[1] == whole[1][: len(own[1])]
        assert run.ends[0] in (WHOLE, CUT)


def test_a_changed_byte_ends_the_file_before_its_record():
    data = b"".join(scalar("loss", step, step / 7) for step in range(300))
    sizes = [len(scalar("loss", step, step / 7)) for step in range(300)]
    whole = scalars(read(data))["loss"]
    draw = random.Random(0)
    for at in [draw.randrange(len(data)) for _ in range(300)]:
        wrong = bytearray(data)
        wrong[at] ^= 1 << draw.randrange(8)
        run = read(bytes(wrong))
        before = next(count for count in range(300) if sum(sizes[: count + 1]) > at)
        assert scalars(run).get("loss", [[], []])[0] == whole[0][:before]
        assert run.ends[0] in (DAMAGED, CUT)


def test_a_hole_of_zeros_in_a_long_file_ends_it_there():
    data = b"".join(scalar("loss", step, step / 7) for step in range(20_000))
    hole = data[:400_000] + bytes(4096) + data[404_096:]
    run = read(hole)
    assert run.ends == [DAMAGED]
    assert [*run.tracks["loss"].values] == [*read(data).tracks["loss"].values][: len(run.tracks["loss"].values)]
    assert 8_000 < len(run.tracks["loss"].values) < 10_500


@pytest.mark.parametrize("order", ["rows", "now and then", "at random", "one step twice", "long rows", "rows of rows"])
def test_any_order_of_tags_and_any_steps_give_every_scalar(order):
    draw = random.Random(1)
    written = []
    for step in [*range(0, 20_000, 61), 1 << 21, 1 << 40, (1 << 62) + 1, -3]:
        tags = ["a", "b/c", "d" * 40] if order == "rows" else [tag for tag in "abc" if draw.random() < 0.7]
        tags = ["a", *["b"] * (step % 5 == 0)] if order == "now and then" else tags
        tags = [*"abcdefg"[: 1 + step // 61 % 7]] if order == "rows of rows" else tags
        tags = ["a", *"bcd" * (step // 61 % 10 == 0)] if order == "long rows" else tags
        tags = ["a", "b", "a"] if order == "one step twice" else tags
        written += [(tag, step, draw.random()) for tag in tags]
    run = read(b"".join(scalar(*one) for one in written))
    for tag in {tag for tag, _, _ in written}:
        steps, values = scalars(run)[tag]
        assert steps == [step for own, step, _ in written if own == tag]
        assert values == [struct.unpack("<f", struct.pack("<f", value))[0] for own, _, value in written if own == tag]


def test_random_bytes_in_the_right_frames_end_in_scalars_or_damage_soon():
    draw = random.Random(2)
    good = [scalar("loss", step, 1.0)[12:-4] for step in (0, 1, 200)]
    began = time.process_time()
    for _ in range(3000):
        body = bytearray(draw.choice(good) if draw.random() < 0.7 else draw.randbytes(draw.randrange(60)))
        for _ in range(draw.randrange(4) if body else 0):
            body[draw.randrange(len(body))] = draw.randrange(256)
        read(framed(bytes(body)) * draw.randrange(1, 8))
        read(draw.randbytes(draw.randrange(200)))
    assert time.process_time() - began < 30


def test_a_record_of_an_absurd_length_is_one_that_is_cut_short():
    head = struct.pack("<Q", (1 << 64) - 1)
    run = read(scalar("a", 0, 1.0) + head + struct.pack("<I", masked(head)) + b"abc")
    assert run.ends == [CUT]
    assert scalars(run) == {"a": [[0], [1.0]]}


def test_files_come_in_order_of_their_seconds_and_numbers_and_not_of_their_letters():
    names = ["events.out.tfevents.1700000000.h.10.9", "events.out.tfevents.1700000000.h.10.10", "events.out.tfevents.999999999.h"]
    assert in_time(names) == [names[2], names[0], names[1]]


def test_nan_and_infinities_are_values():
    values = scalars(read(b"".join(scalar("a", step, value) for step, value in enumerate((math.nan, math.inf, 1.0)))))["a"][1]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, 1.0]


def test_one_sum_tells_whether_many_records_are_right():
    bodies = [b"", b"a", b"\0\0b", bytes(range(50))]
    tally = Tally()
    for body in bodies:
        tally.add(int.from_bytes(body, "big"), masked(body) - 0xA282EAD8 & 0xFFFFFFFF, offset(len(body)))
    assert tally.is_right()
    tally.add(1, masked(b"b") - 0xA282EAD8 & 0xFFFFFFFF, offset(1))
    assert not tally.is_right()
    assert masked(b"123456789") == (((0xE3069283 >> 15) | (0xE3069283 << 17)) + 0xA282EAD8) & 0xFFFFFFFF  # RFC 3720's check value
