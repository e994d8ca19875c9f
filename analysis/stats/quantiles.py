"""Numbers of means and degrees of freedom in, the critical values for reading them together out.

By quadrature over what the statistics share, a normal value and the error's own estimate: the same numbers on every machine, and
no random draws.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from math import exp, expm1, floor, log, log1p, prod
from typing import TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtr, ndtri

Array = npt.NDArray[np.float64]
WorkedOut: TypeAlias = dict[tuple[str | float, ...], float]
Solve = TypeVar("Solve", bound=Callable[..., float])
Z = np.linspace(-8, 8, 161)
BEND, STEP = 20.0, 0.2  # from one to the next of those degrees of freedom between which critical values are read off
WORKED_OUT: WorkedOut = {}  # the values that took time, by what was asked; what another process worked out may be put in
LEAST = 1e-300  # of a share: so that it has a logarithm
NOTHING = -746.0  # the logarithm of what is 0 as a float
DENSITY = np.exp(-Z * Z / 2) / np.sqrt(2 * np.pi) * (Z[1] - Z[0])


@lru_cache(maxsize=4096)
def dunnett(k: int, df: float, rho: float = 0.5, level: float = 0.95, two_sided: bool = False) -> float:
    """The one-sided critical value for `k` means against one other: the `level` quantile of the largest of `k` t statistics of
    correlation `rho` that share their error (Dunnett 1955, JASA 50; 0.5 for equal n), or of their largest size.

    >>> round(dunnett(1, 10), 2), round(dunnett(3, 20), 2), round(dunnett(9, 60), 2)
    (1.81, 2.19, 2.48)
    """
    return _between(df, lambda node: _dunnett(k, node, rho, level, two_sided))


def correlation(error: float, widest: float) -> float:
    """The correlation of a mean's differences from others, rounded down to fortieths: `error` is its squared standard error,
    `widest` the largest one of the others. A lower correlation never makes a critical value smaller (Slepian 1962)."""
    return min(floor(40 * error / (error + widest)), 39) / 40 if error + widest > 0 else 0.5


@lru_cache(maxsize=65536)
def tukey(k: int, df: float, level: float = 0.95) -> float:
    """The critical value for all differences among `k` means: the `level` quantile of the studentized range (Tukey 1949),
    divided by √2, so that it stands where a t quantile would.

    >>> round(tukey(3, 10) * 2**0.5, 2), round(tukey(10, 60) * 2**0.5, 2)
    (3.88, 4.65)
    """
    return _between(df, lambda node: _tukey(k, node, level))


def straightened(df: Array) -> Array:
    """Degrees of freedom on a scale on which critical values bend little, be it for two means or for thousands."""
    return np.asarray(np.log1p(BEND / df))


def unbent(straight: Array) -> Array:
    """The degrees of freedom that lie there on that scale."""
    return np.asarray(BEND / np.expm1(straight))


def _between(df: float, quantile: Callable[[float], float]) -> float:
    """The quantile at whole degrees of freedom; else its logarithm is a cubic through that of the four nearest of a few: 0.01% off
    at most."""
    if df == int(df):
        return quantile(df)
    place = log1p(BEND / df) / STEP
    first = max(int(place) - 1, 0)
    nodes = range(first, first + 4)
    logs = [log(quantile(BEND / expm1(i * STEP) if i else 1e7)) for i in nodes]
    shares = [prod((place - other) / (i - other) for other in nodes if other != i) for i in nodes]
    return exp(sum(share * value for share, value in zip(shares, logs, strict=True)))


def _worked_out(solve: Solve) -> Solve:
    """The same function, which works nothing out twice."""

    @wraps(solve)
    def known(*asked: float) -> float:
        key: tuple[str | float, ...] = (solve.__name__, *asked)
        if key not in WORKED_OUT:
            WORKED_OUT[key] = solve(*asked)
        return WORKED_OUT[key]

    return cast(Solve, known)


@_worked_out
def _dunnett(k: int, df: float, rho: float, level: float, two_sided: bool) -> float:
    s, weight = scales(df)
    root, rest = rho**0.5, (1 - rho) ** 0.5

    def below(q: float) -> float:
        under = ndtr((-q * s[:, None] + root * Z) / rest) if two_sided else 0.0
        inside = _power(ndtr((q * s[:, None] + root * Z) / rest) - under, k)
        return float(weight @ (inside @ DENSITY))

    return _solved(below, level)


@_worked_out
def _tukey(k: int, df: float, level: float) -> float:
    s, weight = scales(df)
    at_z = ndtr(Z)
    first = int(np.searchsorted((k - 1) * np.log(at_z), NOTHING))  # of many means the largest is nowhere below
    inside, z, some = np.zeros((len(s), len(Z))), Z[first:], at_z[first:]

    def below(q: float) -> float:
        inside[:, first:] = k * _power(some - ndtr(z - q * 2**0.5 * s[:, None]), k - 1)
        return float(weight @ (inside @ DENSITY))

    return _solved(below, level)


def _power(share: Array, by: int) -> Array:
    """Each `share` to a power, by its logarithm: by itself that takes ten times as long where it is too small for a float."""
    logs = np.log(np.maximum(share, LEAST, out=share), out=share)
    return np.asarray(np.exp(np.multiply(by, logs, out=logs), out=logs))


@lru_cache(maxsize=4096)
def scales(df: float, nodes: int = 96) -> tuple[Array, Array]:
    """Values of √(χ²/df) and their weights: Gauss and Legendre's nodes over its probabilities."""
    x, weight = _legendre(nodes)
    return np.sqrt(chdtri(df, (1 - x) / 2) / df), weight / 2


@lru_cache
def _legendre(nodes: int) -> tuple[Array, Array]:
    """Those nodes and weights between -1 and 1: they cost as much as a critical value."""
    return np.polynomial.legendre.leggauss(nodes)


def _solved(below: Callable[[float], float], level: float) -> float:
    """Where a distribution function reaches `level`: false position (the Illinois rule) on the scale of its normal scores, on which
    it is nearly straight in log q."""

    def off(x: float) -> float:
        return float(ndtri(min(max(below(float(np.exp(x))), 1e-12), 1 - 1e-12)) - ndtri(level))

    a, b, side = -3.0, 2.0, 0
    at_a, at_b = off(a), off(b)
    while at_b < 0:
        a, at_a, b = b, at_b, b + 2
        at_b = off(b)
    while b - a > 1e-9:
        x = (a * at_b - b * at_a) / (at_b - at_a)
        at_x = off(x)
        if abs(at_x) < 1e-9:
            return float(np.exp(x))
        if at_x < 0:
            a, at_a, at_b, side = x, at_x, at_b / 2 if side < 0 else at_b, -1
        else:
            b, at_b, at_a, side = x, at_x, at_a / 2 if side > 0 else at_a, 1
    return float(np.exp(b))
