"""The side of MLflow: logs runs through MLflow into a database, or reads all of them back with their series.

mlflow_stores.py starts it, by the Python of an environment of MLflow's own. The seconds that reading took are printed, of the
processor and of the clock, with how much was read."""

import random
import sys
import time

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

EPOCHS = 20
NAMES = ("train_loss", "valid_loss", "valid_accuracy")


def log(count: int) -> None:
    """`count` runs of ten params and three metrics over twenty epochs."""
    draw, client = random.Random(0), MlflowClient()
    experiment = client.create_experiment("sweep")
    for number in range(count):
        run = client.create_run(experiment, run_name=f"run-{number}")
        params = {"lr": draw.choice((0.001, 0.01, 0.1)), "width": draw.choice((32, 64)), "seed": number}
        params |= {f"setting_{place}": draw.random() for place in range(7)}
        values = {name: [draw.random() for _ in range(EPOCHS)] for name in NAMES}
        metrics = [Metric(name, value, 1_700_000_000_000 + step, step) for name in NAMES for step, value in enumerate(values[name])]
        client.log_batch(run.info.run_id, metrics, [Param(name, str(value)) for name, value in params.items()])
        client.set_terminated(run.info.run_id)


def read() -> tuple[int, int]:
    """The numbers of runs and of values that MLflow's own functions give back."""
    client = MlflowClient()
    frame = mlflow.search_runs(experiment_names=["sweep"], max_results=50_000)
    names = [name.removeprefix("metrics.") for name in frame.columns if name.startswith("metrics.")]
    values = sum(len(client.get_metric_history(ident, name)) for ident in frame["run_id"] for name in names)
    return len(frame), values


def main() -> None:
    mlflow.set_tracking_uri(f"sqlite:///{sys.argv[2]}")
    if sys.argv[1] == "log":
        log(int(sys.argv[3]))
        return
    mlflow.search_experiments()  # the connection and the imports, which are not what is measured
    started, used = time.perf_counter(), time.process_time()
    runs, values = read()
    print(time.process_time() - used, time.perf_counter() - started, runs, values, mlflow.__version__)


main()
