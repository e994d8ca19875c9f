"""Findings in, what went wrong out: in training, in runs that did not finish, and by the checks."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.questions.answer import NAMED, WRONG, Answer
from sweepbook.analysis.journal.sentences import standing, unfinished
from sweepbook.analysis.journal.settings import called
from sweepbook.analysis.journal.stood_out import stood_out
from sweepbook.runner.trials import Trial

PRUNED, LOST = "pruned", ("failed", "diverged", "interrupted")  # how trials end that did not finish: on purpose, or not


def wrong(findings: Findings) -> Answer:
    """What happened in training, runs that did not finish, and the checks that limit an answer."""
    ended, trials = _ended(findings), _trials(findings)
    lost = _lost(trials)
    happened = stood_out(findings, lambda s: called(s, findings))
    first = [*ended, *lost]
    told = [*first, *happened[: NAMED - len(first)]]
    is_wrong = happened or lost or _is_wrong(findings)
    says = ". ".join(told) if is_wrong else _nothing_wrong(findings, trials)
    rest = happened[max(NAMED - len(first), 0) :]
    checks = [c for c in findings.checks if not c.silenced]
    limit = "limits" if len(checks) == 1 else "limit"
    note = [f"{w.plural(len(checks), 'check')} {limit} what may be concluded."] if checks else []
    purpose = [f"{w.capital(_pruned(trials))}."] if is_wrong and _pruned(trials) else []
    why = [*(f"{text}." for text in rest), *purpose, *_standing_why(findings, ended), *note]
    see = [("what went wrong", "problems")] * bool(first) + [("the checks", "checks")] * bool(checks)
    return Answer(WRONG, f"{says}.", tuple(why), tuple(see))


def _trials(findings: Findings) -> list[Trial]:
    """The trials of all searches that have ended, or were cut off."""
    return [trial for group in findings.groups if group.trials for trial in group.trials.every]


def _pruned(trials: Sequence[Trial]) -> str:
    """How many trials a pruner stopped: "2 of 14 trials were pruned on purpose, as others promised more"; "" for none."""
    count = sum(trial.status == PRUNED for trial in trials)
    were = f"of {w.plural(len(trials), 'trial')} {'was' if count == 1 else 'were'}"
    return f"{w.count(count)} {were} pruned on purpose, as others promised more" if count else ""


def _lost(trials: Sequence[Trial]) -> list[str]:
    """The trials that came to no score, by how: "bayes_t0003 was interrupted"; of many their number."""
    texts = []
    for status in LOST:
        names = [trial.label for trial in trials if trial.status == status]
        who = w.listing(names) if len(names) <= NAMED else w.plural(len(names), "trial")
        was = ("was ", "were ")[len(names) > 1] * (status == "interrupted")
        texts += [f"{who} {was}{status}"] if names else []
    return texts


def _is_wrong(findings: Findings) -> bool:
    """Whether a run did not end as it should. To be pruned or deleted, or not to have ended yet, is not wrong."""
    runs = findings.totals
    if runs.planned:
        return bool(runs.failed or runs.diverged or runs.interrupted or runs.missing)
    return any(state in runs.logged for state in ("failed", "diverged", "interrupted"))


def _nothing_wrong(findings: Findings, trials: Sequence[Trial]) -> str:
    """That nothing did, and which runs have not finished all the same."""
    ended = _pruned(trials) if findings.totals.planned else unfinished(findings)
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
