"""A short version of benchmarks/chaos.py: a sweep that is killed at random moments loses nothing, repeats nothing and ends."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "chaos.py"
pytestmark = [pytest.mark.training, pytest.mark.slow]


@pytest.mark.skipif(
    not SCRIPT.is_file() or not Path("/proc").is_dir(), reason="the benchmarks, or Linux's list of processes, are not here"
)
def test_a_sweep_that_is_killed_five_times_at_random_moments_ends_with_every_run_once(tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, "--kills", "5", "--seed", "3"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\n5 kills, " in done.stdout
    assert done.stdout.endswith("every planned run has finished once and only once, no process is left\n")
