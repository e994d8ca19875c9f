"""How often a verdict is wrong, and how often it comes: simulated studies through the product's own functions.

python benchmarks/calibration.py [--quick] [--repeats 2000] [--jobs 2]

Each study is made of runs that vary by 1 around a known truth. Prints, for every kind of verdict, 1 to 5 runs a configuration and
several pools of further replicates, the false-positive rate where the truth lies on the boundary, and the power at 2 and 3 standard
deviations beyond it. Exit code 1 where a rate is above its bound by more than three Monte Carlo standard errors. Seeded: the same
numbers each time, whatever `--jobs` says.
"""

import argparse
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from time import perf_counter

import numpy as np
from sweepbook.analysis.groups.effects import grid, levels
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary
from sweepbook.analysis.predictions.grading import outcome
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import Noise, noise
from sweepbook.analysis.stats.ranges import between, level_range
from sweepbook.analysis.stats.several import discoveries
from sweepbook.analysis.stats.tiers import tiers
from sweepbook.runner.config import Value
from sweepbook.runner.study import At, Beats, Best, Better, GapAtMost, Group, MattersMore, Member, Prediction, Study, Trend

METRIC = "score"
RUNS = (1, 2, 3, 4, 5)
POOLS = {"none": (), "1x2": (2,), "3x2": (2, 2, 2), "1x6": (6,), "3x3": (3, 3, 3)}  # runs of each further configuration
QUICK = ("none", "3x2", "1x6")
Truth = Sequence[tuple[Mapping[str, Value], float]]  # the levels of each configuration of a group, and its true score


@dataclass(frozen=True, eq=False)
class World:
    """A simulated study: its groups, the noise between replicates, and the tiers of each group."""

    study: Study
    groups: Mapping[str, GroupRows]
    pooled: Noise | None
    tiers: Mapping[str, Mapping[str, int]]

    @property
    def first(self) -> GroupRows:
        return next(iter(self.groups.values()))

    def means(self) -> list[Mean]:
        return [row.summary.means[METRIC] for row in self.first.rows if row.summary]


@dataclass(frozen=True, eq=False)
class Case:
    """A truth, and what is asked of it: `ask` gives how far an answer counts, 0 to 1. Its mean is a rate of errors, `most` of them
    allowed, or where `most` is None power. `ask` is "" for a `prediction`, whose verdicts among `counted` count."""

    kind: str
    at: str
    truth: Mapping[str, Truth]
    prediction: Prediction | None = None
    counted: tuple[str, ...] = ()
    ask: Callable[[World], float] | None = None
    most: float | None = 0.05

    def answer(self, world: World) -> float:
        """What the world says, for this case."""
        if self.ask:
            return self.ask(world)
        assert self.prediction
        noises = {METRIC: world.pooled, "gap": world.pooled} if world.pooled else {}
        found = outcome(self.prediction, world.first, world.groups, world.study, noises, world.tiers)
        return float(found.verdict in self.counted)


@dataclass(frozen=True)
class Rate:
    """The mean of so many answers, with its Monte Carlo standard error."""

    mean: float
    error: float
    repeats: int

    def above(self, most: float) -> bool:
        """Whether it is above `most` by more than three standard errors, those of a rate of `most` at least."""
        return self.mean > most + 3 * max(self.error, (most * (1 - most) / self.repeats) ** 0.5)


def line(scores: Sequence[float], first: int = 1) -> Truth:
    """A group that varies one numeric factor, x."""
    return [({"x": first + place}, score) for place, score in enumerate(scores)]


def table(a: Sequence[float], b: Sequence[float]) -> Truth:
    """A full grid of two factors whose effects add up."""
    return [({"a": i + 1, "b": j + 1}, x + y) for (i, x), (j, y) in product(enumerate(a), enumerate(b))]


def predicted(
    kind: str, prediction: Prediction, null: Mapping[str, Mapping[str, Truth]], power: Callable[[float], Mapping[str, Truth]]
) -> list[Case]:
    """The cases of a prediction: each truth on its boundary, where neither verdict may come, and two beyond it."""
    wrong = [Case(kind, name, truth, prediction, ("confirmed", "refuted")) for name, truth in null.items()]
    return [*wrong, *(Case(kind, f"{size} SD", power(size), prediction, ("confirmed",), most=None) for size in (2, 3))]


def predictions() -> list[Case]:
    """The graded kinds."""
    better, at = Better("", {"x": [2]}, {"x": [1]}, 0.0), At("", {"x": [1]}, 0.0, 20.0)
    up, bend = Trend("", "increasing", "x"), Trend("", "diminishing", "x")
    first, rest = Best("", {"x": [1]}), Best("", {"x": [2, 3, 4, 5]})
    tied = {"g": line([1e-9, 0, 0, 0, 0])}  # the first is the best, by nothing that can be seen
    matters, beats = MattersMore("", "a", "b"), Beats("", "h")
    gap, gaps = GapAtMost("", 0.0, {"x": [1]}), GapAtMost("", 0.0, {})
    return [
        *predicted("better", better, {"equal": {"g": line([0, 0])}}, lambda d: {"g": line([0, d])}),
        *predicted("at", at, {"on its end": {"g": line([0])}}, lambda d: {"g": line([d])}),
        *predicted("increasing", up, {"flat": {"g": line([0] * 4)}}, lambda d: {"g": line([0, d / 3, 2 * d / 3, d])}),
        *predicted(
            "diminishing",
            bend,
            {"flat": {"g": line([0] * 4)}, "straight": {"g": line([0, 4, 8, 12])}},
            lambda d: {"g": line([0, d, d, d])},
        ),
        Case("best", "the best is named", tied, first, ("refuted",)),
        Case("best", "the rest is named", tied, rest, ("confirmed",)),
        *(Case("best", f"{d} SD", {"g": line([d, 0, 0, 0, 0])}, first, ("confirmed",), most=None) for d in (2, 3)),
        *predicted(
            "matters more",
            matters,
            {"flat": {"g": table([0] * 3, [0] * 3)}, "equal": {"g": table([0, 2, 4], [0, 2, 4])}},
            lambda d: {"g": table([0, 0, d], [0] * 3)},
        ),
        Case("gap at most", "on its end: confirmed", {"g": line([0])}, gap, ("confirmed",)),
        Case("gap at most", "on its end: refuted", {"g": line([0])}, gap, ("refuted",)),
        Case("gap at most", "all on their end: confirmed", {"g": line([0] * 4)}, gaps, ("confirmed",)),
        Case("gap at most", "all on their end: refuted", {"g": line([0] * 4)}, gaps, ("refuted",)),
        *(Case("gap at most", f"{d} SD", {"g": line([-d])}, gap, ("confirmed",), most=None) for d in (2, 3)),
        *predicted(
            "beats",
            beats,
            {
                "equal": {"g": line([0] * 3), "h": line([0] * 3, 4)},
                "one good": {"g": line([0] * 3), "h": line([0, -9, -9], 4)},
                "one good, ours": {"g": line([0, -9, -9]), "h": line([0] * 3, 4)},
            },
            lambda d: {"g": line([d, 0, 0]), "h": line([0] * 3, 4)},
        ),
    ]


def steps_found(world: World) -> list[bool]:
    """Which steps between neighbouring levels the program calls found, at a false discovery rate of 10%."""
    made = [between(a.means(METRIC), b.means(METRIC)) for a, b in pairwise(levels(world.first, "x", METRIC))]
    level = discoveries([step.p() for step in made])
    return [step.interval(1 - level).told for step in made]


def any_found(world: World) -> float:
    return float(any(steps_found(world)))


def false_share(truth: Sequence[float], world: World) -> float:
    """The share of the found steps that are none in truth."""
    found = steps_found(world)
    return sum(f and a == b for f, (a, b) in zip(found, pairwise(truth), strict=True)) / max(sum(found), 1)


def true_share(truth: Sequence[float], world: World) -> float:
    found = steps_found(world)
    real = [f for f, (a, b) in zip(found, pairwise(truth), strict=True) if a != b]
    return sum(real) / len(real)


def any_behind(world: World) -> float:
    """Whether any configuration is told to be behind another."""
    return float(max(tiers(world.means()) or [1]) > 1)


def best_lost(world: World) -> float:
    """Whether the first configuration, the best in truth, is not in the first tier."""
    found = tiers(world.means())
    return float(bool(found) and found[0] > 1)


def alone_first(world: World) -> float:
    found = tiers(world.means())
    return float(bool(found) and [i for i, tier in enumerate(found) if tier == 1] == [0])


def interacts(world: World) -> float:
    test = grid(world.first, METRIC, world.pooled)
    return float(bool(test and test.interaction and test.interaction.p <= 0.05))


def level_means(world: World) -> list[tuple[Mean, ...]]:
    return [level.means(METRIC) for level in levels(world.first, "x", METRIC)]


def range_missed(true: float, world: World) -> float:
    """Whether the true range of the levels lies outside its interval."""
    found = level_range(level_means(world)).difference
    return float(found.low is not None and found.high is not None and not found.low <= true <= found.high)


def range_told(world: World) -> float:
    return float(bool(level_range(level_means(world)).difference.low))


def crossed(d: float) -> Truth:
    """A grid in which one cell stands out by `d` over what adds up."""
    return [(at, score + d * (place == 8)) for place, (at, score) in enumerate(table([0, 1, 2], [0, 3, 4]))]


def findings() -> list[Case]:
    """What the program finds by itself."""
    half = [0.0, 0.0, 0.0, 4.0, 4.0, 8.0, 8.0, 8.0]

    def steps(d: float) -> list[float]:
        return [0.0, 0.0, 0.0, d, d, 2 * d, 2 * d, 2 * d]

    return [
        Case("steps", "flat: any found", {"g": line([0] * 8)}, ask=any_found, most=0.10),
        Case("steps", "two of seven: share false", {"g": line(half)}, ask=partial(false_share, half), most=0.10),
        *(Case("steps", f"{d} SD", {"g": line(steps(d))}, ask=partial(true_share, steps(d)), most=None) for d in (2, 3)),
        Case("first tier", "two equal: one behind", {"g": line([0, 0])}, ask=any_behind),
        Case("first tier", "twelve equal: any behind", {"g": line([0] * 12)}, ask=any_behind),
        Case("first tier", "the best lost", {"g": line([1e-9, 0, 0, 0, 0, 0])}, ask=best_lost),
        *(Case("first tier", f"{d} SD", {"g": line([d, 0, 0, 0, 0, 0])}, ask=alone_first, most=None) for d in (2, 3)),
        Case("interaction", "additive", {"g": table([0, 1, 2], [0, 3, 4])}, ask=interacts),
        *(Case("interaction", f"{d} SD", {"g": crossed(d)}, ask=interacts, most=None) for d in (2, 3)),
        Case("range", "flat: missed", {"g": line([0] * 4)}, ask=partial(range_missed, 0.0)),
        Case("range", "spread: missed", {"g": line([0, 0, 4, 6])}, ask=partial(range_missed, 6.0)),
        *(Case("range", f"{d} SD", {"g": line([0, 0, 0, d])}, ask=range_told, most=None) for d in (2, 3)),
    ]


def group(name: str, truth: Truth, predictions: tuple[Prediction, ...]) -> Group:
    """A group of the plan with the configurations of `truth`."""
    factors = tuple(truth[0][0])
    members = tuple(Member(f"{name}{place}", {"in": 1, **at}, dict(at)) for place, (at, _) in enumerate(truth))
    fields = {
        "name": name,
        "title": name,
        "hypothesis": "",
        "reasoning": "",
        "expected": (),
        "factors": factors,
        "members": members,
    }
    return Group(**fields, where=None, predictions=predictions)  # type: ignore[arg-type]


def study(case: Case) -> Study:
    """The plan of a case."""
    asked = (case.prediction,) if case.prediction else ()
    groups = tuple(group(name, truth, asked if place == 0 else ()) for place, (name, truth) in enumerate(case.truth.items()))
    return Study("s", Path("study.toml"), "", "", "", "", METRIC, "maximize", (0,), {}, groups)


def world(case: Case, plan: Study, draw: np.random.Generator, n: int, pool: Sequence[int], wild: float = 1.0) -> World:
    """A study of `n` runs a configuration and a `pool` of further ones, whose runs vary by 1, those of the first by `wild`."""
    true = {
        member.id: score for found in plan.groups for member, (_, score) in zip(found.members, case.truth[found.name], strict=True)
    }
    samples = {}
    for place, (key, score) in enumerate(true.items()):
        samples[key] = tuple(score + (1.0 if place else wild) * draw.normal(size=n))
    pooled = noise({**samples, **{f"further {place}": tuple(draw.normal(size=size)) for place, size in enumerate(pool)}})
    known = {key: _summary(key, y, mean_of(y, pooled, bool(pooled) and key in pooled.outlying)) for key, y in samples.items()}
    groups = {g.name: GroupRows(g, g.factors, tuple(Row(m, known[m.id]) for m in g.members)) for g in plan.groups}
    return World(plan, groups, pooled, {name: _tiers(found) for name, found in groups.items()} if _needs_tiers(case) else {})


def _needs_tiers(case: Case) -> bool:
    return isinstance(case.prediction, Best | Beats)


def _tiers(found: GroupRows) -> dict[str, int]:
    known = found.summaries
    made = tiers([summary.means[METRIC] for summary in known])
    return dict(zip((summary.id for summary in known), made, strict=True)) if made else {}


def _summary(key: str, y: tuple[float, ...], mean: Mean) -> Summary:
    both = {METRIC: y, "gap": y}
    logs = tuple(f"{key}-{place}" for place in range(len(y)))
    seeds = tuple(range(len(y)))
    rest = {"parameters": None, "steps": None, "examples_seen": None, "valid_seen": None, "seconds": None}
    return Summary(key, key, (key,), {}, logs, seeds, both, {METRIC: mean, "gap": mean}, **rest)


def rate(case: Case, n: int, pool: Sequence[int], repeats: int, wild: float = 1.0) -> Rate:
    """The mean answer over so many studies. Its seed hangs on what is simulated alone."""
    draw = np.random.default_rng(zlib.crc32(repr((case.kind, case.at, n, tuple(pool), wild)).encode()))
    plan = study(case)
    answers = np.array([case.answer(world(case, plan, draw, n, pool, wild)) for _ in range(repeats)])
    return Rate(float(answers.mean()), float(answers.std()) / repeats**0.5, repeats)


def cases() -> list[Case]:
    """All that is simulated."""
    return [*predictions(), *findings()]


def _job(job: tuple[int, int, str, int, float]) -> Rate:
    place, n, pool, repeats, wild = job
    return rate(cases()[place], n, POOLS[pool], repeats, wild)


def printed(title: str, found: Mapping[tuple[int, str], Rate], pools: Sequence[str]) -> None:
    """A block of the table: a row for each number of runs, a column for each pool."""
    print(f"{title:<62}" + "".join(f"{pool:>8}" for pool in pools))
    for n in sorted({n for n, _ in found}):
        print(f"{f'n = {n}':>62}" + "".join(f"{found[n, pool].mean:8.3f}" for pool in pools))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="1, 2 and 3 runs, three pools, 400 repeats: two minutes")
    parser.add_argument("--repeats", type=int, help="simulated studies a false-positive rate (2,000; 400 with --quick)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", help="only this kind of verdict")
    asked = parser.parse_args(arguments)
    repeats = asked.repeats or (400 if asked.quick else 2000)
    runs, pools = (RUNS[:3], QUICK) if asked.quick else (RUNS, tuple(POOLS))
    everything = cases()
    chosen = [place for place, case in enumerate(everything) if asked.kind in (None, case.kind)]
    equal = [
        (place, n, pool, repeats if everything[place].most else repeats // 2, 1.0)
        for place in chosen
        for n in runs
        for pool in pools
    ]
    uneven = [
        (place, n, pool, repeats // 4, 3.0) for place in chosen if everything[place].most for n in runs for pool in ("none", "3x3")
    ]
    began = perf_counter()
    with ProcessPoolExecutor(asked.jobs) as workers:
        rates = dict(zip([*equal, *uneven], workers.map(_job, [*equal, *uneven], chunksize=4), strict=True))
    error = (0.05 * 0.95 / repeats) ** 0.5
    print(f"{repeats:,} studies a false-positive rate, half of that a power; the standard error of a rate of 0.050 is {error:.4f}.")
    missed = []
    for place in chosen:
        case = everything[place]
        title = f"{case.kind}, {case.at}: " + (f"false, {case.most:.0%} allowed" if case.most else "power")
        found = {(n, pool): value for (at, n, pool, _, wild), value in rates.items() if (at, wild) == (place, 1.0)}
        printed(title, found, pools)
        for (n, pool), value in found.items():
            unknown = n == 1 and pool == "none"
            if (case.most and value.above(case.most)) or (unknown and value.mean > 0):
                missed.append(f"{title}, n = {n}, pool {pool}: {value.mean:.4f} ± {value.error:.4f}")
    print("\nThe first configuration varies three times as much as the rest; nothing is required here.")
    for place in chosen:
        case = everything[place]
        if case.most:
            found = {(n, pool): value for (at, n, pool, _, wild), value in rates.items() if (at, wild) == (place, 3.0)}
            printed(f"{case.kind}, {case.at}: false", found, ("none", "3x3"))
    print(f"\n{len(rates):,} cells in {perf_counter() - began:.0f} s.")
    print("\n".join(["MISSED", *missed]) if missed else "All rates are within their bounds.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
