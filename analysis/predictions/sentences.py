"""An `Outcome` in, the sentences that tell it out: what was claimed, what was found, and the verdict with what it rests on."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.behind import rests_on, seeds_or_runs
from sweepbook.analysis.predictions.outcome import LATE, Outcome, Part
from sweepbook.analysis.predictions.reading import CONFIRMED, DECIDED, UNTOLD
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate
from sweepbook.runner.study import At, Beats, Best, Better, GapAtMost, MattersMore, Trend


def claim(outcome: Outcome) -> str:
    """What the prediction says in numbers, for those whose words may not."""
    p, metric = outcome.prediction, outcome.metric
    match p:
        case Better() if p.by:
            return f"ahead by {w.distance(metric, p.by)} or more"
        case At():
            ends = [w.bound(metric, end) for end in (p.low, p.high) if end is not None]
            return f"from {ends[0]} to {ends[1]}" if len(ends) > 1 else f"at {'least' if p.high is None else 'most'} {ends[0]}"
        case Trend():
            return f"{p.direction} in {w.setting_name(p.of)}"
        case GapAtMost():
            return f"a gap of at most {w.bound('gap', p.most)}"
        case _:
            return ""


def found(outcome: Outcome, form: w.Form) -> str:
    """The numbers that stand beside the prediction; "" where its verdict says that there are none."""
    if outcome.reason or (outcome.estimate is None and outcome.unlogged):
        return ""
    if outcome.estimate is None:
        return "Too few finished runs to hold it against."
    parts = [_part(part, form) for part in outcome.parts]
    if isinstance(outcome.prediction, Best):
        parts = [f"{name}: {part}" for name, part in zip(("best inside", "best outside"), parts, strict=False)]
    if isinstance(outcome.prediction, GapAtMost) and not outcome.prediction.at:
        parts = [f"widest: {parts[0]}"]
    if isinstance(outcome.prediction, Trend):
        parts = [f"{p.name}: {w.score(form, p.mean)} ({_count(p)})" for p in outcome.parts]
        return ", ".join(parts) + "."
    return "; ".join(parts) + "."


def _part(part: Part, form: w.Form) -> str:
    estimate = Estimate(part.n, part.mean, part.low, part.high)
    value = w.size(form, part.mean) if "range of" in part.name else w.score(form, part.mean)
    interval = f" {w.interval(form, estimate)}" if part.low is not None else ""
    name = part.name
    if "range of" in name:  # a factor's
        factor, _, rest = name.partition(",")
        name = f"{w.setting_name(factor)},{rest}"
    return f"{name} {value}{interval} ({rests_on(part.behind, part.n)})"


def _count(part: Part) -> str:
    """The configurations of a level, or the runs of its only one."""
    return w.plural(len(part.behind), "configuration") if len(part.behind) > 1 else w.plural(part.n, "run")


def verdict(outcome: Outcome, form: w.Form) -> str:
    """The verdict in one to three short sentences: the number that decides with its interval, the runs on both sides, what these
    runs resolve; where it cannot be told, what would decide. Then what it does not rest on, and what else moved."""
    told = outcome.verdict.capitalize()
    notes = [*_missing(outcome), *_as_run(outcome)]
    if outcome.estimate is None:
        short = f"too few finished runs{f' that log their {w.metric_name(outcome.metric)}' if outcome.unlogged else ''}"
        return " ".join([f"{told}: {outcome.reason or short}.", *notes])
    head = f"{told}: {_number(outcome, form)}, {_runs(outcome)}{_read(outcome, form)}."
    return " ".join([head, *(_unknown(outcome, form) if outcome.low is None else _decides(outcome, form)), *notes])


def _number(outcome: Outcome, form: w.Form) -> str:
    """The number that decides, with its interval, in the words for what it is."""
    estimate = outcome.estimate or 0.0
    change = w.change(form, Difference(estimate, outcome.low, outcome.high))
    value = w.score(form, estimate)
    if outcome.low is not None and outcome.high is not None:
        value += f" {w.interval(form, Estimate(1, estimate, outcome.low, outcome.high))}"
    match outcome.prediction:
        case Better():
            return f"a lead of {change}{f' where {_bound(outcome)} or more was claimed' if outcome.prediction.by else ''}"
        case At():
            return f"{value} where {claim(outcome)} was claimed"
        case GapAtMost():
            return (
                f"{'a gap' if outcome.prediction.at else 'the widest gap'} of {value} where at most {_bound(outcome)} was claimed"
            )
        case Trend() if outcome.about == "step":
            return f"from {outcome.between[0]} to {outcome.between[1]} it changes by {change}, against the trend"
        case Trend() if outcome.about == "bend":
            return f"in the middle the curve lies {change} above a straight line"
        case Trend() if outcome.prediction.direction == "diminishing":
            return f"the fitted line gains {change} from the first level to the last"
        case Trend():
            return f"the fitted line changes by {change} from the first level to the last"
        case Best():
            return f"the lead of the best inside over the best outside is {change}"
        case MattersMore():
            p = outcome.prediction
            names = w.setting_name(p.factor), w.setting_name(p.than)
            return f"over the levels tested the range of {names[0]} less that of {names[1]} is {change}"
        case Beats():
            return f"the lead of the best of this group over the best of {outcome.prediction.group} is {change}"
    raise TypeError(f"no words for a prediction {outcome.prediction.kind}")


def _bound(outcome: Outcome) -> str:
    """The bound nearest to the number, a value or a difference, as the plan wrote it."""
    known = [bound for bound in outcome.bounds if bound is not None]
    nearest = min(known, key=lambda bound: abs((outcome.estimate or 0.0) - bound))
    return w.distance(outcome.metric, nearest) if outcome.difference else w.bound(outcome.metric, nearest)


def _runs(outcome: Outcome) -> str:
    """The runs on each side, each once; of several configurations on a side these and their seeds, which are often the same few."""
    n, sides = outcome.n, [part.behind for part in outcome.parts]
    whole = tuple({s.id: s for side in sides for s in side}.values())
    runs = sum(s.means[outcome.metric].n for s in whole) if all(sides) else sum(n)
    levels = f" at {w.plural(len(n), 'level')}" if isinstance(outcome.prediction, Trend) else ""
    if all(len(side) < 2 for side in sides):
        return f"{w.plural(n[0], 'run')} against {n[1]}" if len(n) == 2 and not levels else w.plural(runs, "run") + levels
    if len(sides) != 2 or levels or len(whole) == len(sides[0]) == len(sides[1]):
        return f"{w.plural(len(whole), 'configuration')}{levels}, {seeds_or_runs(whole, runs)}"
    return f"{w.plural(len(sides[0]), 'configuration')} against {len(sides[1])}, {seeds_or_runs(whole, runs)}"


def _read(outcome: Outcome, form: w.Form) -> str:
    """What the interval is corrected for, and where it ends so near the bound that the digits do not show it."""
    if outcome.low is None or outcome.high is None:
        return ""
    text = ""
    if isinstance(outcome.prediction, Best | Beats):
        text = " (95%, corrected for the choice of the best)" if outcome.tests > 1 else ""
    elif outcome.tests > 1:
        text = f" (95%, corrected for {outcome.tests} tests)"
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
    what = f"the distance of {size} to {_bound(outcome)}" if any(outcome.bounds) else f"the {size} seen"
    if outcome.resolves is None and outcome.seeds_needed is None:
        return [f"{resolves}."]
    return [f"{resolves}; {w.takes_seeds(what, outcome.seeds_needed)}."]


def _unknown(outcome: Outcome, form: w.Form) -> list[str]:
    """What stands for a verdict where the noise is not known."""
    if not outcome.tipping:
        return ["The noise is not known."]
    lower, upper = outcome.bounds
    estimate = outcome.estimate or 0.0
    inside = (lower is None or estimate > lower) and (upper is None or estimate < upper)
    would = CONFIRMED if inside else "refuted"
    sd = w.size(form, outcome.tipping)
    return [f"The noise is not known: {would} only if the standard deviation between seeds were below {sd}."]


def _missing(outcome: Outcome) -> list[str]:
    never = [label for label in outcome.missing if label not in outcome.unlogged]
    kinds = (("finished run", never), (f"run that logs its {w.metric_name(outcome.metric)}", outcome.unlogged))
    return [f"Without a {what}, and so not in this: {w.first_to_last(labels)}." for what, labels in kinds if labels]


def _as_run(outcome: Outcome) -> list[str]:
    """What the checks that touch it leave of it."""
    codes = [code for code in outcome.as_run_because if code != LATE]
    left = "the gap itself is in question" if isinstance(outcome.prediction, GapAtMost) else "no cause is named"
    told = [f"It holds as run ({', '.join(codes)}): {left}."] if codes and outcome.verdict in DECIDED else []
    return told + [f"It was written or changed after results existed ({LATE})."] * (LATE in outcome.as_run_because)


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
