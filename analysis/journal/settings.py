"""A configuration in, its settings in words out: what a reader needs to run it, not the name that the plan gave it."""

from collections.abc import Collection, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.runner.values import level_text

MOST = 7  # settings of a list that is named whole


def settings(summary: Summary, findings: Findings, said: Collection[str] = ()) -> str:
    """The settings of a configuration that vary within the study: "128/64 units, 5 epochs, learning rate 0.001, Adam"; its label
    where none does. Those that were `said` are left out. Of more than `MOST`, those that differ from the baseline are named;
    where a study has none, the first, and how many more there are."""
    keys = [key for key in varied(findings.ranking) if key not in said]
    texts = w.in_words(summary.config, keys)
    if not texts:
        return summary.label
    if len(texts) > MOST and findings.study.baseline:
        changed = w.in_words(summary.config, [key for key in keys if key in findings.changes(summary)])
        return ", ".join([*changed, "the rest as in the baseline"] if len(changed) < len(texts) else texts)
    more = len(texts) - MOST
    return ", ".join([*texts[:MOST], f"{w.plural(more, 'more setting')}"] if more > 1 else texts)


def called(summary: Summary, findings: Findings) -> str:
    """A configuration by what sets it apart from the baseline: "batch size 8"; by its label where that is more than one setting, or
    where others have that level too, of which nothing is said."""
    keys = [key for key in findings.changes(summary) if key in summary.config] if findings.study.baseline else []
    if len(keys) != 1 or sum(other.config.get(keys[0]) == summary.config[keys[0]] for other in findings.ranking) > 1:
        return summary.label
    return f"{w.setting_name(keys[0])} {level_text(summary.config[keys[0]])}"


def varied(summaries: Sequence[Summary]) -> tuple[str, ...]:
    """The settings whose levels differ between configurations, or that only some have, in the order of the configs."""
    keys = dict.fromkeys(key for s in summaries for key in s.config)
    seen = {key: {level_text(s.config[key]) if key in s.config else None for s in summaries} for key in keys}
    return tuple(key for key in keys if len(seen[key]) > 1)
