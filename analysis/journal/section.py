"""One group of the findings in, its section of the journal out: sentences, tables and figures as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.conclusion import conclusion
from sweepbook.analysis.journal.expectations import Expectation, expectations
from sweepbook.analysis.journal.insights import Insight, insights
from sweepbook.analysis.journal.method import Method, method
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.journal.notes.notes import GroupNotes
from sweepbook.analysis.journal.observations import Lost, nothing_stood_out, stood_out
from sweepbook.analysis.journal.patterns import patterns
from sweepbook.analysis.journal.results import results, score_grid
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Table
from sweepbook.runner.search import Choice, Dimension, SearchPlan
from sweepbook.runner.values import Value, is_finite, level_text

LONGEST = 8  # characters of a level that stands in a range
LEVELS, SAMPLED = 12, 5  # levels of a factor that are named one by one; of more, the ends, or the first five


@dataclass(frozen=True)
class Section:
    """What the journal tells of one group, in reading order.

    `conclusion` has the answer, then in a sentence each what it does not show. `plan` is what was asked, by name, `background`
    the rest of it. `grid` has the scores of a large grid in rows and columns, for Markdown. `among` says how many of those that
    could be the best here could be so in the whole study. `observations` are what stood out in training, by kind; where nothing
    did, `observed` says so. `insights` are the differences, a line for all of one verdict, `patterns` those of a grid. `method`
    says how all of it is known, and `notes` are the author's own words.
    """

    name: str
    title: str
    conclusion: tuple[str, ...]
    plan: tuple[tuple[str, str], ...]
    background: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]
    results: Table
    grid: Table | None
    trends: Table
    among: str
    predictions: tuple[Expectation, ...]
    observed: str
    observations: tuple[tuple[str, str], ...]
    insights: tuple[Insight, ...]
    patterns: tuple[str, ...]
    next_steps: tuple[str, ...]
    method: Method
    notes: GroupNotes


def section(
    found: GroupFindings,
    findings: Findings,
    pictures: tuple[Picture, ...],
    curves: Mapping[str, Curves],
    notes: GroupNotes,
    lost: Mapping[str, Sequence[Lost]],
) -> Section:
    """The section of the group `found` with its `pictures`; `lost` has the runs that fell apart, by configuration."""
    observed = stood_out(found, findings, curves, lost)
    return Section(
        name=found.group.name,
        title=found.group.title,
        conclusion=conclusion(found, findings),
        plan=_named(
            ("Found", found.group.description),
            ("Hypothesis", found.group.hypothesis),
            ("Varied", "; ".join(_varied(found)))
            if found.trials is None
            else ("Searched", "; ".join(_searched(found.trials.plan))),
        ),
        background=_named(
            ("Reasoning", found.group.reasoning),
            ("Expected", " ".join(found.group.expected)),
            ("Fixed", ", ".join(_fixed(found))),
        ),
        pictures=pictures,
        results=results(found, findings, curves),
        grid=score_grid(found, findings),
        trends=trends.table(found.search, findings),
        among=_among(found, findings),
        predictions=expectations(found.outcomes, findings),
        observed="" if observed else nothing_stood_out(found, findings),
        observations=observed,
        insights=insights(found, findings),
        patterns=patterns(found, findings),
        next_steps=next_steps(found, findings),
        method=method(found, findings, curves),
        notes=notes,
    )


def _among(found: GroupFindings, findings: Findings) -> str:
    """How many of those that could be the best here could be so in the whole study, where these are fewer."""
    whole = {s.id for s in findings.first_tier}
    both, here = sum(s.id in whole for s in found.first), len(found.first)
    alone = len(findings.ranking) == len(found.ranking) or bool(findings.study.tasks)
    if not found.tiers or both == here or alone:
        return ""
    rest = f"{w.count(both)} of them could" if both else "none of them could" if here > 1 else "it could not"
    return f"In this group alone {w.count(here)} could be the best; in the whole study {rest}."


def _named(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in pairs if text)


def _varied(found: GroupFindings) -> list[str]:
    """Each factor with its levels."""
    texts = []
    for factor in (f for f in found.factors if f != "name"):
        levels = {level_text(r.member.levels[factor]): r.member.levels[factor] for r in found.rows if factor in r.member.levels}
        texts.append(f"{w.setting_name(factor)} {_levels(levels)}")
    return texts


def _searched(plan: SearchPlan) -> list[str]:
    """Each setting of a search with where it was looked for."""
    return [f"{w.setting_name(name)} {_where(one)}" for name, one in plan.space.items()]


def _where(one: Dimension) -> str:
    if isinstance(one, Choice):
        return ", ".join(map(level_text, one.levels))
    return f"{level_text(one.low)} to {level_text(one.high)}" + ", by factors" * one.log


def _levels(levels: Mapping[str, Value]) -> str:
    """Levels in a row, by their texts; of more than a reader takes in, as a random search has them, their range or the first few,
    and how many there are."""
    if len(levels) <= LEVELS:
        return ", ".join(levels)
    if all(is_finite(level) for level in levels.values()):
        ordered = sorted(levels, key=lambda text: float(str(levels[text])))
        ends = [text if len(text) <= LONGEST else f"{float(str(levels[text])):.3g}" for text in (ordered[0], ordered[-1])]
        return f"{ends[0]} to {ends[1]} ({w.count(len(levels))} levels)"
    return f"{', '.join(list(levels)[:SAMPLED])}, … ({w.count(len(levels))} levels)"


def _fixed(found: GroupFindings) -> list[str]:
    """The settings that every configuration of the group shares."""
    configs = [row.member.config for row in found.rows]
    keys = [key for key in (configs[0] if configs else {}) if key not in found.factors]
    same = [k for k in keys if len({level_text(config.get(k)) for config in configs}) == 1]
    return [f"{w.setting_name(k)} {level_text(configs[0][k])}" for k in same]
