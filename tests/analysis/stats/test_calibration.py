"""A short version of benchmarks/calibration.py, and that it would show a rule that is too bold."""

import importlib.util
import sys
from pathlib import Path

import pytest
from scipy.special import ndtri

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "calibration.py"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SCRIPT.is_file(), reason="the benchmarks are not here")]


def load():
    spec = importlib.util.spec_from_file_location("calibration", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


calibration = load() if SCRIPT.is_file() else None
CASES = calibration.cases() if calibration else []
NULLS = [case for case in CASES if case.most]


def named(case):
    return f"{case.kind}, {case.at}"


def the(kind, at):
    return next(case for case in CASES if (case.kind, case.at) == (kind, at))


@pytest.mark.parametrize("case", NULLS, ids=named)
@pytest.mark.parametrize(("n", "pool"), [(1, (6,)), (3, ())])
def test_no_more_than_the_allowed_share_of_verdicts_is_false(case, n, pool):
    assert not calibration.rate(case, n, pool, 150).above(case.most)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_noise_that_nobody_knows_never_gives_a_verdict(case):
    assert calibration.rate(case, 1, (), 20).mean == 0


@pytest.mark.parametrize("kind", ["better", "at", "increasing", "best", "gap at most", "beats", "first tier", "range"])
def test_more_runs_and_larger_differences_are_found_more_often(kind):
    small, large = the(kind, "2 SD"), the(kind, "3 SD")
    assert calibration.rate(large, 5, (6,), 100).mean > calibration.rate(small, 3, (6,), 100).mean


def test_the_same_seed_gives_the_same_numbers():
    one, other = (calibration.rate(the("better", "2 SD"), 3, (2, 2), 50) for _ in range(2))
    assert one == other


def test_a_noise_of_two_degrees_of_freedom_taken_as_known_would_be_caught(monkeypatch):
    case = the("better", "equal")
    assert not calibration.rate(case, 2, (), 400).above(0.05)
    monkeypatch.setattr("sweepbook.analysis.stats.contrasts.t_quantile", lambda df, p: float(ndtri(p)))
    assert calibration.rate(case, 2, (), 400).above(0.05)


def test_a_single_run_that_varies_half_as_much_again_as_the_pool_is_what_the_price_of_borrowing_pays_for(monkeypatch):
    case = the("at", "on its end")
    assert not calibration.rate(case, 1, (3, 3, 3), 600, wild=1.5).above(0.05)
    monkeypatch.setattr("sweepbook.analysis.stats.means.borrowed", lambda n: 1.0)
    assert calibration.rate(case, 1, (3, 3, 3), 600, wild=1.5).above(0.05)


def test_steps_that_are_not_read_together_would_be_caught(monkeypatch):
    case = the("steps", "flat: any found")
    monkeypatch.setattr(calibration, "discoveries", lambda ps: 0.10)
    assert calibration.rate(case, 3, (6,), 200).above(case.most)
