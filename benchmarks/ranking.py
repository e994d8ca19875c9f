"""The noise, the means and the tiers of a large sweep. Prints seconds of processor time, and their ratio to an older version's.

python benchmarks/ranking.py [--before PYTHON] [--configurations 10000] [--seeds 3] [--rounds 5] [--target 2]

The sweep is made up: configurations that differ by twice the noise, seeds that move all by as much as the noise; whole, and with
15% of the runs missing. PYTHON's environment has a version of Sweepbook from before runs were blocked by seed, whose samples are
plain lists; the two sides run in turn. Exits 1 where a ratio is above the target.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median

import numpy as np
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.tiers import tiers


def sweep(configurations: int, seeds: int, missing: float) -> dict[str, dict[int, float]]:
    """The runs of each configuration by seed."""
    draw = np.random.default_rng(0)
    scores = (
        draw.normal(0.5, 0.02, (configurations, 1))
        + draw.normal(0, 0.01, (1, seeds))
        + draw.normal(0, 0.01, (configurations, seeds))
    )
    there = draw.random(scores.shape) >= missing
    there[np.arange(configurations), draw.integers(0, seeds, configurations)] = True
    return {str(i): {s: float(scores[i, s]) for s in range(seeds) if there[i, s]} for i in range(configurations)}


def parts(samples: dict[str, dict[int, float]], lists: bool) -> dict[str, float]:
    """The seconds that each part takes."""
    began = time.process_time()
    if lists:
        plain = {key: list(runs.values()) for key, runs in samples.items()}
        found = noise(plain)
        known = time.process_time()
        means = [mean_of(runs, found) for runs in plain.values()]
    else:
        found = noise(samples)
        known = time.process_time()
        means = [mean_of(runs, found, key) for key, runs in samples.items()]
    meant = time.process_time()
    tiers(means)
    ended = time.process_time()
    return {"noise": known - began, "means": meant - known, "tiers": ended - meant, "all": ended - began}


def side(python: str, missing: float, asked: argparse.Namespace, lists: bool) -> dict[str, float]:
    """The same in a process of its own, of that version."""
    command = [python, __file__, "--once", str(missing), "--configurations", str(asked.configurations), "--seeds", str(asked.seeds)]
    done = subprocess.run([*command, *(["--lists"] if lists else [])], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def line(name: str, rounds: list[dict[str, float]]) -> str:
    return f"{name:34}" + "".join(f"{part} {median(one[part] for one in rounds):5.2f} s  " for part in rounds[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", metavar="PYTHON")
    parser.add_argument("--configurations", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--target", type=float, default=2.0)
    parser.add_argument("--once", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--lists", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once is not None:
        print(json.dumps(parts(sweep(asked.configurations, asked.seeds, asked.once), asked.lists)))
        return 0
    print(f"{asked.configurations:,} configurations, {asked.seeds} seeds, medians of {asked.rounds}")
    late = False
    for name, missing in (("complete", 0.0), ("15% of the runs missing", 0.15)):
        ours, before = [], []
        for _ in range(asked.rounds):
            ours.append(side(sys.executable, missing, asked, lists=False))
            before += [side(asked.before, missing, asked, lists=True)] if asked.before else []
        print(line(name, ours))
        if before:
            ratio = median(one["all"] / other["all"] for one, other in zip(ours, before, strict=True))
            print(line("  before", before) + f"ratio {ratio:.2f} (target {asked.target:g})")
            late = late or ratio > asked.target
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
