import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.curves import learning_curves
from sweepbook.analysis.journal import metrics as two_metrics
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.observations import lost_runs, stood_out
from sweepbook.analysis.journal.otherwise import disagreements, earlier
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = '[study]\ntitle = "T"\nmetric = "{}"\n[[group]]\nname = "all"\nwhere = {}\n'


@pytest.fixture
def told(tmp_path, log, run, plan):
    """The sweep and the findings of runs, each (settings, seed, metrics, series), ranked by `metric`."""

    def tell(metric, *runs, where="{}"):
        for i, (config, seed, metrics, series) in enumerate(runs):
            label = "-".join(map(str, config.values())) or f"version_{i}"
            path = log(tmp_path / "logs", f"r{i:02}", run(seed=seed, label=label, config=config, metrics=metrics, epochs=series))
            if not config:  # the writer leaves out an empty table, which a log has to have
                path.write_text(path.read_text().replace("[metrics]", "[config]\n[metrics]"))
        sweep = load_sweep(tmp_path / "logs")
        return sweep, findings(sweep, plan(tmp_path / "plan", PLAN.format(metric, where)))

    return tell


def runs_of(name, seeds=3, **values):
    """Runs of one configuration, each metric a thousandth apart from seed to seed."""
    return [({"arch": name}, seed, {key: value + seed / 1000 for key, value in values.items()}, {}) for seed in range(seeds)]


def test_a_metric_by_which_the_best_is_told_to_be_behind_is_said_once(told):
    both = [*runs_of("a", valid_accuracy=0.9, valid_loss=0.6), *runs_of("b", valid_accuracy=0.8, valid_loss=0.4)]
    _, found = told("valid_accuracy", *both)
    assert [(one.metric, one.best.label) for one in disagreements(found)] == [("valid_loss", "b")]
    assert answers(found)[0].why[-1] == "By validation loss another is better: b, 0.4010."


def test_two_metrics_with_another_best_have_a_figure_that_names_both(told):
    both = [*runs_of("a", valid_accuracy=0.9, valid_loss=0.6), *runs_of("b", valid_accuracy=0.8, valid_loss=0.4)]
    (picture,) = two_metrics.metrics(told("valid_accuracy", *both)[1])
    assert picture.name == "overall--metrics"
    assert picture.alt == (
        "Validation accuracy against validation loss: a (90.10% and 0.6010) is the best by validation accuracy, "
        "b (80.10% and 0.4010) by validation loss."
    )
    assert [(picture.marks[i].label, picture.marks[i].x) for i in picture.front] == [("a", 0.601), ("b", 0.401)]
    assert "validation loss (lower is better)" in picture.caption


def test_two_metrics_that_agree_have_no_figure(told):
    both = [*runs_of("a", valid_accuracy=0.9, valid_loss=0.4), *runs_of("b", valid_accuracy=0.8, valid_loss=0.6)]
    assert two_metrics.metrics(told("valid_accuracy", *both)[1]) == []


def test_orders_that_noise_explains_or_that_agree_are_no_disagreement(told):
    near = [*runs_of("a", valid_accuracy=0.9, valid_loss=0.401), *runs_of("b", valid_accuracy=0.8, valid_loss=0.4)]
    assert disagreements(told("valid_accuracy", *near)[1]) == ()


def test_the_loss_in_training_chooses_nothing_and_an_unknown_way_is_none(told):
    both = [*runs_of("a", valid_accuracy=0.9, train_loss=0.6, aux=1.0), *runs_of("b", valid_accuracy=0.8, train_loss=0.1, aux=2.0)]
    assert disagreements(told("valid_accuracy", *both)[1]) == ()


def seeds_of(curve, metric, last=None, seeds=3):
    """Runs of one configuration with one curve, a hundredth apart from seed to seed."""
    runs = []
    for seed in range(seeds):
        series = [value + seed / 100 for value in curve]
        runs.append(({"arch": "a"}, seed, {metric: series[-1] if last is None else last + seed / 100}, {metric: series}))
    return runs


def in_training(sweep, found):
    """What stood out in training, by kind, in the only group."""
    return dict(stood_out(found.groups[0], found, learning_curves(sweep, found.ranking), lost_runs(sweep)))


def of_one(sweep, found):
    (summary,) = found.ranking
    return earlier(summary, learning_curves(sweep, found.ranking).get(summary.id), found)


def test_an_epoch_that_was_clearly_better_than_the_last_one_is_said(told):
    one = of_one(*told("valid_loss", *seeds_of([10.0, 4.0, 10.0], "valid_loss")))
    assert (one.epoch, one.value, one.last) == (2, pytest.approx(4.01), pytest.approx(10.01))
    assert in_training(*told("valid_loss", *seeds_of([10.0, 4.0, 10.0], "valid_loss")))["Better before the end"] == (
        "a after epoch 2 (4.010, in the end 10.010)."
    )


def test_of_a_score_the_better_epoch_is_the_higher_one(told):
    assert of_one(*told("valid_accuracy", *seeds_of([0.5, 0.9, 0.6], "valid_accuracy"))).epoch == 2
    assert of_one(*told("valid_accuracy", *seeds_of([0.5, 0.6, 0.9], "valid_accuracy"))) is None


def test_an_epoch_that_was_better_by_noise_is_not_said(told):
    assert of_one(*told("valid_loss", *seeds_of([5.0, 4.01, 4.02, 4.0, 4.01], "valid_loss"))) is None


def test_scores_of_a_restored_epoch_are_not_those_of_the_last_one(told):
    assert of_one(*told("valid_loss", *seeds_of([10.0, 4.0, 10.0], "valid_loss", last=4.0))) is None


def test_of_a_long_run_a_stretch_is_told(told):
    curve = [abs(i - 100) / 10 + 1 for i in range(300)]
    one = of_one(*told("valid_loss", *seeds_of(curve, "valid_loss")))
    assert one.stretch == 8
    assert abs(one.epoch - 100) <= 8
    seen = in_training(*told("valid_loss", *seeds_of(curve, "valid_loss")))["Better before the end"]
    assert seen.startswith(f"a around epoch {one.epoch} (")


def test_runs_that_record_no_setting_are_said_to_leave_nothing_to_compare(told):
    runs = [({}, seed, {"valid_accuracy": 0.3 * (1 + seed % 3)}, {}) for seed in range(6)]
    _, found = told("valid_accuracy", *runs)
    assert answers(found)[0].says == "Nothing to choose: no log records a setting, so all 6 runs are of one configuration."


def test_runs_of_no_group_are_not_said_not_to_have_finished(told):
    _, found = told("valid_accuracy", *runs_of("a", valid_accuracy=0.9), where='{ arch = "b" }')
    assert [answer.says for answer in answers(found)] == [
        "3 runs finished, none of them of a configuration in a group of the plan, so there is nothing to compare."
    ]
