"""What a plan is said to be able to show, against scipy's noncentral t and against sweeps that are drawn and read."""

import math
import time

import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.summaries import summaries
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.predictions import reading as verdicts
from sweepbook.analysis.predictions.bests import best_against_best
from sweepbook.analysis.predictions.foresight.brief import brief
from sweepbook.analysis.predictions.foresight.cost import Cost
from sweepbook.analysis.predictions.foresight.details import details
from sweepbook.analysis.predictions.foresight.foresight import foresight
from sweepbook.analysis.predictions.foresight.outlook import Expectation, expectations, steps
from sweepbook.analysis.predictions.kinds import trend
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.power import detectable
from sweepbook.analysis.stats.ranges import between, level_range
from sweepbook.analysis.stats.tiers import tiers

HEAD = """
[study]
title = "T"
seeds = {seeds}
metric = "{metric}"
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
"""
BASE = {"dataset": "digits", "model": "mlp", "units1": 8, "depth": 1, "epochs": 2, "batch_size": 32, "optimizer": "Adam"}
LRS = '[[group]]\nname = "lr"\ngrid = { lr = [0.001, 0.01, 0.1, 1.0] }\n'
GRID = '[[group]]\nname = "grid"\ngrid = { lr = [0.01, 0.1, 1.0], units1 = [8, 16, 32] }\n'


@pytest.fixture
def told(tmp_path, plan):
    """The foresight of a plan of some groups and predictions without logs."""

    def made(groups, *predictions, seeds=(0, 1, 2), metric="valid_accuracy", difference=None):
        claims = "".join(f'[[group.prediction]]\nsays = "S"\n{one}\n' for one in predictions)
        study = plan(tmp_path / "study", HEAD.format(seeds=list(seeds), metric=metric) + groups + claims)
        return foresight(study, {}, {}, difference)

    return made


def text(found):
    """What stands behind the first screen."""
    return lines(details(found, expectations(found, ()), 100))


def lines(parts):
    return "\n".join(line for part in parts for line in (*part.lines, *("  ".join(row) for row in part.rows), *part.below))


def screen(found):
    """The first screen, of a plan of twelve runs that are all missing."""
    return lines(brief(found, expectations(found, ()), Cost(12, 12, "", 2, None, "", False, None, None)))


def power(difference, sd, df, n):
    """How often the two-sided t test of two means of `n` runs finds the difference, by scipy; two runs pay for borrowed noise."""
    critical, noncentral = stats.t.ppf(0.975, df), difference / (sd * {2: 1.25}.get(n, 1.0) * math.sqrt(2 / n))
    return stats.nct.sf(critical, df, noncentral)


def pair_df(configurations, seeds):
    """The degrees of freedom of a pair at equal seeds: each has its own runs and 4 for those of its neighbours, and both together
    what configurations and seeds leave."""
    left = (configurations - 1) * (seeds - 1)
    return min(2 * (4 + seeds - 1), left if left >= 6 else configurations * (seeds - 1))


def test_the_smallest_difference_is_found_with_80_percent_by_scipys_noncentral_t(told):
    found = told(LRS)
    assert [(one.seeds, one.runs, one.df) for one in found.bought] == [(3, 12, 6), (4, 16, 9), (6, 24, 15), (12, 48, 33)]
    assert [pair_df(4, one.seeds) for one in found.bought] == [6, 9, 15, 30]
    for one in found.bought:
        for sd, difference in zip(found.basis.noises, one.smallest, strict=True):
            assert power(difference, sd, pair_df(4, one.seeds), one.seeds) == pytest.approx(0.8, abs=1e-3)


def test_one_seed_more_is_needed_where_the_next_fewer_does_not_find_the_difference(told):
    found = told(LRS, "better = { lr = 0.01 }\nthan = { lr = 0.1 }").predictions[0]
    for reach in found.reaches[1:]:  # at a noise of 0.2 points two seeds do, and one cannot
        assert power(0.01, reach.noise, pair_df(4, reach.seeds), reach.seeds) >= 0.799
        assert power(0.01, reach.noise, pair_df(4, reach.seeds - 1), reach.seeds - 1) < 0.8
    assert found.reaches[0].seeds == 2


@pytest.mark.parametrize("configurations", [2, 3, 10])
@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("share", [0.0, 0.6])
@pytest.mark.slow
def test_about_eight_of_ten_drawn_sweeps_find_the_promised_difference(told, configurations, seeds, share):
    rates = [round(0.01 * (i + 1), 2) for i in range(configurations)]
    plan = told(f'[[group]]\nname = "lr"\ngrid = {{ lr = {rates} }}\n', seeds=range(seeds))
    rng, found = np.random.default_rng(seeds), 0
    typical = 0.01 if plan.df == (configurations - 1) * (seeds - 1) >= 6 else 0.01 / math.sqrt(1 - share)  # seeds in it, or not
    truth = [plan.bought[0].smallest[2] * typical / 0.01, *[0.0] * (configurations - 1)]
    for _ in range(600):
        means = drawn(truth, seeds, rng, share)
        found += contrast(means[:2], [1, -1]).interval().low > 0
    assert 0.74 < found / 600 < (0.86 if typical == 0.01 else 1)  # more where seeds go alike and yet count as independent


def drawn(truth, seeds, rng, share=0.0):
    """The means that a drawn sweep gives configurations of these true values, its noise being 0.01 without the seeds' `share`."""
    values = np.asarray(truth)[:, None] + rng.normal(scale=0.01, size=(len(truth), seeds))
    values += rng.normal(scale=0.01 * math.sqrt(share / (1 - share)), size=seeds)
    samples = {str(i): dict(enumerate(row)) for i, row in enumerate(values)}
    pooled = noise(samples)
    return [mean_of(runs, pooled, key) for key, runs in samples.items()]


def confirmed(kind, distance, rng):
    """Whether a drawn sweep of four configurations confirms a prediction whose truth is at that distance."""
    truth = {
        "trend": [distance * i / 3 for i in range(4)],
        "best": [-1, distance, 0, -1],
        "at": [-1, distance, -1, -1],
    }[kind]
    sides = [{str(i): mean} for i, mean in enumerate(drawn(truth, 3, rng))]
    match kind:
        case "trend":
            return trend.rising(sides, True).verdict == "confirmed"
        case "best":
            rest = {**sides[0], **sides[2], **sides[3]}
            ranked = tiers([side[str(i)] for i, side in enumerate(sides)])
            first = [str(i) for i, tier in enumerate(ranked) if tier == 1]
            return best_against_best(sides[1], rest, 1, first).verdict == "confirmed"
    return verdicts.held("value", verdicts.combined([(sides[1], 1.0)]), (0.0, None)).verdict == "confirmed"


@pytest.mark.parametrize(
    ("kind", "prediction"),
    [
        ("trend", 'trend = "increasing"\nof = "lr"'),
        ("best", "best = { lr = 0.01 }"),
        ("at", "at = { lr = 0.01 }\nat_least = 0.8"),
    ],
)
@pytest.mark.slow
def test_about_eight_of_ten_drawn_sweeps_confirm_a_prediction_at_its_distance(told, kind, prediction):
    reach = told(LRS, prediction).predictions[0].reaches[2]
    assert reach.noise == 0.01
    rng = np.random.default_rng(7)
    share = np.mean([confirmed(kind, reach.smallest, rng) for _ in range(600)])
    assert 0.72 < share < 0.88


ASKED = (
    "better = { lr = 0.01 }\nthan = { lr = 0.001 }",
    "at = { lr = 0.01 }\nat_least = 0.8",
    'trend = "increasing"\nof = "lr"',
    "best = { lr = 0.01 }",
    "better = { lr = 0.01 }\nthan = { lr = 0.1 }",
)


def test_a_plan_that_has_run_foretells_what_its_verdicts_say_of_their_runs_and_of_seeds(tmp_path, plan, log, run):
    claims = "".join(f'[[group.prediction]]\nsays = "S"\n{one}\n' for one in ASKED)
    study = plan(tmp_path, HEAD.format(seeds=[0, 1, 2], metric="valid_accuracy") + LRS + claims)
    rng = np.random.default_rng(4)
    effects, spreads = 0.01 * rng.normal(size=3), (0.003, 0.006, 0.004, 0.005)
    for place, (lr, spread) in enumerate(zip((0.001, 0.01, 0.1, 1.0), spreads, strict=True)):
        for seed in range(3):
            score = 0.8 + 0.002 * (place == 1) + effects[seed] + spread * rng.normal()
            log(tmp_path / "logs", f"{lr}-{seed}", run(score, seed=seed, config={**BASE, "lr": lr}))
    sweep = load_sweep(tmp_path / "logs")
    members = {group.name: group.members for group in study.groups}
    known, noises = summaries(sweep, study.metric, study.sign, study.labels, members)
    share = noises["valid_accuracy"].seeds.share
    told = text(foresight(study, known, noises)).replace("\n", " ")
    assert share > 0.3
    assert f"The seed explains {100 * share:.0f}% of it: comparisons of configurations at equal seeds are free of that part" in told
    outcomes = findings(sweep, study).outcomes
    assert [one.prediction.kind for one in outcomes] == ["better", "at", "trend", "best", "better"]
    assert {part.name for part in outcomes[3].parts} == {part.name for part in outcomes[4].parts}
    assert outcomes[3].seeds_needed == outcomes[4].seeds_needed  # the same pair
    for place, outcome in enumerate(outcomes[:4]):
        distance = abs(outcome.estimate - max(end for end in outcome.bounds if end is not None))
        foretold = foresight(study, known, noises, distance).predictions[place].reaches[0]
        if outcome.prediction.kind == "trend":  # whose correction is Holm's in the end
            assert foretold.smallest >= outcome.resolves * (1 - 1e-3)
        elif outcome.prediction.kind == "best":  # the rival is the closest one then, here one of median precision
            assert foretold.smallest == pytest.approx(outcome.resolves, rel=0.25)
        else:
            assert foretold.smallest == pytest.approx(outcome.resolves, rel=1e-3)
            assert foretold.seeds == outcome.seeds_needed


@pytest.mark.slow
def test_a_range_is_confirmed_as_often_as_foretold_where_the_truth_is_in_its_middle(told):
    found = told(LRS, "at = { lr = 0.01 }\nbetween = [0.77, 0.83]", "at = { lr = 0.01 }\nbetween = [0.785, 0.815]").predictions
    rng = np.random.default_rng(3)
    for one in found:
        reach, hits = one.reaches[2], 0
        for _ in range(800):
            interval = contrast(drawn([0, 0, 0, 0], 3, rng), [1, 0, 0, 0]).interval()
            hits += -one.distance < interval.low and interval.high < one.distance
        assert hits / 800 == pytest.approx(reach.chance, abs=0.04)
    assert [one.reaches[2].smallest is None for one in found] == [False, True]


@pytest.mark.slow
def test_two_ranges_are_told_apart_at_the_distance_that_is_foretold(told):
    found = told(GRID, 'factor = "lr"\nmatters_more_than = "units1"').predictions[0].reaches[2]
    rng, hits = np.random.default_rng(5), 0
    for _ in range(300):
        means = drawn([level * found.smallest / 2 for level in (0, 1, 2) for _ in range(3)], 3, rng)
        wide = level_range([means[0:3], means[3:6], means[6:9]], 0.975).difference
        narrow = level_range([means[0::3], means[1::3], means[2::3]], 0.975).difference
        hits += wide.low > narrow.high
    assert 0.72 < hits / 300 < 0.95


def test_more_configurations_a_side_need_less(told):
    one, two = told(
        GRID,
        "better = { lr = 0.01, units1 = 8 }\nthan = { lr = 0.1, units1 = 8 }",
        "better = { lr = 0.01 }\nthan = { lr = 0.1 }",
    ).predictions
    # Three a side on each side; how their difference scatters from seed to seed counts, on 4 + 2 degrees of freedom instead of 12.
    t, wider = stats.t.ppf(0.975, 12), stats.t.ppf(0.975, 6)
    assert stats.nct.sf(t, 12, one.reaches[0].smallest / (0.002 * math.sqrt(2 / 3))) == pytest.approx(0.8, abs=1e-3)
    assert stats.nct.sf(wider, 6, two.reaches[0].smallest / (0.002 * math.sqrt(2 / 9))) == pytest.approx(0.8, abs=1e-3)
    assert one.reaches[0].smallest > 1.5 * two.reaches[0].smallest


def test_the_rise_of_two_levels_is_their_difference(told):
    groups = '[[group]]\nname = "lr"\ngrid = { lr = [0.01, 0.1] }\n'
    rise, lead = told(groups, 'trend = "increasing"\nof = "lr"', "better = { lr = 0.1 }\nthan = { lr = 0.01 }").predictions
    assert rise.reaches == lead.reaches


def test_a_boundary_is_passed_on(told):
    found = told(
        LRS,
        "better = { lr = 0.1 }\nthan = { lr = 0.01 }\nby = 0.2",
        "at = { lr = 0.1 }\nat_most = 0.9",
        "gap_at_most = 0.1",
    )
    assert [(one.kind, one.measure, one.low, one.high) for one in found.predictions] == [
        ("better", "lead", 0.2, None),
        ("at", "below", None, 0.9),
        ("gap_at_most", "below", None, 0.1),
    ]
    shown_text = text(found)
    assert "a lead of 20 points + " in shown_text
    assert "a mean of 90% - " in shown_text
    assert "a gap of 0.1 - " in shown_text


def test_a_range_narrower_than_its_interval_is_never_confirmed_and_says_up_to_which_noise_it_would_be(told):
    found = told(LRS, "at = { lr = 0.01 }\nbetween = [0.80, 0.81]").predictions[0]
    assert [reach.confirmable for reach in found.reaches] == [True, False, False, False]
    for reach in found.reaches:
        # 4 for the neighbours and 2 of its own; wider than 4.30 times what three seeds scatter by by chance, half of the noise
        assert reach.half == pytest.approx(stats.t.ppf(0.975, 6) * reach.noise / math.sqrt(3))
    assert found.bearable == pytest.approx(0.005 / stats.t.ppf(0.975, 6) * math.sqrt(3))
    assert [reach.seeds for reach in found.reaches] == sorted(reach.seeds for reach in found.reaches)
    assert found.reaches[3].seeds > 100


def test_one_seed_and_no_replicate_never_grade_anything(told):
    found = told(LRS, "best = { lr = 0.01 }", "at = { lr = 0.01 }\nbetween = [0.7, 0.9]", seeds=[0])
    assert found.df == 0
    assert found.bought[0].smallest == (None, None, None, None)
    assert [one.seeds for one in found.bought] == [1, 2, 4]
    assert all(reach.smallest is None and not reach.confirmable for one in found.predictions for reach in one.reaches)
    assert all(reach.seeds > 1 for one in found.predictions for reach in one.reaches)
    assert "every expectation stays open" in text(found)
    assert "Nothing: each configuration runs once. Give it a second seed." in screen(found)


def test_a_loss_without_logs_is_told_in_standard_deviations(told):
    found = told(LRS, "better = { lr = 0.01 }\nthan = { lr = 0.1 }", "at = { lr = 0.1 }\nbetween = [0.4, 0.5]", metric="valid_loss")
    assert found.basis.source == "unknown"
    assert power(found.bought[0].smallest[0], 1.0, pair_df(4, 3), 3) == pytest.approx(0.8, abs=1e-3)
    lead, inside = found.predictions
    assert lead.reaches[0].smallest == pytest.approx(found.bought[0].smallest[0])
    assert (inside.reaches[0].seeds, inside.reaches[0].confirmable) == (None, None)
    assert inside.bearable == pytest.approx(0.05 / stats.t.ppf(0.975, 6) * math.sqrt(3))
    size = found.bought[0].smallest[0]
    words = f"It shows differences of {size:.1f} times that distance and more in validation loss, in 8 of 10 such sweeps."
    assert f"No log shows yet how far another seed lands away. {words}" in screen(found)
    assert "if the truth lies as far beyond what is claimed as a seed lands:" in screen(found)
    assert "a lead of 2.7 SD" in text(found)
    assert "noise below 0.035" in text(found)


def test_a_difference_that_is_asked_for_counts_the_seeds_for_it(told):
    claim = "better = { lr = 0.01 }\nthan = { lr = 0.1 }"
    point, two = (told(LRS, claim, difference=wanted).predictions[0] for wanted in (None, 0.02))
    assert (point.distance, two.distance) == (0.01, 0.02)
    assert [reach.seeds for reach in point.reaches][1:3] == [reach.seeds for reach in two.reaches][2:]
    loss = told(LRS, claim, metric="valid_loss", difference=0.02)
    assert loss.basis.noises == (0.005, 0.01, 0.02, 0.04)
    assert [reach.seeds for reach in loss.predictions[0].reaches][1:3] == [reach.seeds for reach in two.reaches][2:]


def test_the_noise_of_the_logs_is_used_and_their_further_seeds_count(tmp_path, plan, log, run):
    study = plan(tmp_path, HEAD.format(seeds=[0, 1], metric="valid_accuracy") + LRS)
    rng = np.random.default_rng(0)
    for seed in (0, 1, 5, 6):  # two of the plan, two beyond it
        log(tmp_path / "logs", f"r{seed}", run(0.8 + 0.01 * rng.normal(), seed=seed, config={**BASE, "lr": 0.01}))
    members = {group.name: group.members for group in study.groups}
    known, noises = summaries(load_sweep(tmp_path / "logs"), study.metric, study.sign, study.labels, members)
    found = foresight(study, known, noises)
    assert (found.basis.source, found.basis.df) == ("logs", 3)
    assert found.basis.noises == (noises["valid_accuracy"].sd,)
    assert found.df == 4 * 1 + 2  # two seeds leave 3 beside the seeds themselves, too few to take these off
    assert found.bought[0].smallest[0] == pytest.approx(detectable(noises["valid_accuracy"].sd, 6, 2))


def test_a_configuration_that_varies_far_more_has_its_own_noise(tmp_path, plan, log, run):
    claims = "".join(
        f'[[group.prediction]]\nsays = "{lr}"\nbetter = {{ lr = 0.01 }}\nthan = {{ lr = {lr} }}\n' for lr in (0.1, 1.0)
    )
    study = plan(tmp_path, HEAD.format(seeds=[0, 1, 2], metric="valid_accuracy") + LRS + claims)
    for lr, spread in ((0.001, 0.001), (0.01, 0.001), (0.1, 0.001), (1.0, 0.2)):
        for seed in range(3):
            turn = (seed + (lr > 0.001) + (lr > 0.01)) % 3 - 1  # no two of the calm ones go alike
            log(tmp_path / "logs", f"{lr}-{seed}", run(0.5 + spread * turn, seed=seed, config={**BASE, "lr": lr}))
    members = {group.name: group.members for group in study.groups}
    found = foresight(study, *summaries(load_sweep(tmp_path / "logs"), study.metric, study.sign, study.labels, members))
    assert found.basis.outlying == ("lr_1",)
    assert found.df == 6
    calm, wild = (one.reaches[0].smallest for one in found.predictions)
    assert wild > 50 * calm
    assert "Far noisier, and counted with its own runs: lr_1." in text(found).replace("\n", " ")


def test_beating_another_group_costs_more_than_beating_one_configuration(told):
    groups = LRS + '[[group]]\nname = "epochs"\ngrid = { epochs = [1, 4, 8] }\n'
    beats, better = told(groups, 'beats = "lr"', "better = { epochs = 4 }\nthan = { epochs = 1 }").predictions
    assert beats.reaches[0].smallest > better.reaches[0].smallest


@pytest.mark.slow
def test_a_thousand_groups_take_seconds(told):
    groups = "".join(
        f'[[group]]\nname = "g{i}"\ngrid = {{ lr = [0.01, {0.02 + i / 1000}, {2 + i / 1000}] }}\n'
        '[[group.prediction]]\nsays = "B"\nbest = { lr = 0.01 }\n'
        '[[group.prediction]]\nsays = "R"\nat = { lr = 0.01 }\nbetween = [0.8, 0.82]\n'
        for i in range(1000)
    )
    started = time.process_time()
    found = told(groups)
    assert len(found.predictions) == 2000
    assert len(text(found).splitlines()) > 3000
    assert time.process_time() - started < 20


def test_the_first_screen_names_what_each_number_of_seeds_settles(told):
    claims = ["better = { lr = 0.01 }\nthan = { lr = 0.1 }", "best = { lr = 0.01 }", "at = { lr = 0.01 }\nbetween = [0.7, 0.9]"]
    found = told(LRS, *claims)
    known = expectations(found, ())
    noise = 2  # of the four that are assumed: one point
    assert [one.more for one in known] == [max(0, one.reaches[noise].seeds - 3) for one in found.predictions]
    ladder = steps(found, known)
    assert [step.seeds for step in ladder] == [3, 4, 6, 12, None, None]
    assert sorted(one.says for step in ladder for one in step.settled) == sorted(one.says for one in known)
    for step, before in zip(ladder[1:4], ladder, strict=False):
        assert all(before.seeds - 3 < one.more <= step.seeds - 3 for one in step.settled)
    told_of = screen(found)
    for one in known:
        assert f"{one.says} (+{one.more})" in told_of if one.more else one.says in told_of
    size = f"{100 * found.bought[0].smallest[noise]:.1f} points"
    assert f"If another seed lands ± 1.0 points away, it shows differences of {size} and more" in told_of


def test_of_very_many_expectations_a_row_names_the_first_and_counts_the_rest(told):
    found = told(LRS, "better = { lr = 0.01 }\nthan = { lr = 0.1 }")
    known = [Expectation("lr", f"claim {number}", "valid_accuracy", "open", 100 - number // 20) for number in range(1000)]
    shown = lines(brief(found, known, Cost(12, 0, "", 2, None, "", False, None, None)))
    assert "1,000 expectations: 1,000 open." in shown
    assert "claim 980 (+51); claim 981 (+51)" in shown
    assert "; and 992 more" in shown
    assert max(len(sentence.split()) for line in shown.splitlines() for sentence in line.split(". ")) < 40


def test_the_same_contrast_engine_gives_the_interval_that_was_foretold(told):
    reach = told(LRS, "at = { lr = 0.01 }\nbetween = [0.7, 0.9]").predictions[0].reaches[2]
    # A standard deviation of 0.01 in each with the seeds' effects taken off: 4/3 of what is left in four configurations.
    rows = np.array([[1.0, 1.0, -2.0], [1.0, -2.0, 1.0], [-1.0, -1.0, 2.0], [-1.0, 2.0, -1.0]]) * 0.01 * math.sqrt(0.25)
    samples = {str(i): dict(enumerate(row)) for i, row in enumerate(rows)}
    mean = mean_of(samples["0"], noise(samples), "0")
    assert mean.variance == pytest.approx(0.01**2)
    assert contrast([mean], [1]).interval().high - mean.value == pytest.approx(reach.half)
    assert between([mean], [mean]).unit == pytest.approx(math.sqrt(2 / 3))
