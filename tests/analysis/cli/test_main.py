import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sweepbook.analysis.cli.main import main

pytestmark = pytest.mark.usefixtures("undrawn")

PLAN = """
[study]
title = "T"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
grid = { epochs = [1, 2] }
[[group]]
name = "lr"
grid = { lr = [0.01, 0.1] }
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """A project with five runs of six, in the current folder."""
    plan(tmp_path / "studies" / "small", PLAN)
    logs = tmp_path / "modellogs" / "small"
    for i, (changes, seed, accuracy) in enumerate(
        [({"epochs": 1}, 0, 0.7), ({}, 0, 0.8), ({}, 1, 0.9), ({"lr": 0.1}, 0, 0.5), ({"lr": 0.1}, 1, 0.6)]
    ):
        known = {"train_examples": 100, "parameters": 1234, "epochs": changes.get("epochs", 2)}
        log(logs, f"r{i}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, **known))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sweepbook(*arguments, **options):
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "sweepbook", *map(str, arguments)], capture_output=True, text=True, **options)


@pytest.mark.parametrize("command", ["run", "build", "watch", "plan", "show", "export", "figures", "diff", "names", "demo"])
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"example: sweepbook {command}" in capsys.readouterr().out


def test_the_version_and_the_commands_are_told(capsys):
    for option, told in (("--version", "sweepbook 0."), ("--help", "build")):
        with pytest.raises(SystemExit) as ended:
            main([option])
        assert ended.value.code == 0
        assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "required"),
        (["bild", "x"], "invalid choice"),
        (["build"], "required: STUDY"),
        (["build", "studies/small", "--jobs", "2"], "unrecognized arguments: --jobs"),
        (["show", "studies/small", "--top", "0"], "'0' found, a whole number of at least 1 expected"),
        (["plan", "studies/small", "--jobs", "x"], "'x' found, a whole number of at least 1 expected"),
        (["build", "studies/small", "--templates", "none"], "'none' is not a folder"),
    ],
)
def test_a_wrong_use_exits_with_2_and_says_what_is_wrong(project, capsys, arguments, told):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["shwo", "studies/small"], 'did you mean "show"?'),
        (["build", "studies/small", "--temlates=x"], 'did you mean "--templates"?'),
        (["build", "studies/small", "--qqq"], "`sweepbook build --help` lists what there is"),
        ([], "`sweepbook --help` lists what there is"),
    ],
)
def test_a_word_that_is_misspelt_is_followed_by_what_was_perhaps_meant(project, capsys, arguments, meant):
    with pytest.raises(SystemExit):
        main(arguments)
    assert capsys.readouterr().err.splitlines()[-1] == meant


def break_plan(project):
    (project / "studies/small/study.toml").write_text(PLAN.replace("batch_size", "batchsize"))


def remove_logs(project):
    (project / "modellogs").rename(project / "elsewhere")


def block_report(project):
    (project / "reports").write_text("a file where the folder would be")


def break_template(project):
    (project / "mine").mkdir()
    (project / "mine/journal.md.j2").write_text("x\n{% for %}")


def misname_in_template(project):
    (project / "mine").mkdir()
    (project / "mine/journal.md.j2").write_text("{{ jurnal.title }}")


ERRORS = [
    (None, ["build", "studies/none"], "studies/none: no such plan; a study is a folder with a study.toml"),
    (None, ["plan", "modellogs"], "modellogs/study.toml: no such plan"),
    (break_plan, ["plan", "studies/small"], 'study.toml:11: baseline.batchsize: unknown setting; did you mean "batch_size"?'),
    (
        remove_logs,
        ["build", "studies/small"],
        "modellogs/small: no run logs there yet; train them with: sweepbook run studies/small",
    ),
    (remove_logs, ["show", "studies/small"], "modellogs/small: no run logs there yet"),
    (
        None,
        ["build", "studies/small", "--logs", "studies/small/study.toml"],
        "studies/small/study.toml: no run log in it of a format that is known: run.toml",
    ),
    (block_report, ["build", "studies/small"], "reports/small: cannot be written: "),
    (break_template, ["build", "studies/small", "--templates", "mine"], "mine: journal.md.j2:2: "),
    (misname_in_template, ["build", "studies/small", "--templates", "mine"], "mine: journal.md.j2:1: 'jurnal' is undefined"),
]


@pytest.mark.parametrize(("spoil", "arguments", "told"), ERRORS)
def test_what_a_user_can_mend_is_one_message_and_exits_with_2(project, capsys, spoil, arguments, told):
    if spoil:
        spoil(project)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("sweepbook: ")
    assert told in shown.err
    assert shown.err.count("\n") == 1


def test_a_build_writes_the_report_and_says_what_it_wrote(project, capsys):
    assert main(["build", "studies/small"]) == 0
    pages = "journal.md, journal.html, runs.csv, findings.json"
    wrote, empty, *answers = capsys.readouterr().out.splitlines()
    assert (wrote, empty) == (f"reports/small: wrote {pages}; 4 figures, 4 of them drawn anew", "")
    questions = ["What should I use?", "What mattered?", "Were you right?", "What went wrong?", "How sure?"]
    assert [re.split("  +", line)[0] for line in answers] == questions
    files = {str(path.relative_to(project / "reports/small")) for path in (project / "reports").rglob("*.*")}
    figures = {f"figures/{name}.svg" for name in ("epochs", "lr", "overall--factors", "overall--ranking")}
    assert files == {".sweepbook.json", *pages.split(", "), *figures}


@pytest.mark.slow
def test_a_second_build_changes_nothing_and_says_so(project, capsys):
    main(["build", "studies/small"])
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (project / "reports").rglob("*.*")}
    capsys.readouterr()
    assert main(["build", "studies/small"]) == 0
    assert capsys.readouterr().out.startswith("reports/small: nothing has changed\n\nWhat should I use?  ")
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (project / "reports").rglob("*.*")} == before


@pytest.mark.slow
def test_a_build_after_a_change_writes_what_changed_and_removes_what_is_no_longer_there(project, capsys):
    main(["build", "studies/small"])
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('[[group]]\nname = "lr"\ngrid = { lr = [0.01, 0.1] }\n', ""))
    capsys.readouterr()
    assert main(["build", "studies/small"]) == 0
    shown = capsys.readouterr()
    assert "figures/lr.svg removed" in shown.out
    assert "1 configuration no longer ranked: lr_0.1" in shown.out
    assert shown.err == "2 logs do not count; the journal says why under What went wrong\n"
    assert not (project / "reports/small/figures/lr.svg").exists()


def test_a_run_that_goes_on_and_an_attempt_that_was_made_good_are_no_logs_that_do_not_count(project, log, run, capsys):
    logs = project / "modellogs/small"
    log(logs, "again", run(seed=0, config={**BASE, "epochs": 1}, status="interrupted", metrics={}))
    log(logs, "going", run(seed=1, config={**BASE, "epochs": 1}, status="running", metrics={}))
    assert main(["build", "studies/small"]) == 0
    assert capsys.readouterr().err == "1 run has not ended; what finishes will count\n"
    text = (project / "reports/small/journal.md").read_text()
    problems = text[text.index("## What went wrong") : text.index("## Checks")]
    assert "going" in problems
    assert "again" not in problems
    assert "1 log of a run that was cut off is left out: it was run again and came to its end." in text


def test_a_build_goes_where_it_is_told(project, capsys):
    (project / "modellogs/small").rename(project / "logs")
    assert main(["build", "studies/small/study.toml", "--logs", "logs", "--out", "out"]) == 0
    assert (project / "out/journal.html").is_file()
    assert not (project / "reports").exists()


def test_a_build_without_a_finished_run_writes_the_plan_and_exits_with_3(project, log, run, capsys):
    (project / "empty").mkdir()
    log(project / "empty", "a", run(config=BASE, status="failed", metrics={}, error="x"))
    assert main(["build", "studies/small", "--logs", "empty"]) == 3
    shown = capsys.readouterr()
    assert (
        shown.err
        == "1 log does not count; the journal says why under What went wrong\n"
        + "no run in empty has finished with a valid_accuracy, so the journal holds the plan alone\n"
    )
    assert "No run has finished: 0 diverged and 1 failed" in (project / "reports/small/journal.md").read_text()


def test_where_no_run_log_lies_the_formats_that_are_known_are_told(project, capsys):
    (project / "other").mkdir()
    (project / "other/poem.txt").write_text("lr,accuracy\n0.1,0.8\n")
    told = ": no run log in it of a format that is known: run.toml"
    assert main(["build", "studies/small", "--logs", "other"]) == 3
    assert "other" + told in capsys.readouterr().err
    for command in (["build", "studies/small", "--logs", "other/poem.txt"], ["build", "other/poem.txt"], ["show", "other"]):
        assert main(command) == 2
        assert told in capsys.readouterr().err


def test_the_ranking_is_shown_the_best_first(project, capsys):
    assert main(["show", "studies/small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "What should I use?  Use 2 epochs, learning rate 0.01: 85.0% validation accuracy (58.1 to 100.0)."
    shown = lines[7:]
    assert shown[0].split() == [
        "configuration",
        "validation",
        "accuracy",
        "95%",
        "interval",
        "could",
        "be",
        "the",
        "best",
        "runs",
        "parameters",
        "time",
        "a",
        "run",
    ]
    assert [line.split()[:2] for line in shown[1:4]] == [["epochs_2", "85.0%"], ["epochs_1", "70.0%"], ["lr_0.1", "55.0%"]]
    assert [re.split("  +", line)[3:5] for line in shown[1:4]] == [["yes", "2"], ["yes", "1"], ["yes", "2"]]
    assert main(["show", "studies/small", "--top", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 9  # the answers between empty lines, heads and one row


@pytest.mark.slow
def test_the_ranking_as_json_is_that_of_the_findings(project, capsys):
    main(["build", "studies/small"])
    capsys.readouterr()
    assert main(["show", "studies/small", "--json"]) == 0
    configs = json.loads((project / "reports/small/findings.json").read_text())["configs"]
    assert json.loads(capsys.readouterr().out) == configs
    assert main(["show", "studies/small", "--json", "--top", "2"]) == 0
    assert json.loads(capsys.readouterr().out) == configs[:2]


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_nothing_to_rank_exits_with_3(project, capsys, option):
    (project / "empty").mkdir()
    assert main(["show", "studies/small", "--logs", "empty", *option]) == 3
    shown = capsys.readouterr()
    assert json.loads(shown.out) == [] if option else "so there is nothing to rank" in shown.err


def test_the_plan_says_how_many_runs_there_are_and_how_long_the_missing_take(project, capsys):
    assert main(["plan", "studies/small", "--jobs", "1", "--details"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "6 runs: 3 configurations, 2 seeds each. 1 of them is missing." in shown
    source = "the finished runs in modellogs/small"
    assert f"About 2.0 s of training with 1 job, going by {source}. Starting up takes some more." in " ".join(shown)
    place = shown.index("4 labels for 3 configurations: one that several groups share runs once.")
    assert shown[place + 2].split() == ["epochs_1", "0", "1"]
    assert shown[place + 3].split() == ["epochs_2", "lr_0.01", "0", "1", "–"]


def test_the_plan_as_json_tells_each_run(project, capsys):
    assert main(["plan", "studies/small", "--jobs", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["study"], told["missing"], told["jobs"], told["seconds"]) == ("small", 1, 1, 2.0)
    assert [(run["label"], run["seed"], run["exists"]) for run in told["runs"]] == [
        ("epochs_1", 0, True),
        ("epochs_2", 0, True),
        ("lr_0.1", 0, True),
        ("epochs_1", 1, False),
        ("epochs_2", 1, True),
        ("lr_0.1", 1, True),
    ]


def test_the_plan_says_which_of_the_missing_runs_are_in_progress(project, log, run, capsys):
    fields = {"config": {**BASE, "epochs": 1}, "seed": 1, "status": "running", "metrics": {}}
    for hours, told in ((0, "running"), (2, "running or killed")):
        begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)
        log(project / "modellogs/small", "r9", run(started=begun, **fields))
        assert main(["plan", "studies/small"]) == 0
        assert f"1 of them is missing, of these 1 {told}.\n" in capsys.readouterr().out


def test_a_plan_that_is_done_lacks_nothing(project, log, run, capsys):
    log(project / "modellogs/small", "r9", run(config={**BASE, "epochs": 1}, seed=1))
    assert main(["plan", "studies/small"]) == 0
    assert "6 runs: 3 configurations, 2 seeds each. All of them have run.\n" in capsys.readouterr().out


@pytest.mark.slow
def test_output_into_a_pipe_has_no_colour_and_no_progress(project):
    shown = sweepbook("show", "studies/small", env={**os.environ, "FORCE_COLOR": "", "COLUMNS": ""})
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\x1b" not in shown.stdout
    assert len(shown.stdout.splitlines()) == 11


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_goes_early_is_no_error(project, log, run, reader):
    for i in range(300):
        log(project / "modellogs/many", f"r{i}", run(config={"x": i}, label="x" * 500 + str(i)))
    (project / "studies/small/study.toml").write_text('[study]\ntitle = "T"\nseeds = [0]\n[[group]]\nname = "all"\nwhere = {}\n')
    command = f"{sys.executable} -m sweepbook.analysis.cli.main show studies/small --logs modellogs/many; echo exit $? >&2"
    shown = subprocess.run(["bash", "-c", f"({command}) | {reader}"], capture_output=True, text=True)
    assert shown.stderr == "exit 0\n"


@pytest.mark.slow
def test_the_commands_that_read_need_no_torch(project):
    check = (
        "import sys; from sweepbook.analysis.cli.main import main; codes = [main([one, 'studies/small']) for one in sys.argv[1:]]"
    )
    check += "; sys.exit(any(codes) or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check, "build", "show", "plan"], capture_output=True).returncode == 0


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_training_without_torch_says_how_to_get_it(project, capsys):
    assert main(["run", "studies/small"]) == 2
    assert capsys.readouterr().err == (
        "sweepbook: training needs torch, which is not installed; in Sweepbook's checkout: pip install '.[train]'\n"
    )


@pytest.mark.parametrize("command", ["build", "show", "export", "figures", "names", "plan", "explain", "diff"])
def test_an_error_that_no_one_foresaw_is_one_line_with_a_code_of_its_own_and_a_way_to_its_traceback(command, capsys, monkeypatch):
    def fails(_):
        raise KeyError("lr")

    monkeypatch.setattr(importlib.import_module(f"sweepbook.analysis.cli.{command}"), "command", fails)
    given = {"diff": ["old", "new"], "explain": []}.get(command, ["studies/x"])
    assert main([command, *given]) == 70
    assert capsys.readouterr() == ("", "sweepbook: unexpected error: KeyError: 'lr'; run again with --traceback to see where\n")
    assert main([command, *given, "--traceback"]) == 70
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-2:] == [
        "KeyError: 'lr'",
        "sweepbook: unexpected error: KeyError: 'lr'; please report it with what stands above",
    ]


def test_an_unexpected_error_without_words_or_of_several_lines_is_one_line(capsys, monkeypatch):
    for error, told in ((MemoryError(), "MemoryError"), (ValueError("a\n b"), "ValueError: a b")):

        def fails(_, error=error):
            raise error

        monkeypatch.setattr(importlib.import_module("sweepbook.analysis.cli.explain"), "command", fails)
        assert main(["explain"]) == 70
        assert capsys.readouterr().err.startswith(f"sweepbook: unexpected error: {told}; run again")
