"""Findings in, a sentence out on settings whose one value all the best configurations have and no other, or all the worst ones: no
group varied them alone, so that nothing else says that they mattered."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.runner.config import Config, defaults
from sweepbook.runner.values import level_text

CHANCE = 0.05  # at most, that some value would part them so if every order of the configurations were as likely
NAMED = 3  # settings


class Part(NamedTuple):
    """So many configurations, the best or the worst of all, that alone have their value of a setting."""

    size: int
    better: bool


def parted(findings: Findings) -> list[str]:
    """The sentence on them; none where no value parts the configurations, where chance might, or where one of the worse could be
    the best."""
    metric = findings.study.metric
    known = [summary for summary in findings.ranking if metric in summary.means]
    order = sorted(known, key=lambda summary: -findings.study.sign * summary.means[metric].value)
    scores = [summary.means[metric].value for summary in order]
    values = _values([summary.config for summary in order], {effect.factor for effect in findings.effects})
    looks = 2 * sum(len(set(own)) for own in values.values())  # from either end
    first = {summary.id for summary in findings.first_tier}  # whole summaries take seconds to compare, where there are thousands
    lowest = max((place for place, summary in enumerate(order, 1) if summary.id in first), default=0)
    by_part: dict[Part, list[str]] = {}
    for name, own in values.items():
        for part in _parts(own):
            cut = part.size if part.better else len(order) - part.size
            if cut >= lowest and scores[cut - 1] != scores[cut] and looks <= CHANCE * math.comb(len(order), part.size):
                by_part.setdefault(part, []).append(f"{w.setting_name(name)} {level_text(own[0 if part.better else -1])}")
    if not by_part:
        return []
    rarest = max(by_part, key=lambda part: (math.comb(len(order), part.size), part.better))
    return [_sentence(by_part[rarest], rarest, len(order))]


def _values(configs: Sequence[Config], alone: set[str]) -> Mapping[str, list[Hashable]]:
    """The value of each setting in every configuration: of those that all have, that differ, and that were not varied `alone`."""
    names = dict.fromkeys(name for config in configs for name in config if name not in alone)
    by_kind = {_kind(config): config for config in configs}
    usual = {kind: defaults(config) for kind, config in by_kind.items()}
    pairs = [(config, usual[_kind(config)]) for config in configs]
    found = {name: [_value(config, name, left_out) for config, left_out in pairs] for name in names}
    return {name: own for name, own in found.items() if None not in own and len(set(own)) > 1}


def _kind(config: Config) -> tuple[str, str]:
    """By which settings have their defaults: of these there are few."""
    return str(config.get("model")), str(config.get("optimizer"))


def _value(config: Config, name: str, usual: Config) -> Hashable:
    """A setting's value; None where the configuration has none."""
    value = config[name] if name in config else usual.get(name)
    return level_text(value) if isinstance(value, list) else value


def _parts(values: Sequence[Hashable]) -> list[Part]:
    """The best and the worst, where all that have their value are among them; `values` begin with that of the best."""
    sizes = (_block(values), True), (_block(values[::-1]), False)
    return [Part(size, better) for size, better in sizes if size]


def _block(values: Sequence[Hashable]) -> int:
    """How many of the first have the value of the first one; 0 where one further on has it too."""
    count = values.count(values[0])
    return count if len(set(values[:count])) == 1 else 0


def _sentence(settings: Sequence[str], part: Part, whole: int) -> str:
    more = [w.plural(len(settings) - NAMED, "more setting")] if len(settings) > NAMED else []
    named = w.listing([*settings[:NAMED], *more])
    side, them = "better" if part.better else "worse", "it" if len(settings) == 1 else "them"
    return (
        f"All {part.size} configurations with {named} are {side} than the other {whole - part.size}; no group varied {them} alone."
    )
