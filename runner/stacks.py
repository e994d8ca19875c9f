"""Configurations in, whether gradients of theirs are written by hand, and whether seeds may train side by side; without torch."""

from sweepbook.runner.config import DEFAULTS, OPTIMIZER_SETTINGS, Config, active, setting

# What the program by hand knows, or need not know. A configuration in which anything else acts is left to autograd.
OF_THE_MODEL = {"model", "units1", "units2", "depth", "precision", "label_smoothing"}
OF_A_STEP = {"batch_size", "lr", "optimizer", *OPTIMIZER_SETTINGS, "clip_norm"}
SCHEDULE = {"schedule", "warmup", "step_epochs", "step_factor", "plateau_factor", "plateau_patience", "one_cycle_rise"}
OF_THE_LOOP = {"dataset", "epochs", "train_steps", "valid_steps", "shift", "flip", "rotation", "patience", "watch", *SCHEDULE}
BY_HAND = frozenset(OF_THE_MODEL | OF_A_STEP | OF_THE_LOOP)


def by_hand(config: Config) -> bool:
    """Whether `config`, one that is trained here, is an MLP in which no setting acts but those `BY_HAND`.

    >>> mlp = {"dataset": "digits", "model": "mlp", "epochs": 1, "batch_size": 8, "lr": 0.1, "optimizer": "SGD"}
    >>> by_hand(mlp), by_hand({**mlp, "dropout": 0.5}), by_hand({**mlp, "model": "cnn"})
    (True, False, False)
    """
    acting = [key for key in active(config) if key not in DEFAULTS or setting(config, key) != DEFAULTS[key]]
    return config["model"] == "mlp" and BY_HAND.issuperset(acting)


def side_by_side(config: Config) -> bool:
    """Whether seeds of `config` may train in one program: by hand, and at one learning rate. On a plateau each has its own."""
    return by_hand(config) and setting(config, "schedule") != "plateau"
