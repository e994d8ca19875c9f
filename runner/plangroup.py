"""A group of a plan in, a checked `Group` out: which configurations it has, or which logs it chooses among."""

import itertools
import math
import re
from dataclasses import replace

from sweepbook.runner.config import Config, active, defaults
from sweepbook.runner.lines import Key
from sweepbook.runner.member import Member, Selector
from sweepbook.runner.planhead import silence
from sweepbook.runner.planprediction import prediction_at
from sweepbook.runner.planreading import Reading
from sweepbook.runner.plansearch import ELSEWHERE, KEYS, searched
from sweepbook.runner.plansettings import check_whole, place, setting, settings, with_own
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.study import Group
from sweepbook.runner.values import Value, level_text

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
MOST_CONFIGURATIONS = 100_000  # of one grid
SOURCES = ("grid", "configs", "where", "search")  # of a group's configurations


def group_at(plan: Reading, index: int, baseline: Config) -> Group:
    """The group at `index`, expanded."""
    key: Key = ("group", index)
    table = plan.item(key)
    words = ("name", "title", "hypothesis", "reasoning", "expected")
    known, meant = (*words, *SOURCES, *KEYS, "prediction", "silence"), ELSEWHERE if "search" in table else {}
    plan.check_keys(key, table, known, ("name",), meant)
    given = [source for source in SOURCES if source in table]
    if len(given) != 1:
        raise plan.error(key, f"{' and '.join(given) or 'none'} found, one of grid, configs, where and search expected")
    name = plan.text((*key, "name"))
    if not NAME.fullmatch(name):
        raise plan.error((*key, "name"), f'"{name}" found; letters, digits, "_", "-" and "." make a name')
    where = _where(plan, (*key, "where")) if "where" in table else None
    search = searched(plan, key, table, baseline)
    members = _members(plan, key, name, baseline) if where is None and search is None else ()
    group = Group(
        name=name,
        title=plan.text((*key, "title"), name),
        hypothesis=plan.text((*key, "hypothesis")),
        reasoning=plan.text((*key, "reasoning")),
        expected=_expected(plan, (*key, "expected")),
        factors=("name", *search.space) if search else tuple(members[0].levels) if members else (),
        members=members,
        where=where,
        predictions=(),
        silence=silence(plan, (*key, "silence")),
        search=search,
    )
    predictions = plan.get((*key, "prediction"), list, "an array of tables", [])
    parsed = tuple(prediction_at(plan, (*key, "prediction", i), group) for i in range(len(predictions)))
    return replace(group, predictions=parsed)


def _where(plan: Reading, key: Key) -> Selector:
    """Setting -> the values that it may have: the one that is given, and each of a list, which may also be one value."""
    chosen: dict[str, list[Value]] = {}
    for name, value in plan.flat(key).items():
        if value == [] or (isinstance(value, list) and any(isinstance(own, dict) for own in value)):
            raise plan.error((*key, *name.split(".")), f"{value!r} found, a value or a list of values expected")
        chosen[name] = [value, *value] if isinstance(value, list) else [value]
    return chosen


def _expected(plan: Reading, key: Key) -> tuple[str, ...]:
    """What is expected of a group, a text or a list of texts."""
    value = plan.get(key, (str, list), "text or a list of texts", [])
    if not all(isinstance(item, str) for item in value):
        raise plan.error(key, "a list of texts expected")
    return (" ".join(value.split()),) if isinstance(value, str) else tuple(" ".join(v.split()) for v in value)


def _members(plan: Reading, key: Key, name: str, baseline: Config) -> tuple[Member, ...]:
    """The configurations of a group, from its grid or its list of configs."""
    grid = "grid" in plan.table["group"][key[1]]
    variants = _from_grid(plan, (*key, "grid")) if grid else _from_configs(plan, (*key, "configs"), baseline)
    members = []
    for suffix, changes, levels in variants:
        config = {**baseline, **changes}
        check_whole(plan, key, suffix, config)
        members.append(Member(f"{name}_{suffix}", active(config), levels))
    return tuple(members)


def _from_grid(plan: Reading, key: Key) -> list[tuple[str, Config, Config]]:
    """The full product of the lists: label suffix, changed settings, levels."""
    grid = with_own(plan.get(key, dict, "a table of lists"))
    if not grid:
        raise plan.error(key, "no factor in it")
    for factor, levels in grid.items():
        if not isinstance(levels, list) or not levels:
            raise plan.error((*key, *place(factor)), f"{levels!r} found, a list of levels expected")
        if len({level_text(level) for level in levels}) < len(levels):
            raise plan.error((*key, *place(factor)), "a level stands in it twice")
    size = math.prod(map(len, grid.values()))
    if size > MOST_CONFIGURATIONS:
        raise plan.error(key, f"{size:,} configurations found, at most {MOST_CONFIGURATIONS:,} expected")
    axes = [[setting(plan, (*key, *place(factor)), factor, level) for level in levels] for factor, levels in grid.items()]
    points = [dict(zip(grid, point, strict=True)) for point in itertools.product(*axes)]
    return [("_".join(_slug(level) for level in point.values()), point, point) for point in points]


def _from_configs(plan: Reading, key: Key, baseline: Config) -> list[tuple[str, Config, Config]]:
    """The listed configurations: label suffix, changed settings, levels of what varies between them."""
    configs = plan.get(key, list, "a list of tables")
    if not configs:
        raise plan.error(key, "no configuration in it")
    changes = []
    for i, config in enumerate(configs):
        name = config.get("name") if isinstance(config, dict) else None
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise plan.error((*key, i), f'a table with a "name" of letters, digits, "_", "-" and "." expected, {name!r} found')
        changes.append(settings(plan, (*key, i), {k: v for k, v in config.items() if k != "name"}))
    wholes = [{**baseline, **change} for change in changes]
    own = sorted({key for change in changes for key in change if key not in SETTINGS})
    named = [key for key in [*SETTINGS, *own] if any(key in change for change in changes)]
    acting = [active({**defaults(whole), **whole}) for whole in wholes]  # what one leaves out has a level beside the others
    varied = [f for f in named if len({level_text(whole.get(f, "")) for whole in acting}) > 1] or named
    levels = [{f: whole[f] for f in varied if f in whole} for whole in acting]
    factors = [{"name": c["name"], **level} for c, level in zip(configs, levels, strict=True)]
    return [(c["name"], change, f) for c, change, f in zip(configs, changes, factors, strict=True)]


def _slug(level: Value) -> str:
    """A level as a label, and so a folder's name, may hold it."""
    return re.sub(r"[^A-Za-z0-9_.+-]+", "-", level_text(level))
