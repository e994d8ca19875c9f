"""docs/diff.md is true: its commands and its workflow's steps run in a real git repository, its keys are those that are written."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.runlog import FILE, Run

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parent.parent / "docs" / "diff.md").read_text()
NAME = "fashion-mnist"
PLAN = """
[study]
title = "T"
seeds = [0, 1, 2]
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
grid = { epochs = [1, 2, 3, 4, 5] }
[[group]]
name = "rest"
configs = [{ name = "wide", units1 = 16 }, { name = "fast", lr = 0.1 }]
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
    "epochs": 2,
}
CHANGES = ({"epochs": 1}, {}, {"epochs": 3}, {"epochs": 4}, {"epochs": 5}, {"units1": 16}, {"lr": 0.1})
NOISE = ((0, 3, -2), (1, -1, 2), (-2, 2, 1), (3, 0, -3), (1, 2, -1), (-1, 0, 2), (2, -3, 0))  # thousandths
OTHER = (*NOISE[1:], NOISE[0])
BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


OTHERS = {"--body-file", "--edit-last", "--create-if-none", "--verify", "--quiet"}  # options of gh and git


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


def indented(block: str, key: str) -> list[str]:
    """The lines under the last `key` of a YAML block, without their margin."""
    lines = block.splitlines()
    (start,) = [i for i, line in enumerate(lines) if re.match(rf" *(- )?{key}:( \|)?$", line)][-1:]
    margin = len(lines[start + 1]) - len(lines[start + 1].lstrip())
    inside = []
    for line in lines[start + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) < margin:
            break
        inside.append(line[margin:])
    return inside


class Project:
    """A git repository with a study of seven configurations, its run logs and its report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "studies" / NAME).mkdir(parents=True)
        (folder / "studies" / NAME / "study.toml").write_text(PLAN)
        (folder / ".gitignore").write_text("modellogs/\n")
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *command: str) -> str:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *identity, *command], cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def trained(self, noise: tuple[tuple[int, ...], ...], less: float = 0.0, name: str = NAME) -> None:
        for i, (changes, moved) in enumerate(zip(CHANGES, noise, strict=True)):
            for seed in range(3):
                accuracy = 0.8 - less + moved[seed] / 1000
                metrics = {"valid_accuracy": accuracy, "valid_loss": 1.25 - accuracy, "train_loss": 1 - accuracy}
                at = BEGUN + timedelta(minutes=i)
                run = Run("a", name, seed, "finished", at, 2.0, {**BASE, **changes}, metrics=metrics)
                place = self.folder / "modellogs" / name / f"{i}-{seed}"
                place.mkdir(parents=True, exist_ok=True)
                (place / FILE).write_text(to_toml(run))

    def built(self, code: int = 0) -> None:
        folder = self.folder
        (folder / "modellogs" / NAME).mkdir(parents=True, exist_ok=True)
        places = ("--logs", str(folder / "modellogs" / NAME), "--out", str(folder / "reports" / NAME))
        assert main(["build", str(folder / "studies" / NAME), *places]) == code

    def committed(self, words: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", words)

    def sh(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs `command` as a step of GitHub Actions does."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, **variables, "PATH": path}
        return subprocess.run(
            ["bash", "-e", "-c", command], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two commits of the report, between which only noise moved it."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        made = Project(folder)
        made.trained(NOISE)
        made.built()
        made.committed("The first report")
        shutil.copytree(folder / "modellogs" / NAME, folder / "modellogs" / f"{NAME}-before")
        made.trained(OTHER)
        made.built()
        made.committed("The second report")
    return made


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 9
    assert all(line.startswith("sweepbook diff ") for line in COMMANDS)
    assert not set("".join(COMMANDS)) & set("|<>&;$*?`")  # the words are all that a shell makes of them


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_runs(
    command: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    code = main(shlex.split(command)[1:])
    told = capsys.readouterr()
    assert told.err == ""
    assert code in ((0,) if "never" in command else (0, 1, 3))
    shown = re.search(r"--out (\S+)", command)
    assert ((project.folder / shown[1]).read_text() if shown else told.out).strip()


def test_the_page_names_every_key_of_the_document(project: Project) -> None:
    done = project.sh(f"sweepbook diff HEAD~1:reports/{NAME} reports/{NAME} --format json --fail-on never")
    document = json.loads(done.stdout)
    assert document["matched"] == len(CHANGES)
    keys = [*document, *document["comparisons"][0], *document["overall"]["valid_accuracy"], *document["failures"]]
    table = PAGE.partition("## Formats")[2].partition("## Exit codes")[0]
    assert [key for key in keys if not re.search(rf"\b{key}\b", table)] == []
    named = [key for row in re.findall(r"^\| ([a-z_, ]+) \|", table, re.MULTILINE) for key in row.split(", ")]
    assert [key for key in named if key not in ("key", *document)] == []
    assert named[1:] == [key for key in document if key in named]


def test_the_page_gives_the_options_and_formats_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["diff", "--help"])
    told = capsys.readouterr().out
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help"}
    assert options == set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) - OTHERS


@pytest.fixture
def branch(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as a workflow checks it out: the base branch is origin/main."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    copy = Project.__new__(Project)
    copy.folder = tmp_path / "branch"
    shutil.copytree(project.folder, copy.folder)
    copy.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return copy


def recipe(project: Project, base: str = "main", study: str = NAME) -> tuple[int, str, str]:
    """The exit code of the workflow's own step, what it wrote into the summary, and its errors."""
    block = blocks("yaml")[0]
    variables = dict(line.split(": ", 1) for line in indented(block, "env"))
    assert variables == {"BASE": "origin/${{ github.base_ref }}", "STUDY": NAME}
    variables["BASE"] = variables["BASE"].replace("${{ github.base_ref }}", base)
    variables["STUDY"] = study
    summary = project.folder.parent / "summary.md"
    done = project.sh("\n".join(indented(block, "run")), GITHUB_STEP_SUMMARY=str(summary), **variables)
    return done.returncode, summary.read_text() if summary.exists() else "", done.stderr


def test_the_workflow_passes_where_nothing_changed(branch: Project) -> None:
    code, summary, _ = recipe(branch)
    assert code == 0
    assert "the same runs on both sides" in summary


def test_the_workflow_fails_where_something_got_worse(branch: Project) -> None:
    branch.trained(NOISE, less=0.1)
    branch.built()
    branch.committed("Worse")
    code, summary, _ = recipe(branch)
    assert code == 1
    assert "**Worse: do not merge for validation accuracy. On average -10" in summary


def test_the_workflow_passes_where_only_noise_moved(branch: Project) -> None:
    branch.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    assert branch.sh(f"sweepbook diff HEAD~1:reports/{NAME} reports/{NAME} --fail-on worse").returncode == 3
    code, summary, _ = recipe(branch)
    assert code == 0
    assert re.search(r"\*\*(Cannot tell yet|No visible difference)", summary)


def test_the_workflow_passes_where_the_report_is_new(branch: Project) -> None:
    shutil.rmtree(branch.folder / "reports")
    branch.committed("Gone")
    branch.git("update-ref", "refs/remotes/origin/main", "HEAD")
    branch.built()
    assert recipe(branch)[:2] == (0, "There is no report on origin/main yet.\n")


def test_the_workflow_fails_where_the_base_branch_is_not_there(branch: Project) -> None:
    told = "There is no revision origin/mian to compare with. Was it fetched?\n"
    assert recipe(branch, base="mian") == (2, "", told)
    branch.git("update-ref", "-d", "refs/remotes/origin/main")
    assert recipe(branch)[:2] == (2, "")


def test_the_workflow_fails_where_neither_branch_has_the_report(branch: Project) -> None:
    told = "There is no reports/fashion/findings.json, neither on origin/main nor here. Is STUDY right?\n"
    assert recipe(branch, study="fashion") == (2, "", told)


def test_the_workflow_fails_where_the_report_is_gone(branch: Project) -> None:
    shutil.rmtree(branch.folder / "reports")
    branch.committed("Gone")
    code, summary, told = recipe(branch)
    assert (code, summary) == (2, "")
    assert f"reports/{NAME}: no such folder" in told


def test_the_workflow_fails_where_no_run_finished(branch: Project) -> None:
    for place in ("reports", f"modellogs/{NAME}"):
        shutil.rmtree(branch.folder / place)
    branch.built(3)
    code, summary, _ = recipe(branch)
    assert code == 3
    assert "Nothing can be compared" in summary


def test_the_workflow_fails_where_a_report_is_broken(branch: Project) -> None:
    (branch.folder / "reports" / NAME / "findings.json").write_text("{")
    code, summary, told = recipe(branch)
    assert (code, summary) == (2, "")
    assert f"sweepbook: reports/{NAME}/findings.json" in told


def test_the_workflow_is_well_formed() -> None:
    for block in blocks("yaml"):
        assert "\t" not in block
        assert all((len(line) - len(line.lstrip())) % 2 == 0 for line in block.splitlines())
    yaml = pytest.importorskip("yaml")
    workflow, step = (yaml.safe_load(block) for block in blocks("yaml"))
    steps = workflow["jobs"]["diff"]["steps"]
    assert [one.get("uses", "").partition("@")[0] for one in steps] == ["actions/checkout", "actions/setup-python", "", ""]
    assert steps[0]["with"] == {"fetch-depth": 0}
    assert steps[-1]["run"].splitlines() == indented(blocks("yaml")[0], "run")
    assert list(step[0]) == ["if", "env", "run"]


def test_the_answers_that_the_page_shows_are_those_of_the_committed_reports(monkeypatch, capsys, request):
    """With --renew-golden the page gets them."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(Path(__file__).parent.parent)
    assert main(["diff", "reports/fashion-mnist", "reports/fashion-mnist-weight-decay", "--top", "1"]) == 1
    shown = capsys.readouterr().out.partition("\n\n")[0]
    page = re.sub(r"^```text\n.*?^```", lambda _: f"```text\n{shown}\n```", PAGE, count=1, flags=re.DOTALL | re.MULTILINE)
    if request.config.getoption("renew_golden"):
        Path("docs/diff.md").write_text(page)
    assert Path("docs/diff.md").read_text() == page, "the answers have changed; if they should, run with --renew-golden"
    committed = Path("reports/fashion-mnist-weight-decay/diff.md").read_text().partition("<details>")[0]
    bold = re.findall(r"\*\*(.*?)\*\*", committed.replace("\\", ""))
    assert len(bold) >= 7
    assert [answer for answer in bold if answer not in " ".join(shown.split())] == []
