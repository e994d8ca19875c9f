"""A callback for Hugging Face's Trainer: what it logs in, a run log out.

    from sweepbook.huggingface import SweepbookCallback

    trainer = Trainer(..., callbacks=[SweepbookCallback("mnist", {"model": "bert"})])

The settings are the training arguments that change a result, and those of `config`; the seed is that of the arguments."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from sweepbook.runner.follow import Following, plain

# The arguments of training that can change its result.
ARGUMENTS = (
    *("learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs", "max_steps"),
    *("weight_decay", "warmup_steps", "warmup_ratio", "lr_scheduler_type", "optim", "adam_beta1", "adam_beta2", "adam_epsilon"),
    *("max_grad_norm", "label_smoothing_factor", "fp16", "bf16"),
)
FACTS = ("_runtime", "_per_second", "_flos", "epoch")  # where names end that say how fast it went


class SweepbookCallback(TrainerCallback):  # type: ignore[misc]
    """Logs one training run as run.toml in `logs` (default: modellogs/<study>)."""

    def __init__(
        self,
        study: str = "runs",
        config: Mapping[str, object] | None = None,
        *,
        label: str | None = None,
        logs: Path | str | None = None,
    ) -> None:
        self._config = dict(config or {})
        self._following = Following(study, label, logs)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begins the log, in the first of several processes."""
        if state.is_world_process_zero:
            told = {name: getattr(args, name, None) for name in ARGUMENTS}
            told = {name: getattr(value, "value", value) for name, value in told.items()}
            self._following.begin({**plain(told), **self._config}, args.seed)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """Logs values of an epoch; the summary at the end has none."""
        if self._following.began and logs and "train_runtime" not in logs:
            values = {"train_loss" if name == "loss" else name: value for name, value in logs.items() if not name.endswith(FACTS)}
            numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
            self._following.add(numbers, math.ceil((state.epoch or 0) - 0.1))

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ends the log."""
        self._following.end()
