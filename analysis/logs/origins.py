"""Runs in, in which of their origins they differ out: the data and the code that they came from, by the digests in their logs."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from sweepbook.analysis.logs.picture import CODE, CONFIG, ENVIRONMENT
from sweepbook.runner.settings import OWN, SETTINGS

# Each origin by its column of the runs: the name of its column in exports, and its words.
ORIGINS = {
    "train_digest": ("train_digest", "training data"),
    "valid_digest": ("valid_digest", "validation data"),
    CODE + "model": ("model_digest", "module of the model"),
    CODE + "dataset": ("dataset_digest", "module of the dataset"),
    CODE + "patch": ("patch", "uncommitted code"),
    CODE + "model_imports": ("model_imports", "code that the model's module imports"),
    CODE + "dataset_imports": ("dataset_imports", "code that the dataset's module imports"),
}
WORDS = dict(ORIGINS.values())
COMMIT, PATCH = ENVIRONMENT + "commit", CODE + "patch"
DATA = ("train_digest", "valid_digest")
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


@dataclass(frozen=True)
class Unlike:
    """Configurations, by their ids, that came from other data than the `usual` ones do, though no setting says so; `origins` are
    the words for what differs."""

    origins: tuple[str, ...]
    odd: tuple[str, ...]
    usual: tuple[str, ...]


def unlike(runs: pd.DataFrame) -> tuple[Unlike, ...]:
    """The configurations whose data are not those of most others, one value for each set of what differs. Held against each other
    are those alike in every setting that may decide what the data are; one whose own runs differ is in `differing`."""
    odd: dict[str, list[str]] = {}
    usual: dict[str, list[str]] = {}
    for column in (name for name in DATA if name in runs and runs[name].nunique() > 1):
        for most, others in _classes(runs, column):
            for ident in others:
                odd.setdefault(ident, []).append(WORDS[ORIGINS[column][0]])
                usual[ident] = most
    found = {words: [ident for ident, own in odd.items() if own == [*words]] for words in map(tuple, odd.values())}
    return tuple(Unlike(words, tuple(ids), tuple(usual[ids[0]])) for words, ids in found.items())


def _classes(runs: pd.DataFrame, column: str) -> Iterator[tuple[list[str], list[str]]]:
    """Configurations of which most have one value in `column`, and the others."""
    known = runs[runs[column].notna() & ~runs["id"].isin([*_mixed(runs, column)])].drop_duplicates("id")
    keys = [name for name in map(str, runs.columns) if name.startswith(CONFIG) and _may_decide(name.removeprefix(CONFIG))]
    # Lists and texts alike, and a setting that a configuration does not have as a value of its own.
    settings = known[keys].astype(str).agg("\0".join, axis=1) if keys else pd.Series("", known.index)
    for _, alike in known.groupby(settings, sort=False):
        classes = [[*map(str, ids)] for _, ids in alike.groupby(column, sort=False)["id"]]
        most = max(classes, key=len)
        others = [ident for own in classes if own is not most for ident in own]
        if others:
            yield most, others


def _may_decide(setting: str) -> bool:
    """Whether a setting may decide what the data are: none of our trainer's but the dataset's name does, and what another tool's
    mean is not known."""
    return setting == "dataset" or (setting not in SETTINGS and not setting.startswith(OWN))
