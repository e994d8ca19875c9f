"""A `Sweep` and the plan's groups in, each configuration over its replicates out, and the noise between those."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sweepbook.analysis.groups.span import span
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep
from sweepbook.analysis.stats.contrasts import estimate
from sweepbook.analysis.stats.means import Estimate, Mean, mean_of, sampling_variance, wilson
from sweepbook.analysis.stats.noise import Noise, Runs, noise
from sweepbook.runner.config import Config, active
from sweepbook.runner.member import Member
from sweepbook.runner.metric import direction, scored_share
from sweepbook.runner.study import Group
from sweepbook.runner.values import is_finite, level_text

FACTS = ("id", "log", "seed", "seconds")  # of every run, that a summary tells
FIRSTS = ("parameters", "steps", "examples_seen", "valid_seen")  # of the first one

Grouped: TypeAlias = tuple[tuple[Member, ...], tuple[str, str]]  # the configurations of a group, and its two factors


@dataclass(frozen=True)
class Summary:
    """One configuration over its replicates.

    `runs` has the single values of every final metric and of the gap, `means` what they come to with the noise of all
    replicates. `parameters`, `steps`, `examples_seen` and `valid_seen` are those of one run, `seconds` the mean of its runs;
    None where the logs do not say.
    """

    id: str
    label: str
    labels: tuple[str, ...]
    config: Config
    logs: tuple[str, ...]
    seeds: tuple[int, ...]
    runs: Mapping[str, tuple[float, ...]]
    means: Mapping[str, Mean]
    parameters: int | None
    steps: int | None
    examples_seen: int | None
    valid_seen: int | None
    seconds: float | None

    @property
    def n(self) -> int:
        """The number of runs that the statistics rest on."""
        return len(self.logs)

    @cached_property
    def intervals(self) -> Mapping[str, Estimate]:
        """The mean of every metric with its t interval, which may reach beyond what the metric can be."""
        return {name: estimate(mean) for name, mean in self.means.items()}

    @cached_property
    def metrics(self) -> Mapping[str, Estimate]:
        """The mean of every metric with its 95% interval, cut to what the metric can be. Where the noise is not known, that of a
        share that was scored over a known number of examples is of the scoring alone."""
        return {name: span(name, self.runs[name]).estimate(self._estimate(name, mean)) for name, mean in self.means.items()}

    def _estimate(self, name: str, mean: Mean) -> Estimate:
        if mean.error is None and mean.n == 1 and scored_share(name) and self.valid_seen and 0 <= mean.value <= 1:
            return Estimate(1, mean.value, *wilson(mean.value, self.valid_seen))
        return self.intervals[name]


@dataclass(frozen=True)
class Row:
    """A configuration as one group shows it; `summary` is None where no run of it has finished."""

    member: Member
    summary: Summary | None


@dataclass(frozen=True)
class GroupRows:
    """What a group compares: its factors, and a row a configuration in the plan's order."""

    group: Group
    factors: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def tested(self) -> tuple[Member, ...]:
        """The configurations whose levels were tested: those with a finished run."""
        return tuple(row.member for row in self.rows if row.summary)

    @cached_property
    def summaries(self) -> tuple[Summary, ...]:
        """The configurations with a finished run, each once."""
        return tuple({row.member.id: row.summary for row in self.rows if row.summary}.values())

    @cached_property
    def single_factor(self) -> str | None:
        """The factor that alone varies, each level in one configuration; None where there is none."""
        if len(self.factors) != 1 or self.factors[0] == "name":
            return None
        factor = self.factors[0]
        texts = {level_text(row.member.levels[factor]) for row in self.rows if factor in row.member.levels}
        return factor if len(texts) == len(self.rows) == len(self.labels) else None

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Short names of the configurations by id: the level where one factor varies alone, else the label."""
        factor = self.single_factor
        return self.labels if factor is None else {row.member.id: level_text(row.member.levels[factor]) for row in self.rows}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The group's own label for each of its configurations, the first where it has several, by id in the plan's order."""
        labels: dict[str, str] = {}
        for row in self.rows:
            labels.setdefault(row.member.id, row.member.label)
        return labels


def numeric(rows: Iterable[Row], factor: str) -> bool:
    """Whether every configuration of `rows` has a number as its level of `factor`."""
    return all(is_finite(row.member.levels.get(factor)) for row in rows)


def factors(members: Iterable[Member]) -> tuple[str, ...]:
    """The settings that the members have levels of, without those of which all have the same one. A setting that some have and
    others lack is one of them where it takes that to tell two configurations apart."""
    known = list(members)
    levels: dict[str, set[str]] = {}
    for member in known:
        for factor, level in member.levels.items():
            levels.setdefault(factor, set()).add(level_text(level))
    varied = [factor for factor, found in levels.items() if len(found) > 1]
    alike: dict[tuple[object, ...], str] = {}
    if all(alike.setdefault(_levels(member, varied), member.id) == member.id for member in known):
        return tuple(varied) or tuple(levels)
    return tuple(f for f in levels if f in varied or not all(f in member.levels for member in known))


def _levels(member: Member, over: Iterable[str]) -> tuple[object, ...]:
    return tuple(level_text(member.levels[factor]) if factor in member.levels else None for factor in over)


def is_full_grid(rows: Sequence[Row], over: Sequence[str]) -> bool:
    """Whether `rows` hold every combination of the levels of the factors `over` once, and nothing else."""
    if not rows or not all(f in row.member.levels for row in rows for f in over):
        return False
    size = 1
    for factor in over:  # of thousands of settings that vary, a few are already too many for these rows
        size *= len({level_text(row.member.levels[factor]) for row in rows})
        if size > len(rows):
            return False
    cells = {tuple(level_text(row.member.levels[f]) for f in over) for row in rows}
    return len(cells) == len(rows) == size


def cells(rows: Sequence[Row], first: str, second: str, values: Mapping[str, float]) -> npt.NDArray[np.float64] | None:
    """The table [levels of `first`, levels of `second`] of `values` by configuration; None where it is no full grid of two levels
    or more a factor."""
    if not is_full_grid(rows, (first, second)) or any(row.member.id not in values for row in rows):
        return None
    places = [{t: i for i, t in enumerate(dict.fromkeys(level_text(r.member.levels[f]) for r in rows))} for f in (first, second)]
    if min(map(len, places)) < 2:
        return None
    table = np.empty((len(places[0]), len(places[1])))
    for row in rows:
        where = tuple(at[level_text(row.member.levels[f])] for at, f in zip(places, (first, second), strict=True))
        table[where] = values[row.member.id]
    return table


def summaries(
    sweep: Sweep, metric: str, sign: int, labels: Mapping[str, Sequence[str]], members: Mapping[str, Sequence[Member]]
) -> tuple[dict[str, Summary], dict[str, Noise]]:
    """A summary for each configuration with runs that have `metric`, over those runs alone, by its id; and the noise of every
    metric. `sign` is 1 where a higher `metric` is better, else -1. `members` has the configurations of each group, whose grids may
    help with the noise."""
    used = sweep.used[sweep.scores(metric).notna()]
    used = used[used["id"].isin(labels)]
    names = [name for name in ("gap", *(f"{METRICS}{name}" for name in sweep.names(METRICS))) if name in used.columns]
    values = {name.removeprefix(METRICS): _by_configuration(used, name, labels) for name in names}
    signs = {name: direction(name, metric, sign) for name in values}
    scored = _scored(used)
    known = ((name, tuple(own), factors(own)) for name, own in members.items() if len(own) > 3)
    grids = {name: (own, (over[0], over[1])) for name, own, over in known if len(over) == 2}
    tables = {name.removeprefix(METRICS): _tables(used, name, grids) for name in names}
    pools = {name: _noise(name, samples, signs[name], tables[name]) for name, samples in values.items()}
    found: dict[str, Summary] = {}
    settings = [name for name in used.columns if name.startswith(CONFIG)]
    firsts = used.drop_duplicates("id")[[*FIRSTS, *settings]].to_dict("records")
    for first, (key, records) in zip(firsts, _records(used[[*FACTS]]).items(), strict=True):
        own = {name: samples[key] for name, samples in values.items() if key in samples}
        times = [row["seconds"] for row in records if row["seconds"] is not None and is_finite(float(row["seconds"]))]
        found[key] = Summary(
            id=key,
            label=labels[key][0],
            labels=tuple(labels[key]),
            config=active({name.removeprefix(CONFIG): first[name] for name in settings if first[name] is not None}),
            logs=tuple(row["log"] for row in records),
            seeds=tuple(sorted(row["seed"] for row in records if row["seed"] is not None)),
            runs={name: tuple(runs.values()) for name, runs in own.items()},
            means={name: _mean(name, key, sample, pools[name], scored) for name, sample in own.items()},
            parameters=first["parameters"],
            steps=first["steps"],
            examples_seen=first["examples_seen"],
            valid_seen=first["valid_seen"],
            seconds=float(np.array(times).sum() / len(times)) if times else None,
        )
    return found, {name: pool for name, pool in pools.items() if pool}


def _records(used: pd.DataFrame) -> dict[str, list[dict[Any, Any]]]:
    found: dict[str, list[dict[Any, Any]]] = {}
    for row in used.to_dict("records"):
        found.setdefault(str(row["id"]), []).append(row)
    return found


def _by_configuration(used: pd.DataFrame, column: str, ids: Iterable[str]) -> dict[str, dict[Hashable, float]]:
    """The values of one column by configuration, in the order of the `ids`, and seed, without those that are not there; the log
    stands for a seed that is not known."""
    found: dict[str, dict[Hashable, float]] = {key: {} for key in ids}
    for key, seed, log, value in zip(used["id"], used["seed"], used["log"], used[column], strict=True):
        if value == value:
            found[str(key)][str(log) if seed is None or seed != seed else int(seed)] = float(value)
    return {key: values for key, values in found.items() if values}


def _scored(used: pd.DataFrame) -> dict[str, int]:
    """The validation examples behind a score of each configuration: those scored, the size of the validation set at most."""
    found: dict[str, int] = {}
    for key, seen, size in zip(used["id"], used["valid_seen"], used["valid_examples"], strict=True):
        known = [int(count) for count in (seen, size) if count is not None and count == count and count > 0]
        if known:
            found.setdefault(str(key), min(known))
    return found


def _sampling(name: str, key: str, values: Sequence[float], scored: Mapping[str, int]) -> float | None:
    return sampling_variance(sum(values) / len(values), scored.get(key)) if scored_share(name) else None


def _noise(name: str, samples: Mapping[str, Runs], sign: int, grids: Mapping[str, npt.NDArray[np.float64]]) -> Noise | None:
    """The noise of one metric, its interval cut to what the metric can be."""
    found = noise(samples, sign, grids)
    return span(name, (value for runs in samples.values() for value in runs.values())).noise(found) if found else None


def _tables(used: pd.DataFrame, column: str, grids: Mapping[str, Grouped]) -> dict[str, npt.NDArray[np.float64]]:
    """The tables of the groups that are full two-factor grids of single runs, nine cells of ten at least. Where a cell has
    several, the one that bears the group's label for it stands there, else the first."""
    counts = {str(key): int(count) for key, count in used["id"].value_counts().items()}
    single = [name for name, (own, _) in grids.items() if sum(counts.get(member.id) == 1 for member in own) >= 0.9 * len(own)]
    values: dict[str, dict[str, float]] = {}
    for key, label, value in zip(used["id"], used["label"], used[column], strict=True) if single else ():
        if value == value:
            values.setdefault(str(key), {}).setdefault(str(label), float(value))
    found = {}
    for name in single:
        members, over = grids[name]
        one = {m.id: own.get(m.label, next(iter(own.values()))) for m in members if (own := values.get(m.id))}
        if (table := cells([Row(member, None) for member in members], *over, one)) is not None:
            found[name] = table
    return found


def _mean(name: str, key: str, runs: Runs, found: Noise | None, scored: Mapping[str, int]) -> Mean:
    return mean_of(runs, found, key, _sampling(name, key, list(runs.values()), scored))
