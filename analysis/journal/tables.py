"""Findings in, the tables of the whole study out, as text ready to lay out: its settings, its noise, its checks, its runs."""

import math
import re
from collections.abc import Mapping

import pandas as pd
from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.thirds import thirds
from sweepbook.analysis.journal.anchors import config_anchor, run_anchor
from sweepbook.analysis.journal.factors import visible
from sweepbook.analysis.logs.sweep import METRICS, Sweep
from sweepbook.analysis.page.table import Cells, Column, Line, Table, cells
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.metric import VALID

SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")  # between two sentences of a check
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
    "pooled": Column("pooled from", False, folds=1),
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
    form, least = w.finer(findings.form(name), noise.high - noise.low), findings.detectable(name, findings.usual_n)
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
    rows = list(zip(*(texts[name] for name in columns), frame["id"], strict=True))
    rows.sort(key=lambda row: (row[0], row[1].rjust(12), row[-2]))
    lines = []
    for *row, key in rows:
        own = Cells(dict(zip(columns, row, strict=True)))
        lines.append(Line(own, False, run_anchor(row[-1]), ((0, config_anchor(key)),)))
    return Table(tuple(columns.values()), tuple(lines))


def _scores(frame: pd.DataFrame, metric: str, findings: Findings) -> list[str]:
    """The final value of `metric` of each run as text."""
    values = frame.get(METRICS + metric, frame.get(metric))
    form = findings.form(metric)
    return [w.score(form, None if values is None else _known(value)) for value in (frame["log"] if values is None else values)]


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
