import math
from pathlib import Path

from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.values import flat

NEWEST = Path(__file__).parents[3] / "real" / "trackio" / "0.43.0"
WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def numbers(entry):
    """The numbers that Trackio's own API says one entry has, those of inner tables by their path."""
    plain = {
        name.replace(".", "/"): WORDS.get(value, value) if isinstance(value, str) else value for name, value in flat(entry).items()
    }
    return {name: value for name, value in plain.items() if isinstance(value, int | float) and name != "step"}


def same(ours, theirs):
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def test_a_database_has_the_runs_that_trackio_says_it_has(trackio, tmp_path, real):
    told = real[0](trackio, tmp_path)
    runs, reasons = real[1](tmp_path)
    assert not reasons
    assert {run.label for run in runs.values()} == told.keys()
    assert len(runs) >= 17
    for run in runs.values():
        config = told[run.label]["config"]
        assert run.config == flat({name: value for name, value in config.items() if not name.startswith("_")})
        assert run.study == "digits"
        by_step = {}
        for entry in told[run.label]["logs"]:
            for name, value in numbers(entry).items():
                by_step.setdefault(name, {})[entry["step"]] = value
        assert run.metrics.keys() == by_step.keys()
        for name, values in by_step.items():
            ours = dict(zip(run.steps, run.epochs[name], strict=True))
            assert all(same(ours[step], value) for step, value in values.items())
            assert same(run.metrics[name], values[max(values)])


def test_the_sweep_has_settings_seeds_and_says_that_no_ending_is_known(tmp_path, real):
    real[0](NEWEST, tmp_path)
    sweep = load_sweep(tmp_path)
    assert len(sweep.used) == 17
    assert set(sweep.runs["seed"]) == {0, 1}
    assert dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True)) == {
        "digits.db/exploded": "diverged: a loss was not finite"
    }
    assert [note for note, _ in sweep.picture.notes] == ["Trackio does not keep how a run ended: each counts as finished."]
