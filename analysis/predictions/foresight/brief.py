"""A plan's cost, its `Foresight` and its expectations in, what fits on one screen out: what it costs, what it can show, and what
would settle the expectations that it leaves open."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.details import form_of
from sweepbook.analysis.predictions.foresight.foresight import Foresight
from sweepbook.analysis.predictions.foresight.outlook import AHEAD, Expectation, Step, middle, steps
from sweepbook.analysis.predictions.foresight.planned import Basis
from sweepbook.analysis.predictions.foresight.shown import Shown
from sweepbook.analysis.predictions.verdict import CONFIRMED, EMPTY, REFUTED, SAID, UNTOLD

OFTEN = "in 8 of 10 such sweeps"
NAMED = 8  # expectations of a row; of more the rest is counted
MOST = 1_000  # seeds, beyond which nobody counts
UNKNOWN = "No log shows yet how far another seed lands away."


@dataclass(frozen=True)
class SearchCost:
    """What the search of a `group` takes: at most so many `runs` or `minutes` (None: no such limit), of which `done` have run in
    `spent` seconds; whether it is `over`; the `seconds` that a trial takes about (None: not known); and how many configurations it
    is to `confirm`."""

    group: str
    runs: int | None
    minutes: float | None
    done: int
    spent: float
    over: bool
    seconds: float | None
    confirm: int


@dataclass(frozen=True)
class Cost:
    """What the plan takes: its `runs` and those `missing`, of which some are `in_progress` in words; the `seconds` of the missing
    ones with so many `jobs`, known from `source`, those of one more seed of every configuration (None: not known), and the
    `examples` that all runs train on (None: not known). The `searches` come beside these."""

    runs: int
    missing: int
    in_progress: str
    jobs: int
    seconds: float | None
    source: str
    per_seed: float | None
    examples: int | None
    searches: tuple[SearchCost, ...] = ()


def brief(found: Foresight, known: Sequence[Expectation], cost: Cost) -> list[Shown]:
    """The parts of the first screen."""
    ladder = steps(found, known)
    parts = [Shown("What it costs", _costs(found, cost))]
    if not found.configurations:
        return [*parts, *_settles(found, known, ladder)]
    return [*parts, _shows(found, ladder, cost), *_settles(found, known, ladder)]


def _costs(found: Foresight, cost: Cost) -> tuple[str, ...]:
    searches = [line for search in cost.searches for line in _search(search, found.seeds, cost.jobs)]
    if not found.configurations and searches:
        return tuple(searches)
    if not found.configurations:
        return ("Nothing: the plan asks for no runs. What its groups can show rests on the logs that they choose.",)
    each = "one seed each" if found.seeds == 1 else f"{w.plural(found.seeds, 'seed')} each"
    lines = [f"{w.plural(cost.runs, 'run')}: {w.plural(found.configurations, 'configuration')}, {each}. {_missing(cost)}"]
    if cost.missing and cost.seconds is None:
        lines.append("How long they take is not known: no finished run shows it, and a few steps could not be timed.")
    elif cost.missing:
        took = f"About {w.duration(cost.seconds)} of training with {w.plural(cost.jobs, 'job')}, going by {cost.source}."
        lines.append(f"{took} Starting up takes some more.")
    if cost.examples is not None:
        lines.append(f"Together the runs train on {w.count(cost.examples)} examples, repeats counted.")
    return (*lines, *searches)


def _search(search: SearchCost, seeds: int, jobs: int) -> list[str]:
    """What a search takes, and what comes behind it."""
    if search.over:
        return [f"The search {search.group} is over: {w.plural(search.done, 'trial')} in {w.duration(search.spent)}."]
    limits = [w.plural(search.runs, "trial")] if search.runs else []
    limits += [f"{w.duration(60 * search.minutes)} of training"] if search.minutes else []
    done = f", {w.count(search.done)} of them done" if search.done else ""
    lines = [f"The search {search.group}: {' or '.join(limits)} at most{done}."]
    if search.runs and search.seconds and not search.minutes:
        time = w.duration((search.runs - search.done) * search.seconds / jobs)
        lines.append(f"That is about {time} with {w.plural(jobs, 'job')}, less what is pruned.")
    again = w.plural(search.confirm * seeds, "run")
    return [*lines, f"Then its best {w.plural(search.confirm, 'configuration')} at {w.plural(seeds, 'seed')} each: {again}."]


def _missing(cost: Cost) -> str:
    if not cost.missing:
        return "All of them have run." if cost.runs else ""
    if cost.missing == cost.runs and not cost.in_progress:
        return "None of them has run."
    return f"{w.count(cost.missing)} of them {'is' if cost.missing == 1 else 'are'} missing{cost.in_progress}."


def _shows(found: Foresight, ladder: Sequence[Step], cost: Cost) -> Shown:
    """The smallest difference that the plan finds, in a line; then what more seeds would find and settle."""
    basis, form = found.basis, form_of(found, found.basis)
    noises = [""] if len(basis.noises) == 1 else [f"found if ± {w.size(form, noise)}" for noise in basis.noises]
    settles = any(step.settled for step in ladder)
    heads = [("seeds each", True), ("runs", True), *([(f"about, {w.plural(cost.jobs, 'job')}", True)] if cost.per_seed else [])]
    heads += [(noise or "finds differences from", True) for noise in noises]
    rows, settled = [], 0
    for one, step in zip(found.bought, ladder, strict=False):
        settled += len(step.settled)
        time = _time(cost, one.seeds - found.seeds)
        sizes = ["nothing" if size is None else _size(basis, form, size) for size in one.smallest]
        cells = [str(one.seeds), w.count(one.runs), *([time] if cost.per_seed else []), *sizes]
        rows.append((*cells, *([w.count(settled)] if settles else [])))
    open_ones = sum(len(step.settled) for step in ladder)
    heads += [(f"settles of {w.count(open_ones)}", True)] if settles else []
    return Shown("What it can show", (_in_one_line(found),), tuple(heads), tuple(rows))


def _in_one_line(found: Foresight) -> str:
    basis, form = found.basis, form_of(found, found.basis)
    if not found.df:
        return "Nothing: each configuration runs once. Give it a second seed."
    smallest = found.bought[0].smallest[basis.noises.index(middle(basis))]
    away = f"another seed lands ± {w.size(form, middle(basis))} away"
    size = "nothing" if smallest is None else _size(basis, form, smallest)
    if basis.source == "unknown":
        size += " that distance" * (smallest is not None)
    shows = size if smallest is None else f"differences of {size} and more in {w.metric_name(basis.metric)}, {OFTEN}"
    if basis.source == "stated":
        return f"If {away}, it shows {shows}. {UNKNOWN}"
    return f"It shows {shows}. A{away[1:]}." if basis.source == "logs" else f"{UNKNOWN} It shows {shows}."


def _size(basis: Basis, form: w.Form, size: float) -> str:
    return f"{size:.1f} times" if basis.source == "unknown" else w.size(form, size)


def _time(cost: Cost, more: int) -> str:
    """What is missing and so many seeds more take."""
    seconds = (cost.seconds or 0.0) + more * (cost.per_seed or 0.0)
    return w.duration(seconds) if seconds else w.NONE


def _settles(found: Foresight, known: Sequence[Expectation], ladder: Sequence[Step]) -> list[Shown]:
    """How the expectations stand, and the seeds that the open ones take."""
    if not known:
        return []
    lines = [_standing(known)]
    rows = [(_seeds(step, place, found), _named(step.settled)) for place, step in enumerate(ladder) if step.settled]
    if rows:
        lines.append(f"More seeds each that would settle the rest, in brackets, {_supposing(found, known)}:")
    below = [*_too_wide(found, known), *_hopeless(known)]
    return [Shown("What it can settle", tuple(lines), (("", False, 0, "keep"), ("", False, 0, "wrap")), tuple(rows), tuple(below))]


def _standing(known: Sequence[Expectation]) -> str:
    """How many of each kind there are: "43 expectations: 10 held, 2 did not hold, 31 open."."""
    names = [*((SAID[one], SAID[one]) for one in (CONFIRMED, REFUTED, UNTOLD)), (SAID[EMPTY], "say nothing"), (AHEAD, AHEAD)]
    counts = [(sum(one.state == state for one in known), name) for state, name in names]
    parts = [f"{w.count(count)} {name}" for count, name in counts if count]
    return f"{w.plural(len(known), 'expectation')}: {', '.join(parts)}."


def _supposing(found: Foresight, known: Sequence[Expectation]) -> str:
    """What the numbers of seeds suppose to be true."""
    undecided = [one for one in known if one.undecided]
    ran = "if the truth is what the runs show so far"
    if not any(one.supposed for one in undecided):
        return ran
    basis, form = found.basis, form_of(found, found.basis)
    away = f" and another seed lands ± {w.size(form, middle(basis))} away" if basis.source == "stated" else ""
    distance = "as far beyond what is claimed as a seed lands" if basis.source == "unknown" else ""
    ahead = f"if the truth lies {distance or f'{w.size(form, basis.distance)} beyond what is claimed'}{away}"
    if found.gap and any(one.supposed and one.metric == "gap" for one in undecided):
        ahead += " (for the gap as far as a seed moves it)"
    return ahead if all(one.supposed for one in undecided) else f"{ran}; of what has not run, {ahead}"


def _seeds(step: Step, place: int, found: Foresight) -> str:
    if step.seeds is not None:
        return "as planned" if not place else f"{step.seeds} seeds"
    if place > len(found.bought):
        return f"over {w.count(MOST)} seeds"
    return f"over {w.count(found.bought[-1].seeds)} seeds" if found.bought else "more seeds"


def _named(settled: Sequence[Expectation]) -> str:
    names = [f"{one.says} (+{w.count(one.more)})" if one.more else one.says for one in settled[:NAMED]]
    left = len(settled) - NAMED
    return "; ".join(names) + (f"; and {w.count(left)} more" if left > 0 else "")


def _too_wide(found: Foresight, known: Sequence[Expectation]) -> list[str]:
    """The ranges that no outcome of the plan can fit."""
    narrow = [one for one in known if one.known is not None]
    if not narrow:
        return []
    form = form_of(found, found.basis)
    sizes = [f"± {w.size(form, size)}" for size in sorted({one.known or 0.0 for one in narrow})]
    span = sizes[0] if len(set(sizes)) == 1 else f"{sizes[0].removesuffix(' points')} to {sizes[-1]}"
    cannot = f"{_quoted([one.says for one in narrow])} cannot come out as held with the planned seeds"
    return [f"{cannot}: a mean is known to {span}, which is wider than the claimed range."]


def _hopeless(known: Sequence[Expectation]) -> list[str]:
    """Those that no seed of this plan can help."""
    reasons: dict[str, list[str]] = {}
    for one in known:
        if one.why and one.state in (AHEAD, SAID[UNTOLD]):
            reasons.setdefault(one.why, []).append(one.says)
    return [f"{_quoted(names)} {'stays' if len(names) == 1 else 'stay'} open: {why}." for why, names in reasons.items()]


def _quoted(says: Sequence[str]) -> str:
    """Expectations in a row; of many the first, and how many more there are."""
    names = [f'"{one}"' for one in says[:NAMED]]
    return w.listing([*names, f"{w.count(len(says) - NAMED)} more"] if len(says) > NAMED else names)
