"""A `Sweep` and a `Study` in, `Findings` out: noise, ranking with tiers, groups with their effects and graded predictions,
diagnoses, checks, totals."""

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from statistics import median
from typing import Any

import pandas as pd
from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check, checks
from sweepbook.analysis.findings.best import Choice, choice, unranked, usual_n
from sweepbook.analysis.findings.diagnoses import Diagnoses, diagnoses
from sweepbook.analysis.findings.group import GroupFindings, first_of, first_runs, group_findings, ranking_of, tiers_of, with_trials
from sweepbook.analysis.findings.limits import limited
from sweepbook.analysis.findings.naming import distinct
from sweepbook.analysis.findings.totals import Totals, silent, totals
from sweepbook.analysis.groups.effects import Effect, ranked
from sweepbook.analysis.groups.members import groups_by_id, is_meant, labels_by_id, members_of
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import Summary, summaries
from sweepbook.analysis.groups.trials import apart, without
from sweepbook.analysis.logs.origins import CLEAN, PATCH
from sweepbook.analysis.logs.sweep import CONFIG, ENVIRONMENT, Sweep, config_of
from sweepbook.analysis.predictions.grading import outcome
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.pairs import agreed
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.power import detectable
from sweepbook.analysis.stats.several import discoveries
from sweepbook.runner.config import Config, active, defaults
from sweepbook.runner.study import Study
from sweepbook.runner.values import level_text

FALSE_DISCOVERIES = 0.10  # of what no prediction asked for


@dataclass(frozen=True)
class Findings:
    """Everything that the journal tells. `ranking` has every configuration with a finished run, by tier and then by mean;
    `tiers` that tier by its id (none where the noise is not known), `unranked` those of the first tier that only their own scatter
    keeps there, `choice` the one to take. `noises` has the noise of each
    metric between the replicates of all of them; `silent` counts the runs in progress that may have been killed; `exploratory` is
    the p up to which what no prediction asked for counts as found. Of the `problems`, `again` names for each log that was cut off
    the one in which its run came to its end since, and `unended` has those whose runs go on, or were killed."""

    study: Study
    totals: Totals
    silent: int
    ranking: tuple[Summary, ...]
    tiers: Mapping[str, int]
    unranked: frozenset[str]
    choice: Choice | None
    noises: Mapping[str, Noise]
    groups: tuple[GroupFindings, ...]
    effects: tuple[Effect, ...]
    exploratory: float
    diagnoses: Diagnoses
    checks: tuple[Check, ...]
    problems: tuple[tuple[str, str], ...]
    groups_of: Mapping[str, tuple[str, ...]]
    first: float | None
    last: float | None
    environments: Mapping[str, tuple[str, ...]]
    outside: int = 0
    again: Mapping[str, str] = field(default_factory=dict)
    unended: frozenset[str] = frozenset()

    @property
    def noise(self) -> Noise | None:
        """The noise of the metric that the study ranks by."""
        return self.noises.get(self.study.metric)

    @cached_property
    def first_tier(self) -> tuple[Summary, ...]:
        """The first tier without what is `unranked`, the best mean first. All, where the noise is not known."""
        return first_of(self.ranking, self.tiers, self.unranked)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every prediction's, in the plan's order."""
        return tuple(outcome for group in self.groups for outcome in group.outcomes)

    @cached_property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """Every label of each configuration, with a finished run or without, by its id, in the plan's order."""
        labels: dict[str, dict[str, None]] = {}
        for group in self.groups:
            for row in group.rows:
                labels.setdefault(row.member.id, {})[row.member.label] = None
        return {key: tuple(own) for key, own in labels.items()}

    @cached_property
    def _forms(self) -> Mapping[str, w.Form]:
        names = dict.fromkeys(name for s in self.ranking for name in s.metrics)
        return {name: w.estimates_form(name, [s.metrics[name] for s in self.ranking if name in s.metrics]) for name in names}

    def form(self, metric: str) -> w.Form:
        """How the numbers of a metric are written, in every table, sentence and figure alike."""
        return self._forms.get(metric) or w.form(metric)

    @cached_property
    def _spans(self) -> Mapping[str, Span]:
        names = dict.fromkeys(name for s in self.ranking for name in s.runs)
        return {name: span(name, (value for s in self.ranking for value in s.runs.get(name, ()))) for name in names}

    def span(self, metric: str) -> Span:
        """Where numbers of a metric can lie."""
        return self._spans.get(metric) or span(metric)

    @cached_property
    def _leading(self) -> float | None:
        """The variance between runs, without the seed's part, of the middle one of those that could be the best."""
        metric = self.study.metric
        known = [v for s in self.first_tier if (v := s.means[metric].variance) is not None]
        return median(known) if known and self.noise else None

    @cached_property
    def usual_reach(self) -> float:
        """How far the best run ends from the worst in the middle one of the configurations that have several."""
        values = [s.runs[self.study.metric] for s in self.ranking if s.n > 1]
        return median(max(own) - min(own) for own in values)

    @cached_property
    def kept(self) -> dict[tuple[str, str], Any]:
        """What others have worked out of these findings, by what it is and what it is of: several parts of a page ask for it.
        Checks and outcomes have no part in it."""
        return {}

    @property
    def scatter(self) -> float | None:
        """How far one run lands from the mean of its configuration, of those that could be the best: a standard deviation, the
        seed's part in it. None where the noise is not known."""
        if self.noise is None or self._leading is None:
            return None
        return float((self._leading + (self.noise.seeds.sd if self.noise.seeds else 0.0) ** 2) ** 0.5)

    def ruler(self, n: int) -> float | None:
        """The difference from which on two means of `n` runs each are told apart, of configurations that could be the best;
        infinite where none that there can be is, None where the noise is not known."""
        if self.noise is None or self._leading is None or not n:
            return None
        seen = self.span(self.study.metric).seen(self.noise.ruler(n) * (self._leading**0.5 / self.noise.rest))
        return math.inf if seen is None else seen

    @property
    def threshold(self) -> float | None:
        """The ruler of the usual number of runs: differences under it tell nothing. None where no difference could be seen."""
        least = self.ruler(self.usual_n)
        return None if least is None or math.isinf(least) else least

    def detectable(self, metric: str, n: int) -> float | None:
        """The smallest difference of two means of `n` runs each, of typical configurations at the same seeds, that is found in 8 of
        10 sweeps; None where none is."""
        noise = self.noises.get(metric)
        return None if noise is None or not n else self.span(metric).seen(detectable(noise.rest, noise.pair_df(n), n))

    def changes(self, summary: Summary) -> tuple[str, ...]:
        """The settings in which `summary` differs from the baseline: of those that act, and a default counts as written."""
        if summary.id not in self._changes:
            self._changes[summary.id] = self._changed(summary.config)
        return self._changes[summary.id]

    @cached_property
    def _changes(self) -> dict[str, tuple[str, ...]]:
        """What `changes` has worked out, by id: several parts of a page ask for the same."""
        return {}

    def _changed(self, config: Config) -> tuple[str, ...]:
        baseline = self.study.baseline
        usual = defaults(config)
        own, base = {**usual, **config}, {**usual, **baseline}
        return tuple(key for key in active({**baseline, **config}) if _unlike(own.get(key), base.get(key)))

    @cached_property
    def best_single(self) -> Summary | None:
        """The best configuration that differs from the baseline in exactly one setting."""
        return next((s for s in self.ranking if self.study.baseline and len(self.changes(s)) == 1), None)

    @cached_property
    def best_combined(self) -> Summary | None:
        """The best configuration that differs from the baseline in two settings or more."""
        return next((s for s in self.ranking if self.study.baseline and len(self.changes(s)) > 1), None)

    @cached_property
    def usual_n(self) -> int:
        """The number of runs that most configurations have, the larger one of a tie; 0 where none has finished."""
        return usual_n(self.ranking)

    @property
    def unfinished(self) -> int:
        """How many planned runs have not come to an end."""
        return self.totals.planned - self.totals.finished - self.totals.diverged

    @cached_property
    def short(self) -> frozenset[str]:
        """The ids of configurations with fewer finished runs than planned, while planned runs have not come to an end."""
        if self.unfinished <= 0:
            return frozenset()
        finished = {s.id: s.n for s in self.ranking}
        planned = Counter(run.id for run in self.study.runs)
        return frozenset(key for key, count in planned.items() if finished.get(key, 0) < count)

    @property
    def recommended(self) -> Summary | None:
        """The configuration to take; None where nothing has finished."""
        return self.choice.recommended if self.choice else None


def _unlike(one: object, other: object) -> bool:
    if one is other or (type(one) is type(other) and one == other):
        return False
    return level_text(one) != level_text(other)


def could_be_best(found: Findings | GroupFindings, key: str) -> str:
    """Whether a configuration could be the best: "yes", "no" or "not ranked"; a dash where that is not known."""
    if key not in found.tiers:
        return w.NONE
    return w.UNRANKED if key in found.unranked else "yes" if found.tiers[key] == 1 else "no"


def findings(sweep: Sweep, study: Study, now: float | None = None, looks: Sequence[int] = ()) -> Findings:
    """What the runs of `sweep` say to the questions of `study`; `now` is the time to which runs in progress are held, the
    clock's unless given. `looks` are the numbers of runs behind this report and those before it, where one is built."""
    found = ungraded(sweep, study, now)
    return graded(found, checked(found, sweep, looks))


def ungraded(sweep: Sweep, study: Study, now: float | None = None) -> Findings:
    """`findings` without the checks and the outcomes of predictions, which are in no figure: it has what figures show."""
    study = replace(study, metric=sweep.picture.ours.get(study.metric, study.metric))  # which a plan may name as its tool does
    everything = sweep
    sweep, study, known_trials = apart(sweep, study)
    logged = _logged(sweep, study) if any(group.where is not None for group in study.groups) else {}
    members = {group.name: members_of(group, logged) for group in study.groups}
    labels, groups_of = labels_by_id(members), groups_by_id(members)
    known, noises = summaries(sweep, study.metric, study.sign, labels, members)
    tier = tiers_of(list(known.values()), study)
    ranking, loose = ranking_of(known.values(), tier, study), unranked(known.values(), tier, study.metric)
    ran_at = first_runs(sweep)
    groups = tuple(
        group_findings(group, members[group.name], known, noises.get(study.metric), study, ran_at) for group in study.groups
    )
    groups = tuple(with_trials(group, study, known_trials, everything) for group in groups)
    used = sweep.used[sweep.used["id"].isin(labels)]
    return Findings(
        study=study,
        totals=totals(sweep, study, used),
        silent=silent(sweep, study, time.time() if now is None else now),
        ranking=ranking,
        tiers=tier,
        unranked=loose,
        choice=choice(ranking, first_of(ranking, tier, loose), study.metric, study.sign),
        noises=noises,
        groups=groups,
        effects=ranked([e for group in groups for e in group.effects]),
        exploratory=_exploratory(groups),
        diagnoses=diagnoses(sweep),
        checks=(),
        problems=_problems(sweep, study, groups_of),
        groups_of=groups_of,
        first=_moment(used["started"].min()),
        last=_moment(used["started"].max()),
        environments=_environments(used),
        outside=len(sweep.used) - len(used),
        again={log: sweep.again[log] for log in sweep.problems["log"] if log in sweep.again},
        unended=frozenset(sweep.problems["log"]) & frozenset(_going(sweep)),
    )


def _exploratory(groups: Sequence[GroupFindings]) -> float:
    """The p up to which a step between levels, of all steps in the study, counts as found."""
    steps = [step for group in groups for each in group.effects for step in each.steps]
    return discoveries([step.contrast.p() for step in steps], FALSE_DISCOVERIES)


def checked(found: Findings, sweep: Sweep, looks: Sequence[int] = ()) -> tuple[Check, ...]:
    """What the plan and the logs fail, of which `found` came."""
    firsts = {group.group.name: tuple(s.id for s in group.first) for group in found.groups}
    return checks(found.study, without(sweep), found.groups, firsts, found.noise, looks)


def graded(found: Findings, fired: tuple[Check, ...]) -> Findings:
    """`found`, which is `ungraded`, with its checks, and with the outcomes of its groups' predictions, each limited by the checks
    that touch what it compares."""
    by_name, tier = {g.group.name: g for g in found.groups}, {g.group.name: g.tiers for g in found.groups}
    asked = ((p, group) for group in found.groups for p in group.group.predictions)
    told = iter(agreed([outcome(p, group, by_name, found.study, found.noises, tier) for p, group in asked]))
    groups = []
    for group in found.groups:
        outcomes = islice(told, len(group.group.predictions))
        groups.append(replace(group, outcomes=tuple(limited(o, group.group.name, fired) for o in outcomes)))
    made = replace(found, groups=tuple(groups), checks=fired)
    # Of the same configurations these are the same; figures ask for them before.
    vars(made).update({name: vars(found)[name] for name in ("_forms", "_spans", "kept") if name in vars(found)})
    return made


def _logged(sweep: Sweep, study: Study) -> dict[str, tuple[str, Config]]:
    """The configurations with a finished run, by id, each under a label of its own."""
    configs: dict[str, Config] = {}
    labels: dict[str, str] = {}
    names = [name for name in sweep.runs.columns if name.startswith(CONFIG)]
    for row in sweep.used[["label", "id", *names]].to_dict("records"):
        ident = str(row["id"])
        if ident not in configs and is_meant(study, config := config_of(row)):
            configs[ident], labels[ident] = config, str(row["label"])
    named = distinct(labels, configs, study.labels)
    return {ident: (named[ident], config) for ident, config in configs.items()}


def _problems(sweep: Sweep, study: Study, groups_of: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    stray = sweep.used[~sweep.used["id"].isin(groups_of)]
    reasons = dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    metric = study.metric
    unscored = sweep.used["log"][sweep.scores(metric).isna()]
    reasons |= dict.fromkeys(unscored, f'finished without "{metric}", by which the plan compares')
    meant = [is_meant(study, config_of(row)) for row in stray.to_dict("records")]
    stray = stray[pd.Series(meant, stray.index, dtype=bool)]
    reasons |= dict.fromkeys(stray["log"], "its configuration is in no group of the plan")
    return tuple(sorted(reasons.items()))


def _going(sweep: Sweep) -> list[str]:
    """The logs of runs that have not ended, here or in another log."""
    going = sweep.runs["log"][sweep.runs["status"].eq("running")]
    return [log for log in going if log not in sweep.again]


def _moment(started: object) -> float | None:
    """A time that some log records; None where none does."""
    return float(str(started)) if started is not None and started == started else None


def _environments(used: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The different values that the logs record of each fact about where they ran."""
    names = [name for name in used.columns if name.startswith(ENVIRONMENT) and name != f"{ENVIRONMENT}predictions"]
    values = {name.removeprefix(ENVIRONMENT): {level_text(v) for v in used[name] if v is not None} for name in names}
    if PATCH in used:
        values["patch"] = {patch or CLEAN for patch in used[PATCH] if patch is not None}
    return {name: tuple(sorted(texts)) for name, texts in values.items() if texts}
