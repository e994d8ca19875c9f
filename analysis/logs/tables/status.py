"""The words of a status column in, how each run ended out."""

from collections.abc import Iterable

WORDS = {
    **dict.fromkeys(("finished", "complete", "completed", "success", "succeeded", "successful", "ok", "done", "pass"), "finished"),
    **dict.fromkeys(
        ("passed", "terminated", "keep", "kept", "discard", "discarded", "ended", "trained", "true", "yes"), "finished"
    ),
    **dict.fromkeys(("converged", "stopped early", "early stopped", "best", "0", "exited"), "finished"),
    **dict.fromkeys(("running", "pending", "queued", "scheduled", "started", "in progress", "waiting", "paused"), "running"),
    **dict.fromkeys(("created", "submitted", "unfinished", "incomplete", "resumed"), "running"),
    **dict.fromkeys(("failed", "fail", "failure", "error", "errored", "crash", "crashed", "oom", "out of memory"), "failed"),
    **dict.fromkeys(("exception", "false", "no", "1", "broken", "invalid"), "failed"),
    **dict.fromkeys(("diverged", "nan", "exploded", "unstable"), "diverged"),
    **dict.fromkeys(("killed", "stopped", "interrupted", "cancelled", "canceled", "aborted", "preempted"), "interrupted"),
    **dict.fromkeys(("timeout", "timed out", "timed_out", "preempting"), "interrupted"),
    **dict.fromkeys(("pruned", "early_stopped by the tuner"), "pruned"),
    **dict.fromkeys(("deleted", "trashed"), "deleted"),
}
# Words that only a status has, under whatever name its column stands.
TELLING = frozenset(("finished", "crashed", "completed", "succeeded", "killed", "errored", "preempted", "diverged", "timed out"))


def status_of(word: object) -> str | None:
    """How a run ended by a word of its table; None for a word that is none.

    >>> status_of("FINISHED"), status_of("TrialState.COMPLETE"), status_of("in_progress"), status_of("blue")
    ('finished', 'finished', 'running', None)
    """
    plain = str(word).strip().rpartition(".")[2].replace("_", " ").replace("-", " ").lower()
    return WORDS.get(plain)


def is_status(values: Iterable[object], named: bool) -> bool:
    """Whether values are words for how runs ended; those of a column that is not `named` so have to be beyond doubt."""
    words = list(values)
    known = bool(words) and all(status_of(word) for word in words)
    return known and (named or any(str(word).strip().lower() in TELLING for word in words))
