"""The calls that a training framework makes at its own times in, a run log out: begun, filled epoch by epoch, and ended."""

import atexit
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from sweepbook.runner.record import Recording, record

SPLITS = {"val": "valid", "validation": "valid", "eval": "valid"}


class Following:
    """A run that a framework trains. Values are gathered until a value of the next epoch comes; the later of two counts."""

    def __init__(self, study: str, label: str | None, logs: Path | str | None) -> None:
        self.study, self.label, self.logs = study, label, logs
        self.began = self.ended = False
        self._epoch: float | None = None
        self._values: dict[str, float] = {}
        self._run: Recording
        self._context: AbstractContextManager[Recording]

    @property
    def folder(self) -> Path | None:
        """Where the log is; None before the run began."""
        return self._run.folder if self.began else None

    def begin(self, config: Mapping[str, object], seed: int | None) -> None:
        """Begins the log. Where the process ends before the run does, that is how the run ended."""
        settings = {name: value for name, value in config.items() if name != "seed"}
        own = config.get("seed")
        seed = own if seed is None and type(own) is int else seed
        self._context = record(settings, seed=seed, study=self.study, label=self.label, logs=self.logs)
        self._run = self._context.__enter__()
        self.began = True
        atexit.register(self._leave)

    def add(self, values: Mapping[str, float], epoch: float | None) -> None:
        """Adds values of an epoch; without one they are of the epoch in hand."""
        if self.ended:
            return
        if epoch is not None and epoch != self._epoch:
            self._flush()
            self._epoch = epoch
        self._values.update({ours(name): value for name, value in values.items()})

    def end(self, error: BaseException | None = None) -> None:
        """Ends the log, with the error that ended the training where there is one."""
        if self.ended or not self.began:
            return
        self._flush()
        self.ended = True
        atexit.unregister(self._leave)
        self._context.__exit__(type(error) if error else None, error, None)

    def _flush(self) -> None:
        if self._values:
            self._run.log(**self._values)
        self._values = {}

    def _leave(self) -> None:
        """The process ends: Python keeps the error that ended it."""
        self.end(getattr(sys, "last_value", None) or KeyboardInterrupt())


def plain(table: Mapping[str, object]) -> dict[str, object]:
    """The settings of a table that a log can hold: text, numbers, flags, and lists and tables of them.

    >>> plain({"lr": 0.1, "act": print, "opt": {"betas": (0.9, 0.999)}})
    {'lr': 0.1, 'opt': {'betas': (0.9, 0.999)}}
    """
    known: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            known[str(name)] = plain(value)
        elif isinstance(value, str | bool | int | float | Path) or _is_list(value):
            known[str(name)] = value
    return known


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str | bool | int | float) or _is_list(item) for item in value)


def ours(name: str) -> str:
    """A metric's name as run logs have it.

    >>> [ours(name) for name in ("val_loss", "eval_accuracy", "train/loss", "lr")]
    ['valid_loss', 'valid_accuracy', 'train_loss', 'lr']
    """
    split, _, rest = name.replace("/", "_").partition("_")
    return f"{SPLITS.get(split, split)}_{rest}" if rest else name
