"""What the command line names in, the study, its places and its runs out: of a plan, or of run logs that no plan asked for."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.logs.address import called
from sweepbook.analysis.report.places import Places, existing_sweep, inferred, inferred_tasks, is_plan, places, plan_of
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.rules import Rules
from sweepbook.runner.study import Study

if TYPE_CHECKING:
    from sweepbook.analysis.logs.sweep import Sweep


@dataclass(frozen=True)
class Subject:
    """A study with its places; `held` are its runs where they had to be read to know what the study is."""

    study: Study
    where: Places
    held: "Sweep | None" = None

    @property
    def sweep(self) -> "Sweep":
        """The runs."""
        return existing_sweep(self.study, self.where) if self.held is None else self.held


def subject(asked: argparse.Namespace, out: Path | None = None, templates: Path | None = None) -> Subject:
    """The study that is asked for, its report in `out`; SweepbookError says what is wrong with it."""
    said, metric, goal = rules(asked), getattr(asked, "metric", None), getattr(asked, "goal", None)
    place = asked.study if is_plan(asked.study) else plan_of(asked.study) or asked.study
    if is_plan(place):
        if metric or goal:
            raise SweepbookError(f"--{'metric' if metric else 'goal'}: the plan says it; change {place}")
        study = load_study(place)
        study = replace(study, rules=study.rules.with_(said))
        return Subject(study, places(study, asked.logs, out, templates))
    if asked.logs is not None:
        raise SweepbookError(
            f"--logs {called(asked.logs)}: {called(asked.study)} is itself read as run logs, for it has no study.toml"
        )
    study, sweep = inferred(asked.study, said, metric, goal)
    return Subject(study, places(study, None, out, templates), sweep)


def subjects(asked: argparse.Namespace, out: Path | None = None, templates: Path | None = None) -> tuple[Subject, ...]:
    """The same, but a study for each task where runs without a plan are of several: scores of two tasks say nothing of each
    other. Each then has its report in a folder of `out`."""
    if is_plan(asked.study) or plan_of(asked.study) or asked.logs is not None:
        return (subject(asked, out, templates),)
    several, sweep = inferred_tasks(asked.study, rules(asked), asked.metric, asked.goal)
    folders = [out / study.name if out and len(several) > 1 else out for study in several]
    return tuple(Subject(study, places(study, None, to, templates), sweep) for study, to in zip(several, folders, strict=True))


def rules(asked: argparse.Namespace) -> Rules:
    """How the command line says that logs are to be read."""
    names = {name: tuple(getattr(asked, name, None) or ()) for name in ("map", "ignore", "keep", "metrics", "settings")}
    return Rules(**names, seed=getattr(asked, "seed_column", None) or "", at=getattr(asked, "at", None) or "")
