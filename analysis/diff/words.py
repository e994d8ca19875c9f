"""A `SweepDiff` in, the sentences that tell it out, each written once for the terminal and every page.

No sentence calls a difference better or worse that its comparison does not: what is not told from noise is said to be open.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import rows
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Comparison, Overall
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import Turned, unasked
from sweepbook.analysis.export.record.read import Entry
from sweepbook.analysis.logs.origins import WORDS as ORIGINS
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.runner.values import level_text

FACTS = (
    "commit",
    "patch",
    "torch",
    "python",
    "device",
    "threads",
    "host",
)  # of the environment, in the order in which they are told
WORDS_OF_DATA = {"train_examples": "training examples", **ORIGINS}
STATES = ("failed", "diverged", "interrupted")
AFFORDABLE = 5  # times the seeds of today: what somebody who wants to know still runs
ENOUGH = 3  # labels of a kind that a sentence names one by one
# What a learning curve shows that went wrong: its diagnosis in a report, and the words for it.
CURVES = {"did not learn": "did not learn", "diverged": "fell apart", "oscillating": "unstable", "overfitting": "overfitting"}
HELD, FAILED, OPEN = "held", "did not hold", "open"
WORDS = {"confirmed": HELD, "refuted": FAILED, "cannot tell": OPEN}
MARKS = {HELD: "✓", FAILED: "✗", OPEN: "?"}
AS_RUN = " as run"
COURSES = ((HELD, FAILED), (HELD, OPEN), (OPEN, FAILED), (FAILED, OPEN), (OPEN, HELD), (FAILED, HELD))  # what weighs most first


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
    one_by_one = (f"One by one: {_counted(diff.main.counts)}.",) if diff.main.pairs > 1 else ()
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
        return f"Nothing changed in {name} beyond {_margin(diff)}, in any of {among}."
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
    other = alone or diff.turned or changed(diff) or cost(diff) or _failed(diff)
    return not other and all(one.same_runs for one in diff.comparisons)


def unlogged(diff: SweepDiff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics that the old side alone logged of the matched configurations, and those of the new one alone."""
    old, new = (dict.fromkeys(name for pair in diff.matching.pairs for name in pair[place].runs) for place in (0, 1))
    return tuple(name for name in old if name not in new), tuple(name for name in new if name not in old)


def _counted(counts: Mapping[str, int]) -> str:
    """How many comparisons have which verdict: "3 worse, none better, 2 same, 51 cannot tell yet"."""
    order = (BETTER, WORSE) if counts[BETTER] >= counts[WORSE] else (WORSE, BETTER)
    parts = [f"{w.count(counts[verdict]) if counts[verdict] else 'none'} {verdict}" for verdict in order]
    parts += [f"{w.count(counts[SAME])} same"] * bool(counts[SAME])
    return ", ".join([*parts, *[f"{w.count(counts[UNTOLD])} cannot tell yet"] * bool(counts[UNTOLD])])


def _margin(diff: SweepDiff) -> str:
    return f"±{w.size(diff.form(diff.metric), diff.margin or 0.0)}"


def _others(diff: SweepDiff) -> list[str]:
    """The other metrics in which something is better or worse."""
    found = [o for o in diff.overall.values() if o.metric != diff.metric and (o.counts[BETTER] or o.counts[WORSE])]
    parts = [f"{w.metric_name(o.metric)} {_decided(o)}" for o in found]
    return [f"Other metrics: {'; '.join(parts)}."] if parts else []


def _decided(found: Overall) -> str:
    return ", ".join(f"{w.count(found.counts[verdict])} {verdict}" for verdict in (BETTER, WORSE) if found.counts[verdict])


def most(diff: SweepDiff, verdict: str) -> list[Comparison]:
    """The configurations that are better, or worse, the largest change first."""
    found = (one for one in diff.of(diff.metric) if one.verdict == verdict)
    return sorted(found, key=lambda one: (-abs(one.change.estimate), one.label))


def unlike(diff: SweepDiff) -> list[str]:
    """Where the change acts more and where less."""
    form, lines = diff.form(diff.metric), []
    for one in diff.slopes:
        first, last = (w.difference(form, change) for change in (one.first, one.last))
        low, high = level_text(one.lowest), level_text(one.highest)
        bare = first.removesuffix(" points")
        name = w.setting_name(one.factor)
        lines.append(
            f"The change differs by {name}: from {bare} at {low} to {last} at {high} (found by looking; check it with new runs)."
        )
    if not lines and diff.grids:
        names = w.listing(list(dict.fromkeys(w.setting_name(factor) for group, _ in diff.grids for factor in group.factors)))
        lines.append(f"The change shows no pattern over {names}.")
    return lines


def recommended(diff: SweepDiff) -> tuple[Entry | None, Entry | None]:
    """The configurations that the old and the new sweep recommend."""
    before, after = (side.entries.get(side.recommended or "") for side in (diff.old, diff.new))
    return before, after


def mean(entry: Entry, metric: str) -> float | None:
    """The mean of a configuration in a metric."""
    return entry.metrics[metric].mean if metric in entry.metrics else None


def steady(diff: SweepDiff) -> list[str]:
    """Which configurations have the same runs on both sides, and why, where others changed."""
    same = [one for one in diff.of(diff.metric) if one.same_runs]
    if not same or len(same) == len(diff.of(diff.metric)):
        return []
    found: dict[tuple[str, str], list[Comparison]] = {}
    for one in same:
        found.setdefault((rows.levels(diff.matching.already(one.pair)), repeated([one.pair])), []).append(one)
    lines = []
    for (had, _), some in found.items():
        labels, why = [one.label for one in some], f"had {had} already" if had else "did not move"
        lines.append(
            f"{w.listing(labels) if len(labels) <= ENOUGH else _some(labels)} {why}: {repeated([one.pair for one in some])}."
        )
    return lines


def repeated(pairs: Sequence[tuple[Entry, Entry]]) -> str:
    """What the same runs of some configurations are: the same logs, or runs of their own that came out alike."""
    whose, who = ("its", "it scores") if len(pairs) == 1 else ("their", "they score")
    if all(before.logs == after.logs for before, after in pairs):
        return f"{whose} runs are the same logs"
    if all(before.logs.isdisjoint(after.logs) for before, after in pairs):
        return f"trained again, {who} the same to the last digit"
    return f"{whose} runs are the same"


def settled(diff: SweepDiff) -> list[str]:
    """How many seeds more would settle half of what cannot be told, and how many runs that is; where that is very many, how few
    so many would settle, or that they settle none."""
    open_ = [one for one in diff.of(diff.metric) if one.verdict == UNTOLD]
    if not any(one.change.low is not None for one in open_):
        return []
    several = f"the {w.count(len(open_))}" if len(open_) > 1 else "the one"
    most = (AFFORDABLE - 1) * max(min(one.old.n, one.new.n) for one in open_)
    needs = sorted(one.more for one in open_ if one.more is not None and one.more <= most)
    if not needs:
        return [f"Even {w.plural(most, 'more seed')} each, before and now, would not settle {several} that cannot tell yet."]
    seeds = needs[min((len(open_) + 1) // 2, len(needs)) - 1]
    count = sum(need <= seeds for need in needs)
    lead = f"{w.plural(seeds, 'more seed')} each, before and now ({w.plural(2 * seeds * len(open_), 'run')}),"
    which = several if count == len(open_) else f"{w.count(count)} of {several}"
    return [f"{lead} would settle {which} that cannot tell yet, if the changes are as seen."]


def lost(one: Turned) -> bool:
    """Whether a prediction held before and does not now."""
    return said(one.old) == HELD != said(one.new)


def lost_to(one: Turned) -> str:
    """What became of a prediction that held."""
    return "does not hold now" if said(one.new) == FAILED else f"{said(one.new)} now"


def said(verdict: str) -> str:
    """The verdict of a prediction in words: "held", "did not hold", "open"; what is none of these as it is."""
    return WORDS.get(verdict.removesuffix(AS_RUN), verdict)


def marked(verdict: str) -> str:
    """The same with its sign."""
    word = said(verdict)
    return f"{MARKS[word]} {word}" if word in MARKS else word


def limited(one: Turned) -> str:
    """Where a prediction comes out as before: whether a check limits it now."""
    if said(one.old) != said(one.new):
        return ""
    return "a check limits it now" if one.new.endswith(AS_RUN) else "no check limits it now"


def expectations(diff: SweepDiff) -> list[Turned]:
    """The predictions that turned, what weighs most first."""
    places = {course: place for place, course in enumerate(COURSES)}
    found = [one for one in diff.turned if one.kind == "prediction"]
    return sorted(found, key=lambda one: places.get((said(one.old), said(one.new)), len(places)))


def courses(diff: SweepDiff) -> list[str]:
    """How many expectations took which course: "5 held → open"."""
    counts = Counter(limited(one) or f"{said(one.old)} → {said(one.new)}" for one in expectations(diff))
    return [f"{w.count(count)} {course}" for course, count in counts.items()]


def shared(diff: SweepDiff) -> list[str]:
    """What several expectations that turned have in common: one configuration, whose change turned them all; a side that is the
    same."""
    labels = {one.pair[1].id: one for one in diff.of(diff.metric)}
    found: dict[tuple[str, ...], list[Turned]] = {}
    asked, lines = expectations(diff), []
    for one in asked:
        if len(one.behind) == 1 and one.behind[0] in labels:
            found.setdefault(one.behind, []).append(one)
    of = f"of the {w.count(len(asked))}"
    for (key,), turned in sorted(found.items(), key=lambda item: -len(item[1])):
        if len(turned) > 1:
            row = _named(labels[key], diff.form(diff.metric))
            lines.append(f"{w.count(len(turned))} {of} expectations rest on one change: {row}.")
    lines += _unlike(labels, asked)
    if one_sided := sum(one.one_sided for one in asked):
        lines.append(f"In {w.count(one_sided)} {of} one side alone changed; the other has the same runs.")
    return lines


def _unlike(found: Mapping[str, Comparison], asked: Sequence[Turned]) -> list[str]:
    """Why an expectation can be decided by a row that is not: only where that is so."""
    rests = [found[one.behind[0]] for one in asked if len(one.behind) == 1 and one.behind[0] in found and said(one.new) != OPEN]
    if all(one.verdict != UNTOLD for one in rests):
        return []
    return ["A row that cannot tell whether it changed can still say where it is now, which decides an expectation."]


def _named(one: Comparison, form: w.Form) -> str:
    """A row in a line, with all names that the configuration goes by."""
    others = [label for label in one.pair[1].labels if label != one.label]
    return rows.row(one, form) + (f"; also called {w.listing(others)}" if others else "")


def conclusions(diff: SweepDiff) -> str:
    """How many conclusions there are in all, and how many of them changed; "" where there are none."""
    kinds = {
        "prediction": ("expectation", "expectations"),
        "best": ("choice of the best", "choices of the best"),
        "factors": ("order of the settings", "orders of the settings"),
        "check": ("check", "checks"),
    }
    counts, total = Counter(one.kind for one in diff.turned), sum(diff.concluded.values())
    turned = [(counts[kind], count, kinds[kind]) for kind, count in diff.concluded.items() if counts[kind]]
    parts = [f"{w.count(some)} of {w.plural(count, *names)}" for some, count, names in turned]
    what = f": {w.listing(parts)}" if parts else ""
    return f"In all {w.count(len(diff.turned))} of {w.plural(total, 'conclusion')} changed{what}." if total else ""


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


def subtitle(diff: SweepDiff) -> str:
    """What is compared, in a line under the title."""
    runs = [sum(entry.n for entry in side.entries.values()) for side in (diff.old, diff.new)]
    matched = w.plural(len(diff.matching.pairs), "configuration")
    each = f"{w.count(runs[0])} runs before, {w.count(runs[1])} now"
    scores = f"all scores are {w.metric_name(diff.metric)} ({w.way(diff.goal)}) unless said otherwise"
    return " · ".join([f"{matched} on both sides", each, scores, *_brackets(diff)])


def _brackets(diff: SweepDiff) -> Iterator[str]:
    """What the intervals are that stand in brackets; those of single configurations are corrected for their number."""
    known = any(one.change.low is not None for one in diff.comparisons if not one.same_runs)
    if known:
        yield "brackets: 95% intervals" + ", wider for single configurations" * (len(diff.comparisons) > 1)


def sweeps(diff: SweepDiff) -> str:
    """Both sweeps in a line: by their studies, and where these are one by what was compared; one name where that is one too."""
    ways = ((diff.old.study, diff.new.study), (diff.old.name, diff.new.name))
    return next((f"{old} → {new}" for old, new in ways if old != new), diff.new.study)


def _sweep(diff: SweepDiff, place: int) -> str:
    side = (diff.old, diff.new)[place]
    noise = diff.noises[place].get(diff.metric)
    parts = [w.plural(sum(entry.n for entry in side.entries.values()), "finished run")]
    parts += [f"standard deviation of a run {w.size(diff.form(diff.metric), noise.sd)}"] if noise else ["noise not known"]
    parts += [f"read with the plan {side.plan}" if side.plan != "none" else "read without a plan"] if side.plan else []
    return f"{side.name} ({', '.join(parts)})"


def changed(diff: SweepDiff) -> tuple[str, ...]:
    """The settings that changed in all configurations or some, and what changed in where they were trained."""
    return (*settings(diff), *environment(diff))


def settings(diff: SweepDiff) -> tuple[str, ...]:
    """The settings that changed: "weight decay 0 → 0.01 in 54 of 56 configurations"."""
    return tuple(f"{name} {old} → {new} {where}" for name, old, new, where in levels(diff))


def levels(diff: SweepDiff) -> list[tuple[str, str, str, str]]:
    """The settings that changed, with the old level, the new one, and in which configurations."""
    pairs, found = len(diff.matching.pairs), []
    for one in diff.matching.changed:
        where = "everywhere" if one.pairs == pairs else f"in {w.count(one.pairs)} of {w.plural(pairs, 'configuration')}"
        name = WORDS_OF_DATA.get(one.key) or w.setting_name(one.key)
        found.append((name, one.old or "not set", one.new or "not set", where))
    return found


def environment(diff: SweepDiff) -> tuple[str, ...]:
    """What changed in where the sweeps were trained: "commit e1dbd7d815a0 → 3c342bebac78"."""
    return tuple(f"{key} {before} → {after}" for key, before, after in places(diff))


def places(diff: SweepDiff) -> list[tuple[str, str, str]]:
    """What changed in where the sweeps were trained, with what it was and what it is."""
    old, new = diff.old.environment, diff.new.environment
    found = []
    moved = old.get("commit") != new.get("commit")
    for key in (fact for fact in FACTS if not (fact == "patch" and moved)):  # a patch is one to a commit
        if old.get(key) and new.get(key) and old[key] != new[key]:
            before, after = (", ".join(value[:12] if key == "commit" else value for value in side[key]) for side in (old, new))
            found.append((key, before, after))
    return found


def _some(names: Sequence[str], between: str = ", ") -> str:
    """The first of some names that have no order among them, and how many more there are."""
    more = len(names) - w.MANY
    return between.join(names[: w.MANY]) + (f" and {w.count(more)} more" if more > 0 else "")


def table(diff: SweepDiff) -> str:
    """How to read the rows in the metric of the study."""
    compared = diff.of(diff.metric)
    counts = sorted({n for one in compared for n in (one.old.n, one.new.n)})
    many = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    lines = [f"Averages of {many} each, before and now; the interval is that of the verdict."]
    if any(one.more is not None for one in compared):
        lines.append("With “more seeds” on each side a change as large as the one seen would get a verdict.")
    return " ".join(lines)


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
    return f"{lead}{limits}; one by one {_counted(found.counts)}."


def ranks(diff: SweepDiff) -> Iterator[str]:
    """How far the two rankings agree, and which configurations came into the first tier or went out of it."""
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
    """Time and parameters."""
    return (*_time(diff), *_parameters(diff))


def _time(diff: SweepDiff) -> Iterator[str]:
    found = diff.times
    if found is None:
        return
    interval = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
    moved = diff.old.environment.get("host") != diff.new.environment.get("host")
    where = "on another machine, and " if moved and diff.old.environment.get("host") and diff.new.environment.get("host") else ""
    over = w.plural(found.pairs, "configuration")
    yield f"A run takes {found.ratio:.2f} times as long{interval}, over {over}; {where}times move with what else a machine does."


def _parameters(diff: SweepDiff) -> Iterator[str]:
    if diff.resized:
        named = [f"{b.label} {w.count(a.parameters)} → {w.count(b.parameters)}" for a, b in diff.resized[:ENOUGH]]
        more = len(diff.resized) - len(named)
        yield f"The number of parameters changed: {', '.join(named)}{f' and {w.count(more)} more' if more else ''}."


def failures(diff: SweepDiff) -> list[str]:
    """How many runs did not finish on either side, and which configurations do on one side alone."""
    lines = ["No run failed, diverged or was interrupted, before or now."]
    if counts := ended(diff):
        lines = [f"Runs that did not finish, before → now: {', '.join(f'{a} → {b} {name}' for name, a, b in counts)}."]
    for labels, what in (
        ([f"{one.label} ({', '.join(dict.fromkeys(one.states))})" for one in diff.stopped], "No longer finishes"),
        ([entry.label for entry in diff.started], "Finishes now"),
    ):
        lines += [f"{what}: {_some(labels)}."] if labels else []
    return lines


def _failed(diff: SweepDiff) -> bool:
    """Whether runs end otherwise than before."""
    return any(old != new for _, old, new in ended(diff)) or bool(diff.stopped or diff.started)


def curves(diff: SweepDiff) -> list[str]:
    """How many runs went wrong by their learning curves, before and now."""
    parts = [f"{words} {old} → {new}" for words, old, new in curved(diff)]
    return [f"Curves, before → now: {', '.join(parts)} runs."] if parts else []


def curved(diff: SweepDiff) -> list[tuple[str, int, int]]:
    """What learning curves show that went wrong, with the runs of which they do, before and now."""
    found = []
    for diagnosis, name in CURVES.items():
        old, new = (_diagnosed(side.diagnoses, diagnosis) for side in (diff.old, diff.new))
        found += [(name, old, new)] if old or new else []
    return found


def ended(diff: SweepDiff) -> list[tuple[str, int, int]]:
    """How runs ended that did not finish, with their number before and now."""
    counts = ((state, diff.old.states.get(state, 0), diff.new.states.get(state, 0)) for state in STATES)
    return [(state, old, new) for state, old, new in counts if old or new]


def _diagnosed(found: Mapping[str, int], diagnosis: str) -> int:
    return sum(count for text, count in found.items() if text.startswith(diagnosis))


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
            lines.append(f"{w.plural(len(predictions), 'expectation')} {what}: {said}.")
    for metrics, which in zip(unlogged(diff), ("old", "new"), strict=True):
        if metrics:
            lines.append(f"Logged by the {which} sweep alone: {_some([w.metric_name(name) for name in metrics])}.")
    if diff.unclear:
        names = w.listing(list(diff.unclear))
        lines.append(f"Not compared, for nothing says which way is better: {names}; --metric and --goal compare by one of them.")
    return tuple(lines)


def known(diff: SweepDiff) -> tuple[str, ...]:
    """How all this is known: how the rankings agree, and how the comparisons were made."""
    made = diff.comparisons
    if not made or all(one.same_runs for one in made):
        return ()
    return (*ranks(diff), *_scatter(diff), *_noisier(diff), *method(diff))


def _scatter(diff: SweepDiff) -> Iterator[str]:
    found = diff.scatter
    if found is not None and found.low is not None and found.high is not None:
        ends = f"{found.low:.1f} to {found.high:.1f} times"
        how = "95%, geometric mean over the configurations, without what a seed does to all of them"
        yield f"Within each configuration, held against itself, the runs lie {ends} as far apart as before ({how})."


def _noisier(diff: SweepDiff) -> Iterator[str]:
    """The verdicts that the noise around the same runs turned."""
    if diff.unmoved:
        names = _some([f"{one.group}: {one.says.removesuffix('.')}" for one in diff.unmoved], "; ")
        many = "An expectation has" if len(diff.unmoved) == 1 else f"{w.count(len(diff.unmoved))} expectations have"
        yield f"{many} another verdict for the same runs, by the noise of the others, and count as unchanged: {names}."


def method(diff: SweepDiff) -> tuple[str, ...]:
    """How the comparisons were made."""
    made = diff.comparisons
    lines = [_pairing(diff)]
    others = len(diff.overall) > 1
    family = f"all configurations and metrics, half of it for {w.metric_name(diff.metric)}" if others else "all configurations"
    if any(one.change.low is not None for one in made if not one.same_runs):
        lines.append(
            "Of 100 comparisons of sweeps that differ by noise alone about 5 at most say better or worse at all, more where"
            f" configurations vary very unlike each other (Holm, over {family})."
        )
        lines.append("The interval of a configuration is at the level of its verdict; that of the mean over all is 95%.")
    if diff.main and diff.main.seeds_known and diff.main.change.low is not None and diff.main.pairs > 1:
        lines.append("The mean over all takes configurations and seeds as drawn: it holds for others of their kind.")
    if any(one.more is not None for one in made):
        lines.append("More seeds: so many would find a change as large as seen in 4 of 5 repeats; a smaller one takes more.")
    if diff.slopes:
        lines.append(
            "A pattern in a grid is a slope of the changes over the levels, against what the additive fit leaves (t, Holm)."
        )
    if diff.margin is not None:
        lines.append(f"Same: the whole interval lies within {_margin(diff)}, or both sides have the same runs.")
    return tuple(lines)


def _pairing(diff: SweepDiff) -> str:
    paired = [comparison.by_seed for comparison in diff.of(diff.metric) if not comparison.same_runs]
    if any(paired):
        rest = "" if all(paired) else " Where a side lacks a seed of the other, the means are."
        return f"Runs with the same seed are compared with each other, so that what a seed does to both sweeps falls out.{rest}"
    if not any(known.get(diff.metric) for known in diff.noises):
        return "Neither sweep has a configuration with two runs that differ, so the noise is not known."
    return "The means of the two sweeps are compared, each with the noise of its runs and the luck of its seeds."


def parted(form: w.Form, change: Difference) -> tuple[str, str]:
    """A difference and its interval as two cells: "+1.5", "+0.2 to +2.8"."""
    whole = w.change(form, change).replace(" points", "")
    number, _, interval = whole.partition(" (")
    return number, interval.removesuffix(")") or w.NONE
