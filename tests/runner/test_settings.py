import math

import pytest
from sweepbook.runner.settings import MODEL_SETTINGS, OPTIMIZERS, SETTINGS

GOOD = {
    "dataset": ["digits", "fashion_mnist", "cifar10"],
    "model": list(MODEL_SETTINGS),
    "optimizer": list(OPTIMIZERS),
    **{key: [1, 4096] for key in ("units1", "units2", "depth", "channels", "epochs", "batch_size", "train_steps", "valid_steps")},
    **{key: [1e-9, 1, 2.5] for key in ("lr", "eps")},
    **{key: [0, 0.0, 0.999] for key in ("momentum", "dampening", "alpha")},
    "weight_decay": [0, 0.1, 5],
    **{key: [True, False] for key in ("nesterov", "centered", "amsgrad")},
    "betas": [[0.9, 0.999], [0, 0]],
    "precision": ["float32", "bf16"],
    "schedule": ["constant", "cosine", "step", "one_cycle", "plateau"],
    "watch": ["valid_accuracy", "valid_loss"],
    **{key: [1, 30] for key in ("blocks", "step_epochs")},
    **{key: [0, 30] for key in ("plateau_patience", "shift", "patience")},
    **{key: [0.01, 0.5] for key in ("step_factor", "plateau_factor", "one_cycle_rise")},
    **{key: [0, 0.5] for key in ("dropout", "label_smoothing")},
    **{key: [0, 0.5, 20] for key in ("warmup", "clip_norm")},
    "flip": [0, 0.5, 1],
    "rotation": [0, 12.5, 180],
    "batch_norm": [True, False],
}


BAD = {
    **{key: ["", "sgd", 1, ["digits"], {}] for key in ("dataset", "model", "optimizer", "precision", "schedule", "watch")},
    **{key: [0, -1, 1.0, "8", True, []] for key in ("blocks", "step_epochs")},
    **{key: [-1, 1.0, "8", True, []] for key in ("plateau_patience", "shift", "patience")},
    **{key: [0, 1, -0.1, math.nan, "0.5", True] for key in ("step_factor", "plateau_factor", "one_cycle_rise")},
    **{key: [1, -0.1, math.nan, "0", False] for key in ("dropout", "label_smoothing")},
    **{key: [-0.1, math.inf, math.nan, "0", False] for key in ("warmup", "clip_norm")},
    "flip": [1.1, -0.1, "0.5", True],
    "rotation": [181, -1, "90", True],
    **{key: [0, -1, 1.0, "8", True, []] for key in ("units1", "units2", "depth", "channels")},
    **{key: [0, -1, 1.0, "8", True, []] for key in ("epochs", "batch_size", "train_steps", "valid_steps")},
    **{key: [0, -0.1, math.inf, math.nan, "0.1", True, [0.1], 10**400] for key in ("lr", "eps")},
    **{key: [1, -0.1, math.nan, "0", False, 10**400] for key in ("momentum", "dampening", "alpha")},
    "weight_decay": [-0.1, math.inf, math.nan, False, "0", 10**400],
    **{key: [0, 1, "true", []] for key in ("nesterov", "centered", "amsgrad", "batch_norm")},
    "betas": [[0.9], [0.9, 1], [0.9, 0.9, 0.9], 0.9, "0.9", [True, 0.9], ["0.9", 0.9]],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_takes_what_is_right_and_nothing_else(name):
    assert all(SETTINGS[name].accepts(value) for value in GOOD[name])
    assert not any(SETTINGS[name].accepts(value) for value in BAD[name])
    assert SETTINGS[name].expected
