"""A `Sweep` in, a diagnosis of every run's validation losses out, each held against the noise from epoch to epoch.
docs/diagnoses.md has the rules. A lower loss is better; of other series only the validation accuracy is looked at."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, fdtri, stdtrit
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.chance import COUNTS as CLASS_COUNTS
from sweepbook.analysis.findings.chance import Went, classes, unlearnt
from sweepbook.analysis.groups.curves import HIGHEST
from sweepbook.analysis.logs.sweep import CONFIG, Sweep
from sweepbook.analysis.stats.course import Array, Course, course, scored_at
from sweepbook.runner.metric import VALID

SHORTEST, PLATEAU = 4, 8  # the epochs that a run needs to be judged at all, and to be called plateaued
OURS = ("fashion_mnist", "cifar10", "digits")  # datasets whose losses are those of our own trainer, in nats
SCORE = "valid_accuracy"
TWO_EPOCHS = 1.96 * math.sqrt(2)  # standard deviations: from here on two epochs of one run are told apart
ROUNDING = 1e-12  # second differences below this share of a curve's largest loss are what floats round off
IMPROVING, PLATEAUED, OVERFITTING, RISING = "improving", "plateaued", "overfitting", "rising"
OSCILLATING, DIVERGED, UNDECIDED, CANNOT_TELL = "oscillating", "diverged", "undecided", "cannot tell"
UNLEARNT = "did not learn"
WORDS = {  # what a reader is told of a curve, what matters most first; of the others nothing can be said
    UNLEARNT: "did not learn",
    DIVERGED: "fell apart",
    OVERFITTING: "overfitting",
    OSCILLATING: "unstable",
    RISING: "got worse at the end",
    IMPROVING: "still improving",
    PLATEAUED: "flat",
}


@dataclass(frozen=True)
class EpochNoise:
    """How much a run's validation loss scatters around its course from epoch to epoch, of long runs from one `stretch` of so many
    epochs to the next: a standard deviation in the loss's own unit, and its degrees of freedom. It is that of `runs` runs;
    `left_out` more oscillate."""

    sd: float
    df: float
    runs: int
    left_out: int = 0
    stretch: int = 1


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


def window(epochs: int) -> int:
    """How many last epochs of a curve are looked at for its slope and its noise: a third of them, and 4 at least."""
    return max(SHORTEST, -(-epochs // 3))


def epoch_noise(curves: Sequence[Array], left_out: int = 0) -> EpochNoise | None:
    """The noise of `curves`, each [epochs], from the second differences of their last epochs: s² = Σ(Δ²y)² / 6m for m of them
    (Gasser, Sroka and Jennen-Steinmetz 1986). They overlap, with covariances of 6σ², -4σ² and σ², which leaves s² with
    (6m)² / (70m - 36r) degrees of freedom over r curves (Satterthwaite 1946). None where no curve has 4 epochs.

    >>> found = epoch_noise([np.array([9.0, 4.0, 3.0, 2.0, 2.0]), np.array([3.0, 2.0, 1.0, 1.0])])
    >>> round(found.sd, 4), round(found.df, 3), found.runs
    (0.2887, 2.769, 2)
    """
    long = [curve for curve in curves if len(curve) >= SHORTEST]
    if not long:
        return None
    m = sum(window(len(curve)) - 2 for curve in long)
    total = math.fsum(value for _, table in _by_length(long) for value in _squares(table))
    return EpochNoise(math.sqrt(total / 6 / m), float(_freedom(m, len(long))), len(long), left_out)


def _by_length(curves: Sequence[Array]) -> Iterator[tuple[npt.NDArray[np.intp], Array]]:
    """The curves of each length: their places, and they themselves, [curves, epochs]."""
    lengths = np.array([len(curve) for curve in curves])
    for places in (np.flatnonzero(lengths == length) for length in np.unique(lengths)):
        yield places, np.stack([curves[place] for place in places.tolist()])


def _squares(table: Array) -> Array:
    """The sum of the squared second differences over the last epochs of each curve, [curves] of [curves, epochs]."""
    steps = np.diff(table[:, -window(table.shape[1]) :], n=2, axis=1)
    least = ROUNDING * np.abs(table).max(axis=1, keepdims=True)
    return np.asarray((np.where(np.abs(steps) <= least, 0, steps) ** 2).sum(axis=1))


def _freedom(terms: Array | int, runs: Array | int = 1) -> Array:
    """The degrees of freedom of that many second differences in so many runs (Satterthwaite)."""
    return np.asarray(36 * terms**2 / (70 * terms - 36 * runs))


@lru_cache(maxsize=256)
def _tail_freedom(terms: int) -> float:
    """The degrees of freedom for the far tail of one run's variance, where Satterthwaite's are too many: the trace of the
    second differences' covariance over its largest eigenvalue."""
    rows = np.diff(np.eye(terms + 2), n=2, axis=0) if terms <= 64 else None
    return 6 * terms / (16.0 if rows is None else float(np.linalg.eigvalsh(rows @ rows.T)[-1]))  # 16 is the limit


def oscillating(curves: Sequence[Array], pooled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which curves, all of 4 epochs or more, scatter more than the pool of the other `pooled` ones: F at 5% over all of them.
    What is found leaves the pool, and the rest is tested again until nothing new is found, so that one does not hide another."""
    squares, terms = np.zeros(len(curves)), np.array([window(len(curve)) - 2 for curve in curves], float)
    for places, table in _by_length(curves):
        squares[places] = _squares(table)
    found, fresh, own = np.zeros(len(curves), bool), np.ones(1, bool), np.array([_tail_freedom(int(m)) for m in terms])
    while fresh.any():
        pool = pooled & ~found
        rest, m, runs = _others(squares * pool), terms[pool].sum() - terms * pool, pool.sum() - pool
        able = np.flatnonzero((rest > 0) & (runs > 0) & ~found)
        ratio = squares[able] / terms[able] / (rest[able] / m[able])
        fresh = fdtrc(own[able], _freedom(m[able], runs[able]), ratio) * len(curves) <= 0.05
        found[able[fresh]] = True
    return found


def _others(values: Array) -> Array:
    """The sum of all values but each one's own, without subtracting: beside a huge one the others would be lost."""
    order, rest = np.argsort(values), np.zeros(len(values))
    v = values[order]
    rest[order[1:]] = v[:-1].cumsum()
    rest[order[:-1]] += v[:0:-1].cumsum()[::-1]
    return rest


def _margin(noise: EpochNoise, tail: float, table: Array) -> Array:
    """What a value as noisy as one epoch is out by at most, with probability `tail`, [curves]: Student's t times the pooled
    noise; times the run's own where this is smaller (F, 0.01), or is larger (F, 0.90) and reaches further."""
    terms = window(table.shape[1]) - 2
    own, df = np.sqrt(_squares(table) / 6 / terms), _freedom(terms)
    pooled, single = stdtrit(noise.df, tail) * noise.sd, stdtrit(df, tail) * own
    few, many = (noise.sd * np.sqrt(fdtri(df, noise.df, p)) for p in (0.01, 0.9))
    return np.asarray(np.where((own < few) | ((own > many) & (single > pooled)), single, pooled))


def _turns(table: Array, margin: Array) -> npt.NDArray[np.intp]:
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
    for at, table in _by_length([one.values for one in read]):
        number, span = table.shape[1], window(table.shape[1])
        x, last = np.arange(span) - (span - 1) / 2, table[:, -span:]
        slope = ((last - last[:, -1:]) * x).sum(axis=1) / (x**2).sum()
        half = _margin(noise, 0.95, table) / np.sqrt((x**2).sum())
        low, high = slope - half, slope + half
        turns = _turns(table, _margin(noise, 1 - 0.05 / number, table))
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


def _scores(curve: Array) -> Array:
    """The scores as they are read; none where the curve has none or gaps."""
    read = _read(curve)
    return read.values if read else np.empty(0)


def _read(curve: Array) -> Course | None:
    """The curve as it is read; None where it cannot be."""
    at = scored_at(curve)
    return course(curve, at) if at is not None and len(at) and (np.abs(curve[at]) < HIGHEST).all() else None


def _curves(sweep: Sweep, name: str) -> dict[str, Array]:
    """The series `name` of each log that has epochs; NaN where it has none."""
    logs = sweep.epochs["log"].to_numpy()
    values = sweep.epochs[name].to_numpy(float) if name in sweep.epochs else np.full(len(logs), np.nan)
    starts = np.flatnonzero(np.r_[True, logs[1:] != logs[:-1]][: len(logs)])
    return dict(zip(logs[starts], np.split(values, starts[1:]), strict=True)) if len(logs) else {}


def _unjudged(log: str, curve: Array, status: str) -> Diagnosis:
    """What can be said of a curve without its noise; undecided where it can be judged."""
    size, at = np.abs(curve), scored_at(curve)
    usable = size < HIGHEST  # which also NaN is not
    lost = status == "diverged" or (size >= HIGHEST).any() or (usable.any() and not usable[-1] and at is None)
    epochs = len(curve) if at is None else len(at)
    gaps = ("an epoch without validation loss" if usable.any() else "no validation loss") if at is None else ""
    why = gaps or (w.plural(epochs, "epoch") if epochs < SHORTEST else "")
    return Diagnosis(log, DIVERGED if lost else CANNOT_TELL if why else UNDECIDED, epochs, why="" if lost else why)


def _guessing(found: Diagnosis, read: Course, dataset: object, noise: EpochNoise) -> Diagnosis:
    """The diagnosis; "diverged" where the last loss is above ln K, that of guessing among K classes, by 3 standard deviations."""
    number = classes(dataset, None) if dataset in OURS else None
    worse = found.state != DIVERGED and number and read.values[-1] > math.log(number) + 3 * noise.sd
    return (
        replace(Diagnosis(found.log, DIVERGED, found.epochs, why="worse than guessing"), stretch=found.stretch) if worse else found
    )


def counted(diagnoses: Sequence[Diagnosis]) -> str:
    """A sentence on a set of runs: "4 of 9 runs still improving, 3 overfitting from epoch 6 to 8."."""
    parts = [f"{w.count(number)} {word}" for number, word in words(diagnoses)]
    of = w.plural(len(diagnoses), "run")
    if not parts:
        why = {found.why for found in diagnoses if found.state == CANNOT_TELL}
        short = f": {why.pop()}" if len(why) == 1 and all(found.why for found in diagnoses) else ""
        return f"The curves of {of} say nothing yet{short}." if diagnoses else "No run has a learning curve."
    first, *others = parts
    number, word = first.split(" ", 1)
    return ", ".join([f"{number} of {of} {word}", *others]) + "."


def words(diagnoses: Sequence[Diagnosis]) -> list[tuple[int, str]]:
    """How many of the runs do what, in words, what matters most first."""
    told = []
    for state, word in WORDS.items():
        if own := [found for found in diagnoses if found.state == state]:
            turns = sorted(found.epoch for found in own if found.epoch)
            ends = dict.fromkeys(str(end) for end in (turns[:1] + turns[-1:]))
            told.append((len(own), word + (f" from epoch {' to '.join(ends)}" if ends else "")))
    return told


def curve_words(diagnoses: Sequence[Diagnosis]) -> str:
    """What the curves of a configuration did, in a word or two: "still improving", "2 of 3 flat"; "" where nothing can be said."""
    for number, word in words(diagnoses):
        return word if number == len(diagnoses) else f"{w.count(number)} of {w.count(len(diagnoses))} {word}"
    return ""


def noise_words(noise: EpochNoise | None, form: w.Form) -> str:
    """A sentence on the noise: "From one epoch to the next a run's validation loss moves by ± 0.012 at random (…)."."""
    if noise is None:
        return f"No run that counts has {SHORTEST} epochs, so the noise from epoch to epoch is not known."
    size, left = w.size(form, noise.sd), noise.left_out
    by = f"by {size if size.startswith('less') else f'± {size}'} at random" if noise.sd else "by nothing at random"
    runs = w.plural(noise.runs, "run") + (f", without {w.count(left)} {WORDS[OSCILLATING]}" if left else "")
    step = "epoch" if noise.stretch == 1 else f"stretch of {noise.stretch} epochs"
    return f"From one {step} to the next a run's validation loss moves {by} ({runs})."
