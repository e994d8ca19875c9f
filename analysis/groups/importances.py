"""The trials of a search in, how much of their scores' variance each setting explains out: fANOVA, where Optuna is installed.

Hutter, Hoos and Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance.
"""

import json
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import fmean
from typing import TypeAlias

from sweepbook.runner.search import SearchPlan, distribution, holds
from sweepbook.runner.trials import Trial

FEWEST = 10  # finished trials, from which on a forest is grown on them
FORESTS, TREES = 8, 16  # each forest on trials drawn anew, and its trees
LACKING = "lacking"  # why there are none: Optuna or scikit-learn is not installed

Scored: TypeAlias = tuple[Mapping[str, object], float]  # what a trial proposed, and its score


@dataclass(frozen=True)
class Importances:
    """The part of the variance that each setting explains, the largest first, over so many finished `trials`; where there are none
    `reason` is LACKING, or "" where there are too few trials. A share is the mean of several forests, its range their least and
    most."""

    shares: Mapping[str, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    trials: int = 0
    reason: str = ""


def importances(plan: SearchPlan, known: Sequence[Trial]) -> Importances:
    """Those over the finished trials whose proposals the space of the plan holds; the same ones every time."""
    pairs = [(json.loads(trial.proposed), trial.score) for trial in known if trial.status == "finished"]
    usable = [(params, float(score)) for params, score in pairs if score is not None and _inside(plan, params)]
    if len(usable) < FEWEST or len(plan.space) < 2 or len({score for _, score in usable}) < 2:
        return Importances(trials=len(usable))
    try:
        found = _fanova(plan, usable)
    except ImportError:
        return Importances(trials=len(usable), reason=LACKING)
    means = {name: fmean(forest[name] for forest in found) for name in plan.space}
    names = sorted(means, key=lambda name: (-means[name], name))
    ranges = {name: (min(forest[name] for forest in found), max(forest[name] for forest in found)) for name in names}
    return Importances({name: means[name] for name in names}, ranges, len(usable))


def _inside(plan: SearchPlan, params: Mapping[str, object]) -> bool:
    return params.keys() == plan.space.keys() and all(holds(one, params[name]) for name, one in plan.space.items())


def _drawn(usable: Sequence[Scored]) -> Iterator[list[Scored]]:
    """As many trials as there are, drawn from them, again and again; never all of one score, which has no variance."""
    chance = random.Random(0)
    while True:
        drawn = chance.choices(usable, k=len(usable))
        if len({score for _, score in drawn}) > 1:
            yield drawn


def _fanova(plan: SearchPlan, usable: Sequence[Scored]) -> list[dict[str, float]]:
    """The shares by each forest. One forest alone gives pure noise shares like 61, 32 and 7%, and others with another seed."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spaces = {name: distribution(one) for name, one in plan.space.items()}
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on what is experimental there
        for seed, drawn in enumerate(islice(_drawn(usable), FORESTS)):
            study = optuna.create_study()
            study.add_trials([optuna.create_trial(params=dict(p), distributions=spaces, value=score) for p, score in drawn])
            evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
            shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
            found.append({name: float(share) for name, share in shares.items()})
    return found
