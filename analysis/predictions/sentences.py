"""An `Outcome` in, the sentences that tell it out: what was claimed, what was compared, and the verdict with what it rests on. What
only one kind of prediction says stands in its file in kinds/."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.kinds import kind_of
from sweepbook.analysis.predictions.outcome import LATE, Outcome
from sweepbook.analysis.predictions.verdict import CONFIRMED, DECIDED, REFUTED, UNTOLD


def claim(outcome: Outcome) -> str:
    """What the prediction says in numbers, for those whose words may not."""
    return kind_of(outcome.prediction).claim(outcome.prediction, outcome.metric)


def found(outcome: Outcome, form: w.Form) -> str:
    """The numbers that stand beside the prediction; "" where its verdict says that there are none."""
    if outcome.reason or (outcome.estimate is None and outcome.unlogged):
        return ""
    if outcome.estimate is None:
        return "Too few finished runs to hold it against."
    return f"{kind_of(outcome.prediction).parts(outcome.prediction, outcome, form)}."


def verdict(outcome: Outcome, form: w.Form) -> str:
    """The verdict in one to three short sentences: the number that decides with its interval, the runs on both sides, what these
    runs resolve; where it cannot be told, what would decide. Then what it does not rest on, and what else moved."""
    word = outcome.verdict.capitalize()
    notes = [*phrases.common_seeds(outcome), *_missing(outcome), *_as_run(outcome)]
    if outcome.estimate is None:
        short = f"too few finished runs{f' that log their {w.metric_name(outcome.metric)}' if outcome.unlogged else ''}"
        return " ".join([f"{word}: {outcome.reason or short}.", *notes])
    kind = kind_of(outcome.prediction)
    number = kind.number(outcome.prediction, outcome, form)
    head = f"{word}: {number}, {kind.runs(outcome)}{_ends(outcome, form)}."
    return " ".join([head, *(_unknown(outcome, form) if outcome.low is None else _decides(outcome, form)), *notes])


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
    """What these runs resolve, and for what cannot be told the seeds that would decide."""
    if outcome.resolves is None:
        same = len({part.name for part in outcome.parts}) == 1 and len(outcome.parts) == 2
        if same or outcome.low == outcome.high:
            return ["Both sides are the same configuration."] if same else []
    resolves = (
        f"These runs resolve nothing: {w.TOO_FEW}"
        if outcome.resolves is None
        else f"These runs resolve {w.size(form, outcome.resolves)}"
    )
    if outcome.verdict != UNTOLD:
        return [f"{resolves}."]
    distance = min(abs((outcome.estimate or 0.0) - bound) for bound in outcome.bounds if bound is not None)
    if not distance:
        return [f"{resolves}; the number lies on the bound itself, where no number of seeds decides."]
    size = w.size(form, distance)
    what = f"the distance of {size} to {phrases.bound(outcome)}" if any(outcome.bounds) else f"the {size} seen"
    if outcome.resolves is None and outcome.seeds_needed is None:
        return [f"{resolves}."]
    return [f"{resolves}; {w.takes_seeds(what, outcome.seeds_needed)}."]


def _unknown(outcome: Outcome, form: w.Form) -> list[str]:
    """What stands for a verdict where the noise is not known."""
    if not outcome.tipping:
        return ["The noise is not known."]
    (lower, upper), estimate = outcome.bounds, outcome.estimate or 0.0
    inside = (lower is None or estimate > lower) and (upper is None or estimate < upper)
    would = CONFIRMED if inside else REFUTED
    sd = w.size(form, outcome.tipping)
    return [f"The noise is not known: {would} only if the standard deviation between seeds were below {sd}."]


def _missing(outcome: Outcome) -> list[str]:
    never = [label for label in outcome.missing if label not in outcome.unlogged]
    kinds = (("finished run", never), (f"run that logs its {w.metric_name(outcome.metric)}", outcome.unlogged))
    return [f"Without a {what}, and so not in this: {w.first_to_last(labels)}." for what, labels in kinds if labels]


def _as_run(outcome: Outcome) -> list[str]:
    """What the checks that touch it leave of it."""
    codes = [code for code in outcome.as_run_because if code != LATE]
    notes = []
    if codes and outcome.verdict in DECIDED:
        notes.append(f"It holds as run ({', '.join(codes)}): {kind_of(outcome.prediction).in_question}.")
    if LATE in outcome.as_run_because:
        notes.append(f"It was written or changed after results existed ({LATE}).")
    return notes


def expected_false(predictions: int, decided: int) -> str:
    """How many of the `decided` verdicts on so many predictions may be false by chance; empty where nothing is decided."""
    many = min(int(0.05 * predictions + 0.5), decided)
    if decided < 1:
        return ""
    if not many:
        return "By chance alone each prediction gets a false verdict 1 time in 20 at most."
    if decided == 1:
        return "This verdict may be false by chance alone."
    return f"Up to about {'one' if many == 1 else w.count(many)} of these {w.count(decided)} verdicts may be false by chance alone."
