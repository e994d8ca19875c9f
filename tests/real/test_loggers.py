"""Each framework trains for real, with our logger: its run log has what the framework itself says. Skips what is not installed."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from sweepbook.runner.runlog import read_folder

pytestmark = [pytest.mark.training, pytest.mark.slow]

LIGHTNING = """
import sys, torch
try:
    import lightning.pytorch as pl
except ImportError:
    import pytorch_lightning as pl
from sweepbook.lightning import SweepbookLogger

class Line(pl.LightningModule):
    def __init__(self, lr, seed, fails=False):
        super().__init__()
        self.save_hyperparameters()
        self.line = torch.nn.Linear(2, 1)
    def training_step(self, batch, index):
        if self.hparams.fails and self.current_epoch == 1:
            raise RuntimeError("out of memory")
        loss = self.line(batch).pow(2).mean()
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", self.line(batch).pow(2).mean())
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

pl.seed_everything(0)
data = torch.utils.data.DataLoader(torch.randn(16, 2), batch_size=4)
trainer = pl.Trainer(logger=SweepbookLogger("digits", logs=sys.argv[1]), max_epochs=3, accelerator="cpu", log_every_n_steps=1,
                     enable_progress_bar=False, enable_checkpointing=False, enable_model_summary=False)
trainer.fit(Line(0.1, 7, sys.argv[2] == "fails"), data, data)
print(trainer.callback_metrics["val_loss"].item(), trainer.callback_metrics["train_loss_epoch"].item())
"""
HUGGINGFACE = """
import os, sys, torch
os.environ.update(HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="")
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments
from sweepbook.huggingface import SweepbookCallback

class Stop(TrainerCallback):
    def on_epoch_begin(self, args, state, control, **kwargs):
        if sys.argv[2] == "fails" and state.epoch >= 1:
            raise RuntimeError("out of memory")

config = BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
data = [{"input_ids": torch.arange(6) + i % 9, "labels": i % 2} for i in range(16)]
args = TrainingArguments(output_dir=sys.argv[1] + "-out", learning_rate=0.1, seed=7, num_train_epochs=3, eval_strategy="epoch",
                         logging_strategy="epoch", save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True)
trainer = Trainer(BertForSequenceClassification(config), args, train_dataset=data, eval_dataset=data,
                  callbacks=[SweepbookCallback("digits", {"lr": 0.1}, logs=sys.argv[1]), Stop()])
trainer.train()
history = trainer.state.log_history
print([e["eval_loss"] for e in history if "eval_loss" in e][-1], [e["loss"] for e in history if "loss" in e][-1])
"""
KERAS = """
import os, sys
os.environ.update(KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="")
import keras, numpy
from sweepbook.keras import SweepbookCallback

class Stop(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if sys.argv[2] == "fails" and epoch == 1:
            raise RuntimeError("out of memory")

keras.utils.set_random_seed(7)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
x = numpy.random.default_rng(0).normal(size=(16, 2))
told = SweepbookCallback("digits", {"lr": 0.1}, seed=7, logs=sys.argv[1])
history = model.fit(x, x.sum(1), validation_data=(x, x.sum(1)), epochs=3, verbose=0, callbacks=[told, Stop()]).history
print(history["val_loss"][-1], history["loss"][-1])
"""
SCRIPTS = {
    "lightning": (LIGHTNING, ("lightning", "pytorch_lightning")),
    "huggingface": (HUGGINGFACE, ("transformers",)),
    "keras": (KERAS, ("keras",)),
}


def trained(tool, logs, ending):
    """The one run that the tool's script logged, and what it printed; skips where the tool is not installed."""
    script, modules = SCRIPTS[tool]
    if not any(_has(module) for module in modules):
        pytest.skip(f"{modules[0]} is not installed")
    done = subprocess.run([sys.executable, "-c", script, str(logs), ending], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (ending == "ends"), done.stderr
    ((_, run),) = read_folder(logs)
    return run, done.stdout


def _has(module):
    return find_spec(module) is not None


@pytest.mark.parametrize("tool", SCRIPTS)
def test_a_run_that_ends_has_its_settings_seed_epochs_and_final_values(tool, tmp_path):
    run, printed = trained(tool, tmp_path / "logs", "ends")
    assert (run.status, run.study, run.seed, run.config["lr"]) == ("finished", "digits", 7, 0.1)
    valid, train = map(float, printed.split()[-2:])
    assert (run.metrics["valid_loss"], run.metrics["train_loss"]) == (valid, train)
    assert [len(values) for values in (run.epochs["valid_loss"], run.epochs["train_loss"])] == [3, 3]


@pytest.mark.parametrize("tool", SCRIPTS)
def test_a_run_that_fails_says_so_with_its_error(tool, tmp_path):
    run, _ = trained(tool, tmp_path / "logs", "fails")
    assert (run.status, run.error) == ("failed", "RuntimeError: out of memory")
    assert len(run.epochs["valid_loss"]) == 1
