"""A sweep with the runs of a search in, the trials of each group out, and the sweep without them.

A trial chose what was looked at next, and the best of many is partly luck: its run is the search's and counts nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sweepbook.analysis.groups.importances import Importances, importances
from sweepbook.analysis.groups.summaries import GroupRows, Row, factors, summaries
from sweepbook.analysis.groups.trends import Search, search
from sweepbook.analysis.logs.sweep import ENVIRONMENT, METRICS, Sweep, config_of
from sweepbook.runner.member import Member
from sweepbook.runner.search import SearchPlan
from sweepbook.runner.study import Group, Study
from sweepbook.runner.trials import CONCLUDED, PROPOSED, SEARCH, TRIAL, Trial, by_group, is_over, limit, ranked, resolved

SAMPLER = "Optuna"  # what proposed the levels, as `trends` knows tools by
TOLD = ("finished", "pruned")  # how a trial ends of which the search tells all that there is to say


@dataclass(frozen=True, eq=False)
class Trials:
    """The search of a group: what was asked (`plan`), `every` trial by number, whether the search is `over`, and of the finished
    ones the configurations (`rows`), their `trends` and `importances`."""

    plan: SearchPlan
    every: tuple[Trial, ...]
    over: bool
    rows: GroupRows
    trends: Search | None
    importances: Importances

    @property
    def done(self) -> tuple[Trial, ...]:
        """Those that have ended."""
        return tuple(trial for trial in self.every if trial.status in CONCLUDED)

    @property
    def members(self) -> tuple[Member, ...]:
        """The configurations of those that have ended."""
        return tuple(Member(trial.label, trial.config, _levels(trial, self.plan)) for trial in self.done)

    def ended(self, status: str) -> tuple[Trial, ...]:
        """Those that ended so."""
        return tuple(trial for trial in self.every if trial.status == status)

    def best(self, sign: int) -> Trial | None:
        """The finished one with the best score; `sign` is 1 where higher is better, else -1."""
        return next(iter(ranked(self.every, sign)), None)


def searched(sweep: Sweep, metric: str) -> dict[str, tuple[Trial, ...]]:
    """The trials by their group, each number once."""
    runs = sweep.runs[is_trial(sweep)]
    if runs.empty:
        return {}
    column = METRICS + metric if METRICS + metric in runs.columns else metric
    scores = runs[column] if column in runs.columns else pd.Series(float("nan"), runs.index)
    courses = _courses(sweep, metric, set(runs["log"]))
    rows = zip(runs.to_dict("records"), scores, strict=True)
    return by_group(_trial(row, float(score), courses.get(row["log"], ())) for row, score in rows)


def is_trial(sweep: Sweep) -> "pd.Series[bool]":
    """Which of the runs are trials of some search."""
    columns = [ENVIRONMENT + SEARCH, ENVIRONMENT + TRIAL]
    facts = sweep.runs.reindex(columns=columns)
    return facts.notna().all(axis=1)


def _courses(sweep: Sweep, metric: str, logs: set[Any]) -> dict[Any, tuple[float, ...]]:
    """The metric after each epoch, by log."""
    epochs = sweep.epochs[sweep.epochs["log"].isin(logs)]
    if metric not in epochs.columns:
        return {}
    return {log: tuple(values) for log, values in epochs.groupby("log")[metric]}


def _trial(row: Mapping[Any, Any], score: float, course: tuple[float, ...]) -> Trial:
    return Trial(
        str(row[ENVIRONMENT + SEARCH]),
        int(row[ENVIRONMENT + TRIAL]),
        str(row["label"]),
        config_of(row),
        str(row["status"]),
        score if score == score else None,
        course,
        float(row["started"]),
        float(row["seconds"]) if row["seconds"] == row["seconds"] else 0.0,
        str(row.get(ENVIRONMENT + PROPOSED) or "{}"),
    )


def confirming(sweep: Sweep, study: Study) -> set[str]:
    """The ids of the configurations that have a log at a seed of the plan, and not as a trial."""
    rows = sweep.runs[~is_trial(sweep) & sweep.runs["seed"].isin(study.seeds)]
    return set(rows["id"])


def without(sweep: Sweep) -> Sweep:
    """The sweep whose trials count for no configuration. Those that ended as a search has it are no problem."""
    trial = is_trial(sweep)
    if not trial.any():
        return sweep
    runs = sweep.runs.assign(used=sweep.runs["used"].astype(bool) & ~trial)
    settled = set(runs["log"][trial & runs["status"].isin(TOLD)])
    return replace(sweep, runs=runs, problems=sweep.problems[~sweep.problems["log"].isin(settled)])


def apart(sweep: Sweep, study: Study) -> tuple[Sweep, Study, dict[str, tuple[Trial, ...]]]:
    """The sweep without its trials, the study with what its searches have come to, and the trials by group."""
    known = searched(sweep, study.metric)
    return without(sweep), resolved(study, known, confirming(sweep, study)), known


def trials(group: Group, study: Study, known: Sequence[Trial], sweep: Sweep) -> Trials | None:
    """The search of a group, whose runs are in `sweep`; None where it searches nothing."""
    if group.search is None:
        return None
    plan = group.search
    rows = _rows(group, plan, study, known, sweep)
    started = {trial.id: trial.started for trial in known}
    over = is_over(plan, known, limit(plan, study.baseline))
    free = plan.sampler == "random" and not any(trial.status == "pruned" for trial in known)
    tools = {} if free else dict.fromkeys(started, SAMPLER)
    return Trials(plan, tuple(known), over, rows, search(rows, study, started, tools), importances(plan, known))


def _rows(group: Group, plan: SearchPlan, study: Study, known: Sequence[Trial], sweep: Sweep) -> GroupRows:
    """The configurations of the finished trials, each with the score of its one run."""
    finished = {trial.label: trial for trial in known if trial.status == "finished" and trial.score is not None}
    own = is_trial(sweep) & sweep.runs["label"].isin(finished) & sweep.runs["status"].eq("finished")
    runs = sweep.runs.assign(used=own & ~sweep.runs["label"].where(own).duplicated())
    labels = {trial.id: (trial.label,) for trial in finished.values()}
    scored, _ = summaries(replace(sweep, runs=runs), study.metric, study.sign, labels, {})
    members = [Member(trial.label, trial.config, _levels(trial, plan)) for trial in finished.values()]
    return GroupRows(group, factors(members), tuple(Row(member, scored.get(member.id)) for member in members))


def _levels(trial: Trial, plan: SearchPlan) -> dict[str, Any]:
    return {name: trial.config[name] for name in plan.space if name in trial.config}
