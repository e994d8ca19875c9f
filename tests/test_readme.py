"""The commands of the README, run as a newcomer would, in a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sweepbook.analysis.cli.demo import STUDY
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, Run, read_run

pytestmark = pytest.mark.training

ROOT = Path(__file__).parent.parent
COMMANDS, CODE, PLANS = (
    re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    for language in ("sh", "python", "toml")
)
LINES = [line for block in COMMANDS for line in block.splitlines()]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git tracks or would track, copied elsewhere; the study on real images cut down to what a test can wait for."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith("reports/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    plan = copy / "studies" / "fashion-mnist" / "study.toml"
    short = re.sub(r"(?m)^seeds\s*=.*", "seeds = [0]", plan.read_text())
    plan.write_text(re.sub(r"(?m)^(train|valid)_steps\s*=.*", r"\1_steps = 2", short))
    write_plan(copy)
    return copy


def write_plan(folder: Path) -> None:
    """The plan that the README shows, where it says that it goes."""
    (folder / "studies" / "mine").mkdir(parents=True)
    (folder / "studies" / "mine" / "study.toml").write_text(PLANS[0])


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line of the README in `folder`, outside this test's own environment."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return subprocess.run(command, shell=True, cwd=folder, env=kept, capture_output=True, text=True, check=False)


def ends_well(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line of the README, which must come to a good end."""
    done = run(command, folder)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def logged(folder: Path) -> dict[str, Run]:
    """The runs of the demo that are logged in `folder`, by the names of their folders."""
    return {path.parent.name: read_run(path) for path in (folder / "modellogs" / "demo").glob(f"*/{FILE}")}


def commit(folder: Path) -> None:
    """Makes `folder` a git repository with everything in it that is not ignored in one commit."""
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "The report")):
        subprocess.run(["git", *identity, *command], cwd=folder, capture_output=True, check=True)


def test_the_readme_gives_two_commands_for_a_fresh_machine() -> None:
    assert LINES[:2] == [
        "python3 -m venv .venv && .venv/bin/pip install '.[train]' && .venv/bin/sweepbook demo",
        "python3 -m venv .venv && .venv/bin/pip install tox && .venv/bin/tox",
    ]


def test_the_readme_says_what_the_gigabytes_are_and_how_a_machine_without_a_gpu_and_a_reader_of_logs_do_without() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    assert "about 5 GB. Nearly all of that is CUDA" in text
    assert "pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu" in text
    assert "Reports need neither torch nor CUDA: without `[train]`" in text


def share_libraries(folder: Path) -> None:
    """Lets the virtual environment `folder` see the libraries of the one that runs this test: what pip finds there it takes for
    installed, so that torch's gigabytes come once."""
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "shared.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")


def test_the_first_command_sets_up_trains_its_study_and_builds_its_journal(checkout: Path, tmp_path: Path) -> None:
    """One test, for training takes longest: the command, the same again, and in another folder with two logs missing."""
    create, install, demo = LINES[0].split(" && ")
    ends_well(create.replace("python3", sys.executable), checkout)
    share_libraries(checkout / ".venv")
    ends_well(install, checkout)
    done = ends_well(demo, checkout)
    page = Path(done.stdout.splitlines()[-1].removeprefix("Open "))
    assert page == checkout / "reports" / "demo" / "journal.html"
    assert page.read_text().startswith("<!doctype html>")
    runs = logged(checkout)
    count = len(load_study(STUDY).runs)
    assert len(runs) == count == 60
    assert {run.status for run in runs.values()} == {"finished"}
    assert sum("test_accuracy" in run.metrics for run in runs.values()) == 3
    assert f"[{count}/{count}] " in done.stderr
    text = page.with_suffix(".md").read_text()
    assert f", {count} runs (the same 3 seeds each) · " in text
    assert "% on the test images" in text

    again = ends_well(demo, checkout)
    assert again.stderr == ""
    assert again.stdout.startswith("reports/demo: nothing has changed\n")

    shutil.copytree(checkout / "modellogs", tmp_path / "modellogs")
    for name in sorted(runs)[:2]:
        shutil.rmtree(tmp_path / "modellogs" / "demo" / name)
    elsewhere = ends_well(f"{checkout}/{demo}", tmp_path)
    assert elsewhere.stdout.splitlines()[-2].startswith("The plan is studies/demo/study.toml: edit it as you like")
    assert "sweepbook run studies/demo" in (tmp_path / "reports" / "demo" / "journal.md").read_text()
    assert len(load_study(tmp_path / "studies" / "demo").runs) == count
    assert elsewhere.stdout.splitlines()[-1] == f"Open {tmp_path}/reports/demo/journal.html"
    assert "[2/2] " in elsewhere.stderr
    assert Counter((run.label, run.seed) for run in logged(tmp_path).values()) == Counter((r.label, r.seed) for r in runs.values())


@pytest.mark.skipif(not Path("/usr/share/datasets/fashion-mnist").is_dir(), reason="Fashion-MNIST is not installed")
def test_every_further_command_runs(checkout: Path) -> None:
    installed = Path(sys.executable).parent / "sweepbook"
    for code in CODE:
        done = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{code}\n{done.stderr}"
    for line in LINES[2:]:
        if " diff " in line:
            commit(checkout)
        ends_well(line.replace(".venv/bin/sweepbook", str(installed)), checkout)
    assert (checkout / "reports" / "fashion-mnist" / "journal.html").is_file()
