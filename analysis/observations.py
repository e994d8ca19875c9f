"""Learning curves and times in, what they show out, a few words a configuration: what the last epoch did, as far as its own
seeds tell; where the loss turned and rose, counted; how far the seeds lie apart. Nothing here compares two configurations."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis import wording as w
from analysis.findings import Summary
from analysis.learning import VALID, Curves
from analysis.stats import Difference, mean_interval

MANY_EPOCHS = 4  # from here on the epochs in which the loss rose are counted, not listed


def last_epochs(curves: Mapping[str, Curves], keys: Sequence[str]) -> dict[str, Difference]:
    """What the last epoch did to the validation loss of each configuration that has two epochs, by its id, with the interval
    of its own seeds."""
    estimates = {key: mean_interval(curves[key].last_changes()) for key in keys if key in curves}
    return {key: Difference(e.mean, e.low, e.high) for key, e in estimates.items() if e}


def trend(change: Difference) -> str:
    """Whether the loss was "falling" or "rising" in the last epoch, or "open" where the seeds do not tell."""
    return "open" if not change.told else "falling" if change.estimate < 0 else "rising"


def observed(summaries: Sequence[Summary], changes: Mapping[str, Difference]) -> str:
    """How the configurations of a group ended, counted, and how long their runs took."""
    if not summaries:
        return "No run of this group has finished, so there is nothing to observe."
    ends = [trend(change) for change in changes.values()]
    fell, rose, open_ = (ends.count(kind) for kind in ("falling", "rising", "open"))
    many = w.plural(len(ends), "configuration")
    told = ["The logs hold no learning curves of two epochs or more."]
    if fell or rose:
        up = f" and rose in {w.count(rose)}" if rose else ""
        rest = f"; in {w.count(open_)} the seeds do not tell" if open_ else ""
        told = [f"In the last epoch the validation loss still fell in {w.count(fell)} of {many}{up}{rest}."]
    elif ends:
        told = [f"In none of {many} do the seeds tell whether the validation loss still fell in the last epoch."]
    times = sorted((s.seconds, s.label) for s in summaries if s.seconds is not None)
    if len(times) > 1:
        (fast, quick), (slow, late) = times[0], times[-1]
        told.append(f"A run took from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late}).")
    return " ".join(told)


def observation(summary: Summary, curves: Curves | None, change: Difference | None, metric: str) -> str:
    """What the curves and the clock of one configuration show."""
    length = f" of {w.duration(summary.seconds)}" if summary.seconds is not None else ""
    told = [f"{w.plural(summary.n, 'run')}{length}."]
    if curves is None or change is None:
        told.append("No learning curve of two epochs to read.")
    else:
        told += [_last_epoch(change), *_turn(curves), _rises(curves)]
    values = summary.runs[metric]
    if len(values) > 1:
        told.append(f"The seeds end between {w.score(metric, min(values))} and {w.score(metric, max(values))}.")
    return " ".join(told)


def _turn(curves: Curves) -> list[str]:
    """Before which epoch the validation loss was lowest, where it was not after the last one."""
    turns, last = curves.turns(), curves.epochs
    early = sorted(turn for turn in turns if turn < last)
    if not early:
        return []
    when = f"epoch {early[0]}" if early[0] == early[-1] else f"epochs {early[0]} to {early[-1]}"
    who = "" if len(turns) == 1 else " in every seed" if len(early) == len(turns) else f" in {len(early)} of {len(turns)} seeds"
    return [f"It turned after {when} of {last}{who}."]


def _last_epoch(change: Difference) -> str:
    size = w.change(VALID, change)
    told = "in its one run" if change.low is None else f"still {trend(change)}" if change.told else "not told from flat"
    return f"Validation loss in the last epoch: {size}, {told}."


def _rises(curves: Curves) -> str:
    rises, runs = curves.rises(), int(np.shape(curves.series[VALID])[0])
    if not rises:
        return "It fell in every epoch" + (" of every seed." if runs > 1 else ".")
    if len(rises) >= MANY_EPOCHS:
        who = "" if runs == 1 else " in one seed or more"
        return f"It rose in {len(rises)} of {curves.epochs - 1} epochs{who}."
    parts = [f"{epoch}" + (f" ({count} of {runs} seeds)" if runs > 1 else "") for epoch, count in rises.items()]
    return f"It rose in epoch{'s' * (len(parts) > 1)} {w.listing(parts)}."
