"""Outcomes in, which of them rest on the same runs out: they are one piece of evidence, however many predictions they decide."""

from collections.abc import Hashable, Sequence

from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.verdict import EMPTY


def on_the_same_runs(outcomes: Sequence[Outcome]) -> tuple[tuple[Outcome, Outcome], ...]:
    """Each outcome that compares the same configurations, side by side, by the same metric as one before it, and that one."""
    first: dict[Hashable, Outcome] = {}
    pairs = []
    for outcome in outcomes:
        key = _compared(outcome)
        if key is not None and (before := first.setdefault(key, outcome)) is not outcome:
            pairs.append((outcome, before))
    return tuple(pairs)


def words(outcomes: Sequence[Outcome]) -> dict[int, str]:
    """A sentence for each that shares its runs with a prediction before it, by its `id`, on that one."""
    return {
        id(own): f'It rests on the same runs as "{before.prediction.says}": one piece of luck decides both.'
        for own, before in on_the_same_runs(outcomes)
    }


def _compared(outcome: Outcome) -> Hashable:
    """What is compared: the configurations of each side, whichever comes first; None where nothing is."""
    if outcome.verdict == EMPTY or outcome.estimate is None or not all(part.behind for part in outcome.parts):
        return None
    sides = frozenset((part.factor, frozenset(summary.id for summary in part.behind)) for part in outcome.parts)
    return (outcome.metric, sides) if sides else None
