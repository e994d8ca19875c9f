"""`sweepbook diff` of two reports of 10,000 runs each against loading 10,000 logs cold. Prints seconds, the ratio, and the memory.

python benchmarks/comparing.py [--configurations 2500] [--groups 250] [--runs 4] [--rounds 3] [--target 1]

Both are processes of their own, from the start of the interpreter to the end, one after the other in each round. The reports
come from made-up logs of the same plan with other scores. Exits 1 where the median ratio is above the target for a format
without figures, or a comparison holds more than 1 GB.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from findings import plan, write_logs  # the script beside this one
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

LOAD = "import sys; from pathlib import Path; from sweepbook.analysis.logs.sweep import load_sweep; load_sweep(Path(sys.argv[1]))"
DIFF = "import sys; from sweepbook.analysis.cli.main import main; main(sys.argv[1:])"
PEAK = "; print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0], file=sys.stderr)"  # of this process alone
MOST = 1000  # MB


def measured(code: str, *arguments: str) -> tuple[float, float]:
    """The seconds that a process of `code` takes, and the most memory that it holds, in MB."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + PEAK, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
    )
    return time.perf_counter() - began, int(done.stderr.split()[-1]) * 1024 / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configurations", type=int, default=2_500)
    parser.add_argument("--groups", type=int, default=250)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--target", type=float, default=1.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        place = Path(name)
        (place / "large").mkdir()
        study = plan(place / "large", asked.groups, asked.configurations // asked.groups, asked.runs)
        for luck in (0, 1):
            logs, report = place / f"logs{luck}", place / f"report{luck}"
            count = write_logs(study, logs, luck)
            sweep = load_sweep(logs)
            found = findings(sweep, study)
            report.mkdir()
            (report / "findings.json").write_text(findings_json(found))
            (report / "runs.csv").write_text(runs_csv(sweep, found))
        print(f"two reports of {count:,} runs of {len(found.ranking):,} configurations, {asked.rounds} rounds, medians")
        return compared(place, asked.rounds, asked.target)


def compared(place: Path, rounds: int, target: float) -> int:
    """Prints how each format of the comparison stands against loading."""
    reports = [str(place / "report0"), str(place / "report1")]
    failed = 0
    for form in ("text", "json", "md", "html"):
        ratios, seconds, held = [], [], 0.0
        for _ in range(rounds):
            shutil.rmtree(place / "cache", ignore_errors=True)
            cold = measured(LOAD, str(place / "logs0"))[0]
            took, memory = measured(DIFF, "diff", *reports, "--format", form)
            ratios.append(took / cold)
            seconds.append((cold, took))
            held = max(held, memory)
        cold, took = (statistics.median(times) for times in zip(*seconds, strict=True))
        ratio = statistics.median(ratios)
        print(
            f"{form:5} {took:6.2f} s, {ratio:.2f} times loading cold ({cold:.2f} s; target {target}), {held:4.0f} MB (most {MOST})"
        )
        failed |= (ratio > target and form != "html") or held > MOST
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
