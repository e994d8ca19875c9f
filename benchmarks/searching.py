"""How often a trend of a random search is wrong, and how often it comes: simulated searches through the product's own functions.

python benchmarks/searching.py [--studies 400] [--runs 100,300,1000,3000] [--csv FILE]

A search has eight settings: six numbers, one of five names, one of four levels. Under "nothing acts" the score is noise alone, and
settings are independent or go along with each other (a common part of half their variance). Else the score follows the first
setting by a curve of height 1 and the second by a line of 0.5; noise has a standard deviation of 0.5. Told are: a trend where there
is none (any of the settings that do not act), the trend of the first setting, the place of its best level within the region, how
wide that is, and the true range within the interval of the effect. Seeded by study. Exit code 1 where more than 5% and three Monte
Carlo standard errors of the searches show a trend where there is none.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core, before numpy is there

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.stats.columns import Levels
from sweepbook.analysis.stats.trends import trends

Numbers = npt.NDArray[np.float64]
NOISE = 0.5
CURVES: dict[str, tuple[Callable[[Numbers], Numbers], float, float]] = {
    "peak": (lambda u: 1 - (u - 0.4) ** 2 / 0.36, 0.4, 0.4),
    "tent": (lambda u: 1 - np.abs(u - 0.4) / 0.6, 0.4, 0.4),
    "line": (lambda u: u, 1.0, 1.0),
    "saturating": (lambda u: (1 - np.exp(-4 * u)) / (1 - np.exp(-4)), 1.0, 1.0),
    "plateau": (lambda u: np.minimum(u / 0.6, 1), 0.6, 1.0),
    "cliff": (lambda u: np.where(u < 0.75, u / 0.75, 0), 0.75, 0.75),
    "narrow peak": (lambda u: np.exp(-(((u - 0.7) / 0.08) ** 2)), 0.7, 0.7),
    "small line": (lambda u: 0.15 * u, 1.0, 1.0),
}
HEAD = ("truth", "runs", "false trend", "found", "best in region", "width of region", "range in interval")


def settings(u: Numbers) -> list[Levels]:
    """The settings of a search by their places from 0 to 1 [n, 8]: the first one drawn on a log scale."""
    numbers = [Levels(10 ** (4 * u[:, 0] - 5), True), *(Levels(u[:, k], True) for k in range(1, 6))]
    return [*numbers, Levels(np.floor(5 * u[:, 6]), False), Levels(16.0 * np.floor(4 * u[:, 7] + 1), True)]


def null(seed: int, n: int, along: bool) -> list[float]:
    """One search in which nothing acts."""
    rng = np.random.default_rng([seed, n, along])
    z = rng.normal(size=(n, 8)) + along * rng.normal(size=(n, 1))
    u = (z.argsort(0).argsort(0) + 0.5) / n
    found = trends(NOISE * rng.normal(size=n), settings(u), 1, np.random.default_rng(0))
    assert found is not None
    return [float(any(one.seen for one in found.each.values()))]


def acting(seed: int, n: int, name: str) -> list[float]:
    """One search in which the first two settings act."""
    rng = np.random.default_rng([seed, n, *name.encode()])
    u, (curve, low, high) = rng.random((n, 8)), CURVES[name]
    scores = curve(u[:, 0]) + 0.5 * u[:, 1] + NOISE * rng.normal(size=n)
    found = trends(scores, settings(u), 1, np.random.default_rng(0))
    assert found is not None
    false = any(one.seen for k, one in found.each.items() if k > 1)
    one = found.each[0]
    ends = (np.log10(one.ends[one.best]) + 5) / 4
    first, last = 0.0 if one.best[0] else float(ends.min()), 1.0 if one.best[-1] else float(ends.max())
    true = float(np.ptp(curve(np.linspace(0, 1, 10_001))))
    return [float(false), float(one.seen), float(first <= high and low <= last), last - first, float(one.low <= true <= one.high)]


def rows(studies: int, sizes: list[int]) -> list[tuple[str, ...]]:
    """A row a truth and number of runs."""
    made = []
    for n in sizes:
        for along in (False, True):
            wrong = np.mean([null(seed, n, along) for seed in range(studies)])
            name = "nothing acts, settings along with each other" if along else "nothing acts"
            made.append((name, str(n), f"{wrong:.3f}", "", "", "", ""))
            print("|", " | ".join(made[-1]), "|", flush=True)
        for name in CURVES:
            told = np.mean([acting(seed, n, name) for seed in range(studies // 2)], axis=0)
            made.append((name, str(n), f"{told[0]:.3f}", *(f"{value:.2f}" for value in told[1:])))
            print("|", " | ".join(made[-1]), "|", flush=True)
    return made


def main() -> int:
    """Print the table; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--runs", default="100,300,1000,3000")
    parser.add_argument("--csv", type=Path)
    args = parser.parse_args()
    print("|", " | ".join(HEAD), "|\n|" + "---|" * len(HEAD))
    made = rows(args.studies, [int(n) for n in args.runs.split(",")])
    if args.csv:
        args.csv.write_text(
            "\n".join(",".join(row) for row in [HEAD, *[tuple(x.replace(",", ":") for x in row) for row in made]]) + "\n"
        )
    most = 0.05 + 3 * (0.05 * 0.95 / args.studies) ** 0.5
    return int(any(float(row[2]) > most for row in made if row[0].startswith("nothing")))


if __name__ == "__main__":
    sys.exit(main())
