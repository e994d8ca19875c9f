"""A short version of benchmarks/damaging.py, and what is said of the damage that used to end in a traceback."""

import importlib.util
import json
import random
from pathlib import Path

import pytest
from sweepbook.analysis.export.record.read import side
from sweepbook.runner.config import SweepbookError

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "damaging.py"
GOLDEN = Path(__file__).parents[2] / "golden"
FINDINGS, RUNS = ((GOLDEN / name).read_bytes() for name in ("findings.json", "runs.csv"))


def load():
    spec = importlib.util.spec_from_file_location("damaging", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.skipif(not SCRIPT.is_file(), reason="the benchmarks are not here")
def test_a_damaged_report_ends_in_an_answer_or_in_one_message(tmp_path):
    damaging = load()
    every = [*damaging.mutations(FINDINGS, RUNS, kinds=True)]
    for what, findings, runs in random.Random(21).sample(every, 60):
        code, said = damaging.ends(GOLDEN, tmp_path / "damaged", findings, runs)
        assert code in (0, 1, 2, 3), (what, said)
        assert (code == 2) == bool(said), (what, said)
        assert code != 2 or (len(said.splitlines()) == 1 and "damaged" in said), (what, said)


def damaged(*place, to):
    document = json.loads(FINDINGS)
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = to
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("place", "to", "says"),
    [
        (("configs", 0, "seconds"), "x", "configs[0].seconds: Expected float | null, got str"),
        (("configs", 0, "n"), True, "configs[0].n: Expected int, got bool"),
        (("configs", 0, "parameters"), 10**400, "configs[0].parameters: Expected int <= 9007199254740992"),
        (("configs", 0, "metrics", "valid_loss", "mean"), 1e300, "configs[0].metrics[...].mean: Expected float <= 1e+120"),
        (("noise", "valid_loss", "sd"), -1, "noise[...].sd: Expected float > 0.0"),
        (("environment",), {"torch": [1]}, "environment[...][0]: Expected str, got int"),
        (("best", "recommended"), [], "best.recommended: Expected str | null, got array"),
        (("groups", 0, "best"), ["x"], "groups[0].best: 'x' is the id of no configuration"),
        (("runs", "failed"), None, "runs[...]: Expected int, got null"),
        (("checks",), {}, "checks: Expected array, got object"),
        (("goal",), "up", "goal: Invalid enum value 'up'"),
    ],
)
def test_a_value_of_another_kind_is_named_with_its_file_and_its_place(place, to, says):
    with pytest.raises(SweepbookError) as error:
        side("old", damaged(*place, to=to), RUNS)
    assert str(error.value) == f"old/findings.json: {says}; build that report again"


def test_a_number_that_json_does_not_know_is_no_json():
    for text in (b"Infinity", b"NaN"):
        with pytest.raises(SweepbookError, match=r"^old/findings.json: is no JSON: "):
            side("old", FINDINGS.replace(b'"schema": ', b'"more": ' + text + b', "schema": ', 1), RUNS)


def test_keys_that_no_one_here_knows_are_let_through():
    document = json.loads(FINDINGS)
    for table in (document, document["configs"][0], document["noise"]["valid_loss"], document["groups"][0]):
        table["of a later version"] = [{"x": None}]
    assert side("old", json.dumps(document).encode(), RUNS) == side("old", FINDINGS, RUNS)


@pytest.mark.parametrize(
    ("column", "to", "says"),
    [
        ("valid_loss", "x", "valid_loss: 'x' found, a number within ±1e+100 expected"),
        ("valid_loss", "nan", "valid_loss: 'nan' found, a number within ±1e+100 expected"),
        ("valid_loss", "1e300", "valid_loss: '1e300' found, a number within ±1e+100 expected"),
        ("seed", "one", "seed: 'one' found, a whole number expected"),
        ("seed", "inf", "seed: 'inf' found, a whole number expected"),
        ("valid_examples", "-1", "valid_examples: '-1' found, a whole number of at least 0 expected"),
        (
            "status",
            "done",
            "status: 'done' found, one of running, finished, failed, diverged, interrupted, pruned, deleted, parent expected",
        ),
        ("label", "nowhere", "a finished run of nowhere, which the findings.json beside it does not know"),
    ],
)
def test_a_cell_of_another_kind_is_named_with_its_file_its_line_and_its_column(column, to, says):
    table = [line.split(",") for line in RUNS.decode().splitlines()]
    line = next(i for i, cells in enumerate(table) if "finished" in cells)
    table[line][table[0].index(column)] = to
    with pytest.raises(SweepbookError) as error:
        side("old", FINDINGS, "\n".join(map(",".join, table)).encode())
    assert str(error.value) == f"old/runs.csv: line {line + 1}: {says}; build that report again"


@pytest.mark.parametrize("status", ["pruned", "deleted", "parent"])
def test_a_report_on_runs_that_another_tool_pruned_or_deleted_is_read(status):
    lines = RUNS.decode().splitlines()
    place = next(i for i, line in enumerate(lines) if ",failed," in line)
    lines[place] = lines[place].replace(",failed,", f",{status},")
    assert side("old", FINDINGS, "\n".join(lines).encode()).entries == side("old", FINDINGS, RUNS).entries


def test_a_row_of_too_few_cells_and_a_missing_column_are_named():
    head, first, *rest = RUNS.decode().splitlines()
    for lines, says in (
        ([head, first.rpartition(",")[0], *rest], f"line 2: {head.count(',')} cells found, {head.count(',') + 1} expected"),
        ([head.replace("gap", "gab"), first, *rest], "lacks the column gap"),
    ):
        with pytest.raises(SweepbookError) as error:
            side("old", FINDINGS, "\n".join(lines).encode())
        assert str(error.value) == f"old/runs.csv: {says}; build that report again"
