"""Run logs without a plan in, a plan of the groups that their settings make out, and what they are ranked by.

docs/groups.md has the rules."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sweepbook.analysis.groups.shapes import Shape, Shapes, listed, shapes, slug
from sweepbook.analysis.groups.tasks import by_task, is_task
from sweepbook.analysis.logs.sweep import CONFIG, ENVIRONMENT, METRICS, Sweep, config_of
from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.member import Selector
from sweepbook.runner.metric import GOALS, MAXIMIZE, UNSAID
from sweepbook.runner.metric import goal as goal_of
from sweepbook.runner.study import Group, Study

SAMPLERS = {"Optuna"}  # tools that choose the next levels by the scores so far
USUAL = ("valid_accuracy", "valid_loss")  # what runs without a plan are ranked by, where they log it
SPLITS = ("valid", "", "test", "train")  # of which a score tells most, first
AS_OURS = {"val": "valid", "validation": "valid", "eval": "valid", "evaluation": "valid", "dev": "valid", "training": "train"}
PARTS = re.compile(r"[^A-Za-z0-9]+")
EFFORT = (
    "seconds",
    "latency",
    "runtime",
    "time",
    "sec",
    "s",
    "duration",
    "gap",
    "cost",
    "energy",
    "memory",
)  # no measure of a model
SPREADS = ("std", "stderr", "sd", "stdev", "sem", "variance", "var")  # say how far values lie apart, not how good they are
GOAL = f"{ENVIRONMENT}goal."  # of a metric, where the store of the runs knows it


def usual_metric(text: str, sweep: Sweep, asked: str | None) -> str:
    """What runs without a plan are ranked by: the metric that is asked for, else what they say most of a model by. Where no run
    counts the name is all that there is of it."""
    names = sweep.names(METRICS)
    if sweep.runs.empty:
        raise SweepbookError(f"{text}: {_unused(sweep)}")
    if sweep.used.empty:
        return asked or USUAL[0]
    if asked is None:
        first = _first_choices(sweep, [name for name in names if sweep.used[METRICS + name].notna().any()])
        if len(first) != 1:
            raise SweepbookError(f"{text}: logs {', '.join(first or names)}; name the one to compare by with --metric")
        return first[0]
    if asked not in names and not (asked == "gap" and sweep.runs["gap"].notna().any()):
        raise SweepbookError(f"{text}: no run logs {asked}; name one of theirs with --metric: {', '.join(names)}")
    return asked


def _first_choices(sweep: Sweep, names: Sequence[str]) -> list[str]:
    """The metrics that are equally good to rank by, one where it is clear: the goal of the store, valid_accuracy, valid_loss, then
    by split, an accuracy before what else should be high, that before a loss; of those that most runs have."""
    names = _measures(names)
    stored = [name for name in names if recorded_goal(sweep, name)]
    usual = [name for name in USUAL if name in names]
    if len(stored) == 1 or usual or len(names) < 2:
        return stored if len(stored) == 1 else usual[:1] or list(names)
    counts = {name: int(sweep.used[METRICS + name].notna().sum()) for name in names}
    common = [name for name in names if 2 * counts[name] >= max(counts.values())]
    ranks = {name: rank for name in common if (rank := _rank(sweep, name)) is not None}
    best = min(ranks.values(), default=None)
    return [name for name, rank in ranks.items() if rank == best]


def _measures(names: Sequence[str]) -> list[str]:
    """The metrics without those that say how far values lie apart, and those below test/, where others are left."""
    means = [name for name in names if set(PARTS.split(name.lower())).isdisjoint(SPREADS)] or list(names)
    return [name for name in means if not name.lower().startswith("test/")] or means


def _rank(sweep: Sweep, name: str) -> tuple[int, int] | None:
    """Where a metric stands among those to rank by; None for one that is no measure of a model, or whose better way is unknown."""
    parts = [part for part in PARTS.split(name.lower()) if part]
    way = recorded_goal(sweep, name) or goal_of(name)
    if way is None or not parts or not set(parts).isdisjoint(EFFORT):
        return None
    split = next((AS_OURS.get(part, part) for part in parts if AS_OURS.get(part, part) in SPLITS), "")
    plain = [part for part in parts if AS_OURS.get(part, part) not in SPLITS]
    kind = 0 if plain in (["accuracy"], ["acc"]) else 1 if way == MAXIMIZE else 2 if plain == ["loss"] else 3
    return SPLITS.index(split), kind


def recorded_goal(sweep: Sweep, metric: str) -> str | None:
    """Which way a metric is better by the store that its runs come from; None where it does not say."""
    if GOAL + metric not in sweep.runs.columns:
        return None
    return next((str(goal) for goal in sweep.runs[GOAL + metric] if goal in GOALS), None)


def _unused(sweep: Sweep) -> str:
    """Why no log has a metric: the commonest reason why logs do not count, and how many have it."""
    if sweep.problems.empty:
        return "has no run logs any more"
    (reason, often), *rest = Counter(sweep.problems["reason"]).most_common()
    told = "1 log does not count" if often == 1 else f"{often} logs do not count"
    return f"{told}: {reason}" + (f"; {sum(n for _, n in rest)} more for other reasons" if rest else "")


def name_of(logs: Path) -> str:
    """What runs without a plan are called: as their folder, or their file without its ending."""
    place = logs.resolve()
    return place.name if place.is_dir() else place.stem


def every_run(logs: Path, metric: str, goal: str | None) -> Study:
    """A plan for logs without one: a single group of all runs, and no prediction. SweepbookError where which way the metric is
    better is neither given nor told by its name."""
    name = name_of(logs)
    group = Group("all", "All runs", "", "", (), (), (), {}, ())
    goal = goal or goal_of(metric)
    if goal is None:
        raise SweepbookError(f"{metric}: {UNSAID}")
    return Study(name, logs / "study.toml", name, "", "", "", metric, goal, (), {}, (group,))


def studies(logs: Path, sweep: Sweep, metric: str, goal: str | None) -> tuple[Study, ...]:
    """A plan for logs without one, with the groups that the settings make; one for each task where a setting names tasks, whose
    scores are not to be compared. SweepbookError as of `every_run`."""
    whole = every_run(logs, metric, goal or recorded_goal(sweep, metric))
    tools = {tool for tool, _ in sweep.picture.tools}
    if tools and tools <= SAMPLERS:  # levels that a sampler chose make groups by chance alone
        return (whole,)
    return tuple(_study(whole, dict(task), list(configs.values())) for task, configs in by_task(configurations(sweep)).items())


def inferred_study(logs: Path, sweep: Sweep, metric: str, goal: str | None) -> Study:
    """The same as one plan: where there are several tasks it has a group for each of them."""
    several = studies(logs, sweep, metric, goal)
    if len(several) < 2:
        return several[0] if several else every_run(logs, metric, goal or recorded_goal(sweep, metric))
    setting = listed(list(_shared(several[0].groups)))
    says = f"{len(several)} tasks by {setting}, compared within and not across; sweepbook init writes a plan for each."
    groups = [group for own in several for group in _of_task(own)]
    whole = name_of(logs)
    return replace(several[0], name=whole, title=whole, subtitle=says, groups=tuple(groups), baseline={}, tasks=setting)


def _of_task(study: Study) -> Iterator[Group]:
    """The groups of one task, that of all its configurations first."""
    only = _shared(study.groups)
    task = study.title.partition(": ")[2]
    head = slug("-".join(str(values[0]) for values in only.values()))
    parts = [group for group in study.groups if group.where != only]
    whole = next((group.description for group in study.groups if group.where == only), "")
    described = f"All configurations of {task}, in {len(parts)} groups." if parts else whole
    yield Group(head, task, "", "", (), (), (), only, (), description=described)
    yield from (replace(group, name=f"{head}_{group.name}", title=f"{task}: {group.title}") for group in parts)


def _shared(groups: Sequence[Group]) -> Selector:
    """What names the task: the conditions that all groups have and that are of a task."""
    wheres = [group.where or {} for group in groups]
    return {key: values for key, values in wheres[0].items() if is_task(key) and all(own.get(key) == values for own in wheres)}


def configurations(sweep: Sweep) -> Mapping[str, Config]:
    """The settings of every configuration with a finished run, by its id."""
    names = [name for name in sweep.runs.columns if name.startswith(CONFIG)]
    rows = sweep.used[["id", *names]].drop_duplicates("id")
    return {str(row["id"]): config_of(row) for row in rows.to_dict("records")}


def _study(whole: Study, task: Mapping[str, str], configs: Sequence[Config]) -> Study:
    """The plan of one task, of all where none is named."""
    made: Shapes = shapes(configs)
    only: Selector = {name: [level] for name, level in task.items()}
    groups = [
        Group(own.name, _title(own), "", "", (), (), (), {**only, **own.where}, (), description=own.says) for own in made.groups
    ]
    if task and len(groups) > 1 and all(group.where != only for group in groups):  # what tells the groups apart may matter most
        groups.append(Group("all", "All runs", "", "", (), (), (), only, (), description="All configurations of the task."))
    name = f"{whole.name}-{slug('-'.join(task.values()))}" if task else whole.name
    title = f"{whole.title}: {listed([f'{key} {level}' for key, level in task.items()])}" if task else whole.title
    return replace(whole, name=name, title=title, groups=tuple(groups), baseline=made.baseline)


def _title(own: Shape) -> str:
    return "All runs" if own.name == "all" else own.name
