"""A `SweepDiff` in, what its figures show out, as values. `figures` draws them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import rows
from sweepbook.analysis.diff.comparisons import BETTER, VERDICTS, WORSE, Comparison
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.export.record.read import Asked
from sweepbook.analysis.page.picture import Ends, Move, Picture
from sweepbook.analysis.page.scale import bulk, sides, spread
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate
from sweepbook.runner.metric import is_share
from sweepbook.runner.values import Value

MOST_ROWS = 45  # of a forest plot; of more those that are told, and then the largest
FARTHEST = 8.0  # times the bulk that the axis of a forest plot goes to show what is told
MOST_GRIDS = 12
FEWEST = 3  # points of a scatter plot
MOST_CROSSES = 100  # of more points a scatter plot has the means alone


def pictures(diff: SweepDiff) -> tuple[Picture, ...]:
    """Old against new mean, the differences, and each grid that both sweeps ask of; none where nothing was measured twice."""
    compared = diff.of(diff.metric)
    if all(one.same_runs for one in compared):
        return ()
    return (*_scatter(diff, compared), _forest(diff, compared), *_grids(diff))


def _scatter(diff: SweepDiff, compared: Sequence[Comparison]) -> Iterator[Picture]:
    if len(compared) < FEWEST:
        return
    name, moves = w.metric_name(diff.metric), tuple(_move(one) for one in compared)
    crosses = len(moves) <= MOST_CROSSES
    moves = moves if crosses else tuple(replace(move, old=_bare(move.old), new=_bare(move.new)) for move in moves)
    shown = [w.score(diff.form(diff.metric), end) for side in ("old", "new") for end in _extent(compared, side)]
    alt = f"Scatter plot of new against old {name} for {w.plural(len(moves), 'configuration')}: {_counted(compared)}."
    alt += f" The old means go from {shown[0]} to {shown[1]}, the new ones from {shown[2]} to {shown[3]}."
    caption = f"{name.capitalize()}, new against old: means{_runs(compared)}{' with 95% intervals' * crosses};"
    caption += " on the dashed line nothing changed."
    spans = [span for move in moves for span in (move.old, move.new)]
    caption += _off(spans, spread(spans), "lies at the edge")
    axes = (f"old {name}{w.unit(diff.metric)}", None, f"new {name}{w.unit(diff.metric)}")
    yield _picture("scatter", diff, moves, *axes, alt, caption)


def _forest(diff: SweepDiff, compared: Sequence[Comparison]) -> Picture:
    """The differences from the largest gain to the largest loss."""
    name, measured = w.metric_name(diff.metric), [one for one in compared if not one.same_runs]
    told_first = sorted(measured, key=lambda one: (one.verdict not in (BETTER, WORSE), -abs(one.change.estimate), one.label))
    chosen = sorted(told_first[:MOST_ROWS], key=lambda one: (-diff.direction * one.change.estimate, one.label))
    moves = tuple(_move(one) for one in chosen)
    alt = f"Forest plot of the differences in {name} for {w.plural(len(moves), 'configuration')}, new less old:"
    first, last = (f"{w.difference(diff.form(diff.metric), one.change.estimate)} ({one.label})" for one in (chosen[0], chosen[-1]))
    alt += f" from {first} to {last}; {_counted(chosen)}." if len(chosen) > 1 else f" {first}; {_counted(chosen)}."
    caption = f"Differences in {name}, new less old: means{_runs(chosen)} with intervals at the level of their verdicts."
    if len(chosen) < len(measured):
        caption += f" Drawn are {len(chosen)} of {w.count(len(measured))}, those with a verdict first, then the largest."
    if same := len(compared) - len(measured):
        caption += f" Left out: {w.plural(same, 'configuration')} with the same runs on both sides."
    ends = _reach(moves)
    caption += _off([move.change for move in moves], ends, "ends in an arrow at the edge, or stands there as a number")
    value = f"difference in {name}{', points' if is_share(diff.metric) else ''}"
    return _picture("forest", diff, moves, "", None, value, alt, caption, limits=ends)


def _reach(moves: Sequence[Move]) -> tuple[float, float]:
    """The ends of the axis of differences: the bulk of the intervals, no difference, and what is told unless it would
    squeeze all others."""
    spans, seen = [move.change for move in moves], [0.0]
    most = FARTHEST * max(map(abs, spread(spans, seen)))
    told = [end for move in moves if move.told and abs(move.change[1]) <= most for end in move.change if end is not None]
    return spread(spans, [*seen, *told])


def _grids(diff: SweepDiff) -> Iterator[Picture]:
    """The grids of two factors of which both sweeps have the larger part in common."""
    for number, (group, members) in enumerate(diff.grids[:MOST_GRIDS], 1):
        yield _grid(diff, group, members, f"grid-{number}")


def _grid(diff: SweepDiff, group: Asked, members: Sequence[Comparison], name: str) -> Picture:
    metric, (first, second) = w.metric_name(diff.metric), group.factors
    moves = tuple(_move(one, (one.pair[1].config[second], one.pair[1].config[first])) for one in members)
    means = [span[1] for move in moves for span in (move.old, move.new)]
    factors = f"{w.setting_name(first)} and {w.setting_name(second)}"
    changes = sorted((one for one in members), key=lambda one: one.change.estimate)
    low, high = (f"{w.difference(diff.form(diff.metric), one.change.estimate)} ({one.label})" for one in (changes[0], changes[-1]))
    alt = f"Three heatmaps of {metric} by {factors}, old, new and their difference: it goes from {low} to {high};"
    alt += f" {_counted(members)}."
    caption = f"{metric.capitalize()} by {factors}: means{_runs(members)}, old and new on one colour scale."
    caption += " The difference is new less old, blue where the new one is better; a triangle marks what is better or worse."
    if missing := len(group.configs) - len(members):
        caption += f" Empty: {w.plural(missing, 'configuration')} not compared."
    axes = w.setting_name(second), w.setting_name(first), w.metric_name(diff.metric) + w.unit(diff.metric)
    return _picture("grids", diff, moves, *axes, alt, caption, limits=bulk(means), name=name)


def _picture(
    kind: str,
    diff: SweepDiff,
    moves: tuple[Move, ...],
    level: str,
    other: str | None,
    value: str,
    alt: str,
    caption: str,
    limits: tuple[float, float] | None = None,
    name: str = "",
) -> Picture:
    form, signed = diff.form(diff.metric), kind != "grids" or diff.metric == "gap"
    words = level, other, value, alt, caption
    return Picture(name or kind, kind, (), *words, limits=limits, form=form, signed=signed, moves=moves, goal=diff.direction)


def _move(one: Comparison, place: tuple[Value, Value] | None = None) -> Move:
    old, new = (_ends(one.metric, estimate) for estimate in (one.old, one.new))
    return Move(one.label, one.verdict, old, new, _scaled(one.metric, one.change), place)


def _bare(span: Ends) -> Ends:
    return None, span[1], None


def _ends(metric: str, estimate: Estimate) -> Ends:
    low, high = w.bounds(metric, estimate) or (None, None)
    return low, w.scale(metric) * estimate.mean, high


def _scaled(metric: str, change: Difference) -> Ends:
    k = w.scale(metric)
    if change.low is None or change.high is None:
        return None, k * change.estimate, None
    return k * change.low, k * change.estimate, k * change.high


def _extent(compared: Sequence[Comparison], side: str) -> tuple[float, float]:
    means = [getattr(one, side).mean for one in compared]
    return min(means), max(means)


def _counted(compared: Sequence[Comparison]) -> str:
    """How many have each verdict: "3 better, 39 worse, 14 cannot tell yet"."""
    counts = {verdict: sum(one.verdict == verdict for one in compared) for verdict in VERDICTS}
    return ", ".join(f"{w.count(n)} {rows.VERDICTS[verdict]}" for verdict, n in counts.items() if n)


def _runs(compared: Sequence[Comparison]) -> str:
    """How many runs the means rest on: " of 3 runs", " of 3 to 5 runs"."""
    counts = sorted({n for one in compared for n in (one.old.n, one.new.n)})
    each = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    return f" of {each}"


def _off(spans: Sequence[Ends], limits: tuple[float, float], where: str) -> str:
    """A sentence for the caption where an axis with these ends cuts something off."""
    cut = any(not limits[0] <= value <= limits[1] for values in sides(spans) for value in values)
    return f" What lies far from the rest {where}." if cut else ""
