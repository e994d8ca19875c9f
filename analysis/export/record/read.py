"""The findings.json and the runs.csv of a report in, one `Side` of a comparison out."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import cast

from sweepbook.analysis import words as w
from sweepbook.analysis.export.record import SCHEMA
from sweepbook.analysis.export.record.recorded import Document, Prediction, Recorded, RecordedGroup, recorded
from sweepbook.analysis.export.record.rows import Row, by_config, rows
from sweepbook.analysis.predictions.verdict import DECIDED
from sweepbook.analysis.stats.means import Estimate
from sweepbook.runner.config import Config, SweepbookError, config_id

# Columns of runs.csv.
DIGESTS = ("train_digest", "valid_digest", "model_digest", "dataset_digest", "model_imports", "dataset_imports")


@dataclass(frozen=True)
class Entry:
    """A configuration with finished runs: `runs` has the values of each metric by seed, by its log where a run has none. `logs`
    are the runs themselves, each by when it began, by its log where that is unknown. `origins` has the digests of the data and of
    the user's own modules, of all runs. None where the report does not say. It
    is not `ranked` where its own scatter alone keeps it among those that could be the best."""

    id: str
    label: str
    labels: tuple[str, ...]
    config: Config
    n: int
    tier: int | None
    parameters: int | None
    seconds: float | None
    metrics: Mapping[str, Estimate]
    runs: Mapping[str, Mapping[Hashable, float]]
    train_examples: int | None
    valid_examples: int | None
    valid_seen: int | None
    logs: frozenset[str] = frozenset()
    origins: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ranked: bool = True

    def repeated(self, other: "Entry") -> frozenset[Hashable]:
        """The seeds at which both have the same run, or one repeated to the last digit: every metric of both agrees."""
        common = self.runs.keys() & other.runs.keys()
        seeds = {seed for metric in common for seed in self.runs[metric].keys() & other.runs[metric].keys()}
        return frozenset(seed for seed in seeds if all(self.runs[name].get(seed) == other.runs[name].get(seed) for name in common))


@dataclass(frozen=True)
class Predicted:
    """A prediction with its verdict, as findings.json has it; `claim` and `behind`, the ids of the configurations that each part is
    of, are None in a report that does not record them."""

    group: str
    says: str
    kind: str
    verdict: str
    as_run: bool
    estimate: float | None
    low: float | None
    high: float | None
    n: tuple[int, ...]
    because: tuple[str, ...]
    missing: tuple[str, ...]
    claim: str | None
    behind: tuple[tuple[str, ...], ...] | None = None

    @property
    def told(self) -> str:
        """The verdict in words: "confirmed", "refuted as run"."""
        return self.verdict + " as run" * (self.as_run and self.verdict in DECIDED)


@dataclass(frozen=True)
class Asked:
    """A group of the plan: the ids of its configurations and of its first tier, and its predictions."""

    name: str
    factors: tuple[str, ...]
    configs: tuple[str, ...]
    best: tuple[str, ...]
    tiers: Mapping[str, int]
    predictions: tuple[Predicted, ...]


@dataclass(frozen=True)
class Ranged:
    """The effect of a factor in a group: the range of its level means, and its rank among all factors."""

    factor: str
    group: str
    range: float
    low: float | None
    high: float | None
    rank: int | None


@dataclass(frozen=True)
class Fired:
    """A check that fired; `silenced` is the plan's reason, "" without one."""

    code: str
    group: str
    factor: str
    labels: tuple[str, ...]
    message: str
    silenced: str


@dataclass(frozen=True)
class Unfinished:
    """A configuration of which no run has finished, with how its runs ended."""

    label: str
    config: Config
    states: tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """One sweep, as its report tells it. `name` is what it was asked for as; `entries` are by id, the best tier and mean first;
    `states` counts its runs; `schema` is that of its findings.json; `plan` by which plan run logs were read, "none" without one, ""
    for a report; `problems` are the reasons why logs do not count; `behind` the folder of run logs that a report is older than, ""
    where it is not, or that is not known; `diagnoses` counts what learning curves show, in the words of the report."""

    name: str
    study: str
    metric: str
    goal: str
    states: Mapping[str, int]
    entries: Mapping[str, Entry]
    unfinished: tuple[Unfinished, ...]
    groups: tuple[Asked, ...]
    effects: tuple[Ranged, ...]
    checks: tuple[Fired, ...]
    recommended: str | None
    schema: int = SCHEMA
    environment: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plan: str = ""
    behind: str = ""
    problems: tuple[str, ...] = ()
    diagnoses: Mapping[str, int] = field(default_factory=dict)


def form_of(metric: str, old: Side, new: Side) -> w.Form:
    """How the numbers of a metric are written where two sides are held against each other."""
    return w.estimates_form(
        metric, [e.metrics[metric] for side in (old, new) for e in side.entries.values() if metric in e.metrics]
    )


def side(name: str, findings: bytes, runs: bytes) -> Side:
    """The sweep that `findings`, a findings.json, and `runs`, a runs.csv, tell of; SweepbookError, with the file and the place in
    it, where they are not as a build writes them, have another schema or are not of one build. Groups, effects and checks may be
    absent."""
    document = recorded(f"{name}/findings.json", findings)
    found = [row for row in rows(f"{name}/runs.csv", runs) if not row.fact("trial")]  # which counts for no configuration
    reasons = {problem.log: problem.reason for problem in document.problems}
    counted, rest = by_config(found, document.configs, set(reasons))
    entries = {one.id: _entry(one, counted[one.id]) for one in document.configs}
    for key, entry in entries.items():
        _check(name, entry, document.metric, len(counted[key]))
    return Side(
        name=name,
        study=document.study,
        metric=document.metric,
        goal=document.goal,
        states=_states(document, found),
        entries=entries,
        unfinished=tuple(_unfinished(rest)),
        groups=tuple(_asked(one) for one in document.groups),
        effects=tuple(Ranged(e.factor, e.group, e.range, e.low, e.high, e.rank) for e in document.effects),
        checks=tuple(Fired(c.code, c.group or "", c.factor or "", c.labels, c.message, c.silenced or "") for c in document.checks),
        recommended=document.best.recommended if document.best else None,
        schema=document.schema,
        environment=document.environment or {},
        problems=tuple(reasons.values()),
        diagnoses=Counter(text for row in found if (text := row.fact("diagnosis"))),
    )


def _check(name: str, entry: Entry, metric: str, counted: int) -> None:
    """Raises where findings.json and runs.csv do not tell of the same runs."""
    found = ""
    if counted != entry.n:
        found = f"{entry.n} runs of {entry.label} in findings.json, {counted} in runs.csv"
    elif values := list(entry.runs.get(metric, {}).values()):
        mean, own = entry.metrics[metric].mean, sum(values) / len(values)
        if not isclose(mean, own, rel_tol=1e-6, abs_tol=1e-9 * max(map(abs, values))):
            found = f"{entry.label} has a {metric} of {mean} in findings.json, its runs have {own} in runs.csv"
    if found:
        raise SweepbookError(f"{name}: {found}: they are not of one build; build that report again")


def _states(document: Document, found: Sequence[Row]) -> Mapping[str, int]:
    """How the planned runs stand; without a plan for them, how those that were logged do."""
    if document.runs.get("planned"):
        return document.runs
    counts = Counter(row.status for row in found)
    return {**document.runs, **{state: counts[state] for state in ("failed", "diverged", "interrupted")}}


def _unfinished(found: Iterable[Row]) -> Iterator[Unfinished]:
    tried: dict[str, list[Row]] = {}
    for row in found:
        tried.setdefault(config_id(row.config), []).append(row)
    for same in tried.values():
        yield Unfinished(same[0].fact("label"), same[0].config, tuple(row.status for row in same))


def _entry(one: Recorded, found: Sequence[Row]) -> Entry:
    by_seed = {row.seed: row for row in found}
    columns = [name for name in found[0].heads.metrics if name in one.metrics] if found else []
    runs = {name: {seed: value for seed, row in by_seed.items() if (value := row.metric(name)) is not None} for name in columns}
    first = {name: found[0].count(name) if found else None for name in ("train_examples", "valid_examples", "valid_seen")}
    return Entry(
        id=one.id,
        label=one.label,
        labels=one.labels,
        config=cast(Config, one.config),  # an old report may have a table in it
        n=one.n,
        tier=one.tier,
        parameters=one.parameters,
        seconds=one.seconds,
        metrics={name: Estimate(one.n, e.mean, e.low, e.high) for name, e in one.metrics.items()},
        runs={name: values for name, values in runs.items() if values},
        logs=frozenset(row.fact("started") or row.fact("log") for row in found),
        ranked=not any(own.ranked is False for own in one.metrics.values()),
        origins={name: digests for name in DIGESTS if (digests := frozenset(row.fact(name) for row in found) - {""})},
        **first,
    )


def _asked(one: RecordedGroup) -> Asked:
    predictions = tuple(_predicted(one.name, prediction) for prediction in one.predictions)
    return Asked(one.name, one.factors, one.configs, one.best, one.tiers, predictions)


def _predicted(group: str, one: Prediction) -> Predicted:
    return Predicted(
        group=group,
        says=one.says,
        kind=one.kind,
        verdict=one.verdict,
        as_run=one.as_run,
        estimate=one.estimate,
        low=one.low,
        high=one.high,
        n=one.n,
        because=one.as_run_because,
        missing=one.missing,
        claim=one.claim,
        behind=one.behind,
    )
