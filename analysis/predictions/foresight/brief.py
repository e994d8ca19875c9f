"""A plan's cost, its `Foresight` and its expectations in, what fits on one screen out: what it costs, what it can show, and what
would settle the expectations that it leaves open."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.cost import Cost, costs
from sweepbook.analysis.predictions.foresight.details import form_of
from sweepbook.analysis.predictions.foresight.foresight import Foresight
from sweepbook.analysis.predictions.foresight.outlook import AHEAD, Expectation, Step, middle, steps
from sweepbook.analysis.predictions.foresight.planned import Basis
from sweepbook.analysis.predictions.foresight.shown import Shown
from sweepbook.analysis.predictions.verdict import CONFIRMED, EMPTY, REFUTED, SAID, UNTOLD

OFTEN = "in 8 of 10 such sweeps"
NAMED = 8  # expectations of a row; of more the rest is counted
NEVER = "Not to be settled with a number of seeds that anyone runs"
FARTHER = "Not run yet, and to take more seeds than anyone runs"
TYPICAL = ("", " between typical configurations")
UNKNOWN = "No log shows yet how far another seed lands away."


def brief(found: Foresight, known: Sequence[Expectation], cost: Cost, leading: float | None = None) -> list[Shown]:
    """The parts of the first screen. `leading` is how far a seed lands where a configuration could be the best, if logs show it."""
    ladder = steps(found, known)
    parts = [Shown("What it costs", costs(found, cost))]
    if not found.configurations:
        return [*parts, *_settles(found, known, ladder)]
    return [*parts, _shows(found, ladder, cost, leading), *_settles(found, known, ladder)]


def _shows(found: Foresight, ladder: Sequence[Step], cost: Cost, leading: float | None) -> Shown:
    """The smallest difference that the plan finds, in a line; then what more seeds would find and settle."""
    basis, form = found.basis, form_of(found, found.basis)
    noises = [""] if len(basis.noises) == 1 else [f"found if ± {w.size(form, noise)}" for noise in basis.noises]
    settles = any(step.settled for step in ladder)
    heads = [("seeds each", True), ("runs", True), *([(f"about, {w.plural(cost.jobs, 'job')}", True)] if cost.each_seed else [])]
    heads += [(noise or "finds differences from", True) for noise in noises]
    rows, settled = [], 0
    for one, step in zip(found.bought, ladder, strict=False):
        settled += len(step.settled)
        seconds = cost.in_all(one.seeds) or 0.0
        seconds += (one.seeds - found.seeds) * (cost.per_seed or 0.0)
        time = w.duration(seconds) if seconds else w.NONE
        sizes = ["nothing" if size is None else _size(basis, form, size) for size in one.smallest]
        runs = one.runs + one.seeds * cost.to_confirm
        cells = [str(one.seeds), w.count(runs), *([time] if cost.each_seed else []), *sizes]
        rows.append((*cells, *([w.count(settled)] if settles else [])))
    open_ones = sum(len(step.settled) for step in ladder)
    heads += [(f"settles of {w.count(open_ones)}", True)] if settles else []
    return Shown("What it can show", (_in_one_line(found, leading),), tuple(heads), tuple(rows))


def _in_one_line(found: Foresight, leading: float | None) -> str:
    basis, form = found.basis, form_of(found, found.basis)
    if not found.df:
        return "Nothing: each configuration runs once. Give it a second seed."
    smallest = found.bought[0].smallest[basis.noises.index(middle(basis))]
    away = f"another seed lands ± {w.size(form, middle(basis))} away"
    size = "nothing" if smallest is None else _size(basis, form, smallest)
    if basis.source == "unknown":
        size += " that distance" * (smallest is not None)
    name = w.metric_name(basis.metric)
    shows = size if smallest is None else f"differences of {size} and more in {name}{TYPICAL[basis.source == 'logs']}, {OFTEN}"
    if basis.source == "stated":
        return f"If {away}, it shows {shows}. {UNKNOWN}"
    if basis.source == "unknown":
        return f"{UNKNOWN} It shows {shows}."
    best = w.size(form, middle(basis) if leading is None else leading)
    apart = f" in a typical configuration, ± {best} where one could be the best" if best != w.size(form, middle(basis)) else ""
    return f"It shows {shows}. A{away[1:]}{apart}."


def _size(basis: Basis, form: w.Form, size: float) -> str:
    return f"{size:.1f} times" if basis.source == "unknown" else w.size(form, size)


def _settles(found: Foresight, known: Sequence[Expectation], ladder: Sequence[Step]) -> list[Shown]:
    """How the expectations stand, and the seeds that the open ones take."""
    if not known:
        return []
    lines = [_standing(known)]
    near = ladder[:-1]  # those behind it take more seeds than anyone counts
    rows = [(_seeds(step, place, found), _named(step.settled)) for place, step in enumerate(near) if step.settled]
    if rows:
        lines.append(f"More seeds each that would settle the rest, in brackets, {_supposing(found, known)}:")
    below = [*_never(found, known), *_too_wide(found, known), *_hopeless(known)]
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
    return f"over {w.count(found.bought[-1].seeds)} seeds" if found.bought else "more seeds"


def _named(settled: Sequence[Expectation]) -> str:
    names = [f"{one.says} (+{w.count(one.more)})" if one.more else one.says for one in settled[:NAMED]]
    left = len(settled) - NAMED
    return "; ".join(names) + (f"; and {w.count(left)} more" if left > 0 else "")


def _never(found: Foresight, known: Sequence[Expectation]) -> list[str]:
    """Those that no number of seeds in reach settles; of what has not run that is so only if the truth is what is supposed."""
    names = [one for one in known if one.undecided and w.out_of_reach(one.more)]
    ahead, ran = ([one for one in names if (one.state == AHEAD) is state] for state in (True, False))
    lines = [f"{NEVER}: {_named(ran)}."] if ran else []
    return [*lines, f"{FARTHER}, {_supposing(found, ahead)}: {_named(ahead)}."] if ahead else lines


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
