"""A study, its logs and what is missing in, what the plan takes out: by the runs that have ended, else by a few timed steps."""

import importlib.util
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.points import planned
from sweepbook.analysis.findings.totals import running_words, silent, totals
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.logs.times import run_seconds
from sweepbook.analysis.predictions.foresight.cost import Cost, SearchCost
from sweepbook.runner.config import SweepbookError, active, config_id, whole
from sweepbook.runner.launch import owncode
from sweepbook.runner.own import Unread
from sweepbook.runner.search import SEED, SearchPlan
from sweepbook.runner.study import Group, PlannedRun, Study
from sweepbook.runner.trials import CONCLUDED, Trial, is_over, limit, wall

SAMPLED = 5  # points of a search's space that are timed
# Seconds that a trial waits an epoch for the pruner, and for its proposal: with TPE, which takes 1 to 8 ms, on every machine alike.
ASKED, PROPOSED = 0.002, 0.02


def cost(
    study: Study,
    sweep: Sweep | None,
    known: Mapping[str, Sequence[Trial]],
    logs: Path,
    missing: Sequence[PlannedRun],
    jobs: int,
) -> Cost:
    """What the plan and its searches take, of which the trials are `known`. One run of each configuration is timed, for what is
    missing and for more seeds alike."""
    each = {run.id: run for run in study.runs}
    took = _took(sweep, logs, tuple(each.values()), bool(missing), owncode.places(study))
    by_id = dict(zip(each, took.times, strict=True)) if took.times else {}
    beside = min(jobs, max(len(missing), 1))
    searched = [_search(group, study, known.get(group.name, ())) for group in study.groups if group.search]
    return Cost(
        runs=len(study.runs),
        missing=len(missing),
        in_progress=_in_progress(sweep, study),
        jobs=jobs,
        seconds=sum(by_id[run.id] for run in missing) / beside if took.times else None,
        source=took.source,
        logged=took.logged,
        per_seed=sum(by_id.values()) / jobs if took.times else None,
        examples=_examples(study),
        searches=tuple(one for one, _ in searched),
        start=max([took.start, *(start for _, start in searched)]) or None,
    )


@dataclass(frozen=True)
class _Took:
    """The seconds that each of some runs takes (None: not known), whether logs say so, where it is from in words, and the seconds
    that it took to import torch and to read the data (0: not seen)."""

    times: list[float] | None
    logged: bool
    source: str
    start: float = 0.0


def _search(group: Group, study: Study, known: Sequence[Trial]) -> tuple[SearchCost, float]:
    """What a search takes: a trial as long as those that have run, else as some that are spread over its space; and the start."""
    plan = group.search
    assert plan is not None
    done = [trial for trial in known if trial.status in CONCLUDED]
    most = limit(plan, study.baseline)
    ended = [trial.seconds for trial in done if trial.status == "finished"]
    timed, start = (None, 0.0) if ended else _timed(plan, study)
    seconds = mean(trial.seconds for trial in done) if done else timed
    over, spent = is_over(plan, known, most), wall(known)
    one = mean(ended) if ended else timed
    return SearchCost(group.name, most, plan.minutes, len(done), spent, over, seconds, plan.confirm, one), start


def _timed(plan: SearchPlan, study: Study) -> tuple[float | None, float]:
    """The mean seconds of trials that are spread over the space, by a few steps of each, None where these cannot be timed; and
    the start."""
    configs = [active({**study.baseline, **plan.settings(point)}) for point in plan.spread(SAMPLED)]
    runs = [PlannedRun("sample", config_id(config), config, SEED) for config in configs]
    took = _took(None, study.path, runs, True, owncode.places(study))
    if not took.times:
        return None, took.start
    waits = [PROPOSED + (ASKED * whole(config, "epochs") if plan.pruner != "none" else 0.0) for config in configs]
    return mean(map(sum, zip(took.times, waits, strict=True))), took.start


def _took(sweep: Sweep | None, logs: Path, runs: Sequence[PlannedRun], needed: bool, places: Sequence[Path]) -> _Took:
    """What each of `runs` takes, by the logs: else a few steps are timed, where it is `needed`. Modules of the user's own lie in
    `places`."""
    times = run_seconds(sweep, runs)
    if times is not None or not needed or not importlib.util.find_spec("torch"):
        return _Took(times, times is not None, f"the finished runs in {called(logs)}")
    fresh, begun = "torch" not in sys.modules, time.perf_counter()
    from sweepbook.runner.training.pilot import run_seconds as timed

    start = time.perf_counter() - begun if fresh else 0.0
    try:
        times = timed(runs, "cpu", places)
    except Unread:  # a mistake in the plan itself
        raise
    except (SweepbookError, RuntimeError) as error:  # what torch cannot make or the data cannot give, `run` will say too
        print(f"a few steps could not be timed: {error}", file=sys.stderr)
    return _Took(times, False, "a few steps of each configuration, timed here on the CPU", start)


def _examples(study: Study) -> int | None:
    """The examples that all planned runs train on; None where the settings do not say."""
    seen = {point.member.id: point.examples for question in planned(study) for point in question.points}
    own = [seen.get(key) for key in study.labels]
    return len(study.seeds) * sum(count for count in own if count) if own and all(own) else None


def _in_progress(sweep: Sweep | None, study: Study) -> str:
    """How many of the missing runs are in progress: ", of these 1 running"; "" where none is."""
    if sweep is None:
        return ""
    words = running_words(totals(sweep, study, sweep.used).running, silent(sweep, study, time.time()))
    return f", of these {w.listing(words)}" if words else ""
