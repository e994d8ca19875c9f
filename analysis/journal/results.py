"""A group in, the tables of its configurations out, as text ready to lay out: their scores, a grid of them, how they rank."""

from collections.abc import Iterable, Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.curvewords import curve_words
from sweepbook.analysis.findings.findings import Findings, could_be_best
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Row, Summary, numeric
from sweepbook.analysis.journal.anchors import config_anchor, run_anchor
from sweepbook.analysis.journal.measured import LOSSES, VOLUME, curve_shapes, measured, placed, scale_and_spans, score_columns
from sweepbook.analysis.logs.sweep import CONFIG, METRICS
from sweepbook.analysis.page.table import Column, Line, Table, cells
from sweepbook.runner.values import level_text

CURVES = "validation loss by epoch"
CURVE = {"curve": Column("its curve", False, folds=1)}
LETTERS = "letters: those that share none differ"
LARGE_GRID = 12  # configurations, from which on a grid's scores stand in rows and columns in Markdown
FEW_FACTORS = 4  # of a group, its name not counted, beyond which their columns fold where there is no room
MOST_METRICS = 20  # columns of metrics that are logged besides; runs.csv has them all


def results(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> Table:
    """A row a configuration, in the plan's order.

    The columns go by the names config.<factor>, runs, score, interval, best, curve, valid_loss, train_loss, gap,
    metrics.<other metric>, parameters, examples_seen and seconds; without those that the group has not, and without the loss that
    is the score.
    """
    metric = findings.study.metric
    factors = _settings(found)
    columns = {**_factor_columns(found, factors), **score_columns(metric), **_best_column(found), **CURVE, **_loss_columns(metric)}
    others = _other_metrics(found.summaries, metric)
    columns |= {**others, **VOLUME}
    scale, spans = scale_and_spans([row.summary for row in found.rows], findings)
    shapes = curve_shapes([curves.get(row.member.id) for row in found.rows])
    top = found.best.metrics[metric].mean if found.best else None
    lines: list[Line] = []
    for row, span, shape in zip(found.rows, spans, shapes, strict=True):
        texts = {**_levels(row, factors), "best": could_be_best(found, row.member.id)}
        texts["curve"] = curve_words(findings.diagnoses.of(row.summary.logs)) if row.summary else w.NONE
        texts |= measured(row.summary, findings, others)
        best = row.summary is not None and row.summary.metrics[metric].mean == top
        links = ((len(factors), run_anchor(row.summary.logs[0])),) if row.summary else ()
        anchor = config_anchor(row.member.id)
        is_home = findings.groups_of[row.member.id][0] == found.group.name
        named = is_home and all(line.anchor != anchor for line in lines[-1:])
        lines.append(Line(cells(columns, texts), best, anchor if named else "", links, span, shape))
    return Table(tuple(columns.values()), tuple(lines), scale, CURVES if any(shapes) else "")


def score_grid(found: GroupFindings, findings: Findings) -> Table | None:
    """The scores of a full grid of two factors, a row a level of the first and a column a level of the second: shorter than a row a
    configuration. What could not be the best stands in brackets, what is not ranked in square ones. None of a small grid."""
    if found.grid is None or len(found.rows) < LARGE_GRID:
        return None
    first, second = found.grid.factors
    form, top = findings.form(findings.study.metric), found.ranking[0]
    texts: dict[tuple[str, str], str] = {}
    for row in found.rows:
        if row.summary:
            score = w.score(form, row.summary.means[form.metric].value) + " ★" * (row.summary is top)
            marked = (
                f"[{score}]"
                if row.member.id in found.unranked
                else f"({score})"
                if found.tiers.get(row.member.id, 1) > 1
                else score
            )
            texts[level_text(row.member.levels[first]), level_text(row.member.levels[second])] = marked
    head = f"{w.setting_name(first)} \\ {w.setting_name(second)}"
    columns = (Column(head), *(Column(level) for level in found.grid.levels[1]))
    lines = (Line((a, *(texts.get((a, b), w.NONE) for b in found.grid.levels[1]))) for a in found.grid.levels[0])
    return Table(columns, tuple(lines))


def standings(found: GroupFindings, findings: Findings) -> Table:
    """A row a configuration of the group, the best tier first: its tier and its letters; no row where the noise is not known.

    The columns go by the names tier, letters and configuration.
    """
    columns = {"tier": Column("tier"), "letters": Column(LETTERS, False), "configuration": Column("configuration", False)}
    lines = []
    for s in found.ranking if found.tiers else ():
        texts = {"tier": placed(found, s.id), "letters": found.letters.get(s.id, w.NONE), "configuration": found.labels[s.id]}
        lines.append(Line(cells(columns, texts)))
    return Table(tuple(columns.values()), tuple(lines))


def _settings(found: GroupFindings) -> tuple[str, ...]:
    """The factors; of a search all settings that it chose, though those that it found best may share their level."""
    searched = found.trials.plan.space if found.trials and found.rows else ()
    return (*found.factors, *(setting for setting in searched if setting not in found.factors))


def _factor_columns(found: GroupFindings, factors: Sequence[str]) -> dict[str, Column]:
    """A column a factor; of many the further ones fold."""
    places = {factor: place for place, factor in enumerate(factors, start=-("name" in factors))}
    return {
        CONFIG + factor: Column(w.setting_name(factor), numeric(found.rows, factor), int(place >= FEW_FACTORS))
        for factor, place in places.items()
    }


def _best_column(found: GroupFindings) -> dict[str, Column]:
    """None where the noise is not known."""
    return {"best": Column("could be the best", False)} if found.tiers else {}


def _loss_columns(metric: str) -> dict[str, Column]:
    return {name: Column(w.metric_name(name), folds=1) for name in LOSSES if name != metric}


def _other_metrics(summaries: Iterable[Summary], metric: str) -> dict[str, Column]:
    """The metrics that are logged besides, whatever their names, but for those of test data, which have no part in a group."""
    shown = {metric, *LOSSES, "seconds"}
    names = dict.fromkeys(n for summary in summaries for n in summary.metrics if n not in shown and not n.startswith("test_"))
    return {METRICS + name: Column(w.metric_name(name), folds=1) for name in list(names)[:MOST_METRICS]}


def _levels(row: Row, factors: Sequence[str]) -> dict[str, str]:
    levels = row.member.levels
    return {CONFIG + factor: level_text(levels[factor]) if factor in levels else w.NONE for factor in factors}
