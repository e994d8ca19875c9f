"""Runs in, the same out with those told apart that only hold other runs together: a search above its trials, say."""

from collections.abc import Iterator

import pandas as pd
from sweepbook.runner.runlog import PARENT

METRICS = "metrics."
NAMED = "environment.parent"  # the id of the run in which one is nested


def with_parents(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs`, with the status of a parent for each that others name so and that has no metric which one of them has. One that has
    is a run as they are: of a model that was trained once more on all folds, say."""
    if NAMED not in runs.columns:
        return runs
    ids = {str(log).rpartition("/")[2]: place for place, log in enumerate(runs["log"])}
    children: dict[int, list[int]] = {}
    for place, parent in enumerate(runs[NAMED]):
        if isinstance(parent, str) and ids.get(parent, place) != place:
            children.setdefault(ids[parent], []).append(place)
    statuses = list(runs["status"])
    for place in _alone(runs, children):
        if statuses[place] != "deleted":
            statuses[place] = PARENT
    return runs.assign(status=pd.Series(statuses, index=runs.index, dtype=object))


def _alone(runs: pd.DataFrame, children: dict[int, list[int]]) -> Iterator[int]:
    """The parents that share no metric with their children."""
    has = runs[[name for name in runs.columns if name.startswith(METRICS)]].notna().to_numpy()
    yield from (parent for parent, own in children.items() if not (has[parent] & has[own].any(axis=0)).any())
