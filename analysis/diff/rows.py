"""A runs.csv in, its rows out, by the configuration that they belong to."""

import csv
import io
import json
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.config import Config, level_text


@dataclass(frozen=True)
class Heads:
    """The columns of a runs.csv by name: the facts of a run, its settings and its final metrics."""

    facts: Mapping[str, int]
    settings: Mapping[str, int]
    metrics: Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """A line of runs.csv."""

    cells: Sequence[str]
    heads: Heads

    def fact(self, name: str) -> str:
        """A cell that is no setting and no metric; "" where it is empty, or not there."""
        place = self.heads.facts.get(name)
        return "" if place is None else self.cells[place]

    def count(self, name: str) -> int | None:
        """A fact that is a whole number; None where it is empty."""
        text = self.fact(name)
        return int(float(text)) if text else None

    @property
    def seed(self) -> Hashable:
        """The seed of the run; its log where it has none."""
        seed = self.count("seed")
        return self.fact("log") if seed is None else seed

    @property
    def config(self) -> Config:
        """Its settings, with their types."""
        return {name: _typed(self.cells[place]) for name, place in self.heads.settings.items() if self.cells[place]}


def rows(data: bytes) -> list[Row]:
    """The rows of a runs.csv. Settings stand between "seconds" and "parameters", metrics between "steps" and "gap"."""
    lines = csv.reader(io.StringIO(data.decode()))
    names = next(lines, [])
    cuts = [names.index(name) for name in ("seconds", "parameters", "steps", "gap")]
    settings, metrics = range(cuts[0] + 1, cuts[1]), range(cuts[2] + 1, cuts[3])
    facts = [i for i in range(len(names)) if i not in settings and i not in metrics]
    heads = Heads(*({_name(names[i], set(names)): i for i in places} for places in (facts, settings, metrics)))
    return [Row(cells, heads) for cells in lines if cells]


def _name(head: str, heads: Collection[str]) -> str:
    """The name of a setting or metric that has this head: without the underscores that tell it from another column."""
    return _name(head[:-1], heads) if head.endswith("_") and head[:-1] in heads else head


def by_config(
    found: Iterable[Row], configs: Sequence[Mapping[str, Any]], problems: set[str]
) -> tuple[dict[str, list[Row]], list[Row]]:
    """The rows that count by the id of their configuration, and those of configurations that have no finished run. Where several
    have the same label their settings tell which it is."""
    named: dict[str, list[Mapping[str, Any]]] = {}
    for one in configs:
        named.setdefault(one["label"], []).append(one)
    counted: dict[str, list[Row]] = {one["id"]: [] for one in configs}
    rest = []
    for row in found:
        finished = row.fact("status") == "finished"
        if not finished or row.fact("log") in problems:
            rest += [] if finished else [row]
            continue
        candidates = named.get(row.fact("label"), [])
        if len(candidates) > 1:  # of two that agree, the one that says more: the other lacks a setting that this run has
            candidates = [one for one in candidates if _agree(row, one["config"])]
        if not candidates:
            raise ValueError(f"runs.csv has a finished run of {row.fact('label')} that findings.json does not know")
        counted[max(candidates, key=lambda one: len(one["config"]))["id"]].append(row)
    return counted, [row for row in rest if not any(_agree(row, one["config"]) for one in named.get(row.fact("label"), ()))]


def _agree(row: Row, config: Config) -> bool:
    own = row.config
    return all(level_text(own.get(key, "")) == level_text(value) for key, value in config.items())


def _typed(text: str) -> Any:
    """A setting as a cell of runs.csv has it, with its type: what is no number, truth value or list is text."""
    if text in ("True", "False"):
        return text == "True"
    try:
        return json.loads(text.replace("'", '"') if text.startswith("[") else text)
    except ValueError:
        return text
