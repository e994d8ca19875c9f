"""A name as a person types it in, what it means in a study out; or an error that tells the nearest name that is known."""

from dataclasses import dataclass
from pathlib import PurePath

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.trials import is_trial
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.suggest import closest, nearest

GROUP, CONFIGURATION, RUN, UNREADABLE = "group", "configuration", "run", "unreadable log"


@dataclass(frozen=True)
class Meaning:
    """One thing that a name stands for: of which kind it is, and its key among them: the group's name, the
    configuration's id, the log's folder."""

    kind: str
    key: str


def meanings(name: str, findings: Findings, sweep: Sweep) -> tuple[Meaning, ...]:
    """All that `name` stands for: a group before configurations, by label or id, before a log, and else a trial by
    its label; SweepbookError for nothing."""
    groups = [Meaning(GROUP, found.group.name) for found in findings.groups if found.group.name == name]
    labels = findings.labels
    configurations = [Meaning(CONFIGURATION, key) for key, own in labels.items() if name in (*own, key)]
    folder = name if name in set(sweep.runs["log"]) else PurePath(name).name
    kinds = dict.fromkeys(sweep.problems["log"], UNREADABLE) | dict.fromkeys(sweep.runs["log"], RUN)
    logs = [Meaning(kinds[folder], folder)] if folder in kinds else []
    found = (*groups, *configurations, *logs) or _trials(name, sweep)
    if not found:
        named = [*(g.group.name for g in findings.groups), *(label for own in labels.values() for label in own)]
        every = [*named, *sweep.runs["label"][is_trial(sweep)], *kinds]
        known = named if named and closest(name, every) is None else every  # nobody looks for a log in a list
        raise SweepbookError(f'"{name}" is no group, no label of a configuration and no log of this study; {nearest(name, known)}')
    return found


def _trials(name: str, sweep: Sweep) -> tuple[Meaning, ...]:
    """The logs of the trial of that label, the last one first."""
    own = sweep.runs[sweep.runs["label"].eq(name) & is_trial(sweep)]
    return tuple(Meaning(RUN, log) for log in own.sort_values("started", ascending=False)["log"])


def group_named(name: str, findings: Findings) -> GroupFindings:
    """The group of that name; SweepbookError where there is none."""
    for found in findings.groups:
        if found.group.name == name:
            return found
    raise SweepbookError(f'"{name}" is no group of this study; {nearest(name, (g.group.name for g in findings.groups))}')
