"""What `import sweepbook` offers: frames for a notebook, a log for any training script, and no heavy import before it is needed."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sweepbook.runner.runlog import read_run

import sweepbook

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCKS = re.findall(r"^```python\n(.*?)^```", (DOCS / "python.md").read_text(), re.DOTALL | re.MULTILINE)
PLAN = """
[study]
title = "T"
metric = "valid_accuracy"
goal = "maximize"
seeds = [0, 1, 2]
[[group]]
name = "lr"
where = {}
[[group.prediction]]
says = "0.1 beats 0.01"
better = { lr = 0.1 }
than = { lr = 0.01 }
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of two rates with three seeds each, logged by `record`, with its plan."""
    for lr, score in ((0.1, 0.9), (0.01, 0.8)):
        for seed in (0, 1, 2):
            with sweepbook.record({"lr": lr}, seed=seed, study="t") as run:
                run.log(valid_accuracy=score - 0.1, valid_loss=0.5, train_loss=0.5)
                run.log(valid_accuracy=score + seed / 100, valid_loss=0.4, train_loss=0.3)
    place = tmp_path / "studies" / "t"
    place.mkdir(parents=True)
    (place / "study.toml").write_text(PLAN)
    return place


def only_log(logs: Path) -> Path:
    (log,) = logs.glob("*/run.toml")
    return log


def test_importing_sweepbook_imports_neither_pandas_nor_torch():
    code = "import sys, sweepbook; sweepbook.record; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "numpy", "torch", "matplotlib"} & set(loaded)


def test_every_public_name_is_there_and_has_a_docstring():
    for name in sweepbook.__all__:
        assert getattr(sweepbook, name).__doc__
    assert set(sweepbook.__all__) <= set(dir(sweepbook))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        sweepbook.raed  # noqa: B018


def test_a_study_is_read_as_frames(study):
    book = sweepbook.read(study)
    ranking = book.ranking()
    assert list(ranking.columns) == ["label", "n", "mean", "low", "high", "tier", "parameters", "seconds", "lr"]
    assert ranking["mean"].round(6).tolist() == [0.91, 0.81]
    assert ranking["tier"].tolist() == [1, 2]
    assert book.ranking("valid_loss")["mean"].tolist() == [0.4, 0.4]
    assert book.group("lr")["lr"].tolist() == [0.1, 0.01]
    noise = book.noise()
    assert list(noise.columns) == ["label", "n", "sd", "mu", "v", "df", "outlying", "ranked"]
    assert noise["ranked"].tolist() == [True, True]
    assert book.noise("valid_loss")["ranked"].isna().all()
    assert book.predictions()["verdict"].tolist() == ["confirmed"]
    assert book.effects()["factor"].tolist() == ["lr"]
    assert len(book.runs) == 6
    assert book.epochs.groupby("log")["epoch"].max().tolist() == [2] * 6
    assert book.problems.empty
    assert book.figure("lr").axes


def test_a_report_gives_the_same_frames_as_its_study(study, capsys):
    from sweepbook.analysis.cli.main import main

    assert main(["build", str(study)]) == 0
    capsys.readouterr()
    book, report = sweepbook.read(study), sweepbook.read("reports/t")
    for name in ("ranking", "noise", "predictions", "checks", "effects"):
        assert getattr(book, name)().equals(getattr(report, name)()), name
    assert book.runs.equals(report.runs)
    assert book.group("lr").equals(report.group("lr"))


def test_a_report_says_that_it_has_no_epochs_and_no_figures(study, capsys):
    from sweepbook.analysis.cli.main import main

    main(["build", str(study)])
    capsys.readouterr()
    report = sweepbook.read("reports/t")
    with pytest.raises(sweepbook.SweepbookError, match="a report has no epochs"):
        report.epochs  # noqa: B018
    with pytest.raises(sweepbook.SweepbookError, match="read its study or its run logs"):
        report.figure("lr")


def test_a_folder_of_logs_is_read_without_a_plan(study):
    (study / "study.toml").unlink()
    assert sweepbook.read("modellogs/t").ranking()["lr"].tolist() == [0.1, 0.01]


def test_an_unknown_group_and_figure_are_errors_that_tell_the_nearest(study):
    book = sweepbook.read(study)
    with pytest.raises(sweepbook.SweepbookError, match='no group of t; did you mean "lr"'):
        book.group("lrs")
    with pytest.raises(sweepbook.SweepbookError, match='no figure "lrs"; did you mean "lr"'):
        book.figure("lrs")


def test_a_book_shows_its_lead_in_a_notebook_and_not_the_whole_page(study):
    html = sweepbook.read(study)._repr_html_()
    assert "<strong>t</strong>" in html
    assert "0.91" in html
    assert len(html) < 10_000


def test_text_from_logs_is_escaped_in_a_notebook(study):
    with sweepbook.record({"lr": 0.5}, study="t", label="<script>alert(1)</script>") as run:
        run.log(valid_accuracy=0.99)
    assert "<script" not in sweepbook.read(study)._repr_html_()


def test_two_sweeps_are_compared_as_frames(study):
    change = sweepbook.diff("modellogs/t", "modellogs/t")
    assert change.comparisons["verdict"].unique().tolist() == ["same"]
    assert change.overall["difference"].tolist() == [0.0] * len(change.overall)
    assert change.turned.empty
    assert change.answer in change._repr_html_()


def test_a_recorded_run_has_its_settings_metrics_and_epochs(tmp_path):
    with sweepbook.record({"lr": 0.1, "betas": (0.9, 0.99), "path": Path("x"), "none": None}, seed=3, logs=tmp_path / "l") as run:
        assert read_run(only_log(tmp_path / "l")).status == "running"
        run.log(train_loss=0.5)
        assert read_run(only_log(tmp_path / "l")).epochs == {"train_loss": [0.5]}
        run.log(train_loss=0.4, valid_loss=0.6)
    log = read_run(only_log(tmp_path / "l"))
    assert (log.status, log.seed, log.config) == ("finished", 3, {"lr": 0.1, "betas": [0.9, 0.99], "path": "x"})
    assert log.metrics == {"train_loss": 0.4, "valid_loss": 0.6}
    assert math.isnan(log.epochs["valid_loss"][0])


def test_names_that_toml_must_quote_are_recorded(tmp_path):
    with sweepbook.record({"opt/lr": 0.1}, logs=tmp_path / "l") as run:
        run.log(**{"val/acc@1": 0.5})
    log = read_run(only_log(tmp_path / "l"))
    assert log.config == {"opt/lr": 0.1}
    assert log.epochs == {"val/acc@1": [0.5]}


ENDINGS = [(ValueError("no"), "failed", "ValueError: no"), (KeyboardInterrupt(), "interrupted", None)]


def log_and_raise(logs, error):
    with sweepbook.record({"lr": 0.1}, logs=logs) as run:
        run.log(train_loss=0.5)
        raise error


@pytest.mark.parametrize(("error", "status", "told"), ENDINGS)
def test_a_run_that_ends_badly_says_how(tmp_path, error, status, told):
    with pytest.raises(type(error)):
        log_and_raise(tmp_path / "l", error)
    log = read_run(only_log(tmp_path / "l"))
    assert (log.status, log.error) == (status, told)


def test_a_run_whose_last_loss_is_not_finite_has_diverged(tmp_path):
    with sweepbook.record({"lr": 9.0}, logs=tmp_path / "l") as run:
        run.log(train_loss=math.nan)
    assert read_run(only_log(tmp_path / "l")).status == "diverged"


def test_a_run_without_metrics_has_failed(tmp_path):
    with sweepbook.record({"lr": 9.0}, logs=tmp_path / "l"):
        pass
    log = read_run(only_log(tmp_path / "l"))
    assert (log.status, log.error) == ("failed", "no metric was logged")


def test_what_is_no_setting_and_no_number_is_an_error(tmp_path):
    with pytest.raises(sweepbook.SweepbookError, match="setting f ="), sweepbook.record({"f": object()}, logs=tmp_path / "l"):
        pass
    with pytest.raises(sweepbook.SweepbookError, match="metric loss ="), sweepbook.record({}, logs=tmp_path / "l") as run:
        run.log(loss="high")


def test_numpy_and_torch_scalars_are_recorded(tmp_path):
    numpy = pytest.importorskip("numpy")
    with sweepbook.record({"lr": numpy.float64(0.1), "n": numpy.int64(3)}, logs=tmp_path / "l") as run:
        run.log(train_loss=numpy.float32(0.5))
    log = read_run(only_log(tmp_path / "l"))
    assert (log.config, log.metrics) == ({"lr": 0.1, "n": 3}, {"train_loss": 0.5})


def test_the_examples_of_the_docs_run(capsys):
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(compile(block, "python.md", "exec"), names)
    assert "is no group of mnist; known: all" in capsys.readouterr().out
    assert Path("all.png").stat().st_size > 1000


@pytest.mark.slow
def test_the_notebook_in_the_docs_runs_and_shows_what_it_found():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(DOCS / "python.ipynb", as_version=4)
    done = nbclient.NotebookClient(notebook, timeout=120).execute()
    shown = [output.get("data", {}) for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    assert any("What should I use? Use learning rate 0.0" in page and "How sure?" in page for page in pages), pages
    assert any("image/png" in data or "image/svg+xml" in data for data in shown)


def test_the_notebook_is_committed_without_outputs():
    cells = json.loads((DOCS / "python.ipynb").read_text())["cells"]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
