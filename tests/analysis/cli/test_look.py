import pytest
from sweepbook.analysis.cli.main import main


@pytest.fixture
def folder(tmp_path, log, run, monkeypatch):
    """Run logs that no plan asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    for lr, score in ((0.1, 0.8), (0.01, 0.9)):
        for seed in (0, 1):
            settings = {"lr": lr, "width": 64, "out_dir": f"/runs/{seed}", "api_key": "abc"}
            log(tmp_path / "mine", f"{lr}-{seed}", run(score + seed / 100, seed=seed, config=settings))
    log(tmp_path / "mine", "broken", run()).write_text("schema = 3\n")
    (tmp_path / "mine/notes.txt").write_text("x")
    return tmp_path / "mine"


def test_a_folder_alone_is_looked_at(folder, capsys):
    assert main(["mine"]) == 0
    told = capsys.readouterr().out
    assert main(["look", "mine"]) == 0
    assert capsys.readouterr().out == told
    lines = told.splitlines()
    assert lines[0] == "Runs: run.toml (4 runs); 4 finished."
    assert "Ranked by valid_accuracy (higher is better)." in " ".join(lines)
    assert "Settings that vary: lr and out_dir" in told
    assert "Secrets: api_key (4 runs)." in lines
    assert "Not counted: 2 runs." in lines
    assert "  1: schema is 3; this version reads schema 1 and 2" in lines
    assert [line.split()[:3] for line in lines[-3:]] == [["sweepbook", word, "mine"] for word in ("build", "show", "init")]


def test_a_group_is_described_in_a_sentence(folder, capsys):
    assert main(["mine", "--ignore", "out_dir"]) == 0
    assert "Group all: lr alone varies, over 2 levels." in capsys.readouterr().out


def test_a_group_of_a_plan_is_told_by_its_configurations(folder, capsys, tmp_path):
    plan = tmp_path / "studies/mine"
    plan.mkdir(parents=True)
    groups = "".join(f'[[group]]\nname = "g{number}"\nwhere = {{}}\n' for number in range(15))
    (plan / "study.toml").write_text(f'[study]\ntitle = "Mine"\n[logs]\nfolder = "../../mine"\nignore = ["out_dir"]\n{groups}')
    assert main(["look", "studies/mine"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Group g11: 2 configurations, by lr." in lines
    assert "And 3 more groups." in lines
    assert not any(line.startswith("Group g12") for line in lines)


def test_every_command_that_reads_runs_takes_the_folder(folder, capsys):
    assert main(["build", "mine", "--ignore", "out_dir"]) == 0
    assert "Use learning rate 0.01: 90.5% validation accuracy" in capsys.readouterr().out
    page = (folder.parent / "reports/mine/journal.md").read_text()
    assert "secret found | api_key | in 4 runs; not shown and not kept" in page
    assert "abc" not in page
    for command in (["show", "mine"], ["names", "mine"], ["export", "mine"], ["figures", "mine"]):
        assert main(command) == 0
        assert "abc" not in capsys.readouterr().out
    assert main(["diff", "mine", "mine", "--fail-on", "never"]) == 0


def test_a_folder_can_be_ranked_by_another_metric_and_a_setting_set_aside(folder, capsys):
    assert main(["show", "mine", "--metric", "valid_loss", "--ignore", "lr,out_dir", "--json"]) == 0
    assert '"n": 2,' in capsys.readouterr().out


def test_what_a_plan_says_is_not_said_again(folder, capsys, tmp_path):
    plan = tmp_path / "studies/mine"
    plan.mkdir(parents=True)
    text = '[study]\ntitle = "Mine"\n[logs]\nfolder = "../../mine"\nignore = ["out_dir"]\n[[group]]\nname = "all"\nwhere = {}\n'
    (plan / "study.toml").write_text(text)
    assert main(["show", "studies/mine"]) == 0
    assert "learning rate 0.01" in capsys.readouterr().out
    assert main(["show", "studies/mine", "--metric", "valid_loss"]) == 2
    assert "--metric: the plan says it" in capsys.readouterr().err


def test_what_is_neither_a_command_nor_a_place_is_said_to_be_none(folder, capsys):
    with pytest.raises(SystemExit):
        main(["mein"])
    assert "invalid choice: 'mein'" in capsys.readouterr().err
    for place in ("mein/runs", "mein.csv"):
        assert main([place]) == 2
        assert capsys.readouterr().err == f"sweepbook: {place}: no such folder or file\n"


def test_where_no_metric_can_be_chosen_what_to_type_names_one(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"net,{lr},{seed},0.{8 + seed},0.{7 + seed}\n" for lr in (0.1, 0.01) for seed in (0, 1)]
    (tmp_path / "runs.csv").write_text("name,lr,seed,test/psnr,test/ssim\n" + "".join(rows))
    main(["runs.csv"])
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("Next: sweepbook runs.csv --metric test_")
    main(last.split()[2:])
    assert "Ranked by" in capsys.readouterr().out


def test_the_columns_of_a_table_are_told_apart_for_the_reader_to_correct(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    columns = ["name", "state", "seed", "lr", *(f"width{i}" for i in range(12)), "val_acc", "seconds"]
    rows = [["net", "finished", seed, lr, *[8] * 12, 0.8 + lr + seed / 100, 3.5] for lr in (0.1, 0.01) for seed in (0, 1)]
    (tmp_path / "runs.csv").write_text("\n".join(",".join(map(str, row)) for row in [columns, *rows]) + "\n")
    main(["runs.csv"])
    told = capsys.readouterr().out.replace("\n", " ")
    widths = ", ".join(f"width{i}" for i in range(11))
    assert f"Columns of runs.csv: settings lr, {widths} and 1 more; metrics val_acc; seed seed; status state;" in told
    assert "--settings, --metrics and --seed-column name the right ones" in told
    main(["runs.csv", "--settings", "val_acc", "--metrics", "lr"])
    assert "metrics lr;" in capsys.readouterr().out


def test_where_there_is_no_table_no_columns_are_told_apart(folder, capsys):
    main(["mine"])
    assert "Columns of" not in capsys.readouterr().out
