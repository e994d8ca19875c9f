"""Logs of trainers that are cut short, or hold what no trainer writes: each ends in a run or in a reason, and soon."""

import json
import random
import shutil
import time

import pytest
from sweepbook.runner.runlog import Run

pytestmark = pytest.mark.slow

FILES = {
    "lightning/2.6.6/lightning_logs/version_0": ("metrics.csv", "hparams.yaml"),
    "huggingface/5.24.0/lr0.01-s0": ("trainer_state.json", "README.md", "eval_results.json"),
    "ray/2.60.0/digits": ("result.json", "params.json", "error.txt"),
    "wandb/0.31.0/wandb": ("run-a.wandb",),
    "wandb/0.12.21/wandb": ("run-a.wandb", "files/wandb-metadata.json"),
}
CASES = [(place, name) for place, names in FILES.items() for name in names]
SECONDS = 20


def one_run(real, place, to):
    """A copy of one run's folder."""
    source = real / place
    if "ray" in place:
        source = next(path for path in sorted(source.iterdir()) if "seed=3" in path.name)
    if "wandb" in place:
        source = min(source.iterdir())
    shutil.copytree(source, to / "version_0")
    for path in (to / "version_0").glob("run-*.wandb"):
        path.rename(path.with_name("run-a.wandb"))
    return to / "version_0"


def settle(runs):
    assert all(isinstance(run, Run | str) for run in runs.values())


@pytest.mark.parametrize(("place", "name"), CASES)
def test_a_file_cut_anywhere_ends_in_a_run_or_a_reason(read, real, tmp_path, place, name):
    path = one_run(real, place, tmp_path) / name
    whole, began = path.read_bytes(), time.monotonic()
    for length in range(0, len(whole), max(1, len(whole) // 150)):
        path.write_bytes(whole[:length])
        settle(read(tmp_path))
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize(("place", "name"), CASES)
def test_bytes_at_random_end_in_a_run_or_a_reason(read, real, tmp_path, place, name):
    path, draw = one_run(real, place, tmp_path) / name, random.Random(0)
    whole = path.read_bytes()
    for _ in range(40):
        changed = bytearray(whole)
        for at in draw.choices(range(len(whole)), k=20):
            changed[at] = draw.randrange(256)
        path.write_bytes(bytes(changed) if draw.random() < 0.7 else draw.randbytes(200))
        settle(read(tmp_path))


VALUES = (None, True, -1, 10**400, 1e308, float("nan"), float("inf"), "text", [], {}, [[]], {"": {"": 1}}, "\ud800", "x" * 20_000)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_values_of_the_wrong_type_end_in_a_run_or_a_reason(read, real, tmp_path, value):
    for place, name in CASES:
        if not name.endswith(".json"):
            continue
        folder = one_run(real, place, tmp_path / place / name)
        text = (folder / name).read_text()
        table = json.loads(text.splitlines()[0] if name == "result.json" else text)
        for key in table:
            (folder / name).write_text(json.dumps({**table, key: value}))
            settle(read(tmp_path))
        for key in ("epoch", "step", "loss", "eval_loss"):
            (folder / name).write_text(json.dumps({"log_history": [{"step": 1, "epoch": 1.0, "eval_loss": 1.0, key: value}]}))
            settle(read(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)),
        "a: &a [*a]\n",
        "a: " + "[" * 50_000,
        "a: " + "{a: " * 900 + "1" + "}" * 900,
        "a: !!python/object/apply:os.system ['echo no']\nb: !!python/name:os.system ''\n",
        "a: !!timestamp 9999-99-99\n",
        "a: " + "9" * 5_000 + "\n",
        "? [1, 2]\n: 3\n? {a: 1}\n: 4\n",
        "- 1\n",
        "a.b: 1\na: {b: 2}\n",
    ],
    ids=["billion", "circle", "deep list", "deep table", "python", "date", "digits", "keys", "list", "twice"],
)
def test_yaml_that_is_hostile_ends_in_a_run_or_a_reason(read, real, tmp_path, text):
    folder, began = one_run(real, "lightning/2.6.6/lightning_logs/version_0", tmp_path), time.monotonic()
    (folder / "hparams.yaml").write_text(text)
    settle(read(tmp_path))
    assert time.monotonic() - began < SECONDS


def test_a_tag_that_names_python_gives_its_text_and_calls_nothing(read, real, tmp_path):
    folder = one_run(real, "lightning/2.6.6/lightning_logs/version_0", tmp_path)
    (folder / "hparams.yaml").write_text("act: !!python/name:torch.nn.ReLU ''\nsize: !!python/tuple [1, 2]\n")
    (run,) = read(tmp_path).values()
    assert run.config == {"act": "torch.nn.ReLU", "size": [1, 2]}


def test_more_columns_and_rows_than_series_have_end_in_a_reason(read, tmp_path):
    (tmp_path / "version_0").mkdir()
    names = ",".join(f"m{i}" for i in range(10_000))
    rows = "".join(f"{i},1\n" for i in range(2_001))
    (tmp_path / "version_0" / "metrics.csv").write_text(f"epoch,{names}\n{rows}" + "0" + ",1" * 10_000 + "\n")
    assert read(tmp_path) == {"version_0": "10,000 metrics in 2,001 epochs are more than are read"}


def test_names_in_any_script_are_kept(read, tmp_path):
    (tmp_path / "version_0").mkdir()
    (tmp_path / "version_0" / "metrics.csv").write_text("epoch,step,Потери,損失\n0,1,1.0,2.0\n", encoding="utf-8")
    assert read(tmp_path)["version_0"].metrics == {"Потери": 1.0, "損失": 2.0}
