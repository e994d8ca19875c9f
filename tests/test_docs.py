"""What docs/ shows is true: its plans load, its logs are read, its keys are those that the program writes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runner.plan import load_study
from runner.runlog import parse_run

ROOT = Path(__file__).parent.parent


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of one language in a page of docs/."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs" / page).read_text(), re.DOTALL | re.MULTILINE)


PLANS = [block for block in blocks("plan.md", "toml") if block.lstrip().startswith("[study]")]
LOGS = [block for block in blocks("runlog.md", "toml") if block.lstrip().startswith("schema")]


@pytest.mark.parametrize("text", PLANS)
def test_every_whole_plan_in_the_docs_loads(text: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(text)
    assert load_study(tmp_path).groups


@pytest.mark.parametrize("text", LOGS)
def test_every_whole_log_in_the_docs_is_read(text: str) -> None:
    assert parse_run(text).label


def test_the_docs_show_plans_and_logs_at_all() -> None:
    assert PLANS
    assert len(LOGS) >= 2


def test_findings_md_names_every_key_that_a_report_has() -> None:
    page = (ROOT / "docs" / "findings.md").read_text()
    document = json.loads((ROOT / "reports" / "fashion-mnist" / "findings.json").read_text())
    entries = [document, document["configs"][0], document["groups"][0], document["groups"][0]["predictions"][0]]
    keys = {key for entry in entries for key in entry} | set(document["runs"]) | set(document["configs"][0]["metrics"]["gap"])
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", page)] == []


def test_the_fashion_mnist_plan_has_61_labels_on_56_configurations() -> None:
    study = load_study(ROOT / "studies" / "fashion-mnist")
    assert [group.name for group in study.groups] == ["epochs", "units", "batch_size", "depth", "lr", "optimizer", "combined"]
    assert sum(len(group.members) for group in study.groups) == 61
    assert len(study.labels) == 56
    assert len(study.runs) == 168


def test_the_loading_benchmark_runs(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "loading.py", "--logs", "20", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "times as fast as the plain script" in done.stdout, done.stderr
