"""The search of a group as a plan writes it in, a checked `SearchPlan` out; or the complaint that names the line and the key."""

import itertools
from collections.abc import Mapping
from typing import Any

from sweepbook.runner.config import Config
from sweepbook.runner.lines import Key
from sweepbook.runner.planhead import seeds
from sweepbook.runner.planreading import Reading
from sweepbook.runner.plansettings import check_whole, place, setting, unknown, with_own
from sweepbook.runner.search import PRUNERS, SAMPLERS, SEED, Choice, Dimension, Range, SearchPlan, parsed_range
from sweepbook.runner.settings import is_setting
from sweepbook.runner.trials import distinct
from sweepbook.runner.values import level_text

KEYS = ("runs", "minutes", "sampler", "pruner", "confirm")  # those that a group with a search may have beside it
ELSEWHERE = {"trials": "runs", "n_trials": "runs", "timeout": "minutes"}  # what other tools call those keys
MOST_CORNERS = 10_000  # combinations of levels that are looked at for what a run would lack
EITHER = 'a list of two levels or more, or a range, as in "0..0.5" or "log 1e-5..1e-1"'


def searched(plan: Reading, key: Key, table: Mapping[str, Any], baseline: Config) -> SearchPlan | None:
    """What the group at `key` searches; None where it does not."""
    if "search" not in table:
        for name in KEYS:
            if name in table:
                raise plan.error((*key, name), "belongs to a search, and this group has none")
        return None
    table_key = (*key, "search")
    written = with_own(plan.get(table_key, dict, "a table"))
    space = {name: _dimension(plan, (*table_key, *place(name)), name, levels, baseline) for name, levels in written.items()}
    if not space:
        raise plan.error(table_key, "no setting in it")
    if "runs" not in table and "minutes" not in table:
        raise plan.error(key, "a search needs a budget: runs = 40, or minutes = 30")
    if SEED in seeds(plan):
        raise plan.error(("study", "seeds"), f"{SEED} is the seed of every trial of a search; choose another")
    made = SearchPlan(
        space,
        _count(plan, (*key, "runs")) if "runs" in table else None,
        _minutes(plan, (*key, "minutes")) if "minutes" in table else None,
        _one_of(plan, (*key, "sampler"), SAMPLERS),
        _one_of(plan, (*key, "pruner"), PRUNERS),
        _count(plan, (*key, "confirm")) if "confirm" in table else SearchPlan.confirm,
    )
    _check_corners(plan, key, made, baseline)
    there = distinct(made, baseline)
    if made.runs and there is not None and made.runs > there:
        raise plan.error((*key, "runs"), f"{made.runs} found, but the space holds {there} configurations; a grid trains them all")
    return made


def _dimension(plan: Reading, key: Key, name: str, levels: Any, baseline: Config) -> Dimension:
    """Where a search looks for a setting: in a list of levels, or a range of numbers."""
    if name in KEYS:
        raise plan.error(key, f"no setting; {name} is a key of the group, on a line of its own beside search")
    if not is_setting(name):
        raise plan.error(key, unknown(name))
    if name == "dataset":
        raise plan.error(key, "scores on two datasets cannot be compared; a search has one")
    if isinstance(levels, str):
        try:
            return parsed_range(name, " ".join(levels.split()), baseline.get(name))
        except ValueError as error:
            raise plan.error(key, str(error)) from None
    if not isinstance(levels, list) or len(levels) < 2:
        raise plan.error(key, f"{levels!r} found, {EITHER}, expected")
    if len({level_text(level) for level in levels}) < len(levels):
        raise plan.error(key, "a level stands in it twice")
    return Choice(tuple(setting(plan, key, name, level) for level in levels))


def _check_corners(plan: Reading, key: Key, made: SearchPlan, baseline: Config) -> None:
    """No proposal can lack what a run needs: looked at is every combination of the lists, with all ranges at either end."""
    lists = {name: one.levels for name, one in made.space.items() if isinstance(one, Choice)}
    ranges = {name: one for name, one in made.space.items() if isinstance(one, Range)}
    for side in ("low", "high"):
        ends = {name: int(getattr(one, side)) if one.whole else getattr(one, side) for name, one in ranges.items()}
        for point in itertools.islice(itertools.product(*lists.values()), MOST_CORNERS):
            chosen = {**dict(zip(lists, point, strict=True)), **ends}
            words = ", ".join(f"{name} {level_text(at)}" for name, at in chosen.items())
            check_whole(plan, key, words, {**baseline, **chosen})


def _count(plan: Reading, key: Key) -> int:
    number: int = plan.get(key, int, "a whole number of at least 1")
    if number < 1:
        raise plan.error(key, f"{number} found, a whole number of at least 1 expected")
    return number


def _minutes(plan: Reading, key: Key) -> float:
    number = plan.number(key)
    if number <= 0:
        raise plan.error(key, f"{number:g} found, a number above 0 expected")
    return number


def _one_of(plan: Reading, key: Key, known: tuple[str, ...]) -> str:
    """The text at `key`, one of those `known`; the first where there is none."""
    word = plan.text(key, known[0])
    if word not in known:
        raise plan.error(key, f'"{word}" found, one of {", ".join(known)} expected')
    return word
