"""Sides of a comparison as a user gets them: run logs are written, built into a report's two files, and these are read."""

import pytest
from sweepbook.analysis.export.record.read import side
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}
ALL = """
[study]
title = "T"
metric = "{metric}"
{goal}
seeds = [0]
[[group]]
name = "all"
where = {{}}
"""


@pytest.fixture(scope="session")
def files_in(log, run, plan):
    """The findings.json and the runs.csv of a sweep, which is written into a folder: (changes to the base configuration, accuracies
    by seed, fields of a run)."""

    def make(home, name, *configs, text=None, base=BASE, metric="valid_accuracy", goal="", first=0, **fields):
        study = plan(home / name / "study", text or ALL.format(metric=metric, goal=goal))
        logs = home / name / "logs"
        logs.mkdir()
        for place, (changes, scores, *own) in enumerate(configs):
            said = {"label": f"c{place}", **fields, **(own[0] if own else {})}
            for seed, score in enumerate(scores, first):
                config = {key: value for key, value in {**base, **changes}.items() if value is not None}
                log(logs, f"{place}-{seed}", run(score, **{"seed": seed, "minute": place, "config": config, **said}))
        sweep = load_sweep(logs)
        found = findings(sweep, study)
        return findings_json(found).encode(), runs_csv(sweep, found).encode()

    return make


@pytest.fixture(scope="session")
def files(files_in, tmp_path_factory):
    """The same, in a folder of its own. The files of one sweep are written once, as no test changes them: that takes longer than
    most tests of what is read from them."""
    written = {}

    def make(_, *configs, **rest):
        sweep = repr((configs, sorted(rest.items())))
        if sweep not in written:
            written[sweep] = files_in(tmp_path_factory.mktemp("sweep"), "sweep", *configs, **rest)
        return written[sweep]

    return make


@pytest.fixture(scope="session")
def built(files):
    """The side of a sweep; see `files`."""
    return lambda name, *configs, **rest: side(name, *files(name, *configs, **rest))
