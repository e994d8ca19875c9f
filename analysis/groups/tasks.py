"""The settings of configurations in, the setting that says what was learned out: a task or a data set, each with its own scores."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from sweepbook.runner.config import Config
from sweepbook.runner.values import level_text

TASKS = {"task", "env", "environment", "dataset", "data", "game", "benchmark", "problem", "domain"}
IDENTITY = {"id", "name"}  # words behind the name of a setting that change nothing about what it is
MOST = 200  # tasks; what has more levels names runs


@cache
def is_task(setting: str) -> bool:
    """Whether a setting says by its name what is learned.

    >>> [is_task(name) for name in ("env", "dataset_name", "task.id", "data_augmentation")]
    [True, True, True, False]
    """
    *before, last = re.split(r"[._/-]+", setting.lower())
    return last in TASKS or (last in IDENTITY and bool(before) and before[-1] in TASKS)


def task_settings(configs: Sequence[Config]) -> tuple[str, ...]:
    """The settings of all these configurations that say by their names what is learned and have several levels, in words. One that
    another tells already is left out: of `env` and `env_id` the first."""
    names = [name for name in dict.fromkeys(key for config in configs for key in config) if is_task(name)]
    told: list[str] = []
    parts: list[tuple[str, ...]] = [()] * len(configs)
    for name in names:
        levels = [config.get(name) for config in configs]
        finer = [(*part, level_text(level)) for part, level in zip(parts, levels, strict=True)]
        if all(isinstance(level, str) for level in levels) and len(set(parts)) < len(set(finer)) <= MOST:
            told.append(name)
            parts = finer
    return tuple(told)


def by_task(configs: Mapping[str, Config]) -> dict[tuple[tuple[str, str], ...], dict[str, Config]]:
    """The configurations of each task, by what it is: the settings that name it, with their levels. One entry without a name where
    no setting names a task."""
    names = task_settings(list(configs.values()))
    tasks: dict[tuple[tuple[str, str], ...], dict[str, Config]] = {}
    for ident, config in configs.items():
        tasks.setdefault(tuple((name, str(config[name])) for name in names), {})[ident] = config
    return dict(sorted(tasks.items()))
