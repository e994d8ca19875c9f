"""A group's findings in, which of its levels and configurations differ out: what is better, what is worse, and in one line all that
shows no difference."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Level, Step, mixed_levels
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.names import names
from sweepbook.analysis.predictions.behind import at_common
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.tiers import all_pairs

LISTED, NAMED = 8, 4  # differences that a line has one by one; configurations that a sentence names
BETTER, WORSE, NONE = "up", "down", "open"


@dataclass(frozen=True)
class Insight:
    """A sentence, and what it tells of: BETTER and WORSE of differences, NONE of what shows none, "" where it compares nothing."""

    verdict: str
    text: str


@dataclass(frozen=True)
class Compared:
    """Two levels of `factor` that were compared in words, or where it is "" a configuration with the best one: how far the second
    level, or the configuration, is better, with its interval, and the verdict: BETTER, WORSE or NONE."""

    factor: str
    what: str
    difference: Difference
    verdict: str


def insights(found: GroupFindings, findings: Findings) -> tuple[Insight, ...]:
    """A line for what is better, for what is worse and for what shows no difference; of a random search the averages by level."""
    if len(found.ranking) < 2 or findings.noise is None:
        return ()
    best = "" if by_level(found) else names(found)[found.first[0].id]
    heads = {BETTER: "Better", WORSE: "Worse" + f" than {best}" * bool(best)}
    heads[NONE] = "No visible difference" + f" from {best}" * bool(best)
    made = differences(found, findings)
    if len(found.first) == len(found.ranking) and all(one.verdict == NONE for one in made):
        return tuple(_averages(found, findings))  # the conclusion says it
    lines = [_line(verdict, head, [one for one in made if one.verdict == verdict], findings) for verdict, head in heads.items()]
    return (*(line for line in lines if line), *_averages(found, findings))


def by_level(found: GroupFindings) -> bool:
    """Whether levels of the group's factors are compared; else its configurations are, with the best of them."""
    return any(effect.steps or len(found.factors) > 1 for effect in found.effects)


def differences(found: GroupFindings, findings: Findings) -> list[Compared]:
    """Every step from a level to the next, and of levels without an order from the worst to the best; in a group without such
    levels the best mean against each of the others."""
    if not by_level(found):
        return _against_best(found, findings)
    several = len(found.factors) > 1
    made = []
    for effect in found.effects:
        factor = w.setting_name(effect.factor) if several else ""
        behind = {level.text: level.summaries for level in effect.levels}
        made += [_compared_step(factor, step, behind, findings) for step in effect.steps]
        if not effect.steps:
            seen = effect.range.low is not None and effect.range.low > 0
            made.append(Compared(factor, f"{effect.worst} to {effect.best}", effect.range, BETTER if seen else NONE))
    return made


def explored(step: Step, findings: Findings) -> Difference:
    """The step with the interval at which the study's false discoveries are limited."""
    return step.difference(1 - findings.exploratory)


def _compared_step(factor: str, step: Step, behind: Mapping[str, Sequence[Summary]], findings: Findings) -> Compared:
    """A step, and that it is at the seeds that both levels have where one has others, too; `behind` has the configurations of each
    level."""
    common = at_common(behind[step.first], behind[step.second], findings.study.metric)
    what = f"{step.first} to {step.second}{' at the seeds that both have' if common else ''}"
    made = explored(step, findings)
    way = findings.study.sign * made.estimate > 0
    return Compared(factor, what, _upward(made, findings), NONE if not made.told else BETTER if way else WORSE)


def _upward(made: Difference, findings: Findings) -> Difference:
    """The difference, turned so that what is better is above zero."""
    if findings.study.sign > 0 or made.low is None or made.high is None:
        return made
    return Difference(-made.estimate, -made.high, -made.low)


def _against_best(found: GroupFindings, findings: Findings) -> list[Compared]:
    """The others against the best mean, by their tiers."""
    short, best = names(found), found.first[0]
    others = [s for s in found.ranking if s is not best and s.id not in found.unranked]
    verdicts = {s.id: WORSE if found.tiers[s.id] > 1 else NONE for s in others}
    return [Compared("", short[s.id], _pair(found, findings, s, best), verdicts[s.id]) for s in others]


def _pair(found: GroupFindings, findings: Findings, s: Summary, other: Summary) -> Difference:
    """How far one is ahead of the other, by the interval that all pairs of the group have at once."""
    metric, sign = findings.study.metric, findings.study.sign
    means = [one.means[metric].upward(sign) for one in found.ranking]
    return findings.span(metric).difference(all_pairs(means, found.ranking.index(s), found.ranking.index(other)))


def farthest_behind(found: GroupFindings, findings: Findings, others: Sequence[Summary]) -> float:
    """How far behind the best mean one of the others may be, in truth."""
    lows = [_pair(found, findings, s, found.ranking[0]).low for s in others[:LISTED]]
    return max((-low for low in lows if low is not None), default=math.inf)


def _line(verdict: str, head: str, own: Sequence[Compared], findings: Findings) -> Insight | None:
    """All differences of one verdict in a line; None where there are none."""
    if not own:
        return None
    shown = own[:LISTED]
    texts = [one.what for one in shown] if verdict == NONE else _sized(shown, findings)
    parts: dict[str, list[str]] = {}
    for one, text in zip(shown, texts, strict=True):
        parts.setdefault(one.factor, []).append(text)
    listed = "; ".join(f"{factor} {', '.join(of)}".lstrip() for factor, of in parts.items())
    listed += f" and {w.count(len(own) - LISTED)} more" if len(own) > LISTED else ""
    if verdict != NONE:
        return Insight(verdict, f"{head}: {listed}.")
    ends = [abs(end) for one in own for end in (one.difference.low, one.difference.high) if end is not None]
    return Insight(verdict, f"{head}: {listed} ({could_hide(max(ends, default=math.inf), findings)}).")


def _sized(shown: Sequence[Compared], findings: Findings) -> list[str]:
    """What was compared with how far the metric moved, the unit told once: of a loss a better one is lower."""
    form, sign = findings.form(findings.study.metric), findings.study.sign
    sizes = [w.difference(form, sign * one.difference.estimate) for one in shown]
    bare = [*(size.removesuffix(" points") for size in sizes[:-1]), *sizes[-1:]]
    return [f"{one.what} ({size})" for one, size in zip(shown, bare, strict=True)]


def could_hide(most: float, findings: Findings) -> str:
    """How large a difference could be there unseen: "up to 1.4 points could hide"."""
    metric = findings.study.metric
    if not math.isfinite(most) or findings.span(metric).seen(2 * most) is None:
        return "even a large one could hide"
    return f"up to {w.size(findings.form(metric), most)} could hide"


def _apart(first: Level, last: Level, findings: Findings) -> bool:
    """Whether two averages lie further apart than what is to be ignored, which is less the more configurations are behind them."""
    metric = findings.study.metric
    counts = [len(level.summaries) for level in (first, last)]
    least = (findings.threshold or 0.0) * math.sqrt(sum(1 / count for count in counts) / 2)
    return abs(first.mean(metric) - last.mean(metric)) >= least


def _averages(found: GroupFindings, findings: Findings) -> list[Insight]:
    """The averages by level where no level differs in one setting alone: what else changed is in them."""
    study, form = findings.study, findings.form(findings.study.metric)
    lines = []
    for factor in found.factors if len(found.factors) > 1 and not found.effects and not found.search else ():
        known = sorted(mixed_levels(found, factor, study.metric), key=lambda level: -study.sign * level.mean(study.metric))
        if not known or not _apart(known[0], known[-1], findings):
            continue
        means = [f"{w.score(form, one.mean(study.metric))} with {one.text} ({len(one.summaries)})" for one in known]
        means[0] = means[0].removesuffix(")") + " configurations)"
        lines.append(f"Average by {w.setting_name(factor)}: {', '.join(means)}.")
    more = f"{' In these averages other' if len(lines) > 1 else ' Other'} settings vary along, so no cause is shown."
    return [Insight("", line + (more if line is lines[-1] else "")) for line in lines]
