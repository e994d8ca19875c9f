"""The settings and metrics of any training script in, its run log out: one run.toml, replaced whole after every epoch."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import SupportsFloat

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.logtext import write_run
from sweepbook.runner.runlog import Run
from sweepbook.runner.values import level_text

LONGEST = 60  # letters of a label that is made from settings


class Recorder:
    """The log of the run in hand, in `folder`."""

    def __init__(self, folder: Path, log: Run) -> None:
        self.folder, self.run, self._clock = folder, log, time.perf_counter()
        write_run(folder, log)

    @property
    def diverged(self) -> bool:
        """Whether the last value of a metric is not a finite number."""
        return not all(map(math.isfinite, self.run.metrics.values()))

    def describe(self, train_examples: int, valid_examples: int, train_digest: str, valid_digest: str, parameters: int) -> None:
        """Says what the data are and how large the model is; the next write has it."""
        digests = {"train_digest": train_digest, "valid_digest": valid_digest}
        sizes = {"train_examples": train_examples, "valid_examples": valid_examples, "parameters": parameters}
        self.run = replace(self.run, **digests, **sizes)  # type: ignore[arg-type]

    def add(self, series: Mapping[str, float], metrics: Mapping[str, float]) -> int:
        """Logs one epoch and returns its number, from 1. `metrics` are what its final values would be."""
        done = max(map(len, self.run.epochs.values()), default=0)
        names = dict.fromkeys([*self.run.epochs, *series])
        missing = [math.nan] * done
        epochs = {name: [*self.run.epochs.get(name, missing), series.get(name, math.nan)] for name in names}
        self._write(epochs=epochs, metrics={**self.run.metrics, **metrics})
        return done + 1

    def go_back(self, number: int) -> None:
        """Says that the run was taken back to what it was after epoch `number`, from 1: its final values are those."""
        metrics = {name: self.run.epochs[name][number - 1] for name in self.run.metrics}
        self.run = replace(self.run, best_epoch=number, metrics=metrics)

    def close(self, status: str, error: str | None = None) -> None:
        """Says how the run ended."""
        self._write(status=status, error=error)

    def _write(self, **changes: object) -> None:
        self.run = replace(self.run, **changes, seconds=round(time.perf_counter() - self._clock, 4))  # type: ignore[arg-type]
        write_run(self.folder, self.run)


class Recording:
    """A run that is being recorded: `log` what each epoch gave. `folder` is where its run.toml lies."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @property
    def folder(self) -> Path:
        """The folder of the run's log."""
        return self._recorder.folder

    def log(self, **metrics: SupportsFloat) -> None:
        """Logs an epoch: the value of each metric after it, a number, a numpy scalar or a tensor of one element.

        The last value of each is its final one. SweepbookError for what is no number.
        """
        values = {name: _number(name, value) for name, value in metrics.items()}
        if not values:
            raise SweepbookError("log() needs a metric, as in log(valid_accuracy=0.91)")
        self._recorder.add(values, values)


@contextmanager
def record(
    config: Mapping[str, object],
    *,
    seed: int | None = None,
    study: str = "runs",
    label: str | None = None,
    logs: Path | str | None = None,
) -> Iterator[Recording]:
    """Records a training run in `logs` (default: modellogs/<study>), in a new folder of its own.

    `config` has every setting that can change the result, and not the seed; a setting of None is left out. `label` is for
    people (default: made from the settings). The log says `finished` at the end, `failed` with its error after an exception,
    `interrupted` after Ctrl-C, and `diverged` where the last value of a metric is not finite. The exception goes on.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as logs, record({"lr": 0.1}, seed=0, logs=logs) as run:
    ...     run.log(train_loss=0.52, valid_accuracy=0.91)
    ...     (run.folder / "run.toml").read_text().splitlines()[3]
    'label = "lr_0.1"'
    """
    settings = {key: _setting(key, value) for key, value in config.items() if value is not None}
    place = Path("modellogs") / study if logs is None else Path(logs)
    started, name = datetime.now(UTC), label or _label(settings)
    place.mkdir(parents=True, exist_ok=True)
    folder = new_folder(place, _slug(name), seed, started)
    recorder = Recorder(folder, Run(name, study, seed, "running", started, 0.0, settings))  # type: ignore[arg-type]
    try:
        yield Recording(recorder)
    except (KeyboardInterrupt, GeneratorExit):
        recorder.close("interrupted")
        raise
    except BaseException as error:
        recorder.close("failed", f"{type(error).__name__}: {error}")
        raise
    if not recorder.run.metrics:
        recorder.close("failed", "no metric was logged")
    else:
        recorder.close("diverged" if recorder.diverged else "finished")


def new_folder(logs: Path, label: str, seed: int | None, started: datetime) -> Path:
    """A fresh folder for the log of a run; where the second is taken, the next one's name."""
    end = f"-{label}" + (f"-s{seed}" if seed is not None else "")
    while True:
        folder = logs / f"{started:%Y%m%d-%H%M%S}{end}"
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            started += timedelta(seconds=1)


def _setting(key: str, value: object) -> object:
    """A setting as a log may hold it: lists for tuples, text for paths, plain numbers for numpy's."""
    if isinstance(value, Mapping):
        return {str(name): _setting(f"{key}.{name}", inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [_setting(key, item) for item in value]
    if isinstance(value, Path):
        return str(value)
    plain = value.item() if hasattr(value, "item") else value
    if not isinstance(plain, (str, bool, int, float)):
        raise SweepbookError(f"setting {key} = {value!r}: text, a number, true or false, or a list or table of them expected")
    return plain


def _number(name: str, value: SupportsFloat) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SweepbookError(f"metric {name} = {value!r}: a number expected") from None


def _label(settings: Mapping[str, object]) -> str:
    """A label made from settings: "lr_0.1_units_64"."""
    return "_".join(f"{key}_{level_text(value)}" for key, value in settings.items())[:LONGEST] or "run"


def _slug(label: str) -> str:
    """`label` as part of a folder's name."""
    return re.sub(r"[^A-Za-z0-9_.+-]+", "-", label)[:LONGEST]
