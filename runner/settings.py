"""The name of a setting in, what it may be out: all settings of the runs that are trained here, with their defaults."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from sweepbook.runner.values import Value, is_finite

OWN = "own."  # what the settings for a model of the user's own begin with
OWN_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
OWN_SETTING = re.compile(r"own\.[A-Za-z_]\w*")


@dataclass(frozen=True)
class Setting:
    """One setting of a run: whether a value is right, and the words for what would be."""

    accepts: Callable[[object], bool]
    expected: str
    kind: type = object
    limits: tuple[float, float] = (-math.inf, math.inf)  # a number of it never lies outside
    names: tuple[str, ...] = ()  # the words that it takes


def _whole(low: int = 1) -> Setting:
    return Setting(lambda v: type(v) is int and v >= low, f"a whole number of at least {low}", int, (low, math.inf))


def _number(test: Callable[[float], bool], expected: str, high: float = math.inf) -> Setting:
    return Setting(lambda v: is_finite(v) and test(v), expected, float, (0, high))  # type: ignore[arg-type]


def _one_of(*names: str) -> Setting:
    return Setting(lambda v: v in names, "one of " + ", ".join(f'"{n}"' for n in names), str, names=names)


def is_own(name: object) -> bool:
    """Whether a model or dataset is a function of the user's, by its module and its name.

    >>> is_own("mypackage.nets:build"), is_own("mlp"), is_own("llama3:8b")
    (True, False, False)
    """
    return isinstance(name, str) and ":" in name and bool(OWN_NAME.fullmatch(name))


def _one_of_or_own(*names: str) -> Setting:
    ours = _one_of(*names)
    return Setting(lambda v: v in names or is_own(v), f'{ours.expected}, or your own as "module:function"', str, names=names)


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
