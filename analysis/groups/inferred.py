"""A folder of run logs without a plan in, a plan of one group of all its runs out, and what they are ranked by."""

from collections import Counter
from pathlib import Path

from sweepbook.analysis.logs.sweep import METRICS, Sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.metric import UNSAID
from sweepbook.runner.metric import goal as goal_of
from sweepbook.runner.study import Group, Study

USUAL = ("valid_accuracy", "valid_loss")  # what runs without a plan are ranked by, where they log it


def usual_metric(text: str, sweep: Sweep, asked: str | None) -> str:
    """What runs without a plan are ranked by: the metric that is asked for, else accuracy, else the loss, else the only one. Where
    no run counts the name is all that there is of it."""
    names = sweep.names(METRICS)
    if sweep.runs.empty:
        raise SweepbookError(f"{text}: {_unused(sweep)}")
    if sweep.used.empty:
        return asked or USUAL[0]
    if asked is None:
        usual = next((name for name in USUAL if name in names), None)
        if usual is None and len(names) > 1:
            raise SweepbookError(f"{text}: logs {', '.join(names)}; name the one to compare by with --metric")
        return usual or names[0]
    if asked not in names and not (asked == "gap" and sweep.runs["gap"].notna().any()):
        raise SweepbookError(f"{text}: no run logs {asked}; name one of theirs with --metric: {', '.join(names)}")
    return asked


def _unused(sweep: Sweep) -> str:
    """Why no log has a metric: the commonest reason why logs do not count, and how many have it."""
    if sweep.problems.empty:
        return "has no run logs any more"
    (reason, often), *rest = Counter(sweep.problems["reason"]).most_common()
    told = "1 log does not count" if often == 1 else f"{often} logs do not count"
    return f"{told}: {reason}" + (f"; {sum(n for _, n in rest)} more for other reasons" if rest else "")


def every_run(logs: Path, metric: str, goal: str | None) -> Study:
    """A plan for logs without one: a single group of all runs, and no prediction. SweepbookError where which way the metric is
    better is neither given nor told by its name."""
    name = logs.resolve().name
    group = Group("all", "All runs", "", "", (), (), (), {}, ())
    goal = goal or goal_of(metric)
    if goal is None:
        raise SweepbookError(f"{metric}: {UNSAID}")
    return Study(name, logs / "study.toml", name, "", "", "", metric, goal, (), {}, (group,))
