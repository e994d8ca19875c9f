"""`Findings` in, the values that notes may name out: nested plain dicts, and the flat list of their names."""

import difflib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Row, Summary
from sweepbook.analysis.predictions.verdict import VERDICTS
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.config import config_id
from sweepbook.runner.metric import LOGGED
from sweepbook.runner.values import level_text

Names: TypeAlias = Mapping[str, Any]  # a name -> more names, or a value


def names(found: Findings) -> dict[str, Any]:
    """Every value of `found` under its name.

    `run` holds each configuration under each of its labels; a label that two configurations share, as logs of other tools
    may have it, is left out. What is planned and has no finished run yet is there too, its values missing (None).
    """
    metrics = _metrics(found)
    base = next((s for s in found.ranking if found.study.baseline and s.id == config_id(found.study.baseline)), None)
    rows = {row.member.id: row for group in found.groups for row in group.rows}
    runs = {key: {**_run(row, metrics, base, found.study.metric), "tier": _tier(found, key)} for key, row in rows.items()}
    nothing = {**_run(None, metrics, base, found.study.metric), "tier": None}
    ids: dict[str, set[str]] = {}
    for group in found.groups:
        for row in group.rows:
            ids.setdefault(row.member.label, set()).add(row.member.id)
    best, verdicts = {"recommended": found.recommended}, [outcome.verdict for outcome in found.outcomes]
    if found.study.baseline:
        best |= {"best_single": found.best_single, "best_combined": found.best_combined}
    return {
        "study": _study(found),
        "totals": {**_totals(found), "runs": sum(s.n for s in found.ranking), "configurations": len(found.ranking)},
        "noise": {name: _noise(found.noises.get(name), found.detectable(name, found.usual_n)) for name in metrics},
        "predictions": {verdict.replace(" ", "_"): verdicts.count(verdict) for verdict in VERDICTS},
        **{name: runs[summary.id] if summary else nothing for name, summary in best.items()},
        "group": {g.group.name: _group(g, found.study.metric, runs, nothing) for g in found.groups},
        "run": {label: runs[min(own)] for label, own in ids.items() if len(own) == 1},
    }


def _totals(found: Findings) -> dict[str, float]:
    return {name: value for name, value in vars(found.totals).items() if name != "logged"}


def _tier(found: Findings, key: str) -> int | str | None:
    """The tier of a configuration; in words, where only its own scatter keeps it in the first."""
    return w.UNRANKED if key in found.unranked else found.tiers.get(key)


def _noise(noise: Noise | None, seen: float | None) -> dict[str, float | None]:
    """The noise of a metric, and the difference that is `seen` in 8 of 10 sweeps; None where not known."""
    if noise is None:
        return dict.fromkeys(("sd", "low", "high", "df", "found", "seed_sd", "seed_share"))
    known = {"sd": noise.sd, "low": noise.low, "high": noise.high, "df": noise.df, "found": seen}
    seeds = noise.seeds
    return {**known, "seed_sd": seeds.sd if seeds else None, "seed_share": seeds.share if seeds else None}


def _metrics(found: Findings) -> tuple[str, ...]:
    """The metrics that any run has; before the first has finished those that ours will have."""
    logged = dict.fromkeys(name for summary in found.ranking for name in summary.metrics)
    usual = (*LOGGED, "test_accuracy", "test_loss") if found.study.runs else ()
    return tuple(dict.fromkeys([found.study.metric, *usual, *logged]))


def _run(row: Row | None, metrics: tuple[str, ...], base: Summary | None, metric: str) -> dict[str, Any]:
    """The values of one configuration. A metric with the name of another value gets an underscore behind it."""
    summary = row.summary if row else None
    values: dict[str, Any] = {
        "label": summary.label if summary else row.member.label if row else None,
        "n": summary.n if summary else 0,
        "parameters": summary.parameters if summary else None,
        "steps": summary.steps if summary else None,
        "examples_seen": summary.examples_seen if summary else None,
        "seconds": summary.seconds if summary else None,
        "config": dict(summary.config if summary else row.member.config if row else {}),
        "from_baseline": summary.metrics[metric].mean - base.metrics[metric].mean if summary and base else None,
    }
    return _with_metrics(values, metrics, summary)


def _with_metrics(values: dict[str, Any], metrics: tuple[str, ...], summary: Summary | None) -> dict[str, Any]:
    """`values` and the mean of each metric with the ends of its interval."""
    bounds: dict[str, float | None] = {}
    for metric in metrics:
        estimate = summary.metrics.get(metric) if summary else None
        name = metric
        while name in values:
            name += "_"
        values[name] = estimate.mean if estimate else None
        bounds[f"{name}_low"], bounds[f"{name}_high"] = (estimate.low, estimate.high) if estimate else (None, None)
    return {**values, **{name: end for name, end in bounds.items() if name not in values}}


def _group(found: GroupFindings, metric: str, runs: Mapping[str, Names], nothing: Names) -> dict[str, Any]:
    """The values of one group, whose best goes by the label that the group gives it."""
    means = [row.summary.metrics[metric].mean for row in found.rows if row.summary]
    return {
        "title": found.group.title,
        "configurations": len(found.rows),
        "finished": len(means),
        "spread": max(means) - min(means) if means else None,
        "best": {**runs[found.best.id], "label": found.labels[found.best.id]} if found.best else nothing,
    }


def _study(found: Findings) -> dict[str, Any]:
    study = found.study
    own = {name: getattr(study, name) for name in ("name", "title", "subtitle", "author", "project", "metric", "goal")}
    return {**own, "seeds": len(study.seeds), "groups": len(study.groups)}


def flat(tree: Names, above: str = "") -> Iterator[tuple[str, Any]]:
    """Each whole name in `tree` with its value, in order."""
    for key, value in tree.items():
        path = extended(above, str(key))
        if isinstance(value, Mapping):
            yield from flat(value, path)
        else:
            yield path, value


def extended(above: str, key: str) -> str:
    """The name of `key` within what is called `above`: with a dot, or in brackets where it is no word.

    >>> extended("run", "epochs_10"), extended("run", "lr_0.1")
    ('run.epochs_10', 'run["lr_0.1"]')
    """
    if key.isidentifier():
        return f"{above}.{key}" if above else key
    return f"{above}[{json.dumps(key, ensure_ascii=False)}]"


def listing(tree: Names) -> list[tuple[str, str]]:
    """Each whole name with its value as notes show it.

    >>> listing({"run": {"lr_0.1": {"n": 3, "seconds": None}}})
    [('run["lr_0.1"].n', '3'), ('run["lr_0.1"].seconds', '–')]
    """
    return [(path, text(value)) for path, value in flat(tree)]


def text(value: object) -> str:
    """A value as notes show it without a filter: floats to six digits, and what stands for a missing or an empty one."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or (isinstance(value, str) and not value.strip()):
        return w.NONE
    return f"{value + 0.0:.6g}" if isinstance(value, float) else level_text(value)


def nearest(typed: str, tree: Names) -> str:
    """The whole name in `tree` that is nearest to `typed`, which has dots between its parts.

    >>> nearest("run.epoch_10.m", {"study": {"title": ""}, "run": {"epochs_10": {"n": 3}, "lr_0.1": {"n": 1}}})
    'run.epochs_10.n'
    """
    known = typed.partition(".")[0] in tree
    starts = [("", tree)] + [(root, tree[root]) for root in ("run", "group") if not known and tree.get(root)]
    found = [_descent(typed, above, below) for above, below in starts]
    return max(found, key=lambda path: max(likeness(typed, path), likeness(typed, path.partition(".")[2])))


def likeness(word: str, other: str) -> float:
    """From 0 to 1: how much two words have in common."""
    return difflib.SequenceMatcher(None, word, other).ratio()


def _descent(typed: str, above: str, tree: Any) -> str:
    """The name that part by part is nearest to `typed`; a key may hold dots itself, so each head of `typed` is tried."""
    while isinstance(tree, Mapping) and tree and typed:
        parts = typed.split(".")
        heads = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
        exact = next((head for head in heads if head in tree), None)
        pairs = [(head, difflib.get_close_matches(head, list(tree), 1, 0.0)[0]) for head in ([exact] if exact else heads[-4:])]
        head, key = max(pairs, key=lambda pair: likeness(*pair))
        typed, above, tree = typed[len(head) + 1 :], extended(above, key), tree[key]
    return above
