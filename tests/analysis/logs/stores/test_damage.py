"""Stores that are cut short, overwritten or full of nonsense: runs or a reason, in bounded time, and never another error."""

import json
import math
import random
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from sweepbook.analysis.logs.sweep import load_sweep

REAL = Path(__file__).parents[3] / "real"
STORES = {
    "mlflow.db": REAL / "mlflow" / "3.6.0",
    "optuna.db": REAL / "optuna" / "4.6.0",
    "digits.db": REAL / "trackio" / "0.43.0",
}
PATIENCE = 20  # seconds for all pieces of one store
STRANGE = (None, "", "x", b"\xff\xfe\x00", -1, 2**63 - 1, -(2**63), 1e308, math.inf, "1e400", "\0", "<script>", "é" * 3_000, 0.5)


def only(name, tmp_path, real):
    """The folder that has one store alone, and the path of it."""
    real[0](STORES[name], tmp_path / "all")
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copyfile(tmp_path / "all" / name, folder / name)
    return folder, folder / name


@pytest.mark.parametrize("name", STORES)
def test_a_database_that_is_cut_short_or_overwritten_anywhere_gives_runs_or_a_reason(name, tmp_path, real):
    folder, path = only(name, tmp_path, real)
    whole, draw, began = path.read_bytes(), random.Random(0), time.monotonic()
    for round_ in range(120):
        if round_ % 3:
            damaged = bytearray(whole)
            for _ in range(draw.choice((1, 20, 500))):
                damaged[draw.randrange(len(whole))] = draw.randrange(256)
        else:
            damaged = whole[: draw.randrange(len(whole))]
        path.write_bytes(damaged)
        real[1](folder)
        if time.monotonic() - began > PATIENCE:
            assert round_ >= 20
            break


@pytest.mark.parametrize("name", STORES)
def test_a_database_with_values_of_the_wrong_types_gives_runs_or_a_reason(name, tmp_path, real):
    folder, path = only(name, tmp_path, real)
    whole, draw, began = path.read_bytes(), random.Random(1), time.monotonic()
    for _ in range(12):
        path.write_bytes(whole)
        spoil(path, draw)
        runs, reasons = real[1](folder)
        assert runs or reasons
        load_sweep(folder)
        if time.monotonic() - began > PATIENCE:
            break


def spoil(path, draw):
    """Writes values of wrong types into columns drawn at random."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA ignore_check_constraints = ON")
    names = [
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    ]
    for _ in range(6):
        table = draw.choice(names)
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        query = f"UPDATE OR IGNORE {table} SET [{draw.choice(columns)}] = ? WHERE abs(random() % 3) = 0"
        try:
            database.execute(query, (draw.choice(STRANGE),))
        except sqlite3.Error:  # the tool's own constraints hold
            continue
    database.commit()
    database.close()


def test_a_journal_that_is_cut_short_at_any_byte_gives_the_trials_so_far(tmp_path, real):
    real[0](STORES["optuna.db"], tmp_path / "all")
    whole = (tmp_path / "all" / "journal.log").read_bytes()[:6_000]
    folder = tmp_path / "one"
    folder.mkdir()
    most = 0
    for length in range(0, len(whole), 7):
        (folder / "journal.log").write_bytes(whole[:length])
        runs, reasons = real[1](folder)
        assert not reasons
        assert len(runs) >= most
        most = len(runs)
    assert most >= 2


def test_a_journal_with_nonsense_in_its_fields_gives_runs_or_a_reason(tmp_path, real):
    real[0](STORES["optuna.db"], tmp_path / "all")
    lines = (tmp_path / "all" / "journal.log").read_text().splitlines()
    draw = random.Random(2)
    folder = tmp_path / "one"
    folder.mkdir()
    strange = [None, "", -1, 10**400, [], {}, "x", [[]], {"a": {"b": []}}, True, "NaN", {"": 1}]
    for _ in range(20):
        changed = list(lines)
        for _ in range(5):
            place = draw.randrange(len(changed))
            told = json.loads(lines[place])
            told[draw.choice(list(told))] = draw.choice(strange)
            changed[place] = json.dumps(told, separators=(",", ":"))
        (folder / "journal.log").write_text("\n".join(changed) + "\n")
        real[1](folder)
        load_sweep(folder)


def test_the_small_files_of_a_file_store_may_be_cut_short_at_any_byte(tmp_path, real):
    real[0](STORES["mlflow.db"], tmp_path / "all")
    run = next(
        path.parent for path in sorted((tmp_path / "all" / "mlruns").glob("*/*/metrics/val_acc")) if "models" not in str(path)
    ).parent
    store = tmp_path / "one" / "1"
    shutil.copytree(run, store / "run")
    (store / "meta.yaml").write_text("name: grid\nexperiment_id: '1'\n")
    for path in [
        store / "run" / "meta.yaml",
        store / "run" / "metrics" / "val_acc",
        store / "run" / "params" / "lr",
        store / "meta.yaml",
    ]:
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            runs, reasons = real[1](tmp_path / "one")
            assert len(runs) + len(reasons) == 1
        path.write_bytes(whole)
    for value in (b"\xff\n", b"1 x 2\n", b"1 nan 0\n", b"1 1e999 9" + b"9" * 400 + b"\n", b"\0" * 100, b"1\n", b"\n\n"):
        (store / "run" / "metrics" / "val_acc").write_bytes(value)
        runs, reasons = real[1](tmp_path / "one")
        assert len(runs) + len(reasons) == 1
        load_sweep(tmp_path / "one")


@pytest.mark.parametrize(
    "text",
    [
        "run_id,status,start_time,metrics.a\n",
        "run_id,status,start_time,params.a\n1,2\n",
        'run_id,status,start_time,params.a\n"',
        "run_id,status,start_time,metrics.a,metrics.a\nx,FINISHED,9999999,nan,x\n",
        "\0run_id,status,start_time,params.a\n\0,\0,\0,\0\n",
    ],
)
def test_an_export_of_nonsense_gives_runs_or_a_reason(text, tmp_path, real):
    (tmp_path / "runs.csv").write_text(text)
    real[1](tmp_path)
    load_sweep(tmp_path)
