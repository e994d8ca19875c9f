import http.client
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing, contextmanager

import pytest
from sweepbook.analysis.cli import watch
from sweepbook.analysis.cli.watch import Inputs, changes
from sweepbook.analysis.report.serve import serving

pytestmark = pytest.mark.slow

PLAN = """
[study]
title = "The first title"
seeds = [0, 1]
[[group]]
name = "all"
where = {}
"""
LIMIT = 120  # seconds; none of it is waited for where all is well


class Watch:
    """`sweepbook watch` in a process of its own, and the lines that it tells, as it tells them."""

    def __init__(self, process):
        self.process, self.lines, self.told = process, queue.Queue(), []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def tells(self, words):
        """Waits for the line that has `words` in it."""
        line = ""
        while words not in line:
            try:
                line = self.lines.get(timeout=LIMIT)
            except queue.Empty:
                raise AssertionError(f"{words!r} was not told after {self.told}") from None
            self.told.append(line)
        return line

    def opened(self):
        """Waits for the address."""
        self.address = re.search(r"http://127\.0\.0\.1:\d+/journal\.html", self.tells("Following "))[0]
        return self

    def page(self):
        with urllib.request.urlopen(self.address, timeout=LIMIT) as answer:
            return answer.read().decode()

    def ended(self):
        """Waits for its end; the exit code, and the lines that were not waited for."""
        code = self.process.wait(LIMIT)
        self.reader.join()
        return code, list(self.lines.queue)


@contextmanager
def watching(folder, study="studies/small", **asked):
    words = ["watch", study, *(f"--{name}={value}" for name, value in asked.items())]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([sys.executable, "-m", "sweepbook", *words], cwd=folder, **pipes) as process:
        watch = Watch(process)
        try:
            yield watch
        finally:
            process.kill()
            watch.ended()


@pytest.fixture
def project(tmp_path, plan, log, run):
    plan(tmp_path / "studies/small", PLAN)
    log(tmp_path / "modellogs/small", "r0", run(0.8, label="early_one", study="small"))
    return tmp_path


def replace_text(path, old, new):
    """As an editor saves: beside it, then renamed."""
    beside = path.with_suffix(".new")
    beside.write_text(path.read_text().replace(old, new))
    beside.replace(path)


def test_the_page_is_made_again_as_runs_end_words_change_and_logs_vanish(project, log, run):
    logs = project / "modellogs/small"
    with watching(project) as watch:
        watch.opened()
        assert "early_one" in watch.page()
        log(logs, "r1", run(0.9, label="fresh_one", study="small", config={"lr": 0.3}))
        watch.tells("2 runs, 1 more")
        assert "fresh_one" in watch.page()
        replace_text(project / "studies/small/study.toml", "The first title", "The second title")
        watch.tells("2 runs; only words or pictures changed")
        assert "The second title" in watch.page()
        shutil.rmtree(logs / "r0")
        watch.tells("1 run, 1 fewer")
        assert "early_one" not in watch.page()
        lines = watch.told[watch.told.index(next(line for line in watch.told if "Following" in line)) + 1 :]
    assert lines == [
        "reports/small: 2 runs, 1 more",
        "reports/small: 2 runs; only words or pictures changed",
        "reports/small: 1 run, 1 fewer",
    ]


def test_a_log_that_does_not_count_is_named_once_and_one_whose_run_goes_on_is_not(project, log, run):
    logs = project / "modellogs/small"
    log(logs, "r1", run(seed=1, study="small", status="running", metrics={}))
    log(logs, "r2", run(seed=2, study="small", status="interrupted", metrics={}))
    with watching(project) as watch:
        watch.opened()
        log(logs, "r3", run(0.9, seed=3, study="small"))
        watch.tells("2 runs, 1 more")
        log(logs, "r2b", run(0.9, seed=2, study="small"))
        watch.tells("3 runs, 1 more")
        told = [line for line in watch.told if "count" in line or "ended" in line]
    assert told == ["does not count: r2: interrupted before its first epoch ended"]


def test_an_open_page_hears_of_a_change(project, log, run):
    with watching(project) as watch:
        place = watch.opened().address.split("/")[2]
        with closing(http.client.HTTPConnection(place, timeout=LIMIT)) as line:
            line.request("GET", "/changes?/journal.html")
            with line.getresponse() as answer:
                first = answer.readline()
                assert answer.readline() == b"\n"
                log(project / "modellogs/small", "r1", run(0.9, seed=1, study="small"))
                assert answer.readline() not in (first, b"")


def test_a_plan_that_is_broken_for_a_while_is_told_and_the_page_stays(project):
    plan = project / "studies/small/study.toml"
    with watching(project) as watch:
        watch.opened()
        replace_text(plan, "[[group]]", "[[groop]]")
        watch.tells("sweepbook: studies/small/study.toml")
        assert "The first title" in watch.page()
        replace_text(plan, 'title = "The first', 'title = "The third')
        watch.tells("sweepbook: studies/small/study.toml")
        replace_text(plan, "[[groop]]", "[[group]]")
        watch.tells("only words or pictures changed")
        assert "The third title" in watch.page()


def test_a_plan_that_is_broken_at_first_is_waited_for(project):
    plan = project / "studies/small/study.toml"
    replace_text(plan, "[[group]]", "[[groop]]")
    with watching(project) as watch:
        watch.tells("sweepbook: studies/small/study.toml")
        replace_text(plan, "[[groop]]", "[[group]]")
        assert "The first title" in watch.opened().page()


def test_logs_that_are_not_there_yet_are_waited_for(project, log, run):
    with watching(project, logs="later/logs", out="mine") as watch:
        watch.tells("no run in later/logs has finished")
        watch.opened()
        log(project / "later/logs", "r0", run(0.8, label="fresh_one", study="small"))
        late = time.monotonic() + 30
        while "fresh_one" not in watch.page() and time.monotonic() < late:  # the first report, without a run, is written, too
            time.sleep(0.1)
        assert "fresh_one" in watch.page()


def test_a_template_that_is_broken_and_then_mended_makes_the_page_again(project):
    (project / "mine").mkdir()
    with watching(project, templates="mine") as watch:
        watch.opened()
        (project / "mine/journal.html.j2").write_text("{% for %}")
        watch.tells("sweepbook: mine: journal.html.j2:1: ")
        (project / "mine/journal.html.j2").write_text("<body>A page of my own</body>")
        watch.tells("only words or pictures changed")
        assert "A page of my own" in watch.page()


def test_a_folder_of_logs_that_another_one_replaces_is_watched_on(project, log, run):
    logs = project / "modellogs/small"
    log(project / "other", "r9", run(0.7, label="other_one", study="small"))
    with watching(project) as watch:
        watch.opened()
        logs.rename(project / "gone")
        watch.tells("sweepbook: ")
        (project / "other").rename(logs)
        watch.tells("reports/small: 1 run")
        assert "other_one" in watch.page()
        log(logs, "r10", run(0.7, seed=1, label="last_one", study="small", config={"lr": 0.3}))
        watch.tells("2 runs, 1 more")
        assert "last_one" in watch.page()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_one_line(project, number, code):
    with watching(project) as watch:
        watch.opened().process.send_signal(number)
        assert watch.ended() == (code, ["sweepbook: no longer watching; the report stays as it is"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_waiting_for_a_plan_too(project, number, code):
    replace_text(project / "studies/small/study.toml", "[[group]]", "[[groop]]")
    with watching(project) as watch:
        watch.tells("sweepbook: studies/small/study.toml")
        watch.process.send_signal(number)
        assert watch.ended()[0] == code


def test_a_plan_that_is_not_there_ends_it(project):
    with watching(project, study="studies/none") as watch:
        assert watch.ended() == (2, ["sweepbook: studies/none: no such plan; a study is a folder with a study.toml"])


def test_a_port_that_is_taken_ends_it(project):
    with serving(project) as server, watching(project, port=server.server_port) as watch:
        code, told = watch.ended()
    assert code == 2
    assert told[0].startswith(f"sweepbook: port {server.server_port} of 127.0.0.1 cannot be had: ")


@pytest.mark.parametrize(
    ("status", "shown"), [("running", False), ("finished", True), ("failed", True), ("diverged", True), ("interrupted", True)]
)
def test_only_a_run_that_goes_on_is_not_shown(project, log, run, status, shown):
    inputs = Inputs(project / "studies/small/study.toml", project / "modellogs/small")
    before = inputs.stamps()
    log(project / "modellogs/small", "r1", run(0.5, status=status))
    assert watch.shows(before, inputs.stamps()) == shown
    assert not watch.shows(before, before)


def test_logs_that_changed_are_read_in_the_order_of_their_names(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(watch, "_is_running", lambda path: read.append(path) or True)
    paths = [tmp_path / name / watch.LOG for name in ("r3", "r1", "r10", "r2", "r0")]
    assert not watch.shows({}, dict.fromkeys(paths, (1,)))
    assert read == sorted(paths)


def test_a_log_that_cannot_be_read_is_shown_and_a_running_one_that_vanishes_too(project, log, run):
    logs = project / "modellogs/small"
    path = log(logs, "r1", run(0.5, status="running"))
    inputs = Inputs(project / "studies/small/study.toml", logs)
    before = inputs.stamps()
    path.write_text("nonsense")
    assert watch.shows(before, inputs.stamps())
    path.unlink()
    assert watch.shows(before, inputs.stamps())


@pytest.mark.parametrize("name", ["studies/small/study.toml", "studies/small/notes.md", "mine/journal.html.j2"])
def test_words_are_shown_when_they_come_change_and_go(project, name):
    (project / "mine").mkdir()
    inputs = Inputs(project / "studies/small/study.toml", None, project / "mine")
    (project / name).unlink(missing_ok=True)
    states = [inputs.stamps()]
    for text in ("one", "other words"):
        (project / name).write_text(text)
        states.append(inputs.stamps())
    assert all(watch.shows(before, now) for before in states for now in states if before is not now)


def test_other_files_beside_the_plan_are_not_shown(project):
    inputs = Inputs(project / "studies/small/study.toml", project / "modellogs/small", project / "mine")
    (project / "mine").mkdir()
    before = inputs.stamps()
    for name in ("studies/small/.study.toml.swp", "modellogs/small/r0/.run.toml.1", "modellogs/small/r0/events.1", "mine/.x.swp"):
        (project / name).write_text("x")
    assert inputs.stamps() == before


def test_a_running_log_wakes_nobody_until_it_ends(project, log, run, monkeypatch):
    seen = queue.Queue()
    shows = watch.shows

    def told(before, now):
        answer = shows(before, now)
        if before != now:
            seen.put(answer)
        return answer

    monkeypatch.setattr(watch, "shows", told)
    logs = project / "modellogs/small"
    with closing(changes(Inputs(project / "studies/small/study.toml", logs))) as moments:
        next(moments)
        going = threading.Thread(target=next, args=(moments,))
        going.start()
        log(project / "beside", "r1", run(0.5, status="running"))
        (project / "beside" / "r1").rename(logs / "r1")  # whole at once, as the runner writes a log
        assert seen.get(timeout=LIMIT) is False
        assert going.is_alive()
        log(logs, "r1", run(0.5))
        going.join(LIMIT)
        assert not going.is_alive()


def test_where_nothing_is_told_of_changes_they_are_found_all_the_same(project, log, run, monkeypatch, capfd):
    def fail(*_, **__):
        raise OSError("no watches left")

    monkeypatch.setattr(watch, "watch", fail)
    monkeypatch.setattr(watch, "LOOK_AGAIN", 0.05)
    with closing(changes(Inputs(project / "studies/small/study.toml", project / "modellogs/small"))) as moments:
        next(moments)
        log(project / "modellogs/small", "r1", run(0.5))
        next(moments)
    assert "no news of changes (no watches left); looking every 0.05 seconds instead" in capfd.readouterr().err
