import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.grids import additive, interaction, interaction_by_seed, tukey

# R's data set warpbreaks (Tippett 1950): breaks a loom, by wool (A, B) and tension (L, M, H), nine looms each.
LOOMS = [
    [
        [26, 30, 54, 25, 70, 52, 51, 26, 67],
        [18, 21, 29, 17, 12, 18, 35, 30, 36],
        [36, 21, 24, 18, 10, 43, 28, 15, 26],
    ],
    [
        [27, 14, 29, 19, 29, 31, 41, 20, 44],
        [42, 26, 19, 16, 39, 28, 21, 39, 29],
        [20, 21, 24, 17, 13, 15, 15, 16, 28],
    ],
]


def tables(rows, columns):
    cell = st.integers(-400, 400).map(lambda whole: whole / 8)
    return st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=rows, max_size=rows)


def test_the_interaction_of_warpbreaks_is_what_r_prints():
    # summary(aov(breaks ~ wool * tension)): wool:tension F = 4.189 on 2 and 48, p = 0.02104; residual mean square 119.7
    error = float(np.mean(np.var(LOOMS, axis=2, ddof=1)))
    assert error == pytest.approx(119.7, abs=0.05)
    found = interaction(np.mean(LOOMS, axis=2), error / 9, 48)
    assert (found.df, found.statistic) == ((2, 48), pytest.approx(4.189, abs=5e-4))
    assert found.p == pytest.approx(0.02104, abs=5e-6)


def test_the_additive_fit_is_least_squares():
    cells = np.random.default_rng(0).normal(size=(3, 5))
    fit = additive(cells)
    design = np.array([[1.0 * (i == r) for r in range(3)] + [1.0 * (j == c) for c in range(5)] for i in range(3) for j in range(5)])
    solved = design @ np.linalg.lstsq(design, cells.ravel(), rcond=None)[0]
    assert fit.residuals.ravel() == pytest.approx(cells.ravel() - solved)
    assert (fit.rows.sum(), fit.columns.sum(), fit.df) == (pytest.approx(0), pytest.approx(0), 8)


def regression(cells):
    """Tukey's test the long way: the product of the effects as one more regressor, against the fit without it."""
    y = np.asarray(cells, float)
    rows, columns = y.mean(axis=1) - y.mean(), y.mean(axis=0) - y.mean()
    r, c = y.shape
    design = np.array([[1.0 * (i == a) for a in range(r)] + [1.0 * (j == b) for b in range(c)] for i in range(r) for j in range(c)])
    wider = np.column_stack([design, np.outer(rows, columns).ravel()])
    left = [float(((y.ravel() - d @ np.linalg.lstsq(d, y.ravel(), rcond=None)[0]) ** 2).sum()) for d in (design, wider)]
    df = (r - 1) * (c - 1) - 1
    ratio = (left[0] - left[1]) / (left[1] / df)
    return ratio, df, stats.f.sf(ratio, 1, df)


@pytest.mark.parametrize("shape", [(2, 3), (3, 3), (6, 6)])
def test_tukeys_test_is_the_regression_on_the_product_of_the_effects(shape):
    for seed in range(20):
        cells = np.random.default_rng(seed).normal(size=shape) + np.outer(np.arange(shape[0]), np.arange(shape[1]))
        ratio, df, p = regression(cells)
        found = tukey(cells)
        assert (found.statistic, found.p) == (pytest.approx(ratio, rel=1e-6), pytest.approx(p, rel=1e-6))
        assert found.df == (1, df)


def test_tukeys_test_rejects_an_additive_table_in_one_of_twenty():
    draw = np.random.default_rng(7)
    effects = np.add.outer([0.0, 2.0, 4.0], [0.0, 1.0, 2.0, 5.0])
    rejected = [tukey(effects + draw.normal(size=(3, 4))).p < 0.05 for _ in range(2000)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=3 * (0.05 * 0.95 / 2000) ** 0.5)


def test_tukeys_test_finds_effects_that_multiply():
    draw = np.random.default_rng(8)
    cells = 10 + np.outer([1.0, 2.0, 4.0, 6.0], [1.0, 3.0, 5.0, 6.0]) + 0.5 * draw.normal(size=(4, 4))
    assert tukey(cells).p < 1e-4


@pytest.mark.parametrize("cells", [[[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0, 3.0]], [[1.0, 1.0, 1.0]] * 3, [[1.0, 2.0, 4.0]] * 3])
def test_a_table_that_leaves_nothing_to_test_against_has_no_test(cells):
    assert tukey(cells) is None


def test_there_is_no_interaction_test_without_replicates_or_with_one_level():
    assert interaction([[1.0, 2.0], [3.0, 5.0]], 0.0, 0) is None
    assert interaction([[1.0, 2.0, 3.0]], 0.1, 5) is None


def test_the_interaction_by_seed_is_that_of_the_analysis_of_variance():
    draw = np.random.default_rng(3)
    y = draw.normal(size=(4, 3, 5)) + 2 * draw.normal(size=(4, 1, 5))  # seeds, rows, columns; a seed moves columns unlike
    inside = y - y.mean(2, keepdims=True) - y.mean(1, keepdims=True) + y.mean((1, 2), keepdims=True)
    both = 4 * (inside.mean(0) ** 2).sum() / 8, ((inside - inside.mean(0)) ** 2).sum() / 24
    found = interaction_by_seed(list(y))
    assert (found.statistic, found.df) == (pytest.approx(both[0] / both[1]), (8, 24))
    assert found.p == pytest.approx(stats.f.sf(both[0] / both[1], 8, 24))


def test_cells_that_vary_unlike_leave_fewer_degrees_of_freedom():
    draw, variances = np.random.default_rng(4), np.array([[1.0, 4.0, 0.5], [2.0, 1.0, 9.0], [0.1, 1.0, 1.0], [3.0, 0.2, 1.0]])
    axes = [np.linalg.qr(np.column_stack([np.ones(k), draw.normal(size=(k, k - 1))]))[0][:, 1:] for k in (4, 3)]
    weights = np.kron(*axes)  # contrasts that an additive fit leaves over, [cells, 6]
    roots = np.linalg.eigvalsh(weights.T @ np.diag(variances.ravel()) @ weights)
    even = roots.sum() ** 2 / 6 / (roots**2).sum()
    y = variances**0.5 * draw.normal(size=(3, 4, 3))
    alike, unlike = interaction_by_seed(list(y), np.full((4, 3), 2.0)), interaction_by_seed(list(y), variances)
    assert (alike.df, alike.statistic) == ((6, 12), unlike.statistic)
    assert unlike.df == (pytest.approx(6 * even, abs=0.05), pytest.approx(12 * even, abs=0.05))
    assert interaction_by_seed(list(y), 1e-200 * variances).df == unlike.df


@pytest.mark.slow
def test_cells_that_vary_unlike_act_together_falsely_in_about_one_of_twenty():
    draw = np.random.default_rng(5)
    told = [0, 0]
    for _ in range(1000):
        sds = np.exp(0.8 * draw.normal(size=(5, 4)))
        tables = list(sds * draw.normal(size=(3, 5, 4)))
        tests = interaction_by_seed(tables), interaction_by_seed(tables, sds**2)
        told = [count + (test.p < 0.05) for count, test in zip(told, tests, strict=True)]
    assert told[0] > 90
    assert told[1] < 50 + 4 * (1000 * 0.05 * 0.95) ** 0.5


@given(tables(3, 4), st.sampled_from([-4.0, 0.25, 64.0]), st.integers(-1000, 1000))
def test_scaling_and_shifting_change_no_p_of_a_grid(cells, scale, shift):
    moved = scale * np.array(cells) + shift
    one, other = interaction(cells, 1.0, 5), interaction(moved, scale**2, 5)
    assert other.p == pytest.approx(one.p, rel=1e-6, abs=1e-9)
    one, other = tukey(cells), tukey(moved)
    assert (one is None) == (other is None)
    if one and one.statistic < 1e6:
        assert other.p == pytest.approx(one.p, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("size", [1e-300, 1e-99, 1e99])
def test_tukeys_test_does_not_depend_on_the_size_of_the_numbers(size):
    cells = np.outer([1, 2, 3], [1, 2, 4]) + np.array([[0, 0.1, 0], [0.2, 0, 0], [0, 0, 0.1]])
    small, large = tukey(cells), tukey(cells * size)
    assert (large.statistic, large.p) == (pytest.approx(small.statistic), pytest.approx(small.p))


def test_a_grid_of_the_smallest_numbers_there_are_has_a_test_or_none():
    assert tukey(np.array([[0, 5e-324, 0], [0, 0, 0], [0, 0, 0]])) is None
