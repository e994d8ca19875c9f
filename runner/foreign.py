"""The name of a setting, as any tool logs it, in; which numbers it can be, and whether it acts, out."""

import math
import re
from functools import cache

from sweepbook.runner.config import Config, idle_settings
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.values import Value

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
OPTIMIZER_NAMES = ("optimizer", "optimiser", "optim", "opt", "optimizer_name", "optimizer.name", "opt.name", "optim.name")


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
    if name not in config or name in idle_settings(config):
        return False
    rules = [WITHOUT_EFFECT[word] for word in _last_words(name) if word in WITHOUT_EFFECT]
    return not any(_value_text(value) in values for key, values in rules for value in _named(config, key))


@cache
def _last_words(name: str) -> tuple[str, ...]:
    """The name in lower case, and what is left of it after each of its first words, the longest first."""
    whole = name.lower()
    return (whole, *(whole[gap.end() :] for gap in re.finditer(r"[^a-z0-9]+", whole)))


def _named(config: Config, key: str) -> list[Value]:
    """The values of the settings whose last words are `key`."""
    keys = OPTIMIZER_NAMES if key == "optimizer" else (key,)
    return [value for name, value in config.items() if any(word in keys for word in _last_words(name))]


def _value_text(value: object) -> str:
    """A value as `WITHOUT_EFFECT` writes it: "torch.optim.Adam" is "adam"."""
    text = str(value).lower()
    return text if type(value) in (int, float) else text.rpartition(".")[2]
