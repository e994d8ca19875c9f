"""Groups in, what each of their configurations amounts to out: steps, examples, parameters. Logs say it, and the settings where
there are no runs yet or the logs do not tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, factors
from sweepbook.analysis.logs.series import EPOCHS
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.config import Config, setting, whole
from sweepbook.runner.datasets import DATASETS, Dataset
from sweepbook.runner.member import Member
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import level_text


@dataclass(frozen=True)
class Point:
    """A configuration as a group sees it, with what one run of it amounts to: optimiser `steps`, training `examples` seen,
    `parameters`, and how many examples its score rests on (`scored`), out of splits of `train` and `valid`. None: not known."""

    member: Member
    config: Config
    steps: int | None
    examples: int | None
    parameters: int | None
    scored: int | None
    train: int | None
    valid: int | None
    epochs: float | None

    @property
    def label(self) -> str:
        """The group's label for the configuration."""
        return self.member.label

    @cached_property
    def levels(self) -> Mapping[str, str]:
        """The levels of the group's factors as text."""
        return {factor: level_text(level) for factor, level in self.member.levels.items()}


@dataclass(frozen=True)
class Question:
    """A group with its factors, `name` not among them, its points in the plan's order, and what of it was `tested`."""

    group: Group
    factors: tuple[str, ...]
    points: tuple[Point, ...]
    tested: tuple[Member, ...] = ()

    @property
    def name(self) -> str:
        """The name of the group."""
        return self.group.name

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of all points."""
        return tuple(point.label for point in self.points)


def groups_of(questions: Iterable[Question]) -> dict[str, tuple[str, ...]]:
    """The groups that each configuration is in, by its id."""
    groups: dict[str, dict[str, None]] = {}
    for question in questions:
        for point in question.points:
            groups.setdefault(point.member.id, {})[question.name] = None
    return {ident: tuple(names) for ident, names in groups.items()}


def planned(study: Study) -> tuple[Question, ...]:
    """The questions as the plan alone has them; those of `where` groups have no points."""
    return tuple(_question(group, group.members, [_by_design(member) for member in group.members]) for group in study.groups)


def logged(sweep: Sweep, groups: Sequence[GroupRows]) -> tuple[Question, ...]:
    """The questions with what the logs record, and the settings' values for what has not run or is not told."""
    used, names = sweep.used, ("train_examples", "valid_examples", "epochs_done")
    facts = dict(zip(used["id"][::-1], zip(*(used[name][::-1] for name in names), strict=True), strict=True))
    return tuple(
        _question(
            rows.group,
            [row.member for row in rows.rows],
            _of_one_source(rows, [_point(rows.group, row, facts) for row in rows.rows]),
            rows.tested,
        )
        for rows in groups
    )


def _of_one_source(group: GroupRows, points: Sequence[Point]) -> list[Point]:
    """`points` with parameters that may be compared: all as logged, else all as computed; where neither is known of all, the
    logged ones alone."""
    counts = [row.summary.parameters if row.summary else None for row in group.rows]
    if not all(counts) and group.group.where is None:
        computed = [_by_design(row.member).parameters for row in group.rows]
        counts = computed if all(computed) else counts
    pairs = zip(points, counts, strict=True)
    return [point if point.parameters == count else replace(point, parameters=count) for point, count in pairs]


def _question(group: Group, members: Sequence[Member], points: Sequence[Point], tested: tuple[Member, ...] = ()) -> Question:
    return Question(group, tuple(factor for factor in factors(members) if factor != "name"), tuple(points), tested)


def _point(group: Group, row: Row, facts: Mapping[object, tuple[int | None, ...]]) -> Point:
    if row.summary is None:
        return _by_design(row.member) if group.where is None else Point(row.member, row.member.config, *[None] * 7)
    train, valid, done = facts.get(row.member.id, (None, None, None))
    s = row.summary
    scored = min([count for count in (s.valid_seen, valid) if count], default=None)
    point = Point(row.member, s.config, s.steps, s.examples_seen, s.parameters, scored, train, valid, _epochs(s, done))
    return point if group.where is not None else _filled(point)


def _filled(point: Point) -> Point:
    """`point` with the quantities that its settings let expect where its logs do not tell."""
    quantities = ("steps", "examples", "scored", "train", "valid", "epochs")
    if all(getattr(point, name) for name in quantities):
        return point
    design = _by_design(point.member)
    return replace(point, **{name: getattr(point, name) or getattr(design, name) for name in quantities})


def _epochs(summary: Summary, done: int | None) -> float | None:
    """The epochs that a run was to have, or had where no setting says."""
    planned_epochs = [value for key in EPOCHS if type(value := summary.config.get(key)) in (int, float)]
    return float(str(planned_epochs[0])) if planned_epochs else done


def _by_design(member: Member) -> Point:
    """What a run of our own trainer comes to by its settings. The sizes of a user's own data are in the logs alone."""
    config, data = member.config, DATASETS.get(str(member.config["dataset"]))
    train, valid = (data.train, data.valid) if data else (None, None)
    batch = whole(config, "batch_size")
    steps, examples = _volume(config, train)
    scored = min(whole(config, "valid_steps") * batch, valid) if valid and "valid_steps" in config else valid
    return Point(member, config, steps, examples, _parameters(config, data), scored, train, valid, whole(config, "epochs"))


def _volume(config: Config, train: int | None) -> tuple[int | None, int | None]:
    """Steps and examples seen in all epochs; None where they follow from the size of a training split that is not known."""
    epochs, batch = whole(config, "epochs"), whole(config, "batch_size")
    if "train_steps" in config:
        steps = epochs * whole(config, "train_steps")
        return steps, steps * batch
    return (None, None) if train is None else (epochs * -(-train // batch), epochs * train)


def _parameters(config: Config, data: Dataset | None) -> int | None:
    """The weights and biases of an mlp on known data, and the two of each unit that is normalised; None for any other model."""
    if data is None or config["model"] != "mlp":
        return None
    hidden = [whole(config, "units1"), *(whole(config, "units2") for _ in range(whole(config, "depth") - 1))]
    normalised = 2 * sum(hidden) if setting(config, "batch_norm") else 0
    return normalised + sum(inputs * outputs + outputs for inputs, outputs in pairwise([data.inputs, *hidden, data.classes]))
