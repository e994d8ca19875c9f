"""Writes studies through the Optuna that this Python has, as a database and as a journal, and what Optuna's own API says of them.

For each of the versions, in an environment with `optuna==2.0.0 "sqlalchemy<1.4" "alembic<1.5" "numpy<1.27" "setuptools<70"` (no
build isolation), `optuna==2.10.1 "sqlalchemy<1.4.40" "setuptools<70"`, `optuna==3.6.1 "sqlalchemy<2.1"` or `optuna==4.6.0`:

    python tests/real/optuna/make.py tests/real/optuna

Optuna 2 has no journal. The databases and journals are packed. Times are Optuna's own and differ from call to call.
"""

import json
import lzma
import math
import os
import shutil
import sys
from pathlib import Path

import optuna

PLACE = Path("/tmp/sweep-optuna")
NEW = int(optuna.__version__.split(".")[0]) >= 3
FIRST = not hasattr(optuna.study.Study, "ask")  # one goal a study


def network(trial):
    """A made-up network: its error falls with the epochs; some trials are pruned, one breaks."""
    rate = trial.suggest_float("opt.lr", 1e-4, 1e-1, log=True)
    width = trial.suggest_int("width", 16, 128, step=16)
    depth = trial.suggest_int("depth", 1, 8, log=True) if trial.number % 2 else 2
    dropout = trial.suggest_float("dropout", 0.0, 0.5, step=0.1)
    kind = trial.suggest_categorical("opt.name", ["Adam", "SGD", None])
    flag = trial.suggest_categorical("norm", [True, False])
    trial.suggest_float("old.uniform", -1.0, 1.0)
    seed = trial.suggest_categorical("seed", [0, 1])
    trial.set_user_attr("parameters", width * depth)
    trial.set_user_attr("note", "wide" if width > 64 else "narrow")
    trial.set_user_attr("shape", [width, depth])
    if trial.number == 3:
        raise RuntimeError("out of memory")
    error = 1.0
    for epoch in range(6):
        error = abs(math.log10(rate) + 2) * math.exp(-epoch) + dropout + 0.01 * seed + (0.1 if kind == "SGD" else 0) + 0.05 * flag
        trial.report(error if trial.number != 5 or epoch < 4 or not NEW else math.nan, epoch)
        if trial.number in (4, 7) and epoch == 2:
            raise optuna.TrialPruned
    return error


def two_goals(trial):
    """Two goals of one setting."""
    x = trial.suggest_float("x", 0.0, 5.0)
    if trial.number == 2:
        return (math.inf if NEW else 1e6), x
    return x**2, (x - 2) ** 2


def fill(storage):
    """Three studies, with every kind of trial that there is."""
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(study_name="network", storage=storage, sampler=sampler, direction="minimize")
    study.set_user_attr("dataset", "digits")
    study.optimize(network, n_trials=12, catch=(RuntimeError,))
    if FIRST:
        return
    study.enqueue_trial({"opt.lr": 0.01, "width": 32})
    open_trial = study.ask()
    open_trial.suggest_float("opt.lr", 1e-4, 1e-1, log=True)
    open_trial.report(0.5, 0)
    study.enqueue_trial({"opt.lr": 0.02})
    both = optuna.create_study(study_name="two goals: é/ü", storage=storage, sampler=sampler, directions=["minimize", "maximize"])
    if hasattr(both, "set_metric_names"):
        both.set_metric_names(["latency", "accuracy"])
    both.optimize(two_goals, n_trials=4)
    optuna.create_study(study_name="empty", storage=storage, direction="maximize")
    optuna.create_study(study_name="thrown away", storage=storage)
    optuna.delete_study(study_name="thrown away", storage=storage)


def told(storage):
    """What Optuna's own API says of every trial."""
    studies = {}
    for summary in optuna.study.get_all_study_summaries(storage=storage):
        study = optuna.load_study(study_name=summary.study_name, storage=storage)
        names = getattr(study, "metric_names", None)
        trials = {}
        for trial in study.get_trials():
            trials[trial.number] = {
                "state": trial.state.name,
                "params": trial.params,
                "values": ([] if trial.value is None else [trial.value]) if FIRST else trial.values,
                "steps": sorted(trial.intermediate_values.items()),
                "attributes": trial.user_attrs,
                "start": str(trial.datetime_start),
                "end": str(trial.datetime_complete),
            }
        directions = [study.direction] if FIRST else study.directions
        studies[study.study_name] = {"directions": [d.name for d in directions], "names": names, "trials": trials}
    return studies


def main():
    target = Path(sys.argv[1]).absolute() / optuna.__version__
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    os.chdir(PLACE)
    fill("sqlite:///optuna.db")
    expected = {"database": told("sqlite:///optuna.db")}
    (target / "optuna.db.xz").write_bytes(lzma.compress(Path("optuna.db").read_bytes(), preset=9))
    if NEW:
        expected["journal"] = journal(target)
    (target / "expected.json").write_text(json.dumps(expected, sort_keys=True))
    shutil.rmtree(PLACE)


def journal(target):
    """The same studies in a journal."""
    import uuid

    from optuna.storages import JournalStorage

    try:
        from optuna.storages.journal import JournalFileBackend as Backend
    except ImportError:
        from optuna.storages import JournalFileStorage as Backend
    uuid.uuid4 = lambda: uuid.UUID(int=7)  # a worker's name, without which every call would give another file
    storage = JournalStorage(Backend("journal.log"))
    fill(storage)
    (target / "journal.log.xz").write_bytes(lzma.compress(Path("journal.log").read_bytes(), preset=9))
    return told(storage)


main()
