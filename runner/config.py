"""Settings in, a configuration out: which of them act, what they are where they are left out, and the identity they make."""

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TypeAlias

from sweepbook.runner.settings import (
    ALWAYS_NEEDED,
    ARCHITECTURE,
    BESIDE,
    DATASET_NAMES,
    DEFAULTS,
    MODEL_SETTINGS,
    OPTIMIZER_SETTINGS,
    OPTIMIZERS,
    OWN,
    SETTINGS,
    is_own,
)
from sweepbook.runner.values import Value, plain

Config: TypeAlias = Mapping[str, Value]

# Made once: json.dumps with arguments of its own makes an encoder for every value.
SORTED = json.JSONEncoder(sort_keys=True, ensure_ascii=True, default=str)
NEEDED = frozenset(ALWAYS_NEEDED)
NAMING = tuple(dict.fromkeys(other for other, _ in BESIDE.values()))  # the settings beside which others act, or do not
USUAL = tuple((other, DEFAULTS.get(other)) for other in NAMING)


class SweepbookError(Exception):
    """The root of every error that a user can mend; its message says what was found, where, and what to do."""


def active(config: Config) -> dict[str, Value]:
    """The settings that act, in the order of `SETTINGS` and unknown ones last by name.

    A setting that the model or the optimiser does not use is left out (`units2` where `depth` is 1,
    `momentum` under Adam). Settings of other tools' runs, which are unknown here, all stay.

    >>> active({"model": "mlp", "depth": 1, "units1": 256, "units2": 256})
    {'model': 'mlp', 'units1': 256, 'depth': 1}
    """
    idle = idle_settings(config)
    known = [key for key in SETTINGS if key in config]
    other = sorted(key for key in config if key not in SETTINGS)
    return {key: config[key] for key in [*known, *other] if key not in idle}


def idle_settings(config: Config) -> frozenset[str]:
    """The settings of `config` that cannot change its result."""
    optimizer, model = str(config.get("optimizer")), str(config.get("model"))  # text, whatever another tool's log holds
    idle = _idle(optimizer, model, config.get("depth") == 1)
    return idle | _idle_here(config) if is_trained_here(config) else idle


@lru_cache(maxsize=1024)
def _idle(optimizer: str, model: str, single: bool) -> frozenset[str]:
    """The settings that are idle under an optimiser and in a model, of a `single` layer or of more."""
    idle: set[str] = set()
    if optimizer in OPTIMIZERS:
        idle |= OPTIMIZER_SETTINGS - OPTIMIZERS[optimizer].keys()
    if model in MODEL_SETTINGS:
        idle |= {"units1", "units2", "depth", "channels"} - set(MODEL_SETTINGS[model])
    if single:
        idle.add("units2")
    return frozenset(idle)


def _idle_here(config: Config) -> frozenset[str]:
    """The settings of a configuration of ours that act only beside others, and not beside those that it has."""
    named = tuple([str(config.get(other, usual)) for other, usual in USUAL])
    idle = _idle_beside(named, bool(config.get("patience", DEFAULTS["patience"])))
    return idle if is_own(config["model"]) else idle | _own_settings(tuple(config))


@lru_cache(maxsize=1024)
def _idle_beside(named: tuple[str, ...], patient: bool) -> frozenset[str]:
    """The settings of ours that are idle beside those of `NAMING`, in that order, with patience or without."""
    beside = dict(zip(NAMING, named, strict=True))
    idle = {name for name, (other, values) in BESIDE.items() if beside[other] not in values}
    if not patient and beside["schedule"] != "plateau":
        idle.add("watch")
    return frozenset(idle.union(ARCHITECTURE) if is_own(beside["model"]) else idle)


@lru_cache(maxsize=1024)
def _own_settings(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(OWN))


def defaults(config: Config) -> Mapping[str, Value]:
    """What settings are that `config` leaves out: those of its optimiser, and where it can be trained here, all others.

    >>> defaults({"optimizer": "SGD", "dropout": 0.0})["momentum"], "precision" in defaults({"optimizer": "SGD"})
    (0, False)
    """
    return _defaults(str(config.get("optimizer")), is_trained_here(config))


@lru_cache(maxsize=1024)
def _defaults(optimizer: str, here: bool) -> Mapping[str, Value]:
    of_optimizer = OPTIMIZERS.get(optimizer, {})
    return {**of_optimizer, **DEFAULTS} if here else of_optimizer


def is_trained_here(config: Config) -> bool:
    """Whether `config` is one of ours: another tool's log may mean something else by a setting of the same name."""
    known = str(config.get("model")) in MODEL_SETTINGS or _has_own_model(config)
    return known and config.keys() >= NEEDED


def _has_own_model(config: Config) -> bool:
    """Whether the model is a user's own; that of another tool may look like one, so all else has to be as here."""
    dataset = config.get("dataset")
    return is_own(config.get("model")) and (dataset in DATASET_NAMES or is_own(dataset)) and config.get("optimizer") in OPTIMIZERS


def missing(config: Config) -> list[str]:
    """The settings that `config` needs and does not have."""
    needed = [*ALWAYS_NEEDED, *MODEL_SETTINGS.get(str(config.get("model")), ())]
    if config.get("schedule") == "step":
        needed.append("step_epochs")
    return [key for key in needed if key not in config and key not in idle_settings(config)]


def config_id(config: Config, without: Collection[str] = ()) -> str:
    """The identity of a configuration: 12 hex digits of the SHA-256 of the settings that act, but for those `without`.

    Replicates share it, in whatever group and under whatever label they were run. A keyword written out at its
    default is the same as one left out, and 1.0 is the same as 1.

    >>> config_id({"optimizer": "Adam", "lr": 1.0}) == config_id({"lr": 1, "optimizer": "Adam", "weight_decay": 0.0})
    True
    """
    usual = defaults(config)
    idle = idle_settings(config).union(without)
    telling = {key: plain(value) for key, value in config.items() if key not in idle}
    for key in usual.keys() & telling.keys():
        if telling[key] == plain(usual[key]):
            del telling[key]
    return hashlib.sha256(SORTED.encode(telling).encode()).hexdigest()[:12]


def setting(config: Config, key: str) -> Value:
    """What a configuration that is trained here has for `key`, its default where it has nothing."""
    return config[key] if key in config else DEFAULTS[key]


def whole(config: Config, key: str) -> int:
    """The whole number that a checked configuration has for `key`."""
    value = setting(config, key)
    assert isinstance(value, int)
    return value


def number(config: Config, key: str) -> float:
    """The number that a checked configuration has for `key`."""
    value = setting(config, key)
    assert isinstance(value, int | float)
    return float(value)
