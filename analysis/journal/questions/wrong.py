"""Findings in, what went wrong out: in training, in runs that did not finish, and by the checks."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.questions.answer import NAMED, WRONG, Answer
from sweepbook.analysis.journal.sentences import standing, unfinished
from sweepbook.analysis.journal.settings import called
from sweepbook.analysis.journal.stood_out import stood_out


def wrong(findings: Findings) -> Answer:
    """What happened in training, runs that did not finish, and the checks that limit an answer."""
    ended = _ended(findings)
    happened = stood_out(findings, lambda s: called(s, findings))
    told = [*ended, *happened[: NAMED - len(ended)]]
    says = ". ".join(told) if happened or _is_wrong(findings) else _nothing_wrong(findings)
    rest = happened[max(NAMED - len(ended), 0) :]
    checks = [c for c in findings.checks if not c.silenced]
    limit = "limits" if len(checks) == 1 else "limit"
    note = [f"{w.plural(len(checks), 'check')} {limit} what may be concluded."] if checks else []
    why = [*(f"{text}." for text in rest), *_standing_why(findings, ended), *note]
    see = [("what went wrong", "problems")] * bool(ended) + [("the checks", "checks")] * bool(checks)
    return Answer(WRONG, f"{says}.", tuple(why), tuple(see))


def _is_wrong(findings: Findings) -> bool:
    """Whether a run did not end as it should. To be pruned or deleted, or not to have ended yet, is not wrong."""
    runs = findings.totals
    if runs.planned:
        return bool(runs.failed or runs.diverged or runs.interrupted or runs.missing)
    return any(state in runs.logged for state in ("failed", "diverged", "interrupted"))


def _nothing_wrong(findings: Findings) -> str:
    """That nothing did, and which runs have not finished all the same."""
    ended = "" if findings.totals.planned else unfinished(findings)
    return f"Nothing: {ended}; all others finished" if ended else "Nothing: every run finished, and none failed to learn"


def _ended(findings: Findings) -> list[str]:
    """The runs that have no score: the planned ones, and of those that no plan names all."""
    runs = findings.totals
    if not runs.planned:
        return [w.capital(ended)] if (ended := unfinished(findings)) else []
    kinds = ((runs.failed, "failed"), (runs.diverged, "diverged"), (runs.interrupted, "interrupted"), (runs.missing, "missing"))
    texts = [f"{w.count(count)} {state}" for count, state in kinds if count]
    return [f"Of {w.plural(runs.planned, 'planned run')}, {w.listing(texts)}"] if texts else []


def _standing_why(findings: Findings, ended: Sequence[str]) -> list[str]:
    """How the runs stand, where not all that were planned finished."""
    return [standing(findings)] if ended else []
