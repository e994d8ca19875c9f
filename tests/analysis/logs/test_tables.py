"""Tables in, columns and runs out: what docs/logs.md says."""

import json
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweepbook.analysis.logs.readers import autoresearch, history, jsonruns, sb3, table, wandbchart
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.logs.tables.names import Role
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

REAL = Path(__file__).parents[2] / "real"


def found(reader, folder: Path) -> list[Log]:
    """The logs of one folder."""
    names = [*folder.iterdir()]
    files = frozenset(path.name for path in names if path.is_file())
    return [*reader.find(Folder(str(folder), files, frozenset(path.name for path in names) - files))]


def runs(path: Path, rules: Rules | None = None) -> list[Run]:
    return [*table.read(Log(str(path), (str(path),)), rules or Rules())]


def written(folder: Path, text: str | bytes, name: str = "runs.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def roles(path: Path, rules: Rules | None = None) -> dict[str, str]:
    return {name: column.role.value for name, column in table.columns(str(path), rules or Rules()).all.items()}


WIDE = "lr,optimizer,seed,val_acc,secret_sauce\n" + "".join(
    f"{lr},{name},{seed},{0.9 + seed / 1000 + lr:.5f},{number * 0.731 + 0.00137:.6f}\n"
    for number, (lr, name, seed) in enumerate((lr, name, seed) for lr in (0.1, 0.01) for name in ("SGD", "Adam") for seed in (0, 1))
)


def test_a_row_is_a_run_with_its_settings_its_seed_and_its_metrics(tmp_path):
    first, *rest = runs(written(tmp_path, WIDE))
    assert (first.config, first.seed) == ({"lr": 0.1, "optimizer": "SGD"}, 0)
    assert first.metrics == {"val_acc": 1.0, "secret_sauce": 0.00137}
    assert len(rest) == 7
    assert {run.status for run in rest} == {"finished"}


def test_a_column_of_many_values_that_are_not_whole_is_a_metric_whatever_its_name(tmp_path):
    assert roles(written(tmp_path, WIDE))["secret_sauce"] == "metric"


def test_a_person_says_what_a_column_is(tmp_path):
    path = written(tmp_path, WIDE)
    assert roles(path, Rules(settings=("secret_sauce",)))["secret_sauce"] == "setting"
    assert roles(path, Rules(metrics=("lr",)))["lr"] == "metric"
    said = roles(path, Rules(seed="optimizer"))
    assert (said["optimizer"], said["seed"]) == ("seed", "setting")


@pytest.mark.parametrize(
    ("encode", "note"),
    [
        (lambda text: text.encode("utf-8-sig"), ""),
        (lambda text: text.encode("utf-16"), ""),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: text.encode("cp1252"), "Windows-1252"),
    ],
)
def test_any_encoding_is_read_and_one_that_is_guessed_is_said(tmp_path, encode, note):
    read = runs(written(tmp_path, encode("modèle,seed,accuracy\nété,1,0.5\nété,2,0.6\n")))
    assert [run.config for run in read] == [{"modèle": "été"}] * 2
    assert note in read[0].note


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("lr;seed;loss\n0,1;1;0,25\n0,2;2;0,5\n", 0.25, "decimal point"),
        ('lr,seed,loss\n0.1,1,"1,234.5"\n0.2,2,"2,000"\n', 1234.5, "thousands"),
        ("lr\tseed\tloss\n0.1\t1\t25%\n0.2\t2\t50%\n", 0.25, "percent"),
        ("lr|seed|loss\n0.1|1|2.5e-1\n0.2|2|.5\n", 0.25, ""),
        ("sep=;\nlr;seed;loss\n0.1;1;0.25\n0.2;2;0.5\n", 0.25, ""),
        ("# lr,seed,loss\n0.1,1,0.25\n0.2,2,0.5\n", 0.25, ""),
    ],
)
def test_numbers_are_read_as_they_are_written_and_what_was_assumed_is_said(tmp_path, text, value, said):
    first, _ = runs(written(tmp_path, text))
    assert (first.metrics, first.config["lr"]) == ({"loss": value}, 0.1)
    assert said in first.note


def test_a_quoted_line_break_a_second_header_and_a_second_column_of_one_name_lose_nothing(tmp_path):
    text = 'note,lr,seed,loss,loss\n"two\nlines",0.1,1,0.5,0.25\nnote,lr,seed,loss,loss\n"x, y",0.1,2,0.7,0.35\n'
    read = runs(written(tmp_path, text))
    assert [run.metrics for run in read] == [{"loss": 0.5, "loss (2)": 0.25}, {"loss": 0.7, "loss (2)": 0.35}]
    assert "header" in read[0].note


def test_a_row_with_too_many_or_too_few_cells_is_left_out_with_its_line_and_the_others_are_read(tmp_path):
    path = written(tmp_path, "lr,seed,loss\n0.1,1,0.5\n0.1,2\n0.1,3,0.5,9\n0.1,4,0.7\n")
    read = []
    with pytest.raises(LogError, match="line 3 has 2 cells where the header has 3, and 1 more"):
        read += table.read(Log(str(path), (str(path),)), Rules())
    seeds = [run.seed for run in _until_error(path)]
    assert seeds == [1, 4]


def _until_error(path: Path) -> Iterator[Run]:
    """The runs before the reason why there are no more."""
    with suppress(LogError):
        yield from table.read(Log(str(path), (str(path),)), Rules())


def test_an_empty_cell_is_no_setting_none_is_a_level_and_nan_is_no_metric(tmp_path):
    read = runs(written(tmp_path, "max_depth,extra,seed,accuracy\nNone,-,1,0.5\n8,NA,2,nan\n,x,3,0.6\n"))
    assert [run.config for run in read] == [{"max_depth": "None"}, {"max_depth": 8}, {"extra": "x"}]
    assert [run.status for run in read] == ["finished", "failed", "finished"]


def test_a_loss_that_is_no_number_makes_a_run_diverge(tmp_path):
    from sweepbook.analysis.logs.settled import settled

    read = runs(written(tmp_path, "lr,seed,loss,accuracy\n0.1,1,0.5,0.9\n0.2,2,nan,0.1\n0.3,3,inf,0.1\n"))
    assert [settled(run).status for run in read] == ["finished", "diverged", "diverged"]


def test_json_in_a_cell_is_a_table_of_settings_and_so_is_what_python_prints(tmp_path):
    cells = ['"{""lr"": 0.1, ""opt"": {""name"": ""SGD""}}"', "\"{'lr': 0.2, 'opt': {'name': 'Adam'}, 'loss': nan}\""]
    read = runs(
        written(tmp_path, "".join(["config,seed,accuracy\n", *(f"{cell},{at},0.{at}1\n" for at, cell in enumerate(cells))]))
    )
    assert [run.config for run in read] == [{"lr": 0.1, "opt.name": "SGD"}, {"lr": 0.2, "opt.name": "Adam"}]


def test_what_a_run_found_is_no_setting_and_that_is_said(tmp_path):
    text = "method,seed,accuracy,best_config\n" + "".join(f'bo,{s},0.9{s},"{{""lr"": 0.{s}7}}"\n' for s in (1, 2, 3))
    read = runs(written(tmp_path, text))
    assert {json.dumps(run.config) for run in read} == {'{"method": "bo"}'}
    assert read[0].note == "best_config holds what a run found, so it is no setting."


def test_statuses_are_read_by_their_words(tmp_path):
    words = "FINISHED TrialState.COMPLETE success crashed OOM running killed PRUNED diverged deleted".split()  # noqa: SIM905
    path = written(tmp_path, "lr,state,accuracy\n" + "".join(f"0.{at},{word},0.5\n" for at, word in enumerate(words)))
    wanted = "finished finished finished failed failed running interrupted pruned diverged deleted".split()  # noqa: SIM905
    assert [run.status for run in runs(path)] == wanted


def test_times_are_read_by_name_and_shape(tmp_path):
    head = "run_id,start_time,end_time,accuracy\n"
    (a,) = runs(written(tmp_path, head + "a,2026-03-01 12:00:00+00:00,2026-03-01 12:01:30+00:00,0.5\n"))
    (b,) = runs(written(tmp_path, head + "b,1772366400000,1772366401000,0.6\n"))
    assert a.started == b.started == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (a.seconds, b.seconds) == (90, 1)
    assert runs(written(tmp_path, "lr,duration_ms,loss\n0.1,1500,1\n"))[0].seconds == 1.5


def long(tmp_path: Path, name: str = "long.csv") -> Path:
    rows = [
        (lr, seed, epoch, round(lr + seed / 7 + 1 / (epoch + 1), 6)) for lr in (0.1, 0.2) for seed in (0, 1) for epoch in range(4)
    ]
    return written(tmp_path, "lr,seed,epoch,val_loss\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows), name)


def test_a_row_an_epoch_makes_one_run_of_all_its_rows(tmp_path):
    read = runs(long(tmp_path))
    assert [(run.config["lr"], run.seed) for run in read] == [(0.1, 0), (0.1, 1), (0.2, 0), (0.2, 1)]
    assert read[0].epochs == {"epoch": [0, 1, 2, 3], "val_loss": [1.1, 0.6, 0.433333, 0.35]}
    assert read[0].metrics == {"val_loss": 0.35}


def test_steps_are_no_epochs_and_of_one_step_the_later_row_counts(tmp_path):
    text = (
        "run,step,loss,acc\n"
        + "a,0,3,\na,10,2,0.5\na,10,1,\na,20,0.5,0.7\nb,0,3,0.1\nb,10,2,0.2\nb,20,1,0.3\nb,30,1,0.4\na,30,0.4,0.8\n"
    )
    a, b = runs(written(tmp_path, text))
    assert a.steps == [0, 10, 20, 30]
    assert a.epochs["loss"] == [3, 1, 0.5, 0.4]
    assert a.epochs["acc"][1:] == [0.5, 0.7, 0.8]
    assert (b.place, b.metrics) == ("b", {"loss": 1, "acc": 0.4})


def test_a_grid_over_numbers_of_epochs_has_a_row_a_run(tmp_path):
    rows = [(lr, epochs, 0.5 + lr + epochs / 999) for lr in (0.1, 0.2) for epochs in (5, 10, 20)]
    read = runs(written(tmp_path, "lr,epochs,val_acc\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)))
    assert [(run.config["lr"], run.config["epochs"]) for run in read] == [row[:2] for row in rows]


def test_a_learning_rate_that_changes_with_the_steps_tells_no_runs_apart(tmp_path):
    rows = [(seed, epoch, 0.1 if epoch < 3 else 0.01, 1 / (epoch + seed + 1)) for seed in (0, 1) for epoch in range(6)]
    read = runs(written(tmp_path, "seed,epoch,lr,val_loss\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)))
    assert [(run.seed, run.config) for run in read] == [(0, {}), (1, {})]
    assert read[0].epochs["lr"] == [0.1, 0.1, 0.1, 0.01, 0.01, 0.01]


def test_a_row_for_each_split_or_each_metric_is_a_series_of_its_own(tmp_path):
    rows = [(lr, epoch, phase, lr + epoch) for lr in (1, 2) for epoch in range(3) for phase in ("train", "val")]
    first, _ = runs(written(tmp_path, "lr,epoch,phase,loss\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)))
    assert first.metrics == {"train_loss": 3, "valid_loss": 3}
    rows = [(run, step, metric, step + len(metric)) for run in "ab" for step in range(3) for metric in ("loss", "val_acc")]
    tall, _ = runs(written(tmp_path, "run,step,metric,value\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)))
    assert tall.metrics == {"loss": 6, "val_acc": 9}


def test_all_formats_of_a_table_give_the_same_runs(tmp_path):
    frame = pd.read_csv(long(tmp_path))
    frame.to_csv(tmp_path / "long.tsv", sep="\t", index=False)
    frame.to_json(tmp_path / "long.jsonl", orient="records", lines=True)
    parquet = pytest.importorskip("pyarrow") and tmp_path / "long.parquet"
    frame.to_parquet(parquet)
    want = [(run.config, run.seed, run.epochs, run.metrics) for run in runs(tmp_path / "long.csv")]
    for ending in ("tsv", "jsonl", "parquet"):
        read = runs(tmp_path / f"long.{ending}")
        assert [(run.config, run.seed, run.epochs, run.metrics) for run in read] == want
    assert [Path(log.path).name for log in found(table, tmp_path)] == ["long.csv"]


def test_parquet_without_pyarrow_says_which_extra_is_missing(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LogError, match=r"sweepbook\[parquet\]"):
        runs(written(tmp_path, b"PAR1", "runs.parquet"))


@pytest.mark.parametrize(
    "text",
    [
        "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n1,0,3,A,male,22,7.25\n",
        "sepal_length,sepal_width,petal_length,species\n5.1,3.5,1.4,setosa\n",
        "model,year,price,transmission,mileage\nA1,2017,12500,Manual,15735\n",
        "image,label\na.png,cat\n",
        "label,pixel0,pixel1\n5,0,0\n",
        "Date,Open,High,Low,Close,Volume\n2020-01-01,1,2,3,4,5\n",
        "id,text,score\n1,good,0.5\n",
        ",precision,recall,f1-score,support\ncat,0.1,0.2,0.3,5\n",
        "1,2,3\n4,5,6\n",
        "r,l,t\n1,2,3\n",
    ],
)
def test_a_data_set_is_no_table_of_runs(tmp_path, text):
    written(tmp_path, text, "data.csv")
    assert found(table, tmp_path) == found(history, tmp_path) == []


def test_a_table_without_a_metric_says_how_to_name_one(tmp_path):
    with pytest.raises(LogError, match="--metrics NAME"):
        runs(written(tmp_path, "lr,seed\n0.1,1\n0.2,2\n"))


def test_an_exported_table_loses_what_stands_before_its_names_and_rows_that_sum_up_others(tmp_path):
    text = "run_id,status,params.lr,metrics.acc,parent_run_id\np,FINISHED,0.1,0.5,\na,FINISHED,0.1,0.4,p\nb,FAILED,0.1,,p\n"
    read = runs(written(tmp_path, text))
    assert [(run.place, run.status, run.config, run.metrics) for run in read] == [
        ("a", "finished", {"lr": 0.1}, {"acc": 0.4}),
        ("b", "failed", {"lr": 0.1}, {}),
    ]
    assert "sum up the runs below them were left out: 1" in read[0].note


def test_where_all_runs_have_one_seed_the_numbers_of_their_names_count(tmp_path):
    text = "name,lr,seed,source_path,val_acc\n" + "".join(
        f"net-{scene}-{at},0.1,0,/data/{scene}/,0.{8 + at}\n" for scene in ("room", "hall") for at in (0, 1)
    )
    written(tmp_path, text)
    runs = load_sweep(tmp_path).runs
    assert list(runs["seed"]) == [0, 1, 0, 1]
    assert runs["used"].all()
    assert runs["id"].nunique() == 2


def test_a_finished_run_named_as_one_before_it_is_a_repeat_and_the_number_in_its_name_no_seed(tmp_path):
    names = ["room-low-1", "room-low-2", "room-low-1", "hall-low-1", "hall-low-2"]
    written(tmp_path, "name,lr,source_path,val_acc\n" + "".join(f"{n},0.1,/data/{n[:4]}/,0.8{at}\n" for at, n in enumerate(names)))
    sweep = load_sweep(tmp_path)
    assert list(sweep.runs["seed"]) == [1, 2, None, 1, 2]
    assert sweep.runs["used"].all()
    assert sweep.picture.told == 4


def test_of_runs_that_do_not_say_when_they_began_the_first_counts_as_people_count(tmp_path):
    names = [f"v{at}" for at in (11, 2)]
    written(tmp_path, "name,lr,seed,val_acc\n" + "".join(f"{name},0.1,0,0.8{at}\n" for at, name in enumerate(names)))
    assert list(load_sweep(tmp_path).used["label"]) == ["v2"]


def test_autoresearch_keeps_each_change_apart_and_a_crash_has_no_score(tmp_path):
    lines = ["commit\tval_bpb\tmemory_gb\tstatus\tdescription", "a1b2c3d\t0.997900\t44.0\tkeep\tbaseline"]
    lines += ["b2c3d4e\t0.993200\t44.2\tdiscard\tincrease LR to 0.04", "c3d4e5f\t0.000000\t0.0\tcrash\tdouble model width (OOM)"]
    written(tmp_path, "\n".join(lines) + "\n", "results.tsv")
    (log,) = found(autoresearch, tmp_path)
    read = [*autoresearch.read(log, Rules())]
    assert [run.status for run in read] == ["finished", "finished", "failed"]
    assert [run.metrics.get("val_bpb") for run in read] == [0.9979, 0.9932, None]
    assert read[1].config == {"change": "increase LR to 0.04"}


def test_a_chart_of_single_runs_gives_their_curves_and_one_of_groups_says_that_they_are_not_in_it(tmp_path):
    head = '"Step","a - loss","a - loss__MIN","a - loss__MAX","b - loss","b - loss__MIN","b - loss__MAX"\n'
    written(tmp_path, head + '"0","3","3","3","","",""\n"10","2","2","2","5","5","5"\n', "chart.csv")
    written(tmp_path, head.replace("a -", "lr: 0.1 -") + '"0","3","2","4","5","5","5"\n', "groups.csv")
    single, groups = found(wandbchart, tmp_path)
    a, b = wandbchart.read(single, Rules())
    assert (a.label, a.steps, a.epochs, b.metrics) == ("a", [0, 10], {"loss": [3, 2]}, {"loss": 5})
    with pytest.raises(LogError, match="single runs are not in it"):
        next(wandbchart.read(groups, Rules()))


def test_a_folder_of_json_files_has_a_run_a_file_with_its_settings_its_metrics_and_its_series(tmp_path):
    for seed in (0, 1):
        record = {
            "config": {"lr": 0.1, "opt": {"name": "SGD"}},
            "seed": seed,
            "history": {"val_loss": [3, 2 - seed], "epoch": [1, 2]},
        }
        written(tmp_path, json.dumps({**record, "test_acc": 0.5 + seed / 10}), f"run{seed}.json")
    written(tmp_path, '{"config": {"lr"', "run2.json")
    (log,) = found(jsonruns, tmp_path)
    read = []
    with pytest.raises(LogError, match=r"run2\.json is no JSON table"):
        read.extend(_collected(read, jsonruns.read(log, Rules())))
    assert [(run.place, run.seed, run.config) for run in read] == [(f"run{s}", s, {"lr": 0.1, "opt.name": "SGD"}) for s in (0, 1)]
    assert read[1].metrics == {"test_acc": 0.6, "val_loss": 1}
    assert read[1].epochs == {"val_loss": [3, 1], "epoch": [1, 2]}


def _collected(read: list[Run], more: Iterator[Run]) -> list[Run]:
    for run in more:
        read.append(run)
    return []


def test_a_folder_with_its_settings_in_a_file_of_their_own_is_one_run(tmp_path):
    written(tmp_path, '{"lr": 0.1, "model": "mlp"}', "config.json")
    written(tmp_path, '{"log": [{"epoch": 1, "val_acc": 0.5}, {"epoch": 2, "val_acc": 0.75}], "seed": 3}', "metrics.json")
    (log,) = found(jsonruns, tmp_path)
    (run,) = jsonruns.read(log, Rules())
    assert (run.config, run.seed, run.metrics) == ({"lr": 0.1, "model": "mlp"}, 3, {"val_acc": 0.75})


def test_json_files_of_something_else_are_no_runs(tmp_path):
    written(tmp_path, '{"name": "x", "version": "1.0", "dependencies": {}}', "package.json")
    written(tmp_path, '{"images": [{"id": 1}], "annotations": []}', "annotations.json")
    assert found(jsonruns, tmp_path) == []


def test_what_stable_baselines_logs_is_what_its_own_reader_returns():
    (root,) = [path for path in (REAL / "sb3").iterdir() if path.is_dir()]
    expected = json.loads((root / "expected.json").read_text())
    assert len(expected) == 8
    for name, run in expected.items():
        (log,) = found(sb3, root / name)
        (read,) = sb3.read(log, Rules())
        assert read.config["algo"] == run["algo"]
        assert read.config["env"] == run["env"]
        steps = run["series"]["time/total_timesteps"]
        assert [*read.steps] == sorted({*steps})
        for column, values in run["series"].items():
            if not column.startswith("time/"):
                last = {step: value for step, value in zip(steps, values, strict=True) if value is not None}
                own = {step: value for step, value in zip(read.steps, read.epochs[column], strict=True) if value == value}
                assert own == last, (name, column)


def test_what_keras_logs_is_the_history_that_fit_returns():
    (root,) = [path for path in (REAL / "keras").iterdir() if path.is_dir()]
    expected = json.loads((root / "expected.json").read_text())
    read = {Path(log.path).name: next(iter(history.read(log, Rules()))) for log in found(history, root)}
    assert read.keys() == expected.keys()
    for name, run in expected.items():
        assert read[name].config == {"lr": run["lr"], "optimizer": run["optimizer"]}
        finals = {key: float(values[-1]) for key, values in run["series"].items()}
        assert read[name].metrics.keys() == finals.keys()
        np.testing.assert_array_equal([read[name].metrics[key] for key in finals], [*finals.values()])
        assert read[name].epochs["epoch"] == run["epochs"]


def ends(path: Path) -> None:
    """Reads the table, which ends in runs or in a LogError."""
    with suppress(LogError):
        assert all(isinstance(run, Run) for run in table.read(Log(str(path), (str(path),)), Rules()))


def test_a_table_cut_short_at_any_byte_ends_in_runs_or_a_reason(tmp_path):
    whole = (WIDE.splitlines(True)[0] + "".join(WIDE.splitlines(True)[1:4])).encode()
    for ending in ("csv", "jsonl"):
        data = (
            whole
            if ending == "csv"
            else b'{"lr": 0.1, "config": {"a": [1, null]}, "loss": 1e999}\n{"lr": NaN, "loss": -Infinity}\n'
        )
        for length in range(len(data) + 1):
            ends(written(tmp_path, data[:length], f"runs.{ending}"))


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_and_absurd_values_end_in_runs_or_a_reason(tmp_path, seed):
    draw = random.Random(seed)
    pieces = [b"lr", b"seed", b"epoch", b"loss", b",", b";", b"\n", b'"', b"\0", b"1e999", b"-inf", b"nan", b"9" * 400, b"\xff\xfe"]
    pieces += [
        b"{'a': " * 3,
        b"[" * 300,
        b"}",
        b"status",
        b"None",
        b"2026-99-99",
        "é".encode(),
        b"1e308",
        b"run_id",
        b"0.1",
        b"93%",
    ]
    for _ in range(150):
        data = b"".join(draw.choices(pieces, k=draw.randrange(1, 60)))
        for ending in ("csv", "jsonl"):
            ends(written(tmp_path, data, f"runs.{ending}"))
        found(table, tmp_path)
        found(history, tmp_path)


@pytest.mark.parametrize("seed", range(3))
def test_random_json_ends_in_runs_or_a_reason(tmp_path, seed):
    draw = random.Random(seed)
    pieces = ["{", "}", "[", "]", ":", ",", '"lr"', '"loss"', '"config"', '"seed"', "1e999", "NaN", "null", "0.1", '"x"', "[" * 200]
    for _ in range(60):
        for name in ("a.json", "b.json", "config.json"):
            written(tmp_path, "".join(draw.choices(pieces, k=draw.randrange(1, 25))), name)
        written(tmp_path, '{"lr": 0.1, "val_acc": [0.5, 0.6], "seed": 1}', "c.json")
        paths = sorted(str(path) for path in tmp_path.iterdir())
        for log in [*found(jsonruns, tmp_path), Log(str(tmp_path), tuple(paths))]:
            with suppress(LogError):
                assert all(isinstance(run, Run) for run in jsonruns.read(log, Rules()))


def test_a_broken_parquet_file_ends_in_a_reason(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"lr": [0.1, 0.2], "seed": [1, 2], "loss": [1.0, 2.0]})
    frame.to_parquet(tmp_path / "runs.parquet")
    data = (tmp_path / "runs.parquet").read_bytes()
    for length in range(0, len(data), 37):
        ends(written(tmp_path, data[:length], "runs.parquet"))


LOGS = Path(os.environ.get("SWEEPBOOK_LOGS") or Path(__file__).parents[4] / "shared" / "logs")  # beside the checkout


@pytest.mark.skipif(not LOGS.is_dir(), reason="no logs of other tools")
class TestOnLogsThatPeopleHave:
    """Tables that people have: SWEEPBOOK_LOGS says where, and only the counts stand here."""

    def test_two_seeds(self):
        read = runs(LOGS / "csv-two-seeds" / "runs.csv")
        assert (len(read), len({json.dumps(run.config) for run in read}), {run.seed for run in read}) == (120, 60, {0, 1})

    def test_ten_seeds(self):
        read = runs(LOGS / "csv-ten-seeds" / "runs.csv")
        assert (len(read), len({json.dumps(run.config) for run in read}), len({run.seed for run in read})) == (700, 70, 10)

    def test_an_export_of_many_columns(self):
        told = table.columns(str(LOGS / "wandb-export" / "wandb_runs.csv"), Rules())
        measured = {f"{split}/{metric}" for split in ("test_full", "train", "train_every_5th") for metric in ("psnr", "ssim")}
        assert {*told.of(Role.METRIC)} == measured | {"cum_created", "cum_deleted", "n_gaussians", "training_time"}
