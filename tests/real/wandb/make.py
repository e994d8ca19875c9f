"""Writes offline runs of Weights & Biases, and expected.json with what each run's own config and summary say, and what was logged.

    python tests/real/wandb/make.py FOLDER

In an environment with wandb==0.31.0, or wandb==0.12.21 with protobuf<4. The
committed folders are tests/real/wandb/0.31.0 and 0.12.21.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["wandb==0.31.0"]
# ///

import json
import os
import random
import re
import shutil
import socket
import sys
from contextlib import suppress
from pathlib import Path

os.environ.update(
    WANDB_MODE="offline", WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_DISABLE_CODE="true", WANDB_DISABLE_GIT="true"
)
os.environ.update(WANDB_HOST="lab-1", WANDB_USERNAME="user", WANDB__DISABLE_STATS="true", WANDB_X_DISABLE_STATS="true")
import wandb

CALL = re.compile(r"/[\w/.-]*make\.py|/[\w/.-]*/bin/python[\w.]*|/[\w/.-]*wandb/\d[\d.]*")


def train(told, lr, seed, fail_in=None):
    """One run: a loss by step, and a validation accuracy by epoch."""
    draw, loss, history = random.Random(seed), 1.0, []
    config = {"lr": lr, "seed": seed, "opt": {"name": "sgd", "betas": [0.9, 0.999]}}
    with wandb.init(project="digits", name=f"net-{lr}", config=config, dir=".", settings=quiet()) as run:
        expected = {"settings": dict(run.config), "history": history, "failed": fail_in is not None}
        told[f"wandb/{Path(run.dir).parent.name}"] = expected
        for epoch in range(3):
            for _ in range(2):
                loss = loss * (1 - lr) + 0.01 * draw.random() if lr < 1 else float("nan")
                history.append({"train/loss": loss, "epoch": epoch})
                run.log(history[-1])
            if epoch == fail_in:
                raise RuntimeError("out of memory")
            history.append({"valid.accuracy": 1 / (1 + loss), "epoch": epoch})
            run.log({"valid": {"accuracy": 1 / (1 + loss)}, "epoch": epoch})
        run.summary["size"] = 42
        expected["summary"] = {name: value for name, value in dict(run.summary).items() if isinstance(value, int | float)}


def quiet():
    known = {"disable_git": True, "_disable_stats": True, "_disable_meta": True, "x_disable_stats": True, "x_disable_meta": True}
    names = dir(wandb.Settings)
    fields = getattr(wandb.Settings, "model_fields", {})
    return wandb.Settings(**{name: value for name, value in known.items() if name in names or name in fields})


def main(folder):
    target = Path(folder)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    target = target.resolve()
    os.chdir(target)
    told = {}
    for lr in (0.1, 0.3, 0.5, 2.0):
        for seed in (0, 1):
            train(told, lr, seed)
    with suppress(RuntimeError):
        train(told, 0.1, 2, fail_in=1)
    for path in sorted(target.glob("wandb/offline-run-*")):
        clean(path, target)
    for path in target.glob("wandb/*"):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
    (target / "expected.json").write_text(json.dumps(told, indent=1) + "\n")


def clean(path, target):
    """Deletes what is no data, and checks that nothing tells of this machine."""
    for file in sorted(path.rglob("*"), reverse=True):
        if file.is_symlink() or file.suffix == ".log" or file.name in ("requirements.txt", "conda-environment.yaml"):
            file.unlink()
        elif file.is_dir() and not any(file.iterdir()):
            file.rmdir()
        elif file.is_file():
            words = (
                str(target),
                str(Path(__file__).resolve().parents[3]),
                sys.prefix,
                str(Path.home()),
                socket.gethostname() + "\n",
            )
            if file.suffix != ".wandb":
                file.write_text(CALL.sub("train.py", file.read_text()))
            assert not any(word.encode() in file.read_bytes() for word in words), file


if __name__ == "__main__":
    main(sys.argv[1])
