"""Configurations in, whether their gradients are written by hand; runs in, which of them train side by side; without torch."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from sweepbook.runner.config import Config, active, config_id, setting, whole
from sweepbook.runner.settings import DEFAULTS, OPTIMIZER_SETTINGS
from sweepbook.runner.study import PlannedRun

# What the program by hand knows, or need not know. A configuration in which anything else acts is left to autograd.
OF_THE_MODEL = {"model", "units1", "units2", "depth", "precision", "label_smoothing"}
OF_A_STEP = {"batch_size", "lr", "optimizer", *OPTIMIZER_SETTINGS, "clip_norm"}
SCHEDULE = {"schedule", "warmup", "step_epochs", "step_factor", "plateau_factor", "plateau_patience", "one_cycle_rise"}
OF_THE_LOOP = {"dataset", "epochs", "train_steps", "valid_steps", "shift", "flip", "rotation", "patience", "watch", *SCHEDULE}
BY_HAND = frozenset(OF_THE_MODEL | OF_A_STEP | OF_THE_LOOP)
# What each model of one program has for itself; all else is the same for all.
APART = frozenset({"lr", "weight_decay", "patience", "watch", *SCHEDULE})


def by_hand(config: Config) -> bool:
    """Whether `config`, one that is trained here, is an MLP in which no setting acts but those `BY_HAND`.

    >>> mlp = {"dataset": "digits", "model": "mlp", "epochs": 1, "batch_size": 8, "lr": 0.1, "optimizer": "SGD"}
    >>> by_hand(mlp), by_hand({**mlp, "dropout": 0.5}), by_hand({**mlp, "model": "cnn"})
    (True, False, False)
    """
    acting = [key for key in active(config) if key not in DEFAULTS or setting(config, key) != DEFAULTS[key]]
    return config["model"] == "mlp" and BY_HAND.issuperset(acting)


def blocks(configs: Sequence[Config]) -> list[int]:
    """How many models beside each other have one learning rate at every step: those of one configuration. On a plateau each has
    its own.

    >>> blocks([{"lr": 0.1}, {"lr": 0.1}, {"lr": 0.2}, {"lr": 0.2, "schedule": "plateau"}, {"lr": 0.2, "schedule": "plateau"}])
    [2, 1, 1, 1]
    """
    own = [place if setting(config, "schedule") == "plateau" else 0 for place, config in enumerate(configs)]
    return [len(list(block)) for _, block in groupby(zip(configs, own, strict=True))]


# On a processor only small layers gain (benchmarks/stacking.py), and what kills a worker costs all that it has in hand.
SMALL = 64  # units
MOST = {"cpu": 8, "cuda": 64}  # runs in one program


def stacks(runs: Sequence[PlannedRun], jobs: int, device: str) -> list[tuple[PlannedRun, ...]]:
    """`runs` in the order of their configurations' first ones, those in one tuple to be trained in one program.

    These differ in their seeds and in what is `APART`, and the seeds of a configuration come one after the other. They are
    together where that is faster on `device`, and never so many that one of `jobs` workers is idle.
    """
    share = max(min(MOST[device], len(runs) // jobs), 1)
    seeds: dict[str, list[PlannedRun]] = {}
    for run in runs:
        seeds.setdefault(run.id, []).append(run)
    alike: dict[str, list[PlannedRun]] = {}
    for name, own in seeds.items():
        alike.setdefault(config_id(own[0].config, APART) if _gains(own[0].config, device) else name, []).extend(own)
    together: list[tuple[PlannedRun, ...]] = []
    for own in alike.values():
        together += _split(own, share if _gains(own[0].config, device) else 1)
    return together


def _gains(config: Config, device: str) -> bool:
    return by_hand(config) and (device == "cuda" or max(_units(config)) <= SMALL)


def _units(config: Config) -> list[int]:
    return [whole(config, key) for key in ("units1", "units2") if key in active(config)]


def _split(runs: Sequence[PlannedRun], most: int) -> list[tuple[PlannedRun, ...]]:
    """`runs` in as few tuples of at most `most` as there can be, of about one length."""
    count = -(-len(runs) // most)
    ends = [-(-len(runs) * place // count) for place in range(count + 1)]
    return [tuple(runs[start:end]) for start, end in pairwise(ends)]
