"""A `SweepDiff` in, its lines for a terminal out, as wide as that is; the verdicts are coloured where it can show colours."""

from collections.abc import Iterator, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import conclusions, differences, heading, method, tables
from sweepbook.analysis.diff.answers import Answer, answers
from sweepbook.analysis.diff.comparisons import BETTER, WORSE
from sweepbook.analysis.diff.contents import VERDICT
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.page.fitted import Head, fitted, left_out, lines, wrapped
from sweepbook.analysis.page.spelled import spelled
from sweepbook.analysis.page.table import Column, Table
from sweepbook.analysis.page.visible import visible, visible_line

WIDTH = 100  # columns of prose, and of a pipe
ROWS = 20  # of the table, where no one asks for more
COLOURS = {BETTER: 32, WORSE: 31}
BOLD = 1
SPARE = {"what it is": 2, "more seeds": 1}  # columns that a narrow terminal does without, the highest first


def text(
    diff: SweepDiff, top: int | None = None, colours: bool = False, width: int | None = None, encoding: str | None = None
) -> str:
    """The answers first, then the comparisons (the first `top` of them), the expectations that changed, and all the rest; in so
    many columns, in letters that the encoding has."""
    return "\n".join([*_Shown(width or WIDTH, colours, encoding).everything(diff, top or ROWS), ""])


class _Shown:
    """What is shown in so many columns of a terminal, with styles or without."""

    def __init__(self, width: int, styles: bool, encoding: str | None) -> None:
        self.width, self.prose, self.styles, self.encoding = width, min(width, WIDTH), styles, encoding

    def everything(self, diff: SweepDiff, top: int) -> Iterator[str]:
        """All lines."""
        found = answers(diff)
        yield from self._answers(found)
        yield from self._part("Why", [" ".join(one.why) for one in found if one.why])
        if not all(one.same_runs for one in diff.comparisons):
            yield from self._comparisons(diff, top)
        yield from self._turned("Expectations that changed", conclusions.shared(diff), tables.expectations(diff))
        yield from self._turned("Other conclusions that changed", (), tables.others(diff))
        yield from self._part("Time and parameters", differences.cost(diff))
        yield from self._part("Not matched", differences.unmatched(diff))
        yield from self._part("Not comparable", _incomparable(diff))
        yield from self._part("Compared", [f"{name}: {value}" for name, value in heading.facts(diff)])
        yield from self._part("How we know", method.known(diff))

    def _answers(self, found: Sequence[Answer]) -> Iterator[str]:
        """The bold line of each answer beside its question, or by itself where there is one."""
        beside = max(len(one.question) for one in found) + 2 if len(found) > 1 else 0
        for one in found:
            question = one.question.ljust(beside)[:beside]
            for line in wrapped(self._spelled(visible(one.says)), max(self.prose - beside, beside), cut=True):
                yield question + self._style(line, BOLD)
                question = " " * beside

    def _part(self, title: str, sentences: Sequence[str]) -> Iterator[str]:
        if sentences:
            yield from ("", self._style(title, BOLD))
        for sentence in sentences:
            yield from self._wrapped(sentence, 2)

    def _wrapped(self, sentence: str, indent: int) -> list[str]:
        margin = " " * indent
        shown = self._spelled(visible(sentence))
        return wrapped(margin + shown, self.prose, f"{margin}  ", cut=True)

    def _comparisons(self, diff: SweepDiff, top: int) -> Iterator[str]:
        table = tables.comparisons(diff, diff.metric)
        place = [column.head for column in table.columns].index(VERDICT)
        rows = [[self._spelled(visible_line(cell)) for cell in line.cells] for line in table.lines[:top]]
        for row in rows:
            row[place] = row[place].partition(":")[0]  # its reason stands on the page
        made = fitted([_head(column) for column in table.columns], rows, self.width, self._spelled("…"))
        shown = lines(made, lambda line: self._style(line, BOLD))
        title = self._style(w.metric_name(diff.metric).capitalize(), BOLD)
        yield from ("", title, *shown[: len(shown) - len(rows)])
        for line, row in zip(shown[len(shown) - len(rows) :], rows, strict=True):
            yield self._coloured(line, row[place])
        if (left := len(table.lines) - top) > 0:
            yield f"and {w.count(left)} more; --top {len(table.lines)} prints them all"
        for line in left_out(made, "--format md"):
            yield from wrapped(line, self.prose)

    def _coloured(self, line: str, verdict: str) -> str:
        """A row with its verdict, the last such word in it, in its colour."""
        if verdict not in COLOURS:
            return line
        before, _, after = line.rpartition(verdict)
        return before + self._style(verdict, COLOURS[verdict]) + after

    def _turned(self, title: str, shared: Sequence[str], found: Table) -> Iterator[str]:
        if found.lines:
            yield from ("", self._style(title, BOLD))
        for sentence in shared if found.lines else ():
            yield from self._wrapped(sentence, 2)
        for line in found.lines:
            group, says, before, now, because = line.cells
            yield from self._wrapped(f"{group}: {says}" if group != w.NONE else says, 2)
            yield from self._wrapped(f"{before} → {now}" + f": {because}" * bool(because), 4)

    def _spelled(self, shown: str) -> str:
        return spelled(shown, self.encoding)

    def _style(self, shown: str, code: int) -> str:
        return f"\x1b[{code}m{shown}\x1b[0m" if self.styles and shown else shown


def _head(column: Column) -> Head:
    return Head(column.head, column.number, SPARE.get(column.head, 0))


def _incomparable(diff: SweepDiff) -> list[str]:
    found = [f"{one.label}: {one.reason}" for one in diff.matching.incomparable]
    return found[:ROWS] + ([f"and {w.count(len(found) - ROWS)} more"] if len(found) > ROWS else [])
