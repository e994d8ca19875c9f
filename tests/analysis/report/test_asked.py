"""Names in what a person asks of the reading of logs that no run has."""

import pytest
from sweepbook.analysis.cli.main import main


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"net,{lr},adam,{seed},0.{8 + seed},x" for lr in (0.1, 0.01) for seed in (0, 1)]
    (tmp_path / "runs.csv").write_text("\n".join(["name,lr,optimizer,rng,valid_accuracy,notes", *rows]) + "\n")
    return tmp_path / "runs.csv"


WRONG = {
    "--seed-column": ("rgn", "rng"),
    "--ignore": ("optimizr", "optimizer"),
    "--keep": ("optimizr", "optimizer"),
    "--map": ("valid_acuracy=valid_accuracy", "valid_accuracy"),
    "--at": ("valid_acuracy", "valid_accuracy"),
    "--metrics": ("valid_acuracy", "valid_accuracy"),
    "--settings": ("optimizr", "optimizer"),
}


@pytest.mark.parametrize("option", WRONG)
@pytest.mark.parametrize("command", ["look", "show"])
def test_a_name_that_no_run_has_is_an_error_with_the_nearest(table, capsys, command, option):
    word, near = WRONG[option]
    assert main([command, "runs.csv", option, word]) == 2
    told = capsys.readouterr().err
    assert f'names "{word.partition("=")[0]}", which no run has' in told
    assert f'did you mean "{near}"?' in told


def test_a_plan_that_names_what_no_run_has_is_told_the_same(table, tmp_path, capsys):
    (tmp_path / "plan").mkdir()
    logs = '[logs]\nfolder = "../runs.csv"\nignore = ["optimizr"]\n'
    (tmp_path / "plan/study.toml").write_text(f'[study]\ntitle = "Mine"\n{logs}[[group]]\nname = "all"\nwhere = {{}}\n')
    assert main(["show", "plan"]) == 2
    assert 'ignore names "optimizr"' in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--seed-column", "rng"), ("--ignore", "notes,lr,rng"), ("--keep", "name"), ("--at", "best")])
def test_settings_that_are_set_aside_columns_and_the_seed_are_known(table, words):
    assert main(["show", "runs.csv", *words]) in (0, 3)
