"""The outcomes of a study's predictions in, one number of seeds for every pair of configurations that they compare out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.verdict import UNTOLD

Pair: TypeAlias = tuple[str, frozenset[str]]  # the metric, and the ids of two configurations


def agreed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes, those that cannot tell the same two configurations apart with the same number of seeds: the largest of theirs,
    after which all of them can be told."""
    needed: dict[Pair, list[int | None]] = {}
    for outcome in outcomes:
        if pair := _pair(outcome):
            needed.setdefault(pair, []).append(outcome.seeds_needed)
    return [replace(outcome, seeds_needed=_most(needed[pair])) if (pair := _pair(outcome)) else outcome for outcome in outcomes]


def asked(outcomes: Iterable[Outcome], metric: str, ids: Collection[str]) -> Outcome | None:
    """The first outcome that cannot tell these two configurations apart; None where no prediction asks it of them."""
    wanted = (metric, frozenset(ids))
    return next((outcome for outcome in outcomes if _pair(outcome) == wanted), None)


def _pair(outcome: Outcome) -> Pair | None:
    """The two configurations that are held against each other, where it is not told which one is ahead."""
    ids = [summary.id for part in outcome.parts for summary in part.behind]
    between_two = len(ids) == len(outcome.parts) == 2 and ids[0] != ids[1]
    if not between_two or not outcome.difference or any(outcome.bounds) or outcome.low is None:
        return None
    return (outcome.metric, frozenset(ids)) if outcome.verdict == UNTOLD else None


def _most(seeds: Iterable[int | None]) -> int | None:
    """The largest number; None, which stands for more than 1,000, where it is among them."""
    known = list(seeds)
    return None if None in known else max(one for one in known if one is not None)
