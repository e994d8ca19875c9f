"""A report is replaced whole, wherever its build is killed: the old one stands, or whoever comes next finishes the new one."""

import json
import os
import subprocess
import sys
import threading

import pytest
from sweepbook.analysis.report import swap as swap_module
from sweepbook.analysis.report.files import write_all
from sweepbook.analysis.report.swap import PLAN, STAGE, alone, finish, swap
from sweepbook.runner.config import SweepbookError

pytestmark = pytest.mark.slow

OLD = {"journal.md": b"old", "runs.csv": b"old", "figures/a.svg": b"old", "figures/gone.svg": b"old", "notes": b"mine"}
NEW = {"journal.md": b"new", "runs.csv": b"new", "figures/a.svg": b"new", "figures/b.svg": b"new"}
AFTER = {**{name: data for name, data in OLD.items() if name != "figures/gone.svg"}, **NEW}
# Does what `swap` does in a process that ends without a word at the NUMBER-th call of the system that changes a file or a folder.
KILLED = """
import os, signal, sys
from pathlib import Path
from sweepbook.analysis.report.swap import swap
left = int(sys.argv[1])
def count(event, _):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
new = {NEW}
sys.addaudithook(count)
swap(Path(sys.argv[2]), new, ["figures/gone.svg"])
left = 10**9
print("done")
"""


def put(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def texts(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def added(folder):
    """What `git add` would take from `folder`."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    told = subprocess.run(["git", "-C", str(folder), "add", "-An", "."], capture_output=True, text=True, check=True).stdout
    return {line.split("'")[1] for line in told.splitlines()}


def test_killed_anywhere_the_report_is_whole_once_another_command_has_come(tmp_path):
    seen = set()
    for number in range(200):
        out = tmp_path / f"report{number}"
        put(out, OLD)
        code = KILLED.replace("{NEW}", repr(NEW))
        done = subprocess.run([sys.executable, "-c", code, str(number), str(out)], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert added(out) <= OLD.keys() | NEW.keys()
        subprocess.run(["rm", "-rf", str(out / ".git")], check=True)
        finish(out)
        found = texts(out)
        assert found in (OLD, AFTER)
        seen.add(found == AFTER)
        if done.stdout:
            break
    assert done.stdout == "done\n"
    assert number > 15
    assert seen == {True, False}


def test_what_is_staged_before_the_point_of_no_return_is_cleared_away(tmp_path):
    put(tmp_path, {**OLD, f"{STAGE}/files/journal.md": b"new", f"{STAGE}/{PLAN}.half": b'{"put": ["journal.md"], "gone": []}'})
    finish(tmp_path)
    assert texts(tmp_path) == OLD


@pytest.mark.parametrize("plan", [b"", b"[]", b"{}", b'{"put": 3, "gone": []}', b'{"put": ["../x"], "gone": ["../../y", "/z"]}'])
def test_a_plan_from_elsewhere_leads_nowhere_else(plan, tmp_path):
    put(tmp_path, {"x": b"mine", "y": b"mine"})
    put(tmp_path / "report", {**OLD, f"{STAGE}/files/journal.md": b"new", f"{STAGE}/{PLAN}": plan})
    finish(tmp_path / "report")
    assert texts(tmp_path / "report") == OLD
    assert texts(tmp_path)["y"] == b"mine"


def test_nothing_is_put_or_removed_through_a_folder_that_is_a_link(tmp_path):
    put(tmp_path / "elsewhere", {"a.svg": b"mine", "gone.svg": b"mine"})
    out = tmp_path / "report"
    put(
        out,
        {f"{STAGE}/files/figures/a.svg": b"new", f"{STAGE}/{PLAN}": json.dumps({"put": ["figures/a.svg"], "gone": []}).encode()},
    )
    (out / "figures").symlink_to(tmp_path / "elsewhere")
    finish(out)
    put(out, {f"{STAGE}/{PLAN}": json.dumps({"put": [], "gone": ["old/gone.svg"]}).encode()})
    (out / "old").symlink_to(tmp_path / "elsewhere")
    finish(out)
    assert texts(tmp_path / "elsewhere") == {"a.svg": b"mine", "gone.svg": b"mine"}
    assert (out / "figures/a.svg").read_bytes() == b"new"


def test_where_there_is_no_room_what_was_there_stays(tmp_path, monkeypatch):
    put(tmp_path, OLD)
    write = type(tmp_path).write_bytes

    def full(path, data):
        if path.name == "b.svg":
            raise OSError(28, os.strerror(28))
        return write(path, data)

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    with pytest.raises(SweepbookError, match=r"b\.svg: cannot be written: No space left on device; what was there before stays"):
        swap(tmp_path, NEW, ["figures/gone.svg"])
    assert texts(tmp_path) == OLD


def test_an_error_half_way_is_told_and_the_next_one_goes_on(tmp_path, monkeypatch):
    put(tmp_path, OLD)
    done = swap_module._put

    def fail(ready, path):
        if path.name == "runs.csv":
            raise OSError(1, os.strerror(1))
        done(ready, path)

    with monkeypatch.context() as patch:
        patch.setattr(swap_module, "_put", fail)
        with pytest.raises(SweepbookError, match=r"runs\.csv: cannot be written: .*; the report is half old, half new until"):
            swap(tmp_path, NEW, ["figures/gone.svg"])
    finish(tmp_path)
    assert texts(tmp_path) == AFTER


def test_one_at_a_time_writes_in_a_report(tmp_path):
    order = []

    def second():
        with alone(tmp_path):
            order.append("second")

    waiting = threading.Thread(target=second)
    with alone(tmp_path):
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_a_folder_that_is_no_report_is_finished_at_once(tmp_path):
    finish(tmp_path)
    finish(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_leaves_is_passed_over_by_git(tmp_path):
    code = "import os; from pathlib import Path; from sweepbook.analysis.report.files import write_all"
    call = f"Path.replace = lambda *_: os.kill(os.getpid(), 9)\nwrite_all(Path({str(tmp_path)!r}), {{'a.csv': b'x'}})"
    subprocess.run([sys.executable, "-c", f"{code}\n{call}"], check=False)
    assert [path.name.startswith(".sweepbook-") for path in tmp_path.iterdir()] == [True]
    assert added(tmp_path) == set()
    assert write_all(tmp_path, {"a.csv": b"x"}) == ["a.csv"]
