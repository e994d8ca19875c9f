"""A `Sweep` in, a diagnosis of every run's validation losses out, each held against the noise from epoch to epoch.
docs/diagnoses.md has the rules. A lower loss is better; of other series only the validation accuracy is looked at."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.chance import COUNTS as CLASS_COUNTS
from sweepbook.analysis.findings.chance import Went, classes, unlearnt
from sweepbook.analysis.findings.epochnoise import SHORTEST, EpochNoise, by_length, epoch_noise, margin, oscillating, window
from sweepbook.analysis.groups.curves import HIGHEST
from sweepbook.analysis.logs.sweep import CONFIG, Sweep
from sweepbook.analysis.stats.course import LONG, Array, Course, Places, course, scored_at
from sweepbook.runner.metric import VALID

PLATEAU = 8  # epochs that a run needs to be called plateaued
OURS = ("fashion_mnist", "cifar10", "digits")  # datasets whose losses are those of our own trainer, in nats
SCORE = "valid_accuracy"
TWO_EPOCHS = 1.96 * math.sqrt(2)  # standard deviations: from here on two epochs of one run are told apart
IMPROVING, PLATEAUED, OVERFITTING, RISING = "improving", "plateaued", "overfitting", "rising"
OSCILLATING, DIVERGED, UNDECIDED, CANNOT_TELL = "oscillating", "diverged", "undecided", "cannot tell"
UNLEARNT = "did not learn"


@dataclass(frozen=True)
class Diagnosis:
    """What the validation losses of one log show: `state` is a key of `WORDS`, `epochs` the number of the losses, of which
    `stretch` at a time are read as their mean.
    `epoch`, from 1, is the one from which on the run overfits. `slope` is the change of the loss an epoch over the last epochs,
    `low` and `high` are its 90% interval; None where the run is not judged or the noise is unknown. `why` has a few words more.
    """

    log: str
    state: str
    epochs: int
    epoch: int | None = None
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""
    stretch: int = 1

    @property
    def text(self) -> str:
        """The words for a cell of a table: "overfitting from epoch 7", "improving", "cannot tell: 3 epochs"."""
        return self.state + (f" from epoch {self.epoch}" if self.epoch else "") + (f": {self.why}" if self.why else "")


@dataclass(frozen=True)
class Diagnoses:
    """The diagnosis of each log that has curves, by its name, and the noise behind them for each length of a stretch, that of the
    most runs first; none where it is not known."""

    noises: tuple[EpochNoise, ...]
    runs: Mapping[str, Diagnosis]

    @property
    def noise(self) -> EpochNoise | None:
        """The noise of the most runs."""
        return self.noises[0] if self.noises else None

    def of(self, logs: Sequence[str]) -> list[Diagnosis]:
        """The diagnoses of those of `logs` that have curves."""
        return [self.runs[log] for log in logs if log in self.runs]


def _turns(table: Array, margin: Array) -> Places:
    """The epoch, from 1, of each curve's minimum where the mean of the last two losses is above the mean around the minimum
    by more than noise; else 0. Around it are the epochs before and after, where there are such before the last two."""
    k, places, y = table.argmin(axis=1), np.arange(table.shape[1]), table - table.min(axis=1, keepdims=True)
    around = (np.abs(places - k[:, None]) <= 1) & (places < table.shape[1] - 2)
    n = np.maximum(around.sum(axis=1), 1)
    rise = y[:, -2:].mean(axis=1) - (y * around).sum(axis=1) / n
    return np.where((k < table.shape[1] - 2) & (rise > margin * np.sqrt(0.5 + 1 / n)), k + 1, 0)


def _judged(courses: Mapping[str, Course], noise: EpochNoise, swings: npt.NDArray[np.bool_]) -> Iterator[Diagnosis]:
    """The diagnosis of each log's course, all of 4 values or more and finite, as far as the noise alone tells."""
    logs, read = list(courses), list(courses.values())
    for at, table in by_length([one.values for one in read]):
        number, span = table.shape[1], window(table.shape[1])
        x, last = np.arange(span) - (span - 1) / 2, table[:, -span:]
        slope = ((last - last[:, -1:]) * x).sum(axis=1) / (x**2).sum()
        half = margin(noise, 0.95, table) / np.sqrt((x**2).sum())
        low, high = slope - half, slope + half
        turns = _turns(table, margin(noise, 1 - 0.05 / number, table))
        flat = (number >= PLATEAU) & (np.maximum(-low, high) * (span - 1) <= TWO_EPOCHS * noise.sd)
        rules = {OVERFITTING: turns > 0, OSCILLATING: swings[at], IMPROVING: high < 0, RISING: low > 0, PLATEAUED: flat}
        states = np.select(list(rules.values()), list(rules), UNDECIDED)
        for place, state, turn, *line in zip(at, *(a.tolist() for a in (states, turns, slope, low, high)), strict=True):
            one = read[place]
            epoch = int(one.epochs[turn - 1]) if turn else None
            mean, least, most = (value / one.step for value in line)
            yield Diagnosis(logs[place], state, one.scored, epoch, mean, least, most, stretch=one.stretch)


def diagnoses(sweep: Sweep) -> Diagnoses:
    """The diagnosis of every log of `sweep` that has curves, and the epoch noise, which is pooled over the runs that count and are
    read in stretches of one length."""
    curves = _curves(sweep, VALID)
    names = ["log", "status", "used", *(CONFIG + key for key in ("dataset", *CLASS_COUNTS))]
    facts = sweep.runs.reindex(columns=names).set_index("log").loc[list(curves)]
    status, used, dataset, *counts = (dict(zip(curves, facts[name], strict=True)) for name in facts)
    found = {log: _unjudged(log, curve, status[log]) for log, curve in curves.items()}
    read = {log: one for log, curve in curves.items() if (one := _read(curve))}
    noises: dict[int, EpochNoise] = {}
    for stretch in sorted({one.stretch for one in read.values()}):
        own = {log: one for log, one in read.items() if one.stretch == stretch and found[log].state == UNDECIDED}
        pooled = np.array([bool(used[log]) for log in own], bool)
        swings = oscillating([one.values for one in own.values()], pooled)
        pool = [one.values for one, counts in zip(own.values(), pooled & ~swings, strict=True) if counts]
        noise = epoch_noise(pool, left_out=int(pooled.sum()) - len(pool))
        if noise is not None:
            noises[stretch] = replace(noise, stretch=stretch)
            found |= {diagnosis.log: diagnosis for diagnosis in _judged(own, noise, swings)}
    if noises:
        scale = {log: noises[one.stretch] for log, one in read.items() if one.stretch in noises}
        told = {log: classes(dataset[log], next((n[log] for n in counts if n[log] is not None), None)) for log in scale}
        found |= {log: _guessing(found[log], read[log], dataset[log], scale[log]) for log in scale}
        found |= _unlearnt(sweep, {log: read[log] for log in scale if found[log].state != DIVERGED}, found, scale, told, dataset)
    found |= _went_back(sweep, found)
    ordered = sorted(noises.values(), key=lambda noise: (-noise.runs, noise.stretch))
    return Diagnoses(tuple(ordered), found)


def _went_back(sweep: Sweep, found: Mapping[str, Diagnosis]) -> dict[str, Diagnosis]:
    """The diagnoses of the runs that early stopping took back to an epoch before their losses rose: what the curve did then did
    nothing to what was scored."""
    facts = sweep.runs.reindex(columns=["log", "best_epoch"])
    back = facts["log"][facts["best_epoch"].notna()]
    risen = [log for log in back if log in found and found[log].state in (OVERFITTING, RISING)]
    why = "went back to its best epoch"
    return {log: replace(found[log], state=UNDECIDED, epoch=None, why=why) for log in risen}


def _unlearnt(
    sweep: Sweep,
    read: Mapping[str, Course],
    found: Mapping[str, Diagnosis],
    noises: Mapping[str, EpochNoise],
    told: Mapping[str, int | None],
    dataset: Mapping[str, object],
) -> dict[str, Diagnosis]:
    """The diagnoses of the runs that learnt nothing."""
    scores = {log: _scores(curve) for log, curve in _curves(sweep, SCORE).items()} if SCORE in sweep.epochs else {}
    up, went = (RISING, OVERFITTING), {}
    for log, one in read.items():
        end, sd = window(len(one.values)), noises[log].sd
        went[log] = Went(one.values, scores.get(log, np.empty(0)), end, sd, told[log], str(dataset[log]), found[log].state in up)
    return {log: Diagnosis(log, UNLEARNT, found[log].epochs, stretch=found[log].stretch) for log in unlearnt(went)}


@dataclass(frozen=True, eq=False)
class _Curve:
    """The `values` of a series by epoch, NaN where there is none; the places `at` which it was scored, None where gaps are out of
    turn; whether it is `whole`, a number to reckon with at every epoch."""

    values: Array
    at: Places | None
    whole: bool


def _curves(sweep: Sweep, name: str) -> dict[str, _Curve]:
    """The series `name` of each log that has epochs."""
    logs = sweep.epochs["log"].to_numpy()
    if not len(logs):
        return {}
    values = sweep.epochs[name].to_numpy(float) if name in sweep.epochs else np.full(len(logs), np.nan)
    starts = np.flatnonzero(np.r_[True, logs[1:] != logs[:-1]])
    parts = zip(logs[starts], np.split(values, starts[1:]), np.logical_and.reduceat(_usable(values), starts), strict=True)
    return {log: _Curve(own, _every(len(own)) if whole else scored_at(own), bool(whole)) for log, own, whole in parts}


@lru_cache
def _every(epochs: int) -> Places:
    """The places of so many epochs."""
    return np.arange(epochs)


def _usable(values: Array) -> npt.NDArray[np.bool_]:
    """Which values can be reckoned with: NaN cannot."""
    return np.asarray(np.abs(values) < HIGHEST)


def _scores(curve: _Curve) -> Array:
    """The scores as they are read; none where the curve has none or gaps."""
    if curve.whole and len(curve.values) < LONG:
        return curve.values  # as it is, without a course of its own
    read = _read(curve)
    return read.values if read else np.empty(0)


def _read(curve: _Curve) -> Course | None:
    """The curve as it is read; None where it cannot be."""
    at = curve.at
    able = at is not None and len(at) and (curve.whole or _usable(curve.values[at]).all())
    return course(curve.values, at) if at is not None and able else None


def _unjudged(log: str, curve: _Curve, status: str) -> Diagnosis:
    """What can be said of a curve without its noise; undecided where it can be judged."""
    lost = status == "diverged" or not (curve.whole or _is_kept(curve))
    epochs = len(curve.values) if curve.at is None else len(curve.at)
    gaps = ""
    if curve.at is None:
        gaps = "an epoch without validation loss" if _usable(curve.values).any() else "no validation loss"
    why = gaps or (w.plural(epochs, "epoch") if epochs < SHORTEST else "")
    return Diagnosis(log, DIVERGED if lost else CANNOT_TELL if why else UNDECIDED, epochs, why="" if lost else why)


def _is_kept(curve: _Curve) -> bool:
    """Whether a curve that is not whole has gaps alone: it never goes beyond all numbers, nor ends in a gap out of turn."""
    usable = _usable(curve.values)
    return not ((np.abs(curve.values) >= HIGHEST).any() or (usable.any() and not usable[-1] and curve.at is None))


def _guessing(found: Diagnosis, read: Course, dataset: object, noise: EpochNoise) -> Diagnosis:
    """The diagnosis; "diverged" where the last loss is above ln K, that of guessing among K classes, by 3 standard deviations."""
    number = classes(dataset, None) if dataset in OURS else None
    worse = found.state != DIVERGED and number and read.values[-1] > math.log(number) + 3 * noise.sd
    return (
        replace(Diagnosis(found.log, DIVERGED, found.epochs, why="worse than guessing"), stretch=found.stretch) if worse else found
    )
