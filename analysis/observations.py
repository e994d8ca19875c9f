"""Learning curves, their diagnoses and times in, what they show out, a few words a configuration. Nothing here compares two
configurations."""

from collections.abc import Sequence

from analysis import wording as w
from analysis.diagnoses import Diagnoses, counted, noise_words
from analysis.learning import VALID, Curves
from analysis.summary import Summary


def observed(summaries: Sequence[Summary], diagnoses: Diagnoses) -> str:
    """How the curves of a group's runs ended, and how long the runs took."""
    if not summaries:
        return "No run of this group has finished, so there is nothing to observe."
    known = [found for s in summaries for found in diagnoses.of(s.logs)]
    noises = [noise_words(noise) for noise in diagnoses.noises if any(found.stretch == noise.stretch for found in known)]
    told = [counted(known), *(noises or [noise_words(None)])] if known else ["The logs hold no learning curves."]
    times = sorted((s.seconds, s.label) for s in summaries if s.seconds is not None)
    if len(times) > 1:
        (fast, quick), (slow, late) = times[0], times[-1]
        told.append(f"A run took from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late}).")
    return " ".join(told)


def observation(summary: Summary, curves: Curves | None, diagnoses: Diagnoses, metric: str) -> str:
    """What the curves and the clock of one configuration show."""
    length = f" of {w.duration(summary.seconds)}" if summary.seconds is not None else ""
    told = [f"{w.plural(summary.n, 'run')}{length}."]
    known = diagnoses.of(summary.logs)
    if known:
        told += [counted(known), *_last_epoch(curves)]
    else:
        told.append("No learning curve to read.")
    values = summary.runs[metric]
    if len(values) > 1:
        told.append(f"The seeds end between {w.score(metric, min(values))} and {w.score(metric, max(values))}.")
    return " ".join(told)


def _last_epoch(curves: Curves | None) -> list[str]:
    """What the last epoch did to the validation loss, over the runs."""
    if curves is None or not len(curves.last_changes()):
        return []
    changes = curves.last_changes()
    low, high = (w.difference(VALID, end(changes)) for end in (min, max))
    before, last = curves.at[VALID][-2:]
    who = "The last epoch" if last == before + 1 else f"The epochs from {before} to {last}"
    return [f"{who} changed the validation loss by {low if low == high else f'{low} to {high}'}."]
