"""A group of a plan and what its configurations came to in, `GroupFindings` out: who is ranked where, and what its factors did."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sweepbook.analysis.findings.best import Choice, choice, unranked
from sweepbook.analysis.groups.effects import Effect, Grid, effect, grid, ranked
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, factors
from sweepbook.analysis.groups.trends import Search, search
from sweepbook.analysis.groups.trials import Trials, trials
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.tiers import letters, tiers
from sweepbook.runner.member import Member
from sweepbook.runner.study import Group, Study
from sweepbook.runner.trials import Trial

LETTERED = 12  # configurations of a group, up to which letters tell who differs from whom


@dataclass(frozen=True)
class GroupFindings(GroupRows):
    """What a group's runs gave: its configurations with the best first, each one's tier and letters by its id (none where the
    noise is not known), those of the first tier that only their own scatter keeps there (`unranked`), the one to take, what its
    factors did, its predictions' outcomes, and the trends of settings that vary together. `trials` is how a group that searches
    came to its configurations: the trends are then those of its trials."""

    ranking: tuple[Summary, ...]
    tiers: Mapping[str, int]
    unranked: frozenset[str]
    letters: Mapping[str, str]
    choice: Choice | None
    effects: tuple[Effect, ...]
    grid: Grid | None
    outcomes: tuple[Outcome, ...] = ()
    search: Search | None = None
    trials: Trials | None = None

    @property
    def tested(self) -> tuple[Member, ...]:
        """The configurations whose levels were tested: of a search those of its trials too."""
        return (*super().tested, *(self.trials.members if self.trials else ()))

    @property
    def best(self) -> Summary | None:
        """The best mean."""
        return self.ranking[0] if self.ranking else None

    @cached_property
    def first(self) -> tuple[Summary, ...]:
        """The first tier without what is `unranked`, the best mean first: with a confidence of 95% the best is in it, or is not
        ranked. All, where the noise is not known."""
        return first_of(self.ranking, self.tiers, self.unranked)


def first_of(ranking: Sequence[Summary], tiers: Mapping[str, int], unranked: Collection[str]) -> tuple[Summary, ...]:
    return tuple(s for s in ranking if tiers.get(s.id, 1) == 1 and s.id not in unranked)


@dataclass(frozen=True)
class FirstRuns:
    """When each configuration ran first, and what logged it, by id."""

    started: Mapping[str, float]
    tools: Mapping[str, str]


def first_runs(sweep: Sweep) -> FirstRuns:
    used = sweep.used[["id", "started", "tool"]]
    started: dict[str, float] = {}
    tools: dict[str, str] = {}
    for ident, at, tool in used.itertuples(index=False):
        tools[str(ident)] = str(tool)
        if at is not None and at == at:
            started[str(ident)] = min(float(at), started.get(str(ident), math.inf))
    return FirstRuns(started, tools)


def group_findings(
    group: Group, members: Sequence[Member], known: Mapping[str, Summary], pooled: Noise | None, study: Study, ran: FirstRuns
) -> GroupFindings:
    """What the runs of one group gave, before its predictions are graded."""
    rows = tuple(Row(member, known.get(member.id)) for member in members)
    asked = GroupRows(group, factors(members), rows)
    tier = tiers_of(asked.summaries, study)
    ranking, loose = ranking_of(asked.summaries, tier, study), unranked(asked.summaries, tier, study.metric)
    return GroupFindings(
        asked.group,
        asked.factors,
        asked.rows,
        ranking=ranking,
        tiers=tier,
        unranked=loose,
        letters=_letters(ranking, study),
        choice=choice(ranking, first_of(ranking, tier, loose), study.metric, study.sign),
        effects=_effects(asked, study),
        grid=grid(asked, study.metric, pooled),
        search=search(asked, study, ran.started, ran.tools),
    )


def with_trials(found: GroupFindings, study: Study, known: Mapping[str, Sequence[Trial]], sweep: Sweep) -> GroupFindings:
    """A group that searches with its trials."""
    own = trials(found.group, study, known.get(found.group.name, ()), sweep)
    return replace(found, trials=own, search=own.trends) if own else found


def ranking_of(summaries: Iterable[Summary], tier: Mapping[str, int], study: Study) -> tuple[Summary, ...]:
    """The configurations by tier and then by mean, the best first."""
    return tuple(sorted(summaries, key=lambda s: _rank_key(s, tier, study)))


def _letters(ranking: Sequence[Summary], study: Study) -> dict[str, str]:
    """The letters of each configuration by its id: two that share none differ. None of so few or so many that they say nothing."""
    texts = letters([_upward(s, study) for s in ranking]) if 2 < len(ranking) <= LETTERED else None
    return {summary.id: text for summary, text in zip(ranking, texts, strict=True)} if texts else {}


def _effects(asked: GroupRows, study: Study) -> tuple[Effect, ...]:
    """What each factor of a group did, of those of which it is known, the widest range first."""
    effects = (effect(asked, factor, study) for factor in asked.factors)
    return ranked([known for known in effects if known])


def _upward(summary: Summary, study: Study) -> Mean:
    """The mean of the study's metric, turned so that higher is better."""
    return summary.means[study.metric].upward(study.sign)


def tiers_of(known: Sequence[Summary], study: Study) -> dict[str, int]:
    """The tier of each configuration by its id; none where the noise is not known."""
    numbers = tiers([_upward(s, study) for s in known])
    return {summary.id: number for summary, number in zip(known, numbers, strict=True)} if numbers else {}


def _rank_key(summary: Summary, tier: Mapping[str, int], study: Study) -> tuple[int, float, float, str]:
    return tier.get(summary.id, 1), -study.sign * summary.means[study.metric].value, summary.parameters or 0, summary.label
