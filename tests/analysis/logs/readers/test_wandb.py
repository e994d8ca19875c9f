import json

import pytest

VERSIONS = ("0.12.21", "0.31.0")


def offline(folder):
    """The folder of a run whose .wandb file is missing, as only the text files were kept."""
    files = folder / "offline-run-20260101_120000-abc" / "files"
    files.mkdir(parents=True)
    return files


@pytest.mark.parametrize("version", VERSIONS)
def test_every_run_has_the_settings_and_the_summary_that_it_says_itself(read, real, said, same, version):
    runs, told = read(real / "wandb" / version), said("wandb", version)
    assert runs.keys() == told.keys()
    for name, run in runs.items():
        nested = told[name]["settings"].pop("opt")
        assert run.config == {**told[name]["settings"], "opt.name": nested["name"], "opt.betas": nested["betas"]}
        summary = {key: value for key, value in told[name].get("summary", {}).items() if not key.startswith("_") and key != "epoch"}
        assert same({key: run.metrics[key] for key in summary}, {key: float(value) for key, value in summary.items()})


@pytest.mark.parametrize("version", VERSIONS)
def test_an_epoch_has_the_last_value_that_was_logged_in_it(read, real, said, same, version):
    for name, run in read(real / "wandb" / version).items():
        last = {}
        for row in said("wandb", version)[name]["history"]:
            last.setdefault(row["epoch"], {}).update(row)
        assert run.epochs["epoch"] == list(last)
        assert same(run.epochs["train/loss"], [row["train/loss"] for row in last.values()])
        assert same(run.epochs["valid.accuracy"], [row.get("valid.accuracy", float("nan")) for row in last.values()])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_exit_code_says_how_a_run_ended(read, real, said, version):
    told = said("wandb", version)
    for name, run in read(real / "wandb" / version).items():
        assert (run.status == "failed") == told[name]["failed"]
        assert run.error == ("it ended with exit code 1" if told[name]["failed"] else None)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_has_its_name_and_when_it_began(read, real, version):
    for run in read(real / "wandb" / version).values():
        assert run.label == f"net-{run.config['lr']}"
        assert run.started is not None


def test_a_file_without_its_end_is_a_run_that_is_still_running(read, real, tmp_path):
    whole = next((real / "wandb" / "0.31.0").glob("wandb/*/run-*.wandb")).read_bytes()
    (tmp_path / "run-20260101_120000-abc").mkdir()
    (tmp_path / "run-20260101_120000-abc" / "run-abc.wandb").write_bytes(whole[: len(whole) // 2])
    (run,) = read(tmp_path).values()
    assert run.status == "running"


def test_the_text_files_are_read_where_the_other_one_is_missing(read, tmp_path):
    files = offline(tmp_path)
    (files / "config.yaml").write_text("wandb_version: 1\nlr:\n  desc: null\n  value: 0.1\n_wandb:\n  value: {t: 1}\n")
    (files / "wandb-summary.json").write_text('{"loss": 0.5, "_runtime": 12.5, "_step": 1}')
    (files / "wandb-history.jsonl").write_text('{"loss": 1.0, "_step": 0}\n{"loss": 0.5, "_step": 1}\n')
    (run,) = read(tmp_path).values()
    assert (run.config, run.metrics, run.seconds) == ({"lr": 0.1}, {"loss": 0.5}, 12.5)
    assert (run.epochs, run.steps) == ({"loss": [1.0, 0.5]}, [0, 1])
    assert run.note.startswith("Without its .wandb file a run")


def test_what_lies_in_the_folder_is_no_other_run(read, tmp_path):
    files = offline(tmp_path)
    (files / "wandb-summary.json").write_text(json.dumps({"loss": 0.5}))
    (files / "table.csv").write_text("a,b\n1,2\n")
    assert list(read(tmp_path)) == ["offline-run-20260101_120000-abc"]
