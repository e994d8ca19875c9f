"""The findings.json and the runs.csv of a report in, one `Side` of a comparison out."""

import csv
import io
import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.stats.means import Estimate
from analysis.stats.noise import Noise, Spread
from runner.config import Config, SweepbookError, level_text

SCHEMA = 1  # of the findings.json that it reads; what writes them imports pandas, which this needs not


@dataclass(frozen=True)
class Entry:
    """A configuration with finished runs: `runs` has the values of each metric by seed, by its log where a run has none. None
    where the report does not say."""

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

    def repeated(self, other: "Entry") -> frozenset[Hashable]:
        """The seeds at which both have the same run, or one repeated to the last digit: every metric of both agrees."""
        common = self.runs.keys() & other.runs.keys()
        seeds = {seed for metric in common for seed in self.runs[metric].keys() & other.runs[metric].keys()}
        return frozenset(seed for seed in seeds if all(self.runs[name].get(seed) == other.runs[name].get(seed) for name in common))


@dataclass(frozen=True)
class Predicted:
    """A prediction with its verdict, as findings.json has it; `claim` is None in a report that does not record it."""

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

    @property
    def told(self) -> str:
        """The verdict in words: "confirmed", "refuted as run"."""
        return self.verdict + " as run" * (self.as_run and self.verdict != "cannot tell")


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
    `states` counts its runs; `newest` is when the last run that counts began; `plan` by which plan
    run logs were read, "none" without one, "" for a report."""

    name: str
    study: str
    metric: str
    goal: str
    states: Mapping[str, int]
    entries: Mapping[str, Entry]
    unfinished: tuple[Unfinished, ...]
    noises: Mapping[str, Noise]
    groups: tuple[Asked, ...]
    effects: tuple[Ranged, ...]
    checks: tuple[Fired, ...]
    recommended: str | None
    environment: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    newest: str = ""
    plan: str = ""


def side(name: str, findings: bytes, runs: bytes) -> Side:
    """The sweep that `findings`, a findings.json, and `runs`, a runs.csv, tell of; SweepbookError where they cannot be read, have
    another schema or are not of one build. Groups, effects and checks may be absent."""
    try:
        document = json.loads(findings)
    except ValueError as error:
        raise SweepbookError(f"{name}/findings.json: is no JSON: {error}") from None
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        told = f"schema {found}" if found is not None else "no schema"
        raise SweepbookError(f"{name}/findings.json: {told} found, schema {SCHEMA} expected; build that report again")
    try:
        return _side(name, document, runs)
    except KeyError as error:
        raise SweepbookError(f"{name}: findings.json or runs.csv lacks {error}; build that report again") from None
    except (TypeError, AttributeError, ValueError, IndexError, csv.Error) as error:
        raise SweepbookError(f"{name}: findings.json or runs.csv is not as a build writes it: {error}") from None


def _side(name: str, document: Mapping[str, Any], runs: bytes) -> Side:
    rows = _rows(runs)
    problems = {problem["log"] for problem in document["problems"]}
    counted, rest = _by_config(rows, document["configs"], problems)
    for one in document["configs"]:
        if len(counted[one["id"]]) != one["n"]:
            found = f"{one['n']} runs of {one['label']} in findings.json, {len(counted[one['id']])} in runs.csv"
            raise SweepbookError(f"{name}: {found}: they are not of one build; build that report again")
    best = document.get("best") or {}
    return Side(
        name=name,
        study=document["study"],
        metric=document["metric"],
        goal=document["goal"],
        states=document["runs"],
        entries={one["id"]: _entry(one, counted[one["id"]]) for one in document["configs"]},
        unfinished=tuple(_unfinished(rest)),
        noises={metric: _noise(one) for metric, one in document["noise"].items()},
        groups=tuple(_asked(one) for one in document.get("groups", ())),
        effects=tuple(
            Ranged(e["factor"], e.get("group", ""), e["range"], e["low"], e["high"], e.get("rank"))
            for e in document.get("effects", ())
        ),
        checks=tuple(
            Fired(c["code"], c["group"] or "", c.get("factor") or "", tuple(c["labels"]), c["message"], c.get("silenced") or "")
            for c in document.get("checks", ())
        ),
        recommended=best.get("recommended"),
        environment={key: tuple(values) for key, values in (document.get("environment") or {}).items()},
        newest=max((row.facts["started"] for found in counted.values() for row in found), default=""),
    )


@dataclass(frozen=True)
class _Row:
    """A line of runs.csv: its facts, settings and metrics by column, without empty cells."""

    facts: Mapping[str, str]
    config: Mapping[str, str]
    metrics: Mapping[str, str]


def _rows(data: bytes) -> list[_Row]:
    """Settings stand between "seconds" and "parameters", metrics between "steps" and "gap"."""
    lines = csv.reader(io.StringIO(data.decode()))
    heads = next(lines, [])
    cuts = [heads.index(name) for name in ("seconds", "parameters", "steps", "gap")]
    settings, metrics = (list(enumerate(heads))[low + 1 : high] for low, high in (cuts[:2], cuts[2:]))
    facts = [(i, head) for i, head in enumerate(heads) if (i, head) not in settings and (i, head) not in metrics]
    kinds = [[(i, _name(head, set(heads))) for i, head in kind] for kind in (facts, settings, metrics)]
    return [_Row(*({name: cells[i] for i, name in kind if cells[i]} for kind in kinds)) for cells in lines if cells]


def _name(head: str, heads: Collection[str]) -> str:
    """The name of a setting or metric that has this head: without the underscores that tell it from another column."""
    return _name(head[:-1], heads) if head.endswith("_") and head[:-1] in heads else head


def _by_config(
    rows: Iterable[_Row], configs: Sequence[Mapping[str, Any]], problems: set[str]
) -> tuple[dict[str, list[_Row]], list[_Row]]:
    """The rows that count by the id of their configuration, and the others that belong to a group of the plan. Where several
    configurations have the same label their settings tell which it is."""
    named: dict[str, list[Mapping[str, Any]]] = {}
    for one in configs:
        named.setdefault(one["label"], []).append(one)
    counted: dict[str, list[_Row]] = {one["id"]: [] for one in configs}
    rest = []
    for row in rows:
        if row.facts["log"] in problems or row.facts["status"] != "finished":
            rest += [row] if row.facts.get("groups") and row.facts["status"] != "finished" else []
            continue
        candidates = named.get(row.facts["label"], [])
        if len(candidates) > 1:  # of two that agree, the one that says more: the other lacks a setting that this run has
            candidates = [one for one in candidates if _agree(row, one["config"])]
        if not candidates:
            raise ValueError(f"runs.csv has a finished run of {row.facts['label']} that findings.json does not know")
        counted[max(candidates, key=lambda one: len(one["config"]))["id"]].append(row)
    done = {one["label"] for one in configs}
    return counted, [row for row in rest if row.facts["label"] not in done]


def _agree(row: _Row, config: Config) -> bool:
    return all(level_text(_typed(row.config.get(key, ""))) == level_text(value) for key, value in config.items())


def _unfinished(rows: Iterable[_Row]) -> Iterator[Unfinished]:
    by_label: dict[str, list[_Row]] = {}
    for row in rows:
        by_label.setdefault(row.facts["label"], []).append(row)
    for label, found in by_label.items():
        config = {key: _typed(text) for key, text in found[0].config.items()}
        yield Unfinished(label, config, tuple(row.facts["status"] for row in found))


def _typed(text: str) -> Any:
    """A setting as a cell of runs.csv has it, with its type: what is no number, truth value or list is text."""
    if text in ("True", "False"):
        return text == "True"
    try:
        return json.loads(text.replace("'", '"') if text.startswith("[") else text)
    except ValueError:
        return text


def _entry(one: Mapping[str, Any], rows: Sequence[_Row]) -> Entry:
    names = {_seed(row): row for row in rows}
    runs: dict[str, dict[Hashable, float]] = {}
    for seed, row in names.items():
        for metric, text in row.metrics.items():
            runs.setdefault(metric, {})[seed] = float(text)
    facts = rows[0].facts
    return Entry(
        id=one["id"],
        label=one["label"],
        labels=tuple(one["labels"]),
        config=one["config"],
        n=one["n"],
        tier=one["tier"],
        parameters=one["parameters"],
        seconds=one["seconds"],
        metrics={name: Estimate(one["n"], e["mean"], e["low"], e["high"]) for name, e in one["metrics"].items()},
        runs=runs,
        train_examples=_whole(facts.get("train_examples")),
        valid_examples=_whole(facts.get("valid_examples")),
        valid_seen=_whole(facts.get("valid_seen")),
    )


def _seed(row: _Row) -> Hashable:
    return int(float(row.facts["seed"])) if "seed" in row.facts else row.facts["log"]


def _whole(text: str | None) -> int | None:
    return int(float(text)) if text else None


def _noise(one: Mapping[str, Any]) -> Noise:
    own = {key: one[key] for key in ("sd", "low", "high", "df")}
    alone = one.get("replicates") or own
    return Noise(
        **own,
        outlying=frozenset(one.get("outlying", ())),
        replicates=Spread(*(alone[key] for key in ("sd", "low", "high", "df"))),
        residual=None,
        sampling=one.get("sampling_variance", 0.0),
    )


def _asked(one: Mapping[str, Any]) -> Asked:
    return Asked(
        name=one["name"],
        factors=tuple(one["factors"]),
        configs=tuple(one["configs"]),
        best=tuple(one["best"]),
        tiers=one.get("tiers", {}),
        predictions=tuple(_predicted(one["name"], p) for p in one["predictions"]),
    )


def _predicted(group: str, one: Mapping[str, Any]) -> Predicted:
    return Predicted(
        group=group,
        says=one["says"],
        kind=one["kind"],
        verdict=one["verdict"],
        as_run=one["as_run"],
        estimate=one["estimate"],
        low=one["low"],
        high=one["high"],
        n=tuple(one["n"]),
        because=tuple(one.get("as_run_because", ())),
        missing=tuple(one.get("missing", ())),
        claim=one.get("claim"),
    )
