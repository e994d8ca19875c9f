"""The README's way in for runs that one has: a table that is read as it is, a plan, a journal, and a loop that records. None needs
torch."""

import json
import re
import shutil
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BOOK, LOOP = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
(ANSWERS,) = re.findall(r"^```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
(PLAN,) = re.findall(r"^```toml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the table of results and the plan of the README."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "140")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "results.csv", tmp_path / "docs" / "results.csv")
    (tmp_path / "studies" / "mine").mkdir(parents=True)
    (tmp_path / "studies" / "mine" / "study.toml").write_text(PLAN)
    return tmp_path


def ran(code: str) -> dict[str, object]:
    """The names that a block of the README leaves behind."""
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    return names


def test_a_loop_of_ones_own_writes_a_log_a_seed(folder: Path) -> None:
    ran(LOOP)
    assert len(list((folder / "modellogs" / "loop").glob("*/run.toml"))) == 3


def test_the_readme_shows_the_answers_that_build_and_show_print(
    folder: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    printed = {}
    for command in ("build", "show"):
        assert main([command, "studies/mine"]) == 0
        printed[command] = "".join(re.findall(r"^(?:What|Were|How) .*\?  .*\n", capsys.readouterr().out, re.MULTILINE))
    if request.config.getoption("renew_golden"):
        (ROOT / "README.md").write_text(README.replace(ANSWERS, printed["build"]))
    else:
        assert printed["build"] == ANSWERS, "the answers changed: run this test with --renew-golden"
    assert printed["show"] == printed["build"]


def test_a_table_of_results_becomes_a_journal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "studies/mine"]) == 0
    capsys.readouterr()
    report = folder / "reports" / "mine"
    written = {path.name for path in report.iterdir()}
    assert {"journal.html", "journal.md", "findings.json", "runs.csv", "figures"} <= written
    findings = json.loads((report / "findings.json").read_text())
    assert [(one["says"], one["verdict"]) for one in findings["groups"][0]["predictions"]] == [
        ("0.01 beats 0.001", "confirmed"),
        ("More dropout helps", "cannot tell"),
    ]
    assert [check["code"] for check in findings["checks"]] == []
    assert len(ran(BOOK)["book"].ranking()) == 8  # type: ignore[attr-defined]


def test_a_table_needs_no_plan_and_one_can_be_made_from_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = "docs/results.csv"
    for command in ([table], ["build", table], ["init", table], ["build", "studies/results"]):
        assert main(command) == 0
    told = capsys.readouterr()
    assert "Runs: table (24 runs); 24 finished." in told.out
    assert told.out.count("Use learning rate 0.01, dropout 0.1") == 2
    assert "studies/results/study.toml: wrote 1 group" in told.out


def test_one_seed_alone_decides_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = folder / "docs" / "results.csv"
    table.write_text("".join(line for line in table.read_text().splitlines(keepends=True) if line.split(",")[2] in ("seed", "0")))
    assert main(["build", "studies/mine"]) == 0
    capsys.readouterr()
    findings = json.loads((folder / "reports" / "mine" / "findings.json").read_text())
    assert {one["verdict"] for one in findings["groups"][0]["predictions"]} == {"cannot tell"}
    assert findings["noise"] == {}
