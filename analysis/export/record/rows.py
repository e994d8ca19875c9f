"""A runs.csv in, its rows out, by the configuration that they belong to."""

import csv
import io
import json
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from sweepbook.analysis.export.record.recorded import Recorded
from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.logtable import HIGHEST, STATUSES
from sweepbook.runner.runlog import DELETED, PARENT
from sweepbook.runner.values import is_finite, level_text

ENDS = (*STATUSES, DELETED, PARENT)  # of the logs of any tool
CUTS = ("seconds", "parameters", "steps", "gap")  # columns between which settings and metrics stand
SHOWN = 40  # letters of a cell in a message


@dataclass(frozen=True)
class Heads:
    """The columns of a runs.csv by name: the facts of a run, its settings and its final metrics."""

    facts: Mapping[str, int]
    settings: Mapping[str, int]
    metrics: Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """A line of the runs.csv that `file` names. What is read from it is of its kind; else a SweepbookError names the cell."""

    cells: Sequence[str]
    heads: Heads
    file: str
    line: int

    def fact(self, name: str) -> str:
        """A cell that is no setting and no metric; "" where it is empty, or not there."""
        place = self.heads.facts.get(name)
        return "" if place is None else self.cells[place]

    def count(self, name: str) -> int | None:
        """A fact that is a count; None where it is empty."""
        text = self.fact(name)
        found = _whole(text)
        if text and (found is None or not 0 <= found <= 2**53):
            raise self._wrong(name, text, "a whole number of at least 0")
        return found

    def metric(self, name: str) -> float | None:
        """The value of a final metric of a finished run; None where it is empty."""
        text = self.cells[self.heads.metrics[name]]
        found = _number(text) if text else None
        if found is not None and not abs(found) <= HIGHEST:
            raise self._wrong(name, text, f"a number within ±{HIGHEST:g}")
        return found

    @property
    def seed(self) -> Hashable:
        """The seed of the run; its log where it has none."""
        text = self.fact("seed")
        seed = _whole(text)
        if text and seed is None:
            raise self._wrong("seed", text, "a whole number")
        return self.fact("log") if seed is None else seed

    @property
    def status(self) -> str:
        """How the run ended, or "running"."""
        text = self.fact("status")
        if text not in ENDS:
            raise self._wrong("status", text, f"one of {', '.join(ENDS)}")
        return text

    @property
    def config(self) -> Config:
        """Its settings, with their types."""
        return {name: _typed(self.cells[place]) for name, place in self.heads.settings.items() if self.cells[place]}

    def _wrong(self, name: str, text: str, expected: str) -> SweepbookError:
        found = repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
        told = f"{self.file}: line {self.line}: {name}: {found} found, {expected} expected"
        return SweepbookError(f"{told}; build that report again")


def rows(file: str, data: bytes) -> list[Row]:
    """The rows of the runs.csv that `file` names. Settings stand between "seconds" and "parameters", metrics between "steps" and
    "gap"."""
    try:
        names, *lines = csv.reader(io.StringIO(data.decode(), newline="")) if data.strip() else [()]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SweepbookError(f"{file}: is no table: {error}; build that report again") from None
    lacking = [name for name in (*CUTS, "label", "seed", "status", "log") if name not in names]
    if lacking:
        raise SweepbookError(f"{file}: lacks the column {lacking[0]}; build that report again")
    cuts = [names.index(name) for name in CUTS]
    settings, metrics = range(cuts[0] + 1, cuts[1]), range(cuts[2] + 1, cuts[3])
    facts = [i for i in range(len(names)) if i not in settings and i not in metrics]
    heads = Heads(*({_name(names[i], set(names)): i for i in places} for places in (facts, settings, metrics)))
    for number, cells in enumerate(lines, 2):
        if cells and len(cells) != len(names):
            found = f"{len(cells)} cells found, {len(names)} expected"
            raise SweepbookError(f"{file}: line {number}: {found}; build that report again")
    return [Row(cells, heads, file, number) for number, cells in enumerate(lines, 2) if cells]


def _whole(text: str) -> int | None:
    """The whole number that `text` is; None where it is none."""
    try:
        return int(text)
    except ValueError:  # a column of whole numbers that lacks one has 7.0 for 7
        number = _number(text)
        return int(number) if number.is_integer() else None


def _number(text: str) -> float:
    """The number that `text` is; nan where it is none."""
    try:
        return float(text)
    except ValueError:
        return nan


def _name(head: str, heads: Collection[str]) -> str:
    """The name of a setting or metric that has this head: without the underscores that tell it from another column."""
    return _name(head[:-1], heads) if head.endswith("_") and head[:-1] in heads else head


def by_config(found: Iterable[Row], configs: Sequence[Recorded], problems: set[str]) -> tuple[dict[str, list[Row]], list[Row]]:
    """The rows that count by the id of their configuration, and those of configurations that have no finished run. Where several
    have the same label their settings tell which it is."""
    named: dict[str, list[Recorded]] = {}
    for one in configs:
        named.setdefault(one.label, []).append(one)
    counted: dict[str, list[Row]] = {one.id: [] for one in configs}
    rest = []
    for row in found:
        finished, label = row.status == "finished", row.fact("label")
        if not finished or row.fact("log") in problems:
            rest += [] if finished else [row]
            continue
        candidates = named.get(label, [])
        if len(candidates) > 1:  # of two that agree, the one that says more: the other lacks a setting that this run has
            candidates = [one for one in candidates if _agree(row, one.config)]
        if not candidates:
            told = f"a finished run of {label}, which the findings.json beside it does not know"
            raise SweepbookError(f"{row.file}: line {row.line}: {told}; build that report again")
        counted[max(candidates, key=lambda one: len(one.config)).id].append(row)
    return counted, [row for row in rest if not any(_agree(row, one.config) for one in named.get(row.fact("label"), ()))]


def _agree(row: Row, config: Mapping[str, object]) -> bool:
    own = row.config
    return all(level_text(own.get(key, "")) == level_text(value) for key, value in config.items())


def _typed(text: str) -> Any:
    """A setting as a cell of runs.csv has it, with its type: what is no number, truth value or list is text."""
    if text in ("True", "False"):
        return text == "True"
    try:
        found = json.loads(text.replace("'", '"') if text.startswith("[") else text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, list) or is_finite(found) else text
