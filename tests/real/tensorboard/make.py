"""Writes a sweep with each writer of event files that this Python has, and what TensorBoard's EventAccumulator says of it.

In environments with `torch==2.14.1 tensorboard==2.21.0`, `tensorboardX==2.6.5 tensorboard==2.21.0`, and
`tensorflow-cpu==2.21.0 tensorboard==2.21.0`:

    python tests/real/tensorboard/make.py tests/real/tensorboard

Writers put the machine's name into the names of their files; it is replaced by "host". Times are those of the writing.
"""

import importlib.util
import json
import math
import os
import random
import shutil
import socket
import sys
from pathlib import Path

sys.path.pop(0)  # where folders are called as the packages are
HOST = socket.gethostname()
socket.gethostname = lambda: "host"
EVERYTHING = {"scalars": 0, "tensors": 0}


def losses(lr, seed, epochs=6):
    draw = random.Random(seed)
    return [0.2 + math.exp(-2 * lr**0.2 * (epoch + 1)) + draw.gauss(0, 0.01) for epoch in range(epochs)]


def sweep(writer, root):
    """Three rates with two seeds each, settings by add_hparams; one diverges, one was killed, two began anew."""
    for lr in (0.1, 0.01, 0.001):
        for seed in (0, 1):
            with writer(str(root / f"lr{lr}_seed{seed}")) as log:
                for epoch, loss in enumerate(losses(lr, seed)):
                    log.add_scalar("Loss/train", loss * 0.9, epoch)
                    log.add_scalar("Loss/valid", loss, epoch)
                    log.add_scalars("Rate", {"now": lr, "next": lr / 2}, epoch)
                log.add_hparams({"lr": lr, "units": 32, "net": "mlp", "bias": True, "seed": seed}, {"hparam/loss": loss})
    with writer(str(root / "diverged")) as log:
        for epoch, loss in enumerate((1.0, 5.0, math.inf, math.nan)):
            log.add_scalar("Loss/valid", loss, epoch)
    with writer(str(root / "killed")) as log:
        for epoch, loss in enumerate(losses(0.1, 5, 40)):
            log.add_scalar("Loss/valid", loss, epoch)
    file = next((root / "killed").iterdir())
    os.truncate(file, file.stat().st_size - 21)
    for name, options in (("resumed", {}), ("purged", {"purge_step": 4})):
        for part, (begin, count) in enumerate(((0, 6), (4, 8))):
            with writer(str(root / name), filename_suffix=f".{part}", **(options if part else {})) as log:
                for epoch in range(begin, count):
                    log.add_scalar("Loss/valid", losses(0.1, part, 8)[epoch], epoch)
    with writer(str(root / "others")) as log:
        log.add_text("note", "not a number")
        for epoch in (*range(3), 2_000_000, 3_000_000_000):
            log.add_histogram("weights", numpy().arange(9.0) + epoch, epoch, bins="fd")
            log.add_scalar("ünï/cødé", epoch / 3, epoch)


def numpy():
    import numpy

    return numpy


def torch(root):
    from torch.utils.tensorboard import SummaryWriter

    sweep(SummaryWriter, root)
    with SummaryWriter(str(root / "tensors")) as log:
        for epoch in range(5):
            log.add_scalar("Loss/valid", 1 / (epoch + 1), epoch, new_style=True)
            log.add_scalar("Loss/double", 1 / (epoch + 3), epoch, new_style=True, double_precision=True)


def tensorboardx(root):
    from tensorboardX import SummaryWriter

    sweep(SummaryWriter, root)


def tensorflow(root):
    import keras
    import tensorflow as tf

    for seed in (0, 1):
        for lr in (0.1, 0.01, 0.001, 0.0001):
            with tf.summary.create_file_writer(str(root / f"lr{lr}_seed{seed}")).as_default():
                for epoch, loss in enumerate(losses(lr, seed)):
                    tf.summary.scalar("loss", loss, epoch)
                    tf.summary.scalar("whole", tf.constant(epoch, tf.int64), epoch)
                    tf.summary.scalar("half", tf.constant(loss, tf.float16), epoch)
                    tf.summary.scalar("double", tf.constant(loss, tf.float64), epoch)
                tf.summary.text("note", "not a number", 0)
                tf.summary.histogram("weights", [1.0, 2.0], 0)
    keras.utils.set_random_seed(0)
    x = numpy().random.default_rng(0).normal(size=(64, 4))
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    written = keras.callbacks.TensorBoard(str(root / "keras"), write_graph=False)
    model.fit(x, x[:, 0], epochs=4, validation_split=0.25, callbacks=[written], verbose=0)


def said(folder):
    """What EventAccumulator says of a folder: of each tag its steps and its values, nan and infinities as text."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    read = EventAccumulator(str(folder), size_guidance=EVERYTHING).Reload()
    tags = {tag: [(one.step, one.value) for one in read.Scalars(tag)] for tag in read.Tags()["scalars"]}
    for tag in read.Tags()["tensors"]:
        if read.summary_metadata[tag].plugin_data.plugin_name == "scalars":
            tags[tag] = [(one.step, float(tensor_util.make_ndarray(one.tensor_proto))) for one in read.Tensors(tag)]
    told = {tag: [[step for step, _ in pairs], [plain(value) for _, value in pairs]] for tag, pairs in tags.items()}
    return {"scalars": told, "settings": settings(read)}


def plain(value):
    return value if math.isfinite(value) else str(value)


def settings(read):
    from tensorboard.plugins.hparams import plugin_data_pb2

    try:
        record = read.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    except KeyError:
        return {}
    values = plugin_data_pb2.HParamsPluginData.FromString(record).session_start_info.hparams
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in values.items()}


def main(home):
    for name, write in (("torch", torch), ("tensorboardX", tensorboardx), ("tensorflow", tensorflow)):
        if importlib.util.find_spec(name) is None:
            continue
        root = Path(home) / name
        shutil.rmtree(root, ignore_errors=True)
        write(root)
        for file in [*root.rglob(f"*.{HOST}.*"), *root.rglob(f"*.{HOST}")]:
            file.rename(file.with_name(file.name.replace(f".{HOST}", ".host")))
        folders = sorted({file.parent for file in root.rglob("*tfevents*")})
        expected = {folder.relative_to(root).as_posix(): said(folder) for folder in folders}
        (root / "expected.json").write_text(
            json.dumps(expected, sort_keys=True, separators=(",", ":")).replace('},"', '},\n"') + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main(sys.argv[1])
