"""Settings in, a configuration out: which settings exist, what each may be, which of them act, and the identity they make."""

import hashlib
import json
import math
import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TypeAlias

OWN = "own."  # what the settings for a model of the user's own begin with
OWN_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
OWN_SETTING = re.compile(r"own\.[A-Za-z_]\w*")

Value: TypeAlias = str | bool | int | float | list[float]
Config: TypeAlias = Mapping[str, Value]


class SweepbookError(Exception):
    """The root of every error that a user can mend; its message says what was found, where, and what to do."""


@dataclass(frozen=True)
class Setting:
    """One setting of a run: whether a value is right, and the words for what would be."""

    accepts: Callable[[object], bool]
    expected: str
    kind: type = object
    limits: tuple[float, float] = (-math.inf, math.inf)  # a number of it never lies outside


def _whole(low: int = 1) -> Setting:
    return Setting(lambda v: type(v) is int and v >= low, f"a whole number of at least {low}", int, (low, math.inf))


def is_finite(value: object) -> bool:
    """Whether `value` is a number that a float can hold."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # type: ignore[arg-type]


def _number(test: Callable[[float], bool], expected: str, high: float = math.inf) -> Setting:
    return Setting(lambda v: is_finite(v) and test(v), expected, float, (0, high))  # type: ignore[arg-type]


def _one_of(*names: str) -> Setting:
    return Setting(lambda v: v in names, "one of " + ", ".join(f'"{n}"' for n in names), str)


def is_own(name: object) -> bool:
    """Whether a model or dataset is a function of the user's, by its module and its name.

    >>> is_own("mypackage.nets:build"), is_own("mlp"), is_own("llama3:8b")
    (True, False, False)
    """
    return isinstance(name, str) and ":" in name and bool(OWN_NAME.fullmatch(name))


def _one_of_or_own(*names: str) -> Setting:
    ours = _one_of(*names)
    return Setting(lambda v: v in names or is_own(v), f'{ours.expected}, or your own as "module:function"', str)


def is_setting(name: str) -> bool:
    """Whether a plan may have a setting of that name: one of ours, or one for a model of the user's own."""
    return name in SETTINGS or bool(OWN_SETTING.fullmatch(name))


def _is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(map(is_finite, value))
    return isinstance(value, str | bool) or is_finite(value)


def _two_fractions(v: object) -> bool:
    return isinstance(v, list) and len(v) == 2 and all(FRACTION.accepts(x) for x in v)


FRACTION = _number(lambda v: 0 <= v < 1, "a number from 0 up to, not including, 1", 1)
POSITIVE_FRACTION = _number(lambda v: 0 < v < 1, "a number between 0 and 1", 1)
ANGLE = _number(lambda v: 0 <= v <= 180, "a number from 0 to 180", 180)
SHARE_OR_ALL = _number(lambda v: 0 <= v <= 1, "a number from 0 to 1", 1)
POSITIVE = _number(lambda v: v > 0, "a number above 0")
NOT_NEGATIVE = _number(lambda v: v >= 0, "a number of at least 0")
FLAG = Setting(lambda v: type(v) is bool, "true or false", bool)
ANY_VALUE = Setting(_is_value, "text, a number, true, false or a list of numbers")

# The keyword settings of each optimiser, with torch's defaults: the same run whether they are written out or not.
OPTIMIZERS: dict[str, dict[str, Value]] = {
    "SGD": {"momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False},
    "Adam": {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
    "AdamW": {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False},
    "RMSprop": {"alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
}
# What a setting is where it is left out, in the configurations that are trained here: the same run, written out or not.
DEFAULTS: dict[str, Value] = {
    "blocks": 2,
    "batch_norm": False,
    "dropout": 0,
    "schedule": "constant",
    "warmup": 0,
    "step_factor": 0.1,
    "plateau_factor": 0.1,
    "plateau_patience": 10,
    "one_cycle_rise": 0.3,
    "label_smoothing": 0,
    "clip_norm": 0,
    "shift": 0,
    "flip": 0,
    "rotation": 0,
    "patience": 0,
    "watch": "valid_accuracy",
    "precision": "float32",
}
# Made once: json.dumps with arguments of its own makes an encoder for every value.
SORTED = json.JSONEncoder(sort_keys=True, ensure_ascii=True, default=str)
WRITTEN = json.JSONEncoder(ensure_ascii=False, default=str)
OPTIMIZER_SETTINGS = frozenset(key for keywords in OPTIMIZERS.values() for key in keywords)
MODEL_SETTINGS = {"mlp": ("units1", "units2", "depth"), "cnn": ("channels", "units1")}
ARCHITECTURE = ("units1", "units2", "depth", "channels", "blocks", "batch_norm", "dropout")  # of our own models alone
DATASET_NAMES = ("fashion_mnist", "cifar10", "digits")
SCHEDULES = ("constant", "cosine", "step", "one_cycle", "plateau")
# Settings that act only beside some values of another one: setting -> (the other, its values).
BESIDE: dict[str, tuple[str, tuple[Value, ...]]] = {
    "blocks": ("model", ("cnn",)),
    "warmup": ("schedule", ("constant", "cosine", "step", "plateau")),
    "step_epochs": ("schedule", ("step",)),
    "step_factor": ("schedule", ("step",)),
    "plateau_factor": ("schedule", ("plateau",)),
    "plateau_patience": ("schedule", ("plateau",)),
    "one_cycle_rise": ("schedule", ("one_cycle",)),
}
ALWAYS_NEEDED = ("dataset", "model", "epochs", "batch_size", "lr", "optimizer")

SETTINGS: dict[str, Setting] = {
    "dataset": _one_of_or_own(*DATASET_NAMES),
    "model": _one_of_or_own(*MODEL_SETTINGS),
    "units1": _whole(),
    "units2": _whole(),
    "depth": _whole(),
    "channels": _whole(),
    "epochs": _whole(),
    "batch_size": _whole(),
    "lr": POSITIVE,
    "optimizer": _one_of(*OPTIMIZERS),
    "train_steps": _whole(),
    "valid_steps": _whole(),
    "momentum": FRACTION,
    "dampening": FRACTION,
    "weight_decay": NOT_NEGATIVE,
    "nesterov": FLAG,
    "betas": Setting(_two_fractions, "a list of two numbers from 0 up to, not including, 1", list),
    "eps": POSITIVE,
    "alpha": FRACTION,
    "centered": FLAG,
    "amsgrad": FLAG,
    "blocks": _whole(),
    "batch_norm": FLAG,
    "dropout": FRACTION,
    "schedule": _one_of(*SCHEDULES),
    "warmup": NOT_NEGATIVE,
    "step_epochs": _whole(),
    "step_factor": POSITIVE_FRACTION,
    "plateau_factor": POSITIVE_FRACTION,
    "plateau_patience": _whole(0),
    "one_cycle_rise": POSITIVE_FRACTION,
    "label_smoothing": FRACTION,
    "clip_norm": NOT_NEGATIVE,
    "shift": _whole(0),
    "flip": SHARE_OR_ALL,
    "rotation": ANGLE,
    "patience": _whole(0),
    "watch": _one_of("valid_accuracy", "valid_loss"),
    "precision": _one_of("float32", "bf16"),
}

# Where the numbers of settings end that other tools log. A longer name counts by its last words: "attention_dropout" is a
# "dropout", "opt.weight_decay" a "weight_decay". What stands in neither table may be any number.
SHARE, FROM_0, FROM_1 = (0.0, 1.0), (0.0, math.inf), (1.0, math.inf)
LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("dropout", "dropout_rate", "drop_rate", "drop_path", "drop_path_rate", "dropout_prob"), SHARE),
    **dict.fromkeys(("label_smoothing", "mask_ratio", "warmup_ratio", "warmup_fraction", "warmup_proportion"), SHARE),
    **dict.fromkeys(("beta1", "beta2", "ema_decay", "gae_lambda", "l1_ratio", "validation_split"), SHARE),
    **dict.fromkeys(("subsample", "colsample_bytree", "feature_fraction", "bagging_fraction", "train_fraction"), SHARE),
    **dict.fromkeys(("momentum", "dampening"), SHARE),
    **dict.fromkeys(("weight_decay", "wd", "l1", "l2", "reg_alpha", "reg_lambda", "learning_rate", "lr", "temperature"), FROM_0),
    **dict.fromkeys(("grad_clip", "clip_norm", "max_grad_norm", "ent_coef", "entropy_coef", "mixup", "cutmix"), FROM_0),
    **dict.fromkeys(("warmup_steps", "warmup_epochs", "warmup", "patience"), FROM_0),
    **dict.fromkeys(("epochs", "steps", "max_steps", "batch_size", "depth", "layers", "heads", "estimators", "neighbors"), FROM_1),
    **dict.fromkeys(("units", "width", "channels", "filters", "hidden_size", "hidden_dim", "kernel_size", "accumulation"), FROM_1),
    **dict.fromkeys(("gradient_accumulation_steps", "accumulate_grad_batches", "min_samples_leaf", "num_leaves"), FROM_1),
}

# Where a setting of another tool's run is logged and does nothing: with which values of which other setting, in lower case. Both
# names count by their last words, as above.
ADAPTIVE = ("adam", "adamw", "adamax", "nadam", "radam", "adagrad", "adadelta", "lamb", "lion", "adafactor", "sparseadam")
WITHOUT_EFFECT: dict[str, tuple[str, tuple[str, ...]]] = {
    "momentum": ("optimizer", ADAPTIVE),
    "nesterov": ("optimizer", ADAPTIVE),
    "dampening": ("momentum", ("0", "0.0")),
    "beta1": ("optimizer", ("sgd",)),
    "beta2": ("optimizer", ("sgd",)),
    "l1_ratio": ("penalty", ("l1", "l2", "none")),
    "degree": ("kernel", ("linear", "rbf", "sigmoid")),
    "gamma": ("kernel", ("linear",)),
}


def limits(name: str) -> tuple[float, float]:
    """The smallest and the largest number that the setting can be; infinite where there is none.

    >>> limits("depth"), limits("attention_dropout"), limits("offset")
    ((1, inf), (0.0, 1.0), (-inf, inf))
    """
    if name in SETTINGS:
        return SETTINGS[name].limits
    return next((LIMITS[word] for word in _last_words(name) if word in LIMITS), (-math.inf, math.inf))


def acts(name: str, config: Config) -> bool:
    """Whether the setting is there and can change the result.

    >>> acts("momentum", {"optimizer": "Adam", "momentum": 0.9}), acts("opt.momentum", {"optim": "sgd", "opt.momentum": 0.9})
    (False, True)
    """
    if name not in config or name in _idle(config):
        return False
    rules = [WITHOUT_EFFECT[word] for word in _last_words(name) if word in WITHOUT_EFFECT]
    return not any(_value_text(value) in values for key, values in rules for value in _named(config, key))


def _last_words(name: str) -> list[str]:
    """The name in lower case, and what is left of it after each of its first words, the longest first."""
    whole = name.lower()
    return [whole, *(whole[gap.end() :] for gap in re.finditer(r"[^a-z0-9]+", whole))]


OPTIMIZER_NAMES = ("optimizer", "optimiser", "optim", "opt", "optimizer_name", "optimizer.name", "opt.name", "optim.name")


def _named(config: Config, key: str) -> list[Value]:
    """The values of the settings whose last words are `key`."""
    keys = OPTIMIZER_NAMES if key == "optimizer" else (key,)
    return [value for name, value in config.items() if any(word in keys for word in _last_words(name))]


def _value_text(value: object) -> str:
    """A value as `WITHOUT_EFFECT` writes it: "torch.optim.Adam" is "adam"."""
    text = str(value).lower()
    return text if type(value) in (int, float) else text.rpartition(".")[2]


def active(config: Config) -> dict[str, Value]:
    """The settings that act, in the order of `SETTINGS` and unknown ones last by name.

    A setting that the model or the optimiser does not use is left out (`units2` where `depth` is 1,
    `momentum` under Adam). Settings of other tools' runs, which are unknown here, all stay.

    >>> active({"model": "mlp", "depth": 1, "units1": 256, "units2": 256})
    {'model': 'mlp', 'units1': 256, 'depth': 1}
    """
    idle = _idle(config)
    known = [key for key in SETTINGS if key in config]
    other = sorted(key for key in config if key not in SETTINGS)
    return {key: config[key] for key in [*known, *other] if key not in idle}


def _idle(config: Config) -> set[str]:
    """The settings of `config` that cannot change its result."""
    idle: set[str] = set()
    optimizer, model = str(config.get("optimizer")), str(config.get("model"))  # text, whatever another tool's log holds
    if optimizer in OPTIMIZERS:
        idle |= OPTIMIZER_SETTINGS - OPTIMIZERS[optimizer].keys()
    if model in MODEL_SETTINGS:
        idle |= {"units1", "units2", "depth", "channels"} - set(MODEL_SETTINGS[model])
    if config.get("depth") == 1:
        idle.add("units2")
    return idle | _idle_here(config) if is_trained_here(config) else idle


def _idle_here(config: Config) -> set[str]:
    """The settings of a configuration of ours that act only beside others, and not beside those that it has."""
    idle = {name for name, (other, values) in BESIDE.items() if setting(config, other) not in values}
    if not setting(config, "patience") and setting(config, "schedule") != "plateau":
        idle.add("watch")
    return idle | set(ARCHITECTURE if is_own(config["model"]) else _own_settings(config))


def _own_settings(config: Config) -> list[str]:
    return [name for name in config if name.startswith(OWN)]


def defaults(config: Config) -> Mapping[str, Value]:
    """What settings are that `config` leaves out: those of its optimiser, and where it can be trained here, all others.

    >>> defaults({"optimizer": "SGD", "dropout": 0.0})["momentum"], "precision" in defaults({"optimizer": "SGD"})
    (0, False)
    """
    of_optimizer = OPTIMIZERS.get(str(config.get("optimizer")), {})
    return {**of_optimizer, **DEFAULTS} if is_trained_here(config) else of_optimizer


def is_trained_here(config: Config) -> bool:
    """Whether `config` is one of ours: another tool's log may mean something else by a setting of the same name."""
    known = str(config.get("model")) in MODEL_SETTINGS or _has_own_model(config)
    return known and all(key in config for key in ALWAYS_NEEDED)


def _has_own_model(config: Config) -> bool:
    """Whether the model is a user's own; that of another tool may look like one, so all else has to be as here."""
    dataset = config.get("dataset")
    return is_own(config.get("model")) and (dataset in DATASET_NAMES or is_own(dataset)) and config.get("optimizer") in OPTIMIZERS


def missing(config: Config) -> list[str]:
    """The settings that `config` needs and does not have."""
    needed = [*ALWAYS_NEEDED, *MODEL_SETTINGS.get(str(config.get("model")), ())]
    if config.get("schedule") == "step":
        needed.append("step_epochs")
    return [key for key in needed if key not in config and key not in _idle(config)]


def config_id(config: Config, without: Collection[str] = ()) -> str:
    """The identity of a configuration: 12 hex digits of the SHA-256 of the settings that act, but for those `without`.

    Replicates share it, in whatever group and under whatever label they were run. A keyword written out at its
    default is the same as one left out, and 1.0 is the same as 1.

    >>> config_id({"optimizer": "Adam", "lr": 1.0}) == config_id({"lr": 1, "optimizer": "Adam", "weight_decay": 0.0})
    True
    """
    usual = defaults(config)
    idle = _idle(config).union(without)
    telling = {key: _plain(value) for key, value in config.items() if key not in idle}
    for key in usual.keys() & telling.keys():
        if telling[key] == _plain(usual[key]):
            del telling[key]
    return hashlib.sha256(SORTED.encode(telling).encode()).hexdigest()[:12]


def value_text(value: object) -> str:
    """A value as JSON writes it, alike for values that are the same to `config_id`, and for no others.

    >>> [value_text(v) for v in (1, 1.0, "1", True)]
    ['1', '1', '"1"', 'true']
    """
    kind = type(value)
    if kind is str:
        return encode_basestring(value)  # type: ignore[arg-type]
    if kind is int or (kind is float and math.isfinite(value)):  # type: ignore[arg-type]
        return repr(_plain(value))  # type: ignore[arg-type]
    return WRITTEN.encode(_plain(value))  # type: ignore[arg-type]


def flat(table: Mapping[str, object], lists: bool = True) -> dict[str, Value]:
    """The settings of a table with those of the tables in it, each named by its path; with `lists` also of tables and lists that
    stand in a list, by their number from 0.

    >>> flat({"opt": {"name": "Adam", "betas": [0.9, 0.999]}, "layers": [{"units": 8}, {"units": 4}]})
    {'opt.name': 'Adam', 'opt.betas': [0.9, 0.999], 'layers.0.units': 8, 'layers.1.units': 4}
    """
    settings: dict[str, Value] = {}
    left = [*reversed(list(table.items()))]
    while left:  # and no recursion, which a table of many levels would bring to its end
        name, value = left.pop()
        inner: list[tuple[str, object]] = []
        if isinstance(value, Mapping):
            inner = [(f"{name}.{key}", own) for key, own in value.items()]
        elif lists and isinstance(value, list) and any(isinstance(own, Mapping | list) for own in value):
            inner = [(f"{name}.{place}", own) for place, own in enumerate(value)]
        elif name in settings:
            raise ValueError(name)
        else:
            settings[name] = value  # type: ignore[assignment]
        left += reversed(inner)
    return settings


def _plain(value: Value) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]  # type: ignore[misc]
    return value


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


def level_text(value: object) -> str:
    """A level as labels and tables write it.

    >>> [level_text(v) for v in (0.00001, 0.001, 64, "SGD", True, [0.9, 0.999])]
    ['1e-05', '0.001', '64', 'SGD', 'true', '0.9-0.999']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value + 0.0:.12g}"  # without the sign of -0.0, which is 0
    if isinstance(value, (list, tuple)):
        return "-".join(level_text(item) for item in value)
    return str(value)
