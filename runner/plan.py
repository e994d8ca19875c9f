"""A study.toml in, a checked `Study` out; or one message with the file, the line and the key that is wrong."""

from collections.abc import Iterable
from pathlib import Path

from sweepbook.runner import planhead
from sweepbook.runner.config import Config, active
from sweepbook.runner.plangroup import group_at
from sweepbook.runner.planreading import FILE, Reading, reading
from sweepbook.runner.plansettings import foreign_baseline, settings
from sweepbook.runner.prediction import Beats
from sweepbook.runner.study import Group, Study
from sweepbook.runner.trials import label
from sweepbook.runner.truisms import classifier

MOST_GROUPS = 1_000
LONGEST_LABEL = 200  # letters; a label is part of a folder's name


def load_study(where: Path) -> Study:
    """The plan at `where`, a folder with a study.toml or the file itself; PlanError where it cannot be followed."""
    plan = reading(where)
    _check_tables(plan)
    trains = any(not isinstance(group, dict) or "where" not in group for group in plan.table["group"])
    plan.check_keys(("study",), plan.table["study"], planhead.KEYS, ("title", "seeds") if trains else ("title",))
    baseline = settings(plan, ("baseline",), plan.table.get("baseline", {})) if trains else foreign_baseline(plan)
    study = _study(plan, baseline, tuple(group_at(plan, i, baseline) for i in range(len(plan.table["group"]))))
    _check_names(plan, study)
    _check_labels(plan, study)
    _check_predictions(plan, study)
    return study


def _check_tables(plan: Reading) -> None:
    """The tables of a plan are those that there may be, and it has groups."""
    plan.check_keys((), plan.table, ("study", "logs", "baseline", "group"), ("study", "group"))
    for name, kind in (("study", dict), ("logs", dict), ("baseline", dict), ("group", list)):
        plan.get((name,), kind, "an array of tables" if kind is list else "a table", kind())
    if not plan.table["group"]:
        raise plan.error(("group",), "no group in it")
    if len(plan.table["group"]) > MOST_GROUPS:
        raise plan.error(("group",), f"{len(plan.table['group']):,} groups found, at most {MOST_GROUPS:,} expected")


def _study(plan: Reading, baseline: Config, groups: tuple[Group, ...]) -> Study:
    """The whole plan."""
    return Study(
        name=plan.path.resolve().parent.name if plan.path.name == FILE else plan.path.stem,
        path=plan.path,
        title=plan.text(("study", "title")),
        subtitle=plan.text(("study", "subtitle")),
        author=plan.text(("study", "author")),
        project=plan.text(("study", "project")),
        metric=planhead.metric(plan) if _foreign(groups) else planhead.trained_metric(plan),
        goal=planhead.goal(plan),
        goal_by_name="goal" not in plan.table["study"],
        seeds=planhead.seeds(plan) if "seeds" in plan.table["study"] else (),
        baseline=active(baseline),
        groups=groups,
        silence=planhead.silence(plan, ("study", "silence")),
        rules=planhead.rules(plan),
        logs=planhead.logs(plan),
    )


def _foreign(groups: Iterable[Group]) -> bool:
    """Whether the metric may be one that only the logs of other tools have."""
    known = list(groups)
    return any(group.where is not None for group in known) and not any(group.search for group in known)


def _check_names(plan: Reading, study: Study) -> None:
    """Group names are unique."""
    seen = set[str]()
    for i, group in enumerate(study.groups):
        if group.name in seen:
            raise plan.error(("group", i, "name"), f'"{group.name}" is the name of an earlier group too')
        seen.add(group.name)


def _check_labels(plan: Reading, study: Study) -> None:
    """Labels are unique, and short enough for the name of a folder."""
    seen = set[str]()
    for i, group in enumerate(study.groups):
        for member in group.members:
            if len(member.label) > LONGEST_LABEL:
                found = f"a label of {len(member.label)} letters"
                raise plan.error(("group", i), f"{found}; at most {LONGEST_LABEL} make a folder's name")
            if member.label in seen:
                raise plan.error(("group", i), f'label "{member.label}" stands for two configurations; rename one')
            seen.add(member.label)
        if group.search and len(label(group.name, 0)) > LONGEST_LABEL:
            raise plan.error(("group", i, "name"), f"{len(group.name)} letters found; fewer make a trial's name")


def _check_predictions(plan: Reading, study: Study) -> None:
    """Every prediction may come out either way, as far as the plan knows that."""
    members = {group.name: group.members for group in study.groups}
    for i, group in enumerate(study.groups):
        classifies = classifier(study.metric, group.where is None)
        for j, prediction in enumerate(group.predictions):
            others = members[prediction.group] if isinstance(prediction, Beats) else ()
            if why := prediction.truism(study.metric, group.members, others, classifies):
                raise plan.error(("group", i, "prediction", j), f"says nothing: {why}")
