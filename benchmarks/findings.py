"""All statistics of a large sweep against loading its logs cold. Prints seconds, the ratio, and the memory that each takes.

python benchmarks/findings.py [--configurations 10000] [--groups 1000] [--runs 1] [--target 5]

The sweep is made up: groups of one ordered factor, of a full grid of two factors, and of named configurations, every tenth
configuration run three times. Exits 1 where the ratio is above the target.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, Run
from sweepbook.runner.study import Study

PLAN = """
[study]
title = "A large sweep"
seeds = [{seeds}]
[baseline]
dataset = "fashion_mnist"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 5
batch_size = 64
lr = 0.001
optimizer = "Adam"
"""
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def plan(folder: Path, groups: int, each: int, runs: int) -> Study:
    """The study of so many groups of `each` configurations, none of them shared."""
    parts = [PLAN.format(seeds=", ".join(map(str, range(runs))))]
    for i in range(groups):
        rate = 0.0001 * (i + 1)
        if i % 2:
            levels, other = list(range(8, 8 + max(each // 5, 2))), [rate * (1 + k / 1e4) for k in range(5)]
            grid = f"{{ units1 = {levels}, lr = {other} }}"
            claims = 'factor = "units1"\n  matters_more_than = "lr"'
        else:
            grid = f"{{ epochs = {list(range(1, each + 1))}, weight_decay = [{rate}] }}"
            claims = 'trend = "increasing"\n  of = "epochs"'
        parts.append(f'[[group]]\nname = "g{i}"\ngrid = {grid}\n  [[group.prediction]]\n  says = "S{i}"\n  {claims}\n')
    (folder / "study.toml").write_text("\n".join(parts))
    return load_study(folder)


def write_logs(study: Study, logs: Path, luck: int = 0) -> int:
    """A log for each planned run, and two more seeds for every tenth configuration. `luck` draws other scores."""
    draw, count = random.Random(luck), 0
    for i, planned in enumerate(study.runs):
        seeds = [planned.seed, *((100, 101) if i % 10 == 0 else ())]
        middle = 0.8 + draw.gauss(0, 0.01)
        for seed in seeds:
            score = min(max(middle + draw.gauss(0, 0.01), 0.01), 0.99)
            losses = [1.2 - score + 0.2 / (epoch + 1) + draw.gauss(0, 0.01) for epoch in range(5)]
            metrics = {"train_loss": losses[-1] - 0.05, "valid_loss": losses[-1], "valid_accuracy": score}
            run = Run(
                label=planned.label,
                study=study.name,
                seed=seed,
                status="finished",
                started=BEGUN + timedelta(seconds=count),
                seconds=2.0,
                config=planned.config,
                train_examples=50_000,
                valid_examples=10_000,
                parameters=1000 + i,
                metrics=metrics,
                epochs={"train_loss": losses, "valid_loss": losses, "valid_accuracy": [score] * 5, "valid_seen": [6400] * 5},
            )
            folder = logs / f"r{count:06}"
            folder.mkdir(parents=True)
            (folder / FILE).write_text(to_toml(run))
            count += 1
    return count


def memory() -> float:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configurations", type=int, default=10_000)
    parser.add_argument("--groups", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--target", type=float, default=5.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        folder = Path(name) / "large"
        folder.mkdir()
        study = plan(folder, asked.groups, asked.configurations // asked.groups, asked.runs)
        count = write_logs(study, Path(name) / "logs")
        began = time.perf_counter()
        sweep = load_sweep(Path(name) / "logs")
        cold, held = time.perf_counter() - began, memory()
        began = time.perf_counter()
        found = findings(sweep, study)
        took = time.perf_counter() - began
    print(f"{count:,} runs of {len(found.ranking):,} configurations in {len(found.groups):,} groups")
    print(f"loading the logs cold {cold:6.2f} s, {held:6.0f} MiB")
    print(f"all statistics        {took:6.2f} s, {memory():6.0f} MiB, {took / cold:.2f} times the loading (target {asked.target})")
    return int(took / cold > asked.target)


if __name__ == "__main__":
    sys.exit(main())
