"""A configuration as a group of a plan sees it in, its identity and whether a prediction means it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sweepbook.runner.config import Config, config_id
from sweepbook.runner.values import Value, level_text

Selector: TypeAlias = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Member:
    """A configuration as one group sees it: the group's label for it and the levels of the group's factors."""

    label: str
    config: Config
    levels: Config

    @cached_property
    def id(self) -> str:
        """The identity of the configuration; see `sweepbook.runner.config.config_id`."""
        return config_id(self.config)


def selects(selector: Selector, levels: Config) -> bool:
    """Whether `levels` are among those that `selector` means.

    >>> selects({"units1": [128, 256]}, {"units1": 256, "units2": 16})
    True
    """
    return all(
        factor in levels and level_text(levels[factor]) in {level_text(value) for value in values}
        for factor, values in selector.items()
    )
