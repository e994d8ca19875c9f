"""What one kind of prediction is, as a value: the class that declares it in a plan, and a function for each question that is asked
of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import GroupRows, Row
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import Claim
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import Reading
from sweepbook.analysis.predictions.sides import Part
from sweepbook.runner.prediction import Prediction
from sweepbook.runner.study import Group, Study

P = TypeVar("P", bound=Prediction)


@dataclass(frozen=True)
class Evidence:
    """What a prediction is held against: the rows of its own group, and of every group of the plan by name, in its order. `metric`
    is what the prediction is about; `tiers` has the tier of each configuration of the own group."""

    own: GroupRows
    groups: Mapping[str, GroupRows]
    study: Study
    metric: str
    tiers: Mapping[str, int]


@dataclass(frozen=True)
class Comparison:
    """What a prediction compares: the `parts` that have runs, the `reading` that decides (None where there is nothing to read), and
    all `rows` that were chosen, with runs or without."""

    parts: tuple[Part, ...]
    reading: Reading | None
    rows: Sequence[Row]


def each_side(prediction: Prediction, outcome: Outcome, form: w.Form) -> str:
    """Both sides and how far the first is ahead."""
    return f"{' against '.join(w.score(form, part.mean) for part in outcome.parts)}: {phrases.change(outcome, form)}"


def each_part(prediction: Prediction, outcome: Outcome, form: w.Form) -> str:
    """Every number that was compared, under its name."""
    return phrases.parts(outcome, form)


@dataclass(frozen=True)
class Kind(Generic[P]):
    """One kind of prediction. `of` is its class in runner/study.py, which declares its keys.

    `compare` gives what it compares, `reason` why that cannot be compared however many runs there are ("" where only runs are
    missing), and `prospect` what a plan can hope to decide, a sentence where it adds no run that does. The words: `claim` tells the
    prediction in numbers and `found` what stands beside it in a table, `number` the number that decides in the words for what it
    is, `parts` the numbers that were compared, `runs` what they rest on, `corrected` what the interval is corrected for, and
    `in_question` what a check that fired leaves open. `difference`: the number that decides is a difference, not a value.
    """

    of: type[P]
    compare: Callable[[P, Evidence], Comparison]
    reason: Callable[[P, Comparison, Evidence], str]
    prospect: Callable[[P, Group, Study], Claim | str]
    number: Callable[[P, Outcome, w.Form], str]
    claim: Callable[[P, str], str]
    found: Callable[[P, Outcome, w.Form], str] = each_side
    parts: Callable[[P, Outcome, w.Form], str] = each_part
    runs: Callable[[Outcome], str] = phrases.runs
    corrected: Callable[[Outcome], str] = phrases.corrected
    in_question: str = "no cause is shown"
    difference: bool = True
