"""Two sides in, which configurations of one are those of the other out: what changed in all of them, what is on one side only,
and what cannot be compared."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sweepbook.analysis import words as w
from sweepbook.analysis.export.record.read import Entry, Side
from sweepbook.runner.config import Config, active, config_id
from sweepbook.runner.settings import OPTIMIZERS
from sweepbook.runner.values import level_text

VALIDATION = "valid_digest"
MOST_HINTED = 500  # configurations of one side alone; of more it takes too long to find out why


@dataclass(frozen=True)
class Changed:
    """A setting that differs within `pairs` of the matched configurations, and how; None where a side does not have it."""

    key: str
    old: str | None
    new: str | None
    pairs: int


@dataclass(frozen=True)
class Incomparable:
    """A configuration of both sides that is not compared, and why."""

    label: str
    reason: str


@dataclass(frozen=True)
class Matching:
    """`pairs` holds the matched configurations in the new side's order, `changed` the settings that differ within them, `added`
    and `removed` those of one side alone. `key` gives the identity by which both were matched, that of the settings but for
    those `without`. `hints` are single settings
    without which two or more would match, each with the number of pairs."""

    pairs: tuple[tuple[Entry, Entry], ...]
    changed: tuple[Changed, ...]
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    incomparable: tuple[Incomparable, ...]
    key: Callable[[Config], str]
    without: frozenset[str] = frozenset()
    hints: tuple[tuple[str, int], ...] = ()

    def keys(self, side: Side) -> dict[str, str]:
        """What each configuration of a side that has run is matched by, by its id."""
        tried = {config_id(one.config): self.key(one.config) for one in side.unfinished}
        return {entry.id: _key(entry, self.key, self.without) for entry in side.entries.values()} | tried

    @cached_property
    def shared(self) -> dict[str, frozenset[Hashable]]:
        """The seeds at which both sides of a pair have the same run, by its new id."""
        return {b.id: a.repeated(b) for a, b in self.pairs}

    @cached_property
    def same_logs(self) -> int:
        """The runs of which both sides have the same log."""
        return sum(len(self.shared[b.id]) for a, b in self.pairs if a.logs & b.logs)

    @cached_property
    def overlapping(self) -> bool:
        """Whether some configuration has runs of which both sides have the same log, and others besides."""
        both = ((a, b, len(self.shared[b.id])) for a, b in self.pairs if a.logs & b.logs)
        return any(0 < same < max(a.n, b.n) for a, b, same in both)

    def already(self, pair: tuple[Entry, Entry]) -> tuple[tuple[str, str], ...]:
        """The settings that changed elsewhere and that a pair had at the new level on both sides, each with that level."""
        before, after = pair
        had = {one.key: one.new for one in self.changed if one.new is not None and _level(before.config, one.key) == one.new}
        return tuple((key, level) for key, level in had.items() if _level(after.config, key) == level)


def matching(old: Side, new: Side, metric: str, ignore: Collection[str] = (), only: Collection[str] = ()) -> Matching:
    """The configurations of `old` and `new` that are the same but for the settings that changed everywhere, and those to
    `ignore`; with `only` those that agree in these settings, whatever the others are."""
    known = dict.fromkeys(key for side in (old, new) for entry in side.entries.values() for key in entry.config)
    without = set(known) - set(only) if only else {*ignore, *_everywhere(old, new, known)}
    key = _identity(frozenset(without))
    sides = [_by_key(side, key, without) for side in (old, new)]
    pairs, incomparable = [], []
    for name, found in sides[1].items():
        before = sides[0].get(name, [])
        if len(found) == len(before) == 1:
            reason = _evaluated(before[0], found[0], metric)
            if reason:
                incomparable.append(Incomparable(found[0].label, reason))
            else:
                pairs.append((before[0], found[0]))
        elif before:
            incomparable.append(Incomparable(_labels(found), _several(before, found, without)))
    added, removed = ([e for k, e in _flat(a) if k not in b] for a, b in ((sides[1], sides[0]), (sides[0], sides[1])))
    return Matching(
        pairs=tuple(pairs),
        changed=tuple(_changed(pairs, known)),
        added=tuple(added),
        removed=tuple(removed),
        incomparable=tuple(incomparable),
        key=key,
        without=frozenset(without),
        hints=_hints(added, removed, known, without),
    )


def _identity(without: frozenset[str]) -> Callable[[Config], str]:
    return lambda config: config_id(config, without)


def _by_key(side: Side, key: Callable[[Config], str], without: Collection[str]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in side.entries.values():
        found.setdefault(_key(entry, key, without), []).append(entry)
    return found


def _key(entry: Entry, key: Callable[[Config], str], without: Collection[str]) -> str:
    """What an entry is matched by: its id, which is known, where it has none of the settings that are left out."""
    return key(entry.config) if any(name in entry.config for name in without) else entry.id


def _flat(found: Mapping[str, Sequence[Entry]]) -> Iterable[tuple[str, Entry]]:
    return ((key, entry) for key, entries in found.items() for entry in entries)


def _everywhere(old: Side, new: Side, keys: Iterable[str]) -> set[str]:
    """The settings that all of one side have at one level, and all of the other at another one or not at all. A configuration in
    which a setting does not act says nothing of it."""
    found = set()
    for key in keys:
        levels = [{level_text(e.config[key]) for e in side.entries.values() if key in e.config} for side in (old, new)]
        if max(map(len, levels)) > 1 or levels[0] == levels[1]:
            continue
        everywhere = [all(key in e.config or not _acts(key, e.config) for e in side.entries.values()) for side in (old, new)]
        if all(every or not written for every, written in zip(everywhere, levels, strict=True)):
            found.add(key)
    return found


def _acts(key: str, config: Config) -> bool:
    return key in active({**config, key: 0})


def _level(config: Config, key: str) -> str | None:
    """The level of `key`, its default's where it is left out; None where there is none, or it would not act."""
    if key in config:
        return level_text(config[key])
    defaults = OPTIMIZERS.get(str(config.get("optimizer")), {})
    return level_text(defaults[key]) if key in defaults else None


def _changed(pairs: Sequence[tuple[Entry, Entry]], keys: Iterable[str]) -> Iterable[Changed]:
    """What differs within the pairs, what differs in most of them first."""
    counts: dict[tuple[str, str | None, str | None], int] = {}
    for before, after in pairs:
        levels = {key: (_level(before.config, key), _level(after.config, key)) for key in (keys if before.id != after.id else ())}
        if before.train_examples and after.train_examples:
            levels["train_examples"] = w.count(before.train_examples), w.count(after.train_examples)
        for key in sorted(before.origins.keys() & after.origins.keys() - {VALIDATION}):
            levels[key] = w.listing(sorted(before.origins[key])), w.listing(sorted(after.origins[key]))
        for key, (a, b) in levels.items():
            if a != b:
                counts[key, a, b] = counts.get((key, a, b), 0) + 1
    return (Changed(*place, pairs=count) for place, count in sorted(counts.items(), key=lambda item: -item[1]))


def _evaluated(before: Entry, after: Entry, metric: str) -> str:
    """Why two scores do not answer the same question; "" where they do."""
    pair = (before, after)
    digests = [w.listing(sorted(e.origins[VALIDATION])) if VALIDATION in e.origins else None for e in pair]
    facts = [
        ("validated on {} and on {}", [None if "dataset" not in e.config else str(e.config["dataset"]) for e in pair]),
        ("validation sets of {} and {}", [_examples(e.valid_examples) for e in pair]),
        ("validation sets with other examples, by their digests {} and {}", digests),
        ("scored on {} and on {}", [_examples(e.valid_seen) for e in pair]),
    ]
    if before.valid_seen is None or after.valid_seen is None:
        facts.append(("scored on {} and on {} validation batches", [_level(e.config, "valid_steps") or "all" for e in pair]))
    same = digests[0] is not None and digests[0] == digests[1]  # by whatever name each side knows them
    for words, (a, b) in facts[1:] if same else facts:
        if a is not None and b is not None and a != b:
            return words.format(a, b)
    without = [name for name, e in (("old", before), ("new", after)) if metric not in e.runs]
    return f"the {' and the '.join(without)} runs have no {w.metric_name(metric)}" if without else ""


def _examples(count: int | None) -> str | None:
    return None if count is None else f"{w.count(count)} examples"


def _several(before: Sequence[Entry], after: Sequence[Entry], without: Collection[str]) -> str:
    """Why configurations that are the same without some settings are not compared."""
    counts = f"{w.plural(len(before), 'old configuration')} and {len(after)} new"
    left = [key for key in without if any(len({_level(e.config, key) for e in found}) > 1 for found in (before, after))]
    return f"{counts} are the same without {w.listing([w.setting_name(key) for key in sorted(left)]) or 'what is ignored'}"


def _labels(entries: Sequence[Entry]) -> str:
    return w.first_to_last([entry.label for entry in entries])


def _hints(
    added: Sequence[Entry], removed: Sequence[Entry], keys: Iterable[str], without: Collection[str]
) -> tuple[tuple[str, int], ...]:
    """The single settings without which a configuration that was added is one that was removed."""
    found: list[tuple[str, int]] = []
    for key in keys if max(len(added), len(removed)) <= MOST_HINTED else ():
        if key in without:
            continue
        sides = [[config_id(e.config, {*without, key}) for e in entries] for entries in (added, removed)]
        both = [name for name in set(sides[0]) & set(sides[1]) if sides[0].count(name) == sides[1].count(name) == 1]
        found += [(key, len(both))] if len(both) > 1 else []
    return tuple(sorted(found, key=lambda item: -item[1]))
