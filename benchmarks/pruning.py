"""What each pruner would have stopped of trials that were trained to their end: whether the best survive, and the epochs saved.

    sweepbook run whole.toml --logs modellogs/whole
    python benchmarks/pruning.py modellogs/whole

whole.toml is a plan for the digits (12 epochs, an mlp of 32 units, Adam) whose one group has, with runs = 80 and confirm = 1,
search = { lr = "log 1e-4..1e-1", units1 = [16, 32, 64], depth = "1..3", batch_size = [16, 32, 64] }, sampler = "random" and
pruner = "none".
"""

import argparse
import random
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
from sweepbook.runner.launch.proposals import STARTED, warm_up
from sweepbook.runner.runlog import read_folder

ORDERS, TRIALS = 200, 40


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("logs", type=Path)
    asked.add_argument("--metric", default="valid_accuracy")
    arguments = asked.parse_args()
    runs = [run for _, run in read_folder(arguments.logs) if run.status == "finished" and "search" in run.environment]
    runs.sort(key=lambda run: run.environment["trial"])
    curves = [run.epochs[arguments.metric] for run in runs]
    epochs = max(map(len, curves))
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"{len(curves)} trials of up to {epochs} epochs, {TRIALS} of them in each of {ORDERS} orders")
    for name, make in pruners(epochs).items():
        outcomes = [stopped(curves, make(), order) for order in range(ORDERS)]
        kept, lost, saved, pruned = (sum(values) / ORDERS for values in zip(*outcomes, strict=True))
        print(f"{name:32} best kept {kept:.0%}, lost {lost:.4f} on average, epochs saved {saved:.0%}, {pruned:.0f} pruned")


def pruners(epochs: int) -> dict[str, Callable[[], Any]]:
    own = optuna.pruners
    return {
        "median, from the first epoch": lambda: own.MedianPruner(n_startup_trials=STARTED, n_warmup_steps=1),
        "median, from a third": lambda: own.MedianPruner(n_startup_trials=STARTED, n_warmup_steps=warm_up(epochs)),
        "median, from the half": lambda: own.MedianPruner(n_startup_trials=STARTED, n_warmup_steps=epochs // 2),
        "hyperband": lambda: own.HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=3),
        "successive halving": lambda: own.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    }


def stopped(curves: Sequence[Sequence[float]], pruner: Any, order: int) -> tuple[bool, float, float, int]:
    """Whether the best trial of one order was kept, how far the best that was is behind it, the share of the epochs that were
    saved, and the trials that were stopped."""
    study = optuna.create_study(direction="maximize", pruner=pruner, study_name=str(order))
    some = random.Random(order).sample(curves, min(TRIALS, len(curves)))
    done, trained, pruned = [], 0, 0
    for curve in some:
        trial, cut = study.ask(), False
        for epoch, value in enumerate(curve, 1):
            trained += 1
            trial.report(value, epoch)
            cut = trial.should_prune() and epoch < len(curve)
            if cut:
                break
        pruned += cut
        done += [] if cut else [curve[-1]]
        study.tell(trial, None if cut else curve[-1], state=optuna.trial.TrialState.PRUNED if cut else None)
    best = max(curve[-1] for curve in some)
    return max(done) == best, best - max(done), 1 - trained / sum(map(len, some)), pruned


if __name__ == "__main__":
    main()
