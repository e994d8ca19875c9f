"""Findings in, the figure of the factors out: each from its worst level to its best, as values."""

from collections.abc import Sequence
from statistics import median_low

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.effects import Effect, Level
from sweepbook.analysis.page.picture import Picture, Reach, Rung
from sweepbook.runner.metric import is_share

FACTORS = "overall--factors"  # the figure's name
MOST = 15  # factors that are drawn
FAR, STEP = 6.0, 1.5  # a level lies off the axis beyond so many median widths, and so many times as far as the one before it
ALONE = 4.0  # times as wide as without its worst level: that one says nothing of how wide a factor is
SMALLER = 0.75  # of its range: where a factor has less without its worst level, that is said beside it


def widest(findings: Findings) -> tuple[Effect, ...]:
    """Each factor where its range is the widest whose noise is known, or the widest at all: first those whose levels differ
    visibly, then the others, each from the widest on."""
    found: dict[str, Effect] = {}
    for e in sorted(findings.effects, key=lambda e: e.range.low is None):
        found.setdefault(e.factor, e)
    order = [e for e in findings.effects if e in found.values()]
    return tuple(sorted(order, key=lambda e: not visible(e, findings)))


def visible(effect: Effect, findings: Findings) -> bool:
    """Whether its levels differ by more than noise explains: by its range, or by the tiers of a group that varies it alone."""
    if effect.range.low is None:
        return False
    own = next(g for g in findings.groups if g.group.name == effect.group)
    return bool(effect.range.low) or (len(own.factors) == 1 and len(set(own.tiers.values())) > 1)


def factors(findings: Findings, ruler: float | None) -> list[Picture]:
    """A line a factor; none where no factor has levels that can be compared. `ruler` is the difference that is to be ignored, in
    shown units."""
    every = widest(findings)
    if not every:
        return []
    effects, metric = every[:MOST], findings.study.metric
    end = _end(effects, findings, ruler or 0.0)
    reaches = tuple(_reach(e, findings, end) for e in effects)
    known = any(reach.band for reach in reaches)
    seeds = any(rung.seeds for reach in reaches for rung in reach.rungs)
    value = f"{'points of' if is_share(metric) else 'difference in'} {w.metric_name(metric)}"
    limits = (-findings.study.sign * end, 0.0)
    caption = _caption(len(every), known, seeds, any(_is_off(e, findings, end) for e in effects))
    form = findings.form(metric)
    return [
        Picture(
            FACTORS,
            "factors",
            (),
            "",
            None,
            value,
            _alt(effects, findings),
            caption,
            ruler,
            limits,
            form=form,
            signed=True,
            goal=findings.study.sign,
            reaches=reaches,
        )
    ]


def _aways(effect: Effect, findings: Findings) -> dict[str, float]:
    """How far the mean of each level lies from that of the best one, in shown units, by its text; the worst first."""
    metric, k = findings.study.metric, w.scale(findings.study.metric)
    best = next(level for level in effect.levels if level.text == effect.best).mean(metric)
    aways = {level.text: k * (level.mean(metric) - best) for level in effect.levels}
    return dict(sorted(aways.items(), key=lambda pair: (findings.study.sign * pair[1], pair[0] == effect.best)))


def _end(effects: Sequence[Effect], findings: Findings, least: float) -> float:
    """How far the axis reaches, in shown units: to the furthest level, without those that would squeeze all others, and as far as
    noise reaches where that is not beyond all levels."""
    k = w.scale(findings.study.metric)
    typical = median_low([k * _typical(e) for e in effects if visible(e, findings)] or [k * e.range.estimate for e in effects])
    sizes = sorted(abs(away) for e in effects for away in _aways(e, findings).values())
    end = max(FAR * typical, least)
    inside = [size for size in sizes if size <= end]
    for size in sizes[len(inside) :]:
        if size <= STEP * inside[-1]:
            inside.append(size)
    bands = [k * (e.range.high or 0.0) for e in effects]
    return max([*inside, least, *(band for band in bands if band <= max(end, inside[-1]))]) or 1.0


def _typical(effect: Effect) -> float:
    """The range of a factor, without a worst level that lies far from all others."""
    rest = effect.without_worst
    return rest.estimate if rest and 0 < ALONE * rest.estimate < effect.range.estimate else effect.range.estimate


def _is_off(effect: Effect, findings: Findings, end: float) -> bool:
    return abs(next(iter(_aways(effect, findings).values()))) > end


def _reach(effect: Effect, findings: Findings, end: float) -> Reach:
    form, sign, k = findings.form(findings.study.metric), findings.study.sign, w.scale(findings.study.metric)
    by_text = {level.text: level for level in effect.levels}
    best = by_text[effect.best].mean(form.metric)
    rungs = tuple(
        Rung(text, away, tuple(k * (value - best) for value in _by_seed(by_text[text], form.metric)))
        for text, away in _aways(effect, findings).items()
    )
    off, seen = sum(abs(rung.away) > end for rung in rungs), visible(effect, findings)
    width = None if off else effect.range  # of a level beyond the axis there is nothing to draw
    band = (-sign * k * width.high, -sign * k * width.low) if width and width.low is not None and width.high is not None else None
    size, beside = _words(effect, form, seen)
    return Reach(w.setting_name(effect.factor), rungs, band, size, beside, seen, effect.group)


def _by_seed(level: Level, metric: str) -> tuple[float, ...]:
    """The mean of a level after each of several seeds, where all its configurations ran with the same ones."""
    if len(level.summaries) == 1:
        runs = level.summaries[0].runs[metric]
        return runs if len(runs) > 1 else ()
    tables = [mean.runs for mean in level.means(metric)]
    if len(tables[0]) < 2 or any(own.keys() != tables[0].keys() for own in tables):
        return ()
    return tuple(sum(own[seed] for own in tables) / len(tables) for seed in tables[0])


def _words(effect: Effect, form: w.Form, seen: bool) -> tuple[str, str]:
    """What stands at the end of a factor's line: how far apart its levels lie, and a second line."""
    width, rest = effect.range, effect.without_worst
    if width.low is None or width.high is None:
        return w.size(form, width.estimate), "cannot tell yet"
    if not seen:
        return "no visible difference", f"up to {_plain(form, width.high)} could hide"
    if rest and rest.estimate < SMALLER * width.estimate:
        return w.size(form, width.estimate), f"{_plain(form, rest.estimate)} without {effect.worst}"
    return w.size(form, width.estimate), ""


def _plain(form: w.Form, value: float) -> str:
    return w.size(form, value).removesuffix(" points")


def _alt(effects: Sequence[Effect], findings: Findings) -> str:
    """What the figure shows, in a sentence or two."""
    form = findings.form(findings.study.metric)
    seen = [e for e in effects if visible(e, findings)]
    open_ = [w.setting_name(e.factor) for e in effects if e not in seen and e.range.low is not None]
    unknown = [e for e in effects if e.range.low is None]
    name = w.metric_name(findings.study.metric)
    lines = []
    if seen or unknown:
        first, *rest = seen or unknown
        size, factor = w.size(form, first.range.estimate), w.setting_name(first.factor)
        lines.append(f"Widest in {name}: {factor}, {size} from {first.worst} to {first.best}.")
        others = [f"{w.setting_name(e.factor)} {w.size(form, e.range.estimate)}" for e in rest]
        lines.append(f"Then {w.listing(others)}." if others else "")
    if open_:
        lines.append(f"No visible difference{'' if lines else f' in {name}'}: {w.listing(open_)}.")
    if unknown:
        lines.append("The noise is not known, so any of it may be luck.")
    return " ".join(filter(None, lines))


def _caption(count: int, known: bool, seeds: bool, cut: bool) -> str:
    lines = ["Each factor from its worst level to its best, the others held fixed."]
    lines.append(f"Large dots: means{', small dots: single seeds' if seeds else ''}.")
    lines.append("Band: where the worst level lies with 95% confidence." if known else "")
    lines.append("An arrow: a level far beyond the axis." if cut else "")
    lines.append(f"Drawn are the widest {MOST} of {count}." if count > MOST else "")
    return " ".join(filter(None, lines))
