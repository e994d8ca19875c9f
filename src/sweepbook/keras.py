"""A callback for Keras 3: what `fit` gives after each epoch in, a run log out.

    from sweepbook.keras import SweepbookCallback

    model.fit(x, y, callbacks=[SweepbookCallback("mnist", {"lr": 0.01, "units": 64}, seed=0)])

Keras does not know its settings: `config` has every setting that can change the result."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras.callbacks import Callback

from sweepbook.runner.follow import Following, plain

OF_SCHEDULE = ("lr", "learning_rate")


class SweepbookCallback(Callback):  # type: ignore[misc]
    """Logs one training run as run.toml in `logs` (default: modellogs/<study>)."""

    def __init__(
        self,
        study: str,
        config: Mapping[str, object],
        *,
        seed: int | None = None,
        label: str | None = None,
        logs: Path | str | None = None,
    ) -> None:
        super().__init__()
        self._config, self._seed = plain(config), seed
        self._following = Following(study, label, logs)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begins the log."""
        self._following.begin(self._config, self._seed)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Logs the values of an epoch; a name without a split is of training."""
        plain_names = {name: name.startswith("val_") or name in OF_SCHEDULE for name in logs or {}}
        self._following.add({name if plain_names[name] else f"train_{name}": value for name, value in (logs or {}).items()}, epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Ends the log."""
        self._following.end()
