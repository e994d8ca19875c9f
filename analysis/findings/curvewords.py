"""Diagnoses of runs in, the words for what their curves did out."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import (
    CANNOT_TELL,
    DIVERGED,
    IMPROVING,
    OSCILLATING,
    OVERFITTING,
    PLATEAUED,
    RISING,
    UNLEARNT,
    Diagnosis,
)
from sweepbook.analysis.findings.epochnoise import SHORTEST, EpochNoise

WORDS = {  # what a reader is told of a curve, what matters most first; of the others nothing can be said
    UNLEARNT: "did not learn",
    DIVERGED: "fell apart",
    OVERFITTING: "overfitting",
    OSCILLATING: "unstable",
    RISING: "got worse at the end",
    IMPROVING: "still improving",
    PLATEAUED: "flat",
}


def counted(diagnoses: Sequence[Diagnosis]) -> str:
    """A sentence on a set of runs: "4 of 9 runs still improving, 3 overfitting from epoch 6 to 8."."""
    parts = [f"{w.count(number)} {word}" for number, word in words(diagnoses)]
    of = w.plural(len(diagnoses), "run")
    if not parts:
        why = {found.why for found in diagnoses if found.state == CANNOT_TELL}
        short = f": {why.pop()}" if len(why) == 1 and all(found.why for found in diagnoses) else ""
        return f"The curves of {of} say nothing yet{short}." if diagnoses else "No run has a learning curve."
    first, *others = parts
    number, word = first.split(" ", 1)
    return ", ".join([f"{number} of {of} {word}", *others]) + "."


def words(diagnoses: Sequence[Diagnosis]) -> list[tuple[int, str]]:
    """How many of the runs do what, in words, what matters most first."""
    told = []
    for state, word in WORDS.items():
        if own := [found for found in diagnoses if found.state == state]:
            turns = sorted(found.epoch for found in own if found.epoch)
            ends = dict.fromkeys(str(end) for end in (turns[:1] + turns[-1:]))
            told.append((len(own), word + (f" from epoch {' to '.join(ends)}" if ends else "")))
    return told


def curve_words(diagnoses: Sequence[Diagnosis]) -> str:
    """What the curves of a configuration did, in a word or two: "still improving", "2 of 3 flat"; "" where nothing can be said."""
    for number, word in words(diagnoses):
        return word if number == len(diagnoses) else f"{w.count(number)} of {w.count(len(diagnoses))} {word}"
    return ""


def noise_words(noise: EpochNoise | None, form: w.Form) -> str:
    """A sentence on the noise: "From one epoch to the next a run's validation loss moves by ± 0.012 at random (…)."."""
    if noise is None:
        return f"No run that counts has {SHORTEST} epochs, so the noise from epoch to epoch is not known."
    size, left = w.size(form, noise.sd), noise.left_out
    by = f"by {size if size.startswith('less') else f'± {size}'} at random" if noise.sd else "by nothing at random"
    runs = w.plural(noise.runs, "run") + (f", without {w.count(left)} {WORDS[OSCILLATING]}" if left else "")
    step = "epoch" if noise.stretch == 1 else f"stretch of {noise.stretch} epochs"
    return f"From one {step} to the next a run's validation loss moves {by} ({runs})."
