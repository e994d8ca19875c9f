import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.seeds import MOST, blocks

# Five configurations by six seeds, drawn once; the numbers beside them are what statsmodels 0.15 printed for them.
TABLE = np.array(
    [
        [-2.36, -2.83, -1.27, -0.71, -1.18, -1.39],
        [-3.35, -3.64, -3.78, -2.4, -0.63, -2.42],
        [-0.8, -0.76, -0.7, -0.9, 0.96, -0.91],
        [0.83, -0.61, 0.07, 1.56, 2.26, 0.38],
        [2.1, 0.96, 0.54, 3.18, 3.13, 3.36],
    ]
)
HOLES = {(0, 1), (1, 4), (2, 0), (2, 5), (3, 3)}
WEIGHTS = np.array([0.3, 0.1, 0.25, 0.15, 0.2])


def samples_of(table, holes=()):
    """The runs of each row by seed, without those that are missing."""
    return [{s: float(y) for s, y in enumerate(row) if (i, s) not in holes} for i, row in enumerate(table)]


def design_of(samples, seeds):
    """The runs one after the other: a row each with a 1 for its configuration and for its seed, the values, and whose they are."""
    rows, values, owner = [], [], []
    for i, runs in enumerate(samples):
        for seed, y in runs.items():
            rows.append([1.0 * (i == c) for c in range(len(samples))] + [1.0 * (seed == s) for s in seeds])
            values.append(y)
            owner.append(i)
    return np.array(rows), np.array(values), np.array(owner)


def solution_of(samples, seeds, weights):
    """The map [seeds, runs] from runs to the effects of weighted least squares, these adding up to 0, and the map [runs, runs] to
    what is left."""
    design, _, owner = design_of(samples, seeds)
    root = np.sqrt(weights[owner])[:, None]
    solved = np.linalg.pinv(root * design) * root.T
    effects = solved[len(samples) :]
    return effects - effects.mean(0), np.eye(len(design)) - design @ solved


def test_complete_seeds_have_the_effects_and_the_error_of_a_two_way_analysis_of_variance():
    k, s = TABLE.shape
    found = blocks(samples_of(TABLE))
    fit = found.fit(np.full(k, 1 / k), np.ones(k))
    assert fit.effects == pytest.approx(TABLE.mean(0) - TABLE.mean())
    left = TABLE - TABLE.mean(1, keepdims=True) - TABLE.mean(0) + TABLE.mean()
    assert fit.squares == pytest.approx((left**2).sum(1))
    assert (found.df, fit.squares.sum()) == ((k - 1) * (s - 1), pytest.approx(8.183327, abs=5e-7))  # anova_lm(y ~ config + seed)


def test_the_f_of_complete_seeds_and_their_part_of_the_variance_are_those_of_statsmodels():
    """anova_lm gives F = 8.539896 on 5 and 20. MixedLM(y ~ config, groups=1, vc_formula={"seed": "0 + C(seed)"}), by restricted
    likelihood, gives a variance of 0.61697341 for the seed and 0.40917215 for the rest."""
    found = blocks(samples_of(TABLE))
    rest = 8.183327 / 20
    told = found.described(found.fit(np.full(5, 0.2), np.full(5, rest)), rest, rest)
    assert told.f == pytest.approx(8.539896, rel=1e-6)
    assert told.sd**2 == pytest.approx(0.61697341, rel=1e-4)
    assert told.share == pytest.approx(0.61697341 / (0.61697341 + 0.40917215), rel=1e-4)
    assert (told.df, told.scatter) == (5, pytest.approx(float(np.std(TABLE.mean(0), ddof=1))))


def test_the_interval_of_the_seeds_share_is_that_of_f():
    found = blocks(samples_of(TABLE))
    rest = 8.183327 / 20
    told = found.described(found.fit(np.full(5, 0.2), np.full(5, rest)), rest, rest)
    ends = [8.539896 / stats.f.ppf(q, 5, 20) for q in (0.975, 0.025)]
    assert (told.low, told.high) == pytest.approx([(end - 1) / (end - 1 + 5) for end in ends], rel=1e-5)


def test_a_seed_that_moves_nothing_has_no_part():
    flat = TABLE - TABLE.mean(0)
    found = blocks(samples_of(flat))
    told = found.described(found.fit(np.full(5, 0.2), np.full(5, 0.4)), 0.4, 0.4)
    assert (told.sd, told.share, told.low) == (0, 0, 0)
    assert told.f == pytest.approx(0, abs=1e-20)


def test_incomplete_seeds_have_the_effects_of_weighted_least_squares():
    """As statsmodels prints for wls("y ~ C(config) + C(seed)", weights=WEIGHTS), the effects taken about their mean."""
    found = blocks(samples_of(TABLE, HOLES))
    fit = found.fit(WEIGHTS, np.ones(5))
    effects = [-0.375238959957, -0.881248984333, -0.511399349973, 0.426830061008, 0.958296193212, 0.382761040043]
    assert fit.effects == pytest.approx(effects, abs=1e-9)
    assert fit.squares == pytest.approx([1.381414087731, 0.172747004645, 1.326003745783, 1.30498097850, 2.43382361973], abs=1e-8)
    assert found.df == 15  # its df_resid


@pytest.mark.parametrize("holes", [set(), HOLES])
def test_what_is_left_of_a_configuration_counts_for_the_degrees_of_freedom_that_it_varies_on(holes):
    """Σ r² of a configuration is a quadratic form of runs of variance mu: its expectation, over mu, by the whole matrix."""
    samples, mu = samples_of(TABLE, holes), np.array([0.2, 1.0, 3.0, 0.5, 0.1])
    fit = blocks(samples).fit(WEIGHTS, mu)
    effects, left = solution_of(samples, range(6), WEIGHTS)
    _, _, owner = design_of(samples, range(6))
    expected = ((left**2) @ mu[owner])[:, None] * (owner[:, None] == np.arange(5))
    assert fit.df == pytest.approx(expected.sum(0) / mu)
    assert fit.error == pytest.approx(float(((effects**2) @ mu[owner]).sum()))


@pytest.mark.parametrize("holes", [set(), HOLES])
def test_with_the_right_weights_these_are_the_runs_less_their_leverage(holes):
    """Weights of 1 / mu make least squares the best there is; what a run keeps of its degree of freedom is then 1 - leverage."""
    samples, mu = samples_of(TABLE, holes), np.array([0.2, 1.0, 3.0, 0.5, 0.1])
    weights = 1 / mu / (1 / mu).sum()
    _, left = solution_of(samples, range(6), weights)
    _, _, owner = design_of(samples, range(6))
    kept = np.bincount(owner, np.diag(left))
    assert blocks(samples).fit(weights, mu).df == pytest.approx(kept)
    assert kept.sum() == pytest.approx(blocks(samples).df)


def test_complete_seeds_take_what_the_closed_form_says():
    """Σ r² / (n - 1) of a configuration is 1 - 2h + Σ h² mu / its own mu times what it varies by."""
    mu = np.array([0.2, 1.0, 3.0, 0.5, 0.1])
    fit = blocks(samples_of(TABLE)).fit(WEIGHTS, mu)
    assert fit.df == pytest.approx(5 * (1 - 2 * WEIGHTS + (WEIGHTS**2 * mu).sum() / mu))
    assert fit.error == pytest.approx(5 * (WEIGHTS**2 * mu).sum())


def test_the_seeds_part_of_incomplete_runs_comes_out_right_on_average():
    """Twenty configurations, a seventh of their runs missing, seeds that move all by 0.5: 400 times."""
    draw = np.random.default_rng(0)
    holes = {(i, s) for i in range(20) for s in range(6) if draw.random() < 0.15}
    mu = np.geomspace(0.1, 2, 20)
    weights = 1 / mu / (1 / mu).sum()
    parts = []
    for _ in range(400):
        table = 0.5 * draw.normal(size=(1, 6)) + np.sqrt(mu)[:, None] * draw.normal(size=(20, 6))
        fit = blocks(samples_of(table, holes)).fit(weights, mu)
        parts.append(float((fit.effects**2).sum() - fit.error) / 5)
    assert np.mean(parts) == pytest.approx(0.25, abs=4 * np.std(parts) / 20)


def test_a_configuration_without_a_say_has_what_the_seeds_of_the_others_leave_it():
    weights = np.array([0.0, 0.25, 0.25, 0.25, 0.25])
    fit = blocks(samples_of(TABLE)).fit(weights, np.ones(5))
    effects = TABLE[1:].mean(0) - TABLE[1:].mean()
    assert fit.effects == pytest.approx(effects)
    assert fit.squares[0] == pytest.approx(((TABLE[0] - TABLE[0].mean() - effects) ** 2).sum())
    assert fit.df[0] == pytest.approx(5 * 1.25)


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [{0: 1.0}, {0: 2.0}],
        [{0: 1.0, 1: 2.0}, {2: 2.0, 3: 4.0}],
        [{0: 1.0, 1: 2.0}, {0: 2.0, 3: 4.0}],
        [{0: 1.0, 1: 2.0, 2: 3.0}],
    ],
)
def test_without_two_seeds_that_two_configurations_share_there_are_no_blocks(samples):
    assert blocks(samples) is None


def test_what_only_one_configuration_has_falls_away_one_after_the_other():
    """The third has seed 2 alone with the fourth, whose other seed nobody has: so neither says anything, and seed 2 goes."""
    samples = [{0: 1.0, 1: 2.0, 9: 5.0}, {0: 1.5, 1: 2.0}, {0: 3.0, 2: 1.0, 1: 0.0}, {2: 4.0, 7: 1.0}, {5: 1.0, 6: 2.0}]
    found = blocks(samples)
    assert found.seeds == (0, 1)
    assert found.n.tolist() == [2, 2, 2, 0, 0]
    assert (found.df, found.parts) == (6 - 3 - 1, 1)


def test_sets_of_seeds_that_no_configuration_joins_are_fitted_apart():
    first, second = TABLE[:2, :3], TABLE[2:, 3:]
    samples = [dict(enumerate(row)) for row in first] + [dict(enumerate(row, 3)) for row in second]
    found = blocks(samples)
    assert (found.parts, found.df) == (2, 2 + 4)
    fit = found.fit(np.full(5, 0.2), np.ones(5))
    alone = [*(first.mean(0) - first.mean()), *(second.mean(0) - second.mean())]
    assert fit.effects == pytest.approx(alone)
    assert fit.error == pytest.approx(2 / 2 + 2 / 3)
    told = found.described(fit, 1.0, 2.0)
    assert (told.df, told.scatter) == (4, pytest.approx((np.square(alone).sum() / 4) ** 0.5))


def test_equal_runs_differ_by_exactly_nothing():
    found = blocks([dict.fromkeys(range(3), 0.1), dict.fromkeys(range(3), 0.7), dict.fromkeys(range(3), 0.3)])
    assert not found.away.any()


def test_seeds_that_are_too_many_are_not_told_apart():
    def few(n):
        return [dict.fromkeys(range(n), 1.0), dict.fromkeys(range(n), 2.0)]

    assert blocks(few(MOST)).df == MOST - 1
    assert blocks(few(MOST + 1)) is None


tables = st.lists(st.lists(st.one_of(st.none(), st.integers(-80, 80)), min_size=4, max_size=4), min_size=2, max_size=6)


@given(tables)
@pytest.mark.slow
def test_the_blocks_of_any_table_are_those_of_least_squares(drawn):
    """Where every configuration and seed that is left is told apart by rank alone."""
    samples = [{s: float(y) for s, y in enumerate(row) if y is not None} for row in drawn]
    found = blocks(samples)
    if found is None:
        return
    kept = [{s: y for s, y in runs.items() if found.n[i] and s in found.seeds} for i, runs in enumerate(samples)]
    assert [len(runs) for runs in kept] == found.n.tolist()
    assert all(sum(s in runs for runs in kept) > 1 for s in found.seeds)
    design, y, owner = design_of(kept, found.seeds)
    assert found.df == len(y) - np.linalg.matrix_rank(design)
    fit = found.fit(np.full(len(samples), 1 / len(samples)), np.ones(len(samples)))
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert fit.squares == pytest.approx(np.bincount(owner, left**2, minlength=len(samples)), abs=1e-8)
    assert fit.df[found.n > 0].sum() == pytest.approx(found.df)


@given(tables, st.randoms())
def test_the_order_of_configurations_and_runs_moves_no_effect(drawn, shuffle):
    samples = [{s: float(y) for s, y in enumerate(row) if y is not None} for row in drawn]
    order = shuffle.sample(range(len(samples)), len(samples))
    moved = [dict(shuffle.sample(sorted(samples[i].items()), len(samples[i]))) for i in order]
    one, other = blocks(samples), blocks(moved)
    assert (one is None) == (other is None)
    if one:
        assert (other.seeds, other.df, other.parts) == (one.seeds, one.df, one.parts)
        assert other.away == pytest.approx(one.away[order])
