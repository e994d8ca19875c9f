"""An `Outcome` in, the words for it out: what was expected, what was found, the verdict with what it rests on, and what would
settle it. What only one kind of prediction says stands in its file in kinds/."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.kinds import kind_of
from sweepbook.analysis.predictions.outcome import LATE, Outcome
from sweepbook.analysis.predictions.verdict import DECIDED, SAID, UNTOLD

NO_SEEDS = "no number of seeds: the number lies on the bound itself"
ONE_SIDE = "nothing: both sides are the same configuration"
NO_NOISE = "runs that show the noise"


def claim(outcome: Outcome) -> str:
    """What the prediction says in numbers."""
    return kind_of(outcome.prediction).claim(outcome.prediction, outcome.metric)


def found(outcome: Outcome, form: w.Form) -> str:
    """What stands beside the claim: the number that decides with its interval, or why there is none."""
    if outcome.estimate is None:
        return outcome.reason or _too_few(outcome)
    return kind_of(outcome.prediction).found(outcome.prediction, outcome, form)


def numbers(outcome: Outcome, form: w.Form) -> str:
    """Every number that was compared, with what it rests on; "" where there is none, or the number that decides is the only one."""
    if outcome.reason or outcome.estimate is None or len(outcome.parts) < 2:
        return ""
    return f"Compared: {kind_of(outcome.prediction).parts(outcome.prediction, outcome, form)}."


def settles(outcome: Outcome) -> str:
    """What would settle an open one, as a cell of a table: "4 more seeds each"; "" of another."""
    if outcome.verdict != UNTOLD:
        return ""
    if outcome.estimate is None:
        return "another plan" if outcome.reason else "the runs that are missing"
    if outcome.low is None:
        return NO_NOISE
    if _is_one_side(outcome):
        return ONE_SIDE
    if not _distance(outcome):
        return NO_SEEDS
    return w.more_seeds(outcome.more_seeds)


def verdict(outcome: Outcome, form: w.Form) -> str:
    """The verdict in one to three short sentences: the number that decides with its interval and the runs on both sides, the
    distance that such runs show, what would settle an open one. Then what it does not rest on, and what else moved."""
    word = SAID[outcome.verdict].capitalize()
    notes = [*phrases.others_end(outcome), *phrases.common_seeds(outcome), *_missing(outcome), *_as_run(outcome)]
    if outcome.estimate is None:
        return " ".join([f"{word}: {outcome.reason or _too_few(outcome)}.", *notes])
    kind = kind_of(outcome.prediction)
    number = kind.number(outcome.prediction, outcome, form)
    head = f"{word}: {number}, {kind.runs(outcome)}{_ends(outcome, form)}."
    return " ".join([head, *(_unknown(outcome, form) if outcome.low is None else _decides(outcome, form)), *notes])


def _too_few(outcome: Outcome) -> str:
    """That runs are missing, and of which kind."""
    return f"too few finished runs{f' that log their {w.metric_name(outcome.metric)}' if outcome.unlogged else ''}"


def _ends(outcome: Outcome, form: w.Form) -> str:
    """What the interval is corrected for, and where it ends so near the bound that the digits do not show it."""
    if outcome.low is None or outcome.high is None:
        return ""
    text = kind_of(outcome.prediction).corrected(outcome)
    ends = (outcome.low, outcome.high)
    written = {w.score(form, bound) for bound in outcome.bounds if bound is not None}
    if outcome.verdict != UNTOLD and written & {w.score(form, end) for end in ends}:
        text += "; the interval ends just short of the bound"
    return text


def _decides(outcome: Outcome, form: w.Form) -> list[str]:
    """The distance that such runs show, and of an open one what would settle it."""
    if _is_one_side(outcome):
        return ["Both sides are the same configuration."]
    if outcome.resolves is None and outcome.low == outcome.high:
        return []
    seen = (
        f"No distance is seen reliably: {w.TOO_FEW}."
        if outcome.resolves is None
        else f"A distance of {w.size(form, outcome.resolves)} is seen in 8 of 10 such studies."
    )
    if outcome.verdict != UNTOLD:
        return [seen]
    distance = _distance(outcome)
    if not distance:
        return [seen, "The number lies on the bound itself, where no number of seeds decides."]
    if outcome.resolves is None and outcome.seeds_needed is None:
        return [seen]
    what = f"{w.size(form, distance)} to {phrases.bound(outcome)}" if any(outcome.bounds) else f"{w.size(form, distance)} seen"
    if w.out_of_reach(outcome.more_seeds):
        return [seen, f"The {what} cannot be settled with a number of seeds that anyone runs."]
    return [seen, f"For the {what}, {w.more_seeds(outcome.more_seeds)} would settle it; more, if the true distance is smaller."]


def _is_one_side(outcome: Outcome) -> bool:
    """Whether the same configuration stands on both sides."""
    return outcome.resolves is None and len(outcome.parts) == 2 and len({part.name for part in outcome.parts}) == 1


def _distance(outcome: Outcome) -> float:
    """How far the number lies from the nearest bound."""
    return min(abs((outcome.estimate or 0.0) - bound) for bound in outcome.bounds if bound is not None)


def _unknown(outcome: Outcome, form: w.Form) -> list[str]:
    """What stands for a verdict where the noise is not known."""
    if not outcome.tipping:
        return ["The noise is not known."]
    (lower, upper), estimate = outcome.bounds, outcome.estimate or 0.0
    inside = (lower is None or estimate > lower) and (upper is None or estimate < upper)
    would = "hold" if inside else "not hold"
    sd = w.size(form, outcome.tipping)
    return [f"The noise is not known: it would {would} only if the standard deviation between seeds were below {sd}."]


def _missing(outcome: Outcome) -> list[str]:
    never = [label for label in outcome.missing if label not in outcome.unlogged]
    kinds = (("finished run", never), (f"run that logs its {w.metric_name(outcome.metric)}", outcome.unlogged))
    return [f"Without a {what}, and so not in this: {w.first_to_last(labels)}." for what, labels in kinds if labels]


def _as_run(outcome: Outcome) -> list[str]:
    """What the checks that touch it leave of it."""
    codes = [code for code in outcome.as_run_because if code != LATE]
    notes = []
    if codes and outcome.verdict in DECIDED:
        notes.append(f"As run ({', '.join(codes)}): {kind_of(outcome.prediction).in_question}.")
    if LATE in outcome.as_run_because:
        notes.append(f"It was written or changed after results existed ({LATE}).")
    return notes
