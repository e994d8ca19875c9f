"""A configuration in; why its settings cannot go together out, before a run finds that out."""

from collections.abc import Iterator

from sweepbook.runner.config import Config, active, number, setting, whole
from sweepbook.runner.datasets import DATASETS


def conflict(config: Config) -> str:
    """The first thing that a run of `config` would trip over, and what to do; "" where there is none.

    >>> conflict({"optimizer": "SGD", "nesterov": True})
    'nesterov needs a momentum above 0 and no dampening'
    """
    return next(_conflicts(active(config)), "")


def _conflicts(acting: Config) -> Iterator[str]:
    if acting.get("nesterov") and (not acting.get("momentum") or acting.get("dampening")):
        yield "nesterov needs a momentum above 0 and no dampening"
    if "warmup" in acting and (rise := number(acting, "warmup")) > whole(acting, "epochs"):
        yield f"a warmup of {rise:g} epochs is longer than the run, which has {acting['epochs']}"
    if setting(acting, "batch_norm") and (why := _lonely(acting)):
        yield f"batch_norm needs two examples or more in every batch, and {why}"
    data = DATASETS.get(str(acting.get("dataset")))
    if data and acting.get("model") == "cnn" and 2 ** (blocks := whole(acting, "blocks")) > data.side:
        most = data.side.bit_length() - 1
        yield f"{blocks} blocks halve images of {data.side} x {data.side} to nothing; at most {most} leave something"


def _lonely(acting: Config) -> str:
    """Why some batch of a run has a single example; "" where none has."""
    batch, data = whole(acting, "batch_size"), DATASETS.get(str(acting.get("dataset")))
    if batch == 1:
        return "batch_size is 1"
    if data and "train_steps" not in acting and data.train % batch == 1:
        return f"the last of {data.train:,} examples by {batch} is alone; choose another batch_size"
    return ""
