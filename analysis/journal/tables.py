"""Findings in, the tables of the journal out, as text ready to lay out."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check
from sweepbook.analysis.findings.curvewords import curve_words
from sweepbook.analysis.findings.findings import Findings, GroupFindings, could_be_best
from sweepbook.analysis.findings.thirds import thirds
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Row, Summary, numeric
from sweepbook.analysis.journal.factors import visible
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep
from sweepbook.analysis.page.scale import alike, bulk, round_ends
from sweepbook.analysis.page.table import Cells, Column, Line, Scale, Span, Table, cells
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.metric import VALID, is_share
from sweepbook.runner.values import level_text

CURVES = "validation loss by epoch"
POINTS = 16  # of a small curve
LOSSES = ("valid_loss", "train_loss", "gap")
SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")  # between two sentences of a check
# The columns of the tables by the names that templates read a row's cells by.
VOLUME = {
    "parameters": Column("parameters", folds=2),
    "examples_seen": Column("examples seen", folds=2),
    "seconds": Column("time a run", folds=2),
}
CURVE = {"curve": Column("its curve", False, folds=1)}
LETTERS = "letters: those that share none differ"
LARGE_GRID = 12  # configurations, from which on a grid's scores stand in rows and columns in Markdown
FEW_FACTORS = 4  # of a group, beyond which their columns fold where there is no room
MOST_METRICS = 20  # columns of metrics that are logged besides; runs.csv has them all
EFFECTS = {
    "factor": Column("setting", False),
    "worst": Column("from the worst", False),
    "best": Column("to the best", False),
    "range": Column("difference"),
    "interval": Column("95% interval"),
    "without_worst": Column("without the worst"),
    "verdict": Column("verdict", False),
    "group": Column("tested in", False, folds=1),
}
RANGES = {
    "rank": Column("rank"),
    "factor": Column("setting", False),
    "group": Column("tested in", False),
    "levels": Column("levels"),
    "without_worst": Column("without the worst level"),
    "without_worst_interval": Column("95% interval"),
    "spread": Column("SD between levels, noise taken off"),
}
NOISES = {
    "metric": Column("metric", False),
    "noise": Column("noise (SD of a run)"),
    "interval": Column("95% interval"),
    "df": Column("degrees of freedom"),
    "pooled": Column("pooled from", False),
}
PARTS = {
    "thirds": Column("best third, middle, worst", False),
    "seed": Column("SD of the seed"),
    "share": Column("share of the seed"),
}
CHECKS = {name: Column(name, False) for name in ("word", "where", "finds", "code")}
RUNS = {
    "configuration": Column("configuration", False),
    "seed": Column("seed"),
    "status": Column("status", False),
    "score": Column("score"),
    "valid_loss": Column("validation loss"),
    "seconds": Column("time", folds=1),
    "started": Column("began", False, folds=2),
    "log": Column("log", False, folds=3),
}


def results(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> Table:
    """A row a configuration, in the plan's order.

    The columns go by the names config.<factor>, runs, score, interval, best, curve, valid_loss, train_loss, gap,
    metrics.<other metric>, parameters, examples_seen and seconds; without those that the group has not, and without the loss that
    is the score.
    """
    metric = findings.study.metric
    columns = {**_factor_columns(found), **score_columns(metric), **_best_column(found), **CURVE, **_loss_columns(metric)}
    others = _other_metrics(found.summaries, metric)
    columns |= {**others, **VOLUME}
    scale, spans = scale_and_spans([row.summary for row in found.rows], findings)
    shapes = curve_shapes([curves.get(row.member.id) for row in found.rows])
    top = found.best.metrics[metric].mean if found.best else None
    lines: list[Line] = []
    for row, span, shape in zip(found.rows, spans, shapes, strict=True):
        texts = {**_levels(row, found.factors), "best": could_be_best(found, row.member.id)}
        texts["curve"] = curve_words(findings.diagnoses.of(row.summary.logs)) if row.summary else w.NONE
        texts |= measured(row.summary, findings, others)
        best = row.summary is not None and row.summary.metrics[metric].mean == top
        links = ((len(found.factors), run_anchor(row.summary.logs[0])),) if row.summary else ()
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


def _factor_columns(found: GroupFindings) -> dict[str, Column]:
    """A column a factor; of many the further ones fold."""
    places = {factor: place for place, factor in enumerate(found.factors)}
    return {
        CONFIG + factor: Column(w.setting_name(factor), numeric(found.rows, factor), int(place >= FEW_FACTORS))
        for factor, place in places.items()
    }


def score_columns(metric: str) -> dict[str, Column]:
    """The columns of a score: how many runs, their mean, its interval."""
    return {"runs": Column("runs"), "score": Column(w.metric_name(metric)), "interval": Column("95% interval")}


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


def placed(found: Findings | GroupFindings, key: str) -> str:
    """The tier of a configuration, as far as it has one."""
    return w.UNRANKED if key in found.unranked else str(found.tiers.get(key, w.NONE))


def changed(summary: Summary, findings: Findings) -> str:
    """The settings in which a configuration differs from the baseline, in words."""
    keys = [key for key in findings.changes(summary) if key in summary.config]
    return ", ".join(f"{w.setting_name(key)} {level_text(summary.config[key])}" for key in keys) or "nothing"


def effects_table(findings: Findings) -> Table:
    """A row a factor and group that varies it, the widest range of level means first.

    The columns go by the names factor, worst, best, range, interval, without_worst, verdict and group.
    """
    return _ranges(findings, EFFECTS)


def ranges(findings: Findings) -> Table:
    """The same rows with what the ranges rest on; what no test separates shares a rank.

    The columns go by the names rank, factor, group, levels, without_worst, without_worst_interval and spread.
    """
    return _ranges(findings, RANGES)


def _ranges(findings: Findings, columns: Mapping[str, Column]) -> Table:
    form, titles = findings.form(findings.study.metric), _titles(findings)
    lines = []
    for e in findings.effects:
        rest = e.without_worst
        texts = {
            "rank": str(e.rank or w.NONE),
            "factor": w.setting_name(e.factor),
            "group": titles[e.group],
            "levels": str(len(e.levels)),
            "worst": e.worst,
            "best": e.best,
            "range": w.size(form, e.range.estimate),
            "interval": _ends(form, e.range),
            "without_worst": w.size(form, rest.estimate) if rest else w.NONE,
            "without_worst_interval": _ends(form, rest) if rest else w.NONE,
            "verdict": w.NONE if e.range.low is None else "mattered" if visible(e, findings) else "no visible difference",
            "spread": w.size(form, e.spread) if e.spread is not None else w.NONE,
        }
        lines.append(Line(cells(columns, texts)))
    return Table(tuple(columns.values()), tuple(lines))


def _ends(form: w.Form, width: Difference) -> str:
    """The interval of a range, which has no sign: "1.2 to 4.0"."""
    if width.low is None or width.high is None:
        return w.NONE
    return " to ".join(w.size(form, end).removesuffix(" points") if end else "0" for end in (width.low, width.high))


def _titles(findings: Findings) -> dict[str, str]:
    """The title of each group by its name."""
    return {group.group.name: group.group.title for group in findings.groups}


def noises(findings: Findings) -> Table:
    """A row a metric: the noise of a typical configuration, what it was pooled from, the difference that this sweep finds, and
    what the noise is made of. What no metric has is left out.

    The columns go by the names metric, noise, interval, df, pooled, detectable, thirds, seed and share.
    """
    runs = w.plural(findings.usual_n, "run")
    texts = [_noise_texts(name, noise, findings) for name, noise in findings.noises.items()]
    parts = {name: column for name, column in PARTS.items() if any(row[name] != w.NONE for row in texts)}
    columns = {**NOISES, "detectable": Column(f"difference found in 8 of 10 sweeps of {runs} a configuration"), **parts}
    return Table(tuple(columns.values()), tuple(Line(cells(columns, row)) for row in texts))


def _noise_texts(name: str, noise: Noise, findings: Findings) -> dict[str, str]:
    form, least = findings.form(name), findings.detectable(name, findings.usual_n)
    ends = " to ".join(w.size(form, end).removesuffix(" points") for end in (noise.low, noise.high))
    return {
        "metric": w.metric_name(name),
        "noise": w.size(form, noise.sd),
        "interval": ends,
        "df": str(noise.df),
        "pooled": _pooled(noise),
        "detectable": w.NONE if least is None else w.size(form, least),
        **_noise_parts(name, noise, findings),
    }


def _pooled(noise: Noise) -> str:
    """Whose runs tell the noise of a configuration."""
    pooled = "own runs and all others" if not noise.trend else "own runs and neighbours in score"
    if noise.residual and noise.residual.joined:
        pooled = "all runs and a grid's residual"
    if not noise.outlying:
        return pooled
    vary = "varies" if len(noise.outlying) == 1 else "vary"
    return f"{pooled}; without {w.count(len(noise.outlying))} that {vary} far more"


def _noise_parts(name: str, noise: Noise, findings: Findings) -> dict[str, str]:
    """The noise by thirds of the ranking where it differs, and the part of the seed."""
    form, apart, seeds = findings.form(name), thirds(findings, name), noise.seeds
    share = w.percent(seeds.share, seeds.low, seeds.high) if seeds else w.NONE
    return {
        "thirds": w.sizes(form, apart.each) if apart else w.NONE,
        "seed": w.size(form, seeds.sd) if seeds else w.NONE,
        "share": share,
    }


def checks(findings: Findings) -> Table:
    """A row a check that fired (word, where, finds, code), in the order of the codes; what the plan silences with its reason. What
    follows from several checks alike is said with the first."""
    titles, lines = _titles(findings), []
    said: set[str] = set()
    for check in findings.checks:
        sentences = SENTENCES.split(check_words(check))
        finds = " ".join(sentence for sentence in sentences if sentence not in said)
        said.update(sentences)
        where = titles.get(check.group, "The whole study")
        lines.append(Line(cells(CHECKS, {"word": check.word, "where": where, "finds": finds, "code": check.code})))
    return Table(tuple(CHECKS.values()), tuple(lines))


def check_words(check: Check) -> str:
    """A check's sentence, with the plan's reason where it is silenced."""
    return f"{check.message} Silenced by the plan: {check.silenced.rstrip('.')}." if check.silenced else check.message


def runs(findings: Findings, sweep: Sweep) -> Table:
    """A row a log that belongs to the study, by configuration and seed.

    The columns go by the names configuration, seed, status, score, valid_loss, seconds, started and log.
    """
    metric = findings.study.metric
    columns = {**RUNS, "score": Column(w.metric_name(metric))}
    frame = sweep.runs[sweep.runs["id"].isin(findings.groups_of)]
    texts = {
        "configuration": [findings.labels[key][0] for key in frame["id"]],
        "seed": [w.NONE if seed is None else str(seed) for seed in frame["seed"]],
        "status": list(frame["status"]),
        "score": _scores(frame, metric, findings),
        "valid_loss": _scores(frame, VALID, findings),
        "seconds": [w.duration(_known(seconds)) for seconds in frame["seconds"]],
        "started": [w.stamp(started) for started in frame["started"]],
        "log": list(frame["log"]),
    }
    lines = []
    for key, *row in zip(frame["id"], *(texts[name] for name in columns), strict=True):
        own = Cells(dict(zip(columns, row, strict=True)))
        lines.append(Line(own, False, run_anchor(own["log"]), ((0, config_anchor(key)),)))
    lines.sort(key=lambda line: (line.cells[0], line.cells[1].rjust(12), line.cells[-1]))
    return Table(tuple(columns.values()), tuple(lines))


def _scores(frame: pd.DataFrame, metric: str, findings: Findings) -> list[str]:
    """The final value of `metric` of each run as text."""
    values = frame.get(METRICS + metric, frame.get(metric))
    form = findings.form(metric)
    return [w.score(form, None if values is None else _known(value)) for value in (frame["log"] if values is None else values)]


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def config_anchor(key: str) -> str:
    """The name of a configuration's row in the page."""
    return f"config-{key}"


def run_anchor(log: str) -> str:
    """The name of a run's row in the page, short, and made of plain letters whatever its log is called."""
    return f"run-{hashlib.sha256(log.encode(errors='replace')).hexdigest()[:10]}"


def scale_and_spans(summaries: Sequence[Summary | None], findings: Findings) -> tuple[Scale | None, list[Span | None]]:
    """The common scale of the configurations' intervals, and each one's place on it; what lies off it is outside 0 to 1."""
    metric = findings.study.metric
    spans: list[Span | None] = []
    for s in summaries:
        estimate = s.metrics[metric] if s else None
        low, high = (w.bounds(metric, estimate) if estimate else None) or (None, None)
        spans.append((low, w.scale(metric) * estimate.mean, high) if estimate else None)
    means = [span[1] for span in spans if span]
    if len(means) < 2 or alike(min(means), max(means)):
        return None, [None] * len(spans)
    ends = round_ends(*bulk(means))
    inside = [v for span in spans if span and ends[0] <= span[1] <= ends[1] for v in span if v is not None]
    ends = round_ends(min(inside), max(inside))
    width = ends[1] - ends[0]
    places = [span and tuple(None if v is None else (v - ends[0]) / width for v in span) for span in spans]
    ruler = findings.ruler(findings.usual_n)
    words = f"{w.plain(ends[0])} to {w.plain(ends[1])}{'%' if is_share(metric) else ''}"
    if ruler is None or math.isinf(ruler):
        return Scale(words, None, ""), places  # type: ignore[return-value]
    told = f"ignore differences under {w.size(findings.form(metric), ruler)}"
    return Scale(words, w.scale(metric) * ruler / width, told), places  # type: ignore[return-value]


def curve_shapes(curves: Sequence[Curves | None]) -> list[tuple[float, ...]]:
    """Each configuration's mean validation loss by epoch, on one scale from the lowest to the highest of them all."""
    means = [c.mean(VALID) if c and len(c.at.get(VALID, ())) > 1 else np.empty(0) for c in curves]
    known = np.concatenate([*means, np.empty(0)])
    if not len(known) or alike(known.min(), known.max()):
        return [()] * len(means)
    low, high = bulk(list(known))  # one network that hardly learns would make all other curves flat
    picked = [m[np.unique(np.linspace(0, len(m) - 1, POINTS).round().astype(int))] if len(m) else m for m in means]
    return [tuple(round(float(v), 2) for v in np.clip((m - low) / (high - low), 0, 1)) for m in picked]


def measured(summary: Summary | None, findings: Findings, others: Iterable[str] = ()) -> dict[str, str]:
    """What the runs of a configuration came to, by the names of the columns; `others` are of further metrics."""
    metric, names = findings.study.metric, {name: name for name in LOSSES} | {name: name.removeprefix(METRICS) for name in others}
    if summary is None:
        return dict.fromkeys((*score_columns(""), *names, *VOLUME), w.NONE) | {"runs": "0"}
    form, estimate = findings.form(metric), summary.metrics[metric]
    return {
        "runs": str(summary.n),
        "score": w.score(form, estimate.mean),
        "interval": w.interval(form, estimate),
        **{column: _mean(summary, findings.form(name)) for column, name in names.items()},
        "parameters": w.count(summary.parameters),
        "examples_seen": w.count(summary.examples_seen),
        "seconds": w.duration(summary.seconds),
    }


def _mean(summary: Summary, form: w.Form) -> str:
    estimate = summary.metrics.get(form.metric)
    return w.score(form, estimate.mean if estimate else None)
