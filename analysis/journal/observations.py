"""Diagnoses, learning curves and scores in, what stood out in training out, a few words a kind. Nothing here compares two
configurations by their score."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.chance import COUNTS, NEAR, classes
from sweepbook.analysis.findings.curvewords import counted, noise_words
from sweepbook.analysis.findings.diagnoses import (
    CANNOT_TELL,
    DIVERGED,
    IMPROVING,
    OSCILLATING,
    OVERFITTING,
    PLATEAUED,
    RISING,
    UNLEARNT,
    Diagnosis,
)
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.findings.thirds import FAR
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.names import few, names, single_factor
from sweepbook.analysis.journal.otherwise import Earlier, earlier
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.metric import TRAIN, VALID, scored_share

NAMED = 5  # configurations of a kind that are named
MOST = 0.5  # of the runs of a group: from here on it is said that they were still improving

ALL_RUNS = "Every curve is judged by this noise of all runs together, so new runs can change what is said of old ones."


@dataclass(frozen=True)
class Lost:
    """A run that fell apart: in its `epoch`, from 1, where the log tells."""

    log: str
    epoch: int | None


def lost_runs(sweep: Sweep) -> dict[str, tuple[Lost, ...]]:
    """The runs that ended with a value that is no finite number, by the id of their configuration."""
    rows = sweep.runs[sweep.runs["status"].eq("diverged")]
    lost: dict[str, tuple[Lost, ...]] = {}
    for key, log in zip(rows["id"], rows["log"], strict=True):
        lost[str(key)] = (*lost.get(str(key), ()), Lost(str(log), _broken(sweep, log)))
    return lost


def _broken(sweep: Sweep, log: str) -> int | None:
    """The first epoch that has a value which is no finite number; the one after the last where all are."""
    epochs = sweep.epochs[sweep.epochs["log"].eq(log)]
    losses = [name for name in (TRAIN, VALID) if name in epochs]
    for place, row in enumerate(epochs[losses].to_numpy(float), 1):
        if any(math.isinf(value) for value in row) or all(math.isnan(value) for value in row):
            return place
    return len(epochs) + 1 if len(epochs) else None


def stood_out(
    found: GroupFindings, findings: Findings, curves: Mapping[str, Curves], lost: Mapping[str, Sequence[Lost]]
) -> tuple[tuple[str, str], ...]:
    """What was notable in training, by kind: its name, and where it was seen."""
    kinds = (
        ("Did not learn", _of_state(found, findings, UNLEARNT)),
        ("Near guessing", _near_guessing(found, findings)),
        ("Fell apart", _fell_apart(found, findings, lost)),
        ("Overfitting", _of_state(found, findings, OVERFITTING)),
        ("Unstable", _of_state(found, findings, OSCILLATING)),
        ("Got worse at the end", _of_state(found, findings, RISING)),
        ("Better before the end", _earlier(found, findings, curves)),
        ("Seeds disagree", _disagreeing(found, findings)),
        ("Stopped while still improving", _improving(found, findings)),
        ("Flat at the end", _flat(found, findings)),
    )
    return tuple((name, text) for name, text in kinds if text)


def nothing_stood_out(found: GroupFindings, findings: Findings) -> str:
    """What is said where nothing did."""
    known = [one for s in found.ranking for one in findings.diagnoses.of(s.logs)]
    if not found.ranking:
        return "No run of this group has finished."
    if not known:
        return "The logs hold no learning curves."
    if all(one.state == CANNOT_TELL for one in known):
        return "The curves are too short."
    return "Nothing: no run failed to learn, fell apart or overfitted."


def _listed(found: GroupFindings, items: Sequence[str]) -> str:
    """Configurations with their details in a row; of many the first, and how many more there are."""
    return f"{_lead(found)}{few(items, NAMED)}." if items else ""


def _lead(found: GroupFindings) -> str:
    """What the short names are levels of, before the first of them."""
    factor = single_factor(found)
    return "" if factor is None else f"{w.setting_name(factor)} "


def _of_state(found: GroupFindings, findings: Findings, state: str) -> str:
    """The configurations with runs of that state: how many of theirs, and from which epoch."""
    short, items = names(found), []
    for s in _in_order(found):
        own = [one for one in findings.diagnoses.of(s.logs) if one.state == state]
        if own:
            turns = sorted(one.epoch for one in own if one.epoch)
            since = f" from epoch {_ends(turns, str)}" if turns else ""
            items.append(f"{short[s.id]}{since}{_share(len(own), s.n)}")
    return _listed(found, items)


def _in_order(found: GroupFindings) -> list[Summary]:
    """The configurations that finished, in the plan's order."""
    return list(found.summaries)


def _share(some: int, every: int) -> str:
    return "" if every == 1 else f" ({w.count(some)} of {w.plural(every, 'run')})"


def _ends(values: Sequence[int], written: Callable[[int], str]) -> str:
    return " to ".join(dict.fromkeys(written(end) for end in (values[0], values[-1])))


def _fell_apart(found: GroupFindings, findings: Findings, lost: Mapping[str, Sequence[Lost]]) -> str:
    """The configurations with runs whose loss was no finite number in the end, or worse than guessing."""
    items = []
    known = {s.id: s for s in found.summaries}
    short = names(found)
    for key in found.labels:
        summary = known.get(key)
        worse = [one for one in findings.diagnoses.of(summary.logs) if one.state == DIVERGED] if summary else []
        gone = lost.get(key, ())
        if gone:
            epochs = sorted(one.epoch for one in gone if one.epoch)
            when = f" in epoch {_ends(epochs, str)}" if epochs else ""
            items.append(f"{short[key]}{when}{_share(len(gone), len(gone) + (summary.n if summary else 0))}")
        if summary and worse:
            items.append(f"{short[key]}, worse than guessing{_share(len(worse), summary.n)}")
    return _listed(found, items)


def _near_guessing(found: GroupFindings, findings: Findings) -> str:
    """The configurations whose mean share is near that of guessing among the classes."""
    metric, items = findings.study.metric, []
    if not scored_share(metric) or findings.study.sign < 0:
        return ""
    short = names(found)
    for s in _in_order(found):
        counts = [count for key in COUNTS if isinstance(count := s.config.get(key), int)]
        known = classes(str(s.config.get("dataset")), counts[0] if counts else None)
        mean = s.means[metric].value
        if known and mean <= 1 / known + NEAR * (1 - 1 / known):
            form = findings.form(metric)
            items.append(f"{short[s.id]} ({w.score(form, mean)}, guessing {w.score(form, 1 / known)})")
    return _listed(found, items)


def _disagreeing(found: GroupFindings, findings: Findings) -> str:
    """The configurations whose runs end far further apart than those of most, or too far apart to have a place in the ranking."""
    noise, metric = findings.noise, findings.study.metric
    if noise is None:
        return ""
    form, items, short = findings.form(metric), [], names(found)
    usual = findings.usual_reach
    for s in _in_order(found):
        far = _apart(s, metric) > FAR * usual > 0
        if s.n > 1 and (far or s.id in noise.outlying or s.id in findings.unranked or s.id in found.unranked):
            low, high = (w.score(form, end(s.runs[metric])) for end in (min, max))
            items.append(f"{short[s.id]} ({low.removesuffix('%')} to {high})")
    return _listed(found, items)


def _apart(summary: Summary, metric: str) -> float:
    """How far the best run of a configuration ends from its worst."""
    return max(summary.runs[metric]) - min(summary.runs[metric])


def _improving(found: GroupFindings, findings: Findings) -> str:
    """How many runs were still improving when they ended, and the configurations all of whose runs were; "" where those are few."""
    known = {s.id: findings.diagnoses.of(s.logs) for s in _in_order(found)}
    some, every = sum(one.state == IMPROVING for own in known.values() for one in own), sum(s.n for s in found.summaries)
    whole = _wholly(known, IMPROVING)
    if not some or (not whole and some < MOST * every):
        return ""
    text = f"{w.count(some)} of {w.plural(every, 'run')}"
    if 0 < len(whole) <= NAMED and len(whole) < len(known):
        text += f", among them all of {_lead(found)}{w.listing([names(found)[key] for key in whole])}"
    return f"{text}."


def _wholly(known: Mapping[str, Sequence[Diagnosis]], state: str) -> list[str]:
    """The configurations all of whose runs ended in that state."""
    return [key for key, own in known.items() if own and all(one.state == state for one in own)]


def _flat(found: GroupFindings, findings: Findings) -> str:
    """The configurations all of whose runs were flat in the end: longer training is no use to them."""
    flat = _wholly({s.id: findings.diagnoses.of(s.logs) for s in _in_order(found)}, PLATEAUED)
    return _listed(found, [names(found)[key] for key in flat])


def _earlier(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> str:
    """The configurations that were clearly better after an earlier epoch than in the end, which counts."""
    form, short = findings.form(findings.study.metric), names(found)
    known = {s.id: earlier(s, curves.get(s.id), findings) for s in _in_order(found)}
    return _listed(found, [f"{short[key]} {_when(one, form)}" for key, one in known.items() if one])


def _when(one: Earlier, form: w.Form) -> str:
    around = f"around epoch {one.epoch}" if one.stretch > 1 else f"after epoch {one.epoch}"
    return f"{around} ({w.score(form, one.value)}, in the end {w.score(form, one.last)})"


def curves_counted(found: GroupFindings, findings: Findings) -> str:
    """How the curves of a group's runs ended, all of them."""
    known = [one for s in found.ranking for one in findings.diagnoses.of(s.logs)]
    return counted(known) if known else ""


def epoch_noise(findings: Findings) -> tuple[str, ...]:
    """How far a validation loss moves at random from one epoch to the next, by which the curves are judged."""
    form = findings.form(VALID)
    lines = [noise_words(noise, form) for noise in findings.diagnoses.noises]
    return (*lines, ALL_RUNS) if lines else ()


def times(found: GroupFindings) -> str:
    """How long a run took, from the quickest configuration to the slowest."""
    known = sorted((s.seconds, found.labels[s.id]) for s in found.ranking if s.seconds is not None)
    if len(known) < 2:
        return ""
    (fast, quick), (slow, late) = known[0], known[-1]
    if w.duration(fast) == w.duration(slow):
        return f"{w.duration(fast)} in each configuration"
    return f"{w.duration(fast)} ({quick}) to {w.duration(slow)} ({late})"


def observation(summary: Summary, curves: Curves | None, findings: Findings) -> str:
    """What the curves and the clock of one configuration show."""
    length = f" of {w.duration(summary.seconds)}" if summary.seconds is not None else ""
    seen = [f"{w.plural(summary.n, 'run')}{length}."]
    known = findings.diagnoses.of(summary.logs)
    if known:
        seen += [counted(known), *_last_epoch(curves, findings.form(VALID))]
    metric = findings.study.metric
    values, form = summary.runs[metric], findings.form(metric)
    if len(values) > 1:
        low, high = (w.score(form, end(values)) for end in (min, max))
        seen.append(f"The seeds all end at {low}." if low == high else f"The seeds end between {low} and {high}.")
    return " ".join(seen)


def _last_epoch(curves: Curves | None, form: w.Form) -> list[str]:
    """What the last epoch did to the validation loss, over the runs."""
    if curves is None or not len(curves.last_changes()):
        return []
    changes = curves.last_changes()
    low, high = (w.difference(form, end(changes)) for end in (min, max))
    before, last = curves.at[VALID][-2:]
    who = "The last epoch" if last == before + 1 else f"The epochs from {before} to {last}"
    return [f"{who} changed the validation loss by {low if low == high else f'{low} to {high}'}."]
