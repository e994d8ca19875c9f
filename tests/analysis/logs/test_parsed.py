import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis import forks
from sweepbook.analysis.logs import memory as remembering
from sweepbook.analysis.logs import parsed as logtable
from sweepbook.analysis.logs.files import cache_folder, find_logs
from sweepbook.analysis.logs.parsed import PARALLEL_FROM, parse_all
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.logtext import to_toml, write_run
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import FILE, LogError, read_run

opened = []
listening = []


def _listen(event, arguments):
    if event == "open" and listening and str(arguments[0]).endswith(FILE):
        opened.append(Path(arguments[0]).parent.name)


sys.addaudithook(_listen)


@contextmanager
def logs_opened():
    """The folders of the logs that are opened within."""
    opened.clear()
    listening.append(True)
    try:
        yield opened
    finally:
        listening.clear()


@contextmanager
def tick_of(nanoseconds):
    """A shorter tick, so that a test need not wait two seconds until a log counts as settled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembering, "TICK", nanoseconds)
        yield


@pytest.fixture
def settled():
    """Within, a log that was left alone for a twentieth of a second is settled."""
    with tick_of(30_000_000):
        yield lambda: time.sleep(0.05)


@pytest.fixture
def no_cache(tmp_path_factory):
    """A way to load without any memory."""

    def load(logs):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("fresh")))
            return load_sweep(logs)

    return load


def same(one, other):
    for name in ("runs", "epochs", "problems"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@pytest.fixture
def logs(tmp_path, log, run):
    folder = tmp_path / "logs"
    for seed in range(4):
        log(folder, f"run{seed}", run(0.5 + seed / 10, seed=seed, epochs=seed + 1))
    (folder / "stray.txt").write_text("x")
    log(folder, "broken", run()).write_text("schema = ")
    return folder


def memory():
    return list(cache_folder("logs").glob("*.pickle"))


def memory_of(logs):
    before = set(memory())
    load_sweep(logs)
    (path,) = set(memory()) - before
    return path


def test_a_second_load_opens_no_log_and_gives_the_same(logs, settled):
    settled()
    with logs_opened() as first:
        one = load_sweep(logs)
    assert sorted(first) == ["broken", "run0", "run1", "run2", "run3"]
    with logs_opened() as second:
        other = load_sweep(logs)
    assert second == []
    same(one, other)


def test_only_a_log_that_changed_is_read_again(logs, log, run, settled):
    settled()
    load_sweep(logs)
    log(logs, "run2", run(0.9, seed=2))
    log(logs, "new", run(0.1, seed=9))
    settled()
    with logs_opened() as read:
        sweep = load_sweep(logs)
    assert sorted(read) == ["new", "run2"]
    assert dict(zip(sweep.runs["log"], sweep.runs["metrics.valid_accuracy"], strict=True))["run2"] == 0.9


def test_a_log_that_changed_just_before_it_was_read_is_not_trusted(logs):
    with tick_of(10**15):  # so that all logs are too young, however slow this machine is
        load_sweep(logs)
        with logs_opened() as read:
            load_sweep(logs)
    assert len(read) == 5


def test_a_log_changed_in_place_with_its_size_and_time_kept_is_seen(logs, settled):
    settled()
    load_sweep(logs)
    path = logs / "run0" / FILE
    at, text = path.stat(), path.read_text()
    changed = text.replace("valid_accuracy = 0.5\n", "valid_accuracy = 0.6\n")
    with path.open("r+") as file:
        file.write(changed)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns, path.stat().st_ino) == (at.st_size, at.st_mtime_ns, at.st_ino)
    assert load_sweep(logs).runs["metrics.valid_accuracy"][0] == 0.6


def test_a_log_that_goes_or_gets_another_name_is_seen(logs, settled, no_cache):
    settled()
    load_sweep(logs)
    shutil.rmtree(logs / "run0")
    (logs / "run1").rename(logs / "renamed")
    (logs / "stray.txt").unlink()
    settled()
    found = load_sweep(logs)
    assert list(found.runs["log"]) == ["renamed", "run2", "run3"]
    assert list(found.problems["log"]) == ["broken"]
    same(found, no_cache(logs))


def test_the_same_logs_under_another_path_are_not_taken_for_them(logs, log, run, tmp_path, settled):
    settled()
    load_sweep(logs)
    logs.rename(tmp_path / "elsewhere")
    log(logs, "other", run(0.3))
    assert list(load_sweep(logs).runs["log"]) == ["other"]
    assert len(load_sweep(tmp_path / "elsewhere").runs) == 4


@pytest.mark.slow
def test_a_memory_that_was_cut_anywhere_is_no_memory(logs, settled, no_cache):
    settled()
    path = memory_of(logs)
    right, whole = no_cache(logs), path.read_bytes()
    for kept in [*range(0, len(whole), max(len(whole) // 60, 1)), len(whole) - 1]:
        path.write_bytes(whole[:kept])
        same(load_sweep(logs), right)


def test_a_memory_that_was_cut_is_not_what_a_changed_log_is_added_to(logs, log, run, settled, no_cache):
    settled()
    path = memory_of(logs)
    whole = path.read_bytes()
    for n, kept in enumerate(range(0, len(whole), max(len(whole) // 10, 1))):
        path.write_bytes(whole[:kept])
        log(logs, "new", run(n / 10))
        same(load_sweep(logs), no_cache(logs))


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x80\x05.", b"\x80\x05N.", b"\x80\x05K\x01.K\x02.K\x03.K\x04."])
def test_a_memory_that_holds_something_else_is_no_memory(logs, damage, settled, no_cache):
    settled()
    path = memory_of(logs)
    path.write_bytes(damage)
    same(load_sweep(logs), no_cache(logs))


def test_a_memory_of_other_code_is_no_memory(logs, settled):
    settled()
    load_sweep(logs)
    with pytest.MonkeyPatch.context() as patch, logs_opened() as read:
        patch.setattr(remembering.pd, "__version__", "0.0")
        load_sweep(logs)
    assert len(read) == 5


def test_a_memory_may_be_deleted_at_any_time(logs, settled, no_cache):
    settled()
    memory_of(logs).unlink()
    same(load_sweep(logs), no_cache(logs))


def test_the_memory_is_kept_away_from_the_logs(logs):
    before = sorted(logs.rglob("*"))
    memory_of(logs)
    assert sorted(logs.rglob("*")) == before


def test_where_no_memory_can_be_kept_the_logs_are_read_each_time(logs, tmp_path, monkeypatch, settled, no_cache):
    settled()
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    same(load_sweep(logs), no_cache(logs))
    same(load_sweep(logs), no_cache(logs))
    assert blocked.read_text() == "a file where the folder would be"


def test_a_memory_in_whose_place_a_folder_lies_is_no_memory(logs, settled, no_cache):
    settled()
    path = memory_of(logs)
    path.unlink()
    path.mkdir()
    same(load_sweep(logs), no_cache(logs))
    assert not list(cache_folder("logs").glob(f"{path.stem}.[0-9]*"))


def test_without_xdg_the_memory_lies_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("logs") == tmp_path / ".cache" / "sweepbook" / "logs"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_many_logs_read_side_by_side_are_as_read_one_by_one(tmp_path, run):
    names = [f"run{i:04}" for i in range(PARALLEL_FROM + 7)]
    text = to_toml(run(0.5, epochs=2))
    for i, name in enumerate(names):
        (tmp_path / name).mkdir()
        broken = i % 50 == 3
        (tmp_path / name / FILE).write_text("schema = 3" if broken else text.replace("seed = 0", f"seed = {i}"))
    sources = list(find_logs(tmp_path).sources.values())
    together = parse_all(sources, Rules())
    apart = [parse_all([source], Rules())[0] for source in sources]
    assert together == apart
    assert [log.reason is None for log in together].count(False) == 9
    sweep = load_sweep(tmp_path)
    assert list(sweep.runs["seed"]) == [i for i in range(len(names)) if i % 50 != 3]
    assert len(sweep.epochs) == 2 * len(sweep.runs)


# What a random edit does to one of three logs.
edits = st.tuples(
    st.sampled_from(["write", "write", "replace", "remove", "cut", "empty", "hide", "file", "touch", "nothing"]),
    st.sampled_from("abc"),
    st.integers(0, 9),
)


@pytest.mark.slow
@settings(max_examples=15)
@given(rounds=st.lists(st.lists(edits, min_size=1, max_size=3), min_size=2, max_size=4))
def test_whatever_is_done_to_the_logs_the_memory_tells_what_they_are(rounds, run):
    with tempfile.TemporaryDirectory() as folder, tick_of(30_000_000):
        logs, fresh = Path(folder) / "logs", Path(folder) / "fresh"
        logs.mkdir()
        for i, round_ in enumerate(rounds):
            for what, name, number in round_:
                edit(logs / name, what, number, run())
            time.sleep(0.05)
            found = load_sweep(logs)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CACHE_HOME", str(fresh / str(i)))
                same(found, load_sweep(logs))


def edit(folder, what, number, base):
    path = folder / FILE
    if what in ("write", "replace"):
        if folder.is_file():
            folder.unlink()
        folder.mkdir(exist_ok=True)
        made = replace(base, seed=number % 2, metrics={"valid_accuracy": number / 10}, epochs={"x": [0.5] * (number % 3)})
        if what == "replace":
            write_run(folder, made)
        else:
            path.write_text(to_toml(made))
    elif folder.is_file():
        folder.unlink()
    elif what == "remove" or what == "file":
        shutil.rmtree(folder, ignore_errors=True)
        if what == "file":
            folder.write_text("x")
    elif what == "cut" and path.is_file():
        path.write_text(path.read_text()[: -10 * number - 1])
    elif what == "empty" and path.is_file():
        path.write_text("")
    elif what == "hide" and folder.is_dir():
        shutil.rmtree(folder.with_name(f".{folder.name}"), ignore_errors=True)
        folder.rename(folder.with_name(f".{folder.name}"))
    elif what == "touch" and path.is_file():
        os.utime(path, ns=(number * 10**9, number * 10**9))


def test_a_log_that_cannot_be_parsed_says_so_in_the_words_of_the_reader(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / FILE).write_text("schema = 2\n")
    with pytest.raises(LogError) as told:
        read_run(tmp_path / "a" / FILE)
    assert load_sweep(tmp_path).problems.to_dict("list") == {"log": ["a"], "reason": [str(told.value)]}


def test_a_log_that_goes_right_after_it_came_is_gone(tmp_path, log, run):
    log(tmp_path / "logs", "a", run())
    log(tmp_path / "logs", "b", run(seed=1))
    assert list(load_sweep(tmp_path / "logs").runs["log"]) == ["a", "b"]
    shutil.rmtree(tmp_path / "logs" / "b")
    assert list(load_sweep(tmp_path / "logs").runs["log"]) == ["a"]


INTERRUPTED = """
import multiprocessing, os, signal, sys, time
from sweepbook.analysis.logs import memory as remembering
from sweepbook.analysis.logs import parsed as logtable
from sweepbook.analysis.cli.codes import Interrupted
from sweepbook.analysis.cli.main import _Signals
logtable.PARALLEL_FROM, os.sched_getaffinity = 0, lambda _: range(4)

def part(sources, rules, ours=os.getpid()):
    if os.getpid() == ours:
        time.sleep(WAIT)
        os.killpg(0, signal.SIGTERM)  # as a service manager ends all processes of a command
    time.sleep(60)

logtable._parse_part = part
try:
    with _Signals():
        logtable.parse_all(["a"] * 8, None)
except Interrupted:
    print("interrupted", len(multiprocessing.active_children()))
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["0", "0.001", "0.01", "0.1", "0.5"])
def test_the_processes_that_read_logs_end_without_a_word_however_early_they_are_told_to(wait):
    call = [sys.executable, "-c", INTERRUPTED.replace("WAIT", wait)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=50, start_new_session=True)
    assert (done.stdout, done.stderr) == ("interrupted 0\n", "")


def test_what_a_killed_process_was_to_read_is_read_all_the_same(tmp_path, log, run, monkeypatch):
    names = [f"r{i}" for i in range(9)]
    for i, name in enumerate(names):
        log(tmp_path, name, run(seed=i))
    monkeypatch.setattr(logtable, "PARALLEL_FROM", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(3))
    monkeypatch.setattr(forks, "_send", lambda *_: os.kill(os.getpid(), 9))
    sources = list(find_logs(tmp_path).sources.values())
    assert [one.runs[0].row[3] for one in parse_all(sources, Rules())] == list(range(9))
