"""Logs in, the signs of settings that they do not record out (SB103): labels that tell of one, digests of data or code that differ,
and runs that lie far apart though nothing tells them apart."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, named
from sweepbook.analysis.checks.context import Context, of_logs
from sweepbook.analysis.checks.points import groups_of
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.logs.labels import TOLD
from sweepbook.analysis.logs.origins import differing, unlike
from sweepbook.analysis.logs.readers import runtoml
from sweepbook.analysis.logs.sweep import CONFIG, Sweep
from sweepbook.analysis.stats.spreads import apart, variances

NAMED = 3  # configurations that one sentence names


@of_logs
def unrecorded_settings(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB103."""
    yield from _told_by_labels(context, sweep)
    yield from _told_by_digests(context, sweep)
    yield from _unlike_data(context, sweep)
    yield from _told_by_scatter(context, sweep)


def _told_by_labels(context: Context, sweep: Sweep) -> Iterator[Check]:
    """Labels that tell of a setting which their logs do not record. Such runs are configurations of their own."""
    labelled = sweep.runs[sweep.runs["recorded"].notna() & sweep.runs["used"].astype(bool)]
    names = groups_of(context.questions)
    by_group: dict[str, list[str]] = {}
    for ident, rows in labelled.groupby("recorded", sort=False):
        by_group.setdefault(_meant(rows, names), []).append(str(ident))
    for group, idents in by_group.items():
        rows = labelled[labelled["recorded"].isin(idents)]
        sets = [tuple(dict.fromkeys(rows["label"][rows["recorded"] == ident])) for ident in idents]
        more = f"; and {w.plural(len(sets) - 3, 'more such set')}" if len(sets) > 3 else ""
        keys = [key for key in sweep.names(CONFIG + TOLD) if rows[CONFIG + TOLD + key].notna().any()]
        message = f"{'; '.join(map(named, sets[:3]))}{more}: what these labels say of {w.listing(keys)} is not in the logs. "
        message += "So runs of which they say different things count as configurations of their own, "
        message += f"by {w.listing([TOLD + key for key in keys])}."
        labels = tuple(dict.fromkeys(rows["label"]))
        touched = tuple(dict.fromkeys(name for ident in rows["id"] for name in names.get(ident, ())))
        doubt = "the labels tell of settings that the logs do not record"
        yield Check("SB103", group, labels, message, groups=touched, limits="cause", doubt=doubt)


def _meant(rows: pd.DataFrame, names: Mapping[str, Sequence[str]]) -> str:
    """The group that these runs were made for, by what their labels begin with; else the first that they belong to; "" in none."""
    groups = dict.fromkeys(name for ident in rows["id"] for name in names.get(ident, ()))
    own = (name for name in groups if any(label.startswith(f"{name}_") for label in rows["label"]))
    return next(own, next(iter(groups), ""))


def _told_by_digests(context: Context, sweep: Sweep) -> Iterator[Check]:
    """Runs with the same settings that came from other data or other code, one objection for each set of what differs."""
    used, names = sweep.used, groups_of(context.questions)
    by_origins: dict[tuple[str, ...], list[str]] = {}
    for ident, origins in differing(used).items():
        by_origins.setdefault(origins, []).append(ident)
    for origins, idents in by_origins.items():
        labels = _labels(context, idents)
        if not labels:
            continue
        touched = tuple(dict.fromkeys(name for ident in idents for name in names.get(ident, ())))
        what = w.listing([f"the {origin}" for origin in origins])
        message = f"Runs with the same settings differ in {what}: those of {named(labels)}. They are no repeats of one thing."
        doubt = f"runs with the same settings differ in {what}"
        yield Check("SB103", touched[0] if len(touched) == 1 else "", labels, message, groups=touched, limits="cause", doubt=doubt)


def _unlike_data(context: Context, sweep: Sweep) -> Iterator[Check]:
    """Configurations that came from other data than the rest, though no setting says so."""
    names = groups_of(context.questions)
    for found in unlike(sweep.used):
        odd, usual = _labels(context, found.odd), _labels(context, found.usual)
        if not odd or not usual:
            continue
        touched = tuple(dict.fromkeys(name for ident in found.odd for name in names.get(ident, ())))
        what = w.listing(found.origins)
        has = "has" if len(odd) == 1 else "have"
        message = f"{named(odd)} {has} other {what} than {named(usual)}, and no setting says so. "
        message += "A difference between their scores may be one of the data."
        group = touched[0] if len(touched) == 1 else ""
        doubt = f"configurations differ in the {what}"
        yield Check("SB103", group, odd, message, groups=touched, limits="cause", doubt=doubt)


def _labels(context: Context, idents: Sequence[str]) -> tuple[str, ...]:
    """What the configurations that have a finished run are called."""
    return tuple(dict.fromkeys(context.ran[ident].label for ident in idents if ident in context.ran))


def _told_by_scatter(context: Context, sweep: Sweep) -> Iterator[Check]:
    """Configurations whose runs lie far further apart than those of others, where the logs have no reason: no seed, and no label
    that tells a setting."""
    metric, unexplained = context.study.metric, _unexplained(sweep)
    several = [one for one in context.ran.values() if len(set(one.runs.get(metric, ()))) > 1]
    runs = [one.runs[metric] for one in several]
    spreads = apart(variances(runs), np.array([len(own) - 1.0 for own in runs]))
    by_label = {several[place].label: several[place] for place in np.flatnonzero(spreads.far) if several[place].id in unexplained}
    if not by_label:
        return
    names = groups_of(context.questions)
    touched = tuple(dict.fromkeys(name for one in by_label.values() for name in names.get(one.id, ())))
    usual = float(np.median(spreads.typical))
    message = f"{_ends(metric, [*by_label.values()], usual)}. "
    message += "No setting and no seed tells these runs apart: a setting may not have been recorded."
    doubt = "runs that nothing recorded tells apart lie far from each other"
    group = touched[0] if len(touched) == 1 else ""
    yield Check("SB103", group, tuple(by_label), message, groups=touched, limits="cause", doubt=doubt)


def _unexplained(sweep: Sweep) -> frozenset[str]:
    """The configurations that other tools logged, none of whose runs has a seed or a label that tells a setting."""
    used = sweep.used
    explained = used["seed"].notna() | used["recorded"].notna() | (used["tool"] == runtoml.NAME)
    return frozenset(map(str, used["id"])).difference(map(str, used["id"][explained]))


def _ends(metric: str, far: Sequence[Summary], usual: float) -> str:
    """From where to where the runs of each lie, and how far off their mean those of others do."""
    form = w.form(metric, [score for one in far for score in one.runs[metric]], [usual])
    scores = [(one.label, sorted(one.runs[metric])) for one in far[:NAMED]]
    ends = [f"{label} scores {w.score(form, runs[0])} to {w.score(form, runs[-1])}" for label, runs in scores]
    if len(far) > NAMED:
        ends.append(w.plural(len(far) - NAMED, "more configuration lies", "more configurations lie") + " as far apart")
    return f"{w.listing(ends)}. A run of others lies typically {w.size(form, usual)} off its mean"
