"""A worker's pipe, terms and device in, what every run of it is trained with out: data, clock, messages and its environment."""

import platform
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Connection

import torch
from sweepbook.runner.launch.events import Terms
from sweepbook.runner.launch.hand import Flag, Hand
from sweepbook.runner.launch.provenance import own_code
from sweepbook.runner.spans import LOGGING, UNTIMED, Spans, Untimed
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data


class Station:
    """What one worker works with. `load` gives a dataset by its name, read once; `send` is the pipe's, timed."""

    def __init__(self, pipe: Connection, terms: Terms, device: torch.device, stop: Flag) -> None:
        self.pipe, self.terms, self.device = pipe, terms, device
        self.spans = _spans(terms, device)
        self.hand = Hand(pipe, stop, self.spans)
        self.send = self.spans.timed(LOGGING, pipe.send)
        self.load = cache(lambda name: data.load(name, device))
        self.environment = {**terms.environment, **_environment(device)}

    def code(self, run: PlannedRun) -> dict[str, str]:
        """What the log of `run` says of code that no commit holds."""
        return {**self.terms.code, **own_code(run.config, self.terms.places)}


def _spans(terms: Terms, device: torch.device) -> Untimed:
    """What times a worker, where that is asked for. A GPU is waited for: else its time would be that of whoever waits next."""
    if terms.begun is None:
        return UNTIMED
    return Spans(lambda: torch.cuda.synchronize(device)) if device.type == "cuda" else Spans()


def _environment(device: torch.device) -> Mapping[str, str | int | bool]:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": name,
        "threads": torch.get_num_threads(),
        "host": platform.node(),
    }
