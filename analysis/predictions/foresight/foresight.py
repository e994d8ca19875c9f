"""A plan and the noise in its logs in, a `Foresight` out: what the finished plan can show, told before a run of it is paid for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.predictions.foresight.planned import Basis, Critical, Planned, basis, planned, smallest
from sweepbook.analysis.predictions.foresight.prospects import Prospect, prospect
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.quantiles import tukey
from sweepbook.runner.study import Study


@dataclass(frozen=True)
class Bought:
    """What so many seeds a configuration come to: the plan's runs, the degrees of freedom of its noise, and the smallest difference
    of two configurations that is found in 8 of 10 such plans under each noise (None: none ever is)."""

    seeds: int
    runs: int
    df: int
    smallest: tuple[float | None, ...]


@dataclass(frozen=True)
class AllPairs:
    """The smallest difference found in 8 of 10 plans where all pairs of a group's configurations are read together."""

    group: str
    configurations: int
    smallest: tuple[float | None, ...]


@dataclass(frozen=True)
class Foresight:
    """What a plan can show once all of it has run. `bought` opens with the planned seeds and goes on with more of them; `gap` is
    the basis of what is predicted of the gap, None where nothing is."""

    metric: str
    seeds: int
    configurations: int
    basis: Basis
    gap: Basis | None
    bought: tuple[Bought, ...]
    all_pairs: AllPairs | None
    predictions: tuple[Prospect, ...]

    @property
    def df(self) -> int:
        """The degrees of freedom of the noise once the plan has run."""
        return self.bought[0].df if self.bought else 0


def foresight(
    study: Study, found: Mapping[str, Summary], noises: Mapping[str, Noise], distance: float | None = None, more: int = 0
) -> Foresight:
    """What the plan of `study` can show. `found` and `noises` are what `groups.summaries` makes of the logs, empty where
    there are none; `distance` is the difference that seeds are counted for: one point of a share, else the noise itself. `bought`
    has a row for so many seeds `more`, too."""
    metrics = {"gap": None, study.metric: distance}
    bases = {metric: basis(metric, noises.get(metric), found, wanted) for metric, wanted in metrics.items()}
    plans = {metric: planned(study, found, used, noises.get(metric)) for metric, used in bases.items()}
    own, used = plans[study.metric], bases[study.metric]
    prospects = []
    for group in study.groups:
        for prediction in group.predictions:
            metric = prediction.metric or study.metric
            prospects.append(prospect(prediction, group, study, plans[metric], bases[metric]))
    seeds = len(study.seeds)
    counts = {seeds, seeds + 1, seeds + more, 2 * seeds, 4 * seeds} if study.labels else set()
    return Foresight(
        metric=study.metric,
        seeds=seeds,
        configurations=len(study.labels),
        basis=used,
        gap=bases["gap"] if study.metric != "gap" and any(own.metric == "gap" for own in prospects) else None,
        bought=tuple(_bought(study, own, used, n) for n in sorted(counts)),
        all_pairs=_all_pairs(study, own, used),
        predictions=tuple(prospects),
    )


def _bought(study: Study, plan: Planned, used: Basis, seeds: int) -> Bought:
    return Bought(seeds, seeds * len(study.labels), plan.df(seeds), _pair(plan, used, seeds, lambda df: t_quantile(df, 0.975)))


def _all_pairs(study: Study, plan: Planned, used: Basis) -> AllPairs | None:
    """Of the group with the most configurations, three at least."""
    sizes = {group.name: len({member.id for member in group.members}) for group in study.groups}
    name = max(sizes, key=lambda key: sizes[key], default="")
    if sizes.get(name, 0) < 3:
        return None
    return AllPairs(name, sizes[name], _pair(plan, used, len(study.seeds), partial(tukey, sizes[name])))


def _pair(plan: Planned, used: Basis, seeds: int, critical: Critical) -> tuple[float | None, ...]:
    """The smallest difference of two typical configurations that is found in 8 of 10 plans, under each noise."""
    alike = replace(plan, extra={}, known={})
    unit = smallest(alike.errors({"a": 1.0, "b": -1.0}, seeds), critical)
    return tuple(None if unit is None else used.span.seen(unit * sd / plan.sd) for sd in used.noises)
