"""One group of the findings in, its section of the journal out: sentences, tables and figures as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal import insights, observations, sentences, together
from sweepbook.analysis.journal.insights import Insight
from sweepbook.analysis.journal.notes.notes import GroupNotes
from sweepbook.analysis.journal.otherwise import earlier
from sweepbook.analysis.journal.pictures import pictures
from sweepbook.analysis.journal.tables import check_words, config_anchor, results
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Table
from sweepbook.analysis.predictions import sentences as graded
from sweepbook.runner.config import level_text

MANY_CONFIGURATIONS = 10  # from here on a group tells its best and its worst five
OBSERVED = 40  # configurations whose curves are put into words; of more, the best and the worst five
LEVELS, SAMPLED = 40, 5  # levels of a factor that are named one by one; of more, the first five


@dataclass(frozen=True)
class Checked:
    """A prediction in the plan's words, what it claims in numbers, its verdict, the sentences on which that rests, and what
    was found."""

    says: str
    claim: str
    verdict: str
    why: str
    found: str


@dataclass(frozen=True)
class Observation:
    """What the learning curves and the clock of one configuration show."""

    label: str
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Section:
    """What the journal tells of one group, in reading order. `notes` are the author's own words."""

    name: str
    title: str
    plan: tuple[tuple[str, str], ...]
    observed: str
    observations: tuple[Observation, ...]
    summary: str
    pictures: tuple[Picture, ...]
    results: Table
    top: tuple[str, ...]
    bottom: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]
    predictions: tuple[Checked, ...]
    insights: tuple[Insight, ...]
    conclusion: tuple[str, ...]
    next_steps: tuple[str, ...]
    notes: GroupNotes


def section(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves], notes: GroupNotes) -> Section:
    """The section of the group `found`."""
    metric, labels = findings.study.metric, found.labels
    ranked = found.ranking
    extremes = (ranked[:5], ranked[:-6:-1]) if len(ranked) > MANY_CONFIGURATIONS else ((), ())
    top, bottom = (tuple(_placed(s, labels, findings.form(metric)) for s in some) for some in extremes)
    return Section(
        name=found.group.name,
        title=found.group.title,
        plan=_plan(found),
        observed=observations.observed([_named(s, labels) for s in ranked], findings),
        observations=_observations(found, curves, findings),
        summary=sentences.summary(found, findings, labels),
        pictures=pictures(found, findings, curves),
        results=results(found, findings, curves),
        top=top,
        bottom=bottom,
        checks=tuple((c.code, check_words(c)) for c in findings.checks if c.group == found.group.name),
        predictions=tuple(
            Checked(
                o.prediction.says,
                graded.claim(o),
                o.verdict,
                " ".join(filter(None, [graded.verdict(o, findings.form(o.metric)), together.words(o, findings.outcomes)])),
                graded.found(o, findings.form(o.metric)),
            )
            for o in found.outcomes
        ),
        insights=insights.insights(found, findings),
        conclusion=insights.conclusion(found, findings),
        next_steps=insights.next_steps(found, findings),
        notes=notes,
    )


def _named(summary: Summary, labels: Mapping[str, str]) -> Summary:
    return replace(summary, label=labels[summary.id])


def _placed(summary: Summary, labels: Mapping[str, str], form: w.Form) -> str:
    estimate = summary.metrics[form.metric]
    return f"{labels[summary.id]}: {w.score(form, estimate.mean)} ({w.interval(form, estimate)})"


def _observations(found: GroupFindings, curves: Mapping[str, Curves], findings: Findings) -> tuple[Observation, ...]:
    """A line for each configuration in the plan's order; for the best and the worst five where there are too many to read."""
    ranked = found.ranking
    shown = {s.id for s in (ranked if len(ranked) <= OBSERVED else [*ranked[:5], *ranked[-5:]])}
    summaries = {summary.id: summary for summary in found.summaries}
    lines = []
    for key, label in found.labels.items():
        summary = summaries.get(key)
        if summary and key in shown:
            text = observations.observation(summary, curves.get(key), findings)
            form = findings.form(findings.study.metric)
            text += observations.before_the_last(earlier(summary, curves.get(key), findings), form)
            lines.append(Observation(label, text, config_anchor(key)))
    return tuple(lines)


def _plan(found: GroupFindings) -> tuple[tuple[str, str], ...]:
    group = found.group
    logs = sorted(log for row in found.rows if row.summary for log in row.summary.logs)
    first = f"{logs[0]} and {len(logs) - 1} more, to {logs[-1]}" if len(logs) > w.MANY else ", ".join(logs)
    lines = [
        ("Hypothesis", group.hypothesis),
        ("Reasoning", group.reasoning),
        ("Varied", "; ".join(_varied(found))),
        ("Fixed", ", ".join(_fixed(found))),
        ("Expected", " ".join(group.expected)),
        ("Labels", w.first_to_last([row.member.label for row in found.rows])),
        ("Logs", first if logs else ""),
    ]
    return tuple((name, text) for name, text in lines if text)


def _varied(found: GroupFindings) -> list[str]:
    """Each factor with its levels."""
    texts = []
    for factor in (f for f in found.factors if f != "name"):
        levels = dict.fromkeys(level_text(r.member.levels[factor]) for r in found.rows if factor in r.member.levels)
        texts.append(f"{w.setting_name(factor)} {_levels(tuple(levels))}")
    return texts


def _levels(texts: Sequence[str]) -> str:
    """Levels in a row; of more than a reader takes in, as a random search has them, the first few and how many there are."""
    return ", ".join(texts) if len(texts) <= LEVELS else f"{', '.join(texts[:SAMPLED])}, … ({w.count(len(texts))} levels)"


def _fixed(found: GroupFindings) -> list[str]:
    """The settings that every configuration of the group shares."""
    configs = [row.member.config for row in found.rows]
    keys = [key for key in (configs[0] if configs else {}) if key not in found.factors]
    same = [k for k in keys if len({level_text(config.get(k)) for config in configs}) == 1]
    return [f"{w.setting_name(k)} {level_text(configs[0][k])}" for k in same]
