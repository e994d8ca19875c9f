"""Writes the stores of real tools anew, each with its own version of the tool in an environment of its own.

    python tests/real/remake.py [TOOL or TOOL/VERSION ...]

Without a name all are written. `git diff --stat tests/real` then says what changed: times and ids do each time, values should not.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

REAL = Path(__file__).parent
PLACE = REAL.parents[1] / ".tox" / "real"
# What pip installs for each version. Tools that need an old Python as well say so in their make.py.
PINS = {
    "huggingface/4.41.2": ("transformers==4.41.2", "accelerate==0.34.2", "torch", "numpy<2"),
    "huggingface/5.24.0": ("transformers==5.24.0", "accelerate==1.15.0", "torch"),
    "keras/3.15.1": ("keras==3.15.1", "torch", "numpy", "pandas"),
    "lightning/1.9.5": ("pytorch_lightning==1.9.5", "torch", "pyyaml", "setuptools<70"),
    "lightning/2.6.6": ("lightning==2.6.6", "torch", "pyyaml"),
    "mlflow/1.30.1": ("mlflow==1.30.1", "setuptools<70", "sqlalchemy<2.1"),
    "mlflow/2.0.1": ("mlflow==2.0.1", "setuptools<70", "sqlalchemy<2.1"),
    "mlflow/2.22.2": ("mlflow==2.22.2", "setuptools<70", "sqlalchemy<2.1"),
    "mlflow/3.6.0": ("mlflow==3.6.0", "setuptools<70", "sqlalchemy<2.1"),
    "mltrainer/0.1.129": ("mltrainer==0.1.129", "gin-config==0.5.0", "tensorboard==2.21.0", "torch==2.14.1"),
    "mltrainer/0.3.6": ("mltrainer==0.3.6", "tensorboard==2.21.0", "torch==2.14.1"),
    "optuna/2.0.0": ("optuna==2.0.0", "sqlalchemy<1.4", "alembic<1.5", "numpy<1.27", "setuptools<70"),
    "optuna/2.10.1": ("optuna==2.10.1", "sqlalchemy<1.4.40", "setuptools<70"),
    "optuna/3.6.1": ("optuna==3.6.1", "sqlalchemy<2.1"),
    "optuna/4.6.0": ("optuna==4.6.0",),
    "ray/2.60.0": ("ray[tune]==2.60.0", "pandas"),
    "sb3/2.6.0": ("stable-baselines3==2.6.0", "gymnasium==1.4.0", "pandas", "torch"),
    "tensorboard/tensorboardX": ("tensorboardX==2.6.5", "tensorboard==2.21.0"),
    "tensorboard/tensorflow": ("tensorflow-cpu==2.21.0", "tensorboard==2.21.0"),
    "tensorboard/torch": ("torch==2.14.1", "tensorboard==2.21.0"),
    "trackio/0.5.3": ("trackio==0.5.3",),
    "trackio/0.43.0": ("trackio==0.43.0",),
    "wandb/0.12.21": ("wandb==0.12.21", "protobuf<4", "setuptools<70"),
    "wandb/0.31.0": ("wandb==0.31.0",),
}
WHOLE = ("huggingface", "lightning", "ray", "wandb")  # whose script is given the folder of the version, not that of the tool


def remake(name: str) -> bool:
    """Whether the store of a tool's version could be written."""
    tool, python = name.partition("/")[0], PLACE / name.replace("/", "-") / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
    target = (REAL / name if tool in WHOLE else REAL / tool).absolute()
    steps = (
        [str(python), "-m", "pip", "install", "--quiet", *PINS[name]],
        [str(python), str((REAL / tool / "make.py").absolute()), str(target)],
    )
    done = all(subprocess.run(step, check=False, cwd=PLACE, env={**os.environ, "PYTHONPATH": ""}).returncode == 0 for step in steps)
    print(f"{name}: {'written' if done else 'NOT WRITTEN'}", flush=True)
    return done


def main(asked: list[str]) -> int:
    """0 where all that was asked for could be written."""
    names = [name for name in PINS if not asked or name in asked or name.partition("/")[0] in asked]
    if not names:
        print(f"nothing is called so; there are {', '.join(PINS)}")
        return 2
    PLACE.mkdir(parents=True, exist_ok=True)
    failed = [name for name in names if not remake(name)]
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
