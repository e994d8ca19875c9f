"""A `Study` in, where the user's own modules that it names lie, and what of them is tried before any run, out."""

from collections.abc import Iterable
from pathlib import Path

from sweepbook.runner import own
from sweepbook.runner.config import Config, active
from sweepbook.runner.search import Choice
from sweepbook.runner.settings import is_own
from sweepbook.runner.study import PlannedRun, Study


def places(study: Study) -> tuple[Path, Path]:
    """Where modules of the user's own are looked for first; OwnError where the plan names one that is not there."""
    found = own.folders(study.path)
    own.check([study.baseline, *(run.config for run in study.runs), *_searched(study)], found)
    return found


def tried(study: Study, runs: Iterable[PlannedRun]) -> tuple[Config, ...]:
    """Of `runs` and of what is searched, a configuration for each model with each dataset and each set of settings, where model or
    dataset is a user's own."""
    kinds: dict[object, Config] = {}
    for config in (*(run.config for run in runs), *_searched(study)):
        if any(is_own(config[kind]) for kind in own.KINDS):
            kinds.setdefault((config["model"], config["dataset"], *config), config)
    return tuple(kinds.values())


def _searched(study: Study) -> list[Config]:
    """A configuration in the middle of each space that is searched, with each of the models that it chooses among."""
    plans = [group.search for group in study.groups if group.search]
    middles = [({**study.baseline, **plan.settings(plan.middle())}, plan.space.get("model")) for plan in plans]
    models = [(middle, one.levels if isinstance(one, Choice) else (middle["model"],)) for middle, one in middles]
    return [active({**middle, "model": model}) for middle, levels in models for model in levels]


def has_test(study: Study, config: Config) -> bool:
    """Whether the dataset of `config` has test images: a user's own does where its module has a function for them."""
    name = f"{config['dataset']}_test"
    return not is_own(name) or own.defines(own.source("dataset", name, own.folders(study.path)), name.partition(":")[2])
