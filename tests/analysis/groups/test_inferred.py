"""A plan out of run logs alone: what they are ranked by, tasks, and the text that reads back as the same groups."""

import random

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.inferred import configurations, inferred_study, studies, usual_metric
from sweepbook.analysis.groups.members import members_of
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.plantext import plan_text

BASE = {"lr": 0.01, "bs": 64, "opt": "adam"}
R = random.Random(3)
SHAPES = {
    "star": [BASE, {**BASE, "lr": 0.1}, {**BASE, "lr": 1e-5}, {**BASE, "bs": 32}, {**BASE, "bs": 128}, {**BASE, "opt": "sgd"}],
    "grid": [{"a.b": a, "c d": c} for a in (1, 2) for c in ('"x"', "ü\\n")],
    "lists": [{"hidden": h, "lr": lr, "on": on} for h in ([64], [64, 32]) for lr in (0.1, 0.2) for on in (True, False)],
    "search": [{"lr": R.random(), "wd": R.random()} for _ in range(12)],
    "blocks": [{"m": m, k: i, "lr": lr} for m, k in (("svm", "C"), ("xgb", "eta")) for i in (1, 2) for lr in (0.1, 0.3)],
    "tasks": [{"env": e, "lr": lr, "bs": bs} for e in ("Pole", "Moon") for lr in (0.1, 0.2) for bs in (1, 2)],
    "one": [{"lr": 0.1}],
}


@pytest.fixture
def swept(tmp_path, log, run):
    """The sweep of two runs of each configuration, in a folder called `logs`."""

    def made(configs, metrics=("valid_accuracy",), seeds=2):
        for i, config in enumerate(configs):
            for seed in range(seeds):
                scores = dict.fromkeys(metrics, 0.5 + 0.01 * i + 0.003 * seed)
                log(tmp_path / "logs", f"r{i}-{seed}", run(config=config, seed=seed, label=f"c{i}", metrics=scores))
        return load_sweep(tmp_path / "logs")

    return made


def chosen(study, sweep):
    """The configurations of each group."""
    logged = {ident: (ident, config) for ident, config in configurations(sweep).items()}
    return {group.name: {member.id for member in members_of(group, logged)} for group in study.groups}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_text_of_a_plan_reads_back_as_the_same_groups(shape, swept, tmp_path):
    sweep = swept(SHAPES[shape])
    for number, study in enumerate(studies(tmp_path / "logs", sweep, "valid_accuracy", None)):
        path = tmp_path / f"{number}.toml"
        path.write_text(plan_text(study, "logs", "A comment\nin two lines"))
        read = load_study(path)
        assert chosen(read, sweep) == chosen(study, sweep)
        assert read.baseline == study.baseline
        assert (read.metric, read.goal, read.logs) == (study.metric, study.goal, tmp_path / "logs")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_configuration_is_in_a_group(shape, swept, tmp_path):
    sweep = swept(SHAPES[shape])
    study = inferred_study(tmp_path / "logs", sweep, "valid_accuracy", None)
    assert set().union(*chosen(study, sweep).values()) == set(configurations(sweep))


@pytest.mark.parametrize(
    ("metrics", "first"),
    [
        (("valid_accuracy", "valid_loss", "test_accuracy"), "valid_accuracy"),
        (("valid_loss", "valid_f1"), "valid_loss"),
        (("valid_f1", "valid_mse", "accuracy"), "valid_f1"),
        (("accuracy", "f1", "loss"), "accuracy"),
        (("test_accuracy", "train_accuracy"), "test_accuracy"),
        (("mean_reward", "std_reward", "timesteps"), "mean_reward"),
        (("train_loss", "fit_time_sec"), "train_loss"),
        (("anything",), "anything"),
        (("score_std", "score", "score_stderr"), "score"),
        (("accuracy", "accuracy_std"), "accuracy"),
        (("test/accuracy", "train/loss"), "train/loss"),
        (("test/accuracy", "test/std"), "test/accuracy"),
    ],
)
def test_what_runs_are_ranked_by(metrics, first, swept):
    assert usual_metric("logs", swept([{"lr": 0.1}], metrics), None) == first


def test_of_several_metrics_that_are_equally_good_one_is_asked_for(swept):
    with pytest.raises(SweepbookError, match="logs f1, precision; name the one to compare by with --metric"):
        usual_metric("logs", swept([{"lr": 0.1}], ("f1", "precision", "loss")), None)


def test_each_task_has_its_own_recommendation(swept, tmp_path):
    sweep = swept(SHAPES["tasks"])
    study = inferred_study(tmp_path / "logs", sweep, "valid_accuracy", None)
    assert [group.name for group in study.groups] == ["Moon", "Pole"]
    says = answers(findings(sweep, study))[0].says
    assert says.startswith("Use for env Moon: ")
    assert "; env Pole: " in says


def test_a_recommendation_says_its_task_once(swept, tmp_path):
    sweep = swept(SHAPES["tasks"])
    study = inferred_study(tmp_path / "logs", sweep, "valid_accuracy", None)
    says = answers(findings(sweep, study))[0].says
    assert says.count("Moon") == says.count("Pole") == 1
    assert "env Moon: learning rate 0.2, bs 2 (" in says


def test_runs_of_another_task_are_no_problem_of_a_plan_for_one(swept, tmp_path):
    sweep = swept(SHAPES["tasks"])
    one, _ = studies(tmp_path / "logs", sweep, "valid_accuracy", None)
    assert findings(sweep, one).problems == ()


def test_init_writes_a_plan_that_shows_the_groups_and_never_writes_over_it(swept, tmp_path, monkeypatch, capsys):
    swept(SHAPES["star"])
    monkeypatch.chdir(tmp_path)
    assert main(["init", "logs"]) == 0
    told = capsys.readouterr().out
    assert "studies/logs/study.toml: wrote 3 groups, ranked by valid_accuracy" in told
    assert told.endswith("next: sweepbook build studies/logs\n")
    assert main(["show", "studies/logs", "lr"]) == 0
    before = (tmp_path / "studies/logs/study.toml").read_bytes()
    assert main(["init", "logs"]) == 2
    assert "is there already; name another folder with --out" in capsys.readouterr().err
    assert (tmp_path / "studies/logs/study.toml").read_bytes() == before


def test_init_writes_a_plan_for_each_task(swept, tmp_path, monkeypatch):
    swept(SHAPES["tasks"])
    monkeypatch.chdir(tmp_path)
    assert main(["init", "logs", "--out", "plans"]) == 0
    assert sorted(path.parent.name for path in (tmp_path / "plans").rglob("study.toml")) == ["logs-Moon", "logs-Pole"]
