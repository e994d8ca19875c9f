"""`sweepbook look`, or `sweepbook FOLDER` alone: what run logs lie there, what varies, what goes wrong, and what to type next."""

import argparse
import shlex
from collections import Counter
from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.subject import Subject, subject
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.journal.reading import reading
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep
from sweepbook.analysis.page.terminal import print_text
from sweepbook.analysis.report.places import is_planned
from sweepbook.runner.config import value_text

NAMED = 8  # settings, metrics and groups that are named
REASONS = 4  # of logs that do not count


def command(asked: argparse.Namespace) -> int:
    named = subject(asked)
    told = findings(named.sweep, named.study)
    for line in lines(named, told):
        print_text(line)
    print_text("")
    for line in _next(asked, named):
        print_text(line)
    return DONE if told.ranking else NO_ANSWER


def lines(named: Subject, told: Findings) -> Iterator[str]:
    """What was found, a line a matter."""
    sweep = named.sweep
    known = dict(reading(sweep.picture))
    yield f"Runs: {known.pop('Logs read', '') or w.plural(len(sweep.runs), 'run') + ' of run.toml'}; {_statuses(sweep)}."
    seeds = sweep.used["seed"].nunique()
    yield f"Configurations: {w.count(len(told.ranking))}, {w.plural(seeds, 'seed') if seeds else 'no seed recorded'}."
    yield f"Metrics: {_some(list(sweep.names(METRICS)))}. Ranked by {told.study.metric} ({w.way(told.study.goal)})."
    varied, same = _settings(sweep)
    yield f"Settings that vary: {_some(varied) or 'none'}. The same in all runs: {_some(same) or 'none'}."
    for group in told.groups:
        size = w.plural(len(group.rows), "configuration")
        yield f"Group {group.group.name}: {size}" + (f", by {_some(list(group.factors))}." if group.factors else ".")
    for name, text in known.items():
        yield f"{name}: {text}."
    yield from _problems(told)


def _statuses(sweep: Sweep) -> str:
    counts = Counter(sweep.runs["status"])
    return w.listing([f"{w.count(number)} {status}" for status, number in counts.most_common()]) or "none"


def _some(names: list[str]) -> str:
    more = [f"{w.count(len(names) - NAMED)} more"] if len(names) > NAMED else []
    return w.listing([*names[:NAMED], *more])


def _settings(sweep: Sweep) -> tuple[list[str], list[str]]:
    """The settings that vary among the runs that count, those with the most levels first; and those that do not."""
    levels = {}
    for name in sweep.names(CONFIG):
        levels[name] = len({value_text(value) for value in sweep.used[CONFIG + name]})
    varied = sorted((name for name, number in levels.items() if number > 1), key=lambda name: -levels[name])
    return varied, [name for name, number in levels.items() if number == 1]


def _problems(told: Findings) -> Iterator[str]:
    reasons = Counter(reason for _, reason in told.problems)
    if reasons:
        yield f"Not counted: {w.plural(sum(reasons.values()), 'run')}."
    for reason, number in reasons.most_common(REASONS):
        yield f"  {w.count(number)}: {reason}"
    if len(reasons) > REASONS:
        yield f"  {w.count(len(reasons) - REASONS)} other reasons: the journal has them all"


def _next(asked: argparse.Namespace, named: Subject) -> Iterator[str]:
    """What to type next."""
    place = shlex.quote(str(asked.study))
    yield "Next:"
    yield f"  sweepbook build {place}   the journal, in {named.where.out}"
    yield f"  sweepbook show {place}    the ranking, here"
    if not is_planned(named.study):
        yield f"  sweepbook init {place}    a plan to edit, with what you expect"
