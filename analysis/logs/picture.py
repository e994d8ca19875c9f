"""The frames of runs of any tool in, the same runs as ours are out: metrics under our names and in shares, settings without what
says where and when a run was, seeds in their own column; and what was done for it, as a `Picture`.

docs/logs.md has the rules. Runs of our own format are taken as they stand."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sweepbook.analysis.logs.metrics import mapping, percents
from sweepbook.analysis.logs.nuisances import doubles, ignored_settings, nuisances
from sweepbook.analysis.logs.parents import with_parents
from sweepbook.analysis.logs.parsed import STEP, Frames
from sweepbook.analysis.logs.readers import runtoml
from sweepbook.analysis.logs.seeding import seed_setting, told_seeds, whole_seeds
from sweepbook.runner.config import config_id
from sweepbook.runner.metric import goal, is_share, sign
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import PARENT

CONFIG, METRICS, ENVIRONMENT, CODE = "config.", "metrics.", "environment.", "code."


@dataclass(frozen=True)
class Picture:
    """What was done so that runs of all tools look alike: `tools` with their numbers of runs; `mapped`, their name of a metric and
    ours; `percent`, shares that were logged in percent, each with "all" or "mixed"; `aside`, settings that are set aside, each with
    the reason; `secrets`, names under which one was found, with the number of runs; `seed`, the setting that had the seed, and how
    many seeds were `told` by a run's name; `notes` of readers with the number of runs; `at`, the metric whose best value says which
    entry of a series counts, "" for the last; how many files were `unknown`, with `examples`."""

    tools: tuple[tuple[str, int], ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
    percent: tuple[tuple[str, str], ...] = ()
    aside: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, int], ...] = ()
    seed: str = ""
    told: int = 0
    notes: tuple[tuple[str, int], ...] = ()
    at: str = ""
    unknown: int = 0
    examples: tuple[str, ...] = ()
    ours: Mapping[str, str] = field(default_factory=dict)


def pictured(frames: Frames, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame, Picture]:
    """The runs and their epochs as ours are, and what was done for it."""
    runs, epochs = frames.runs, frames.epochs
    foreign = runs["tool"].ne(runtoml.NAME)
    runs = with_parents(runs)
    names = _mapping(runs, epochs, foreign, rules)
    runs = _renamed(runs, foreign, {METRICS + theirs: METRICS + own for theirs, own in names.items()})
    of_foreign = epochs["log"].isin(runs["log"][foreign]) if foreign.any() else pd.Series(False, epochs.index)
    epochs = _renamed(epochs, of_foreign, names)
    at = names.get(rules.at, rules.at)
    runs = _at_best(runs, epochs, at) if at else runs
    shares = percents({name: _values(runs[foreign], epochs[of_foreign], name) for name in _shares(runs)}) if foreign.any() else {}
    runs, epochs = _as_shares(runs, foreign, shares, METRICS), _as_shares(epochs, of_foreign, shares, "")
    runs, seed = _seeded(runs, foreign, rules)
    aside = nuisances(_settings(runs, foreign), rules)
    aside |= doubles({name: own for name, own in _settings(runs, foreign).items() if name not in aside}, rules)
    ignored = ignored_settings(_settings(runs, ~foreign), rules)
    runs = _without(_without(runs, foreign, list(aside)), ~foreign, list(ignored))
    runs = _identified(runs, foreign if not ignored else foreign | True)
    runs, told = _told(runs, foreign & runs["status"].ne(PARENT))
    return (
        runs,
        epochs,
        Picture(
            tools=tuple(sorted(Counter(runs["tool"]).items())),
            mapped=tuple((theirs, own) for theirs, own in names.items() if theirs != own),
            percent=tuple(sorted(shares.items())),
            aside=tuple(sorted({**aside, **ignored}.items())),
            secrets=_counted(name for names in runs["secrets"] if names for name in names.split(", ")),
            seed=seed or "",
            told=told,
            notes=_counted(note for note in runs["read_note"] if note),
            at=at,
            unknown=frames.unknown,
            examples=frames.examples,
            ours=names,
        ),
    )


def _counted(texts: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(texts).items()))


def _mapping(runs: pd.DataFrame, epochs: pd.DataFrame, foreign: "pd.Series[bool]", rules: Rules) -> dict[str, str]:
    """Our name for each metric and series of theirs."""
    if not foreign.any():
        return {}
    known = [name.removeprefix(METRICS) for name in runs.columns if name.startswith(METRICS)]
    finals = [name for name in known if runs.loc[foreign, METRICS + name].notna().any()]
    others = [str(name) for name in epochs.columns if name not in ("log", "epoch", STEP)]
    return mapping(list(dict.fromkeys([*finals, *others])), dict(rules.map))


def _renamed(frame: pd.DataFrame, rows: "pd.Series[bool]", names: Mapping[str, str]) -> pd.DataFrame:
    """`frame` with the values of columns under their new names, in `rows` alone."""
    changed = {old: new for old, new in names.items() if old != new and old in frame.columns}
    if not changed:
        return frame
    columns = {str(name): frame[name] for name in frame.columns}
    for old, new in changed.items():
        before = columns.get(new, pd.Series(math.nan, frame.index))
        columns[new] = before.where(~(rows & before.isna()), columns[old])
        columns[old] = columns[old].where(~rows)
    gone = {old for old in changed if old not in changed.values() and columns[old].isna().all()}
    return pd.DataFrame({name: column for name, column in columns.items() if name not in gone})


def _shares(runs: pd.DataFrame) -> list[str]:
    names = (str(name).removeprefix(METRICS) for name in runs.columns if str(name).startswith(METRICS))
    return [name for name in names if is_share(name)]


def _values(runs: pd.DataFrame, epochs: pd.DataFrame, name: str) -> list[float]:
    series = list(epochs[name]) if name in epochs.columns else []
    return [*runs[METRICS + name], *series]


def _as_shares(frame: pd.DataFrame, rows: "pd.Series[bool]", shares: Mapping[str, str], prefix: str) -> pd.DataFrame:
    columns = {prefix + name: frame[prefix + name] for name in shares if prefix + name in frame.columns}
    return frame.assign(**{name: values.where(~rows, values / 100) for name, values in columns.items()})


def _at_best(runs: pd.DataFrame, epochs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """`runs` with the metrics as they were at the best value of `metric`, where its series is known; a series that has no value
    there counts with the last before."""
    if metric not in epochs.columns or not epochs[metric].notna().any():
        return runs
    series = [str(name) for name in epochs.columns if METRICS + str(name) in runs.columns]
    upward = epochs[metric] * (sign(goal(metric)) or 1)
    best = upward.groupby(epochs["log"], sort=False).idxmax(skipna=True) if upward.notna().all() else _idxmax(upward, epochs["log"])
    filled = epochs[series].groupby(epochs["log"], sort=False).ffill()
    place = {log: at for at, log in enumerate(runs["log"])}
    columns = {METRICS + name: runs[METRICS + name].to_numpy(float, copy=True) for name in series}
    for log, at in best.items():
        for name in series:
            value = float(str(filled.at[at, name]))
            if not math.isnan(value):
                columns[METRICS + name][place[str(log)]] = value
    return runs.assign(**columns)


def _idxmax(values: "pd.Series[float]", logs: "pd.Series[Any]") -> "pd.Series[Any]":
    known = values.dropna()
    return known.groupby(logs[known.index], sort=False).idxmax()


def _settings(runs: pd.DataFrame, rows: "pd.Series[bool]") -> dict[str, list[Any]]:
    """The settings that some of the runs in `rows` have, with their values there."""
    own = runs[rows]
    columns = {str(name).removeprefix(CONFIG): list(own[name]) for name in runs.columns if str(name).startswith(CONFIG)}
    return {name: values for name, values in columns.items() if any(value is not None for value in values)}


def _seeded(runs: pd.DataFrame, foreign: "pd.Series[bool]", rules: Rules) -> tuple[pd.DataFrame, str | None]:
    """`runs` with the seeds that stand among their settings in the column of seeds, and which setting that was."""
    open_ = foreign & runs["seed"].isna() if not rules.seed else runs["seed"].isna()
    settings = _settings(runs, open_)
    name = seed_setting(list(settings), rules.seed) if open_.any() else None
    if name is None:
        return runs, None
    read = whole_seeds(list(runs[CONFIG + name]))
    taken = [seed is not None and bool(mine) for seed, mine in zip(read, open_, strict=True)]
    seeds = [new if mine else old for new, old, mine in zip(read, runs["seed"], taken, strict=True)]
    runs = runs.assign(seed=pd.Series(seeds, index=runs.index, dtype=object))
    return _without(runs, pd.Series(taken, runs.index, dtype=bool), [name]), name


def _without(runs: pd.DataFrame, rows: "pd.Series[bool]", names: Sequence[str]) -> pd.DataFrame:
    """`runs` without these settings, in `rows` alone."""
    left: dict[str, pd.Series[Any]] = {}
    for name in (CONFIG + name for name in names):
        values = [None if gone else value for gone, value in zip(rows, runs[name], strict=True)]
        left[name] = pd.Series(values, index=runs.index, dtype=object)
    runs = runs.assign(**left)
    return runs.drop(columns=[name for name, values in left.items() if values.isna().all()])


def _identified(runs: pd.DataFrame, foreign: "pd.Series[bool]") -> pd.DataFrame:
    """`runs` with the identities of the settings that they now have."""
    names = [str(name) for name in runs.columns if str(name).startswith(CONFIG)]
    columns = [list(runs[name]) for name in names]
    keys = [name.removeprefix(CONFIG) for name in names]
    rows = zip(*columns, strict=True) if columns else [()] * len(runs)
    ids = [
        config_id({key: value for key, value in zip(keys, row, strict=True) if value is not None}) if mine else ident
        for ident, mine, row in zip(runs["id"], foreign, rows, strict=True)
    ]
    return runs.assign(id=pd.Series(ids, index=runs.index, dtype=object))


def _told(runs: pd.DataFrame, foreign: "pd.Series[bool]") -> tuple[pd.DataFrame, int]:
    """`runs` with the seeds that their names alone tell, and how many these are. A seed that several runs of a configuration have
    tells them no more apart than none: where the names number them, these numbers count."""
    pairs = list(zip(runs["id"], runs["seed"], strict=True))
    again = Counter(pairs)
    untold = [pair[1] is None or again[pair] > 1 for pair in pairs]
    places = [at for at, (mine, missing) in enumerate(zip(foreign, untold, strict=True)) if mine and missing]
    idents, labels = list(runs["id"]), list(runs["label"])
    told = told_seeds([(idents[at], labels[at]) for at in places])
    if not told:
        return runs, 0
    seeds = list(runs["seed"])
    again_told = _again([places[at] for at in told], runs)
    new = {places[at]: seed for at, seed in told.items() if places[at] not in again_told}
    for at, seed in new.items():
        seeds[at] = seed
    return runs.assign(seed=pd.Series(seeds, index=runs.index, dtype=object)), len(new)


def _again(places: Sequence[int], runs: pd.DataFrame) -> set[int]:
    """The finished runs that record no seed and have the configuration and the very name of an earlier one: they are repeats, and
    the number in their name is no seed of theirs."""
    known, again = set[Any](), set[int]()
    facts = list(zip(runs["id"], runs["label"], runs["seed"], runs["status"], strict=True))
    for place in places:
        *named, seed, status = facts[place]
        if status == "finished" and seed is None:
            again |= {place} if tuple(named) in known else set()
            known.add(tuple(named))
    return again
