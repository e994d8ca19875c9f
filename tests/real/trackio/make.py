"""Writes a sweep through the Trackio that this Python has, and what Trackio's own API says of it.

For each of the versions, in an environment with `trackio==0.5.3` or `trackio==0.43.0`:

    python tests/real/trackio/make.py tests/real/trackio

The database is packed, with the log beside it where Trackio leaves one with content. Times and ids are
Trackio's own and differ from call to call.
"""

import json
import lzma
import math
import os
import random
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

PLACE = Path("/tmp/sweep-trackio")
shutil.rmtree(PLACE, ignore_errors=True)
PLACE.mkdir()
os.environ |= {"TRACKIO_DIR": str(PLACE), "HF_HOME": str(PLACE / "hf"), "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
os.environ |= {"LOGNAME": "someone", "USER": "someone"}

import trackio
from trackio.sqlite_storage import SQLiteStorage

PROJECT = "digits"


def log_run(name, settings, losses):
    """One run: each loss with an accuracy that follows from it."""
    trackio.init(project=PROJECT, name=name, config=settings)
    for step, loss in enumerate(losses):
        trackio.log({"train": {"loss": loss}, "val_acc": round(1 / (1 + loss), 4), "note": "text"}, step=step)
    trackio.finish()


def log_sweep():
    """Sixteen runs that ended well, one whose loss explodes, one that logged twice after a restart, and one without a value."""
    draw = random.Random(0)
    for lr in (0.001, 0.01, 0.1, 1.0):
        for width in (16, 32):
            for seed in (0, 1):
                losses = [round(0.2 + math.exp(-3 * lr**0.1 * epoch) + draw.random() / 50, 4) for epoch in range(5)]
                settings = {"opt": {"lr": lr, "name": "Adam"}, "width": width, "seed": seed, "layers": [width, width], "warm": None}
                log_run(f"lr{lr}-w{width}-s{seed}", settings, losses)
    log_run("exploded", {"opt": {"lr": 100.0}, "seed": 0}, [1.0, math.inf, math.nan])
    trackio.init(project=PROJECT, name="resumed", config={"opt": {"lr": 0.5}, "seed": 0})
    for step, loss in ((0, 3.0), (1, 2.0), (2, 1.5), (1, 1.9), (2, 1.25), (3, 1.0)):
        trackio.log({"train/loss": loss}, step=step)
    trackio.finish()
    trackio.init(project=PROJECT, name="empty", config={"opt": {"lr": 0.7}, "seed": 0})
    trackio.finish()


def told():
    """What Trackio's own API says of every run."""
    names = SQLiteStorage.get_runs(PROJECT)
    return {
        name: {"config": SQLiteStorage.get_run_config(PROJECT, name), "logs": SQLiteStorage.get_logs(PROJECT, name)}
        for name in names
    }


def main():
    target = Path(sys.argv[1]).absolute() / version("trackio")
    target.mkdir(parents=True, exist_ok=True)
    log_sweep()
    expected = told()
    if hasattr(SQLiteStorage, "close_persistent_connections"):
        SQLiteStorage.close_persistent_connections()
    (target / "expected.json").write_text(json.dumps(expected, sort_keys=True))
    path = SQLiteStorage.get_project_db_path(PROJECT)
    for beside in (path, path.with_name(path.name + "-wal")):
        if not beside.exists() or not beside.stat().st_size:
            continue
        (target / f"{beside.name}.xz").write_bytes(lzma.compress(beside.read_bytes(), preset=9))
    shutil.rmtree(PLACE)


main()
