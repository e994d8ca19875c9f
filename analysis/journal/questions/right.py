"""Findings in, which expectations held out, which did not, and what would settle the open ones."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.questions.answer import NAMED, RIGHT, Answer
from sweepbook.analysis.predictions.outcome import AFFORDABLE, Outcome
from sweepbook.analysis.predictions.verdict import CONFIRMED, EMPTY, REFUTED, UNTOLD


def right(findings: Findings, command: str) -> Answer:
    """How many expectations held, which did not, and what would settle the open ones."""
    verdicts = [outcome.verdict for outcome in findings.outcomes]
    counted = len(verdicts) - verdicts.count(EMPTY)
    if not counted:
        return Answer(RIGHT, "No expectation was written down.", tuple(_empty(verdicts.count(EMPTY))))
    held, failed, left = (verdicts.count(verdict) for verdict in (CONFIRMED, REFUTED, UNTOLD))
    what = "expectation" if counted == 1 else "expectations"
    parts = [f"{w.count(held)} of {w.count(counted)} {what} held"]
    parts += [f"{w.count(failed)} did not"] if failed else []
    parts += [f"{w.count(left)} {'is' if left == 1 else 'are'} open"] if left else []
    says = f"{', '.join(parts)}."
    own = [(f"group-{group.group.name}", outcome) for group in findings.groups for outcome in group.outcomes]
    wrong = [(outcome.prediction.says, place) for place, outcome in own if outcome.verdict == REFUTED]
    more = _more(findings)
    why = (*_settled_by(findings, more), *_empty(verdicts.count(EMPTY)))
    see = wrong[:NAMED] + _more_wrong(wrong[NAMED:])
    return Answer(RIGHT, says, why, tuple(see), _trains(more, findings, command), "Did not hold:" if see else "")


def _more_wrong(rest: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are not named, by the first of them."""
    return [(f"{w.count(len(rest))} more", rest[0][1])] if rest else []


def _empty(count: int) -> list[str]:
    """The expectations that say nothing."""
    return [f"{w.count(count)} more {'says' if count == 1 else 'say'} nothing that could fail."] if count else []


def _open(findings: Findings) -> list[Outcome]:
    return [outcome for outcome in findings.outcomes if outcome.verdict == UNTOLD]


def _wait(left: Sequence[Outcome], findings: Findings) -> bool:
    """Whether planned runs have not finished that one of the open expectations needs."""
    short = {label for key in findings.short for label in findings.labels.get(key, ())}
    needed = {label for outcome in left for label in outcome.missing}
    behind = {s.id for outcome in left for part in outcome.parts for s in part.behind}
    return bool(needed & short or behind & findings.short)


def _more(findings: Findings) -> int:
    """The seeds more with which the most of the open expectations are settled that four times as many seeds settle; 0 for none, or
    where planned runs come first."""
    if _wait(_open(findings), findings):
        return 0
    now = findings.usual_n
    needed = [outcome.seeds_needed or 0 for outcome in _open(findings)]
    most = min(AFFORDABLE * now, now + w.MOST_ADVISED)
    return max([seeds - now for seeds in needed if now < seeds <= most], default=0)


def _settled_by(findings: Findings, more: int) -> list[str]:
    """How many of the open expectations so many more seeds would settle, and what they cost."""
    left = _open(findings)
    if _wait(left, findings):
        some, one = w.plural(findings.unfinished, "planned run"), findings.unfinished == 1
        return [f"{some} {'has' if one else 'have'} not finished; {'it comes' if one else 'they come'} first."]
    if not more:
        return ["No number of seeds that is near would settle the open ones."] if left and findings.noise else []
    settled = sum(0 < (outcome.seeds_needed or 0) <= findings.usual_n + more for outcome in left)
    some = f"{w.count(settled)} of the {w.count(len(left))} open ones" if len(left) > 1 else "the open one"
    plan = [f"Add {'it' if more == 1 else 'them'} to seeds in study.toml, then run"] if findings.study.runs else []
    return [f"{w.plural(more, 'more seed')} each would settle about {some}{_cost(more, findings)}.", *plan]


def _cost(more: int, findings: Findings) -> str:
    """The runs and the time that so many more seeds take."""
    times = [s.seconds for s in findings.ranking if s.seconds is not None]
    runs = w.plural(more * len(findings.ranking), "run")
    if len(times) < len(findings.ranking):
        return f": {runs}"
    return f": {runs}, about {w.duration(more * sum(times))} one after the other"


def _trains(more: int, findings: Findings, command: str) -> str:
    """What trains so many more seeds, once they are in the plan; "" where the runs are not ours to train."""
    return command.replace(" build ", " run ", 1) if more and findings.study.runs else ""
