"""What is shown of a ranking, a group, a configuration or a run in, titles, tables and notes for a terminal out, as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.export.show.shown import COUNTS, Curve, Shown, ShownConfig, ShownGroup, ShownRun
from sweepbook.analysis.findings.findings import Findings, could_be_best
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Row, Summary
from sweepbook.analysis.page.fitted import Head
from sweepbook.analysis.page.sparkline import Scale, common_scale, sparkline
from sweepbook.runner.config import Config
from sweepbook.runner.metric import VALID
from sweepbook.runner.values import is_finite, level_text

PAIR = (Head("", long="keep"), Head("", long="wrap"))
NAMED_FIRST = ("valid_loss", "train_loss", "gap")
FIRST_OUT = 9  # of what a narrow terminal leaves out


@dataclass(frozen=True)
class Part:
    """A title, a table under it and a line below; "" and () for what it lacks."""

    title: str
    heads: tuple[Head, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""


def ranking_part(findings: Findings, top: int | None, curves: Mapping[str, Curve]) -> Part:
    """The ranking, the first `top` of it, with what could be the best, and a small curve a row where some log has one."""
    form, ranking = findings.form(findings.study.metric), findings.ranking[:top]
    metric = form.metric
    heads = (
        Head("configuration"),
        *_measured(metric),
        Head("runs", True, 1),
        Head("parameters", True, 2),
        Head("time a run", True, 3),
    )
    rows = []
    for s in ranking:
        estimate = s.metrics[metric]
        cells = (s.label, w.score(form, estimate.mean), w.interval(form, estimate), could_be_best(findings, s.id))
        rows.append((*cells, str(s.n), w.count(s.parameters), w.duration(s.seconds)))
    return _with_curves(_without_empty(Part("", heads, tuple(rows))), [curves.get(s.id, ()) for s in ranking], "mean over the runs")


def _measured(metric: str) -> tuple[Head, ...]:
    return (Head(w.metric_name(metric), True), Head("95% interval", True), Head("could be the best"))


def parts(shown: Shown, findings: Findings) -> tuple[Part, ...]:
    """Everything that is told of it, in reading order."""
    if isinstance(shown, ShownGroup):
        return (_group(shown, findings),)
    return _config(shown, findings) if isinstance(shown, ShownConfig) else _run(shown, findings)


def _group(shown: ShownGroup, findings: Findings) -> Part:
    """A row a configuration in the plan's order: what varies, then the results."""
    found, metric = shown.found, findings.study.metric
    factors = tuple(Head(_opened(f), all(is_finite(row.member.levels.get(f)) for row in found.rows)) for f in found.factors)
    others = [name for name in NAMED_FIRST if name != metric]
    losses = (Head(w.metric_name(name), True, spare) for spare, name in enumerate(others, 2))
    heads = (*(factors or (Head("configuration"),)), *_measured(metric), Head("runs", True, 1), *losses)
    heads = (*heads, Head("parameters", True, 5), Head("time a run", True, 6))
    rows = []
    for row in found.rows:
        levels = [level_text(row.member.levels[f]) if f in row.member.levels else w.NONE for f in found.factors]
        rows.append((*(levels or [row.member.label]), *_results(row, found, findings, others)))
    name, title = found.group.name, found.group.title
    part = Part(name if title in ("", name) else f"{name}: {title}", heads, tuple(rows))
    return _with_curves(_without_empty(part), [shown.curves.get(row.member.id, ()) for row in found.rows], "mean over the runs")


def _results(row: Row, found: GroupFindings, findings: Findings, others: Sequence[str]) -> tuple[str, ...]:
    s = row.summary
    if s is None:
        return (w.NONE, w.NONE, w.NONE, "0", *(w.NONE for _ in others), w.NONE, w.NONE)
    form = findings.form(findings.study.metric)
    means = [w.score(findings.form(name), s.metrics[name].mean if name in s.metrics else None) for name in others]
    estimate = s.metrics[form.metric]
    cells = (w.score(form, estimate.mean), w.interval(form, estimate), could_be_best(found, s.id), str(s.n))
    return (*cells, *means, w.count(s.parameters), w.duration(s.seconds))


def _config(shown: ShownConfig, findings: Findings) -> tuple[Part, ...]:
    """Settings, estimates, runs and mean curves."""
    form = findings.form(findings.study.metric)
    metric = form.metric
    runs = tuple(
        (_seed(r), r.status, w.score(form, r.metrics.get(metric)), w.duration(r.seconds), "" if r.why is None else "no", r.log)
        for r in shown.runs
    )
    heads = (Head("seed", True), Head("status"), Head(w.metric_name(metric), True), Head("time", True, 1))
    told = _with_curves(
        Part("Runs", (*heads, Head("counts"), Head("log", long="keep")), runs), [r.curves.get(VALID, ()) for r in shown.runs], ""
    )
    if all(r.why is None for r in shown.runs):
        told = _without(told, "counts")
    facts = (("id", shown.id), ("labels", ", ".join(shown.labels)), ("groups", ", ".join(shown.groups)))
    return (
        Part(shown.labels[0], PAIR, facts),
        _settings(shown.config),
        _estimates(shown.summary, findings),
        told,
        _curves(shown.curves, "Curves by epoch, mean over the runs"),
    )


def _without(part: Part, head: str) -> Part:
    keep = [i for i, one in enumerate(part.heads) if one.name != head]
    rows = tuple(tuple(row[i] for i in keep) for row in part.rows)
    return Part(part.title, tuple(part.heads[i] for i in keep), rows, part.note)


def _settings(config: Config) -> Part:
    return Part("Settings", PAIR, tuple((key, level_text(value)) for key, value in config.items()))


def _estimates(summary: Summary | None, findings: Findings) -> Part:
    """Each final metric and the gap with its interval, the study's own first, and what a run took."""
    if summary is None:
        return Part("No run of it has finished, so there is no estimate.")
    names = dict.fromkeys([findings.study.metric, *NAMED_FIRST, *summary.metrics])
    rows = [
        (w.metric_name(name), str(e.n), w.score(findings.form(name), e.mean), w.interval(findings.form(name), e))
        for name in names
        if (e := summary.metrics.get(name))
    ]
    took = {"parameters": summary.parameters, "steps": summary.steps, "examples seen": summary.examples_seen}
    counts = [f"{w.count(number)} {name}" for name, number in took.items() if number is not None]
    note = "; ".join([*counts, *([f"{w.duration(summary.seconds)} a run"] if summary.seconds is not None else [])])
    return Part("Estimates", (Head(""), Head("runs", True), Head("mean", True), Head("95% interval", True)), tuple(rows), note)


def _run(shown: ShownRun, findings: Findings) -> tuple[Part, ...]:
    """Facts, settings, metrics, environment and curves of one log."""
    facts = [("id", shown.id), ("labels", ", ".join(shown.labels)), ("seed", _seed(shown)), ("status", shown.status)]
    facts += [("does not count", shown.why)] if shown.why else []
    facts += [("started", w.moment(shown.started)), ("time", w.duration(shown.seconds))]
    facts += [("error", shown.error)] if shown.error else []
    facts += [(name.replace("_", " "), w.count(shown.counts[name])) for name in COUNTS if name in shown.counts]
    names = [name for name in dict.fromkeys([findings.study.metric, *NAMED_FIRST, *shown.metrics]) if name in shown.metrics]
    metrics = tuple((w.metric_name(name), w.score(findings.form(name), shown.metrics[name])) for name in names)
    environment = tuple((name, level_text(value)) for name, value in shown.environment.items())
    told = (Part(shown.log, PAIR, tuple(facts)), _settings(shown.config), Part("Metrics", (Head(""), Head("", True)), metrics))
    both = (*told, Part("Environment", PAIR, environment), _curves(shown.curves, "Curves by epoch"))
    return tuple(part for part in both if part.rows)


def _curves(curves: Mapping[str, Curve], title: str) -> Part:
    """A row a series with its first and last value; what training and validation have of one kind is on one scale."""
    kinds: dict[str, list[Curve]] = {}
    for name, curve in curves.items():
        kinds.setdefault(_kind(name), []).append(curve)
    scales = {kind: common_scale(own) for kind, own in kinds.items()}
    rows = [
        (
            w.metric_name(name),
            sparkline(curve, scales[_kind(name)]),
            *(w.score(w.form(name, curve), end) for end in (curve[0], curve[-1])),
        )
        for name, curve in curves.items()
    ]
    heads = (Head(""), Head("", spare=1), Head("first epoch", True), Head("last epoch", True))
    return Part(title, heads, tuple(rows)) if rows else Part("Its logs have no curves.")


def _kind(series: str) -> str:
    """Of training and validation losses the word that they share: "loss"."""
    return series.removeprefix("train_").removeprefix("valid_")


def _without_empty(part: Part) -> Part:
    """`part` without the columns that could go and hold nothing."""
    kept = [i for i, head in enumerate(part.heads) if not head.spare or any(row[i] != w.NONE for row in part.rows)]
    rows = tuple(tuple(row[i] for i in kept) for row in part.rows)
    return Part(part.title, tuple(part.heads[i] for i in kept), rows, part.note)


def _with_curves(part: Part, curves: Sequence[Curve], of: str) -> Part:
    """`part` with a last column of small curves on one scale, which its note tells; as it is where there is none."""
    scale = common_scale(curves)
    if scale is None:
        return part
    rows = tuple((*row, sparkline(curve, scale)) for row, curve in zip(part.rows, curves, strict=True))
    head = Head("curve", spare=FIRST_OUT, long="keep", note=_legend(scale, of))
    return Part(part.title, (*part.heads, head), rows, part.note)


def _legend(scale: Scale, of: str) -> str:
    name = ", ".join(filter(None, ("curve: validation loss by epoch", of)))
    form = w.form(VALID, [scale.low, scale.high])
    steps = ", log scale" if scale.logarithmic else ""
    return f"{name}; ▁ {w.score(form, scale.low)}, █ {w.score(form, scale.high)}{steps}"


def _opened(name: str) -> str:
    """A log's or a plan's own name as a head that can be broken: a table of ten columns has to fit a terminal."""
    return name.replace("_", " ")


def _seed(run: ShownRun) -> str:
    return w.NONE if run.seed is None else str(run.seed)
