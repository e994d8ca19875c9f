"""Configurations in, whether their gradients are written by hand; runs in, which of them train side by side; without torch."""

from collections.abc import Sequence

from sweepbook.runner.config import Config, active, setting, whole
from sweepbook.runner.settings import DEFAULTS, OPTIMIZER_SETTINGS
from sweepbook.runner.study import PlannedRun

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


# On a processor only small layers gain (benchmarks/stacking.py), and what kills a worker costs all that it has in hand.
SMALL = 64  # units
MOST = {"cpu": 8, "cuda": 64}  # runs in one program


def stacks(runs: Sequence[PlannedRun], jobs: int, device: str) -> list[tuple[PlannedRun, ...]]:
    """`runs` in the order of their configurations' first ones, those in one tuple to be trained in one program.

    These are seeds of one configuration, where that is faster on `device`, and never so many that one of `jobs` workers is idle.
    """
    most = min(MOST[device], len(runs) // jobs)
    seeds: dict[str, list[PlannedRun]] = {}
    for run in runs:
        seeds.setdefault(run.id, []).append(run)
    together: list[tuple[PlannedRun, ...]] = []
    for own in seeds.values():
        together += _split(own, most if most > 1 and _gains(own[0].config, device) else 1)
    return together


def _gains(config: Config, device: str) -> bool:
    return side_by_side(config) and (device == "cuda" or max(_units(config)) <= SMALL)


def _units(config: Config) -> list[int]:
    return [whole(config, key) for key in ("units1", "units2") if key in active(config)]


def _split(runs: Sequence[PlannedRun], most: int) -> list[tuple[PlannedRun, ...]]:
    """`runs` in as few tuples of at most `most` as there can be, of about one length."""
    count = -(-len(runs) // most)
    return [tuple(runs[place::count]) for place in range(count)]
