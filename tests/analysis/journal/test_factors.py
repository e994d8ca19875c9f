import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.factors import MOST, factors, widest
from sweepbook.analysis.logs.sweep import load_sweep

GROUP = '[[group]]\nname = "{}"\nwhere = {{ {} }}\n'
HEAD = '[study]\ntitle = "T"\nmetric = "{}"\n'


@pytest.fixture
def found(tmp_path, log, run, plan):
    """The findings of one group a factor: `levels` has the score of each level, by factor; the first one is the baseline's."""

    def find(levels, metric="valid_accuracy", scatter=(-0.002, 0.0, 0.002)):
        baseline = {name: next(iter(own)) for name, own in levels.items()}
        made = {}
        for name, own in levels.items():
            for level, score in own.items():
                made[tuple({**baseline, name: level}.items())] = score
        for i, (config, score) in enumerate(made.items()):
            for seed, off in enumerate(scatter):
                metrics = {metric: score + off}
                log(tmp_path / "logs", f"r{i:03}-{seed}", run(seed=seed, label=f"c{i}", config=dict(config), metrics=metrics))
        text = HEAD.format(metric)
        for name in levels:
            text += GROUP.format(name, ", ".join(f'{key} = "{level}"' for key, level in baseline.items() if key != name))
        return findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "plan", text))

    return find


LEVELS = {
    "lr": {"0.1": 0.8, "0.01": 0.82, "0.001": 0.85},
    "opt": {"a": 0.8, "SGD": 0.2, "b": 0.81},
    "depth": {"1": 0.8, "2": 0.8005},
}


def test_the_widest_factor_comes_first_and_one_without_a_visible_difference_last(found):
    (picture,) = factors(found(LEVELS), 0.5)
    assert [reach.name for reach in picture.reaches] == ["opt", "learning rate", "depth"]
    assert [reach.seen for reach in picture.reaches] == [True, True, False]
    assert [reach.group for reach in picture.reaches] == ["opt", "lr", "depth"]


def test_the_numbers_of_a_line_are_those_of_its_effect(found):
    """Read back from what is drawn: the range, what is left without the worst level, what could hide."""
    findings = found(LEVELS)
    (picture,) = factors(findings, 0.5)
    effects = {e.factor: e for e in findings.effects}
    opt, lr, depth = picture.reaches
    assert (opt.size, opt.beside) == ("61.0 points", "1.0 without SGD")
    assert (lr.size, lr.beside) == ("5.0 points", "3.0 without 0.1")
    assert (depth.size, depth.beside) == ("no visible difference", f"up to {100 * effects['depth'].range.high:.1f} could hide")
    assert [rung.text for rung in lr.rungs] == ["0.1", "0.01", "0.001"]
    assert [rung.away for rung in lr.rungs] == pytest.approx([-5.0, -3.0, 0.0])
    assert [seed for rung in lr.rungs for seed in rung.seeds] == pytest.approx([-5.2, -5, -4.8, -3.2, -3, -2.8, -0.2, 0, 0.2])
    assert lr.band == pytest.approx((-100 * effects["lr"].range.high, -100 * effects["lr"].range.low))
    assert opt.band is None  # the worst level is beyond the axis


def test_the_alternative_text_says_the_result(found):
    (picture,) = factors(found(LEVELS), 0.5)
    assert picture.alt == (
        "Widest in validation accuracy: opt, 61.0 points from SGD to b. Then learning rate 5.0 points. "
        "No visible difference: depth."
    )


def test_of_a_loss_the_worst_level_is_the_highest(found):
    (picture,) = factors(found({"lr": {"0.1": 0.9, "0.01": 0.4}}, "valid_loss"), None)
    assert picture.goal == -1
    assert [(rung.text, round(rung.away, 6)) for rung in picture.reaches[0].rungs] == [("0.1", 0.5), ("0.01", 0.0)]
    assert picture.reaches[0].size == "0.500"
    assert picture.value == "difference in validation loss"
    assert picture.limits[0] >= 0.5


def test_without_repeated_runs_no_difference_is_seen_and_no_band_drawn(found):
    (picture,) = factors(found({"lr": {"0.1": 0.8, "0.01": 0.82}}, scatter=(0.0,)), None)
    (reach,) = picture.reaches
    assert (reach.seen, reach.band, reach.size, reach.beside) == (False, None, "2.0 points", "cannot tell yet")
    assert all(rung.seeds == () for rung in reach.rungs)
    assert picture.alt.endswith("from 0.1 to 0.01. The noise is not known, so any of it may be luck.")
    assert "Band" not in picture.caption


def test_of_many_factors_the_widest_are_drawn(found):
    many = {f"f{i:02}": {"a": 0.5, "b": 0.5 + (i + 1) / 50} for i in range(MOST + 3)}
    findings = found(many)
    (picture,) = factors(findings, 0.5)
    assert len(picture.reaches) == MOST
    assert picture.reaches[0].name == f"f{MOST + 2}"
    assert f"widest {MOST} of {MOST + 3}" in picture.caption
    assert len(widest(findings)) == MOST + 3


def test_where_no_levels_can_be_compared_there_is_no_figure(found):
    assert factors(found({"lr": {"0.1": 0.8}}), 0.5) == []


def test_where_no_factor_differs_visibly_the_alternative_text_names_the_metric(found):
    (picture,) = factors(found({"depth": {"1": 0.8, "2": 0.8005}}), 0.5)
    assert picture.alt == "No visible difference in validation accuracy: depth."
