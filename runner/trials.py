"""The logs of a search in, its trials out, how much of the budget they took, and the configurations that are to be confirmed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweepbook.runner.config import Config, active, config_id
from sweepbook.runner.member import Member
from sweepbook.runner.runlog import Run
from sweepbook.runner.search import SearchPlan
from sweepbook.runner.study import Group, Study

# The facts of a trial's environment that its log records: the search it is of, its number, and what was proposed, as JSON.
SEARCH, TRIAL, PROPOSED = "search", "trial", "proposed"
TICK = 1.0  # second, to which logs have the time at which a run began
CONCLUDED = ("finished", "pruned", "diverged", "failed")  # a trial that ended so is not trained again


@dataclass(frozen=True)
class Trial:
    """One trial of the search of a `group`, as its log has it: its `score` by the study's metric after the last epoch (None where
    there is none), the same after each epoch, and when it `started`, in seconds."""

    group: str
    number: int
    label: str
    config: Config
    status: str
    score: float | None
    values: tuple[float, ...]
    started: float
    seconds: float
    proposed: str

    @property
    def id(self) -> str:
        """The identity of its configuration."""
        return config_id(self.config)


def label(group: str, number: int) -> str:
    """What trial `number` of a group is called.

    >>> label("bayes", 17)
    'bayes_t0017'
    """
    return f"{group}_t{number:04}"


def is_trial(run: Run) -> bool:
    """Whether the log is of a trial of some search."""
    return SEARCH in run.environment


def trials(logged: Iterable[tuple[Path, Run]], metric: str) -> dict[str, tuple[Trial, ...]]:
    """The trials by their group, each number once."""
    return by_group(trial for _, run in logged if (trial := trial_of(run, metric)))


def by_group(every: Iterable[Trial]) -> dict[str, tuple[Trial, ...]]:
    """The trials of each search in the order of their numbers. Of several logs of one the concluded one counts, else the last."""
    best: dict[tuple[str, int], Trial] = {}
    for trial in every:
        key = trial.group, trial.number
        best[key] = max(best.get(key, trial), trial, key=_weight)
    groups: dict[str, list[Trial]] = {}
    for key in sorted(best):
        groups.setdefault(key[0], []).append(best[key])
    return {name: tuple(own) for name, own in groups.items()}


def _weight(trial: Trial) -> tuple[int, float]:
    rank = {"finished": 3, "pruned": 3, "diverged": 3, "failed": 2}
    return rank.get(trial.status, 1), trial.started


def trial_of(run: Run, metric: str) -> Trial | None:
    """The trial that a log records; None where it is of none."""
    facts = run.environment
    if not is_trial(run) or type(facts.get(TRIAL)) is not int or run.started is None:
        return None
    return Trial(
        str(facts[SEARCH]),
        int(facts[TRIAL]),
        run.label,
        run.config,
        run.status,
        score(run.metrics, metric),
        series(run.epochs, metric),
        run.started.timestamp(),
        run.seconds or 0.0,
        str(facts.get(PROPOSED, "{}")),
    )


def score(metrics: Mapping[str, float], metric: str) -> float | None:
    """The value of the metric that a search goes by, which may be the gap."""
    if metric == "gap":
        losses = metrics.get("valid_loss"), metrics.get("train_loss")
        return None if losses[0] is None or losses[1] is None else losses[0] - losses[1]
    return metrics.get(metric)


def series(epochs: Mapping[str, Sequence[float]], metric: str) -> tuple[float, ...]:
    """The same after each epoch."""
    if metric == "gap":
        return tuple(a - b for a, b in zip(epochs.get("valid_loss", ()), epochs.get("train_loss", ()), strict=False))
    return tuple(epochs.get(metric, ()))


def wall(known: Iterable[Trial]) -> float:
    """The seconds in which some trial was training: side by side they count once, and a pause between them not at all.

    A log has the second in which its trial began. So which short trials went side by side is not known: they count one after the
    other, as long as the clock has room for that.
    """
    total, taken, begin, end = 0.0, 0.0, 0.0, 0.0
    for start, seconds in sorted((trial.started, trial.seconds) for trial in known):
        if start > end:
            total, taken, begin = total + min(taken, end - begin), 0.0, start
        taken, end = taken + seconds, max(end, start + max(seconds, TICK))
    return total + min(taken, end - begin)


def is_over(plan: SearchPlan, known: Sequence[Trial], limit: int | None) -> bool:
    """Whether a search has come to its end; what was cut off in it is then left alone."""
    return is_spent(plan, limit, sum(trial.status in CONCLUDED for trial in known), known)


def is_spent(plan: SearchPlan, limit: int | None, count: int, known: Iterable[Trial]) -> bool:
    """Whether `count` trials, and the time that those `known` took, are the whole budget."""
    return (limit is not None and count >= limit) or (plan.minutes is not None and wall(known) >= 60 * plan.minutes)


def limit(plan: SearchPlan, baseline: Config) -> int | None:
    """The most trials that a search can have: its runs, or the different configurations of its space; None for no limit."""
    limits = [number for number in (plan.runs, distinct(plan, baseline)) if number is not None]
    return min(limits, default=None)


def distinct(plan: SearchPlan, baseline: Config) -> int | None:
    """How many different configurations the space holds; None where they are too many to count."""
    points = plan.combinations()
    return None if points is None else len({config_id({**baseline, **plan.settings(point)}) for point in points})


def ranked(known: Iterable[Trial], sign: int) -> list[Trial]:
    """The finished trials, the best score first, each configuration once; `sign` is 1 where higher is better, else -1."""
    scored = [
        (-sign * trial.score, trial.number, trial) for trial in known if trial.status == "finished" and trial.score is not None
    ]
    best: dict[str, Trial] = {}
    for _, _, trial in sorted(scored, key=lambda one: one[:2]):
        best.setdefault(trial.id, trial)
    return list(best.values())


def resolved(study: Study, searches: Mapping[str, Sequence[Trial]], begun: Collection[str]) -> Study:
    """The study with the configurations that each search has come to as those of its group: once it is over the best ones, and at
    any time those that were `begun` to be confirmed (ids)."""
    groups = tuple(_resolved(group, study, searches.get(group.name, ()), begun) for group in study.groups)
    return replace(study, groups=groups)


def _resolved(group: Group, study: Study, known: Sequence[Trial], begun: Collection[str]) -> Group:
    if group.search is None:
        return group
    order = ranked(known, study.sign)
    best = group.search.confirm if is_over(group.search, known, limit(group.search, study.baseline)) else 0
    chosen = [trial for place, trial in enumerate(order) if place < best or trial.id in begun]
    return replace(group, members=tuple(_member(trial, group.search) for trial in chosen))


def _member(trial: Trial, plan: SearchPlan) -> Member:
    config, name = active(trial.config), trial.label.removeprefix(f"{trial.group}_")
    return Member(trial.label, config, {"name": name, **{key: config[key] for key in plan.space if key in config}})


def begun(logged: Iterable[tuple[Path, Run]], study: Study) -> set[str]:
    """The ids of the configurations that have a log at a seed of the plan, and not as a trial."""
    return {config_id(run.config) for _, run in logged if not is_trial(run) and run.seed in study.seeds}
