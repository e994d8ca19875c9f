"""An `Outcome` in, what the sentences of several kinds of prediction share out: a number with its interval, the bound that was
claimed, the runs behind both sides."""

from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.predictions.behind import at_common, rests_on, seeds_or_runs
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.sides import Part
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate


def value(outcome: Outcome, form: w.Form) -> str:
    """The number that decides, as a value with its interval: "81.2% (80.1 to 82.3)"."""
    estimate = outcome.estimate or 0.0
    text = w.score(form, estimate)
    if outcome.low is None or outcome.high is None:
        return text
    return f"{text} ({w.interval(form, Estimate(1, estimate, outcome.low, outcome.high))})"


def change(outcome: Outcome, form: w.Form) -> str:
    """The number that decides, as a difference with its interval: "+3.0 points (+1.1 to +4.9)"."""
    return w.change(form, Difference(outcome.estimate or 0.0, outcome.low, outcome.high))


def bound(outcome: Outcome) -> str:
    """The bound nearest to the number, a value or a difference, as the plan wrote it."""
    bounds = [end for end in outcome.bounds if end is not None]
    nearest = min(bounds, key=lambda end: abs((outcome.estimate or 0.0) - end))
    return w.distance(outcome.metric, nearest) if outcome.difference else w.bound(outcome.metric, nearest)


def part(compared: Part, form: w.Form) -> str:
    """One number that was compared, under its name, with its interval and what it rests on."""
    text = w.size(form, compared.mean) if compared.factor else w.score(form, compared.mean)
    rest = rests_on(compared.behind, compared.n)
    if compared.low is not None:
        rest = f"{w.interval(form, Estimate(compared.n, compared.mean, compared.low, compared.high))}; {rest}"
    name = compared.name
    if compared.factor:
        name = w.setting_name(compared.factor) + name.removeprefix(compared.factor)
    return f"{name} {text} ({rest})"


def parts(outcome: Outcome, form: w.Form) -> str:
    """Every number that was compared."""
    return "; ".join(part(compared, form) for compared in outcome.parts)


def runs(outcome: Outcome) -> str:
    """The runs on one side against those on the other; of several configurations on a side these and their seeds, which are often
    the same few. Together where there are not two sides, or both are of the same configurations."""
    n, sides = outcome.n, [compared.behind for compared in outcome.parts]
    behind, count = _behind(outcome)
    if len(sides) != 2:
        return all_runs(outcome)
    if all(len(side) < 2 for side in sides):
        return f"{w.plural(n[0], 'run')} against {n[1]}"
    if len(behind) == len(sides[0]) == len(sides[1]):
        return all_runs(outcome)
    return f"{w.plural(len(sides[0]), 'configuration')} against {len(sides[1])}, {seeds_or_runs(behind, count)}"


def all_runs(outcome: Outcome, where: str = "") -> str:
    """The runs of all parts together, each once; of several configurations these and their seeds. `where` follows what is counted:
    " at 3 levels"."""
    behind, count = _behind(outcome)
    if len(behind) < 2:
        return w.plural(count, "run") + where
    return f"{w.plural(len(behind), 'configuration')}{where}, {seeds_or_runs(behind, count)}"


def _behind(outcome: Outcome) -> tuple[tuple[Summary, ...], int]:
    """The configurations of all parts, each once, and how many runs they have."""
    behind = tuple({summary.id: summary for compared in outcome.parts for summary in compared.behind}.values())
    if all(compared.behind for compared in outcome.parts):
        return behind, sum(summary.means[outcome.metric].n for summary in behind)
    return behind, sum(outcome.n)


def common_seeds(outcome: Outcome) -> list[str]:
    """That two means are compared at the seeds that both have, and not as they stand."""
    sides = [part.behind for part in outcome.parts]
    apart = len(sides) == 2 and at_common(sides[0], sides[1], outcome.metric)
    return ["They are compared at the seeds that both have."] if apart else []


def corrected(outcome: Outcome) -> str:
    """What the interval is corrected for: how many tests."""
    return f" (95%, corrected for {outcome.tests} tests)" if outcome.tests > 1 else ""


def ends(outcome: Outcome) -> list[tuple[str, tuple[str, str]]]:
    """The ends of the interval that two other configurations set than those named, which scatter more: "lower end", and the two."""
    names = ("lower end", "upper end")
    return [(name, pair) for name, pair in zip(names, outcome.ends, strict=False) if pair and outcome.low is not None]


def others_end(outcome: Outcome) -> list[str]:
    """The same, a sentence each."""
    return [f"The {end} is that of {' against '.join(pair)}." for end, pair in ends(outcome)]
