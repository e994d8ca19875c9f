"""A `Foresight` and its expectations in, what stands behind the first screen of a plan out: the noise, what is assumed, and what
has to be true for each expectation to hold."""

from collections.abc import Sequence
from textwrap import wrap

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.foresight import Foresight
from sweepbook.analysis.predictions.foresight.outlook import AHEAD, Expectation
from sweepbook.analysis.predictions.foresight.planned import Basis
from sweepbook.analysis.predictions.foresight.prospects import Prospect, Reach
from sweepbook.analysis.predictions.foresight.shown import Shown
from sweepbook.analysis.predictions.verdict import SAID, UNTOLD
from sweepbook.runner.metric import is_share

NONE = "nothing"
MEASURES = {
    "rise": "A rise goes from the first level to the last, in equal steps.",
    "fall": "A fall goes from the first level to the last, in equal steps.",
    "bend": "A bend is how far the curve lies above a straight line, in the middle.",
    "best": "Where the best is meant, nobody knows yet which one it is: one of median precision is taken for it, and a lead is "
    "that over the closest other one.",
    "inside": "A mean is seen to lie in a range where its whole interval fits. ±: how well it will be known, where that is not "
    "enough.",
    "noise": "Noise below: with more, no outcome shows that a mean lies in its range.",
}


def details(found: Foresight, known: Sequence[Expectation], width: int) -> list[Shown]:
    """All of it, part by part, in tables of so many columns."""
    if not found.configurations:
        return []
    parts = [Shown("The noise, and what is assumed", tuple(_grounds(found))), _bought(found)]
    for basis in (found.basis, found.gap):
        own = [pair for pair in zip(found.predictions, known, strict=True) if basis and pair[0].metric == basis.metric]
        if basis and any(one.reaches for one, _ in own):
            parts.append(_predictions(found, basis, [pair for pair in own if pair[0].reaches], width))
    return parts


def _grounds(found: Foresight) -> list[str]:
    """The noise, and what is assumed."""
    lines = [_noise(basis, form_of(found, basis)) for basis in (found.basis, found.gap) if basis]
    if not found.df:
        return [*lines, "No configuration is run twice, so nothing shows the noise, and every expectation stays open."]
    unknown = "" if found.basis.source == "logs" else "; the seed explains none of the noise"
    freedom = f"every run finishes, which gives the noise {w.plural(found.df, 'degree')} of freedom{unknown}"
    often = '"Found" is in about 8 of 10 such plans: 2 of 10 miss a difference as large.'
    return [*lines, f"Assumed: {freedom}; intervals of 95%; one comparison at a time. {often}", *_in_general(found)]


def _noise(basis: Basis, form: w.Form) -> str:
    name = "the gap" if basis.metric == "gap" else w.metric_name(basis.metric)
    if basis.source == "logs" and basis.low is not None and basis.high is not None:
        low, high = (w.bare_size(form, end) for end in (basis.low, basis.high))
        told = (
            f"Noise of {name}: runs of one configuration have a standard deviation of {w.size(form, basis.noises[0])} "
            f"(95%: {low} to {high}), by the runs in the logs ({w.plural(basis.df, 'degree')} of freedom)."
        )
        if basis.share is not None:
            told += f" {_seed(basis.share)}"
        if not basis.outlying:
            return told
        whose = "their" if len(basis.outlying) > 1 else "its"
        return f"{told} Far noisier, and counted with {whose} own runs: {w.first_to_last(basis.outlying)}."
    if basis.source == "unknown":
        return f"Noise of {name}: no log shows it. Distances are in SD, the standard deviation between runs of one configuration."
    sizes = w.listing([w.bare_size(form, noise) for noise in basis.noises])
    points = " points" * is_share(basis.metric)
    return (
        f"Noise of {name}: no log shows it. Four standard deviations between runs of one configuration are assumed instead: "
        f"{sizes}{points}. A few seeds of one configuration, run first, would show it."
    )


def _seed(share: float) -> str:
    """How much of the noise the seed explains, and what comes of it."""
    if round(100 * share) < 1:
        return "The seed explains none of it."
    free = "comparisons of configurations at equal seeds are free of that part, the mean of a single one is not"
    return f"The seed explains {100 * share:.0f}% of it: {free}."


def form_of(found: Foresight, basis: Basis) -> w.Form:
    """How numbers of the metric are written: by the noise, and by what the predictions say of its values."""
    own = [one for one in found.predictions if one.metric == basis.metric]
    ends = [end for one in own for end in (one.low, one.high) if end]
    noises = [] if basis.source == "unknown" else basis.noises
    return w.form(basis.metric, [*ends, *noises], noises)


def _bought(found: Foresight) -> Shown:
    """What so many seeds cost, and what they find."""
    basis, form = found.basis, form_of(found, found.basis)
    rows = []
    for one in found.bought:
        sizes = [_distance(basis, form, size) for size in one.smallest]
        ends = (basis.low, basis.high)
        if basis.low is not None and basis.high is not None:
            sizes.append(
                " to ".join(_distance(basis, form, _scaled(one.smallest[0], end / basis.noises[0])) for end in ends if end)
            )
        rows.append((str(one.seeds), w.count(one.runs), *sizes))
    heads = {
        "logs": ["found from", "at either end of the noise's interval"],
        "unknown": ["found from"],
        "stated": [f"found at noise {w.bare_size(form, noise)}" for noise in basis.noises],
    }[basis.source]
    lines = ("The smallest difference found between two configurations, with so many seeds each:",)
    return Shown("", lines, (("seeds", True), ("runs", True), *((head, True) for head in heads)), tuple(rows))


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _distance(basis: Basis, form: w.Form, value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.1f} SD" if basis.source == "unknown" else w.size(form, value)


def _in_general(found: Foresight) -> list[str]:
    pairs = found.all_pairs
    if pairs is None or pairs.smallest[0] is None:
        return []
    sizes = w.listing([_distance(found.basis, form_of(found, found.basis), size) for size in pairs.smallest])
    each = " (one for each noise)" if len(pairs.smallest) > 1 else ""
    return [f"All pairs of the {pairs.configurations} configurations of {pairs.group} read at once: found from {sizes}{each}."]


def _predictions(found: Foresight, basis: Basis, pairs: Sequence[tuple[Prospect, Expectation]], width: int) -> Shown:
    """A row an expectation under the name of its group: what has to be true for it to hold, the seeds, and how it stands."""
    form = form_of(found, basis)
    seeds = "1 seed finds" if found.seeds == 1 else f"{found.seeds} seeds find"
    wanted = "1 SD" if basis.source == "unknown" else w.size(form, basis.distance)
    heads = ["seeds"]
    if basis.source == "stated":
        heads = [f"at {w.bare_size(form, noise)}" for noise in basis.noises]
    ran = any(known.state != AHEAD for _, known in pairs)
    cells = [[_finding(basis, form, one), *map(_seeds, one.reaches), *([_so_far(known)] if ran else [])] for one, known in pairs]
    heads += ["so far"] if ran else []
    room = max(width - sum(2 + max(map(len, column)) for column in zip([seeds, *heads], *cells, strict=True)), 20)
    rows: list[tuple[str, ...]] = []
    group, empty = None, [""] * len(cells[0])
    for (one, _), own in zip(pairs, cells, strict=True):
        if one.group != group:
            rows += [(line, *empty) for line in wrap(one.group, room)]
            group = one.group
        first, *more = wrap(one.says, room, initial_indent="  ", subsequent_indent="    ")
        rows += [(first, *own), *((line, *empty) for line in more)]
    name = "the gap" if basis.metric == "gap" else w.metric_name(basis.metric)
    what = f"What must be true of {name} for an expectation to hold in about 8 of 10 such plans."
    table = (("expectation", False), (seeds, False), *((head, head != "so far") for head in heads))
    lines = (what, _seeds_words(basis, form, wanted, [one for one, _ in pairs], ran))
    return Shown("", lines, table, tuple(rows))


def _so_far(known: Expectation) -> str:
    """How it stands: "held", "open, +4"."""
    if known.state != SAID[UNTOLD] or known.why:
        return known.state
    return f"{known.state}, >1,000" if known.more is None else f"{known.state}, +{w.count(known.more)}"


def _seeds_words(basis: Basis, form: w.Form, wanted: str, prospects: Sequence[Prospect], ran: bool) -> str:
    """What the columns mean, as far as something in them does."""
    there = {one.measure for one in prospects} | {"best" for one in prospects if one.kind in ("best", "beats")}
    there = {"noise" if measure == "inside" and basis.source != "logs" else measure for measure in there}
    ranges = "; of a range, for one right in its middle" if there & {"inside", "noise"} and basis.source != "unknown" else ""
    seeds = {
        "logs": "Seeds: what",
        "unknown": "Seeds: what",
        "stated": f"SD: the noise, whatever it is. At {w.bare_size(form, basis.noises[0])} and so on: "
        "the seeds that, at that noise,",
    }[basis.source]
    told = f"{seeds} each configuration needs for a truth {wanted} beyond the boundary{ranges}."
    so_far = ["So far: the verdict, and the seeds beyond the planned ones that the journal asks for."] if ran else []
    return " ".join([told, *(words for measure, words in MEASURES.items() if measure in there), *so_far])


def _seeds(reach: Reach) -> str:
    if reach.confirmable is None:
        return w.NONE
    return ">1,000" if reach.seeds is None else str(reach.seeds)


def _finding(basis: Basis, form: w.Form, one: Prospect) -> str:
    """What the truth has to be: "a lead of 21.5 points", "a mean of 84.4%"; for a range what stands against it."""
    if len(one.reaches) > 1 or basis.source == "unknown":
        return _in_sd(basis, form, one)
    reach = one.reaches[0]
    if one.measure == "inside":
        return _inside(form, one, reach)
    if reach.smallest is None:
        return NONE
    if one.measure in ("above", "below"):
        end = one.low + reach.smallest if one.low is not None else (one.high or 0.0) - reach.smallest
        return f"{'a gap' if basis.metric == 'gap' else 'a mean'} of {w.score(form, end)}"
    return f"{_article(one)} {w.size(form, (one.low or 0.0) + reach.smallest)}"


def _article(one: Prospect) -> str:
    return "a range wider by" if one.measure == "wider" else f"a {one.measure} of"


def _inside(form: w.Form, one: Prospect, reach: Reach) -> str:
    """The means that are found in 8 of 10 plans; where there are none how often the one in the middle is."""
    if reach.half is None:
        return NONE
    if reach.smallest is None:
        chance = round(10 * (reach.chance or 0.0))
        often = f"at best {chance} of 10" if reach.confirmable and chance else "hardly ever" if reach.confirmable else NONE
        return f"{often} (± {w.size(form, reach.half)})"
    low, high = (one.low or 0.0) + reach.smallest, (one.high or 0.0) - reach.smallest
    return f"a mean of {w.score(form, low).removesuffix('%')} to {w.score(form, high)}"


def _in_sd(basis: Basis, form: w.Form, one: Prospect) -> str:
    """The same in standard deviations of a noise that nobody knows yet."""
    reach = one.reaches[0]
    if one.measure == "inside":
        return NONE if one.bearable is None else f"noise below {w.size(form, one.bearable)}"
    if reach.smallest is None:
        return NONE
    sds = f"{reach.smallest / reach.noise:.1f} SD"
    if one.measure in ("above", "below"):
        sign, end = ("+", one.low) if one.low is not None else ("-", one.high)
        return f"{'a gap' if basis.metric == 'gap' else 'a mean'} of {w.bound(basis.metric, end or 0.0)} {sign} {sds}"
    return f"{_article(one)} {w.distance(basis.metric, one.low) + ' + ' if one.low else ''}{sds}"
