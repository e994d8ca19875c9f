"""Questions in, the settings out that cannot act, so that a difference in them is none (SB109)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, named, places, together
from sweepbook.analysis.checks.context import Context
from sweepbook.analysis.checks.points import Point, Question
from sweepbook.runner.config import Config, is_trained_here, whole
from sweepbook.runner.values import is_finite, level_text

PATIENCE = re.compile(r"(^|_)patience$")


@dataclass(frozen=True)
class Idle:
    """A setting that does not act at some points of a group; `why` is the sentence that says why."""

    setting: str
    why: str
    point: Point


def idle_settings(context: Context) -> Iterator[Check]:
    """SB109."""
    questions = context.questions
    for question in questions:
        yield from _one_configuration(question)
    places_of: dict[tuple[str, str], dict[str, list[Point]]] = {}
    for question in questions:
        for idle in _idle(question):
            places_of.setdefault((idle.setting, idle.why), {}).setdefault(question.name, []).append(idle.point)
    for (setting, why), points in places_of.items():
        for group, names in together(context.study, "SB109", list(points)):
            labels = tuple(dict.fromkeys(point.label for name in names for point in points[name]))
            message = f"{setting} cannot act {places(names, len(questions))} ({named(labels)}). {why}."
            varied = group and any(setting in q.factors for q in questions if q.name == group)
            yield Check("SB109", group, labels, message, (setting,) if varied else (), groups=names)


def _one_configuration(question: Question) -> Iterator[Check]:
    """Labels of one group that stand for the same configuration, by the factors that differ between them."""
    same: dict[str, list[Point]] = {}
    for point in question.points:
        same.setdefault(point.member.id, []).append(point)
    same_but_for: dict[tuple[str, ...], list[list[Point]]] = {}
    for points in same.values():
        if len(points) > 1:
            varied = tuple(f for f in question.factors if len({p.levels.get(f) for p in points}) > 1)
            same_but_for.setdefault(varied, []).append(points)
    for varied, sets in same_but_for.items():
        labels = tuple(point.label for points in sets for point in points)
        what = f"{w.listing(varied)} cannot act in" if varied else "Nothing that acts differs between"
        stand = "one configuration" if len(sets) == 1 else w.plural(len(sets), "configuration")
        message = f"{what} {named(labels)}: these {len(labels)} labels stand for {stand}."
        yield Check("SB109", question.name, labels, message, varied if len(varied) == 1 else ())


def _idle(question: Question) -> Iterator[Idle]:
    """The settings that do not act for what the other settings are."""
    capped = [idle for point in question.points if (idle := _capped(point))]
    if len(capped) == len(question.points) or (len(capped) > 1 and "valid_steps" in question.factors):
        yield from capped
    for point in question.points:
        config = point.config
        if config.get("optimizer") == "SGD" and config.get("dampening") and not config.get("momentum"):
            yield Idle("dampening", "There is no momentum for it to dampen", point)
        if is_trained_here(config) and config.get("schedule") == "step" and whole(config, "step_epochs") >= whole(config, "epochs"):
            yield Idle("step_epochs", "The rate would first fall after the run's last epoch", point)
        for key, value in config.items():
            if _waits(key, config) and is_finite(value) and point.epochs and float(str(value)) >= point.epochs:
                yield Idle(key, f"Waiting for {level_text(value)} epochs takes longer than a run has", point)


def _waits(key: str, config: Config) -> bool:
    """Whether the setting does nothing but wait so many epochs. Our own trainer's patience also goes back to the best epoch."""
    return _is_patience(key) and not (key == "patience" and is_trained_here(config))


@cache
def _is_patience(key: str) -> bool:
    return bool(PATIENCE.search(key))


def _capped(point: Point) -> Idle | None:
    """Where the validation batches asked for hold more examples than there are."""
    steps, batch = point.config.get("valid_steps"), point.config.get("batch_size")
    if type(steps) is int and type(batch) is int and point.valid and steps * batch >= point.valid:
        return Idle("valid_steps", f"The batches asked for hold all {w.count(point.valid)} validation examples or more", point)
    return None
