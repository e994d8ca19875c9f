# /// script
# dependencies = ["stable-baselines3==2.6.0", "gymnasium==1.4.0", "pandas", "torch"]
# ///
"""Writes 2.6.0/ and 2.6.0/expected.json: eight short runs of Stable-Baselines3, two seeds of four
configurations. One of them fails.

Its logger writes each progress.csv; the values that are expected are read by its own `read_csv`. Run it in an environment that has
the packages above: python make.py. The times of day in the logs are those of the moment."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import gymnasium
import stable_baselines3
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.logger import configure, read_csv
from stable_baselines3.common.monitor import Monitor

HERE = Path(__file__).parent
ROOT = HERE / stable_baselines3.__version__
RUNS = (
    (A2C, "CartPole-v1", {"n_steps": 5}, 1500),
    (PPO, "CartPole-v1", {"n_steps": 256, "batch_size": 64}, 2000),
    (DQN, "CartPole-v1", {"learning_starts": 100}, 1200),
    (A2C, "Acrobot-v1", {"n_steps": 5, "learning_rate": 0.002}, 1500),
)


def train(kind, env, settings, steps, seed, fail):
    name = f"{kind.__name__}_seed{seed}"
    folder = ROOT / env / name
    folder.mkdir(parents=True)
    model = kind("MlpPolicy", Monitor(gymnasium.make(env), str(folder / "monitor")), seed=seed, device="cpu", **settings)
    model.set_logger(configure(str(folder), ["csv", "log"]))
    with suppress(ZeroDivisionError):
        model.learn(steps, callback=failing if fail else None, log_interval=4 if kind is DQN else 20 if kind is A2C else 1)
    model.logger.close()
    (folder / "log.txt").unlink()  # the same numbers once more
    frame = read_csv(str(folder / "progress.csv"))
    series = {column: [None if value != value else value for value in frame[column].tolist()] for column in frame.columns}
    return f"{env}/{name}", {"algo": kind.__name__, "env": env, "seed": seed, "series": series}


def failing(local, _):
    """What ends a run in the middle of its training."""
    if local["self"].num_timesteps > 700:
        raise ZeroDivisionError
    return True


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    expected = dict(train(*run, seed, run[2].get("learning_rate") and seed == 1) for run in RUNS for seed in (0, 1))
    (ROOT / "expected.json").write_text(json.dumps(expected) + "\n")


main()
