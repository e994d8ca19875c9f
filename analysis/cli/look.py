"""`sweepbook look`, or `sweepbook FOLDER` alone: what run logs lie there, what varies, what goes wrong, and what to type next."""

import argparse
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.columns import told_apart
from sweepbook.analysis.cli.subject import Subject, rules, subject
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.journal.reading import READ, reading
from sweepbook.analysis.logs.address import address_of, called
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep, load_sweep
from sweepbook.analysis.page.terminal import print_text
from sweepbook.analysis.report.asked import check_asked
from sweepbook.analysis.report.places import is_plan, is_planned
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.metric import goal
from sweepbook.runner.values import value_text

NAMED = 8  # settings and metrics that are named
GROUPS = 12  # that have a line each
REASONS = 4  # of logs that do not count


def command(asked: argparse.Namespace) -> int:
    try:
        named = subject(asked)
    except SweepbookError as error:
        return _unranked(asked, error)
    told = findings(named.sweep, named.study)
    apart = told_apart(named.where.logs, named.study.rules)
    lost = [(log, why) for log, why in told.problems if log not in told.again]
    for line in (*_of_runs(named.sweep), *apart, *_of_groups(told), *_of_reading(named.sweep), *_problems(lost)):
        print_text(line)
    print()
    for line in _next(asked, named):
        print(line)
    return DONE if told.ranking else NO_ANSWER


def _unranked(asked: argparse.Namespace, error: SweepbookError) -> int:
    """What is there all the same where no metric can be chosen to rank by; the error itself where nothing is."""
    if is_plan(asked.study):
        raise error
    sweep = load_sweep(asked.study, rules(asked))
    if sweep.runs.empty:
        raise error
    check_asked(asked.study, sweep, rules(asked))
    reasons = list(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    for line in (*_of_runs(sweep), *told_apart(asked.study, rules(asked)), *_of_reading(sweep), *_problems(reasons)):
        print_text(line)
    print()
    print_text(f"Not ranked: {str(error).removeprefix(f'{called(asked.study)}: ')}")
    for line in _next_metric(asked, sweep):
        print(line)
    return NO_ANSWER


def _of_runs(sweep: Sweep) -> Iterator[str]:
    tools = dict(reading(sweep.picture)).get(READ, "") or f"run.toml ({w.plural(len(sweep.runs), 'run')})"
    yield f"Runs: {tools}; {_statuses(sweep)}."
    seeds = sweep.used["seed"].nunique()
    told = w.plural(seeds, "seed") if seeds else "no seed recorded"
    yield f"Configurations: {w.count(sweep.used['id'].nunique())}, {told}."
    yield f"Metrics: {_some(list(sweep.names(METRICS))) or 'none'}."
    varied, same = _settings(sweep)
    yield f"Settings that vary: {_some(varied) or 'none'}. The same in all runs: {_some(same) or 'none'}."


def _of_groups(told: Findings) -> Iterator[str]:
    yield f"Ranked by {told.study.metric} ({w.way(told.study.goal)})."
    for group in told.groups[:GROUPS]:
        yield f"Group {group.group.name}: {group.group.description or _sizes(group)}"
    if len(told.groups) > GROUPS:
        yield f"And {w.plural(len(told.groups) - GROUPS, 'more group')}."


def _sizes(group: GroupFindings) -> str:
    size = w.plural(len(group.rows), "configuration")
    return f"{size}, by {_some(list(group.factors))}." if group.factors else f"{size}."


def _of_reading(sweep: Sweep) -> Iterator[str]:
    for name, text in reading(sweep.picture):
        if name != READ:
            yield f"{name}: {text}."


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


def _problems(problems: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The reasons why runs do not count, the commonest first; where there are many, by what stands before a colon."""
    reasons = Counter(reason for _, reason in problems)
    if len(reasons) > REASONS:
        reasons = Counter(reason.partition(":")[0].partition(" as ")[0] for _, reason in problems)
    if reasons:
        yield f"Not counted: {w.plural(len(problems), 'run')}."
    for reason, number in reasons.most_common(REASONS):
        yield f"  {w.count(number)}: {reason}"
    if len(reasons) > REASONS:
        yield f"  {w.count(sum(reasons.values()) - sum(n for _, n in reasons.most_common(REASONS)))} for other reasons"


def _next_metric(asked: argparse.Namespace, sweep: Sweep) -> Iterator[str]:
    """What to type where the metric to rank by is to be named: with one that says something of a model."""
    metrics = [name for name in sweep.names(METRICS) if sweep.used[METRICS + name].notna().any()]
    told = [name for name in metrics if goal(name)] or metrics
    if told:
        unsaid = "" if goal(told[0]) else " --goal maximize"
        yield f"Next: sweepbook {shlex.quote(called(asked.study))} --metric {shlex.quote(told[0])}{unsaid}"


def _next(asked: argparse.Namespace, named: Subject) -> Iterator[str]:
    """What to type next."""
    place = shlex.quote(called(asked.study))
    yield "Next:"
    yield f"  sweepbook build {place}   the journal, in {named.where.out}"
    yield f"  sweepbook show {place}    the ranking, here"
    if not is_planned(named.study) and not address_of(asked.study):
        yield f"  sweepbook init {place}    a plan to edit, with what you expect"
