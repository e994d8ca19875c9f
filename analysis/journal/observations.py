"""Learning curves, their diagnoses and times in, what they show out, a few words a configuration. Nothing here compares two
configurations."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import counted, noise_words
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.curves import VALID, Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.otherwise import Earlier


def observed(summaries: Sequence[Summary], findings: Findings) -> str:
    """How the curves of a group's runs ended, and how long the runs took."""
    if not summaries:
        return "No run of this group has finished, so there is nothing to observe."
    diagnoses, form = findings.diagnoses, findings.form(VALID)
    known = [found for s in summaries for found in diagnoses.of(s.logs)]
    noises = [noise_words(noise, form) for noise in diagnoses.noises if any(found.stretch == noise.stretch for found in known)]
    told = [counted(known), *(noises or [noise_words(None, form)])] if known else ["The logs hold no learning curves."]
    times = sorted((s.seconds, s.label) for s in summaries if s.seconds is not None)
    if len(times) > 1:
        (fast, quick), (slow, late) = times[0], times[-1]
        ends = f"from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late})"
        same = w.duration(fast) == w.duration(slow)
        told.append(f"A run took {f'{w.duration(fast)} in each configuration' if same else ends}.")
    return " ".join(told)


def observation(summary: Summary, curves: Curves | None, findings: Findings) -> str:
    """What the curves and the clock of one configuration show."""
    length = f" of {w.duration(summary.seconds)}" if summary.seconds is not None else ""
    told = [f"{w.plural(summary.n, 'run')}{length}."]
    known = findings.diagnoses.of(summary.logs)
    if known:
        told += [counted(known), *_last_epoch(curves, findings.form(VALID))]
    else:
        told.append("No learning curve to read.")
    metric = findings.study.metric
    values, form = summary.runs[metric], findings.form(metric)
    if len(values) > 1:
        low, high = (w.score(form, end(values)) for end in (min, max))
        told.append(f"The seeds all end at {low}." if low == high else f"The seeds end between {low} and {high}.")
    return " ".join(told)


def before_the_last(found: Earlier | None, form: w.Form) -> str:
    """A sentence, with a space before it, on the epoch that was clearly better than the last one; "" for none."""
    if found is None:
        return ""
    when = f"After epoch {found.epoch}" if found.stretch == 1 else f"In the {found.stretch} epochs around epoch {found.epoch}"
    then, last = w.score(form, found.value), w.score(form, found.last)
    return f" {when} the mean {w.metric_name(form.metric)} was clearly better than at the end: {then} against {last}, which counts."


def _last_epoch(curves: Curves | None, form: w.Form) -> list[str]:
    """What the last epoch did to the validation loss, over the runs."""
    if curves is None or not len(curves.last_changes()):
        return []
    changes = curves.last_changes()
    low, high = (w.difference(form, end(changes)) for end in (min, max))
    before, last = curves.at[VALID][-2:]
    who = "The last epoch" if last == before + 1 else f"The epochs from {before} to {last}"
    return [f"{who} changed the validation loss by {low if low == high else f'{low} to {high}'}."]
