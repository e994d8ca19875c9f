import pytest
from sweepbook.runner.config import config_id
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import loop, pilot

pytestmark = pytest.mark.training

CONFIG = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 40,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "SGD",
    "schedule": "cosine",
    "warmup": 30,
    "patience": 3,
    "shift": 1,
    "rotation": 10,
}


def test_what_it_takes_to_log_an_epoch_is_in_the_time_of_a_run(monkeypatch):
    config = {**CONFIG, "epochs": 3}
    assert 0 < pilot._logging(config) < 1
    monkeypatch.setattr(pilot, "_logging", lambda _: 1000.0)
    (seconds,) = pilot.run_seconds([PlannedRun("logged", config_id(config), config, 0)], "cpu")
    assert 3000 < seconds < 3100


def test_the_steps_that_a_pilot_times_are_those_of_the_run_augmentation_and_all(monkeypatch):
    made = loop.augmentation(CONFIG, [0])
    seen = []
    monkeypatch.setattr(loop, "augmentation", lambda config, seeds: lambda images: seen.append(config["rotation"]) or made(images))
    (seconds,) = pilot.run_seconds([PlannedRun("long", config_id(CONFIG), CONFIG, 0)], "cpu")
    assert seconds > 0
    assert set(seen) == {10}
    assert len(seen) in {rounds * (pilot.WARM + pilot.TIMED) for rounds in range(1, pilot.ROUNDS + 1)}
