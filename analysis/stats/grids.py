"""A table of cell means over two factors in, its additive fit and what speaks against it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import frexp

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc


@dataclass(frozen=True, eq=False)
class Additive:
    """mean + row effect + column effect, [rows] and [columns], and what it leaves over, [rows, columns], on `df` degrees of
    freedom."""

    mean: float
    rows: npt.NDArray[np.float64]
    columns: npt.NDArray[np.float64]
    residuals: npt.NDArray[np.float64]
    df: int


@dataclass(frozen=True)
class FTest:
    """An F statistic with its degrees of freedom and p, the chance of one as large under the null hypothesis."""

    statistic: float
    df: tuple[float, float]
    p: float


def additive(cells: npt.ArrayLike) -> Additive:
    """The least-squares fit of row and column effects to `cells` [rows, columns], each cell counted once.

    >>> additive([[1.0, 2.0], [3.0, 4.0]]).residuals.tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    y = np.asarray(cells, float)
    mean = float(y.mean())
    rows, columns = y.mean(axis=1) - mean, y.mean(axis=0) - mean
    return Additive(mean, rows, columns, y - mean - rows[:, None] - columns, (y.shape[0] - 1) * (y.shape[1] - 1))


def interaction(cells: npt.ArrayLike, error: float, df: int) -> FTest | None:
    """Whether the factors act together: the mean square of what the additive fit of `cells` leaves over, against the squared
    standard `error` of a cell's mean on `df` degrees of freedom from replicates (the analysis of unweighted means, Yates 1934).
    None where there is no error to test against, or one factor has one level."""
    fit = additive(cells)
    if not fit.df or not df or not error > 0:
        return None
    ratio = float((fit.residuals**2).sum()) / fit.df / error
    return FTest(ratio, (fit.df, df), float(fdtrc(fit.df, df, ratio)))


def interaction_by_seed(tables: Sequence[npt.ArrayLike], variances: npt.ArrayLike | None = None) -> FTest | None:
    """The same test where every cell ran with the same seeds: `tables` has the scores [rows, columns] of each. The error is how far
    what the additive fit leaves over differs from seed to seed, MS(rows x columns x seed) of the analysis of variance, in which
    nothing that a seed does to a row or a column has a part. None where one factor or the seed has one level, or nothing differs.

    `variances` [rows, columns] are those of a run of each cell, where they differ: a few noisy cells then make both mean squares,
    which have fewer degrees of freedom (Box 1954, Annals of Mathematical Statistics 25), told to a tenth.

    >>> interaction_by_seed([[[1.0, 2.0], [3.0, 5.0]], [[1.5, 2.0], [3.0, 6.0]]]).df
    (1, 1)
    """
    whole, fits = additive(np.mean([_array(table) for table in tables], axis=0)), [additive(table) for table in tables]
    df = whole.df * (len(tables) - 1)
    left = float(sum(((fit.residuals - whole.residuals) ** 2).sum() for fit in fits))
    if not df or not left > 0:
        return None
    ratio = len(tables) * float((whole.residuals**2).sum()) / whole.df / (left / df)
    both: tuple[float, float] = (whole.df, df)
    if variances is not None and (even := _evenness(_array(variances))) < 1 - 1e-9:
        both = (round(max(1.0, even * whole.df), 1), round(max(1.0, even * whole.df) * (len(tables) - 1), 1))
    return FTest(ratio, both, float(fdtrc(*both, ratio)))


def _evenness(variances: npt.NDArray[np.float64]) -> float:
    """Box's ε: the share of the degrees of freedom of what an additive fit leaves over that cells of such `variances` leave, from
    1 over their number to 1 where all vary alike."""
    rows, columns = variances.shape
    v = variances / max(float(variances.max()), 1e-300)
    # What takes the additive fit off the cells is (I - 1/rows) x (I - 1/columns); its squared entries, times v from both sides:
    down = v.sum(axis=0) / rows**2 + (1 - 2 / rows) * v
    squares = float((v * (down.sum(axis=1, keepdims=True) / columns**2 + (1 - 2 / columns) * down)).sum())
    return float(v.mean()) ** 2 * (rows - 1) * (columns - 1) / squares if squares > 0 else 1.0


def _array(table: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(table, float)


def _scaled(cells: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """`cells` with sizes of 1 at most, by a power of two, so that no digit changes and no power of them overflows."""
    y = np.asarray(cells, float)
    scaled: npt.NDArray[np.float64] = np.ldexp(y, -frexp(float(np.abs(y).max()))[1])
    return scaled


def tukey(cells: npt.ArrayLike) -> FTest | None:
    """Tukey's (1949, Biometrics 5) test of non-additivity with one degree of freedom: whether the residuals go with the product
    of the row and column effects. It needs no replicates. None where nothing is left to test against."""
    y = _scaled(cells)
    fit = additive(y)
    product = np.outer(fit.rows, fit.columns)
    scale = float((product**2).sum())
    left = float((fit.residuals**2).sum())
    if fit.df < 2 or not scale > 0:
        return None
    one = float((y * product).sum()) ** 2 / scale
    rest = left - one
    if not rest > 1e-12 * max(left, float(np.abs(fit.mean)) ** 2 * 1e-12):
        return None
    ratio = one / (rest / (fit.df - 1))
    return FTest(ratio, (1, fit.df - 1), float(fdtrc(1, fit.df - 1, ratio)))
