"""What an executor asks of its workers and what they answer: plain values that cross a pipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sweepbook.runner.config import Config
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.spans import Span
from sweepbook.runner.study import PlannedRun

CLAIMS = ".claims"  # the folder, beside the logs, of the locks by which workers claim runs


@dataclass(frozen=True)
class Terms:
    """What holds for every run of a sweep. `known` names the log folders that were there when it began,
    `datasets` those that its runs need; `code` is what the logs say of code that no commit holds. Modules of the user's own are
    looked for in `places` first, and `tried` are configurations that use some, to be tried before any run. A worker that is to say
    where its time goes has been `begun` at that time, by Spans' clock."""

    study: str
    logs: Path
    device: str
    tensorboard: bool
    environment: Mapping[str, str | int | bool]
    known: frozenset[str]
    datasets: tuple[str, ...]
    code: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Path, ...] = ()
    tried: tuple[Config, ...] = ()
    begun: int | None = None


@dataclass(frozen=True)
class Train:
    """Asks a worker to train `runs`, side by side in one program, and to log each. They differ in their seeds and in what each
    model may have for itself: see `stacks`. A job that `asks` waits after each epoch until it hears whether to go on."""

    runs: tuple[PlannedRun, ...]
    asks: bool = False


@dataclass(frozen=True)
class Score:
    """Asks a worker to train `runs` again and to add their scores on the test images to their logs, which lie in `folders`."""

    runs: tuple[PlannedRun, ...]
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Prune:
    """Asks the worker that has `run` in hand to end it now; the run's log then says pruned."""

    run: PlannedRun


@dataclass(frozen=True)
class GoOn:
    """Has the worker that asks go on with `run`, whose last epoch was heard of."""

    run: PlannedRun


@dataclass(frozen=True)
class Ready:
    """A worker has started; `error` says what it lacks."""

    error: str | None = None


@dataclass(frozen=True)
class Idle:
    """A worker has told how every run of its job ended, and waits for the next."""


@dataclass(frozen=True)
class Spent:
    """Where a worker's time went since it last said so: nanoseconds by phase, spans, and how many more there were."""

    process: int
    times: Mapping[str, int]
    spans: tuple[Span, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Stuck:
    """A worker cannot log what it trains, as where the disk is full; no other run would fare better."""

    error: str


@dataclass(frozen=True)
class Started:
    """A run has begun; its log is in `folder`."""

    run: PlannedRun
    folder: Path


@dataclass(frozen=True)
class Progress:
    """A run has come through whole epoch number `number`, counted from 1."""

    run: PlannedRun
    number: int
    epoch: Epoch


@dataclass(frozen=True)
class Lost:
    """The process of a run was killed. Its log says failed, with `error`; the run is tried once more, from its first epoch."""

    run: PlannedRun
    error: str


@dataclass(frozen=True)
class Ended:
    """A run is over. `status` is that of its log, or "elsewhere" where another process has it in hand or has done it; `seconds` is
    its share of what its program took. `tested` is its accuracy on the test images, where it was scored on these."""

    run: PlannedRun
    status: str
    seconds: float = 0.0
    error: str | None = None
    tested: float | None = None


Job: TypeAlias = Train | Score
Answer: TypeAlias = Prune | GoOn
Event: TypeAlias = Started | Progress | Lost | Ended
