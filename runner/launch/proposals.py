"""A search and what came of its trials in, the next proposal and whether a trial is hopeless out: Optuna, asked and told.

Optuna keeps nothing: its study is in memory, and made anew from the run logs at every start. Each proposal has a seed of its own,
by the number of its trial, so that a search which was stopped goes on as it would have without.
"""

import hashlib
import json
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.search import SearchPlan, distribution, holds
from sweepbook.runner.trials import Trial

STARTED = 5  # trials, before which none is stopped
MISSING = (
    "a search needs Optuna, which is not installed: pip install \"optuna>=4.4\"; in Sweepbook's checkout: pip install '.[search]'"
)


class Proposals:
    """The sampler and the pruner of one search, called `name`, whose trials have up to `epochs` epochs."""

    def __init__(self, name: str, plan: SearchPlan, goal: str, epochs: int) -> None:
        self.name, self.plan, self.epochs = name, plan, epochs
        self.optuna = _optuna()
        self.distributions = {key: distribution(one) for key, one in plan.space.items()}
        with _quiet():
            self.study = self.optuna.create_study(direction=goal, pruner=self._pruner(), study_name=name)
        self.trials: dict[int, Any] = {}

    def propose(self, number: int, attempt: int = 0) -> dict[str, object]:
        """The proposal for trial `number`: a number for each range, the level of each choice as text. A further `attempt` gives
        another one, and the one before is forgotten."""
        if number in self.trials:
            self.study.tell(self.trials[number], state=self.optuna.trial.TrialState.FAIL)
        with _quiet():
            self.study.sampler = self._sampler(seed_of(self.name, number, attempt))
            self.trials[number] = self.study.ask(self.distributions)
        return dict(self.trials[number].params)

    def begin(self, number: int, proposed: Mapping[str, object]) -> None:
        """Takes trial `number` as begun with a proposal that is known."""
        if number in self.trials:
            self.study.tell(self.trials[number], state=self.optuna.trial.TrialState.FAIL)
        self.study.enqueue_trial(dict(proposed))
        with _quiet():
            self.study.sampler = self._sampler(seed_of(self.name, number, 0))
            self.trials[number] = self.study.ask(self.distributions)

    def is_hopeless(self, number: int, epoch: int, value: float) -> bool:
        """Whether the pruner would stop trial `number` after its value of this epoch, counted from 1. What is no number is left
        to end as it does."""
        if not math.isfinite(value):
            return False
        with _quiet():  # also that a trial which was killed reports again
            self.trials[number].report(value, epoch)
            return bool(self.trials[number].should_prune())

    def end(self, number: int, status: str, score: float | None) -> None:
        """How trial `number` ended: with a score, pruned, or else failed."""
        states = self.optuna.trial.TrialState
        trial = self.trials.pop(number)
        if status == "finished" and score is not None:
            self.study.tell(trial, score)
        else:
            self.study.tell(trial, state=states.PRUNED if status == "pruned" else states.FAIL)

    def replay(self, trial: Trial) -> None:
        """Takes in a trial that has ended, as if it had been trained here and now; nothing where it is not of this space."""
        proposed = self.logged(trial)
        if proposed is None:
            return
        self.begin(trial.number, proposed)
        for epoch, value in enumerate(trial.values, 1):
            self.is_hopeless(trial.number, epoch, value)
        self.end(trial.number, trial.status, trial.score)

    def logged(self, trial: Trial) -> dict[str, object] | None:
        """The proposal that a trial's log records; None where the plan's space, changed since, does not hold it any more."""
        known: dict[str, object] = json.loads(trial.proposed)
        inside = known.keys() == self.plan.space.keys() and all(holds(one, known[key]) for key, one in self.plan.space.items())
        return known if inside else None

    def _sampler(self, seed: int) -> Any:
        samplers = self.optuna.samplers
        if self.plan.sampler == "random":
            return samplers.RandomSampler(seed=seed)
        if self.plan.sampler == "gp":
            return samplers.GPSampler(seed=seed)
        return samplers.TPESampler(seed=seed, constant_liar=True)

    def _pruner(self) -> Any:
        pruners = self.optuna.pruners
        if self.plan.pruner == "none":
            return pruners.NopPruner()
        if self.plan.pruner == "hyperband":
            return pruners.HyperbandPruner(min_resource=1, max_resource=self.epochs, reduction_factor=3)
        if self.plan.pruner == "halving":
            return pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
        return pruners.MedianPruner(n_startup_trials=STARTED, n_warmup_steps=warm_up(self.epochs))


def warm_up(epochs: int) -> int:
    """The first epoch after which the median may stop a trial: a third of them come before.

    >>> [warm_up(epochs) for epochs in (1, 5, 10, 30)]
    [1, 2, 4, 10]
    """
    return max(1, math.ceil(epochs / 3))


def seed_of(name: str, number: int, attempt: int) -> int:
    """The seed of the sampler for one proposal."""
    digest = hashlib.sha256(f"{name}:{number}:{attempt}".encode()).digest()
    return int.from_bytes(digest[:4])


def text(proposed: Mapping[str, object]) -> str:
    """A proposal as a log records it."""
    return json.dumps(dict(proposed))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SweepbookError(MISSING) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's remarks on which of its parts are experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
