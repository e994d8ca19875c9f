"""Writes a sweep through the MLflow that this Python has, as a file store and as a database, and what MLflow's own API says of it.

For each of the versions 1.30.1, 2.0.1, 2.22.2 and 3.6.0, in an environment with `mlflow==VERSION "setuptools<70" "sqlalchemy<2.1"`:

    python tests/real/mlflow/make.py tests/real/mlflow

The stores are packed, because an empty MLflow database has half a megabyte. The sweep is written in /tmp/sweep-mlflow by a user
called "someone", so that no path or name of a real machine is in it. Run ids and times are MLflow's own and differ each time.
"""

import json
import lzma
import math
import os
import random
import shutil
import sys
import tarfile
from pathlib import Path

PLACE = Path("/tmp/sweep-mlflow")
os.environ |= {"LOGNAME": "someone", "USER": "someone", "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_ALLOW_FILE_STORE": "true"}
sys.argv[0] = "train.py"

import mlflow
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

TAGS = ("mlflow.runName", "mlflow.parentRunId", "mlflow.source.git.commit", "owner")
COMMIT = "3f9c1e7a5b2d4860f1e2d3c4b5a69788796a5b4c"


def log_run(name, settings, seed, draw, epochs=5, end="FINISHED", **more):
    """One training run of a made-up network; its loss falls, faster with the larger rate."""
    with mlflow.start_run(
        run_name=name, tags={"mlflow.source.git.commit": COMMIT, "owner": "lab", "note": "two\nlines"}, **more
    ) as run:
        mlflow.log_params({**settings, "seed": seed})
        for epoch in range(epochs):
            loss = round(0.2 + math.exp(-3 * settings["lr"] ** 0.1 * (epoch + 1)) + draw.gauss(0, 0.01), 4)
            mlflow.log_metrics({"Loss/train": loss, "Loss/test": loss + 0.5, "val_acc": round(1 - loss / 3, 4)}, step=epoch)
            if epoch % 2 == 0:
                mlflow.log_metric("lr_now", settings["lr"], step=epoch)
        mlflow.log_text("weights", "model.txt")
    if end != "FINISHED":
        MlflowClient().set_terminated(run.info.run_id, end)
    return run.info.run_id


def log_sweep():
    """Every kind of run that a store has."""
    draw = random.Random(0)
    mlflow.set_experiment("grid")
    for lr in (0.001, 0.01, 0.1):
        for width in (16, 32):
            for seed in (0, 1):
                log_run(f"lr{lr}", {"lr": lr, "width": width, "dropout": None, "augment": True, "opt": "Adam"}, seed, draw)
    log_run("broke", {"lr": 10.0, "width": 16}, 0, draw, 2, "FAILED")
    log_run("stopped", {"lr": 0.5, "width": 16}, 0, draw, 2, "KILLED")
    MlflowClient().delete_run(log_run("deleted", {"lr": 0.2, "width": 16}, 0, draw))
    running = mlflow.start_run(run_name="training")
    mlflow.log_params({"lr": 0.3, "width": 16, "seed": 0})
    mlflow.log_metric("val_acc", 0.5, step=0)
    mlflow.end_run("RUNNING")
    with mlflow.start_run(run_name="exploded"):
        mlflow.log_params({"lr": 1000, "seed": 0})
        for step, loss in enumerate((1.0, math.inf, math.nan)):
            mlflow.log_metric("Loss/train", loss, step=step)
    with mlflow.start_run(run_name="resumed"):
        mlflow.log_params({"lr": 0.4, "seed": 0})
        for step, loss in ((0, 3.0), (1, 2.0), (2, 1.5), (1, 1.9), (2, 1.25), (3, 1.0)):
            mlflow.log_metric("Loss/train", loss, step=step)
        for loss in (0.9, 0.8, 0.7):
            mlflow.log_metric("unnumbered", loss)
    mlflow.set_experiment("nested: é/ü")
    with mlflow.start_run(run_name="search"):
        for lr in (0.01, 0.1):
            log_run("child", {"lr": lr, "width": 16}, 0, draw, nested=True)
    with mlflow.start_run(run_name="folds"):
        for fold in (0, 1):
            with mlflow.start_run(nested=True, run_name=f"fold-{fold}"):
                mlflow.log_params({"lr": 0.1, "fold": fold})
                mlflow.log_metric("f1", 0.5 + fold / 10)
        mlflow.log_params({"lr": 0.1})
        mlflow.log_metrics({"f1_mean": 0.55, "f1_std": 0.07})
    mlflow.set_experiment("thrown-away")
    log_run("old", {"lr": 0.01, "width": 16}, 0, draw)
    MlflowClient().delete_experiment(mlflow.get_experiment_by_name("thrown-away").experiment_id)
    if mlflow.__version__.startswith("3"):
        log_model()
    return running


def log_model():
    """MLflow 3's logged models and datasets, which are no runs."""
    import numpy as np

    mlflow.set_experiment("grid")
    with mlflow.start_run(run_name="with-model"):
        mlflow.log_params({"lr": 0.6, "seed": 0})
        mlflow.log_input(mlflow.data.from_numpy(np.zeros((2, 2))), "training")
        model = mlflow.initialize_logged_model(name="net")
        mlflow.log_metric("val_acc", 0.75, step=1, model_id=model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")


def by_step(entries):
    """Steps and values in the order of steps, of one step in the order of time."""
    ordered = sorted(entries, key=lambda entry: (entry.step, entry.timestamp))
    return [entry.step for entry in ordered], [entry.value for entry in ordered]


def told():
    """What MLflow's own API says of every run."""
    client = MlflowClient()
    experiments = (
        client.search_experiments(ViewType.ALL) if hasattr(client, "search_experiments") else client.list_experiments(ViewType.ALL)
    )
    runs = {}
    for experiment in experiments:
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL):
            history = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
            runs[run.info.run_id] = {
                "experiment": experiment.name,
                "thrown_away": experiment.lifecycle_stage == "deleted",
                "status": run.info.status,
                "stage": run.info.lifecycle_stage,
                "start": run.info.start_time,
                "end": run.info.end_time,
                "params": run.data.params,
                "tags": {name: run.data.tags[name] for name in TAGS if name in run.data.tags},
                "metrics": run.data.metrics,
                "history": {name: by_step(entries) for name, entries in history.items()},
            }
    return runs


def nameless(info):
    """A file of the archive without its owner."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def main():
    target = Path(sys.argv[1]).absolute() / mlflow.__version__
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    os.chdir(PLACE)
    expected = {}
    for kind, address in (("files", str(PLACE / "mlruns")), ("database", f"sqlite:///{PLACE}/mlflow.db")):
        mlflow.set_tracking_uri(address)
        log_sweep()
        expected[kind] = told()
        if kind == "database":
            mlflow.search_runs(experiment_names=["grid"]).to_csv(target / "search_runs.csv", index=False)
    with tarfile.open(target / "mlruns.tar.xz", "w:xz") as tar:
        tar.add("mlruns", filter=nameless)
    (target / "mlflow.db.xz").write_bytes(lzma.compress((PLACE / "mlflow.db").read_bytes(), preset=9))
    (target / "expected.json").write_text(json.dumps(expected, sort_keys=True))
    shutil.rmtree(PLACE)


main()
