"""The configurations of a group and the best of them in, the end of a factor's levels at which those lie out. Everything that says
"the largest tested" asks here, so that no two sentences disagree."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sweepbook.runner.foreign import acts, limits
from sweepbook.runner.member import Member
from sweepbook.runner.values import Value, is_finite

ENOUGH = 3  # levels: of two, each is an end


@dataclass(frozen=True)
class End:
    """The smallest (`lowest`) or the largest of the levels that were tested, as the logs or the plan write it."""

    level: Value
    lowest: bool


def end(members: Sequence[Member], factor: str, best: Collection[str]) -> End | None:
    """The end of the levels of `factor` at which all configurations lie whose ids are in `best`.

    A level of a configuration in which the factor does not act is none. None where there are fewer than three levels or one is no
    number, where the best have several or none, or where nothing can lie beyond.
    """
    chosen = set(best)
    if len(set(_numbers(_levels([member for member in members if member.id in chosen], factor)).values())) > 1:
        return None  # as mostly, without a look at all others
    levels = _levels(members, factor)
    numbers = _numbers(levels)
    own = {numbers.get(ident) for ident in best}
    if len(numbers) < len(levels) or len(set(numbers.values())) < ENOUGH or len(own) != 1 or own == {None}:
        return None
    ident = next(iter(best))
    ends, (low, high) = (min(numbers.values()), max(numbers.values())), limits(factor)
    if numbers[ident] == ends[0]:
        return End(levels[ident], True) if ends[0] > low else None
    return End(levels[ident], False) if numbers[ident] == ends[1] < high else None


def _levels(members: Sequence[Member], factor: str) -> dict[str, Value]:
    """The level of the factor by id, where it acts."""
    return {member.id: member.levels[factor] for member in members if factor in member.levels and acts(factor, member.config)}


def _numbers(levels: Mapping[str, Value]) -> dict[str, float]:
    return {ident: float(str(level)) for ident, level in levels.items() if is_finite(level)}
