"""What `sweepbook diff` makes of hostile files, terminals and folders of logs: one clear message, and nothing harmed."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sweepbook.analysis.cli.diff import exit_code
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.sources import sources
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.report.files import out_file, write_all
from sweepbook.runner.config import SweepbookError

pytestmark = pytest.mark.usefixtures("undrawn")

ROWS = [({}, [0.5, 0.6]), ({"lr": 0.1}, [0.7, 0.8]), ({"lr": 1.0}, [0.2, 0.3])]


@pytest.fixture(scope="module")
def made(files_in, tmp_path_factory):
    """Two reports, "old" and "new", and a study in studies/small that has logs."""
    home = tmp_path_factory.mktemp("made")
    for name in ("old", "new"):
        found = files_in(home, f"made-{name}", *ROWS)
        (home / name).mkdir()
        for file, data in zip(("findings.json", "runs.csv"), found, strict=True):
            (home / name / file).write_bytes(data)
    (home / "studies").mkdir()
    (home / "modellogs").mkdir()
    (home / "made-old/study").rename(home / "studies/small")
    (home / "made-old/logs").rename(home / "modellogs/small")
    return home


@pytest.fixture
def reports(made, tmp_path, monkeypatch):
    """These in the current folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def reported(made, tmp_path_factory, not_drawn):
    """These, and the report of the study."""
    home = tmp_path_factory.mktemp("reported")
    shutil.copytree(made, home, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setattr("sweepbook.analysis.page.gallery.Drawing", not_drawn)
        assert main(["build", "studies/small"]) == 0
    return home


def device(path):
    if not Path(path).exists():
        pytest.skip(f"{path} is not there")
    return path


COMMANDS = {"diff": ["diff", "old", "new"], "export": ["export", "studies/small"]}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", ["/dev/null", "/dev/full", "pipe", "to-pipe", "folder", "", "loop"])
def test_what_is_no_plain_file_is_refused_and_stays(command, what, reports, capsys):
    os.mkfifo("pipe")
    Path("to-pipe").symlink_to("pipe")
    Path("loop").symlink_to("loop")
    Path("folder").mkdir()
    before = os.lstat(device(what) if what.startswith("/dev") else what or ".").st_mode
    assert main([*COMMANDS[command], "--out", what]) == 2
    out, error = capsys.readouterr()
    assert (out, len(error.splitlines())) == ("", 1)
    assert error.startswith("sweepbook: --out ")
    assert os.lstat(what or ".").st_mode == before


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_refused_before_anything_is_read(command, reports, capsys):
    Path("folder").mkdir()
    arguments = [COMMANDS[command][0], *["nowhere"] * (len(COMMANDS[command]) - 1)]
    assert main([*arguments, "--out", "folder"]) == 2
    assert "a folder found, the name of a file expected" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed(command, there, reports, capsys):
    Path("deep").mkdir()
    if there:
        Path("deep/target").write_text("old")
    Path("link").symlink_to("deep/target")
    assert main([*COMMANDS[command], "--out", "link"]) < 2
    assert capsys.readouterr().out == "wrote link\n"
    assert Path("link").is_symlink()
    assert len(Path("deep/target").read_text()) > 3


def test_a_link_into_the_plan_is_refused_as_the_plan_is(reports, capsys):
    Path("link").symlink_to("studies/small/study.toml")
    before = Path("link").read_bytes()
    assert main(["export", "studies/small", "--out", "link"]) == 2
    assert "is the folder of the plan" in capsys.readouterr().err
    assert Path("link").read_bytes() == before


def test_a_plain_name_stays_as_it_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert out_file(Path("new/file")) == Path("new/file")
    Path("file").write_text("x")
    assert out_file(Path("file")) == Path("file")
    with pytest.raises(SweepbookError, match="cannot be written: Not a directory"):
        out_file(Path("file/inside"))


def test_a_pipe_among_the_files_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert write_all(tmp_path, {"pipe": b"x"}) == ["pipe"]
    assert stat.S_ISREG(os.lstat(tmp_path / "pipe").st_mode)


# Commands one after the other, each ended by a line with its exit code: most of what a process takes is to import what it needs.
EACH = """
import json, sys
from sweepbook.analysis.cli.main import main
for arguments in json.loads(sys.argv[1]):
    try:
        code = main(["diff", *arguments])
    except SystemExit as ended:
        code = ended.code
    for stream in (sys.stdout, sys.stderr):
        print("exit", code, file=stream, flush=True)
"""


@pytest.mark.slow
def test_a_terminal_that_knows_ascii_alone_shows_the_rest_as_question_marks(reports):
    commands = [["old", "new"], ["old", "new", "--format", "md"], ["new", "\udcff"], ["--help"]]
    words = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", EACH, json.dumps(commands)], env=words, capture_output=True, check=True)
    told, errors = (re.split(r"^exit (\d)\n", stream.decode("ascii"), flags=re.MULTILINE) for stream in (done.stdout, done.stderr))
    assert told[1::2] == ["0", "0", "2", "0"]
    assert [bool(text) for text in told[::2]] == [True, True, False, True, False]
    assert [bool(text) for text in errors[::2]] == [False, False, True, False, False]
    assert "Traceback" not in errors[4]


def test_a_stream_of_another_kind_is_left_alone(monkeypatch, reports):
    written = []
    monkeypatch.setattr(
        "sys.stdout", SimpleNamespace(write=written.append, flush=lambda: None, isatty=lambda: False, encoding="utf-8")
    )
    assert main(["diff", "old", "new"]) == 0
    assert "Nothing changed" in "".join(written)


def test_a_name_that_is_no_text_can_be_written(reports):
    Path("new").rename("\udcff")
    assert main(["diff", "old", "\udcff", "--out", "told"]) == 0
    assert Path("told").read_text()


@pytest.mark.parametrize(("kind", "code"), [("prediction", 1), ("check", 0), ("best", 0), ("factors", 0)])
def test_of_what_turned_predictions_alone_make_it_fail(kind, code, built):
    same = built("a", *ROWS)
    diff = replace(sweep_diff(same, same, Options()), turned=(Turned(kind, "", "x", "a", "b", "c"),))
    assert exit_code(diff, "turned") == code
    assert exit_code(diff, "worse") == 0


def test_the_help_says_what_turned_means(capsys):
    with pytest.raises(SystemExit):
        main(["diff", "--help"])
    assert "a regression; that or an expectation whose result changed; nothing" in " ".join(capsys.readouterr().out.split())


@pytest.fixture
def logs(tmp_path, log, run):
    """Writes a folder of logs without a plan: a run each that logs these metrics."""

    def make(name, *metrics, **fields):
        (tmp_path / name).mkdir(parents=True)
        for i, values in enumerate(metrics):
            log(tmp_path / name, f"r{i}", run(seed=i, metrics=values, **fields))
        return str(tmp_path / name)

    return make


def read(old, new, metric=None):
    return sources(old, new, None, metric)


def test_a_metric_that_no_run_logs_is_named_with_those_they_log(logs):
    folder = logs("a", {"train_loss": 1.0, "valid_loss": 2.0}, {"train_loss": 1.5, "valid_loss": 2.5})
    with pytest.raises(SweepbookError, match=r"a: no run logs f1; name one of theirs with --metric: train_loss, valid_loss$"):
        read(folder, folder, "f1")
    assert read(folder, folder, "train_loss")[0].metric == "train_loss"
    assert read(folder, folder, "gap")[0].metric == "gap"


def test_the_metric_of_the_other_side_has_to_be_logged_too(logs, reports, capsys):
    folder = logs("a", {"train_loss": 1.0})
    assert main(["diff", "old", folder]) == 2
    assert "a: no run logs valid_accuracy; name one of theirs with --metric: train_loss\n" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "goal"), [("train_loss", "minimize"), ("rmse", "minimize"), ("dice", "maximize")])
def test_the_only_metric_is_what_is_compared_by(name, goal, logs):
    folder = logs("a", {name: 1.0}, {name: 2.0})
    made = read(folder, folder)[0]
    assert (made.metric, made.goal) == (name, goal)


def test_a_metric_whose_name_does_not_say_which_way_is_better_needs_a_goal(logs, capsys):
    folders = logs("a", {"speed": 1.0}), logs("b", {"speed": 2.0})
    assert main(["diff", *folders]) == 2
    assert "speed: nothing says which way is better; add --goal maximize or --goal minimize" in capsys.readouterr().err
    assert {made.goal for made in sources(*folders, None, None, "minimize")} == {"minimize"}


def test_of_several_metrics_one_has_to_be_named(logs):
    folder = logs("a", {"dice": 1.0, "iou": 2.0})
    with pytest.raises(SweepbookError, match=r"a: logs dice, iou; name the one to compare by with --metric"):
        read(folder, folder)


@pytest.mark.parametrize("metric", [None, "valid_loss"])
def test_logs_of_which_none_can_be_read_are_said_to_be_wrong(metric, tmp_path):
    for i, text in enumerate(["{"] * 3 + ["label = 3\n"]):
        (tmp_path / "a" / f"r{i}").mkdir(parents=True)
        (tmp_path / "a" / f"r{i}" / "run.toml").write_text(text)
    with pytest.raises(SweepbookError, match=r"a: 3 logs do not count: .*; 1 more for other reasons$"):
        read(str(tmp_path / "a"), str(tmp_path / "a"), metric)


def test_a_run_in_place_of_a_folder_of_runs_is_compared_as_the_one_run_that_it_is(logs):
    folder = logs("b", {"dice": 1.0}) + "/r0"
    assert [len(side.entries) for side in read(folder, folder)] == [1, 1]


@pytest.mark.parametrize("ended", [{"status": "failed", "error": "no memory"}, {"status": "diverged"}])
@pytest.mark.parametrize("metric", ["valid_accuracy", "rmse"])
def test_a_side_of_which_all_runs_failed_cannot_be_compared_whether_it_is_a_report_or_logs(
    ended, metric, logs, files, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    good = logs("good", {metric: 0.5}, {metric: 0.6})
    bad = logs("bad", {}, {}, **ended)
    for name, folder, rows in (("old", "made", [({}, [0.5, 0.6])]), ("broken", "made-broken", [({}, [0.5, 0.6], ended)])):
        Path(name).mkdir()
        for file, data in zip(("findings.json", "runs.csv"), files(folder, *rows), strict=True):
            (Path(name) / file).write_bytes(data)
    for pair, which in (
        ((good, bad), "new"),
        ((bad, good), "old"),
        ((bad, bad), "old"),
        (("old", "broken"), "new"),
        (("old", bad), "new"),
    ):
        assert main(["diff", *pair]) == 3
        out, error = capsys.readouterr()
        assert " ".join(out.split()).startswith(f"Nothing can be compared: no run of the {which} sweep has finished with its ")
        assert (ended.get("error") or ended["status"]) in out
        assert error == ""


FORBIDDEN = [
    ("reports/small/findings.json", "is a file of the report in"),
    ("reports/small/runs.csv", "is a file of the report in"),
    ("reports/small/journal.md", "is a file of the report in"),
    ("reports/small/history.md", "is a file of the report in"),
    ("reports/small/figures/../journal.html", "is a file of the report in"),
    ("reports/small/figures/{figure}", "is a file of the report in"),
    ("to-report/findings.json", "is a file of the report in"),
    ("to-findings", "is a file of the report in"),
    ("modellogs/small/0-0/run.toml", "is in the folder of the run logs"),
    ("modellogs/small/new", "is in the folder of the run logs"),
    ("studies/small/study.toml", "is in the folder of the plan"),
]


@pytest.mark.parametrize(("out", "says"), FORBIDDEN)
def test_a_diff_is_not_written_over_what_is_compared(out, says, reported, tmp_path, monkeypatch, capsys):
    shutil.copytree(reported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    Path("reports/small/history.md").write_text("mine")
    Path("to-report").symlink_to("reports/small")
    Path("to-findings").symlink_to("reports/small/findings.json")
    out = out.format(figure=next(Path("reports/small/figures").iterdir()).name)
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["diff", "reports/small", "modellogs/small", "--format", "md", "--out", out]) == 2
    told, error = capsys.readouterr()
    assert (told, len(error.splitlines())) == ("", 1)
    assert says in error
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_a_diff_may_stand_beside_the_journal_and_be_written_again(reports, capsys):
    assert main(["build", "studies/small"]) == 0
    for _ in range(2):
        assert main(["diff", "old", "reports/small", "--format", "md", "--out", "reports/small/diff.md"]) < 2
    assert Path("reports/small/diff.md").read_text().split("\n\n")[2].startswith("**Nothing changed")


def test_an_export_is_not_written_over_a_file_of_a_report(reports, capsys):
    assert main(["build", "studies/small"]) == 0
    before = Path("reports/small/runs.csv").read_bytes()
    assert main(["export", "studies/small", "--out", "reports/small/runs.csv"]) == 2
    assert "is a file of the report in" in capsys.readouterr().err
    assert Path("reports/small/runs.csv").read_bytes() == before


def dated(path, seconds):
    """Gives a file or folder a date so many seconds after that of the report."""
    at = Path("reports/small/findings.json").stat().st_mtime_ns + int(seconds * 1e9)
    os.utime(path, ns=(at, at))


def answer(capsys):
    capsys.readouterr()
    assert main(["diff", "old", "reports/small", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found["answer"], found["behind"]


def test_a_report_that_is_older_than_its_run_logs_is_said_to_be_until_it_is_built(reports, capsys):
    assert main(["build", "studies/small"]) == 0
    said, behind = answer(capsys)
    assert behind == {"old": None, "new": None}
    assert said.startswith("Nothing changed: ")
    dated("modellogs/small/1-0/run.toml", 5)
    Path("studies/small/notes.md").write_text("{{ no such value }}")
    assert main(["build", "studies/small"]) == 2  # it failed, and the old report stays
    said, behind = answer(capsys)
    assert said.endswith("reports/small is older than the run logs in modellogs/small: build it again.")
    assert behind == {"old": None, "new": "modellogs/small"}
    Path("studies/small/notes.md").unlink()
    dated("modellogs/small/1-0/run.toml", -5)
    assert main(["build", "studies/small"]) == 0
    assert answer(capsys)[1]["new"] is None


def test_a_log_that_went_makes_a_report_older_and_a_build_that_changes_nothing_dates_it_anew(reports, capsys):
    assert main(["build", "studies/small"]) == 0
    dated("modellogs/small", 5)
    assert answer(capsys)[1]["new"] == "modellogs/small"
    dated("reports/small/findings.json", -100)
    dated("modellogs/small", 5)
    assert main(["build", "studies/small"]) == 0
    assert answer(capsys)[1]["new"] is None
