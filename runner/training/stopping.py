"""What validation gave after each epoch of a model in; which epoch is the best, and whether to go on, out."""

import math

from sweepbook.runner.config import Config, setting, whole
from sweepbook.runner.runlog import Epoch


def score(epoch: Epoch, config: Config) -> float:
    """What the configuration watches, higher being better: the validation accuracy, or the validation loss turned round."""
    return -epoch.valid_loss if setting(config, "watch") == "valid_loss" else epoch.valid_accuracy


class Patience:
    """Whether one model goes on: not once a loss is not finite, nor, with a patience, once it has waited that long for a better
    epoch."""

    def __init__(self, config: Config) -> None:
        self.config, self.most = config, whole(config, "patience")
        self.epochs, self.highest, self.diverged = 0, -math.inf, False
        self.best: int | None = None  # the number, from 1, of the epoch to go back to; None where it is the last

    def after(self, epoch: Epoch) -> bool:
        """Takes note of an epoch; whether the model is to be kept as it is now."""
        self.epochs, self.diverged = self.epochs + 1, epoch.diverged
        if self.diverged:
            self.best = None
        if not self.most or self.diverged or score(epoch, self.config) <= self.highest:
            return False
        self.best, self.highest = self.epochs, score(epoch, self.config)
        return True

    @property
    def over(self) -> bool:
        """Whether the model has come to its end."""
        return self.diverged or (self.best is not None and self.epochs - self.best >= self.most)
