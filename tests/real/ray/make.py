"""Writes a Ray Tune experiment, and expected.json with what its ResultGrid says of every trial.

    python tests/real/ray/make.py FOLDER

In an environment with ray[tune]==2.60.0. Pickles are emptied afterwards, for nothing reads them; host, address,
user and folders in the text files are replaced. The committed folder is
tests/real/ray/2.60.0.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["ray[tune]==2.60.0", "pandas"]
# ///

import getpass
import json
import os
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path

os.environ.update(RAY_AIR_NEW_OUTPUT="0", RAY_USAGE_STATS_ENABLED="0", RAY_DEDUP_LOGS="0", TUNE_DISABLE_AUTO_CALLBACK_LOGGERS="0")
import ray
from ray import tune

try:
    from ray.tune import RunConfig
except ImportError:
    from ray.air import RunConfig

PICKLES = (".pkl", ".pickle")


def train(config):
    """A loss that falls; the trials with seed 3 fail, and a large lr diverges."""
    import random

    draw = random.Random(config["seed"])
    loss = 1.0
    for epoch in range(4):
        if config["seed"] == 3 and epoch == 2:
            raise RuntimeError("out of memory")
        loss = loss * (1 - config["lr"]) + 0.01 * draw.random() if config["lr"] < 1 else float("nan")
        log({"loss": loss, "valid": {"accuracy": 1 / (1 + loss), "n": 100}, "lr_now": config["lr"] / (epoch + 1)})


def log(values):
    """Reports, as this Ray wants it."""
    from ray import tune

    try:
        from ray.air import session

        session.report(values)
    except (ImportError, AttributeError, DeprecationWarning):
        tune.report(values)


def main(folder):
    target = Path(folder)
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as store:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        space = {
            "lr": tune.grid_search([0.1, 0.3, 2.0]),
            "seed": tune.grid_search([0, 1, 3]),
            "opt": {"name": "sgd", "betas": [0.9, 0.999]},
            "act": len,  # a function: Ray writes it as text
        }
        tuner = tune.Tuner(train, param_space=space, run_config=RunConfig(name="digits", storage_path=store))
        grid = tuner.fit()
        expected = {Path(result.path).name: told(result) for result in grid}
        ray.shutdown()
        shutil.copytree(Path(store) / "digits", target / "digits")
        clean(target, store)
    (target / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def told(result):
    """What Ray says of a trial."""
    frame = result.metrics_dataframe
    series = {name: frame[name].tolist() for name in ("loss", "valid/accuracy", "lr_now")} if frame is not None else {}
    last = {name: values[-1] for name, values in series.items()}
    config = {"lr": result.config["lr"], "seed": result.config["seed"], "opt.name": "sgd", "opt.betas": [0.9, 0.999]}
    return {
        "settings": config,
        "failed": result.error is not None,
        "metrics": last,
        "series": series,
        "seconds": result.metrics.get("time_total_s"),
    }


def clean(target, store):
    """Empties pickles, also those that stand in a text or have the name of one, and replaces what tells of the machine."""
    words = {
        socket.gethostname(): "lab-1",
        store: "/store",
        getpass.getuser(): "user",
        str(Path(__file__).parent): "/home",
        sys.prefix: "/python",
    }
    for path in sorted(target.rglob("*")):
        if path.suffix in PICKLES or path.name.startswith(("basic-variant", "search")):
            path.write_bytes(b"")
        elif path.is_file() and path.suffix in (".json", ".csv", ".txt"):
            text = path.read_text()
            for word, instead in words.items():
                text = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", instead, text)
            text = re.sub(r"[0-9a-f]{60,}", "80", text)
            text = re.sub(r"/tmp/ray/session_[\w/-]+", "/ray", text)
            text = re.sub(r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "10.0.0.1", text)
            path.write_text(text)
        elif path.is_file():
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
