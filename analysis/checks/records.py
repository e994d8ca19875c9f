"""Logs in, what their records lack or contradict out: runs that came to nothing (SB201), that are not there (SB202), that disagree
(SB203), whose series are not one entry an epoch (SB204), that no plan asked for (SB205); values that are not read as written
(SB206)."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, named, places, together
from sweepbook.analysis.checks.context import Context, of_logs
from sweepbook.analysis.checks.points import groups_of
from sweepbook.analysis.logs.series import LEFT, TWICE
from sweepbook.analysis.logs.settings import Reread
from sweepbook.analysis.logs.sweep import METRICS, Sweep

MOST_REREAD = 5  # settings that have a sentence each
MOST_LOST = 5  # configurations that one sentence names
ENDED = {"failed": "failed", "diverged": "diverged", "interrupted": "was interrupted"}


@of_logs
def lost_runs(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB201: the runs that ended without a score and have not been run again, and the logs that cannot be read."""
    columns = list(zip(*(sweep.runs[name] for name in ("id", "seed", "status", "label")), strict=True))
    done = {(ident, seed) for ident, seed, status, _ in columns if status == "finished" and seed is not None}
    names = groups_of(context.questions)
    others = any(group.where is not None for group in context.study.groups)
    lost: dict[tuple[str, ...], Counter[tuple[str, str]]] = {}
    for key in dict.fromkeys(row for row in columns if row[2] in ENDED):
        ident, seed, status, label = key
        if (ident, seed) not in done and (ident in names or others):
            known = context.study.labels.get(ident, (label,))
            lost.setdefault(names.get(ident, ()), Counter())[status, known[0]] += 1
    for groups, counts in lost.items():
        ended = [f"{label} {ENDED[status]}" + (f" in {n} runs" if n > 1 else "") for (status, label), n in counts.items()]
        labels = tuple(dict.fromkeys(label for _, label in counts))
        more = f" and {len(ended) - MOST_LOST} more" if len(ended) > MOST_LOST else ""
        then = ", and no run has finished." if sweep.used.empty else ": the results are of the others."
        message = f"{w.listing(ended[:MOST_LOST])}{more}{then}"
        yield Check("SB201", groups[0] if len(groups) == 1 else "", labels, message, groups=groups)
    unread = [log for log in sweep.problems["log"] if log not in set(sweep.runs["log"])] if len(sweep.problems) else []
    if unread:
        what = w.plural(len(unread), "entry", "entries")
        message = f"{what} among the logs cannot be read as a run: {named(unread)}."
        yield Check("SB201", "", (), message)


@of_logs
def missing_runs(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB202."""
    study, questions = context.study, context.questions
    there = {
        (i, seed)
        for i, seed, status in zip(*(sweep.runs[name] for name in ("id", "seed", "status")), strict=True)
        if status != "running"
    }
    absent = [run for run in study.runs if run.key not in there]
    names = groups_of(questions)
    concerned = dict.fromkeys(name for run in absent for name in names.get(run.id, ()))
    for group, part in together(study, "SB202", [q.name for q in questions if q.name in concerned]):
        meant = set(part)
        own = [run for run in absent if not meant.isdisjoint(names[run.id])]
        labels = tuple(dict.fromkeys(run.label for run in own))
        does = "is" if len(own) == 1 else "are"
        of = w.some(labels) if len(labels) > w.MANY else named(labels)  # what is missing is no range from one to another
        message = f"{w.count(len(own))} of {w.plural(len(study.runs), 'planned run')} {does} not there yet: {of}."
        yield Check("SB202", group, labels, message, groups=part)


@of_logs
def disagreeing(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB203: logs of one configuration and seed with unlike scores."""
    study = context.study
    known = [name for name in (METRICS + study.metric, study.metric) if name in sweep.runs.columns]
    if not known:
        return
    scores: dict[tuple[str, int], list[tuple[float, str, float]]] = {}
    columns = [list[Any](sweep.runs[name]) for name in ("id", "seed", "status", "log", "label", "started", known[0])]
    label_of: dict[str, str] = {}
    for ident, seed, status, log, label, started, score in zip(*columns, strict=True):
        if status == "finished" and seed is not None and score == score:
            label_of.setdefault(ident, study.labels.get(ident, (label,))[0])
            scores.setdefault((ident, seed), []).append((started, log, score))
    names = groups_of(context.questions)
    for (ident, seed), logs in scores.items():
        counts = min(logs)[2]
        other = [score for _, _, score in logs if not math.isclose(score, counts, rel_tol=1e-6, abs_tol=1e-9)]
        if other:
            groups = names.get(ident, ())
            form = w.form(study.metric, [counts, *other])
            values = f"{w.score(form, counts)}, which counts, and {w.listing([w.score(form, s) for s in other])}"
            message = f"{len(logs)} logs of {label_of[ident]} with seed {seed} disagree: {values}."
            yield Check("SB203", groups[0] if len(groups) == 1 else "", (label_of[ident],), message, groups=groups)


ASSUMED = {
    TWICE: ("has epochs that were logged twice", "have epochs that were logged twice"),
    LEFT: ("has series that cannot be put to its epochs", "have series that cannot be put to their epochs"),
}
THEN = {TWICE: "The later ones count", LEFT: "They are left out"}


@of_logs
def uneven_series(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB204: the runs that count and some of whose series do not have one entry an epoch."""
    used, names = sweep.used, groups_of(context.questions)
    used = used[used["series_note"].ne("") & used["id"].isin(names)]
    notes_of: dict[str, list[tuple[str, str, str]]] = {}
    for ident, label, notes in zip(used["id"], used["label"], used["series_note"], strict=True):
        for note in notes.split("; "):
            kind, _, what = note.partition(": ")
            notes_of.setdefault(kind, []).append((ident, label, what))
    for kind, rows in notes_of.items():
        labels = tuple(dict.fromkeys(label for _, label, _ in rows))
        groups = tuple(dict.fromkeys(name for ident, _, _ in rows for name in names[ident]))
        message = f"{w.plural(len(rows), 'run')} of {named(labels)} {ASSUMED[kind][len(rows) > 1]}"
        message += f" ({rows[0][2]}). {THEN[kind]}."
        yield Check("SB204", groups[0] if len(groups) == 1 else "", labels, message, groups=groups)


@of_logs
def reread_settings(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB206: values of settings that are read otherwise than they were written, all in one."""
    if sweep.reread:
        settings = [_read_as(changed) for changed in sweep.reread[:MOST_REREAD]]
        left = len(sweep.reread) - len(settings)
        more = f" {w.plural(left, 'setting')} more {'is' if left == 1 else 'are'} read otherwise." if left else ""
        yield Check("SB206", "", (), f"Not read as the logs have it: {'. '.join(settings)}.{more}")


def _read_as(changed: Reread) -> str:
    """What is written in the logs for a setting, and how it is read."""
    typed = [read for written, read in changed.values if written.startswith('"') and not isinstance(read, str)]
    if typed:
        what, how = ("true or false", "as such") if isinstance(typed[0], bool) else ("numbers", "as numbers")
        what = f"{what} as text"
    elif any(isinstance(read, str) for _, read in changed.values):
        what, how = "text or lists that look like another value", "as values of their own"
    else:
        what, how = "numbers that agree with others to 12 digits", "as the same"
    shown = [written for written, _ in changed.values]
    some = w.listing(shown) if len(shown) <= 3 else f"{', '.join(shown[:2])} and {len(shown) - 2} more"
    return f"{changed.setting} has {what} ({some}; {w.plural(changed.runs, 'run')}), read {how}"


@of_logs
def unplanned_seeds(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB205: runs that count and whose seeds the plan does not name, with how many each configuration has where these differ."""
    study, questions = context.study, context.questions
    names = groups_of(questions)
    used = sweep.used[sweep.used["id"].isin(names)]
    seeds: dict[str, list[int]] = {}
    for ident, seed in zip(used["id"], used["seed"], strict=True):
        if seed is not None and seed not in study.seeds:
            seeds.setdefault(ident, []).append(seed)
    concerned = [q.name for q in questions if any(point.member.id in seeds for point in q.points)]
    for group, part in together(study, "SB205", concerned if study.seeds else []):
        points = {point.member.id: point.label for q in questions if q.name in part for point in q.points}
        counts = {label: len(seeds.get(ident, ())) for ident, label in points.items()}
        every = sorted({seed for ident in points for seed in seeds.get(ident, ())})
        where, total = places(part, len(questions)), sum(counts.values())
        does = "run has a seed" if total == 1 else "runs have seeds"
        shown = ", ".join(map(str, every[:8])) + (f" and {len(every) - 8} more" if len(every) > 8 else "")
        message = (
            f"{where[0].upper()}{where[1:]}, {w.count(total)} {does} that the plan does not name ({shown}): {_by_count(counts)}"
        )
        labels = tuple(label for label, count in counts.items() if count)
        yield Check("SB205", group, labels, message, groups=part)


def _by_count(counts: Mapping[str, int]) -> str:
    """How many such runs the configurations have, the most first."""
    of: dict[int, list[str]] = {}
    for label, count in counts.items():
        of.setdefault(count, []).append(label)
    if len(of) == 1:
        return f"{next(iter(of))} in every configuration."
    parts = [f"{count or 'none'} in {named(of[count])}" for count in sorted(of, reverse=True)]
    return f"{', '.join(parts)}. Seeds added to one side once its results are known would favour it."
