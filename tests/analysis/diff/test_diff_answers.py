"""The answers of a comparison's first screen: each is held against the runs that it speaks of."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sweepbook.analysis.diff import conclusions, configurations, rows, verdict
from sweepbook.analysis.diff import diff as diffs
from sweepbook.analysis.diff.answers import answers
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.matching import matching
from sweepbook.analysis.diff.noises import Scatter, noises, scatter
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.stats.matched import Change

pytestmark = pytest.mark.slow

HOUSE_WORDS = r"\b(told|tells?|telling|turned|resolved|first tier|tier 1|stands?|confirmed|refuted|prediction)\b"
GRID = """
[study]
title = "T"
seeds = [0, 1, 2]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "units"
grid = { units1 = [8, 16, 32, 64], units2 = [8, 16, 32] }
"""
UNITS = {"units2": 8, "depth": 2}


def sweep(seed, k=8, n=3, sd=0.01, shifts=(), base=0.5):
    """Configurations of a sweep around `base`, each with so many runs; the first ones with a shift of their own."""
    draw = np.random.default_rng(seed)
    scores = base + 0.02 * np.arange(k)[:, None] + sd * draw.normal(size=(k, n))
    scores[: len(shifts)] += np.array(shifts)[:, None]
    return [({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(scores)]


@pytest.fixture
def compared(built):
    return lambda old, new, **options: sweep_diff(built("old", *old), built("new", *new), Options(**options))


def answer(diff, question):
    (one,) = (one for one in answers(diff) if one.question == question)
    return one


# whether to merge


@pytest.mark.parametrize(
    ("shifts", "starts"),
    [
        ([-0.1] * 8, "Worse: do not merge for validation accuracy. On average -"),
        ([0.1] * 8, "Better: merge for validation accuracy. On average +"),
        ([-0.3], "Worse in 1 of 8 configurations: do not merge for validation accuracy. On average "),
        ([0.3], "Better in 1 of 8 configurations, none worse in validation accuracy. On average "),
        ([0.3, -0.3], "Mixed in validation accuracy: 1 worse, 1 better. Do not merge unread. On average "),
        ([0.3] * 7 + [-0.3], "Better on average, and worse in 1 configuration: look at that first. On average +"),
    ],
)
def test_the_verdict_is_what_the_mean_and_the_rows_say(compared, shifts, starts):
    found = compared(sweep(0), sweep(1, shifts=shifts))
    says = verdict.answer(found)
    assert says.startswith(starts)
    mean = re.search(r"On average ([+-][\d.]+) points \(([+-][\d.]+) to ([+-][\d.]+)\) over (\d+) configurations\.", says)
    change = found.main.change
    assert [float(mean[i]) for i in (1, 2, 3)] == pytest.approx(
        [100 * x for x in (change.estimate, change.low, change.high)], abs=0.051
    )
    assert int(mean[4]) == found.main.pairs == 8


def test_no_visible_difference_says_what_could_hide_and_a_wide_interval_that_it_cannot_tell_yet(compared):
    found = compared(sweep(0, n=9), sweep(1, n=9))
    most = max(abs(found.main.change.low), abs(found.main.change.high))
    assert most <= found.scatter.old
    hidden = re.match(r"No visible difference in validation accuracy \(up to ([\d.]+) points could hide\)\.", verdict.answer(found))
    assert float(hidden[1]) == pytest.approx(100 * most, abs=0.051)
    small = replace(found, scatter=Scatter(most / 2, most / 3, None, None))
    assert verdict.answer(small).startswith("Cannot tell yet whether validation accuracy changed. On average ")


def test_a_lower_loss_is_better_in_the_answer_too(built):
    old, new = (
        built(name, *sweep(seed, shifts=[by] * 8), metric="valid_loss") for name, seed, by in (("a", 0, 0.0), ("b", 1, 0.1))
    )
    assert sweep_diff(old, new, Options()).main.change.estimate < 0
    assert verdict.answer(sweep_diff(old, new, Options())).startswith("Better: merge for validation loss.")
    assert verdict.answer(sweep_diff(new, old, Options())).startswith("Worse: do not merge for validation loss.")


def test_the_rows_are_counted_one_by_one(compared):
    found = compared(sweep(0), sweep(1, shifts=[0.3, -0.3, -0.2]))
    assert answers(found)[0].why[0] == "One by one: 2 worse, 1 better, 5 cannot tell yet."


# what changed


def test_the_setting_the_code_and_the_machine_are_suspects(built):
    old, new = (
        built(name, *[({**c, "weight_decay": wd}, s) for c, s in sweep(i)]) for name, i, wd in (("a", 0, 0.0), ("b", 1, 0.1))
    )
    old, new = replace(old, environment={"commit": ("a" * 40,), "host": ("x",)}), replace(new, environment={"commit": ("b" * 40,)})
    one = answer(sweep_diff(old, new, Options()), "What changed?")
    assert one.says == f"Weight decay 0 → 0.1 everywhere. The code changed too (commit {'a' * 12} → {'b' * 12})."
    assert one.why == ("What moved may come from the code as well as from what was set.",)
    other = replace(new, environment={"commit": ("b" * 40,), "host": ("y",)})
    assert "The code and the machine changed too (commit " in answer(sweep_diff(old, other, Options()), "What changed?").says
    alone = sweep_diff(
        old, replace(built("c", *[({**c, "weight_decay": 0.0}, s) for c, s in sweep(1)]), environment=new.environment), Options()
    )
    assert answer(alone, "What changed?").says.startswith("The code changed (commit ")


def test_an_older_state_of_the_same_sweep_is_said_to_share_its_runs(compared):
    """Two rows got a third run, one is as it was."""
    now = sweep(0, k=3)
    then = [(config, scores[: 2 if place else 3]) for place, (config, scores) in enumerate(now)]
    one = answer(compared(then, now), "What changed?")
    assert one.says == "Only runs: 2 came; 7 runs are the same logs on both sides."
    assert one.why[0] == "A row can differ only by the runs that one side alone has."
    back = answer(compared(now, then), "What changed?")
    assert back.says == "Only runs: 2 went; 7 runs are the same logs on both sides."


def test_two_sweeps_without_a_common_run_are_not_said_to_share_any(compared):
    found = compared(sweep(0), sweep(1))
    assert found.matching.same_logs == 0
    assert "same logs" not in answer(found, "What changed?").says


def test_a_configuration_that_is_not_ranked_does_not_come_to_be_one_of_the_best(built):
    def side(name, tiers, loose=()):
        made = built(name, *sweep(0 if name == "old" else 1, k=3))
        tiered = zip(made.entries.items(), tiers, strict=True)
        return replace(made, entries={key: replace(e, tier=tier, ranked=e.label not in loose) for (key, e), tier in tiered})

    old = side("old", [1, 2, 2])
    assert len(sweep_diff(old, side("new", [1, 1, 1]), Options()).entered) == 2
    assert sweep_diff(old, side("new", [1, 1, 1], loose=("c0", "c1", "c2")), Options()).entered == ()


def test_rows_that_are_the_same_say_why(built):
    adamw = ({"lr": 3.0, "optimizer": "AdamW", "weight_decay": 0.1}, [0.6, 0.61, 0.62], {"label": "had it"})
    old = built("a", *sweep(0), adamw)
    new = built("b", *[({**c, "weight_decay": 0.1}, s) for c, s in sweep(1)], adamw)
    found = sweep_diff(old, new, Options(ignore=("weight_decay",)))
    assert "had it had weight decay 0.1 already: its runs are the same logs." in answer(found, "What changed?").why
    again = sweep_diff(built("c", *sweep(0)), built("d", *sweep(0)[:1], *sweep(1)[1:]), Options())
    assert "c0 did not move: its runs are the same logs." in answer(again, "What changed?").why


def test_runs_that_came_out_alike_again_are_not_called_the_same_logs(built):
    old, new = (built(name, *sweep(0)[:1], *sweep(seed)[1:]) for name, seed in (("a", 0), ("b", 1)))
    later = {key: replace(entry, logs=frozenset({f"{log}, later" for log in entry.logs})) for key, entry in new.entries.items()}
    why = answer(sweep_diff(old, replace(new, entries=later), Options()), "What changed?").why
    assert "c0 did not move: trained again, it scores the same to the last digit." in why
    pairs = [(old.entries[key], new.entries[key]) for key in old.entries if key in new.entries]
    mixed = (pairs[0][0], replace(pairs[0][1], logs=pairs[0][1].logs | {"one more"}))
    assert configurations.repeated(pairs) == "their runs are the same logs"
    assert configurations.repeated([mixed, *pairs[1:]]) == "their runs are the same"


def test_a_configuration_is_what_sets_it_apart_from_most_with_its_other_names(built):
    rates = [({"lr": 0.01, "epochs": epochs}, [0.5, 0.6]) for epochs in (1, 2, 3)]
    side = built("a", *rates, ({"lr": 0.1, "epochs": 2, "optimizer": "SGD"}, [0.5, 0.6]), ({"epochs": 2, "lr": None}, [0.5, 0.6]))
    common = rows.usual(side.entries.values())
    found = {entry.label: rows.special(entry, common) for entry in side.entries.values()}
    assert (common["lr"], common["epochs"], common["optimizer"]) == ("0.01", "2", "Adam")
    assert found == {
        "c0": "1 epoch",
        "c1": "the usual settings",
        "c2": "3 epochs",
        "c3": "learning rate 0.1, SGD",
        "c4": "without learning rate",
    }
    usual = next(entry for entry in side.entries.values() if entry.label == "c1")
    assert rows.special(replace(usual, labels=("c1", "lr_2", "depth_2")), common) == "the usual settings; also lr_2, depth_2"
    assert (
        rows.special(replace(usual, config={**usual.config, **dict.fromkeys("uvwxyz", 1)}), common) == "u 1, v 1, w 1, x 1, 2 more"
    )


# who was hurt, and where


def test_the_hurt_and_the_helped_are_named_with_their_changes_the_largest_first(compared):
    found = compared(sweep(0), sweep(1, shifts=[-0.2, 0.3, -0.3, -0.25, -0.28]))
    says = answer(found, "Who was hurt, who was helped?").says
    moved = {one.label: 100 * one.change.estimate for one in found.of("valid_accuracy") if one.verdict in ("better", "worse")}
    named = re.findall(r"(c\d) \(([+-][\d.]+)", says)
    assert [label for label, _ in named] == [*sorted((label for label in moved if moved[label] < 0), key=moved.get)[:3], "c1"]
    assert [float(size) for _, size in named] == pytest.approx([moved[label] for label, _ in named], abs=0.051)
    assert says.startswith("Hurt most: ")
    assert "Helped: c1" in says


def test_one_that_moved_further_and_cannot_tell_is_named_beside_those_that_are_shown(compared):
    found = compared(sweep(0), sweep(1, shifts=[-0.2, 0.3, -0.3]))
    question = "Who was hurt, who was helped?"
    assert [line for line in answer(found, question).why if "is shown to be" in line] == []
    for fall, says in ((-0.21, True), (-0.19, False), (0.29, False)):
        rows = tuple(
            replace(one, change=replace(one.change, estimate=fall)) if (one.label, one.metric) == ("c4", "valid_accuracy") else one
            for one in found.comparisons
        )
        line = "c4 fell by 21.0 points, more than one that is shown to be worse, but its seeds do not settle it."
        assert (line in answer(replace(found, comparisons=rows), question).why) == says


def grid(seed, slope=0.0, sd=0.004):
    draw = np.random.default_rng(seed)
    for i, one in enumerate((8, 16, 32, 64)):
        for j, two in enumerate((8, 16, 32)):
            score = 0.6 + 0.01 * i + 0.01 * j + slope * i
            yield {**UNITS, "units1": one, "units2": two}, (score + sd * draw.normal(size=3)).tolist()


def test_a_change_that_grows_with_a_setting_is_told_with_both_ends_and_one_that_does_not_has_no_pattern(built):
    old, new, even = (built(n, *grid(seed, by), text=GRID) for n, seed, by in (("a", 0, 0.0), ("b", 1, -0.02), ("c", 2, 0.0)))
    found = sweep_diff(old, new, Options())
    (line,) = configurations.unlike(found)
    assert line.endswith(" (found by looking; check it with new runs).")
    ends = re.match(r"The change differs by first-layer units: from ([+-]?[\d.]+) at 8 to ([+-][\d.]+) points at 64 \(", line)
    for level, said in zip((8, 64), ends.groups(), strict=True):
        own = [one.change.estimate for one in found.of("valid_accuracy") if one.pair[1].config["units1"] == level]
        assert float(said) == pytest.approx(100 * np.mean(own), abs=0.051)
    assert configurations.unlike(sweep_diff(old, even, Options())) == [
        "The change shows no pattern over first-layer units and second-layer units."
    ]


def test_a_slope_is_false_in_five_of_a_hundred_comparisons_of_noise(built, monkeypatch):
    """Both factors of a grid, between sweeps that differ by noise alone."""
    sides = [built(f"s{seed}", *grid(seed), text=GRID) for seed in range(16)]
    known = {one.name: noises(one) for one in sides}  # of which each is in 15 comparisons
    monkeypatch.setattr(diffs, "noises", lambda side: known[side.name])
    for name in ("agreement", "together", "turned"):  # on which no slope hangs
        monkeypatch.setattr(diffs, name, lambda *_: ())
    found = [bool(sweep_diff(a, b, Options()).slopes) for i, a in enumerate(sides) for b in sides[i + 1 :]]
    assert sum(found) / len(found) < 0.12  # 120 pairs, not independent


# what is recommended, what held, what failed


def test_the_recommended_configurations_have_their_scores_and_the_reason(built):
    first, second, third = (built(f"s{i}", *sweep(i, shifts=by)) for i, by in enumerate(([0.3], [0.0, 0.3], [0.3])))
    found = sweep_diff(first, second, Options())
    one = answer(found, "What is recommended?")
    scores = [100 * side.entries[side.recommended].metrics["valid_accuracy"].mean for side in (found.new, found.old)]
    assert one.says == f"Now c1 ({scores[0]:.1f}%), before c0 ({scores[1]:.1f}%)."
    now = 100 * next(one.new.mean for one in found.of("valid_accuracy") if one.label == "c0")
    assert one.why == (f"c0 scores {now:.1f}% now and could no longer be the best.",)
    still = answer(sweep_diff(first, third, Options()), "What is recommended?")
    scores = [100 * side.entries[side.recommended].metrics["valid_accuracy"].mean for side in (third, first)]
    assert still.says == f"Still c0 ({scores[0]:.1f}%); before it scored {scores[1]:.1f}%."


def test_the_courses_of_the_expectations_are_counted_and_those_that_no_longer_hold_named(compared):
    kinds = [
        ("confirmed", "cannot tell"),
        ("confirmed as run", "refuted"),
        ("cannot tell", "refuted as run"),
        ("cannot tell", "confirmed"),
    ]
    turned = [Turned("prediction", "g", f"claim {i}.", old, new, "") for i, (old, new) in enumerate([*kinds, kinds[0]])]
    turned.append(Turned("prediction", "g", "claim 5", "confirmed", "confirmed as run", "now limited by SB101"))
    found = replace(compared(sweep(0), sweep(1)), turned=tuple(turned), concluded={"prediction": 43, "best": 2})
    one = answer(found, "Do expectations still hold?")
    courses = "1 held → did not hold, 2 held → open, 1 open → did not hold, 1 open → held, 1 a check limits it now"
    assert one.says == f"6 of 43 expectations changed: {courses}."
    assert one.why == ("No longer holding: “claim 1”; “claim 0” and 1 more.",)
    assert conclusions.conclusions(found) == "In all 6 of 45 conclusions changed: 6 of 43 expectations."
    none = replace(found, turned=())
    assert answer(none, "Do expectations still hold?").says == "None of the 43 expectations changed."


def test_one_change_that_changed_several_expectations_counts_once_with_all_its_names(compared):
    found = compared(sweep(0), sweep(1, shifts=[-0.3]))
    entry = next(one.pair[1] for one in found.of("valid_accuracy") if one.label == "c0")
    renamed = tuple(
        replace(one, pair=(one.pair[0], replace(entry, labels=("c0", "depth_2", "lr_1")))) if one.label == "c0" else one
        for one in found.comparisons
    )
    turned = tuple(Turned("prediction", "g", f"claim {i}", "cannot tell", "confirmed", "x", (entry.id,), i > 0) for i in range(3))
    lines = conclusions.shared(replace(found, comparisons=renamed, turned=turned))
    row = next(one for one in found.of("valid_accuracy") if one.label == "c0")
    moved = f"c0: {100 * row.old.mean:.1f}% to {100 * row.new.mean:.1f}% (worse)"
    assert lines[0] == f"3 of the 3 expectations rest on one change: {moved}; also called depth_2 and lr_1."
    assert lines[1] == "In 2 of the 3 one side alone changed; the other has the same runs."


def test_failures_and_curves_are_counted_on_both_sides(compared):
    found = compared(sweep(0), sweep(1))
    assert answer(found, "Did runs fail?").says == "No run failed, diverged or was interrupted, before or now."
    old = replace(found.old, states={"failed": 1}, diagnoses={"oscillating": 2, "improving": 9})
    new = replace(
        found.new, states={"failed": 1, "diverged": 4}, diagnoses={"overfitting from epoch 3": 1, "overfitting from epoch 5": 2}
    )
    one = answer(replace(found, old=old, new=new), "Did runs fail?")
    assert one.says == "Runs that did not finish, before → now: 1 → 1 failed, 0 → 4 diverged."
    assert one.why == ("Curves, before → now: unstable 2 → 0, overfitting 0 → 3 runs.",)


# the noise, and what would settle the rest


@pytest.mark.parametrize(("sd", "starts"), [(0.02, "The noise "), (0.005, "The noise "), (0.011, "Another seed lands ± ")])
def test_that_the_noise_changed_is_said_where_chance_does_not_do_it(compared, sd, starts):
    found = compared(sweep(0, k=40), sweep(1, k=40, sd=sd))
    one = answer(found, "How far do seeds scatter?")
    assert one.says.startswith(starts)
    assert (
        ("typically lands" in one.says) == one.says.startswith(f"The noise {'grew' if sd > 0.011 else 'fell'}: ") == (sd != 0.011)
    )
    now, before = (float(text) for text in re.search(r"lands ± ([\d.]+) points away, before ± ([\d.]+)\.", one.says).groups())
    assert (now, before) == pytest.approx((100 * found.scatter.new, 100 * found.scatter.old), abs=0.051)
    assert ("The noise moved by more than chance explains." in one.why) == (sd != 0.011)


def test_the_noise_is_falsely_said_to_have_changed_in_about_five_of_a_hundred(built):
    """Also where configurations vary very unlike each other, which an F test of the pooled noise does not survive."""
    draw = np.random.default_rng(5)
    own = 0.01 * np.exp(0.6 * draw.normal(size=20))
    sides = []
    for seed in range(16):
        scores = 0.5 + own[:, None] * np.random.default_rng(100 + seed).normal(size=(20, 3))
        sides.append(built(f"s{seed}", *[({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(scores)]))
    known = [(one, noises(one)) for one in sides]
    pairs = [(matching(a, b, "valid_accuracy"), x, y) for i, (a, x) in enumerate(known) for b, y in known[i + 1 :]]
    found = [scatter(match, "valid_accuracy", x, y).told for match, x, y in pairs]
    assert sum(found) / len(found) < 0.12  # 120 pairs, not independent


def test_so_many_more_seeds_settle_so_many_of_what_cannot_tell_yet(compared):
    found = compared(sweep(0), sweep(1, shifts=[0.012] * 8))
    untold = [one for one in found.of("valid_accuracy") if one.verdict == "cannot tell"]
    (line,) = configurations.settled(found)
    seeds, runs, count, among = map(
        int, re.match(r"(\d+) more seeds? each, before and now \((\d+) runs\), would settle (\d+) of the (\d+) ", line).groups()
    )
    assert among == len(untold)
    assert count == sum(one.more is not None and one.more <= seeds for one in untold)
    assert 2 * count >= among
    assert runs == 2 * seeds * among
    nothing = replace(found, comparisons=tuple(replace(one, more=None) for one in found.comparisons))
    assert configurations.settled(nothing) == [
        f"Even 12 more seeds each, before and now, would not settle the {among} that cannot tell yet."
    ]


@pytest.mark.parametrize("luck", [0.0, 0.4])
def test_so_many_runs_find_such_a_change_in_four_of_five_repeats(luck):
    """The change is drawn again with the error that so many runs leave; its own interval then leaves out 0."""
    first = Change(1.0, 0.6, 200.0, luck)
    runs = first.needed(4, level=0.99)
    draw = np.random.default_rng(0)

    def found(n):
        error = first.error * (4 / n) ** 0.5
        seen = [Change(1.0 + error * float(draw.normal()), error, 200.0, luck * (4 / n) ** 0.5).interval(0.99) for _ in range(2000)]
        return np.mean([one.low > 0 or one.high < 0 for one in seen])

    assert found(runs) > 0.78
    assert found(runs - 1) < (0.84 if luck == 0.0 else 0.95)


def test_no_number_of_runs_is_known_where_the_noise_is_not():
    assert Change(1.0, None, 0.0).needed(3) is None
    assert Change(0.0, 1.0, 9.0).needed(3) is None


# words


def test_the_first_screen_speaks_in_words_that_a_reader_knows(compared):
    found = compared(sweep(0, shifts=[0.3]), sweep(1, shifts=[0.0, 0.3, -0.3], sd=0.03))
    for one in answers(found):
        said = re.sub(r"cannot tell( yet)?", "", " ".join([one.question, one.says, *one.why]), flags=re.IGNORECASE)
        assert re.findall(HOUSE_WORDS, said) == []
        for sentence in re.split(r"(?<=[.?]) (?=[A-Z0-9])", said):
            assert len(sentence.split()) <= 25, sentence
            assert len(re.findall(r"\([+-]?[\d.]+ to ", sentence)) <= 1
