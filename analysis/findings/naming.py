"""Configurations under the labels of their logs in, a label each that no other configuration has out."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sweepbook.runner.config import Config
from sweepbook.runner.values import level_text

UNNAMED = "run"  # what a run is called that its tool gave no name


def distinct(labels: Mapping[str, str], configs: Mapping[str, Config], fixed: Collection[str]) -> dict[str, str]:
    """The label of each configuration by its id; one that several have is followed by the settings that tell them apart. The ids
    in `fixed` keep theirs; runs without a name are called by these settings alone.

    >>> distinct({"1": "net", "2": "net"}, {"1": {"lr": 0.1}, "2": {"lr": 0.2}}, ())
    {'1': 'net (lr 0.1)', '2': 'net (lr 0.2)'}
    """
    same: dict[str, list[str]] = {}
    for ident, label in labels.items():
        same.setdefault(label, []).append(ident)
    found = dict(labels)
    for label, idents in same.items():
        if len(idents) > 1:
            keys = _telling([configs[ident] for ident in idents])
            told = {i: _settings(configs[i], keys) for i in idents if i not in fixed}
            found |= told if label == UNNAMED else {i: f"{label} ({settings})" for i, settings in told.items()}
    return found


def _telling(configs: Sequence[Config]) -> list[str]:
    """Settings that together tell all of these configurations apart, few where few do."""
    keys: list[str] = []
    parts: list[tuple[str, ...]] = [()] * len(configs)
    for key in _varied(configs):
        finer = [(*part, _level(config, key)) for part, config in zip(parts, configs, strict=True)]
        if len(set(finer)) > len(set(parts)):
            keys.append(key)
            parts = finer
        if len(set(parts)) == len(configs):
            break
    return keys


def _varied(configs: Iterable[Config]) -> list[str]:
    """The settings that are not the same in all, those with the most levels first."""
    levels: dict[str, set[str]] = {}
    known = list(configs)
    for key in dict.fromkeys(key for config in known for key in config):
        levels[key] = {_level(config, key) for config in known}
    return sorted((key for key, own in levels.items() if len(own) > 1), key=lambda key: -len(levels[key]))


def _level(config: Config, key: str) -> str:
    """A setting with its level in words."""
    return f"{key} {level_text(config[key])}" if key in config else f"no {key}"


def _settings(config: Config, keys: Iterable[str]) -> str:
    return ", ".join(_level(config, key) for key in keys)
