"""A `SweepDiff` in, the sentences that tell it out, each written once for the terminal and every page.

No sentence calls a difference better or worse that its comparison does not: what is not told from noise is said to be open.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Overall
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import unasked
from sweepbook.analysis.stats.contrasts import Difference

FACTS = ("torch", "python", "device", "threads", "host", "commit")  # of the environment, in the order in which they are told
ENOUGH = 3  # labels of a kind that a sentence names one by one


def answer(diff: SweepDiff) -> str:
    """What changed, in one line."""
    if diff.main is None:
        return " ".join([f"Nothing can be compared: {_nothing(diff)}.", *_behind(diff)])
    parts = [_standing(diff, diff.main), *_others(diff)]
    if diff.stopped:
        parts.append(f"{w.plural(len(diff.stopped), 'configuration')} no longer finish{'es' * (len(diff.stopped) == 1)}.")
    if diff.turned:
        parts.append(f"{w.plural(len(diff.turned), 'conclusion')} turned.")
    return " ".join([*parts, *_behind(diff)])


def _behind(diff: SweepDiff) -> Iterator[str]:
    """Which report does not tell of all its logs: one that was not built since, or whose build failed."""
    for side in {side.name: side for side in (diff.old, diff.new) if side.behind}.values():
        yield f"{side.name} is older than the run logs in {side.behind} and does not tell of them: build it again."


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
    told = "".join(f"; {w.count(count)} would match with --ignore {key}" for key, count in hint)
    return f"the two sweeps have no configuration in common{told}"


def _standing(diff: SweepDiff, main: Overall) -> str:
    """How the metric of the study moved."""
    name, among = w.metric_name(diff.metric), w.plural(main.pairs, "configuration")
    counts = main.counts
    identical = sum(one.same_runs for one in diff.of(diff.metric))
    if identical == main.pairs:
        one = "the one configuration has" if main.pairs == 1 else f"all {w.count(main.pairs)} configurations have"
        return f"{'Nothing' if _still(diff) else 'No score'} changed: {one} the same runs on both sides, to the last digit."
    if counts[SAME] == main.pairs:
        return f"Nothing changed in {name} beyond {_margin(diff)}, in any of {among}."
    if main.told and main.pairs > 1:
        way = "better" if main.change.estimate * diff.direction > 0 else "worse"
        lead = f"{name.capitalize()} got {way}: {w.change(diff.form(diff.metric), main.change)} over {among}"
        return f"{lead}; {_counted(counts)}."
    mean = (
        w.change(diff.form(diff.metric), main.change)
        if main.seeds_known
        else w.difference(diff.form(diff.metric), main.change.estimate)
    )
    over = f"; over all of them {mean}" if main.pairs > 1 else ""
    if not identical and all(one.change.low is None for one in diff.of(diff.metric)):
        lead = "Cannot tell: no configuration has two runs that differ, so the noise is not known"
        where = f"over all {w.count(main.pairs)} configurations the mean" if main.pairs > 1 else "in the one configuration the"
        return f"{lead}; {where} difference in {name} is {w.difference(diff.form(diff.metric), main.change.estimate)}."
    if counts[UNTOLD] == main.pairs:
        one = "the one configuration" if main.pairs == 1 else f"any of {among}"
        return f"Cannot tell: in {one} no difference in {name} stands out from the noise{over}."
    return f"{name.capitalize()}: of {among} {_counted(counts)}{over}."


def _still(diff: SweepDiff) -> bool:
    """Whether nothing at all is told to differ, where the scores do not."""
    found = diff.matching
    alone = found.added or found.removed or found.incomparable or any((*unlogged(diff), *unasked(diff.old, diff.new)))
    told = alone or diff.turned or changed(diff) or cost(diff)
    return not told and all(one.same_runs for one in diff.comparisons)


def unlogged(diff: SweepDiff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics that the old side alone logged of the matched configurations, and those of the new one alone."""
    old, new = (dict.fromkeys(name for pair in diff.matching.pairs for name in pair[place].runs) for place in (0, 1))
    return tuple(name for name in old if name not in new), tuple(name for name in new if name not in old)


def _counted(counts: Mapping[str, int]) -> str:
    """How many comparisons have which verdict: "3 worse, none better, 2 same, 51 cannot be told"."""
    order = (BETTER, WORSE) if counts[BETTER] >= counts[WORSE] else (WORSE, BETTER)
    told = [f"{w.count(counts[verdict]) if counts[verdict] else 'none'} {verdict}" for verdict in order]
    told += [f"{w.count(counts[SAME])} same"] * bool(counts[SAME])
    return ", ".join([*told, *[f"{w.count(counts[UNTOLD])} cannot be told"] * bool(counts[UNTOLD])])


def _margin(diff: SweepDiff) -> str:
    return f"±{w.size(diff.form(diff.metric), diff.margin or 0.0)}"


def _others(diff: SweepDiff) -> list[str]:
    """The other metrics in which something is told."""
    found = [o for o in diff.overall.values() if o.metric != diff.metric and (o.counts[BETTER] or o.counts[WORSE])]
    told = [f"{w.metric_name(o.metric)} ({_told(o)})" for o in found]
    return [f"Also told: {w.listing(told)}."] if told else []


def _told(found: Overall) -> str:
    return ", ".join(f"{w.count(found.counts[verdict])} {verdict}" for verdict in (BETTER, WORSE) if found.counts[verdict])


def facts(diff: SweepDiff) -> tuple[tuple[str, str], ...]:
    """What is compared, as pairs of a name and a value."""
    found = diff.matching
    left = [
        f"{w.count(len(some))} {what}"
        for some, what in ((found.added, "added"), (found.removed, "removed"), (found.incomparable, "not comparable"))
        if some
    ]
    goal = w.way(diff.goal)
    for side, which in ((diff.old, "old"), (diff.new, "new")):
        goal += f"; the {which} sweep ranks by {w.metric_name(side.metric)}" if side.metric != diff.metric else ""
    return (
        ("Old", _sweep(diff, 0)),
        ("New", _sweep(diff, 1)),
        ("Compared by", f"{w.metric_name(diff.metric)}, {goal}"),
        ("Configurations", ", ".join([f"{w.count(len(found.pairs))} matched", *left])),
    )


def _sweep(diff: SweepDiff, place: int) -> str:
    side = (diff.old, diff.new)[place]
    noise = diff.noises[place].get(diff.metric)
    parts = [w.plural(sum(entry.n for entry in side.entries.values()), "finished run")]
    parts += [f"noise {w.size(diff.form(diff.metric), noise.sd)} (SD of a run)"] if noise else ["noise not known"]
    parts += [f"read with the plan {side.plan}" if side.plan != "none" else "read without a plan"] if side.plan else []
    return f"{side.name} ({', '.join(parts)})"


def changed(diff: SweepDiff) -> tuple[str, ...]:
    """The settings that changed in all configurations or some, and what changed in where they were trained."""
    pairs = len(diff.matching.pairs)
    lines = []
    for one in diff.matching.changed:
        where = "everywhere" if one.pairs == pairs else f"in {w.count(one.pairs)} of {w.plural(pairs, 'configuration')}"
        name = "training examples" if one.key == "train_examples" else w.setting_name(one.key)
        lines.append(f"{name}: {one.old or 'not set'} → {one.new or 'not set'} {where}")
    return (*lines, *_environment(diff))


def _environment(diff: SweepDiff) -> Iterator[str]:
    old, new = diff.old.environment, diff.new.environment
    for key in FACTS:
        if old.get(key) and new.get(key) and old[key] != new[key]:
            before, after = (", ".join(value[:12] if key == "commit" else value for value in side[key]) for side in (old, new))
            yield f"{'trained at commit' if key == 'commit' else key}: {before} → {after}"


def overall(diff: SweepDiff) -> tuple[str, ...]:
    """A sentence a metric, that of the study first; then the rankings and the first tier."""
    return (*(_metric(diff, found) for found in diff.overall.values()), *_ranks(diff))


def _some(names: Sequence[str], between: str = ", ") -> str:
    """The first of some names that have no order among them, and how many more there are."""
    more = len(names) - w.MANY
    return between.join(names[: w.MANY]) + (f" and {w.count(more)} more" if more > 0 else "")


def _metric(diff: SweepDiff, found: Overall) -> str:
    name, among = w.metric_name(found.metric).capitalize(), w.plural(found.pairs, "configuration")
    if all(one.same_runs for one in diff.of(found.metric)):
        return f"{name}: the same runs in {among}."
    lead = f"{name}: {w.change(diff.form(found.metric), found.change)} on the mean over {among}"
    if found.pairs < 2:
        one = diff.of(found.metric)[0]
        return f"{name}: {w.change(diff.form(found.metric), one.change)} in one configuration: {one.verdict}."
    limits = (
        ""
        if found.seeds_known or found.change.low is None
        else "; all runs of a sweep have one seed, and its luck is not in this interval"
    )
    return f"{lead}{limits}; one by one {_counted(found.counts)}."


def _ranks(diff: SweepDiff) -> Iterator[str]:
    if diff.agreement and not all(one.same_runs for one in diff.comparisons):
        noise = ""
        if diff.agreement.low is not None and diff.agreement.high is not None:
            low, high = diff.agreement.low, diff.agreement.high
            noise = f"; were the true scores the same, noise alone would give {low:.2f} to {high:.2f}"
        yield f"The two rankings agree to Kendall's τ = {diff.agreement.tau:.2f}{noise}."
    for labels, what in ((diff.entered, "Came into the first tier"), (diff.left, "Went out of the first tier")):
        if labels:
            yield f"{what}: {_some(labels)}."


def cost(diff: SweepDiff) -> tuple[str, ...]:
    """Time, parameters and failures."""
    return (*_time(diff), *_parameters(diff), *_failures(diff))


def _time(diff: SweepDiff) -> Iterator[str]:
    found = diff.times
    if found is None:
        return
    interval = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    moved = diff.old.environment.get("host") != diff.new.environment.get("host")
    where = "on another machine, and " if moved and diff.old.environment.get("host") and diff.new.environment.get("host") else ""
    over = w.plural(found.pairs, "configuration")
    yield f"A run takes {found.ratio:.2f} times as long{interval}, over {over}; {where}times move with what else a machine does."


def _parameters(diff: SweepDiff) -> Iterator[str]:
    if diff.resized:
        told = [f"{b.label} {w.count(a.parameters)} → {w.count(b.parameters)}" for a, b in diff.resized[:ENOUGH]]
        more = len(diff.resized) - len(told)
        yield f"The number of parameters changed: {', '.join(told)}{f' and {w.count(more)} more' if more else ''}."


def _failures(diff: SweepDiff) -> Iterator[str]:
    states = ("failed", "diverged", "interrupted")
    before, after = ([side.states.get(state, 0) for state in states] for side in (diff.old, diff.new))
    if before != after:
        told = [f"{name} {a} → {b}" for name, a, b in zip(states, before, after, strict=True) if a != b]
        yield f"Runs that did not finish: {', '.join(told)}."
    for labels, what in (
        ([f"{one.label} ({', '.join(dict.fromkeys(one.states))})" for one in diff.stopped], "No longer finishes"),
        ([entry.label for entry in diff.started], "Finishes now"),
    ):
        if labels:
            yield f"{what}: {_some(labels)}."


def unmatched(diff: SweepDiff) -> tuple[str, ...]:
    """What is on one side alone, and what would match it."""
    found = diff.matching
    lines = [
        f"{w.plural(len(entries), 'configuration')} {what}: {_some([entry.label for entry in entries])}."
        for entries, what in ((found.added, "added"), (found.removed, "removed"))
        if entries
    ]
    lines += [f"Without {w.setting_name(key)} {w.count(count)} of these would match: --ignore {key}." for key, count in found.hints]
    for predictions, what in zip(unasked(diff.old, diff.new), ("dropped", "added"), strict=True):
        if predictions:
            said = _some([f"{one.group}: {one.says.removesuffix('.')}" for one in predictions], "; ")
            lines.append(f"{w.plural(len(predictions), 'prediction')} {what}: {said}.")
    for metrics, which in zip(unlogged(diff), ("old", "new"), strict=True):
        if metrics:
            lines.append(f"Logged by the {which} sweep alone: {_some([w.metric_name(name) for name in metrics])}.")
    if diff.unclear:
        names = w.listing(list(diff.unclear))
        lines.append(f"Not compared, for nothing says which way is better: {names}; --metric and --goal compare by one of them.")
    return tuple(lines)


def method(diff: SweepDiff) -> tuple[str, ...]:
    """How the comparisons were made."""
    made = diff.comparisons
    if not made or all(one.same_runs for one in made):
        return ()
    lines = [_pairing(diff)]
    others = len(diff.overall) > 1
    family = f"all configurations and metrics, half of it for {w.metric_name(diff.metric)}" if others else "all configurations"
    if any(one.change.low is not None for one in made if not one.same_runs):
        lines.append(
            "Of 100 comparisons of sweeps that differ by noise alone about 5 at most say better or worse at all, more where"
            f" configurations vary very unlike each other (Holm, over {family})."
            " The interval of a configuration is at the level of its verdict; that of the mean over all is 95%."
        )
    if diff.main and diff.main.seeds_known and diff.main.change.low is not None and diff.main.pairs > 1:
        lines.append("The mean over all takes configurations and seeds as drawn: it holds for others of their kind.")
    if diff.margin is not None:
        lines.append(f"Same: the whole interval lies within {_margin(diff)}, or both sides have the same runs.")
    return tuple(lines)


def _pairing(diff: SweepDiff) -> str:
    paired = [comparison.by_seed for comparison in diff.of(diff.metric) if not comparison.same_runs]
    if any(paired):
        rest = "" if all(paired) else " Where a side lacks a seed of the other, the means are."
        return f"Runs with the same seed are held against each other, so that what a seed does to both sweeps falls out.{rest}"
    if not any(known.get(diff.metric) for known in diff.noises):
        return "Neither sweep has a configuration with two runs that differ, so the noise is not known and nothing can be told."
    return "The means of the two sweeps are held against each other, each with the noise of its runs and the luck of its seeds."


def told_change(form: w.Form, change: Difference) -> tuple[str, str]:
    """A difference and its interval as two cells: "+1.5", "+0.2 to +2.8"."""
    whole = w.change(form, change).replace(" points", "")
    number, _, interval = whole.partition(" (")
    return number, interval.removesuffix(")") or w.NONE
