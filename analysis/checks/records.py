"""Logs in, what their records lack or contradict out: settings that were not recorded (SB103), runs that came to nothing (SB201),
that are not there (SB202), that disagree (SB203)."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from analysis import wording as w
from analysis.checks.check import Check, named, together
from analysis.checks.outcomes import OURS
from analysis.checks.points import Question
from analysis.sweep import ENVIRONMENT, METRICS, Sweep
from runner.study import Study

NUMBERING = re.compile("(run|trial|seed|s|rep|replicate|repeat|fold|job|exp|experiment|attempt|try|copy)", re.IGNORECASE)
NUMBERED = re.compile(rf"{NUMBERING.pattern}[-#]?\d+", re.IGNORECASE)
ENDED = {"failed": "failed", "diverged": "diverged", "interrupted": "was interrupted"}


def conflicting(sweep: Sweep) -> dict[str, tuple[str, ...]]:
    """The finished logs, by configuration, that record the same settings under labels which tell them apart: depth_1 and depth_2.

    Labels that differ in a number of the run or in their seed are of replicates, and labels that begin with other words name the
    same configuration for another group. Our own trainer records every setting.
    """
    found: dict[str, tuple[str, ...]] = {}
    for ident, rows in _shared(sweep).items():
        kin: dict[tuple[int, str], dict[str, list[tuple[Sequence[str], object]]]] = {}
        for _, label, seed in rows:
            words = re.split("[_=]", label)
            kin.setdefault((len(words), words[0]), {}).setdefault(label, []).append((words, seed))
        apart = {
            label for labels in kin.values() if _told_apart([part for own in labels.values() for part in own]) for label in labels
        }
        if apart:
            found[ident] = tuple(log for log, label, _ in rows if label in apart)
    return found


def _shared(sweep: Sweep) -> dict[str, list[tuple[str, str, object]]]:
    """Log, label and seed of the finished runs of each configuration that has several labels, without those of our own trainer."""
    runs = sweep.runs[sweep.runs["status"].eq("finished")]
    runs = runs[runs["id"].map(runs.groupby("id")["label"].nunique()).gt(1)] if len(runs) else runs
    names = [ENVIRONMENT + key for key in OURS if ENVIRONMENT + key in runs.columns]
    if len(names) == len(OURS):
        runs = runs[~runs[names].notna().all(axis=1)]
    found: dict[str, list[tuple[str, str, object]]] = {}
    for ident, *row in zip(runs["id"], runs["log"], runs["label"], runs["seed"], strict=True):
        found.setdefault(ident, []).append((row[0], row[1], row[2]))
    return found


def _told_apart(labels: Sequence[tuple[Sequence[str], object]]) -> bool:
    """Whether labels with the same first word, each split into as many words and with its seed, tell different levels."""
    first = labels[0][0]
    if first[0].isdigit():
        return False
    return any(len({words[i] for words, seed in labels if not _numbering(words, i, seed)}) > 1 for i in range(1, len(first)))


def _numbering(words: Sequence[str], place: int, seed: object) -> bool:
    """Whether a word of a label counts runs: it is the seed, or the number of a run."""
    word = words[place]
    return word == str(seed) or bool(NUMBERED.fullmatch(word)) or (word.isdigit() and bool(NUMBERING.fullmatch(words[place - 1])))


def unrecorded_settings(sweep: Sweep, questions: Sequence[Question]) -> Iterator[Check]:
    """SB103."""
    apart = conflicting(sweep)
    names = _groups_of(questions)
    label_of = dict(zip(sweep.runs["log"], sweep.runs["label"], strict=True))
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for ident, logs in apart.items():
        labels = tuple(dict.fromkeys(label_of[log] for log in logs))
        meant = [name for name in names.get(ident, ()) if any(label.startswith(f"{name}_") for label in labels)]
        found.setdefault(next(iter([*meant, *names.get(ident, ())]), ""), {})[ident] = labels
    for group, sets in found.items():
        told = [named(labels) for labels in sets.values()]
        more = f"; and {len(told) - 3} more such sets" if len(told) > 3 else ""
        message = f"{'; '.join(told[:3])}{more}: the logs record the same settings. What tells them apart is not in them, so these "
        message += "runs are not replicates of one another."
        labels = tuple(dict.fromkeys(label for own in sets.values() for label in own))
        touched = tuple(dict.fromkeys(name for ident in sets for name in names.get(ident, ())))
        yield Check("SB103", group, labels, message, groups=touched)


def _groups_of(questions: Iterable[Question]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for question in questions:
        for point in question.points:
            found.setdefault(point.member.id, {})[question.name] = None
    return {ident: tuple(names) for ident, names in found.items()}


def lost_runs(study: Study, sweep: Sweep, questions: Sequence[Question]) -> Iterator[Check]:
    """SB201: the runs that ended without a score and have not been run again, and the logs that cannot be read."""
    columns = list(zip(*(sweep.runs[name] for name in ("id", "seed", "status", "label")), strict=True))
    done = {(ident, seed) for ident, seed, status, _ in columns if status == "finished" and seed is not None}
    names, others = _groups_of(questions), any(group.where is not None for group in study.groups)
    lost: dict[tuple[str, ...], Counter[tuple[str, str]]] = {}
    for key in dict.fromkeys(row for row in columns if row[2] in ENDED):
        ident, seed, status, label = key
        if (ident, seed) not in done and (ident in names or others):
            known = study.labels.get(ident, (label,))
            lost.setdefault(names.get(ident, ()), Counter())[status, known[0]] += 1
    for groups, counts in lost.items():
        told = [f"{label} {ENDED[status]}" + (f" in {n} runs" if n > 1 else "") for (status, label), n in counts.items()]
        labels = tuple(dict.fromkeys(label for _, label in counts))
        message = f"{w.listing(told[:8])}{f' and {len(told) - 8} more' if len(told) > 8 else ''}: the results are of the others."
        yield Check("SB201", groups[0] if len(groups) == 1 else "", labels, message, groups=groups)
    unread = [log for log in sweep.problems["log"] if log not in set(sweep.runs["log"])] if len(sweep.problems) else []
    if unread:
        what = w.plural(len(unread), "entry", "entries")
        message = f"{what} among the logs cannot be read as a run: {named(unread)}."
        yield Check("SB201", "", (), message)


def missing_runs(study: Study, sweep: Sweep, questions: Sequence[Question]) -> Iterator[Check]:
    """SB202."""
    there = {
        (i, seed)
        for i, seed, status in zip(*(sweep.runs[name] for name in ("id", "seed", "status")), strict=True)
        if status != "running"
    }
    absent = [run for run in study.runs if run.key not in there]
    names = _groups_of(questions)
    concerned = dict.fromkeys(name for run in absent for name in names.get(run.id, ()))
    for group, part in together(study, "SB202", [q.name for q in questions if q.name in concerned]):
        meant = set(part)
        own = [run for run in absent if not meant.isdisjoint(names[run.id])]
        labels = tuple(dict.fromkeys(run.label for run in own))
        does = "is" if len(own) == 1 else "are"
        message = f"{w.count(len(own))} of {w.plural(len(study.runs), 'planned run')} {does} not there yet: {named(labels)}."
        yield Check("SB202", group, labels, message, groups=part)


def disagreeing(study: Study, sweep: Sweep, questions: Sequence[Question]) -> Iterator[Check]:
    """SB203: logs of one configuration and seed with unlike scores, but for those that are not of one configuration at all."""
    known = [name for name in (METRICS + study.metric, study.metric) if name in sweep.runs.columns]
    if not known:
        return
    apart = {log for logs in conflicting(sweep).values() for log in logs}
    found: dict[tuple[str, int], list[tuple[float, str, float]]] = {}
    columns = [list[Any](sweep.runs[name]) for name in ("id", "seed", "status", "log", "label", "started", known[0])]
    label_of: dict[str, str] = {}
    for ident, seed, status, log, label, started, score in zip(*columns, strict=True):
        if status == "finished" and seed is not None and log not in apart and score == score:
            label_of.setdefault(ident, study.labels.get(ident, (label,))[0])
            found.setdefault((ident, seed), []).append((started, log, score))
    names = _groups_of(questions)
    for (ident, seed), logs in found.items():
        counts = min(logs)[2]
        other = [score for _, _, score in logs if not math.isclose(score, counts, rel_tol=1e-6, abs_tol=1e-9)]
        if other:
            groups = names.get(ident, ())
            told = f"{w.score(study.metric, counts)}, which counts, and {w.listing([w.score(study.metric, s) for s in other])}"
            message = f"{len(logs)} logs of {label_of[ident]} with seed {seed} disagree: {told}."
            yield Check("SB203", groups[0] if len(groups) == 1 else "", (label_of[ident],), message, groups=groups)
