"""A `Foresight` in, the sentences and tables that tell it on a terminal out; each as wide as 100 columns at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.foresight import Foresight
from sweepbook.analysis.predictions.foresight.planned import Basis
from sweepbook.analysis.predictions.foresight.prospects import Prospect, Reach
from sweepbook.runner.metric import is_share

WIDTH = 100
NEVER = "never"
MEASURES = {
    "rise": "A rise goes from the first level to the last, in equal steps.",
    "fall": "A fall goes from the first level to the last, in equal steps.",
    "bend": "A bend is how far the curve lies above a straight line, in the middle.",
    "best": "Where the best is meant, a lead is that over the closest other configuration.",
    "inside": "±: half the interval of a mean that is to fit into a range.",
    "noise": "Noise below: with more, no outcome confirms that a mean lies in its range.",
}


@dataclass(frozen=True)
class Shown:
    """A part of the text: its `lines`, then a table of `rows` under `heads` (names, and whether they hold numbers)."""

    lines: tuple[str, ...]
    heads: tuple[tuple[str, bool], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def shown(found: Foresight) -> list[Shown]:
    """What the plan can show, part by part."""
    if not found.configurations:
        return [Shown(("The plan asks for no runs: what its groups can show rests on the logs that they choose.",))]
    parts = [Shown(_lines(*_grounds(found))), _bought(found), Shown(_lines(*_in_general(found)))]
    for basis in (found.basis, found.gap):
        own = [one for one in found.predictions if basis and one.metric == basis.metric]
        if basis and any(one.reaches for one in own):
            parts.append(_predictions(found, basis, [one for one in own if one.reaches]))
    left = _left(found.predictions)
    return [part for part in (*parts, Shown(_lines(*left))) if part.lines or part.rows]


def _lines(*sentences: str) -> tuple[str, ...]:
    return tuple(line for sentence in sentences for line in wrap(sentence, WIDTH, break_on_hyphens=False))


def _grounds(found: Foresight) -> list[str]:
    """The noise, and what is assumed."""
    seeds = "one seed" if found.seeds == 1 else f"{found.seeds} seeds"
    told = [
        f"What this plan can show, with {seeds} a configuration.",
        *(_noise(basis, _form(found, basis)) for basis in (found.basis, found.gap) if basis),
    ]
    if not found.df:
        told.append(
            "No configuration is run twice, so nothing will tell the noise: no prediction is ever confirmed or refuted. It takes "
            "two seeds, whatever the runs show."
        )
    else:
        unknown = "" if found.basis.source == "logs" else "; the seed explains none of the noise"
        told.append(
            f"Assumed: every run finishes, which gives the noise {w.plural(found.df, 'degree')} of freedom{unknown}; intervals of "
            '95%; one comparison at a time. "Found" is in about 8 of 10 such plans: 2 of 10 miss a difference as large.'
        )
    return told


def _noise(basis: Basis, form: w.Form) -> str:
    name = "the gap" if basis.metric == "gap" else w.metric_name(basis.metric)
    if basis.source == "logs" and basis.low is not None and basis.high is not None:
        low, high = (_bare(form, end) for end in (basis.low, basis.high))
        told = (
            f"Noise of {name}: runs of one configuration have a standard deviation of {w.size(form, basis.noises[0])} "
            f"(95%: {low} to {high}), by the replicates in the logs ({w.plural(basis.df, 'degree')} of freedom)."
        )
        if basis.share is not None:
            told += f" {_seed(basis.share)}"
        if not basis.outlying:
            return told
        whose = "their" if len(basis.outlying) > 1 else "its"
        return f"{told} Far noisier, and counted with {whose} own runs: {w.first_to_last(basis.outlying)}."
    if basis.source == "unknown":
        return f"Noise of {name}: no replicate in the logs tells it. Distances are in SD, the standard deviation between its runs."
    sizes = w.listing([_bare(form, noise) for noise in basis.noises])
    points = " points" * is_share(basis.metric)
    return (
        f"Noise of {name}: no replicate in the logs tells it. Four standard deviations between runs of one configuration are "
        f"assumed instead: {sizes}{points}. A few seeds of one configuration, run first, would tell."
    )


def _seed(share: float) -> str:
    """How much of the noise the seed explains, and what comes of it."""
    if round(100 * share) < 1:
        return "The seed explains none of it."
    free = "comparisons of configurations at equal seeds are free of that part, the mean of a single one is not"
    return f"The seed explains {100 * share:.0f}% of it: {free}."


def _form(found: Foresight, basis: Basis) -> w.Form:
    """How numbers of the metric are written: by the noise, and by what the predictions say of its values."""
    own = [one for one in found.predictions if one.metric == basis.metric]
    ends = [end for one in own for end in (one.low, one.high) if end]
    noises = [] if basis.source == "unknown" else basis.noises
    return w.form(basis.metric, [*ends, *noises], noises)


def _bare(form: w.Form, value: float) -> str:
    """A size without the word for its unit."""
    return w.size(form, value).removesuffix(" points")


def _bought(found: Foresight) -> Shown:
    """What so many seeds cost, and what they find."""
    basis, form = found.basis, _form(found, found.basis)
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
        "stated": [f"found at noise {_bare(form, noise)}" for noise in basis.noises],
    }[basis.source]
    lines = _lines("The smallest difference found between two configurations, with so many seeds each:")
    return Shown(lines, (("seeds", True), ("runs", True), *((head, True) for head in heads)), tuple(rows))


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _distance(basis: Basis, form: w.Form, value: float | None) -> str:
    if value is None:
        return NEVER
    return f"{value:.1f} SD" if basis.source == "unknown" else w.size(form, value)


def _in_general(found: Foresight) -> list[str]:
    pairs = found.all_pairs
    if pairs is None or pairs.smallest[0] is None:
        return []
    sizes = w.listing([_distance(found.basis, _form(found, found.basis), size) for size in pairs.smallest])
    each = " (one for each noise)" if len(pairs.smallest) > 1 else ""
    return [f"All pairs of the {pairs.configurations} configurations of {pairs.group} read at once: found from {sizes}{each}."]


def _predictions(found: Foresight, basis: Basis, prospects: Sequence[Prospect]) -> Shown:
    """A row a prediction under the name of its group: what has to be true for it to be confirmed, and the seeds."""
    form = _form(found, basis)
    seeds = "1 seed finds" if found.seeds == 1 else f"{found.seeds} seeds find"
    wanted = "1 SD" if basis.source == "unknown" else w.size(form, basis.distance)
    heads = [f"seeds for {wanted}"]
    if basis.source == "stated":
        heads = [f"at {_bare(form, noise)}" for noise in basis.noises]
    cells = [[_finding(basis, form, one), *map(_seeds, one.reaches)] for one in prospects]
    width = max(WIDTH - sum(2 + max(map(len, column)) for column in zip([seeds, *heads], *cells, strict=True)), 20)
    rows: list[tuple[str, ...]] = []
    group, empty = None, [""] * len(cells[0])
    for one, own in zip(prospects, cells, strict=True):
        if one.group != group:
            rows += [(line, *empty) for line in wrap(one.group, width)]
            group = one.group
        first, *more = wrap(one.says, width, initial_indent="  ", subsequent_indent="    ")
        rows += [(first, *own), *((line, *empty) for line in more)]
    name = "the gap" if basis.metric == "gap" else w.metric_name(basis.metric)
    lines = [f"What must be true of {name} for a prediction to be confirmed in about 8 of 10 plans."]
    lines.append(_seeds_words(basis, form, wanted, prospects))
    table = (("prediction", False), (seeds, False), *((head, True) for head in heads))
    return Shown(_lines(*lines), table, tuple(rows))


def _seeds_words(basis: Basis, form: w.Form, wanted: str, prospects: Sequence[Prospect]) -> str:
    """What the columns mean, as far as something in them does."""
    there = {one.measure for one in prospects} | {"best" for one in prospects if one.kind in ("best", "beats")}
    there = {"noise" if measure == "inside" and basis.source != "logs" else measure for measure in there}
    ranges = "; of a range, for one right in its middle" if there & {"inside", "noise"} and basis.source != "unknown" else ""
    seeds = {
        "logs": "Seeds: what",
        "unknown": "Seeds: what",
        "stated": f"SD: the noise, whatever it is. At {_bare(form, basis.noises[0])} and so on: the seeds that, at that noise,",
    }[basis.source]
    told = f"{seeds} each configuration needs for a truth {wanted} beyond the boundary{ranges}."
    return " ".join([told, *(words for measure, words in MEASURES.items() if measure in there)])


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
        return NEVER
    if one.measure in ("above", "below"):
        end = one.low + reach.smallest if one.low is not None else (one.high or 0.0) - reach.smallest
        return f"{'a gap' if basis.metric == 'gap' else 'a mean'} of {w.score(form, end)}"
    return f"{_article(one)} {w.size(form, (one.low or 0.0) + reach.smallest)}"


def _article(one: Prospect) -> str:
    return "a range wider by" if one.measure == "wider" else f"a {one.measure} of"


def _inside(form: w.Form, one: Prospect, reach: Reach) -> str:
    """The means that are confirmed in 8 of 10 plans; where there are none how often the one in the middle is."""
    if reach.half is None:
        return NEVER
    if reach.smallest is None:
        chance = round(10 * (reach.chance or 0.0))
        often = f"at best {chance} of 10" if reach.confirmable and chance else "hardly ever" if reach.confirmable else NEVER
        return f"{often}: ±{w.size(form, reach.half)}"
    low, high = (one.low or 0.0) + reach.smallest, (one.high or 0.0) - reach.smallest
    return f"a mean of {w.score(form, low).removesuffix('%')} to {w.score(form, high)}"


def _in_sd(basis: Basis, form: w.Form, one: Prospect) -> str:
    """The same in standard deviations of a noise that nobody knows yet."""
    reach = one.reaches[0]
    if one.measure == "inside":
        return NEVER if one.bearable is None else f"noise below {w.size(form, one.bearable)}"
    if reach.smallest is None:
        return NEVER
    sds = f"{reach.smallest / reach.noise:.1f} SD"
    if one.measure in ("above", "below"):
        sign, end = ("+", one.low) if one.low is not None else ("-", one.high)
        return f"{'a gap' if basis.metric == 'gap' else 'a mean'} of {w.bound(basis.metric, end or 0.0)} {sign} {sds}"
    return f"{_article(one)} {w.distance(basis.metric, one.low) + ' + ' if one.low else ''}{sds}"


def _left(prospects: Iterable[Prospect]) -> list[str]:
    """The predictions of which nothing can be told, by group and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in prospects:
        if not one.reaches:
            found.setdefault((one.group, one.why), []).append(f'"{one.says}"')
    return [f"{group}: nothing is foretold of {w.listing(told)}: {why}." for (group, why), told in found.items()]
