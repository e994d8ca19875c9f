"""Runs that record no seed of their own in, the seeds that their settings or their names tell out."""

import re
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sweepbook.runner.values import is_finite

# Names of a setting that is the seed, the first of them that there is.
SEEDS = ("seed", "random_seed", "rng_seed", "global_seed", "manual_seed", "random_state", "torch_seed", "np_seed", "train_seed")
BREAKS = re.compile(r"[^a-z0-9]+")
NAMED = re.compile(r"(?:^|[^a-z])(?:seed|rng|random[-_ ]?state)[-_=: ]*(\d{1,12})(?![\d.])|(?:^|[-_/ ])s(\d{1,6})$", re.IGNORECASE)
LAST = re.compile(r"^(.*?[^\d])[-_/ .#(]*(\d{1,6})\)?$", re.DOTALL)
# A number behind such a word says which run it is, not which repeat.
COUNTERS = frozenset(("trial", "version", "v", "id", "experiment", "exp", "job", "index", "checkpoint", "step", "epoch"))
WORD = re.compile(r"([A-Za-z]+)[^A-Za-z]*$")
NUMBER = re.compile(r"\d{1,18}(?:\.0+)?")


def seed_setting(names: Sequence[str], asked: str) -> str | None:
    """The setting that has the seed: the one that is asked for, else the first that is called so."""
    if asked:
        return next((name for name in names if asked in (name, name.rpartition(".")[2])), None)
    plain = {name: known for name in names if (known := _plain(name)) in SEEDS}
    return next((name for seed in SEEDS for name in sorted(plain, key=len) if plain[name] == seed), None)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return BREAKS.sub("_", name.rpartition(".")[2].rpartition("/")[2].lower()).strip("_")


def seed_of(value: object) -> int | None:
    """The seed that a setting means; None for what is no whole number from 0."""
    if isinstance(value, str):
        return int(float(value)) if NUMBER.fullmatch(value.strip()) else None
    whole = is_finite(value) and float(str(value)).is_integer()
    return int(float(str(value))) if whole and float(str(value)) >= 0 else None


def told_seeds(runs: Sequence[tuple[Hashable, str]]) -> Mapping[int, int]:
    """The seeds that names tell, by the place of their run: `runs` has the configuration of each, and its name. A seed that is
    called so counts everywhere. A number at the end counts where all names end in one, and those of one configuration that are the
    same but for it count from 0 or 1; behind a word such as trial or version it is no seed.

    >>> told_seeds([("a", "room-low-1"), ("a", "room-low-2"), ("b", "hall_seed7"), ("c", "resnet")])
    {2: 7}
    >>> told_seeds([("a", "room-low-1"), ("a", "room-low-2"), ("b", "hall-low-1")])
    {0: 1, 1: 2, 2: 1}
    """
    named = {place: match for place, (_, name) in enumerate(runs) if (match := NAMED.search(name))}
    if named:
        return {place: int(match[1] or match[2]) for place, match in named.items()}
    ends = [LAST.match(name) for _, name in runs]
    numbers: dict[tuple[Hashable, str], set[int]] = {}
    for (ident, _), end in zip(runs, ends, strict=True):
        if end is None or _counts(end[1]):
            return {}
        numbers.setdefault((ident, end[1]), set()).add(int(end[2]))
    counting = all(max(own) <= len(own) for own in numbers.values()) and any(len(own) > 1 for own in numbers.values())
    return {place: int(end[2]) for place, end in enumerate(ends) if end} if counting else {}


def _counts(head: str) -> bool:
    """Whether what stands before a number says that it numbers the runs: "trial" or "run id"."""
    word = WORD.search(head)
    return word is not None and word[1].lower() in COUNTERS


def whole_seeds(values: Sequence[Any]) -> list[int | None]:
    """The seed that each value means."""
    return [None if value is None else seed_of(value) for value in values]
