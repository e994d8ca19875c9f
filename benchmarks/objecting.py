"""How often the checks on the noise object, and what they object to costs.

    python benchmarks/objecting.py spreads     # how often SB112 fires
    python benchmarks/objecting.py looks       # how often two equal configurations are told apart by who stops at the first verdict

Prints the tables of docs/calibration.md. Runs are normal. For `looks` all are equal. For `spreads` log standard deviations scatter
by so much, around one for all, with equal means; or around .6 for the best to 12 for the worst. The random numbers are seeded, so
every call prints the same.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.checks.scatter import beyond
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import Noise, Runs, noise

REPORTS = 9
OTHERS = (0, 10)
SHARE = 0.3  # of the variance of a run of the quietest that is the seed's, for `spreads`
SPREADS = (0.0, 0.4, 0.8, 1.2)


def first_verdicts(others: int, studies: int, rng: np.random.Generator) -> list[float]:
    """The share of studies with a verdict on two equal configurations beside `others` in the first 1, 2, … reports. The first has
    two seeds, each further one a seed more."""
    first = np.zeros(REPORTS)
    for _ in range(studies):
        runs = rng.normal(0, 1, (others + 2, REPORTS + 1))
        told = next((report for report in range(REPORTS) if _told(runs[:, : report + 2])), None)
        if told is not None:
            first[told] += 1
    return [float(rate) for rate in np.cumsum(first) / studies]


def _told(runs: npt.NDArray[np.float64]) -> bool:
    samples, known = _noise(runs)
    pair = [mean_of(samples[key], known, key, None) for key in ("0", "1")]
    return contrast(pair, [-1, 1]).interval().told


def _noise(runs: npt.NDArray[np.float64]) -> tuple[dict[str, Runs], Noise | None]:
    samples: dict[str, Runs] = {str(i): {seed: float(y) for seed, y in enumerate(row)} for i, row in enumerate(runs)}
    return samples, noise(samples)


def fired(k: int, n: int, spread: float, slope: bool, studies: int, rng: np.random.Generator) -> float:
    """The share of studies of `k` configurations with `n` runs each in which spreads are beyond the model; log standard deviations
    scatter by `spread`."""
    count = 0
    for _ in range(studies):
        sd = np.exp(rng.normal(0, spread, k)) * (np.linspace(12, 0.6, k) if slope else 1)
        seeds = rng.normal(0, (SHARE / (1 - SHARE)) ** 0.5 * sd.min(), n)
        means = np.linspace(0, 60, k) if slope else np.zeros(k)
        _, known = _noise(means[:, None] + seeds + sd[:, None] * rng.normal(0, 1, (k, n)))
        count += known is not None and beyond(known)
    return count / studies


def looks(studies: int) -> Iterator[str]:
    yield "| reports | " + " | ".join(f"beside {others}" for others in OTHERS) + " |"
    yield "|---" * (len(OTHERS) + 1) + "|"
    rates = [first_verdicts(others, studies, np.random.default_rng(14)) for others in OTHERS]
    for report, row in enumerate(zip(*rates, strict=True), 1):
        yield f"| {report} | " + " | ".join(f"{rate:.3f}" for rate in row) + " |"


def spreads(studies: int) -> Iterator[str]:
    yield "| configurations x runs | " + " | ".join(f"spread {spread:g}" for spread in SPREADS) + " |"
    yield "|---" * (len(SPREADS) + 1) + "|"
    for k, n in ((12, 3), (12, 5), (20, 3), (20, 5), (56, 3), (56, 5)):
        cells = []
        for spread in SPREADS:
            rates = [fired(k, n, spread, slope, studies, np.random.default_rng(12)) for slope in (False, True)]
            cells.append(" / ".join(f"{rate:.2f}" for rate in rates))
        yield f"| {k} x {n} | " + " | ".join(cells) + " |"


TABLES = {"looks": (looks, 2000), "spreads": (spreads, 200)}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("table", choices=TABLES)
    asked.add_argument("--studies", type=int, help="studies a cell")
    options = asked.parse_args()
    table, studies = TABLES[options.table]
    for line in table(options.studies or studies):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
