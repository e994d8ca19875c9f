"""Building the journal against importing seaborn and drawing one heatmap, and against importing pandas. Prints medians and ratios.

python benchmarks/building.py STUDY [--rounds 5] [--large 10000]

STUDY is a study whose logs are there, such as studies/fashion-mnist. Each round measures all sides in turn, with a cache folder
of its own; matplotlib's list of fonts and compiled Python are there before. `watch` is measured from the log that comes to the line
that says what was written. `--large N` builds a study of N made-up runs too, and opens and sorts its page in Chromium where
playwright is installed.
"""

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sweepbook.runner.logtext import to_toml
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, Run

HEATMAP = """
import matplotlib
matplotlib.use("svg")
import numpy, pandas, seaborn
table = pandas.DataFrame(numpy.random.default_rng(0).random((6, 6)))
seaborn.heatmap(table, annot=True).figure.savefig("heatmap.svg")
"""
PLAN = """
[study]
title = "A large study"
seeds = [0, 1, 2]
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
SORT = """() => {
  const table = [...document.querySelectorAll("table")].reduce((a, b) => (+a.dataset.count > +b.dataset.count ? a : b))
  const began = performance.now()
  table.querySelectorAll("thead button")[3].click()
  document.body.offsetHeight
  return performance.now() - began
}"""
TARGETS = {"build": 1.5, "one new run": 1.3, "watch": 0.5}  # times the heatmap
SETTLED = 2.2  # seconds after which a log counts as settled
BUILD = "import sys; from sweepbook.analysis.cli.main import main; sys.exit(main(sys.argv[1:]))"


def environment(folder: Path) -> dict[str, str]:
    """As a user has it: Python keeps what it compiles, and matplotlib its list of fonts."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "XDG_CACHE_HOME": str(folder / "cache"), "MPLCONFIGDIR": str(folder.parent / "matplotlib")}


def command(folder: Path, code: str, *arguments: str) -> float:
    """The seconds that Python takes for `code` in `folder`, start to end."""
    began = time.perf_counter()
    words = [sys.executable, "-c", code, *arguments]
    subprocess.run(words, cwd=folder, env=environment(folder), check=True, capture_output=True)
    return time.perf_counter() - began


def copied(study: Path, logs: Path, folder: Path) -> str:
    """The study's name in the copy that is made of it."""
    shutil.copytree(study, folder / "studies" / study.name)
    shutil.copytree(logs, folder / "modellogs" / study.name)
    return f"studies/{study.name}"


def measured(study: Path, logs: Path, folder: Path) -> dict[str, float]:
    """One round over a copy of the study: each side once, in turn."""
    name = copied(study, logs, folder)
    logs = sorted((folder / "modellogs" / study.name).iterdir())
    kept = {"the last": logs[-1], "the middle one": logs[len(logs) // 2]}
    for run in kept.values():
        run.rename(folder / run.name)
    time.sleep(SETTLED)
    times = {"heatmap": command(folder, HEATMAP), "build": command(folder, BUILD, "build", name)}
    times["pandas"] = command(folder, "import pandas")
    times["nothing changed"] = command(folder, BUILD, "build", name)
    for which, run in kept.items():
        (folder / run.name).rename(run)
        times[f"one new run, {which}"] = command(folder, BUILD, "build", name)
    return times | {f"watch, {which}": seconds for which, seconds in watched(name, kept, folder).items()}


def watched(name: str, kept: Mapping[str, Path], folder: Path) -> dict[str, float]:
    """The seconds that `watch` takes from the log of each run of `kept` that comes to the new page; each was taken away before."""
    times = {}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    words = [sys.executable, "-c", BUILD, "watch", name]
    with subprocess.Popen(words, cwd=folder, env=environment(folder), **pipes) as process:
        _until(process, "Following")
        for which, run in kept.items():
            time.sleep(SETTLED)
            run.rename(folder / run.name)
            _until(process, " planned run")
            time.sleep(SETTLED)
            began = time.perf_counter()
            (folder / run.name).rename(run)
            _until(process, " planned run")
            times[which] = time.perf_counter() - began
        process.terminate()
    return times


def _until(process: "subprocess.Popen[str]", words: str) -> None:
    """Reads what `process` says up to the line that has `words` in it."""
    while words not in (line := process.stdout.readline()):  # type: ignore[union-attr]
        if not line:
            raise SystemExit(f"watch ended before it said {words!r}")


def write_large(folder: Path, runs: int) -> None:
    """A study of seven groups with about `runs` runs, whose logs are made up."""
    side = max(2, round((runs / 3 / 2) ** 0.5))
    levels = max(2, runs // 3 // 12)
    groups = [f"[[group]]\nname = 'units'\ngrid = {{ units1 = {list(range(1, side + 1))}, units2 = {list(range(1, side + 1))} }}"]
    for name, start in (("lr", 2e-3), ("epochs", 6), ("batch_size", 65)):
        step = 1e-5 if name == "lr" else 1
        groups.append(f"[[group]]\nname = '{name}'\ngrid = {{ {name} = {[start + i * step for i in range(levels)]} }}")
    for optimizer in ("SGD", "AdamW", "RMSprop"):
        rates = [1e-3 + i * 1e-5 for i in range(levels)]
        groups.append(f"[[group]]\nname = '{optimizer}'\ngrid = {{ optimizer = ['{optimizer}'], lr = {rates} }}")
    place = folder / "studies" / "large"
    place.mkdir(parents=True)
    (place / "study.toml").write_text(PLAN + "\n".join(groups) + "\n")
    draw = random.Random(0)
    for i, run in enumerate(load_study(place).runs):
        series = {name: [1 / (e + 1) + draw.random() / 10 for e in range(5)] for name in ("train_loss", "valid_loss")}
        series["valid_accuracy"] = [0.8 + draw.gauss(0, 0.01) for _ in range(5)]
        metrics = {name: values[-1] for name, values in series.items()}
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(seconds=i)
        counts = {"train_examples": 50_000, "valid_examples": 10_000, "parameters": 1000 + i % 997}
        log = Run(
            run.label, "large", run.seed, "finished", at, 1 + draw.random(), run.config, metrics=metrics, epochs=series, **counts
        )
        home = folder / "modellogs" / "large" / f"{at:%Y%m%d-%H%M%S}-{run.label}-s{run.seed}"
        home.mkdir(parents=True)
        (home / FILE).write_text(to_toml(log))


def in_browser(page: Path) -> dict[str, float]:
    """Seconds to open the page and to sort its largest table, in headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto("about:blank")
        began = time.perf_counter()
        tab.goto(page.as_uri())
        opened = time.perf_counter() - began
        took = tab.evaluate(SORT)
        browser.close()
    return {"open": opened, "sort": took / 1000}


def large(runs: int, folder: Path) -> tuple[float, float, Path]:
    """Seconds and gigabytes of a build of `runs` runs, and its page."""
    write_large(folder, runs)
    time.sleep(SETTLED)
    seconds = command(folder, BUILD, "build", "studies/large")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return seconds, peak, folder / "reports" / "large" / "journal.html"


def verdict(words: str, ratio: float, most: float) -> bool:
    print(f"{words}: {ratio:.2f} (target: at most {most:g}){'' if ratio <= most else '  MISSED'}")
    return ratio <= most


def median(rounds: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(times[name] for times in rounds)


def paired(rounds: Sequence[dict[str, float]], name: str, other: str) -> float:
    """The median over the rounds of how often one of the two goes into the other."""
    return statistics.median(times[name] / times[other] for times in rounds)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("study", type=Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--large", type=int, default=0, metavar="N")
    asked = arguments.parse_args()
    logs = Path("modellogs") / asked.study.name
    rounds = []
    with tempfile.TemporaryDirectory() as made:
        first = Path(made) / "first"
        name = copied(asked.study.resolve(), logs.resolve(), first)
        command(first, HEATMAP)
        command(first, BUILD, "build", name)
        for i in range(asked.rounds):
            rounds.append(measured(asked.study.resolve(), logs.resolve(), Path(made) / str(i)))
        for name in rounds[0]:
            print(f"{name}: {median(rounds, name):.2f} s (median of {asked.rounds})")
        full = median(rounds, "build")
        good = [verdict("nothing changed against importing pandas", paired(rounds, "nothing changed", "pandas"), 0.5)]
        for name in rounds[0]:
            most = next((most for start, most in TARGETS.items() if name.startswith(start)), None)
            if most:
                good.append(verdict(f"{name}, against importing seaborn and one heatmap", paired(rounds, name, "heatmap"), most))
        if asked.large:
            seconds, peak, page = large(asked.large, Path(made) / "large")
            small = Path(made) / "0" / "reports" / asked.study.name / "journal.html"
            print(f"{asked.large:,} runs: {seconds:.1f} s, {peak:.2f} GB at most, page {page.stat().st_size / 1e6:.2f} MB")
            good += [
                verdict("a build of the large study against the small one", seconds / full, 4),
                verdict("memory, GB", peak, 2),
                verdict("page, MB", page.stat().st_size / 1e6, 5),
            ]
            try:
                times = {name: in_browser(path) for name, path in (("small", small), ("large", page))}
                print(json.dumps(times))
            except ImportError:
                print("the page is not opened: playwright is not installed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
