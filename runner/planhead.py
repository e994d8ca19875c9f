"""A reading of a plan in, what its tables [study] and [logs] say out, each value checked."""

import os
from dataclasses import fields
from pathlib import Path

from sweepbook.runner.lines import Key
from sweepbook.runner.metric import GOALS, LOGGED
from sweepbook.runner.metric import goal as goal_of
from sweepbook.runner.planreading import Reading
from sweepbook.runner.rules import Rules
from sweepbook.runner.study import CHECKS
from sweepbook.runner.suggest import nearest

KEYS = ("title", "subtitle", "author", "project", "metric", "goal", "seeds", "silence")  # of [study]


def metric(plan: Reading) -> str:
    """The metric that the plan names, which is none of the test data."""
    name = plan.text(("study", "metric"), "valid_accuracy")
    if name.startswith("test_"):
        raise plan.error(("study", "metric"), f'"{name}" would choose by the test data; choose by validation')
    return name


def trained_metric(plan: Reading) -> str:
    """The metric of a plan whose runs are all trained here, which is one that the runner logs."""
    name = metric(plan)
    if name not in LOGGED:
        raise plan.error(("study", "metric"), f'"{name}" is not logged by the runner; {nearest(name, LOGGED)}')
    return name


def goal(plan: Reading) -> str:
    """The goal that the plan has, else that which the metric's name tells."""
    if "goal" not in plan.table["study"]:
        implied = goal_of(name := metric(plan))
        if implied is None:
            remedy = 'add goal = "maximize" where higher is better, goal = "minimize" where lower is'
            raise plan.error(("study", "metric"), f'"{name}" does not say which way is better; {remedy}')
        return implied
    written = plan.text(("study", "goal"))
    if written not in GOALS:
        raise plan.error(("study", "goal"), f'"{written}" found, "maximize" or "minimize" expected')
    return written


def seeds(plan: Reading) -> tuple[int, ...]:
    """The seeds of the plan, each once."""
    given = plan.get(("study", "seeds"), list, "a list of whole numbers")
    wrong = [seed for seed in given if type(seed) is not int or not 0 <= seed < 2**63]
    if not given or wrong or len(set(given)) < len(given):
        raise plan.error(("study", "seeds"), f"{given!r} found, a list of different whole numbers from 0 expected")
    return tuple(given)


def silence(plan: Reading, key: Key) -> dict[str, str]:
    """The checks that are silenced at `key`, each with the reason."""
    table = plan.get(key, dict, "a table of checks, each with the reason", {})
    for code, reason in table.items():
        if code not in CHECKS:
            raise plan.error((*key, code), f"unknown check; {nearest(code, CHECKS)}")
        if not isinstance(reason, str) or not reason.strip():
            raise plan.error((*key, code), f"{reason!r} found, the reason as text expected")
    return {code: " ".join(reason.split()) for code, reason in table.items()}


def rules(plan: Reading) -> Rules:
    """How logs of other tools are to be read."""
    table = plan.get(("logs",), dict, "a table", {})
    plan.check_keys(("logs",), table, ("folder", *(field.name for field in fields(Rules))))
    renamed = plan.get(("logs", "map"), dict, "a table of their names, each with ours", {}) if "map" in table else {}
    if not all(isinstance(own, str) and own for own in renamed.values()):
        raise plan.error(("logs", "map"), "a table of their names, each with ours, expected")
    lists = {name: plan.names(("logs", name)) for name in ("ignore", "keep", "metrics", "settings") if name in table}
    texts = {name: plan.text(("logs", name)) for name in ("seed", "at") if name in table}
    return Rules(map=tuple(renamed.items()), **lists, **texts)  # type: ignore[arg-type]


def logs(plan: Reading) -> Path | None:
    """Where the run logs lie, from the folder of the plan; None for the usual place."""
    if "folder" not in plan.table.get("logs", {}):
        return None
    return Path(os.path.normpath(plan.path.parent / plan.text(("logs", "folder"))))
