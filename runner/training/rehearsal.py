"""A configuration and its data, either of the user's own, in; the error that a run would meet out, before there is a run."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from sweepbook.runner.config import Config, number
from sweepbook.runner.own import KINDS, Unread, source
from sweepbook.runner.settings import OWN, is_own
from sweepbook.runner.training import models
from sweepbook.runner.training.data import Data
from sweepbook.runner.training.own import blamed, kind_of, places, sizes, unfit
from sweepbook.runner.values import Value
from torch import Tensor

OF_IMAGES = ("shift", "flip", "rotation")  # settings that only images can have
TRIED = 2  # examples


def rehearse(config: Config, data: Data) -> None:
    """OwnError where the model of `config` does not answer examples with a number a class, or does not read a setting of its own.

    Nothing is tried where both the model and the data are ours.
    """
    if not any(is_own(config[kind]) for kind in KINDS):
        return
    name, asked = str(config["model"]), _Asked(config)
    _check_data(config, data)
    with blamed("model", name, _file(name)), torch.no_grad():
        model = models.build(asked, data.shape, data.classes).to(data.train.images.device)
        answers = model.eval()(data.train.images[:TRIED])
    wanted = (min(TRIED, len(data.train)), data.classes)
    if not isinstance(answers, Tensor) or tuple(answers.shape) != wanted:
        given = sizes(answers.shape) if isinstance(answers, Tensor) else kind_of(answers)
        raise unfit("model", name, f"it answers {wanted[0]} examples with {given}; {sizes(wanted)} expected, a number a class")
    own = [key for key in config if key.startswith(OWN)]
    if unread := [key for key in own if key not in asked.names]:
        read = ", ".join(sorted(key for key in asked.names if key.startswith(OWN))) or "no setting of its own"
        raise Unread(f'model = "{name}": it does not read "{unread[0]}", which the plan sets; it reads {read}')


def _check_data(config: Config, data: Data) -> None:
    name = str(config["dataset"])
    if data.classes < 2:
        raise unfit("dataset", name, "all its labels are 0; two classes or more expected")
    needing = [key for key in OF_IMAGES if number(config, key)] + [str(config["model"])] * (config["model"] == "cnn")
    if needing and len(data.shape) != 3:
        raise unfit("dataset", name, f"{needing[0]} needs images of [channels, height, width], not {sizes(data.shape)}")


def _file(name: str) -> Path | None:
    return source("model", name, places()) if is_own(name) else None


class _Asked(Mapping[str, Value]):
    """A configuration that remembers the names under which it was asked for settings."""

    def __init__(self, config: Config) -> None:
        self.config, self.names = config, set[str]()

    def __getitem__(self, name: str) -> Value:
        self.names.add(name)
        return self.config[name]

    def __iter__(self) -> Iterator[str]:
        self.names.update(self.config)
        return iter(self.config)

    def __len__(self) -> int:
        return len(self.config)
