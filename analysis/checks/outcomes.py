"""Questions and the best of each in, what limits their scores out: the best at an end (SB106), validation by test data (SB108),
predictions that came late (SB110), a gap that is biased (SB111)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check, named, places, together
from sweepbook.analysis.checks.context import Context, of_logs
from sweepbook.analysis.checks.points import Question
from sweepbook.analysis.groups.ends import end
from sweepbook.analysis.logs.sweep import CONFIG, ENVIRONMENT, METRICS, Sweep, ours
from sweepbook.runner.prediction import GapAtMost, prediction_hash
from sweepbook.runner.values import level_text

ENOUGH = 3  # runs in which equal scores are no accident
VALIDATION = re.compile(r"^(valid|validation|val|eval)_?(set|split|data|dataset|on|fold)$")
TOO_GOOD = "the scores that choose were made on test data. So the best one is too good"
PREDICTIONS = ENVIRONMENT + "predictions"


def best_at_an_end(context: Context) -> Iterator[Check]:
    """SB106."""
    for question in context.questions:
        yield from _ends(question, context.best.get(question.name, ()))


def _ends(question: Question, best: Sequence[str]) -> Iterator[Check]:
    """The factors of which all that may be the best, the ids `best`, have the first or the last level that was tested."""
    for factor in question.factors:
        edge = end(question.tested, factor, best)
        if edge is None:
            continue
        labels = tuple(dict.fromkeys(point.label for point in question.points if point.member.id in best))
        who = f"the best, {labels[0]}, has" if len(labels) == 1 else f"all that could be the best ({named(labels)}) have"
        size = "smallest" if edge.lowest else "largest"
        message = f"{w.setting_name(factor)}: {who} the {size} level tested, {level_text(edge.level)}. "
        message += f"A {'smaller' if edge.lowest else 'larger'} one may be better still."
        yield Check("SB106", question.name, labels, message, (factor,))


@of_logs
def tested_on(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB108: from a fact that the logs record, or from scores on validation and on test data that are all the same."""
    used = sweep.used
    for column in [part + name for part in (CONFIG, ENVIRONMENT) for name in sweep.names(part) if VALIDATION.match(name)]:
        rows = used[used[column].map(_is_test).astype(bool)]
        if len(rows):
            message = f'{w.plural(len(rows), "run")} with {column.partition(".")[2]} = "test": {TOO_GOOD}.'
            yield Check("SB108", "", tuple(dict.fromkeys(rows["label"])), message)
            return
    for name in sweep.names(METRICS):
        test = re.sub(r"^(valid|val|validation)_", "test_", name)
        if name != test and METRICS + test in used.columns:
            both = used[used[METRICS + name].notna() & used[METRICS + test].notna()]
            scores, tested = both[METRICS + name], both[METRICS + test]
            if len(both) >= ENOUGH and scores.nunique() > 1 and (scores == tested).all():
                message = f"{name} equals {test} in all {len(both)} runs that have both: {TOO_GOOD}."
                yield Check("SB108", "", tuple(dict.fromkeys(both["label"])), message)
                return


def _is_test(value: object) -> bool:
    return isinstance(value, str) and value.lower() in ("test", "testing", "test_set", "test set")


@of_logs
def late_predictions(context: Context, sweep: Sweep) -> Iterator[Check]:
    """SB110: predictions that the earliest log of their group does not have, where it records any."""
    runs = sweep.runs
    if PREDICTIONS not in runs.columns:
        return
    split = lru_cache(lambda known: frozenset(known.split()))
    first: dict[str, tuple[float, str]] = {}
    for ident, started, known in zip(runs["id"], runs["started"], runs[PREDICTIONS], strict=True):
        if isinstance(known, str) and (ident not in first or (started, known) < first[ident]):
            first[ident] = (started, known)
    for question in (q for q in context.questions if q.group.predictions):
        logs = [(*first[point.member.id], point.label) for point in question.points if point.member.id in first]
        if logs:
            started, known, label = min(logs)
            hashes = split(known)
            late = tuple(p.says for p in question.group.predictions if prediction_hash(question.name, p) not in hashes)
            if late:
                sentences, were = w.listing([f'"{says}"' for says in late]), "was" if len(late) == 1 else "were"
                message = f"{sentences} {were} written or changed after {label} had begun on {w.moment(started)}."
                yield Check("SB110", question.name, (label,), message, says=late, limits="timing")


def lagging_loss(context: Context) -> Iterator[Check]:
    """SB111, for the runs of our own trainer: those that are logged, or all that the plan has it train. A group is touched whose
    predictions speak of the gap; with logs, every group is where none does, since the journal shows the gap of each."""
    study, questions, sweep = context.study, context.questions, context.sweep
    ours = Counter(run.id for run in study.runs) if sweep is None else _ours(sweep)
    held = [q for q in questions if any(point.member.id in ours for point in q.points)]
    speaking = [q.name for q in held if any(isinstance(p, GapAtMost) for p in q.group.predictions) or study.metric == "gap"]
    for group, names in together(study, "SB111", speaking or [q.name for q in held if sweep]):
        labels = {p.member.id: p.label for q in held if q.name in names for p in q.points if p.member.id in ours}
        runs = w.plural(sum(ours[ident] for ident in labels), "run")
        message = (
            f"The training loss of {runs} {places(names, len(questions))} is a mean over the whole epoch, while the weights still "
        )
        message += "changed. So the gap is too low, most where the loss still falls fast."
        yield Check("SB111", group, tuple(labels.values()), message, groups=names, limits="gap")


def _ours(sweep: Sweep) -> Counter[str]:
    """How many runs of our own trainer each configuration has, of those with a gap."""
    used = sweep.used[sweep.used["gap"].notna()]
    return Counter(used["id"][ours(used)])
