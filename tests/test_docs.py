"""What docs/ shows is true: its plans load, its logs are read, its keys are those that the program writes."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, Run, parse_run

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
    noise, effect = document["noise"]["valid_accuracy"], document["effects"][0]
    entries = [document, noise, effect, document["configs"][0], document["groups"][0], document["groups"][0]["predictions"][0]]
    keys = {key for entry in entries for key in entry} | set(document["runs"]) | set(document["configs"][0]["metrics"]["gap"])
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", page)] == []


def test_the_fashion_mnist_plan_has_61_labels_on_56_configurations() -> None:
    study = load_study(ROOT / "studies" / "fashion-mnist")
    assert [group.name for group in study.groups] == ["epochs", "units", "batch_size", "depth", "lr", "optimizer", "combined"]
    assert sum(len(group.members) for group in study.groups) == 61
    assert len(study.labels) == 56
    assert len(study.runs) == 168


@pytest.mark.slow
def test_the_loading_benchmark_runs(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "loading.py", "--logs", "20", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "times as fast as the plain script" in done.stdout, done.stderr


@pytest.mark.slow
def test_the_template_in_the_docs_makes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweepbook.analysis.cli.main import main

    (template,) = blocks("templates.md", "jinja")
    (command,) = [line.split() for line in blocks("templates.md", "sh")[0].splitlines()]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "journal.md.j2").write_text(template)
    shutil.copytree(
        ROOT / "studies" / "fashion-mnist", tmp_path / "studies" / "fashion-mnist", ignore=shutil.ignore_patterns("notes.md")
    )
    logs = tmp_path / "modellogs" / "fashion-mnist"
    study = load_study(tmp_path / "studies" / "fashion-mnist")
    for run in study.runs[:4]:
        metrics = {"valid_accuracy": 0.8 + run.seed / 100, "valid_loss": 0.5, "train_loss": 0.4}
        log = Run(run.label, study.name, run.seed, "finished", datetime(2026, 3, 1, tzinfo=UTC), 1.0, run.config, metrics=metrics)
        (logs / f"{run.label}-{run.seed}").mkdir(parents=True)
        (logs / f"{run.label}-{run.seed}" / FILE).write_text(to_toml(log))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert main(command[1:]) == 0
    page = (tmp_path / "reports" / "fashion-mnist" / "journal.md").read_text()
    assert page.startswith(f"# {study.title}\n\n- What should I use? ")
    assert "| configuration | score |" in page
    assert "**How long should training last?**" in page


def test_the_glossary_explains_each_word_once_and_in_one_short_sentence() -> None:
    lines = [line for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("**")]
    entries = [re.fullmatch(r"\*\*([^*]+)\*\*: ([A-Z][^.]*(?:\.\d[^.]*)*\.)", line) for line in lines]
    assert [line for line, entry in zip(lines, entries, strict=True) if entry is None] == []
    words = [entry[1] for entry in entries if entry]
    assert len(words) == len(set(words)) > 40
    assert [entry[1] for entry in entries if entry and len(entry[2].split()) > 25] == []


def test_the_citation_is_of_the_version_and_under_the_licence_of_the_package() -> None:
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["authors"] == [{"name": "The Sweepbook authors"}]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["abstract"].rstrip(".") == project["description"]


PROSE = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *sorted((ROOT / "docs").rglob("*.md"))]
HOUSE_WORDS = r"\b(told|tells?|telling|turned|stands?|stood|only store of record|noise ruler|held against)\b"


def written(page: Path) -> str:
    """What a page says in its own words: without code, the keys of a table, quoted output and the state that is called "cannot
    tell"."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ {4}.*$|^\| [a-z_, ]+ \||`[^`]*`|\"[^\"\n]*\"|\]\([^)]*\)|\(default: \w+\)", "", text, flags=re.MULTILINE)
    return re.sub(r"cannot tell( yet)?\b", "", text)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_docs_do_without_the_words_that_only_the_house_knows(page: Path) -> None:
    assert [line.strip() for line in written(page).splitlines() if re.search(HOUSE_WORDS, line)] == []


PLAIN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"] + [
    ROOT / "docs" / f"{name}.md" for name in ("README", "calibration", "commands", "gallery", "python", "verdicts")
]


def sentences(page: Path) -> list[str]:
    """The sentences of a page, without its code, its tables, its headings and where its links lead."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(?:\|| {4}|#).*$", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return [" ".join(one.split()) for one in re.split(r"(?<=[.?!:;])(?:\*\*|\))?\s+|\n\s*\n|\n *- ", text)]


@pytest.mark.parametrize("page", PLAIN, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_sentence_of_the_docs_has_at_most_25_words(page: Path) -> None:
    assert [one for one in sentences(page) if len(one.split()) > 25] == []
