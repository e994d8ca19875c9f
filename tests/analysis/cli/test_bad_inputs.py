"""What is wrong in a plan, a log, the notes, a template or the machine ends in one clear message or a listed problem; nothing is
lost, and a report that was there stays whole or is replaced whole."""

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.page import render

pytestmark = pytest.mark.slow

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
LOGS, STUDY, OUT = "modellogs/small", "studies/small", "reports/small"
BUILD, RUN = ["build", STUDY], ["run", STUDY]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, log, run, plan):
    """A project with four runs and its report."""
    home = tmp_path_factory.mktemp("whole")
    plan(home / STUDY, PLAN)
    for i, (epochs, seed, accuracy) in enumerate([(1, 0, 0.7), (1, 1, 0.72), (2, 0, 0.8), (2, 1, 0.82)]):
        log(home / LOGS, f"r{i}", run(accuracy, seed=seed, minute=i, config={**BASE, "epochs": epochs}))
    built(home)
    return home


@pytest.fixture
def project(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "p", symlinks=True)
    return tmp_path / "p"


@dataclass
class Done:
    """What a command left: its exit code, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(project, capsys, monkeypatch):
    """The command, called in the project."""

    def call(arguments):
        monkeypatch.chdir(project)
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
        return Done(code, *capsys.readouterr())

    return call


def built(home):
    """Builds the project's report, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert main(BUILD) == 0


# The command in each of some folders, one after the other: most of what a process of its own takes is to import what it needs.
EACH = """
import json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from sweepbook.analysis.cli.main import main
for folder in sys.argv[2:]:
    os.chdir(folder)
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors:
        code = main(json.loads(sys.argv[1]))
    print(json.dumps([code, out.getvalue(), errors.getvalue()]))
"""


def sweepbook(folders, arguments, limits):
    """What the command leaves in each of the folders, in a process within `limits`."""
    call = [sys.executable, "-c", EACH, json.dumps(arguments), *folders]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, preexec_fn=limits, check=True)
    return [Done(*json.loads(line)) for line in done.stdout.splitlines()]


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()}


def in_plan(old, new):
    assert old in PLAN
    return lambda home: (home / STUDY / "study.toml").write_text(PLAN.replace(old, new))


def plan_bytes(data):
    return lambda home: (home / STUDY / "study.toml").write_bytes(data)


def notes(data):
    return lambda home: (home / STUDY / "notes.md").write_bytes(data if isinstance(data, bytes) else data.encode())


def template(text, name="journal.md.j2"):
    def spoil(home):
        (home / "mine").mkdir()
        (home / "mine" / name).write_text(text)

    return spoil


def groups(count):
    return lambda home: (home / STUDY / "study.toml").write_text(
        PLAN + "".join(f'[[group]]\nname = "g{i}"\ngrid = {{ lr = [0.1] }}\n' for i in range(count))
    )


def plan_is_a_folder(home):
    (home / STUDY / "study.toml").unlink()
    (home / STUDY / "study.toml").mkdir()


def table_of_runs(home):
    (home / "runs.csv").write_text("lr,valid_accuracy\n0.1,0.9\n")


def empty_logs(home):
    built(home)
    for path in (home / LOGS).iterdir():
        shutil.rmtree(path)


def same_name(home):
    built(home)
    shutil.copytree(home / STUDY, home / "elsewhere" / "small")


def lacking(spoil=lambda home: None):
    """The project, spoilt, with a plan that asks for more runs than there are."""

    def both(home):
        spoil(home)
        in_plan("seeds = [0, 1]", "seeds = [0, 1, 2]")(home)

    return both


def journal_of_mine(home):
    (home / OUT / "journal.md").write_text("mine")


def report_of_another(home):
    same_name(home)
    (home / "elsewhere" / "small" / "study.toml").write_text(PLAN.replace("seeds = [0, 1]", "seeds = [0, 1, 2]"))


def logs_are_a_file(home):
    shutil.rmtree(home / LOGS)
    (home / LOGS).write_text("x")


def out_is_a_file(home):
    shutil.rmtree(home / OUT)
    (home / OUT).write_text("x")


MINE = [*BUILD, "--templates", "mine"]
ENDLESS = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}"
# What spoils the project, the command, and a part of the one message that it ends in; exit code 2, nothing changed.
ERRORS = {
    "no study": (None, ["build", "studies/none"], "studies/none: no such plan; a study is a folder with a study.toml"),
    "a misspelt key": (in_plan("batch_size", "batchsize"), BUILD, 'study.toml:11: baseline.batchsize: unknown setting; did you mean'),
    "a string for a number": (in_plan("lr = 0.01", 'lr = "fast"'), BUILD, "baseline.lr: 'fast' found, a number"),
    "an empty grid": (in_plan("{ epochs = [1, 2] }", "{ }"), BUILD, 'group["epochs"].grid: no factor in it'),
    "a factor without levels": (in_plan("[1, 2]", "[]"), BUILD, "grid.epochs: [] found, a list of levels expected"),
    "a level twice": (in_plan("[1, 2]", "[1, 1]"), BUILD, "a level stands in it twice"),
    "negative epochs": (in_plan("[1, 2]", "[-1, 2]"), BUILD, "-1 found, a whole number"),
    "batch size 0": (in_plan("batch_size = 32", "batch_size = 0"), BUILD, "baseline.batch_size: 0 found, a whole number"),
    "an unknown optimizer": (in_plan('"Adam"', '"Adamm"'), BUILD, "baseline.optimizer: 'Adamm' found"),
    "an infinite learning rate": (in_plan("lr = 0.01", "lr = inf"), BUILD, "baseline.lr: inf found"),
    "no seed": (in_plan("seeds = [0, 1]", "seeds = []"), BUILD, "study.seeds"),
    "a seed twice": (in_plan("seeds = [0, 1]", "seeds = [1, 1]"), BUILD, "study.seeds"),
    "a group of a name that is taken": (in_plan("[[group]]", '[[group]]\nname = "epochs"\ngrid = { lr = [1.0] }\n[[group]]'), BUILD, "name of an earlier group"),
    "a name with a slash": (in_plan('name = "epochs"', 'name = "../epochs"'), BUILD, '"../epochs" found; letters, digits'),
    "a name of dots": (in_plan('name = "epochs"', 'name = ".."'), BUILD, '".." found; letters, digits'),
    "a name with a newline": (in_plan('name = "epochs"', 'name = "a\\nb"'), BUILD, "found; letters, digits"),
    "a plan that is cut": (plan_bytes(b"[study\ntitle ="), BUILD, "study.toml: not valid TOML"),
    "a plan that is binary": (plan_bytes(bytes(range(256))), BUILD, "study.toml: cannot be read"),
    "a plan that is a folder": (plan_is_a_folder, BUILD, "study.toml: cannot be read: not a file"),
    "10,000 groups": (groups(9_999), BUILD, "10,000 groups found, at most 1,000 expected"),
    "a grid of a billion": (
        in_plan("{ epochs = [1, 2] }", f"{{ epochs = {list(range(1, 1001))}, units1 = {list(range(1, 1001))}, batch_size = {list(range(1, 1001))} }}"),
        BUILD,
        "1,000,000,000 configurations found, at most 100,000 expected",
    ),
    "a prediction of a level that is not there": (
        in_plan("[1, 2] }", '[1, 2] }\n[[group.prediction]]\nsays = "x"\nbest = { epochs = 7 }'), BUILD, "epochs = 7 is no level of this group; it has 1, 2",
    ),
    "two studies of one name": (same_name, ["build", "elsewhere/small"], "has the same name; give this one another folder with --out"),
    "no logs": (lambda home: shutil.rmtree(home / LOGS), BUILD, "modellogs/small: no run logs there yet; train them with"),
    "logs that are a file": (logs_are_a_file, BUILD, "modellogs/small: no run log in it of a format that is known"),
    "a report that is a file": (out_is_a_file, BUILD, "reports/small: cannot be written: it is a file"),
    "a report without a name": (None, [*BUILD, "--out", ""], "argument --out: is empty"),
    "logs without a name": (None, [*BUILD, "--logs", ""], "argument --logs: is empty"),
    "figures in a file": (None, ["figures", STUDY, "--out", f"{OUT}/journal.md"], "reports/small/journal.md: cannot be written: it is a file"),
    "a plan to be written in a file": (None, ["init", LOGS, "--out", f"{OUT}/journal.md"], "reports/small/journal.md: cannot be written: it is a file"),
    "logs where a plan belongs": (table_of_runs, ["run", "runs.csv"], "runs.csv: no plan; a study.toml or its folder expected. Run logs are read by: sweepbook build runs.csv"),
    "a run whose report has a folder in which nothing can be written": (lacking(), [*RUN, "--out", "/proc"], "/proc: cannot be written: nothing can be written there: "),
    "a run logged in a folder in which nothing can be written": (lacking(), [*RUN, "--logs", "/proc"], "/proc: cannot be written: nothing can be written there: "),
    "a run whose report has a folder that cannot be made": (lacking(), [*RUN, "--out", "/proc/none"], "/proc/none: cannot be written: no such folder can be made in /proc: "),
    "runs logged in a folder whose name is too long": (lacking(), [*RUN, "--logs", "a" * 300], "no such folder can be made in "),
    "a run whose report would lie with the plan": (lacking(), [*RUN, "--out", f"{STUDY}/out"], "is in the folder of the plan, where nothing is written"),
    "a run whose report would lie with the logs": (lacking(), [*RUN, "--out", f"{LOGS}/out"], "is in the folder of the run logs, where nothing is written"),
    "a run whose report is a file": (lacking(out_is_a_file), RUN, "reports/small: cannot be written: it is a file"),
    "a run whose report would lie in a file": (lacking(out_is_a_file), [*RUN, "--out", f"{OUT}/a/b"], "reports/small/a/b: cannot be written: "),
    "a run over a journal of one's own": (lacking(journal_of_mine), RUN, "journal.md was changed by hand since it was built"),
    "a run over another study's report": (report_of_another, ["run", "elsewhere/small"], "has the same name; give this one another folder with --out"),
    "runs logged with the plan": (lacking(), [*RUN, "--logs", STUDY], "studies/small: is the folder of the plan, where no run is logged; give another one with --logs"),
    "runs logged in a file": (lacking(), [*RUN, "--logs", f"{STUDY}/study.toml"], "studies/small/study.toml: cannot be written: it is a file"),
    "runs logged below a file": (lacking(), [*RUN, "--logs", f"{STUDY}/study.toml/a"], "study.toml is a file"),
    "notes under no heading": (notes("words\n"), BUILD, "notes.md:1: "),
    "notes under an unknown heading": (notes("# Epocs\nx\n"), BUILD, "notes.md:1: "),
    "notes with a name that is unknown": (notes("# Overview\n\n{{ run.epoch_1.n }}\n"), BUILD, "notes.md:3: no value is called run.epoch_1.n; the nearest is run.epochs_1.n"),
    "notes with an unclosed code block": (notes("# Overview\n```\ncode\n\n# What I learned\nx\n"), BUILD, "notes.md:2: a code block begins here and does not end"),
    "notes that are a pipe": (lambda home: os.mkfifo(home / STUDY / "notes.md"), BUILD, "notes.md: the notes cannot be read: not a file"),
    "a report among the logs": (None, [*BUILD, "--out", LOGS], "is the folder of the run logs, where nothing is written"),
    "an export over the plan": (None, ["export", STUDY, "--out", f"{STUDY}/study.toml"], "is the folder of the plan, where nothing is written"),
    "logs that are gone from a folder that stays": (lambda home: empty_logs(home), BUILD, "no run is left of the 4 that the report in reports/small tells of"),
    "an export to no file": (None, ["export", STUDY, "--out", ""], "a folder found, the name of a file expected"),
    "a template of no end of text": (template('{{ "a" * 10 ** 13 }}'), MINE, "makes more text than the memory holds"),
    "a template that includes what is not there": (template('{% include "none.j2" %}'), MINE, "mine: there is no template none.j2"),
    "notes with an unclosed tag": (notes("# Overview\n{{ run.epochs_1.n\n"), BUILD, "notes.md:2: "),
    "notes that call": (notes("# Overview\n{{ ''.__class__.__mro__ }}\n"), BUILD, "notes.md:2: "),
    "notes that are no text": (notes(b"# Overview\n\xff\xfe\n"), BUILD, "notes.md"),
    "a template that is cut": (template("x\n{% for %}"), MINE, "mine: journal.md.j2:2: "),
    "a template with a wrong name": (template("{{ jurnal.title }}"), MINE, "mine: journal.md.j2:1: 'jurnal' is undefined"),
    "a template that loops for ever": (template(ENDLESS), MINE, "mine: journal.md.j2:1: the templates took longer than 1 s"),
    "a template that includes itself": (template('{% include "journal.md.j2" %}'), MINE, "mine: "),
    "a folder of templates that is not there": (None, MINE, "'mine' is not a folder"),
    "a group that is not there": (None, ["export", STUDY, "epoch"], "epoch"),
    "a name to show that is not there": (None, ["show", STUDY, "epochs_3"], "epochs_3"),
    "a format that is not there": (None, ["figures", STUDY, "--format", "gif"], "'gif' found, a list of svg, png and pdf expected"),
    "none to show": (None, ["show", STUDY, "--top", "0"], "'0' found, a whole number of at least 1 expected"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_what_cannot_be_built_is_one_message_and_leaves_all_as_it_was(case, project, command, monkeypatch):
    monkeypatch.setattr(render, "PATIENCE", 1)
    spoil, arguments, told = ERRORS[case]
    if spoil:
        spoil(project)
    before = files(project)
    done = command(arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    message = [line for line in done.stderr.splitlines() if not line.startswith(("usage:", " "))]
    assert len(message) == 1, done.stderr
    assert files(project) == before


def set_log(text, name="bad"):
    def spoil(home):
        (home / LOGS / name).mkdir()
        (home / LOGS / name / "run.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    return spoil


def changed(old, new):
    """A fifth log, of another seed, in which `old` is `new`."""

    def spoil(home):
        text = (home / LOGS / "r0" / "run.toml").read_text().replace("seed = 0", "seed = 7")
        assert old in text
        set_log(text.replace(old, new))(home)

    return spoil


def sparse(home):
    set_log("")(home)
    with (home / LOGS / "bad" / "run.toml").open("r+b") as file:
        file.truncate(2_000_000_000)


def circle(home):
    (home / LOGS / "bad").symlink_to(home / LOGS / "worse")
    (home / LOGS / "worse").symlink_to(home / LOGS / "bad")


def itself(home):
    (home / LOGS / "bad").symlink_to(home / LOGS)


def pipe(home):
    (home / LOGS / "bad").mkdir()
    os.mkfifo(home / LOGS / "bad" / "run.toml")


def folder_in_place(home):
    (home / LOGS / "bad" / "run.toml").mkdir(parents=True)


def foreign(home):
    changed('study = "s"', 'study = "another"')(home)
    text = (home / LOGS / "bad" / "run.toml").read_text()
    (home / LOGS / "bad" / "run.toml").write_text(text.replace("lr = 0.01", "lr = 0.5"))


# What stands in the folder of logs, and the reason that the journal gives for leaving it out.
PROBLEMS = {
    "an empty log": (set_log(""), "the file is empty"),
    "a binary log": (set_log(bytes(range(256)) * 10), "cannot be read"),
    "a log without a table": (set_log("schema = 1\n"), "no [run] table"),
    "a log of another program": (set_log("[tool]\nname = 1\n"), 'no "schema" key'),
    "a log of the future": (changed("schema = 2", "schema = 3"), "schema is 3; this version reads schema 1 and 2"),
    "a log that is cut": (changed("[metrics]", "[metr"), "not valid TOML"),
    "a metric that is not a number": (changed("valid_accuracy = 0.7", "valid_accuracy = nan"), "nan in a finished run"),
    "an infinite metric": (changed("valid_loss = ", "valid_loss = inf #"), "inf in a finished run"),
    "text for a metric": (changed("valid_accuracy = 0.7", 'valid_accuracy = "high"'), "'high' is not a number"),
    "an accuracy of 17": (changed("valid_accuracy = 0.7", "valid_accuracy = 17"), "an accuracy is a share from 0 to 1"),
    "a run without metrics": (changed('status = "finished"', 'status = "done"'), "status is 'done'; expected one of"),
    "a loss beyond all bounds": (changed("valid_loss = ", "valid_loss = 1e308 #"), "1e+308 in a finished run: beyond 1e+100"),
    "a run of negative time": (changed("seconds = 2.0", "seconds = -2.0"), "is not a finite number of at least 0"),
    "a seed that is text": (changed("seed = 7", 'seed = "7"'), "seed = '7' has the wrong type"),
    "a log without a date": (changed("started = ", "begun = "), "unknown key 'begun'"),
    "a log of 2 GB": (sparse, "2,000,000,000 bytes found; a run log has at most"),
    "a symbolic link in a circle": (circle, "cannot be read: Too many levels of symbolic links"),
    "a symbolic link to the folder itself": (itself, "no run.toml in it"),
    "a pipe": (pipe, "its run.toml is not a file"),
    "a folder in the place of a log": (folder_in_place, "its run.toml is not a file"),
    "a file in the place of a run": (lambda home: (home / LOGS / "bad").write_text("x"), "not a run: a file"),
    "the same run twice": (changed("seed = 7", "seed = 0"), "the same configuration and seed as bad, which counts"),
    "a run of another study": (foreign, "its configuration is in no group of the plan"),
    "a metric that only some runs have": (changed("valid_accuracy = 0.7", "valid_f1 = 0.7"), 'finished without "valid_accuracy"'),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_cannot_be_read_is_a_listed_problem_and_the_rest_is_reported(case, project, command):
    spoil, reason = PROBLEMS[case]
    spoil(project)
    logs = files(project / LOGS) if case != "a log of 2 GB" else {}
    done = command(BUILD)
    assert done.returncode == 0, done.stderr
    assert "not count; the journal says why under What went wrong" in done.stderr
    assert "Traceback" not in done.stderr
    page = (project / OUT / "journal.md").read_text()
    problems = page[page.index("## What went wrong") :]
    assert "bad" in problems
    assert reason in problems.replace("\\", "")
    assert "epochs_2" in page[page.index("## All configurations") : page.index("## What went wrong")]
    assert case == "a log of 2 GB" or files(project / LOGS) == logs


def only(count):
    def spoil(home):
        for path in sorted((home / LOGS).iterdir())[count:]:
            shutil.rmtree(path)

    return spoil


def ten_seeds(home):
    text = (home / LOGS / "r0" / "run.toml").read_text()
    shutil.rmtree(home / LOGS)
    for seed in range(10):
        (home / LOGS / f"s{seed}").mkdir(parents=True)
        (home / LOGS / f"s{seed}" / "run.toml").write_text(text.replace("seed = 0", f"seed = {seed}"))


def strange_label(home):
    changed('label = "a"', 'label = "../../a/b\\n# <b>..|`"')(home)


def future(home):
    changed("started = 2026", "started = 2226")(home)


# What is unusual and yet no mistake: the exit code, and what the journal or the terminal says of it.
UNUSUAL = {
    "no run at all": (only(0), 3, "No run has finished yet"),
    "one run": (only(1), 0, "alone has finished"),
    "one configuration": (only(2), 0, "alone has finished"),
    "ten seeds of one": (ten_seeds, 0, "10 runs"),
    "no metric of the plan's in any log": (in_plan('title = "T"', 'title = "T"\nmetric = "valid_loss"\ngoal = "minimize"'), 0, "validation loss"),
    "a label with a slash, dots and a newline": (strange_label, 0, "epochs_1"),
    "a date in the future": (future, 0, "began in the future"),
    "notes of HTML that is not closed": (notes("# Overview\n<div><script>alert(1)\n"), 0, "&lt;"),
    "empty notes": (notes(""), 0, "Overview"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSUAL)
def test_what_is_unusual_is_said_in_a_sentence(case, project, command):
    spoil, code, told = UNUSUAL[case]
    spoil(project)
    done = command(BUILD)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    pages = [(project / OUT / name).read_text() for name in ("journal.md", "journal.html")]
    assert any(told in text for text in (done.stderr, *pages))
    assert {path.parent for path in (project / "reports").rglob("*") if path.is_file()} <= {
        project / OUT,
        project / OUT / "figures",
    }


def small_files():
    """As on a full disk: no file may grow beyond 20 kB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def no_privileges():
    """Takes from root the right to pass by permissions."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_a_full_disk_leaves_the_report_that_was_there(project):
    (project / LOGS / "r0" / "run.toml").unlink()
    before = files(project / OUT)
    (done,) = sweepbook([project], BUILD, small_files)
    assert done.returncode == 2
    assert "cannot be written: File too large; what was there before stays" in done.stderr
    assert files(project / OUT) == before


# Of a folder or file without permission: the exit code, and what is said.
DENIED = (
    (f"{OUT}/figures", 0o555, 2, "cannot be written: Permission denied; what was there before stays"),
    (f"{STUDY}/study.toml", 0o000, 2, "study.toml: cannot be read"),
    (LOGS, 0o000, 2, "Permission denied"),
    (f"{LOGS}/r0/run.toml", 0o000, 0, "1 log does not count"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities as Linux has them")
def test_a_folder_or_file_without_permission_is_one_message_and_a_log_a_listed_problem(whole, tmp_path):
    homes = [tmp_path / str(case) for case in range(len(DENIED))]
    for home, (place, mode, code, _) in zip(homes, DENIED, strict=True):
        shutil.copytree(whole, home, symlinks=True)
        if code:  # there is something to write
            (home / LOGS / "r0" / "run.toml").unlink()
        (home / place).chmod(mode)
    before = files(whole / OUT)
    for home, done, (place, _, code, told) in zip(homes, sweepbook(homes, BUILD, no_privileges), DENIED, strict=True):
        (home / place).chmod(0o755)
        assert done.returncode == code, done.stdout
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert (files(home / OUT) == before) == (code == 2)
    assert "cannot be read: Permission denied" in (homes[-1] / OUT / "journal.md").read_text()
