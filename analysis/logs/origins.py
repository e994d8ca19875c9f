"""Runs in, in which of their origins they differ out: the data and the code that they came from, by the digests in their logs."""

from collections.abc import Iterator

import pandas as pd
from sweepbook.analysis.logs.picture import CODE, ENVIRONMENT

# Each origin by its column of the runs: the name of its column in exports, and its words.
ORIGINS = {
    "train_digest": ("train_digest", "training data"),
    "valid_digest": ("valid_digest", "validation data"),
    CODE + "model": ("model_digest", "module of the model"),
    CODE + "dataset": ("dataset_digest", "module of the dataset"),
    CODE + "patch": ("patch", "uncommitted code"),
}
WORDS = dict(ORIGINS.values())
COMMIT, PATCH = ENVIRONMENT + "commit", CODE + "patch"
CLEAN = "none"  # the patch of a tree in which all is committed


def differing(runs: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """What differs among the runs of each configuration that should repeat one thing, by its id. A log without a digest says
    nothing; patches are held against each other where they are to one commit."""
    found: dict[str, list[str]] = {}
    for column in (name for name in ORIGINS if name in runs):
        for ident in _mixed(runs, column):
            found.setdefault(ident, []).append(WORDS[ORIGINS[column][0]])
    return {ident: tuple(words) for ident, words in found.items()}


def _mixed(runs: pd.DataFrame, column: str) -> Iterator[str]:
    """The configurations whose runs have several values in `column`."""
    over = ["id", COMMIT] if column == PATCH else ["id"]
    if not set(over) <= set(runs.columns):
        return
    known = runs[runs[column].notna()]
    counts = known.groupby(over, sort=False)[column].nunique()
    yield from dict.fromkeys(str(runs_of[0] if len(over) > 1 else runs_of) for runs_of in counts.index[counts > 1])
