import pytest
from sweepbook.analysis.diff import differences
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.matching import Changed, matching
from sweepbook.runner.config import SweepbookError

RATES = (0.001, 0.01, 0.1)


def rates(**changes):
    """A configuration a learning rate with two runs each, all with `changes`."""
    return [({"lr": rate, **changes}, [0.5 + i / 10, 0.53 + i / 10]) for i, rate in enumerate(RATES)]


def matched(old, new, **options):
    return matching(old, new, "valid_accuracy", **options)


def labels(entries):
    return sorted(entry.label for entry in entries)


def test_a_sweep_is_matched_with_itself_whole(built):
    found = matched(built("old", *rates()), built("new", *rates()))
    assert [(a.config["lr"], b.config["lr"]) for a, b in found.pairs] == [(0.1, 0.1), (0.01, 0.01), (0.001, 0.001)]
    assert (found.changed, found.added, found.removed, found.incomparable, found.hints) == ((), (), (), (), ())


def test_a_setting_that_all_of_one_side_have_and_none_of_the_other_is_looked_past(built):
    found = matched(built("old", *rates()), built("new", *rates(weight_decay=0.01)))
    assert found.changed == (Changed("weight_decay", "0", "0.01", 3),)
    assert len(found.pairs) == 3
    assert all(a.config["lr"] == b.config["lr"] for a, b in found.pairs)


def test_a_setting_of_another_tool_that_one_side_lacks_has_no_level_there(built):
    found = matched(built("old", *rates()), built("new", *rates(augment="flip")))
    assert found.changed == (Changed("augment", None, "flip", 3),)
    assert matched(built("b", *rates(augment="flip")), built("a", *rates())).changed == (Changed("augment", "flip", None, 3),)


def test_a_setting_with_one_level_on_each_side_is_looked_past(built):
    found = matched(built("old", *rates(batch_size=32)), built("new", *rates(batch_size=64)))
    assert found.changed == (Changed("batch_size", "32", "64", 3),)


def test_two_settings_that_changed_everywhere_are_looked_past_together(built):
    found = matched(built("old", *rates()), built("new", *rates(weight_decay=0.01, batch_size=64)))
    assert sorted(one.key for one in found.changed) == ["batch_size", "weight_decay"]
    assert len(found.pairs) == 3


def test_a_default_that_is_written_out_is_no_change(built):
    found = matched(built("old", *rates()), built("new", *rates(weight_decay=0.0, betas=[0.9, 0.999])))
    assert (len(found.pairs), found.changed) == (3, ())


def test_a_setting_that_does_not_act_is_no_change(built):
    found = matched(built("old", *rates()), built("new", *rates(momentum=0.9, units2=64)))
    assert (len(found.pairs), found.changed) == (3, ())


def test_a_setting_that_changed_in_some_configurations_makes_others_of_them(built):
    new = [*rates()[:1], *rates(weight_decay=0.01)[1:]]
    found = matched(built("old", *rates()), built("new", *new))
    assert [e.config["lr"] for e, _ in found.pairs] == [0.001]
    assert (labels(found.added), labels(found.removed)) == (["c1", "c2"], ["c1", "c2"])
    assert found.hints == (("weight_decay", 2),)


def test_an_ignored_setting_matches_what_differs_in_it_alone(built):
    old, new = built("old", *rates()), built("new", *rates()[:1], *rates(weight_decay=0.01)[1:])
    found = matched(old, new, ignore=("weight_decay",))
    assert found.changed == (Changed("weight_decay", "0", "0.01", 2),)
    assert (len(found.pairs), found.added, found.removed, found.hints) == (3, (), (), ())


def test_settings_to_match_by_are_all_that_counts(built):
    new = [({"lr": rate, "units1": 8 * 2**i, "batch_size": 16 + i}, [0.5, 0.51]) for i, rate in enumerate(RATES)]
    found = matched(built("old", *rates()), built("new", *new), only=("lr",))
    assert len(found.pairs) == 3
    assert {one.key for one in found.changed} == {"units1", "batch_size"}
    assert matched(built("a", *rates()), built("b", *new)).pairs == ()


def test_several_configurations_that_become_one_are_not_compared(built):
    old = built("old", *rates())
    new = built("new", ({"lr": 0.01}, [0.6, 0.61]), ({"lr": 0.01, "weight_decay": 0.1}, [0.7, 0.71]))
    found = matched(old, new, ignore=("weight_decay",))
    (one,) = found.incomparable
    assert one.reason == "1 old configuration and 2 new are the same without weight decay"
    assert (found.pairs, len(found.removed)) == ((), 2)


def test_configurations_of_one_side_are_added_or_removed(built):
    found = matched(built("old", *rates()[:2]), built("new", *rates()[1:]))
    assert [e.config["lr"] for e in found.added] == [0.1]
    assert [e.config["lr"] for e in found.removed] == [0.001]
    assert [a.config["lr"] for a, _ in found.pairs] == [0.01]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"valid_examples": 500}, "validation sets of 360 examples and 500 examples"),
        ({"valid_digest": "b"}, "validation sets with other examples, by their digests a and b"),
        ({"valid_digest": None}, ""),
        ({}, ""),
    ],
)
def test_scores_of_other_validation_sets_are_not_compared(built, fields, reason):
    known = {"valid_examples": 360, "valid_digest": "a"}
    old, new = built("old", *rates(), **known), built("new", *rates(), **{**known, **fields})
    found = matched(old, new)
    assert {one.reason for one in found.incomparable} == ({reason} if reason else set())
    assert len(found.pairs) == (0 if reason else 3)


def test_scores_on_other_data_sets_are_not_compared(built):
    found = matched(built("old", *rates()), built("new", *rates(dataset="fashion_mnist")))
    assert [one.reason for one in found.incomparable] == ["validated on digits and on fashion_mnist"] * 3
    assert found.pairs == ()


def test_one_validation_set_is_the_same_under_two_names(built):
    old, new = built("old", *rates(), valid_digest="a"), built("new", *rates(dataset="mine:load"), valid_digest="a")
    assert len(matched(old, new).pairs) == 3


def test_a_size_that_one_side_does_not_tell_is_no_reason(built):
    assert len(matched(built("old", *rates(), valid_examples=360), built("new", *rates())).pairs) == 3


def test_what_lacks_the_metric_on_one_side_is_not_compared(built):
    scored = {"metrics": {"valid_accuracy": 0.7, "bleu": 20.0}}
    old = [(changes, scores, scored) for changes, scores in rates()]
    new = [*old[:2], ({"lr": 0.1}, [0.7, 0.7], {"metrics": {"valid_accuracy": 0.7}})]
    found = matching(built("old", *old), built("new", *new), "bleu")
    assert [one.reason for one in found.incomparable] == ["the new runs have no bleu"]
    assert len(found.pairs) == 2


def test_runs_that_finished_without_the_metric_have_not_stopped_finishing(built):
    bare = {"metrics": {"train_loss": 0.4}}
    new = [*rates()[:2], ({"lr": 0.1}, [0.7, 0.7], bare)]
    found = sweep_diff(built("old", *rates()), built("new", *new), Options())
    assert found.stopped == ()
    assert not found.regressed
    assert len(found.matching.pairs) == 2


def test_what_is_not_comparable_is_in_no_average(built):
    new = [*rates()[:2], ({"lr": 0.1}, [0.0, 0.1], {"valid_examples": 9})]
    found = sweep_diff(built("old", *rates(), valid_examples=360), built("new", *new, valid_examples=360), Options())
    assert found.overall["valid_accuracy"].pairs == 2
    assert found.overall["valid_accuracy"].change.estimate == 0.0
    assert {one.label for one in found.comparisons} == {"c0", "c1"}


def test_other_training_data_is_a_change_and_no_reason(built):
    found = matched(built("old", *rates(), train_examples=1000), built("new", *rates(), train_examples=1437))
    assert found.changed == (Changed("train_examples", "1,000", "1,437", 3),)
    assert len(found.pairs) == 3


def test_training_data_of_one_size_and_own_modules_are_changes_by_their_digests(built):
    first, second = ({"train_digest": f"t{n}", "code": {"model": f"m{n}"}} for n in (1, 2))
    found = sweep_diff(built("old", *rates(), **first), built("new", *rates(), **second), Options())
    assert differences.settings(found) == ("module of the model m1 → m2 everywhere", "training data t1 → t2 everywhere")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (("c", ""), ("c", "p"), ("patch none → p",)),
        (("c", "p"), ("c", "p"), ()),
        (("c", "p"), ("d", "q"), ("commit c → d",)),
    ],
)
def test_a_patch_is_a_change_where_it_is_to_the_same_commit(built, old, new, says):
    sides = [built(name, *rates(), environment={"commit": c}, code={"patch": p}) for name, (c, p) in (("old", old), ("new", new))]
    assert differences.environment(sweep_diff(*sides, Options())) == says


def test_two_studies_with_nothing_in_common_have_no_pairs(built):
    new = [({"model": "cnn", "channels": c, "units1": c, "lr": 0.5 / c, "dataset": "cifar10"}, [0.5, 0.6]) for c in (4, 8)]
    found = sweep_diff(built("old", *rates()), built("new", *new), Options())
    assert (found.matching.pairs, found.comparisons, found.main) == ((), (), None)
    assert (len(found.matching.added), len(found.matching.removed)) == (2, 3)
    assert not found.regressed
    assert not found.decided


def test_a_side_without_a_finished_run_has_no_pairs(built):
    failed = {"status": "failed", "error": "no memory"}
    empty = built("new", *((changes, scores, failed) for changes, scores in rates()))
    found = sweep_diff(built("old", *rates()), empty, Options())
    assert (found.comparisons, found.matching.added, len(found.matching.removed)) == ((), (), 3)


@pytest.mark.parametrize("options", [Options(ignore=("wieght_decay",)), Options(only=("wieght_decay",))])
def test_a_setting_that_no_configuration_has_is_an_error(built, options):
    with pytest.raises(SweepbookError, match="no configuration has a setting wieght_decay; there are batch_size, "):
        sweep_diff(built("old", *rates()), built("new", *rates()), options)


def test_a_metric_that_one_side_lacks_is_an_error_that_names_those_it_has(built):
    old = built("old", *rates())
    new = built("new", *rates(), metric="bleu", metrics={"bleu": 20.0})
    with pytest.raises(SweepbookError, match="old: no run has bleu; name a metric of both with --metric, here: train_loss, "):
        sweep_diff(old, new, Options())


def test_swapped_sides_swap_what_was_added_and_what_changed(built):
    old, new = built("old", *rates()[:2]), built("new", *rates(weight_decay=0.01)[1:])
    one, other = matched(old, new), matched(new, old)
    assert (one.added, one.removed) == (other.removed, other.added)
    assert [(c.key, c.new, c.old, c.pairs) for c in one.changed] == [(c.key, c.old, c.new, c.pairs) for c in other.changed]
    assert {(b.id, a.id) for a, b in one.pairs} == {(a.id, b.id) for a, b in other.pairs}
