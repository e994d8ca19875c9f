"""`sweepbook show`: the ranking in the terminal, or what there is to tell of one group, configuration or run."""

import argparse
import json
import sys
from collections.abc import Sequence

from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.subject import Subject, subject, subjects
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.export.show.as_json import shown_json
from sweepbook.analysis.export.show.as_text import Part, parts, ranking_part
from sweepbook.analysis.export.show.shown import Shown, ShownConfig, ShownGroup, loss_curves, shown
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.findings.lookup import CONFIGURATION, RUN, UNREADABLE, Meaning, meanings
from sweepbook.analysis.journal.answers import answers, lines
from sweepbook.analysis.journal.sentences import recommended, unconfirmed
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.terminal import print_answers, print_json, print_table, print_text


def command(asked: argparse.Namespace) -> int:
    name = getattr(asked, "what", None)
    if name is None and not asked.json:
        return _show_rankings(subjects(asked), asked.top)
    named = subject(asked)
    found = findings(named.sweep, named.study)
    if name is not None:
        return _show_named(name, found, named.sweep, asked.json)
    ranking = found.ranking[: asked.top]
    print_json(json.dumps(json.loads(findings_json(found))["configs"][: asked.top], indent=1, ensure_ascii=False))
    return DONE if ranking else NO_ANSWER


def _show_rankings(several: Sequence[Subject], top: int | None) -> int:
    """Prints the answers and the ranking, of each task where there are several."""
    codes = []
    for number, one in enumerate(several):
        if number:
            print()
        if len(several) > 1:
            print_text(one.study.title, heading=True)
        codes.append(_show_ranking(one, top))
    return min(codes)


def _show_ranking(named: Subject, top: int | None) -> int:
    found = findings(named.sweep, named.study)
    ranking = found.ranking[:top]
    if not ranking:
        metric = named.study.metric
        none = f"no run in {called(named.where.logs)} has finished with a {metric}, so there is nothing to rank"
        print(unconfirmed(found) or none, file=sys.stderr)
        return NO_ANSWER
    print_answers(lines(answers(found)))
    print()
    _print((ranking_part(found, top, loss_curves(named.sweep, ranking)),))
    return DONE


def _show_named(name: str, found: Findings, sweep: Sweep, as_json: bool) -> int:
    """Tells the first of what the name means, and which others it means besides."""
    meant, *others = meanings(name, found, sweep)
    if meant.kind == UNREADABLE:
        print(f"{meant.key}: {dict(found.problems)[meant.key]}", file=sys.stderr)
        return NO_ANSWER
    told = shown(meant, found, sweep)
    metric = found.study.metric
    if as_json:
        print_json(shown_json(told, metric))
    else:
        _print((*parts(told, found), *([_recommended(told.found, found)] if isinstance(told, ShownGroup) else [])))
    if others:
        print(f'"{name}" is also {_words(others)}', file=sys.stderr)
    if not _answers(told):
        print(f'no run of "{name}" has finished with a {metric}', file=sys.stderr)
        return NO_ANSWER
    return DONE


def _recommended(group: GroupFindings, found: Findings) -> Part:
    return Part(recommended(group.choice, group.ranking, found, group.labels))


def _words(others: list[Meaning]) -> str:
    """What else a name means, and what to ask for to see it."""
    ways = {CONFIGURATION: "{}", RUN: "./{}", UNREADABLE: "./{}"}
    return " and ".join(f"a {other.kind} (ask for {ways[other.kind].format(other.key)})" for other in others)


def _answers(told: Shown) -> bool:
    """Whether a finished run stands behind what is told; a run tells of itself, however it ended."""
    if isinstance(told, ShownGroup):
        return told.found.best is not None
    return told.summary is not None if isinstance(told, ShownConfig) else True


def _print(told: tuple[Part, ...]) -> None:
    for number, part in enumerate(part for part in told if part.title or part.rows or part.note):
        if number:
            print()
        if part.title:
            print_text(part.title, heading=bool(part.rows))
        if part.rows:
            print_table(part.heads, part.rows, more="--json")
        if part.note:
            print_text(part.note)
