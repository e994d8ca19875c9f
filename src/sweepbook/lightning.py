"""A logger for Lightning: what a Trainer logs in, a run log out. Lightning 2 and pytorch_lightning 1.

    from sweepbook.lightning import SweepbookLogger

    trainer = Trainer(logger=SweepbookLogger("mnist"))

The settings are the model's hyperparameters (`self.save_hyperparameters()`), and those of `config`."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweepbook.runner.follow import Following, plain

if "pytorch_lightning" in sys.modules:
    from pytorch_lightning.loggers import Logger
    from pytorch_lightning.utilities import rank_zero_only
else:
    try:
        from lightning.pytorch.loggers import Logger
        from lightning.pytorch.utilities import rank_zero_only
    except ImportError:
        from pytorch_lightning.loggers import Logger
        from pytorch_lightning.utilities import rank_zero_only


class SweepbookLogger(Logger):  # type: ignore[misc]
    """Logs one training run as run.toml in `logs` (default: modellogs/<study>)."""

    def __init__(
        self,
        study: str = "runs",
        *,
        config: Mapping[str, object] | None = None,
        seed: int | None = None,
        label: str | None = None,
        logs: Path | str | None = None,
    ) -> None:
        super().__init__()
        self._config, self._seed = dict(config or {}), seed
        self._following = Following(study, label, logs)

    @property
    def name(self) -> str:
        """The study."""
        return self._following.study

    @property
    def version(self) -> str:
        """The name of the run's folder."""
        return self._following.folder.name if self._following.folder else ""

    @rank_zero_only  # type: ignore[untyped-decorator]
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Keeps the settings until the first metric comes."""
        self._config = {**plain(vars(params) if isinstance(params, Namespace) else params), **self._config}

    @rank_zero_only  # type: ignore[untyped-decorator]
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Logs values of an epoch. Of a loss by step and by epoch that of the epoch counts."""
        if not self._following.began:
            self._following.begin(self._config, self._seed)
        values = {
            name.removesuffix("_epoch"): value for name, value in metrics.items() if name != "epoch" and not name.endswith("_step")
        }
        self._following.add(values, metrics.get("epoch"))

    @rank_zero_only  # type: ignore[untyped-decorator]
    def finalize(self, status: str) -> None:
        """Ends the log, with the error in hand where training failed. What is logged after that, as by a test, is left out."""
        if not self._following.began:
            self._following.begin(self._config, self._seed)
        error = sys.exc_info()[1]
        self._following.end(error if status != "failed" or error else RuntimeError("training failed"))
