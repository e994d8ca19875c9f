"""Two sweeps in, a `Comparison` out: what changed between them as pandas frames, for a notebook."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.document import document
from sweepbook.analysis.diff.sources import sources
from sweepbook.runner.config import SweepbookError


@dataclass(frozen=True)
class Comparison:
    """What changed from one sweep to another. `answer` says it in one sentence; `document` is what `diff --format json` prints.

    Differences are new minus old, in the metric's own unit: 0.01 of an accuracy is one point. `low` and `high` are the ends of 95%
    intervals.
    """

    answer: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def comparisons(self) -> pd.DataFrame:
        """A row a matched configuration and metric: label, metric, old, new (means), difference, low, high, verdict, p."""
        columns = ["label", "metric", "old", "new", "difference", "low", "high", "verdict", "p"]
        return pd.DataFrame(self.document["comparisons"], columns=columns)

    @property
    def overall(self) -> pd.DataFrame:
        """A row a metric, over all matched configurations: metric, difference, low, high, pairs (their number), told."""
        rows = [{"metric": name, **one} for name, one in self.document["overall"].items()]
        return pd.DataFrame(rows, columns=["metric", "difference", "low", "high", "pairs", "told"])

    @property
    def turned(self) -> pd.DataFrame:
        """A row a conclusion that changed: group, says, old, new, because, kind."""
        return pd.DataFrame(self.document["turned"], columns=["group", "says", "old", "new", "because", "kind"])

    @property
    def settings_changed(self) -> pd.DataFrame:
        """A row a setting that the new sweep has at another value: key, old, new, pairs (configurations)."""
        return pd.DataFrame(self.document["settings_changed"], columns=["key", "old", "new", "pairs"])

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, the overall differences and the conclusions that changed."""
        turned = self.turned[["says", "old", "new", "because"]].to_html(index=False) if len(self.turned) else ""
        return f"<p><strong>{escape(self.answer)}</strong></p>{self.overall.to_html(index=False)}{turned}"


def diff(
    old: Path | str,
    new: Path | str,
    *,
    plan: Path | str | None = None,
    metric: str | None = None,
    goal: str | None = None,
    ignore: Collection[str] = (),
    match: Collection[str] = (),
    margin: float | None = None,
) -> Comparison:
    """What changed from `old` to `new`, each a report folder, a report in a git revision ("REV:PATH") or a folder of run logs.

    `plan` is that of folders of run logs, `metric` what to compare by (default: what `new` is ranked by) and
    `goal` which way it is better, where its name does not say. Configurations are
    matched without the settings in `ignore`, or by those in `match` alone. A difference within `margin` counts as none.
    SweepbookError says what is wrong and what to do.
    """
    if ignore and match:
        raise SweepbookError("ignore and match exclude each other: match ignores every setting that it does not name")
    sides = sources(str(old), str(new), None if plan is None else Path(plan), metric, goal)
    found = json.loads(document(sweep_diff(*sides, Options(tuple(ignore), tuple(match), margin, metric))))
    return Comparison(found["answer"], found)
