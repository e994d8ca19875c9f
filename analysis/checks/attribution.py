"""Questions in, the comparisons out in which more than one setting differs: no difference can be put down to one (SB104)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, named
from sweepbook.analysis.checks.context import Context
from sweepbook.analysis.checks.points import Point, Question
from sweepbook.runner.config import Config, active, defaults
from sweepbook.runner.member import selects
from sweepbook.runner.prediction import Beats, Better, Trend
from sweepbook.runner.settings import BESIDE, MODEL_SETTINGS, OPTIMIZER_SETTINGS
from sweepbook.runner.values import level_text

DEFAULT = "default"
# Settings that exist only at some values of another: where they come or go with it, they are part of its difference.
BELONGING = {
    "depth": frozenset({"units2"}),
    "model": frozenset({*(key for keys in MODEL_SETTINGS.values() for key in keys), "blocks"}),
    "optimizer": OPTIMIZER_SETTINGS,
    "schedule": frozenset(key for key, (other, _) in BESIDE.items() if other == "schedule"),
    "patience": frozenset({"watch"}),
}
NESTED = frozenset().union(*BELONGING.values())
SEARCHED = 20  # configurations from which on trends over all of them are told
LOOKED_AT = 30  # configurations of a kind that are compared pair by pair


@dataclass(frozen=True)
class Texts:
    """The settings of a configuration as text: as they are, and with "default" for what they are when left out."""

    actual: Mapping[str, str]
    named: Mapping[str, str]


def texts(config: Config) -> Texts:
    """The settings that act, those at their defaults among them."""
    usual = {key: level_text(value) for key, value in defaults(config).items()}
    actual = {**usual, **{key: level_text(value) for key, value in active(config).items()}}
    return Texts(actual, {key: DEFAULT if usual.get(key) == text else text for key, text in actual.items()})


def unlike(sides: Sequence[Sequence[Texts]]) -> tuple[str, ...]:
    """The settings whose values are not spread alike over the sides, each a set of configurations."""
    first = sides[0][0].actual
    differing = {key for side in sides for settings in side for key, _ in settings.actual.items() ^ first.items()}
    return tuple(
        key for key in sorted(differing) if _spread(sides, key, False) and _spread(sides, key, True) and not _nested(sides, key)
    )


def _spread(sides: Sequence[Sequence[Texts]], key: str, named: bool) -> bool:
    """Whether one value of `key` has a larger share on one side than on another."""
    counts = [Counter((settings.named if named else settings.actual).get(key) for settings in side) for side in sides]
    return any(
        count[value] * len(sides[0]) != counts[0][value] * len(side)
        for count, side in zip(counts[1:], sides[1:], strict=True)
        for value in {**counts[0], **count}
    )


def _nested(sides: Sequence[Sequence[Texts]], key: str) -> bool:
    """Whether `key` differs only in that some side does not have it at all, because of the setting that it belongs to."""
    if key not in NESTED:
        return False
    having = [side for side in sides if any(key in settings.actual for settings in side)]
    return len(having) < len(sides) and not (len(having) > 1 and _spread(having, key, False))


def several_differences(context: Context) -> Iterator[Check]:
    """SB104. Of a group whose first tier is not known, any configuration may be the best."""
    configs: dict[str, Config] = {}
    for question in context.questions:
        for point in question.points:
            configs.setdefault(point.member.id, point.config)
    known = _Known(configs)
    by_name = {question.name: question for question in context.questions}

    def top(name: str) -> list[Texts]:
        best = [known[ident] for ident in context.best.get(name, ()) if ident in known.configs]
        return best or _of(by_name[name].points, known)

    for question in context.questions:
        if alone := _alone(question, known):
            yield _several(question, alone)
        else:
            yield from _compared(question, known)
            yield from _groups(question, top)


class _Known(dict[str, Texts]):
    """The settings of configurations as text, by id: of those that are asked for, which most are not where nothing is predicted."""

    def __init__(self, configs: Mapping[str, Config]) -> None:
        super().__init__()
        self.configs = configs

    def __missing__(self, ident: str) -> Texts:
        self[ident] = texts(self.configs[ident])
        return self[ident]


def _of(points: Sequence[Point], known: Mapping[str, Texts]) -> list[Texts]:
    return [known[point.member.id] for point in points]


def _alone(question: Question, known: Mapping[str, Texts]) -> list[Point]:
    """The points of a list of configurations that differ from every other in two settings or more. A grid has none."""
    if question.group.where is None and "name" not in question.group.factors:
        return []
    different = {point.member.id: point for point in question.points}
    if len(different) < 2:
        return []
    near: set[str] = set()
    for ids in _all_but_one({ident: known[ident].named for ident in different}):
        near.update(i for i in ids if i not in near and _near(known[i], [known[other] for other in ids[:LOOKED_AT] if other != i]))
    return [point for ident, point in different.items() if ident not in near]


def _all_but_one(named: Mapping[str, Mapping[str, str]]) -> Iterator[list[str]]:
    """Sets of configurations that have the same settings but for one, and for those that belong to it."""
    first = next(iter(named.values()))
    varied = {key for settings in named.values() for key, _ in settings.items() ^ first.items()}
    for left in sorted(varied):
        rest = sorted(varied - BELONGING.get(left, frozenset()) - {left})
        buckets: dict[tuple[str | None, ...], list[str]] = {}
        for ident, settings in named.items():
            buckets.setdefault(tuple([settings.get(key) for key in rest]), []).append(ident)
        yield from (ids for ids in buckets.values() if len(ids) > 1)


def _near(own: Texts, others: Sequence[Texts]) -> bool:
    return any(len(unlike([[own], [other]])) == 1 for other in others)


def _several(question: Question, alone: Sequence[Point]) -> Check:
    labels = tuple(point.label for point in alone)
    does = "differs" if len(labels) == 1 else "each differ"
    message = f"{named(labels)} {does} from every other configuration of the group in two settings or more. "
    between = " between two of them" if len(labels) >= SEARCHED else ""  # over so many, trends tell more
    message += f"No difference{between} can be put down to a single one."
    return Check("SB104", question.name, labels, message, limits="cause", doubt="configurations differ in two settings or more")


def _compared(question: Question, known: Mapping[str, Texts]) -> Iterator[Check]:
    """The predictions that compare configurations of one group which differ in more than one setting."""
    for prediction in question.group.predictions:
        points = question.points
        match prediction:
            case Better():
                sides = [[p for p in points if selects(chosen, p.member.levels)] for chosen in (prediction.better, prediction.than)]
            case Trend() if "name" in question.group.factors or question.group.where is not None:
                levels = dict.fromkeys(p.levels[prediction.of] for p in points if prediction.of in p.levels)
                sides = [[p for p in points if p.levels.get(prediction.of) == level] for level in levels]
            case _:
                continue
        if len(sides) < 2 or not all(sides):
            continue
        settings = unlike([_of(side, known) for side in sides])
        if len(settings) > 1:
            labels = tuple(dict.fromkeys(p.label for side in sides for p in side))
            message = (
                f'"{prediction.says}" compares configurations that differ in {w.listing(list(map(w.setting_name, settings)))}. '
            )
            message += "A difference cannot be put down to a single one."
            yield Check("SB104", question.name, labels, message, says=(prediction.says,), limits="cause")


def _groups(question: Question, top: Callable[[str], Sequence[Texts]]) -> Iterator[Check]:
    """The predictions by which the best of one group beats that of another, where no two of them are a setting apart."""
    held = [p for p in question.group.predictions if isinstance(p, Beats) and _apart(top(question.name), top(p.group))]
    if held:
        others = w.listing(tuple(dict.fromkeys(f'"{p.group}"' for p in held)))
        message = f"Its best and the best of {others} differ in two settings or more. "
        message += "A difference cannot be put down to a single one."
        yield Check("SB104", question.name, (), message, says=tuple(p.says for p in held), limits="cause")


def _apart(ours: Sequence[Texts], theirs: Sequence[Texts]) -> bool:
    pairs = product(islice(ours, LOOKED_AT), islice(theirs, LOOKED_AT))
    return bool(ours and theirs) and all(len(unlike([[one], [other]])) > 1 for one, other in pairs)
