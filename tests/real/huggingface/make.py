"""Writes runs of Hugging Face's Trainer, and expected.json with what each Trainer itself says of its run.

    python tests/real/huggingface/make.py FOLDER

In an environment with torch and transformers==5.24.0 with accelerate==1.15.0, or transformers==4.41.2 with accelerate==0.34.2. The
model is made here; nothing is downloaded. Binary files and most checkpoints are deleted afterwards. The
committed folders are tests/real/huggingface/5.24.0 and 4.41.2.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["transformers==5.24.0", "accelerate==1.15.0", "torch"]
# ///

import json
import os
import shutil
import sys
import warnings
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", TRANSFORMERS_VERBOSITY="error", WANDB_DISABLED="true")
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments, set_seed

KEPT = (".json", ".md")
WITH_CHECKPOINTS = ("lr0.001-s0", "failed", "unsaved")  # the others are small without
EXAMPLES, EPOCHS = 48, 3


class Stop(TrainerCallback):
    """An error in the given epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_begin(self, args, state, control, **kwargs):
        if state.epoch >= self.epoch:
            raise RuntimeError("out of memory")


def examples(seed, count):
    made = torch.Generator().manual_seed(seed)
    words = torch.randint(0, 20, (count, 6), generator=made)
    return [{"input_ids": row, "labels": int(row.sum() > 57)} for row in words]


def accuracy(result):
    return {"accuracy": float((result.predictions.argmax(1) == result.label_ids).mean())}


def train(folder, lr, seed, by_epoch=True, fail_in=None, ends=True, best=False):
    """One run; what the Trainer says of it."""
    set_seed(seed)
    config = BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, max_position_embeddings=8
    )
    how = "epoch" if by_epoch else "steps"
    args = TrainingArguments(
        output_dir=str(folder),
        learning_rate=lr,
        seed=seed,
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=8,
        logging_steps=4,
        eval_strategy=how,
        save_strategy=how,
        eval_steps=5,
        save_steps=5,
        save_total_limit=2,
        load_best_model_at_end=best,
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        weight_decay=0.01,
    )
    trainer = Trainer(
        BertForSequenceClassification(config),
        args,
        train_dataset=examples(seed, EXAMPLES),
        eval_dataset=examples(1000, EXAMPLES),
        compute_metrics=accuracy,
        callbacks=[Stop(fail_in)] if fail_in else [],
    )
    failed, result = False, None
    try:
        result = trainer.train()
    except RuntimeError:
        failed = True
    if not failed and ends:
        trainer.save_metrics("train", result.metrics)
        trainer.save_metrics("eval", trainer.evaluate())
        trainer.save_model()
        trainer.save_state()
        trainer.create_model_card(model_name="tiny")
    state = trainer.state
    return {
        "settings": {"learning_rate": lr, "seed": seed} if not failed and ends else {},
        "failed": failed,
        "seconds": result.metrics["train_runtime"] if result and ends else None,
        "history": state.log_history,
        "steps": state.global_step,
        "best": state.best_metric,
    }


def main(folder):
    warnings.simplefilter("ignore")
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    os.chdir(folder)  # the state has the path of its checkpoints
    top = Path()
    expected = {}
    for lr in (0.001, 0.01, 0.1):
        for seed in (0, 1):
            expected[f"lr{lr}-s{seed}"] = train(top / f"lr{lr}-s{seed}", lr, seed)
    expected["steps"] = train(top / "steps", 0.01, 2, by_epoch=False)
    expected["best"] = train(top / "best", 0.3, 2, best=True)
    expected["failed"] = train(top / "failed", 0.01, 3, fail_in=2)
    expected["unsaved"] = train(top / "unsaved", 0.01, 4, ends=False)
    for path in sorted(top.rglob("*"), reverse=True):
        if path.is_file() and (path.suffix not in KEPT or "tokenizer" in path.name):
            path.unlink()
        elif path.is_dir() and path.name.startswith("checkpoint-") and path.parent.name not in WITH_CHECKPOINTS:
            shutil.rmtree(path)
    (top / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
