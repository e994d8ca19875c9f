"""The trials of a search in, how much of their scores' variance each setting explains out: fANOVA, where Optuna is installed.

Hutter, Hoos and Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sweepbook.runner.search import SearchPlan, distribution, holds
from sweepbook.runner.trials import Trial

FEWEST = 10  # finished trials, from which on a forest is grown on them
LACKING = "lacking"  # why there are none: Optuna or scikit-learn is not installed


@dataclass(frozen=True)
class Importances:
    """The part of the variance that each setting explains, the largest first, over so many finished `trials`; where there are none
    `reason` is LACKING, or "" where there are too few trials."""

    shares: Mapping[str, float] = field(default_factory=dict)
    trials: int = 0
    reason: str = ""


def importances(plan: SearchPlan, known: Sequence[Trial]) -> Importances:
    """Those over the finished trials whose proposals the space of the plan holds; the same ones every time."""
    pairs = [(json.loads(trial.proposed), trial.score) for trial in known if trial.status == "finished"]
    usable = [(params, float(score)) for params, score in pairs if score is not None and _inside(plan, params)]
    if len(usable) < FEWEST or len(plan.space) < 2 or len({score for _, score in usable}) < 2:
        return Importances(trials=len(usable))
    try:
        shares = _fanova(plan, usable)
    except ImportError:
        return Importances(trials=len(usable), reason=LACKING)
    return Importances(dict(sorted(shares.items(), key=lambda one: (-one[1], one[0]))), len(usable))


def _inside(plan: SearchPlan, params: Mapping[str, object]) -> bool:
    return params.keys() == plan.space.keys() and all(holds(one, params[name]) for name, one in plan.space.items())


def _fanova(plan: SearchPlan, usable: Sequence[tuple[Mapping[str, object], float]]) -> dict[str, float]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spaces = {name: distribution(one) for name, one in plan.space.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on what is experimental there
        study = optuna.create_study()
        study.add_trials([optuna.create_trial(params=dict(p), distributions=spaces, value=score) for p, score in usable])
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
