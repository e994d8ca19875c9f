"""A group of the plan and the configurations that were logged in, those of them that the group asks about out."""

from collections.abc import Collection, Mapping

from sweepbook.runner.config import Config
from sweepbook.runner.member import Member, selects
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import level_text


def members_of(group: Group, logged: Mapping[str, tuple[str, Config]]) -> tuple[Member, ...]:
    """The group's planned configurations; for `where`, those that it selects of the logged ones (label and settings by id).

    The levels of these are the settings that vary among them, and those that a prediction names.
    """
    if group.where is None:
        return group.members
    chosen = [(label, config) for label, config in logged.values() if selects(group.where, config)]
    named = {key for prediction in group.predictions for key in prediction.named}
    factors = _factors([config for _, config in chosen], named)
    return tuple(Member(label, config, {key: config[key] for key in factors if key in config}) for label, config in chosen)


def _factors(configs: Collection[Config], named: Collection[str]) -> list[str]:
    """The settings that vary among `configs`, or are `named`, in the order in which they come up."""
    levels: dict[str, set[str]] = {key: set() for config in configs for key in config}
    for key, texts in levels.items():
        texts.update(level_text(config.get(key)) for config in configs)
    return [key for key, texts in levels.items() if key in named or len(texts) > 1]


def is_meant(study: Study, config: Config) -> bool:
    """Whether a configuration meets what all groups of the study ask for, as one of another task does not."""
    wheres = [group.where or {} for group in study.groups]
    shared = {key: values for key, values in wheres[0].items() if all(own.get(key) == values for own in wheres)}
    return selects(shared, config)


def labels_by_id(members: Mapping[str, Collection[Member]]) -> dict[str, tuple[str, ...]]:
    """Every label of each configuration, in the plan's order; `members` has those of each group."""
    labels: dict[str, dict[str, None]] = {}
    for member in (member for own in members.values() for member in own):
        labels.setdefault(member.id, {})[member.label] = None
    return {key: tuple(own) for key, own in labels.items()}


def groups_by_id(members: Mapping[str, Collection[Member]]) -> dict[str, tuple[str, ...]]:
    """The groups of each configuration, in the plan's order; `members` has those of each group."""
    groups: dict[str, dict[str, None]] = {}
    for name, member in ((name, member) for name, own in members.items() for member in own):
        groups.setdefault(member.id, {})[name] = None
    return {key: tuple(own) for key, own in groups.items()}
