"""Questions in, what their design alone leaves open out: what moves along with a factor (SB101, SB102), what was held at one value
(SB105), runs too short to overfit (SB107)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, places, together
from sweepbook.analysis.checks.context import Context
from sweepbook.analysis.checks.points import Point, Question
from sweepbook.runner.values import level_text

TOLERANCE = 1.05  # max/min from which on a quantity is said to move
QUANTITIES = ("steps", "examples", "parameters")
WORDS = {"steps": "optimiser steps", "examples": "examples seen", "parameters": "parameters"}
DURATIONS = ("epochs", "steps")  # how the names of settings end that are a number of steps, by another word
WIDTHS = ("units1", "units2", "channels", "width", "hidden_size")  # settings that are a number of parameters, by another word
RATES = ("lr", "learning_rate")
DEPENDS_ON_RATE = ("optimizer", "batch_size")
PASSES = 2  # over the training data, below which a run cannot overfit by repetition


@dataclass(frozen=True)
class Move:
    """The points between which a quantity moves furthest while one factor alone varies."""

    low: Point
    high: Point
    first: int
    last: int

    @property
    def ratio(self) -> float:
        """The larger value over the smaller one."""
        return self.last / self.first

    @property
    def text(self) -> str:
        """From where to where, and how many times."""
        ends = f"from {w.count(self.first)} ({self.low.label}) to {w.count(self.last)} ({self.high.label})"
        return f"{ends}, {self.times} times"

    @property
    def times(self) -> str:
        """The ratio as a person says it: "32", "1.6", "1.06"."""
        digits = 0 if self.ratio >= 9.5 else 1 if self.ratio >= 1.1 else 2
        return f"{self.ratio:,.{digits}f}".removesuffix(".0")


def slices(question: Question, factor: str) -> list[list[Point]]:
    """The points between which `factor` alone varies."""
    rest = [other for other in question.factors if other != factor]
    parts: dict[tuple[str, ...], list[Point]] = {}
    for point in question.points:
        if factor in point.levels:
            parts.setdefault(tuple(point.levels.get(other, "") for other in rest), []).append(point)
    return [points for points in parts.values() if len({point.levels[factor] for point in points}) > 1]


def _move(parts: Sequence[Sequence[Point]], value: Callable[[Point], int | None], least: float) -> Move | None:
    """How far a quantity moves within one of `parts`, the widest of them; None below `least` times."""
    widest: Move | None = None
    for points in parts:
        known = [(number, point) for point in points if (number := value(point))]
        if len(known) > 1:
            (first, low), (last, high) = min(known, key=lambda k: k[0]), max(known, key=lambda k: k[0])
            if last / first > max(least, widest.ratio if widest else 0):
                widest = Move(low, high, first, last)
    return widest


def moving_quantities(context: Context) -> Iterator[Check]:
    """SB101."""
    for question in context.questions:
        yield from _moving_quantities(question)


def _moving_quantities(question: Question) -> Iterator[Check]:
    """A number of epochs is a number of steps and a width a number of parameters: neither moves with the other. Two widths
    are told of together where one of them brings more parameters."""
    widths: dict[str, Move] = {}
    for factor in question.factors:
        parts = slices(question, factor)
        moves = {q: move for q in QUANTITIES if (move := _move(parts, lambda p, q=q: getattr(p, q), TOLERANCE))}  # type: ignore[misc]
        if factor.endswith(DURATIONS):
            moves = {q: move for q, move in moves.items() if q == "parameters"}
        if factor in WIDTHS and "parameters" in moves:
            widths[factor] = moves.pop("parameters")
        if moves:
            name = w.setting_name(factor)
            sentences = [f"With {name}, {WORDS[q]} change too, {move.text}." for q, move in moves.items()]
            labels = tuple(dict.fromkeys(p.label for move in moves.values() for p in (move.low, move.high)))
            doubt = f"{w.listing([WORDS[q] for q in moves])} changed with it"
            yield Check("SB101", question.name, labels, " ".join(sentences), (factor,), limits="cause", doubt=doubt)
    if len(widths) > 1:
        yield from _unequal_widths(question, widths)


def _unequal_widths(question: Question, widths: dict[str, Move]) -> Iterator[Check]:
    (first, more), *others = sorted(widths.items(), key=lambda item: -item[1].ratio)
    second, less = others[-1]
    if more.ratio > TOLERANCE * less.ratio:
        message = (
            f"Parameters change up to {more.times} times with {w.setting_name(first)} ({more.low.label} to {more.high.label}), "
        )
        message += f"up to {less.times} times with {w.setting_name(second)}. So the two were not changed by the same amount."
        labels = (more.low.label, more.high.label)
        yield Check("SB101", question.name, labels, message, (first, second), limits="cause")


def unlike_scores(context: Context) -> Iterator[Check]:
    """SB102."""
    for question in context.questions:
        move = _move([question.points], lambda p: p.scored, 1.0)
        if move is None:
            continue
        moving = tuple(factor for factor in question.factors if _move(slices(question, factor), lambda p: p.scored, 1.0))
        factors = moving if len(moving) == 1 else ()
        ends = f"{w.count(move.first)} ({move.low.label}) to {w.count(move.last)} ({move.high.label})"
        message = f"With {w.setting_name(factors[0])}, scores rest on {ends}" if factors else f"Scores rest on {ends}"
        labels = (move.low.label, move.high.label)
        doubt = "scores rest on different numbers of validation examples"
        yield Check("SB102", question.name, labels, f"{message} validation examples.", factors, limits="cause", doubt=doubt)


def one_rate(context: Context) -> Iterator[Check]:
    """SB105."""
    questions = context.questions
    crossed = {f for q in questions for f in q.factors if set(RATES) & set(q.factors) and slices(q, f)}
    for question in questions:
        for factor in (f for f in DEPENDS_ON_RATE if f in question.factors and f not in crossed):
            rates = {level_text(point.config[key]) for point in question.points for key in RATES if key in point.config}
            if len(rates) == 1 and len({point.levels.get(factor) for point in question.points}) > 1:
                message = (
                    f"Each {w.setting_name(factor)} ran at one learning rate, {rates.pop()}. It may do better at a rate of its own."
                )
                doubt = "each may do better at a learning rate of its own"
                yield Check("SB105", question.name, question.labels, message, (factor,), limits="cause", doubt=doubt)


def few_passes(context: Context) -> Iterator[Check]:
    """SB107."""
    questions = context.questions
    short: dict[str, dict[str, tuple[float, str]]] = {}
    for question in questions:
        passes = {p.member.id: (p.examples / p.train, p.label) for p in question.points if p.examples and p.train}
        if few := {ident: seen for ident, seen in passes.items() if seen[0] < PASSES}:
            short[question.name] = few
    for group, names in together(context.study, "SB107", list(short)):
        runs = list({ident: short[name][ident] for name in (*names, *reversed(names)) for ident in short[name]}.values())
        (low, first), (high, last) = min(runs, key=itemgetter(0)), max(runs, key=itemgetter(0))
        ends = f"{low:.2g} times ({first})" + (f" to {high:.2g} times ({last})" if f"{high:.2g}" != f"{low:.2g}" else "")
        message = f"Runs {places(names, len(questions))} see the training data {ends}. With fewer than {PASSES} passes, "
        message += "overfitting cannot be tested."
        yield Check("SB107", group, tuple(label for _, label in runs), message, groups=names, limits="gap")
