"""Writes lightning_logs/ with Lightning's CSVLogger, and expected.json with what Lightning itself says of every run.

    python tests/real/lightning/make.py FOLDER

In an environment with torch and one of these: lightning==2.6.6, or pytorch_lightning==1.9.5. The committed folders are
tests/real/lightning/2.6.6 and 1.9.5.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["lightning==2.6.6", "torch", "pyyaml"]
# ///

import json
import shutil
import sys
import warnings
from pathlib import Path

import torch

try:
    import lightning.pytorch as pl
    from lightning.pytorch.loggers import CSVLogger
except ImportError:
    import pytorch_lightning as pl
    from pytorch_lightning.loggers import CSVLogger

EPOCHS, EXAMPLES, BATCH = 3, 64, 16


class Line(pl.LightningModule):
    """A straight line through noisy points. It logs a loss by step and by epoch, one by epoch alone, and one every second epoch."""

    def __init__(self, lr, seed, opt, betas, folder, dims, fail_in=None):
        super().__init__()
        self.save_hyperparameters()
        self.line = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        loss = torch.nn.functional.mse_loss(self.line(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        if self.hparams.fail_in == self.current_epoch:
            raise RuntimeError("out of memory")
        return loss

    def validation_step(self, batch, index):
        error = self.line(batch[0]) - batch[1]
        self.log("val_loss", (error**2).mean())
        if self.current_epoch % 2 == 0:
            self.log("val_mae", error.abs().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


class Witness(pl.Callback):
    """What Lightning says at the end of every epoch."""

    def __init__(self):
        self.epochs = []

    def on_train_epoch_end(self, trainer, module):
        self.epochs.append({name: value.item() for name, value in trainer.callback_metrics.items()})


def loader(seed, examples):
    made = torch.Generator().manual_seed(seed)
    x = torch.randn(examples, 2, generator=made)
    y = x.sum(1, keepdim=True) + 0.1 * torch.randn(examples, 1, generator=made)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=BATCH)


def train(folder, number, lr, seed, opt, fail_in=None):
    """One run; what Lightning says of it."""
    pl.seed_everything(seed)
    model = Line(lr, seed, {"name": opt, "nesterov": False}, (0.9, 0.999), Path("data"), {"hidden": [8, 4]}, fail_in)
    logger, witness = CSVLogger(folder, flush_logs_every_n_steps=1), Witness()
    trainer = pl.Trainer(
        logger=logger,
        callbacks=[witness],
        max_epochs=EPOCHS,
        log_every_n_steps=2,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        num_sanity_val_steps=0,
    )
    failed = False
    try:
        trainer.fit(model, loader(seed, EXAMPLES), loader(1000, EXAMPLES))
    except RuntimeError:
        failed = True
    settings = {"lr": lr, "seed": seed, "opt.name": opt, "opt.nesterov": False, "betas": [0.9, 0.999], "dims.hidden": [8, 4]}
    settings["folder"] = ["data"]  # a Path, which yaml writes as the call that makes it
    if fail_in is not None:
        settings["fail_in"] = fail_in
    assert all(model.hparams[name] == settings[name] for name in ("lr", "seed"))
    final = witness.epochs[-1] if failed else {name: value.item() for name, value in trainer.callback_metrics.items()}
    return {"settings": settings, "failed": failed, "metrics": final, "epochs": witness.epochs}


def main(folder):
    warnings.simplefilter("ignore")
    shutil.rmtree(folder, ignore_errors=True)
    expected = {}
    plan = [(lr, seed, opt) for lr in (0.01, 0.1) for opt in ("sgd", "plain") for seed in (0, 1)]
    for number, (lr, seed, opt) in enumerate(plan):
        expected[f"lightning_logs/version_{number}"] = train(folder, number, lr, seed, opt)
    expected["lightning_logs/version_8"] = train(folder, 8, 0.1, 2, "sgd", fail_in=1)
    expected["lightning_logs/version_9"] = train(folder, 9, 1e20, 0, "sgd")
    Path(folder, "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
