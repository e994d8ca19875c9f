"""Finished runs and missing ones in, the time that the missing ones will take out."""

from collections.abc import Sequence
from statistics import median

from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.config import Config, whole
from sweepbook.runner.study import PlannedRun


def run_seconds(sweep: Sweep | None, missing: Sequence[PlannedRun]) -> list[float] | None:
    """Seconds for each missing run: the median of its configuration's finished runs, else its steps times the median
    time of a step. None where no log tells how long a step takes, or how many steps a whole pass has."""
    if sweep is None:
        return None
    used = sweep.used[sweep.used["steps"].astype(bool) & sweep.used["seconds"].notna()]
    if used.empty:
        return None
    own = {str(key): float(times.median()) for key, times in used.groupby("id")["seconds"]}
    step = median(float(seconds) / int(steps) for seconds, steps in zip(used["seconds"], used["steps"], strict=True))
    examples = used["train_examples"].dropna()
    known = int(examples.iloc[0]) if len(examples) else None
    times = [own.get(run.id) or _seconds(run.config, known, step) for run in missing]
    return None if None in times else [seconds for seconds in times if seconds is not None]


def _seconds(config: Config, examples: int | None, step: float) -> float | None:
    if "train_steps" in config:
        return whole(config, "epochs") * whole(config, "train_steps") * step
    return None if examples is None else whole(config, "epochs") * -(-examples // whole(config, "batch_size")) * step
