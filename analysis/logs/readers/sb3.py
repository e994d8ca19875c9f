"""A folder with a progress.csv of Stable-Baselines3 in, its run out. The settings stand in the names of folders only."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
from sweepbook.analysis.logs.labels import told_settings
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.steps import aligned
from sweepbook.analysis.logs.tables.cells import Column
from sweepbook.analysis.logs.tables.dates import moment
from sweepbook.analysis.logs.tables.sight import sight
from sweepbook.analysis.logs.tables.table import Table, table_at
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import Value

NAME = "Stable-Baselines3"
FILES = ("progress.csv", "progress.json")
BESIDE = re.compile(r"progress\.(?:csv|json)|log\.txt|(?:.*\.)?monitor\.csv|events\.out\.tfevents\..*|evaluations\.npz")
STEPS = ("time/total_timesteps", "total_timesteps", "serial_timesteps", "misc/total_timesteps")
SECONDS = ("time/time_elapsed", "time_elapsed", "misc/time_elapsed")
KNOWN = ("rollout/", "train/", "time/", "eval/")
OLD = frozenset(("eprewmean", "ep_reward_mean", "ep_rewmean"))  # of Stable-Baselines and of Baselines
# What is a state of the training and no measure of how it goes.
STATES = re.compile(r"time/.*|.*(?:learning_rate|n_updates|exploration_rate|clip_range(?:_vf)?|timesteps|fps|iterations|episodes)")
ALGORITHMS = frozenset(
    "a2c a3c acer acktr ars crossq ddpg dqn her iqn maskableppo ppo ppo1 ppo2 qrdqn recurrentppo ppolstm sac td3 tqc trpo".split()  # noqa: SIM905
)
GENERAL = frozenset(
    """logs log runs run results result output outputs out data experiments experiment exp tmp models model training train
    tensorboard sb3 sb3_log sb3_logs rl checkpoints monitor csv tb""".split()  # noqa: SIM905
)
DATE = re.compile(r"(?<!\d)(20\d{6})[-_T](\d{6})(?!\d)|(?<!\d)20\d\d-\d\d-\d\d(?:[-_T ]\d\d[:-]\d\d[:-]\d\d)?")
ENVIRONMENT = re.compile(r"[A-Za-z][\w]*-v\d+|.*[a-z]NoFrameskip.*")
SEED = re.compile(r"(?:^|(?<=[-_]))(?:seed|s)[-_=]?\d+(?![\d.])")
NUMBER = re.compile(r"[-_](\d{1,4})$")
NOTE = "No settings were logged; algorithm and environment were read from the names of folders."


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, where its progress.csv has the columns of Stable-Baselines3."""
    for name in FILES:
        path = f"{folder.path}/{name}"
        if name in folder.files and _is_ours(path):
            yield Log(folder.path, (path,), frozenset(other for other in folder.files if BESIDE.fullmatch(other)))
            return


def _is_ours(path: str) -> bool:
    if path.endswith(".json"):
        return _first_line(path).startswith(tuple(f'{{"{known}' for known in KNOWN))
    seen = sight(path)
    names = seen.names if seen else ()
    return bool(OLD.intersection(names)) or sum(name.startswith(KNOWN) for name in names) > 1


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.readline(4096).decode(errors="replace")
    except OSError:
        return ""


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The run, by the number of steps in its environment."""
    path = log.files[0]
    table = table_at(path) if path.endswith(".csv") else table_at(path, ".jsonl")
    columns = {name: column for name, column in table.columns.items() if column.numeric}
    steps, series = _series(table, columns)
    if not series:
        raise LogError("no row in it yet" if not table.rows else "no numbers in it")
    settings = {**_settings(log.path), **_rates(columns)}
    yield Run(
        label=log.path.rpartition("/")[2],
        study="",
        seed=None,
        status="finished",
        started=next((moment("T".join(filter(None, date.groups())) or date[0]) for date in [DATE.search(log.path)] if date), None),
        seconds=next((max(columns[name].known) for name in SECONDS if name in columns and columns[name].known), None),
        config=settings,
        metrics={name: _last(values) for name, values in series.items() if not STATES.fullmatch(name)},
        epochs=series,
        steps=steps,
        note=" ".join([NOTE, *table.notes]),
    )
    if table.broken:
        raise LogError(f"{table.broken[0][1]}: left out")


def _series(table: Table, columns: Mapping[str, Column]) -> tuple[list[float], dict[str, list[float]]]:
    """The steps of all rows, and the series over them."""
    number = next((columns[name].floats() for name in STEPS if name in columns), np.arange(1.0, table.rows + 1))
    told = {name: column for name, column in columns.items() if not name.startswith("time/") and name not in (*STEPS, *SECONDS)}
    return aligned({name: (number[column.codes >= 0], column.floats()[column.codes >= 0]) for name, column in told.items()})


def _last(values: list[float]) -> float:
    return next((value for value in reversed(values) if value == value), float("nan"))


def _rates(columns: Mapping[str, Column]) -> dict[str, Value]:
    """The learning rate, where it stayed the same."""
    rate = columns.get("train/learning_rate")
    return {"learning_rate": rate.known[0]} if rate and len(rate.known) == 1 else {}


def _settings(path: str) -> dict[str, Value]:
    """What the names of the folder and of the one that it lies in tell: algorithm, environment, and what else stands there.

    >>> _settings("/results/cartpole/DQN_tuned_run_20250403_145030")
    {'algo': 'DQN', 'variant': 'tuned', 'env': 'cartpole'}
    """
    above, own = ["", *path.split("/")][-2:]
    settings: dict[str, Value] = {}
    rest: list[str] = []
    name = SEED.sub("", NUMBER.sub("", DATE.sub("", own)))
    if ENVIRONMENT.fullmatch(name):
        settings["env"] = name
    else:
        for word in filter(None, re.split(r"[_ ]+", name.strip("_- "))):
            if word.lower().replace("-", "") in ALGORITHMS and "algo" not in settings:
                settings["algo"] = word
            elif ENVIRONMENT.fullmatch(word):
                settings["env"] = word
            elif word.lower() not in GENERAL and not word.isdecimal():
                rest.append(word)
    told = told_settings("_".join(rest))
    settings |= told
    if rest and not told:
        settings["variant" if {"algo", "env"} & settings.keys() else "run"] = "_".join(rest)
    if above.lower().replace("-", "") in ALGORITHMS:
        settings.setdefault("algo", above)
    elif above and above.lower() not in GENERAL:
        settings.setdefault("env", NUMBER.sub("", DATE.sub("", above)).strip("_-"))
    return {name: value for name, value in settings.items() if value}
