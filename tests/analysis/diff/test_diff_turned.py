from dataclasses import replace

import pytest
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.matching import matching
from sweepbook.analysis.diff.method import known
from sweepbook.analysis.diff.turned import _bests, _number, concluded, unasked
from sweepbook.analysis.export.record.read import Predicted
from sweepbook.analysis.words import form

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
{head}
[[group]]
name = "rates"
grid = {{ lr = [{rates}] }}
{silence}
  [[group.prediction]]
  says = "0.1 beats 0.01"
  better = {{ lr = 0.1 }}
  than = {{ lr = 0.01 }}
  by = {by}
"""
NEAR, WIDE, CLEAR = [0.50, 0.51, 0.52], [0.40, 0.51, 0.62], [0.90, 0.91, 0.92]


def text(rates="0.01, 0.1", by="0.0", silence="", head=""):
    return PLAN.format(rates=rates, by=by, silence=silence, head=head)


def at(low, high, *more):
    """Runs at the rates 0.01 and 0.1, and at further ones."""
    return [({"lr": 0.01}, low), ({"lr": 0.1}, high), *more]


@pytest.fixture
def turned(built):
    """What turned between two sweeps: the runs of each, and the plans."""

    def make(old, new, plans=None, **options):
        first, second = plans or (text(), text())
        found = sweep_diff(built("old", *old, text=first), built("new", *new, text=second), Options(**options))
        return found.turned

    return make


def of(kind, found):
    return [(one.group, one.says, one.old, one.new, one.because) for one in found if one.kind == kind]


# predictions


def test_a_verdict_that_stays_has_not_turned(turned):
    assert of("prediction", turned(at(NEAR, CLEAR), at(NEAR, [y - 0.01 for y in CLEAR]))) == []


def test_an_effect_that_turned_round_turns_the_verdict_and_is_told_with_both_numbers(turned):
    ((group, says, old, new, because),) = of("prediction", turned(at(NEAR, CLEAR), at(CLEAR, NEAR)))
    assert (group, says, old, new) == ("rates", "0.1 beats 0.01", "confirmed", "refuted")
    rows = "rates_0.1: 91.0% to 51.0% (worse); rates_0.01: 51.0% to 91.0% (better)"
    assert because == f"{rows}; the difference went from +40.0 points to -40.0 points"


@pytest.fixture
def weighed(built):
    """A sweep, and one in which weight decay came to all: of both rates, and of an AdamW, which had it already."""
    adamw = ({"lr": 0.1, "optimizer": "AdamW", "weight_decay": 0.01}, [0.70, 0.71, 0.72])
    old = [({"lr": 0.1, "optimizer": "Adam"}, [0.71, 0.70, 0.72]), adamw]
    new = [({"lr": 0.1, "optimizer": "Adam", "weight_decay": 0.01}, [0.41, 0.42, 0.40]), adamw]
    plan = text("0.1").partition("[[group]]")[0] + OPTIMIZERS
    return sweep_diff(built("old", *old, text=plan), built("new", *new, text=plan), Options(ignore=("weight_decay",)))


OPTIMIZERS = """
[[group]]
name = "optimizer"
where = {}

  [[group.prediction]]
  says = "AdamW beats Adam"
  better = { optimizer = "AdamW" }
  than = { optimizer = "Adam" }
"""


def test_what_came_to_one_side_of_a_prediction_alone_is_said(weighed):
    (one,) = (one for one in weighed.turned if one.kind == "prediction")
    assert (one.old, one.new) == ("cannot tell", "confirmed as run")
    assert one.because.startswith(
        "c0: 71.0% to 41.0% (worse); c1: the same runs, had weight decay 0.01 already; the difference went"
    )
    assert one.one_sided
    assert [weighed.new.entries[key].label for key in one.behind] == ["c0"]


def test_more_runs_that_settle_a_verdict_are_told_with_both_counts(turned):
    low, high = [0.50, 0.52], [0.53, 0.55]
    old, new = at(low, high), at(low * 1 + [0.505, 0.515, 0.51], high * 1 + [0.535, 0.545, 0.54])
    ((*_, then, now, because),) = of("prediction", turned(old, new))
    assert (then, now) == ("cannot tell", "confirmed")
    assert because.startswith("more runs, 4 to 10; rates_0.1: 54.0% to 54.0% (cannot tell yet); rates_0.01: ")


def test_less_noise_that_settles_a_verdict_is_told(turned):
    ((*_, then, now, because),) = of("prediction", turned(at(WIDE, [0.47, 0.58, 0.69]), at(NEAR, [0.57, 0.58, 0.59])))
    assert (then, now) == ("cannot tell", "confirmed")
    assert because.startswith("its uncertainty fell from ± 24.9 to ± 2.3 points; rates_0.1: 58.0% to 58.0% (cannot tell yet); ")


def test_more_noise_that_unsettles_a_verdict_is_told(turned):
    ((*_, then, now, because),) = of("prediction", turned(at(NEAR, [0.57, 0.58, 0.59]), at(WIDE, [0.47, 0.58, 0.69])))
    assert (then, now) == ("confirmed", "cannot tell")
    assert because.startswith("its uncertainty grew from ± 2.3 to ± 24.9 points; rates_0.1: 58.0% to 58.0% (cannot tell yet); ")


def test_a_number_of_many_rows_is_told_before_its_uncertainty():
    then = Predicted("g", "x", "trend", "confirmed", False, 0.029, 0.016, 0.042, (9,), (), (), None)
    now = replace(then, verdict="cannot tell", estimate=0.0, low=-0.049, high=0.049)
    told = _number(then, now, form("valid_accuracy"), False, True, ())
    assert told == "the effect went from +2.9 to 0.0 points, and its uncertainty grew from ± 1.3 to ± 4.9"
    same = _number(then, replace(now, estimate=0.029, low=-0.02, high=0.078), form("valid_accuracy"), False, True, ())
    assert same == "the effect stayed at +2.9 points, and its uncertainty grew from ± 1.3 to ± 4.9"
    value = [replace(one, kind="at", estimate=0.83 + one.estimate) for one in (then, now)]
    told = _number(*value, form("valid_accuracy"), False, True, ())
    assert told == "the value went from 85.9% to 83.0%, and its uncertainty grew from ± 1.3 to ± 4.9 points"


def test_the_best_of_each_side_are_named_where_others_are_the_best_now(built):
    old, new = (built(name, *at(NEAR, CLEAR, ({"lr": 1.0}, WIDE)), text=text("0.01, 0.1, 1.0")) for name in ("old", "new"))
    found = matching(old, new, "valid_accuracy")
    low, high, third = ((entry.id,) for entry in sorted(new.entries.values(), key=lambda entry: str(entry.config["lr"])))
    then = Predicted("g", "x", "better", "confirmed", False, 0.1, 0.0, 0.2, (3, 3), (), (), None, (low, high))
    names = {key: entry.label for key, entry in new.entries.items()}

    def told(*behind):
        return list(_bests(then, replace(then, behind=behind), found))

    assert told(low, high) == []
    assert told(low, third) == [f"before against {names[high[0]]}, now against {names[third[0]]}"]
    assert told(third, high) == [f"before {names[low[0]]} against {names[high[0]]}, now {names[third[0]]} against {names[high[0]]}"]
    assert told(low, (*high, *third)) == told(low) == told(low, ("unknown",)) == []


def test_an_estimate_that_noise_can_move_so_far_is_told_as_that(turned):
    old, new = at([0.50, 0.51, 0.52], [0.52, 0.53, 0.54]), at([0.50, 0.51, 0.52], [0.53, 0.54, 0.55])
    ((*_, because),) = of("prediction", turned(old, new))
    rows = "rates_0.1: 53.0% to 54.0% (cannot tell yet); rates_0.01: the same runs"
    assert because == f"{rows}; the difference went from +2.0 points to +3.0 points"


def test_noise_that_is_no_longer_known_is_told(turned):
    ((*_, then, now, because),) = of("prediction", turned(at(NEAR, CLEAR), at([0.5], [0.9])))
    assert (then, now) == ("confirmed", "cannot tell")
    assert because.startswith("the noise is not known; rates_0.1: 91.0% to 90.0% (cannot tell yet)")


def test_a_prediction_that_says_nothing_on_a_side_has_not_turned(turned):
    among_logs = text().replace("better = { lr = 0.1 }\n  than = { lr = 0.01 }\n  by = 0.0", "best = { lr = 0.1 }")
    among_logs = among_logs.replace("grid = { lr = [0.01, 0.1] }", "where = {}")
    alone = [({"lr": 0.1}, CLEAR)]
    assert of("prediction", turned(at(NEAR, CLEAR), alone, (among_logs, among_logs))) == []


def test_a_claim_that_the_plan_changed_under_the_same_words_is_told_first(turned):
    ((*_, because),) = of("prediction", turned(at(NEAR, CLEAR), at(NEAR, CLEAR), (text(), text(by="0.6"))))
    assert because.startswith("the plan claims something else in the same words")


def test_a_prediction_in_other_words_is_the_same_while_its_claim_is(turned):
    other = text().replace("0.1 beats 0.01", "Faster is better")
    ((_, says, old, new, because),) = of("prediction", turned(at(NEAR, CLEAR), at(CLEAR, NEAR), (text(), other)))
    assert (says, old, new) == ("Faster is better", "confirmed", "refuted")
    assert "in other words than “0.1 beats 0.01”" in because


def test_a_rewritten_prediction_turns_and_is_told_without_a_cause_for_its_number(turned):
    other = text(by="0.6").replace("0.1 beats 0.01", "By far")
    ((_, says, old, new, because),) = of("prediction", turned(at(NEAR, CLEAR), at(CLEAR, NEAR), (text(), other)))
    assert (says, old, new) == ("By far", "confirmed", "refuted")
    assert because == "another claim than “0.1 beats 0.01”; +40.0 points to -40.0 points"


def test_a_rewritten_prediction_of_the_same_runs_has_no_number(turned):
    other = text(by="0.6").replace("0.1 beats 0.01", "By far")
    ((*_, because),) = of("prediction", turned(at(NEAR, CLEAR), at(NEAR, CLEAR), (text(), other)))
    assert because == "another claim than “0.1 beats 0.01”"


def test_a_claim_changed_under_the_same_words_has_no_number_of_the_same_runs(turned):
    ((*_, because),) = of("prediction", turned(at(NEAR, CLEAR), at(NEAR, CLEAR), (text(), text(by="0.6"))))
    assert because == "the plan claims something else in the same words"


MORE = """
  [[group.prediction]]
  says = "0.01 is best"
  best = { lr = 0.01 }
"""


def test_predictions_of_one_side_alone_are_asked_of_neither_other(built):
    old = built("old", *at(NEAR, CLEAR), text=text())
    new = built("new", *at(NEAR, CLEAR), text=text() + MORE)
    assert [[one.says for one in side] for side in unasked(old, new)] == [[], ["0.01 is best"]]
    assert [[one.says for one in side] for side in unasked(new, old)] == [["0.01 is best"], []]
    assert unasked(new, new) == ((), ())
    assert unasked(replace(old, plan="none"), new) == ((), ())


def test_predictions_of_a_group_of_one_side_alone_are_asked_of_it_alone(built):
    old = built("old", *at(NEAR, CLEAR), text=text())
    new = built("new", *at(NEAR, CLEAR), text=text().replace('name = "rates"', 'name = "speeds"'))
    assert [[one.group for one in side] for side in unasked(old, new)] == [["rates"], ["speeds"]]


def test_studies_that_compare_by_something_else_have_that_as_the_reason_of_all(built):
    old = built("old", *at(NEAR, CLEAR), text=text())
    new = replace(built("new", *at(CLEAR, NEAR), text=text()), metric="valid_loss", goal="minimize")
    found = sweep_diff(old, new, Options(metric="valid_accuracy")).turned
    because = "the study is compared by validation loss (lower is better) now, by validation accuracy (higher is better) before"
    assert {one.because for one in found} == {because}


def test_nothing_has_turned_where_nothing_is_matched(built):
    old = built("old", *at(NEAR, CLEAR), text=text())
    new = built("new", *[(*one, {"valid_examples": 9}) for one in at(CLEAR, NEAR)], text=text())
    old = replace(old, entries={key: replace(one, valid_examples=360) for key, one in old.entries.items()})
    assert sweep_diff(old, new, Options()).turned == ()


def test_a_group_with_more_configurations_is_told(turned):
    plans = text().replace("better = { lr = 0.1 }\n  than = { lr = 0.01 }\n  by = 0.0", "best = { lr = 0.1 }")
    wider = plans.replace("0.01, 0.1]", "0.01, 0.1, 1.0]")
    third = ({"lr": 1.0}, [0.97, 0.98, 0.99])
    ((*_, then, now, because),) = of("prediction", turned(at(NEAR, CLEAR), at(NEAR, CLEAR, third), (plans, wider)))
    assert (then, now) == ("confirmed", "refuted")
    assert because.startswith("the group has 1 configuration more")


def test_a_configuration_without_a_finished_run_is_told_by_its_label(turned):
    failed = ({"lr": 0.1}, CLEAR, {"status": "failed", "error": "no memory"})
    ((*_, then, now, because),) = of("prediction", turned(at(NEAR, CLEAR), [({"lr": 0.01}, NEAR), failed]))
    assert (then, now) == ("confirmed", "cannot tell")
    assert because == "without a finished run now: rates_0.1; nothing can be compared now"


def test_the_same_runs_turn_nothing_and_are_named_behind(built):
    """A third configuration of many runs that scatter far more than before takes a verdict from two that did not run again."""
    plan = text("0.01, 0.1, 1.0")
    pair = at([0.500, 0.510, 0.520], [0.530, 0.540, 0.550])
    calm, wild = ([0.5 + off * i for i in (-1, 0, 1)] for off in (0.01, 0.2))
    old, new = (built(name, *pair, ({"lr": 1.0}, third), text=plan) for name, third in (("old", calm), ("new", wild)))
    found = sweep_diff(old, new, Options())
    assert [(one.old, one.new) for one in found.unmoved if one.kind == "prediction"] == [("confirmed", "cannot tell")]
    assert of("prediction", found.turned) == []
    (line,) = (line for line in known(found) if "for the same runs" in line)
    assert "rates: 0.1 beats 0.01" in line


def test_conclusions_are_counted_whether_they_turned_or_not(built):
    old, new = built("old", *at(NEAR, CLEAR), text=text() + MORE), built("new", *at(CLEAR, NEAR), text=text() + MORE)
    assert concluded(old, new)["prediction"] == 2
    assert concluded(old, new)["best"] == 2  # the recommendation, and what could be the best of the group
    assert concluded(old, built("third", *at(CLEAR, NEAR), text=text()))["prediction"] == 1


# what is best


def test_a_recommendation_that_changed_is_told_with_why(turned):
    (one, *_) = of("best", turned(at(NEAR, CLEAR), at(CLEAR, NEAR)))
    assert one == ("", "recommended configuration", "rates_0.1", "rates_0.01", "the old one could no longer be the best")


def test_a_recommendation_that_changed_by_nothing_that_tells_them_apart_says_so(turned):
    found = turned(at(NEAR, [0.51, 0.52, 0.53]), at([0.51, 0.52, 0.53], NEAR))
    assert of("best", found) == [
        (
            "",
            "recommended configuration",
            "rates_0.1",
            "rates_0.01",
            "both could be the best",
        )
    ]


def test_a_recommendation_without_tiers_is_not_told_to_have_left_one(turned):
    (one, *_) = of("best", turned(at(NEAR, CLEAR), at([0.9], [0.5])))
    assert one[-1] == "the noise is not known now, and the best mean is recommended"


def test_a_recommendation_that_is_gone_is_told(turned):
    plan = text().partition("  [[group.prediction]]")[0]
    found = turned(at(NEAR, CLEAR), at(NEAR, [0.5, 0.6, 0.7])[:1], (plan, plan))
    assert [one[-1] for one in of("best", found)][:1] == ["the old one is not in the new sweep"]


def test_a_recommendation_that_cannot_be_compared_is_not_told_to_be_gone(turned):
    smaller, third = {"valid_examples": 9}, ({"lr": 1.0}, NEAR, {"valid_examples": 360})
    old = [(config, scores, {"valid_examples": 360}) for config, scores in at(NEAR, CLEAR)]
    new = [(*one, smaller) for one in at(CLEAR, NEAR)]
    (one, *_) = of("best", turned([*old, third], [*new, third], (text(EDGE), text(EDGE))))
    assert one[-1] == "the old one cannot be compared with any of the new sweep"


def test_first_tiers_with_nothing_in_common_have_turned(turned):
    (_, group) = of("best", turned(at(NEAR, CLEAR), at(CLEAR, NEAR)))
    assert group == ("rates", "could be the best", "rates_0.1", "rates_0.01", "none that could be the best before still could")


def test_first_tiers_that_overlap_have_not_turned(turned):
    found = turned(at(NEAR, CLEAR), at([y + 0.4 for y in NEAR], CLEAR))
    assert [one for one in of("best", found) if one[0]] == []


# factors

GRID = """
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
name = "both"
grid = { lr = [0.01, 0.1], batch_size = [32, 64] }
"""


def crossed(by_rate, by_batch):
    """Two runs a cell of a grid in which each factor adds so much."""
    cells = [(i, j) for i in range(2) for j in range(2)]
    scores = [[0.3 + by_rate * i + by_batch * j + wobble for wobble in (0.0, 0.01)] for i, j in cells]
    return [({"lr": (0.01, 0.1)[i], "batch_size": (32, 64)[j]}, score) for (i, j), score in zip(cells, scores, strict=True)]


def test_another_factor_that_matters_most_is_told_with_both_ranges(turned):
    ((_, says, old, new, because),) = of("factors", turned(crossed(0.4, 0.1), crossed(0.1, 0.4), (GRID, GRID)))
    assert (says, old, new) == ("setting that matters most", "learning rate", "batch size")
    assert because == (
        "the range of batch size went from 10.0 points to 40.0 points;"
        " the range of learning rate went from 40.0 points to 10.0 points"
    )


def test_the_same_first_factor_has_not_turned(turned):
    assert of("factors", turned(crossed(0.4, 0.1), crossed(0.5, 0.1), (GRID, GRID))) == []


def test_a_factor_that_comes_in_because_an_interval_grew_has_not_turned(built):
    old, new = (built(name, *crossed(0.4, 0.1), text=GRID) for name in ("old", "new"))
    wide = [replace(one, rank=1, low=0.0, high=2 * one.range) for one in new.effects]
    assert [one.rank for one in old.effects] != [1, 1]
    assert of("factors", sweep_diff(old, replace(new, effects=tuple(wide)), Options()).turned) == []


# checks

EDGE = "0.01, 0.1, 1.0"


def edge(*scores):
    return [({"lr": rate}, [score, score + 0.01, score - 0.01]) for rate, score in zip((0.01, 0.1, 1.0), scores, strict=True)]


def test_a_check_that_appears_and_one_that_went_are_told(turned):
    inside, outside = edge(0.5, 0.9, 0.5), edge(0.3, 0.5, 0.9)
    plan = text(EDGE)
    there = {one[1]: one[2:4] for one in of("check", turned(inside, outside, (plan, plan)))}
    assert there["SB106 learning rate"] == ("silent", "fires")


def test_a_check_that_went_is_told_too_with_what_it_said(turned):
    inside, outside = edge(0.5, 0.9, 0.5), edge(0.3, 0.5, 0.9)
    plan = text(EDGE)
    back = {one[1]: one[2:] for one in of("check", turned(outside, inside, (plan, plan)))}
    assert back["SB106 learning rate"][:2] == ("fires", "silent")
    assert back["SB106 learning rate"][2].startswith("it said: ")


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        ((0, 1), ("fires", "silent", "the plan silences it: it fits")),
        ((1, 0), ("silent", "fires", "the plan silenced it: it fits")),
    ],
)
def test_a_check_that_the_plan_silences_is_told_with_its_reason(turned, plans, expected):
    both = text(EDGE), text(EDGE, silence='silence = { SB106 = "it fits" }')
    found = turned(edge(0.3, 0.5, 0.9), edge(0.3, 0.5, 0.91), [both[i] for i in plans])
    assert [one[2:] for one in of("check", found) if "SB106" in one[1]] == [expected]


def test_a_check_of_a_group_that_one_plan_alone_has_has_not_turned(turned):
    other = text(EDGE).replace('name = "rates"', 'name = "speeds"')
    found = turned(edge(0.3, 0.5, 0.9), edge(0.3, 0.5, 0.91), (text(EDGE), other))
    assert [one for one in of("check", found) if one[0]] == []
