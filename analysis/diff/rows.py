"""A comparison in, what its row says out: its verdict, how its mean moved, what the configuration is, why it cannot be told yet."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Comparison
from sweepbook.analysis.export.record.read import Entry
from sweepbook.runner.values import level_text

VERDICTS = {BETTER: "better", WORSE: "worse", SAME: "same", UNTOLD: "cannot tell yet"}
SIGNS = {BETTER: "▲", WORSE: "▼", SAME: "=", UNTOLD: "?"}
SETTINGS = 4  # of a configuration that a row names


def verdict(one: Comparison) -> str:
    """The verdict of a row in words."""
    return "the same runs" if one.same_runs else VERDICTS[one.verdict]


def row(one: Comparison, form: w.Form) -> str:
    """A row in a line: "lr_0.01: 82.2% to 77.2% (worse)"."""
    if one.same_runs:
        return f"{one.label}: the same runs"
    return f"{one.label}: {w.score(form, one.old.mean)} to {w.score(form, one.new.mean)} ({verdict(one)})"


def levels(settings: Iterable[tuple[str, str]]) -> str:
    """Settings with their levels: "weight decay 0.01 and momentum 0.9"."""
    return w.listing([f"{w.setting_name(key)} {level}" for key, level in settings])


def usual(entries: Iterable[Entry]) -> dict[str, str]:
    """The level of each setting that most configurations have, more than any other one; without the settings where none is."""
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        for key, value in entry.config.items():
            counts.setdefault(key, Counter())[level_text(value)] += 1
    common = {}
    for key, found in counts.items():
        (first, most), *rest = found.most_common(2)
        if not rest or most > rest[0][1]:
            common[key] = first
    return common


def special(entry: Entry, common: Mapping[str, str]) -> str:
    """What a configuration is: the settings at another level than the usual one, and the other labels that it goes by."""
    own = w.in_words(entry.config, [key for key, value in entry.config.items() if common.get(key) != level_text(value)])
    more = [f"{len(own) - SETTINGS} more"] if len(own) > SETTINGS else []
    own = own or [f"without {w.setting_name(key)}" for key in common if key not in entry.config]
    others = [label for label in entry.labels if label != entry.label]
    also = f"; also {w.first_to_last(others)}" if others else ""
    return (", ".join([*own[:SETTINGS], *more]) or "the usual settings") + also
