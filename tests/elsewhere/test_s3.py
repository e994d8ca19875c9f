"""Run logs at S3, by a server on this machine that answers as S3 does."""

import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from sweepbook.analysis.cli import putting as module
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.putting import Putting
from sweepbook.analysis.logs.address import folder_of
from sweepbook.analysis.logs.mirror import mirrored
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Started
from sweepbook.runner.study import PlannedRun

server = pytest.importorskip("moto.server")
boto3 = pytest.importorskip("boto3")
s3fs = pytest.importorskip("s3fs")

pytestmark = pytest.mark.filterwarnings("default")  # those of the server's own libraries
ADDRESS = "s3://lab/runs/tiny"
PLAN = """\
[study]
title = "Tiny"
metric = "valid_accuracy"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 2
batch_size = 32
lr = 0.003
optimizer = "Adam"
[[group]]
name = "lr"
title = "Which learning rate?"
grid = { lr = [0.001, 0.003] }
"""


@pytest.fixture
def s3(monkeypatch):
    """A client of a server with one bucket, to which the environment leads; `stop` ends the server."""
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    known = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "two"}
    known |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    urlopen(Request(f"{known['AWS_ENDPOINT_URL']}/moto-api/reset", method="POST")).close()  # what an earlier server held is there
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    client.create_bucket(Bucket="lab")
    client.stop = running.stop
    yield client
    s3fs.S3FileSystem.clear_instance_cache()
    running.stop()


def keys(client) -> list[str]:
    return [one["Key"] for one in client.list_objects_v2(Bucket="lab").get("Contents", [])]


def started(text: str) -> Started:
    """That a run has begun, with what its worker logged so far."""
    folder = folder_of(ADDRESS) / "run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.toml").write_text(text)
    return Started(PlannedRun("a", "a", {"lr": 0.1}, 0), folder)


@pytest.mark.training
def test_a_sweep_is_logged_at_s3_and_another_machine_reads_it(s3, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("studies/tiny").mkdir(parents=True)
    Path("studies/tiny/study.toml").write_text(PLAN)
    assert main(["run", "studies/tiny", "--logs", ADDRESS, "--jobs", "1"]) == 0
    logged = keys(s3)
    assert len(logged) == 4
    assert all(name.startswith("runs/tiny/") and name.endswith("/run.toml") for name in logged)
    assert f"--logs {ADDRESS}" in Path("reports/tiny/journal.md").read_text()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    capsys.readouterr()
    assert main(["run", "studies/tiny", "--logs", ADDRESS, "--jobs", "1"]) == 0
    assert "training [" not in capsys.readouterr().err  # nothing is missing
    assert sorted(keys(s3)) == sorted(logged)
    assert main(["diff", ADDRESS, "reports/tiny"]) in (0, 3)
    assert "all 2 configurations have the same runs on both sides" in capsys.readouterr().out


def test_a_bucket_that_is_not_there_is_named(s3):
    with pytest.raises(SweepbookError, match="s3://nosuch/runs: not found: The specified bucket does not exist"):
        mirrored("s3://nosuch/runs")


def test_missing_credentials_are_said_with_their_remedy(s3, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SweepbookError, match=r"s3://lab/runs/tiny: no credentials: .* set AWS_ACCESS_KEY_ID"):
        mirrored(ADDRESS)


def test_a_server_that_is_gone_is_one_error_and_trains_nothing(s3, tmp_path):
    s3.stop()
    (tmp_path / "study.toml").write_text(PLAN)
    done = subprocess.run(
        [sys.executable, "-m", "sweepbook", "run", tmp_path, "--logs", ADDRESS],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("sweepbook: s3://lab/runs/tiny: Could not connect")
    assert len(done.stderr.splitlines()) == 1


def test_a_server_that_goes_midway_loses_nothing(s3, monkeypatch):
    monkeypatch.setattr(module, "TRIES", 1)
    with Putting(mirrored(ADDRESS)) as putting:
        putting.note(started("running"))
        s3.stop()
        putting.note(started("finished"))
    assert "1 file not put there" in putting.failure
    assert (folder_of(ADDRESS) / "run" / "run.toml").read_text() == "finished"


def test_1_100_logs_come_over_several_pages_of_a_listing(s3):
    for number in range(1_100):
        s3.put_object(Bucket="lab", Key=f"runs/tiny/{number}/run.toml", Body=b"x")
    assert len(list(mirrored(ADDRESS).iterdir())) == 1_100
