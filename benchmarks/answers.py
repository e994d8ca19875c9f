"""Runs with a known truth in, what the product says of them out, each answer held against the truth: 1 is wrong, or found.

It calls what a build calls: the noise, the means, tiers, letters, the choice, effects, the grid, the grading of predictions.
calibration.py draws the studies and counts the answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path

import numpy as np
from sweepbook.analysis.findings.best import Choice, choice, unranked
from sweepbook.analysis.groups.effects import Effect, effect, grid, matters_more
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, factors
from sweepbook.analysis.predictions.grading import outcome
from sweepbook.analysis.predictions.reading import combined
from sweepbook.analysis.predictions.verdict import CONFIRMED, REFUTED
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import Noise, Runs, noise
from sweepbook.analysis.stats.several import discoveries
from sweepbook.analysis.stats.tiers import letters, tiers
from sweepbook.runner.member import Member
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, Prediction, Trend
from sweepbook.runner.study import Group, Study
from worlds import EQUAL, PAIR, PLANTED, RISE, SHAPES, Cell, Truth, drawn, ladder, raised  # the script beside this one
from worlds import grid as flat

METRIC = "score"
LETTERED = 12  # configurations up to which letters are told
SINGLE = 8  # configurations that single questions are asked of
TOLD = (CONFIRMED, REFUTED)
SINGLE_ONES, LEVELS, EVERYTHING, BEYOND = ASKED = ("single", "levels", "all", "beyond")
Answers = Iterator[tuple[str, float]]


@lru_cache
def plan(k: int) -> Study:
    """A plan of `k` configurations: the whole grid, its row of the best, and two halves that are held against each other."""
    a, b = SHAPES[k]
    cells = list(product(range(1, a + 1), range(1, b + 1)))
    members = [Member(f"c{i}-{j}", {"a": i, "b": j}, {"a": i, "b": j}) for i, j in cells]
    halves = [[m for m, (_, j) in zip(members, cells, strict=True) if (j > b // 2) is late] for late in (False, True)]
    groups = [_group("grid", members), _group("row", members[:b]), _group("first", halves[0]), _group("second", halves[1])]
    return Study("s", Path("study.toml"), "", "", "", "", METRIC, "maximize", (0,), {}, tuple(groups))


def _group(name: str, members: Sequence[Member]) -> Group:
    return Group(name, name, "", "", (), ("a", "b"), tuple(members), None, ())


@dataclass(frozen=True, eq=False)
class Read:
    """A study as a build reads it, before anything is asked of it."""

    study: Study
    truth: Truth
    noise: Noise | None
    summaries: tuple[Summary, ...]

    @cached_property
    def groups(self) -> Mapping[str, GroupRows]:
        """The groups of the plan, with the factors that vary in each."""
        known = {summary.id: summary for summary in self.summaries}
        found = {}
        for group in self.study.groups:
            found[group.name] = GroupRows(group, factors(group.members), tuple(Row(m, known[m.id]) for m in group.members))
        return found

    @cached_property
    def tiers(self) -> Mapping[str, int]:
        """The tier of each configuration."""
        numbers = tiers([summary.means[METRIC] for summary in self.summaries]) or []
        return dict(zip((summary.id for summary in self.summaries), numbers, strict=False))

    def effect(self, factor: str) -> Effect | None:
        """What a factor did in the grid."""
        return effect(self.groups["grid"], factor, self.study)

    def verdict(self, prediction: Prediction, group: str = "grid") -> str:
        """What comes of a prediction."""
        noises = {METRIC: self.noise, "gap": self.noise} if self.noise else {}
        return outcome(prediction, self.groups[group], self.groups, self.study, noises, {"grid": self.tiers}).verdict

    def told(self, prediction: Prediction, group: str = "grid") -> float:
        """Whether there is any verdict."""
        return float(self.verdict(prediction, group) in TOLD)


def read(k: int, truth: Truth) -> Read:
    """The study of so many configurations with these runs."""
    study = plan(k)
    ids = [member.id for member in study.groups[0].members]
    samples: dict[str, Runs] = dict(zip(ids, truth.runs, strict=True))
    found = noise(samples)
    return Read(study, truth, found, tuple(_summary(study, i, truth, found) for i in range(k)))


def _summary(study: Study, place: int, truth: Truth, found: Noise | None) -> Summary:
    member, runs = study.groups[0].members[place], truth.runs[place]
    mean, y = mean_of(runs, found, member.id), tuple(runs.values())
    both, means = {METRIC: y, "gap": y}, {METRIC: mean, "gap": mean}
    logs = tuple(f"{member.label}-{seed}" for seed in runs)
    fields = {"id": member.id, "label": member.label, "labels": (member.label,), "config": member.config, "logs": logs}
    costs = {"parameters": truth.costs[place], "steps": None, "examples_seen": None, "valid_seen": None, "seconds": None}
    return Summary(**fields, seeds=tuple(runs), runs=both, means=means, **costs)  # type: ignore[arg-type]


def of_single(cell: Cell, found: Read) -> Answers:
    """What is told of single configurations of a grid in which b does nothing, each with whether it is false. An answer that is
    one of several of its kind counts for its share."""
    yield "behind", _behind(found)
    if cell.k <= LETTERED:
        yield "letters", _lettered_apart(found)
    means, scores = [s.means[METRIC] for s in found.summaries[:SINGLE]], found.truth.scores[:SINGLE]
    pairs = [_lead(a, b) for a, b in zip(means[::2], means[1::2], strict=True)]
    alike = [pair.told for pair, a, b in zip(pairs, scores[::2], scores[1::2], strict=True) if a == b]
    yield "pair", _mean(alike)
    values = [combined([({"a": mean}, 1.0)]).contrast for mean in means]
    known = list(zip(values, scores.tolist(), strict=True))
    yield "at", _mean([_outside(value.interval(), score) for value, score in known])
    yield "gap", _mean([_outside(value.interval(0.90), score) for value, score in known]) / 2  # either verdict in 5%
    yield "trend, single", found.told(Trend("", "increasing", "b"), "row")


def _behind(found: Read) -> float:
    """Whether any of the best is told to be behind."""
    scores = found.truth.scores
    best = [s.id for s, score in zip(found.summaries, scores, strict=True) if score >= scores.max()]
    return float(any(found.tiers.get(key, 1) > 1 for key in best))


def _lettered_apart(found: Read) -> float:
    """Whether letters tell any two of the same score apart."""
    texts, scores = letters([s.means[METRIC] for s in found.summaries]), found.truth.scores
    if not texts:
        return 0.0
    alike = ((i, j) for i in range(len(texts)) for j in range(i) if scores[i] == scores[j])
    return float(any(not set(texts[i]) & set(texts[j]) for i, j in alike))


def _lead(ours: Mean, other: Mean) -> Difference:
    """How far one lies ahead of the other, as `better` has it."""
    return combined([({"a": ours}, 1.0), ({"b": other}, -1.0)]).contrast.interval()


def _outside(interval: Difference, value: float) -> bool:
    return interval.low is not None and interval.high is not None and not interval.low <= value <= interval.high


def of_levels(cell: Cell, found: Read) -> Answers:
    """What is told of b, which does nothing, and of means over several configurations, as `of_single`."""
    yield from _predicted(cell, found)
    yield from _of_factors(cell, found)


def _predicted(cell: Cell, found: Read) -> Answers:
    """What is graded."""
    b = SHAPES[cell.k][1]
    one, other = {"b": [1]}, {"b": [2]}
    middle = float(found.truth.scores.mean())
    yield "at, level", found.told(At("", one, middle, None))
    yield "gap, level", found.told(GapAtMost("", middle, one)) / 2
    yield "gap, widest", found.told(GapAtMost("", float(found.truth.scores.max()), {})) / 2
    yield "better, levels", found.told(Better("", one, other, 0.0))
    yield "trend", found.told(Trend("", "increasing", "b"))
    if b > 2:
        yield "diminishing", found.told(Trend("", "diminishing", "b"))
    yield "best", found.told(Best("", one))
    yield "beats", found.told(Beats("", "second"), "first")


def _of_factors(cell: Cell, found: Read) -> Answers:
    """What is found of factors: b does nothing, a does what the world says, and both do it by themselves."""
    a, b = found.effect("a"), found.effect("b")
    assert b
    true = found.truth.scores.max() - found.truth.scores.min()
    for name, one, size in (("range", b, 0.0), ("range, a", a, float(true))):
        if one and one.range.low is not None and one.range.high is not None:
            yield name, float(not one.range.low <= size <= one.range.high)
    if a:
        wider = matters_more(b, a)
        yield "matters", float(wider is not None if cell.world in EQUAL else wider is True)
    steps = [*b.steps, *(a.steps if a and cell.world in EQUAL else ())]
    yield "step", _mean([step.difference().told for step in steps])
    level = discoveries([step.contrast.p() for step in steps])
    yield "steps", float(any(step.difference(1 - level).told for step in steps))
    table = grid(found.groups["grid"], METRIC, found.noise)
    if table:
        yield "interaction", float(bool(table.interaction and table.interaction.p <= 0.05))


def power(cell: Cell, found: Read) -> Answers:
    """What is found in a study of which the last configuration lies behind, and what becomes of the recommendation."""
    truth, last = found.truth, found.summaries[-1]
    yield "found", float(found.tiers.get(last.id, 1) > 1)
    yield "top behind", _behind(found)
    away = (truth.scores.max() - truth.scores) / truth.sds
    loose = unranked(found.summaries, found.tiers, METRIC)
    kept = [found.tiers.get(s.id, 1) == 1 and s.id not in loose for s in found.summaries]
    far = [stays for stays, sds in zip(kept, away, strict=True) if sds >= 5]
    if far:
        yield "far stay", _mean(far)
    yield "not ranked", _mean([s.id in loose for s in found.summaries])
    made = chosen(found, loose)
    if made:
        place = found.summaries.index(made.recommended)
        lost = truth.scores.max() - truth.scores[place]
        yield "worse, own SD", float(lost >= 2 * truth.sds[place] - 1e-9)
        yield "worse, best's SD", float(lost >= 2 * truth.sds[int(np.argmax(truth.scores))] - 1e-9)


def chosen(found: Read, loose: frozenset[str]) -> Choice | None:
    """The recommendation, as a build makes it."""
    ranking = sorted(found.summaries, key=lambda s: (found.tiers.get(s.id, 1), -s.means[METRIC].value))
    first = [s for s in ranking if found.tiers.get(s.id, 1) == 1 and s.id not in loose]
    return choice(ranking, first, METRIC, 1)


def pair_found(found: Read) -> Answers:
    """Whether the first configuration is told to be better than the last."""
    lead = _lead(found.summaries[0].means[METRIC], found.summaries[-1].means[METRIC])
    yield "pair found", float(lead.told and lead.estimate > 0)


def beyond(cell: Cell, risen: Read, ahead: Read, found: Read) -> Answers:
    """What is found where there is something to find: b rises by 1 (in `risen`), the first configuration stands out by 3 of its
    standard deviations (in `ahead`), or a claim lies 2 standard deviations off (in `found`, where all scores are equal)."""
    b = SHAPES[cell.k][1]
    one, last, first = {"b": [1]}, {"b": [b]}, {"a": [1], "b": [1]}
    yield "trend found", float(risen.verdict(Trend("", "increasing", "b")) == CONFIRMED)
    yield "better found", float(risen.verdict(Better("", last, one, 0.0)) == CONFIRMED)
    width = risen.effect("b")
    yield "range found", float(bool(width and width.range.low))
    yield "best found", float(ahead.verdict(Best("", first)) == CONFIRMED)
    yield "beats found", float(ahead.verdict(Beats("", "second"), "first") == CONFIRMED)
    table = grid(ahead.groups["grid"], METRIC, ahead.noise)
    if table and table.interaction:
        yield "interaction found", float(table.interaction.p <= 0.05)
    off = float(found.truth.scores[0] - PAIR * found.truth.sds[0])
    yield "at found", float(found.verdict(At("", first, off, None)) == CONFIRMED)
    off = float(found.truth.scores[0] + PAIR * found.truth.sds[0])
    yield "gap found", float(found.verdict(GapAtMost("", off, first)) == CONFIRMED)


def _mean(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers) if answers else 0.0


def answers(cell: Cell, number: int, draws: int, of: str = EVERYTHING) -> dict[str, float]:
    """The answers of the study of that number: of single configurations, of levels, or both; or of what lies beyond a bound."""
    luck, given = drawn(cell, number, draws), dict[str, float]()
    known = read(cell.k, flat(cell, luck))
    if of == BEYOND:
        risen, ahead = read(cell.k, raised(cell, luck, RISE, 0.0)), read(cell.k, raised(cell, luck, 0.0, PLANTED))
        return dict(beyond(cell, risen, ahead, known))
    if of != LEVELS:
        given |= dict(of_single(cell, known)) | dict(power(cell, read(cell.k, ladder(cell, luck))))
    if of != LEVELS and cell.world in EQUAL:
        given |= dict(pair_found(read(cell.k, ladder(cell, luck, PAIR))))
    if of != SINGLE_ONES:
        given |= dict(of_levels(cell, known))
    return given
