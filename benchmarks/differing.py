"""How often `sweepbook diff` is wrong, and how much it finds: simulated pairs of sweeps through the product's own functions.

python benchmarks/differing.py [--quick] [--repeats 1000] [--jobs 2]

Both sweeps have the same configurations, whose runs vary by 1 around a known truth in two metrics that go together as the accuracy
and the loss of a run do. Prints a table in Markdown with, for each number of configurations, runs and kind of seeds: the share of
pairs without any change in which some configuration is told to be better or worse in some metric, the share in which all of them
together are, and the power for a change of 3 standard deviations in one configuration beside the power that theory predicts. Exit
code 1 where a share of false ones is above 5% by more than three Monte Carlo standard errors. A second table is for configurations
that vary unlike each other. Seeded: the same numbers each time,
whatever `--jobs` says.
"""

import argparse
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice, product
from time import perf_counter

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit
from scipy.stats import nct
from sweepbook.analysis.diff.comparisons import BETTER, FALSE, MAIN, WORSE, Comparison, comparisons, paired, together
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.diff.noises import noises
from sweepbook.analysis.export.record.read import Entry, Side
from sweepbook.analysis.stats.means import Estimate
from sweepbook.analysis.stats.neighbours import BLOCKED, TREND, UNKNOWN
from sweepbook.analysis.stats.noise import FEW, borrowed

Array = npt.NDArray[np.float64]

METRICS = {"valid_accuracy": 1, "valid_loss": -1}  # and which way is better
TOGETHER = 0.8  # the correlation of the two within a run
CONFIGS = (4, 12, 56)
RUNS = (1, 2, 3, 5)
REFERENCE = 5  # runs of the first configuration where all others have one, so that anyone knows the noise
PLANTED = 3.0
UNEVEN = 0.4  # as the report of fashion-mnist has it in accuracy (0.42) and loss (0.38)
SAME, ANEW, OTHER = "same", "same, luck anew", "other"
SEEDS = ((SAME, 0.0), (OTHER, 0.0), (ANEW, 0.3), (OTHER, 0.3), (SAME, 0.6), (ANEW, 0.6), (OTHER, 0.6))
HEADS = ("configurations", "runs", "seeds", "of the seed", "any false", "all together false", "3 SD found", "predicted")


@dataclass(frozen=True)
class Cell:
    """Two sweeps of so many `configs` with so many `runs` each. `seeds` says whether the new runs have the seeds of the old ones,
    and whether a seed then brings the same luck; `moved` is the share of the variance that moves all runs of a seed alike. `uneven`
    is the standard deviation of the logarithm of the configurations' own standard deviations."""

    configs: int
    runs: int
    seeds: str
    moved: float
    uneven: float = field(default=0.0, repr=False)

    @property
    def counts(self) -> list[int]:
        """The runs of each configuration."""
        return [REFERENCE if self.runs == 1 and place == 0 else self.runs for place in range(self.configs)]


@dataclass(frozen=True)
class Shares:
    """The shares of pairs in which any comparison and the overall one are false, and in which a planted change is found."""

    any_false: float
    overall_false: float
    found: float
    repeats: int


def drawn(cell: Cell, draw: np.random.Generator, luck: Array | None = None) -> tuple[Array, Array]:
    """The runs [configurations, seeds, metrics] of one sweep without any effect, and what each seed moves. `luck` is the latter
    where another sweep had the same."""
    mix = np.linalg.cholesky([[1, -TOGETHER], [-TOGETHER, 1]])
    n = max(cell.counts)
    luck = draw.normal(size=(n, 2)) @ mix.T if luck is None else luck
    own = draw.normal(size=(cell.configs, n, 2)) @ mix.T
    return cell.moved**0.5 * luck + (1 - cell.moved) ** 0.5 * own, luck


def sides(cell: Cell, draw: np.random.Generator) -> tuple[Array, Array]:
    """The runs of both sweeps."""
    old, luck = drawn(cell, draw)
    new, _ = drawn(cell, draw, luck if cell.seeds == SAME else None)
    if not cell.uneven:
        return old, new
    deviations = np.exp(cell.uneven * draw.normal(size=(cell.configs, 1, 1)) - cell.uneven**2)  # their mean square is 1
    return old * deviations, new * deviations


def side(name: str, values: Array, counts: Sequence[int], first_seed: int = 0) -> Side:
    """The side of a comparison that a report of such runs would give."""
    entries = {}
    for place, n in enumerate(counts):
        seeds = range(first_seed, first_seed + n)
        runs = {metric: dict(zip(seeds, values[place, :n, i].tolist(), strict=True)) for i, metric in enumerate(METRICS)}
        means = {metric: Estimate(n, sum(y.values()) / n, None, None) for metric, y in runs.items()}
        fields = {"id": f"c{place}", "label": f"c{place}", "labels": (f"c{place}",), "config": {"x": place}, "n": n, "tier": None}
        facts = dict.fromkeys(("parameters", "seconds", "train_examples", "valid_examples", "valid_seen"))
        entries[f"c{place}"] = Entry(**fields, metrics=means, runs=runs, **facts)  # type: ignore[arg-type]
    return Side(name, "s", "valid_accuracy", "maximize", {}, entries, (), (), (), (), None)


def matched(old: Side, new: Side) -> Matching:
    """Both sides' configurations, each with its like."""
    return Matching(tuple(zip(old.entries.values(), new.entries.values(), strict=True)), (), (), (), (), str)


def compared(cell: Cell, old: Array, new: Array) -> tuple[tuple[Comparison, ...], bool]:
    """What is said of each configuration in each metric, and whether all together are told to have moved in the first."""
    a, b = side("old", old, cell.counts), side("new", new, cell.counts, 100 if cell.seeds == OTHER else 0)
    match = matched(a, b)
    by_metric = {metric: paired(match, metric) for metric in METRICS}
    made = comparisons(match, by_metric, (noises(a), noises(b)), "valid_accuracy", METRICS, None)
    return made, together("valid_accuracy", by_metric["valid_accuracy"], made).told


def pairs(cell: Cell, repeats: int) -> Iterator[tuple[Array, Array]]:
    """So many pairs of sweeps, the same ones each time."""
    draw = np.random.default_rng(zlib.crc32(repr(cell).encode()))
    for _ in range(repeats):
        yield sides(cell, draw)


def false_shares(cell: Cell, repeats: int) -> tuple[float, float]:
    """The shares of pairs in which any comparison is false, and in which the overall one is."""
    wrong = overall = 0
    for old, new in pairs(cell, repeats):
        made, told = compared(cell, old, new)
        wrong += any(one.verdict in (BETTER, WORSE) for one in made)
        overall += told
    return wrong / repeats, overall / repeats


def power(cell: Cell, repeats: int) -> float:
    """The share of pairs, every other one, in which a planted change is found."""
    seen = 0
    for old, new in islice(pairs(cell, repeats), 0, None, 2):
        new[-1, :, 0] += PLANTED
        made, _ = compared(cell, old, new)
        seen += next(one.verdict for one in made if one.label == f"c{cell.configs - 1}") == BETTER
    return seen / (repeats - repeats // 2)


def shares(cell: Cell, repeats: int) -> Shares:
    """All of these shares; those of the planted change are over half as many."""
    return Shares(*false_shares(cell, repeats), power(cell, repeats), repeats)


def predicted(cell: Cell) -> float:
    """About the power for the planted change by the noncentral t distribution, at the level of Holm's first step, as all
    configurations vary alike: the degrees of freedom are those of a configuration's own runs and of its neighbours, and the luck of
    the seeds has its expected size.
    """
    counts = cell.counts
    n, k, free = counts[-1], len(counts), sum(count - 1 for count in counts)
    blocked = (k - 1) * (n - 1) >= BLOCKED
    prior = min(12.0, 2 + k / 6) if k >= TREND and n > 1 else UNKNOWN
    known = min(prior + n - 1, (k - 1) * (n - 1) if blocked else free)
    by_seed = cell.seeds != OTHER and n > 1 and free >= FEW
    moved, own = 0.0 if cell.seeds == SAME and by_seed else cell.moved, 1 - cell.moved
    error = 2 * (own if blocked else own + moved) * borrowed(n) ** 2 / n
    luck = 2 * (moved + own / k) / n * float(stdtrit((n - 1) * (1 if by_seed else 2), 0.975)) ** 2 if blocked else 0.0
    sides = 1 if by_seed and not blocked else 2
    true = 2 * (own + (0.0 if cell.seeds == SAME else cell.moved)) / n
    critical = (float(stdtrit(sides * known, 1 - FALSE * MAIN / k / 2)) ** 2 * error + luck) ** 0.5
    return float(nct.sf(critical / true**0.5, sides * known, PLANTED / true**0.5))


def _job(job: tuple[Cell, int]) -> Shares:
    return shares(*job)


def cells(quick: bool = False) -> list[Cell]:
    """All that is simulated."""
    counts = CONFIGS[:2] if quick else CONFIGS
    made = [Cell(configs, runs, seeds, moved) for configs, runs, (seeds, moved) in product(counts, RUNS, SEEDS)]
    return [cell for cell in made if cell.runs > 1 or (cell.seeds == OTHER and cell.moved != 0.3)]


def uneven(chosen: Sequence[Cell]) -> list[Cell]:
    """The cells that are simulated with uneven noise as well."""
    return [replace(cell, uneven=UNEVEN) for cell in chosen if cell.runs > 1 and not cell.moved]


def row(cell: Cell, found: Shares) -> str:
    """A line of the table."""
    runs = f"1, one with {REFERENCE}" if cell.runs == 1 else str(cell.runs)
    measured = (found.any_false, found.overall_false, found.found, *(() if cell.uneven else (predicted(cell),)))
    return " | ".join(("", str(cell.configs), runs, cell.seeds, f"{cell.moved:.0%}", *(f"{x:.3f}" for x in measured), "")).strip()


def above(share: float, repeats: int, most: float = FALSE) -> bool:
    """Whether a share is above `most` by more than three standard errors."""
    return share > most + 3 * (most * (1 - most) / repeats) ** 0.5


def printed(found: Mapping[Cell, Shares]) -> None:
    """The table, in Markdown."""
    heads = HEADS[:-1] if any(cell.uneven for cell in found) else HEADS
    print(f"| {' | '.join(heads)} |")
    print(f"|{'---|' * len(heads)}")
    for cell, one in found.items():
        print(row(cell, one))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4 and 12 configurations, 200 pairs a cell: half a minute")
    parser.add_argument("--repeats", type=int, help="simulated pairs a cell (1,000; 200 with --quick)")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args(arguments)
    repeats = asked.repeats or (200 if asked.quick else 1000)
    chosen = cells(asked.quick)
    jobs = [*((cell, repeats) for cell in chosen), *((cell, repeats // 2) for cell in uneven(chosen))]
    began = perf_counter()
    with ProcessPoolExecutor(asked.jobs) as workers:
        rates = dict(zip((cell for cell, _ in jobs), workers.map(_job, jobs), strict=True))
    found = {cell: rates[cell] for cell in chosen}
    printed(found)
    print("\nEach configuration has a standard deviation of its own; nothing is required here.\n")
    printed({cell: one for cell, one in rates.items() if cell.uneven})
    missed = [row(cell, one) for cell, one in found.items() if above(max(one.any_false, one.overall_false), repeats)]
    error = (FALSE * (1 - FALSE) / repeats) ** 0.5
    print(f"\n{repeats:,} pairs a cell, {len(rates)} cells in {perf_counter() - began:.0f} s; the error of 0.050 is {error:.4f}.")
    print("\n".join(["MISSED", *missed]) if missed else "All shares are within their bounds.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
