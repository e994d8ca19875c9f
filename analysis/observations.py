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


def observed(summaries: Sequence[Summary], curves: Mapping[str, Curves]) -> str:
    """How the curves of a group's configurations ended, counted over their seeds, and how long the runs took."""
    if not summaries:
        return "No run of this group has finished, so there is nothing to observe."
    known = [c for s in summaries if (c := curves.get(s.id)) and len(c.last_changes())]
    told = ["The logs hold no learning curves of two epochs or more."]
    if known:
        fell, rose = (sum(bool((sign * c.last_changes() > 0).all()) for c in known) for sign in (-1, 1))
        turned = sum(all(turn < c.epochs for turn in c.turns()) for c in known)
        many = w.plural(len(known), "configuration")
        ends = f"fell in every seed of {fell or 'none'} of {many}, and rose in every seed of {rose or 'none'}"
        told = [f"In the last epoch the validation loss {ends}."]
        told += [f"In {turned} it was lowest earlier in every seed, as where a network begins to overfit."] if turned else []
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
        told += [_last_epoch(change, curves), *_turn(curves), *_rises(curves)]
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


def _last_epoch(change: Difference, curves: Curves) -> str:
    size = w.change(VALID, change)
    if not curves.rises():
        who = " of every seed" if len(curves.turns()) > 1 else ""
        return f"The validation loss fell in every epoch{who}, in the last by {size}."
    told = "in its one run" if change.low is None else f"still {trend(change)}" if change.told else "not told from flat"
    return f"Validation loss in the last epoch: {size}, {told}."


def _rises(curves: Curves) -> list[str]:
    rises, runs = curves.rises(), int(np.shape(curves.series[VALID])[0])
    early = [turn for turn in curves.turns() if turn < curves.epochs]
    if not rises or (list(rises) == [curves.epochs] and early == [curves.epochs - 1] * rises[curves.epochs]):
        return []  # that it turned has said so
    if len(rises) >= MANY_EPOCHS:
        who = "" if runs == 1 else " in one seed or more"
        return [f"It rose in {len(rises)} of {curves.epochs - 1} epochs{who}."]
    parts = [f"{epoch}" + (f" ({count} of {runs} seeds)" if runs > 1 else "") for epoch, count in rises.items()]
    return [f"It rose in epoch{'s' * (len(parts) > 1)} {w.listing(parts)}."]
