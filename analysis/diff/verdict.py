"""A `SweepDiff` in, whether to merge out, in sentences: for the metric of the study, and for each other one.

No sentence calls a difference better or worse that its comparison does not: what is not told from noise is said to be open.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import rows
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Overall
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.differences import changed, cost, unlogged
from sweepbook.analysis.diff.endings import ended_otherwise
from sweepbook.analysis.diff.method import margin
from sweepbook.analysis.diff.turned import unasked


def answer(diff: SweepDiff) -> str:
    """Whether to merge, in a line or two: the verdict that the numbers support, and the mean over all configurations."""
    if diff.main is None:
        return " ".join([f"Nothing can be compared: {_nothing(diff)}.", *_behind(diff)])
    parts = [_standing(diff, diff.main)]
    if diff.stopped:
        parts.append(f"{w.plural(len(diff.stopped), 'configuration')} no longer finish{'es' * (len(diff.stopped) == 1)}.")
    return " ".join([*parts, *_behind(diff)])


def also(diff: SweepDiff) -> tuple[str, ...]:
    """How the comparisons came out one by one, and what the other metrics say."""
    if diff.main is None or all(one.same_runs for one in diff.comparisons):
        return ()
    one_by_one = (f"One by one: {counted(diff.main.counts)}.",) if diff.main.pairs > 1 else ()
    return (*one_by_one, *_others(diff))


def _behind(diff: SweepDiff) -> Iterator[str]:
    """Which report does not tell of all its logs: one that was not built since, or whose build failed."""
    for side in {side.name: side for side in (diff.old, diff.new) if side.behind}.values():
        yield f"{side.name} is older than the run logs in {side.behind}: build it again."


def _nothing(diff: SweepDiff) -> str:
    """Why no configuration is compared."""
    for side, name in ((diff.old, "old"), (diff.new, "new")):
        if not side.entries:
            states = {state: count for state, count in side.states.items() if count and state not in ("planned", "finished")}
            ended = ", ".join(f"{w.count(count)} {state}" for state, count in states.items())
            lead = f"no run of the {name} sweep has finished with its {w.metric_name(side.metric)}{f' ({ended})' * bool(ended)}"
            for reason, _ in Counter(side.problems).most_common(1):
                do = "does" if len(side.problems) == 1 else "do"
                return f"{lead}; {w.plural(len(side.problems), 'log')} {do} not count: {reason.rstrip('.')}"
            return lead
    if diff.matching.incomparable:
        one = diff.matching.incomparable[0]
        more = len(diff.matching.incomparable) - 1
        return f"{one.label}: {one.reason}{f'; and {w.count(more)} more like it' if more else ''}"
    hint = diff.matching.hints[:1]
    ways = "".join(f"; {w.count(count)} would match with --ignore {key}" for key, count in hint)
    return f"the two sweeps have no configuration in common{ways}"


def _standing(diff: SweepDiff, main: Overall) -> str:
    """How the metric of the study moved."""
    name, among = w.metric_name(diff.metric), w.plural(main.pairs, "configuration")
    counts, identical = main.counts, sum(one.same_runs for one in diff.of(diff.metric))
    if identical == main.pairs:
        one = "the one configuration has" if main.pairs == 1 else f"all {w.count(main.pairs)} configurations have"
        return f"{'Nothing' if still(diff) else 'No score'} changed: {one} the same runs on both sides, to the last digit."
    if counts[SAME] == main.pairs:
        return f"Nothing changed in {name} beyond {margin(diff)}, in any of {among}."
    if not identical and all(one.change.low is None for one in diff.of(diff.metric)):
        return f"Cannot tell yet: no configuration has two runs that differ, so the noise is not known. {_average(diff, main)}"
    return f"{_verdict(diff, main, name)} {_average(diff, main)}"


def _verdict(diff: SweepDiff, main: Overall, name: str) -> str:
    """Whether to merge: what the mean over all says, then what single configurations do."""
    worse, better = main.counts[WORSE], main.counts[BETTER]
    up = main.change.estimate * diff.direction > 0
    if (main.told and main.pairs > 1 and not up) or (main.pairs == worse == 1):
        return f"Worse: do not merge for {name}."
    if (main.told and main.pairs > 1) or (main.pairs == better == 1):
        if worse:
            which = "that" if worse == 1 else "these"
            return f"Better on average, and worse in {w.plural(worse, 'configuration')}: look at {which} first."
        return f"Better: merge for {name}."
    if worse and better:
        return f"Mixed in {name}: {w.count(worse)} worse, {w.count(better)} better. Do not merge unread."
    if worse:
        return f"Worse in {w.count(worse)} of {w.plural(main.pairs, 'configuration')}: do not merge for {name}."
    if better:
        return f"Better in {w.count(better)} of {w.plural(main.pairs, 'configuration')}, none worse in {name}."
    hidden = _hidden(diff, main)
    if hidden is not None:
        return f"No visible difference in {name} (up to {w.size(diff.form(diff.metric), hidden)} could hide)."
    return f"Cannot tell yet whether {name} changed."


def _hidden(diff: SweepDiff, main: Overall) -> float | None:
    """How large a mean difference could hide; None where that is not known, or more than another seed does to a run."""
    change = main.change
    if change.low is None or change.high is None or not main.seeds_known or diff.scatter is None:
        return None
    most = max(abs(change.low), abs(change.high))
    return most if most <= max(diff.scatter.old, diff.scatter.new) else None


def _average(diff: SweepDiff, main: Overall) -> str:
    """The mean over all configurations; with an interval where that takes in the luck of the seeds."""
    form = diff.form(diff.metric)
    if main.pairs == 1:
        (one,) = diff.of(diff.metric)
        return f"The one configuration changed by {w.change(form, one.change)}."
    mean = w.change(form, main.change) if main.seeds_known else w.difference(form, main.change.estimate)
    return f"On average {mean} over {w.plural(main.pairs, 'configuration')}."


def still(diff: SweepDiff) -> bool:
    """Whether nothing at all differs, where the scores do not."""
    found = diff.matching
    alone = found.added or found.removed or found.incomparable or any((*unlogged(diff), *unasked(diff.old, diff.new)))
    other = alone or diff.turned or changed(diff) or cost(diff) or ended_otherwise(diff)
    return not other and all(one.same_runs for one in diff.comparisons)


def counted(counts: Mapping[str, int]) -> str:
    """How many comparisons have which verdict: "3 worse, none better, 2 same, 51 cannot tell yet"."""
    order = (BETTER, WORSE) if counts[BETTER] >= counts[WORSE] else (WORSE, BETTER)
    parts = [f"{w.count(counts[verdict]) if counts[verdict] else 'none'} {verdict}" for verdict in order]
    parts += [f"{w.count(counts[SAME])} same"] * bool(counts[SAME])
    return ", ".join([*parts, *[f"{w.count(counts[UNTOLD])} cannot tell yet"] * bool(counts[UNTOLD])])


def _others(diff: SweepDiff) -> list[str]:
    """The other metrics in which something is better or worse."""
    found = [o for o in diff.overall.values() if o.metric != diff.metric and (o.counts[BETTER] or o.counts[WORSE])]
    parts = [f"{w.metric_name(o.metric)} {_decided(o)}" for o in found]
    return [f"Other metrics: {'; '.join(parts)}."] if parts else []


def _decided(found: Overall) -> str:
    return ", ".join(f"{w.count(found.counts[verdict])} {verdict}" for verdict in (BETTER, WORSE) if found.counts[verdict])


def metric(diff: SweepDiff, found: Overall) -> str:
    """How a metric changed on average, and one by one."""
    name, among = w.metric_name(found.metric).capitalize(), w.plural(found.pairs, "configuration")
    if all(one.same_runs for one in diff.of(found.metric)):
        return f"{name}: the same runs in {among}."
    if found.pairs < 2:
        one = diff.of(found.metric)[0]
        return f"{name}: {w.change(diff.form(found.metric), one.change)} in one configuration: {rows.verdict(one)}."
    lead = f"{name}: {w.change(diff.form(found.metric), found.change)} on average over {among}"
    unknown = not found.seeds_known and found.change.low is not None
    limits = "; all runs of a sweep have one seed, whose luck this leaves out" * unknown
    return f"{lead}{limits}; one by one {counted(found.counts)}."
