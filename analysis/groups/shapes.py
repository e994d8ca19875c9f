"""The settings of configurations in, the groups that a person would see in them out: one setting varied around a baseline, grids
of several, a search. docs/groups.md has the rules.

Every step takes the configurations once, however many there are: what differs in one setting is found by hashing each
configuration with that setting left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from sweepbook.runner.config import Config
from sweepbook.runner.member import Selector
from sweepbook.runner.values import Value, level_text

FEWEST = 3  # configurations with the same settings, from which on they are looked at by themselves
WIDEST = 4  # settings of a grid among others
DENSE = 0.5  # of the combinations of a grid that are there, in one that is called so
STRUCTURED = 0.1  # of many configurations that lie in grids or around a baseline; fewer do by chance, in a search
MANY, SEARCHED = 20, 8  # configurations, and those from which on they may be a search
TRIED, MOST, DEEPEST = 64, 40, 4  # sets of settings that are tried as a grid, groups in all, baselines after the first
NAMED = 3  # settings that one sentence names
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """A group: its name, the settings by which it is chosen, and what it is in a sentence."""

    name: str
    where: Selector
    says: str


@dataclass(frozen=True)
class Shapes:
    """The groups of some configurations; `baseline` is the configuration from which the most others differ in one setting, empty
    where no such stands out."""

    baseline: Config
    groups: tuple[Shape, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """Configurations as numbers: a row each, a column a setting that varies; -1 where it has none. `levels` has what they mean."""

    configs: Sequence[Config]
    names: tuple[str, ...]
    levels: tuple[tuple[Value, ...], ...]
    codes: Codes

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """A random number for each level of each setting, the same ones every time: [setting, level], the last for none."""
        most = max(map(len, self.levels), default=0) + 1
        return np.random.default_rng(0).integers(0, 2**63, (len(self.names), most), dtype=np.uint64)


def shapes(configs: Sequence[Config]) -> Shapes:
    """The groups of these configurations, which are all different. Each of them is in one at least."""
    table = _table(configs)
    everyone = np.ones(len(configs), bool)
    covered, made, baseline = np.zeros(len(configs), bool), dict[bytes, Shape](), None
    for block in _blocks(table):
        centre, parts = _parts(table, block)
        baseline = centre if baseline is None else baseline
        for part in parts[: MOST - len(made)]:
            where, chosen = _where(table, part)
            if 1 < chosen.sum() < len(chosen) and chosen.tobytes() not in made:
                covered |= chosen
                made[chosen.tobytes()] = Shape("", where, _says(table, chosen) + _at(where))
    groups = list(_named(table, made.values()))
    if not covered.all() or not groups:
        groups.append(Shape("all", {}, _says(table, everyone)))
    return Shapes({} if baseline is None else configs[int(baseline)], tuple(groups))


def _table(configs: Sequence[Config]) -> Table:
    """The configurations without what is the same in all, and without a setting that goes along with an earlier one everywhere."""
    columns: dict[tuple[str, bytes], tuple[str, tuple[Value, ...], list[int]]] = {}
    for name in dict.fromkeys(key for config in configs for key in config):
        places: dict[str, int] = {}
        levels: list[Value] = []
        codes: list[int] = []
        for config in configs:
            text = level_text(config[name]) if name in config else None
            if text is not None and text not in places:
                places[text] = len(levels)
                levels.append(config[name])
            codes.append(-1 if text is None else places[text])
        if len(set(codes)) > 1:
            columns.setdefault(_partition(name, codes), (name, tuple(levels), codes))
    kept = list(columns.values())
    table = np.array([codes for _, _, codes in kept], dtype=np.int64).reshape(len(kept), len(configs)).T
    return Table(configs, tuple(name for name, _, _ in kept), tuple(levels for _, levels, _ in kept), table)


def _partition(name: str, codes: Sequence[int] | Codes) -> tuple[str, bytes]:
    """Which of the configurations have the same level, whatever it is. Where most levels stand alone, as in a search, that says
    nothing, and the `name` keeps the setting apart."""
    known: dict[int, int] = {}
    parts = np.array([known.setdefault(int(code), len(known)) for code in codes]).tobytes()
    return (name if 2 * len(known) > len(codes) else "", parts)


def _blocks(table: Table) -> list[Codes]:
    """The rows that have the same settings, whatever their levels; all rows where most would stand alone."""
    rows: dict[bytes, list[int]] = {}
    for place, has in enumerate(table.codes >= 0):
        rows.setdefault(has.tobytes(), []).append(place)
    blocks = [np.array(own) for own in sorted(rows.values(), key=lambda own: -len(own)) if len(own) >= FEWEST]
    if 2 * sum(map(len, blocks)) < len(table.codes):
        return [np.arange(len(table.codes))]
    return blocks


def _parts(table: Table, rows: Codes, depth: int = 0) -> tuple[int | None, list[Codes]]:
    """The baseline of these rows, and the rows of each group among them."""
    columns = _varied(table, rows)
    sizes = [len(np.unique(table.codes[rows, column])) for column in columns]
    if len(columns) < 2 or _is_grid(sizes, len(rows)):
        return None, [rows]
    steps = _steps(table, rows, columns)
    if steps.max(initial=0) < 2:
        return None, [rows]
    place = int(steps.argmax())
    parts = list(_around(table, rows, columns, table.codes[rows] != table.codes[rows[place]]))
    inside = np.unique(np.concatenate(parts)) if parts else rows[:0]
    if not parts or (len(rows) >= MANY and len(inside) < STRUCTURED * len(rows)):
        return None, [rows]
    rest = np.setdiff1d(rows, inside)
    more = _parts(table, rest, depth + 1)[1] if len(rest) >= FEWEST and depth < DEEPEST else [rest] if len(rest) else []
    return int(rows[place]), [*parts, *more]


def _varied(table: Table, rows: Codes) -> list[int]:
    """The settings that vary among these rows, one of several that go along with each other."""
    columns: dict[tuple[str, bytes], int] = {}
    for column in range(len(table.names)):
        codes = table.codes[rows, column]
        if (codes != codes[0]).any():
            columns.setdefault(_partition(table.names[column], codes), column)
    return list(columns.values())


def _is_grid(sizes: Sequence[int], count: int) -> bool:
    """Whether so many configurations are a grid of so many levels each: half of the combinations, and more than it takes to have
    every level once."""
    return count > sum(size - 1 for size in sizes) + 1 and _product(sizes, count) * DENSE <= count


def _product(sizes: Sequence[int], most: int) -> int:
    """How many combinations there are, counted no further than it matters."""
    product = 1
    for size in sizes:
        product *= size
        if product * DENSE > most:
            break
    return product


def _steps(table: Table, rows: Codes, columns: Sequence[int]) -> Codes:
    """For each row, how many others differ from it in exactly one setting."""
    hashes = [table.keys[column, table.codes[rows, column]] for column in columns]
    whole = np.bitwise_xor.reduce(hashes) if hashes else np.zeros(len(rows), np.uint64)
    steps = np.zeros(len(rows), np.int64)
    for own in hashes:
        _, inverse, counts = np.unique(whole ^ own, return_inverse=True, return_counts=True)
        steps += counts[inverse] - 1
    return steps


def _around(table: Table, rows: Codes, columns: Sequence[int], differs: Mask) -> Iterator[Codes]:
    """The grids around a baseline, then the settings that are varied alone; `differs` says in what each row is unlike it."""
    unlike = differs[:, list(columns)]
    counts: dict[bytes, int] = {}
    for own in unlike:
        counts[own.tobytes()] = counts.get(own.tobytes(), 0) + 1
    sets = [np.frombuffer(own, bool) for own in sorted(counts, key=lambda own: (-sum(own), -counts[own]))]
    taken: list[Mask] = []
    for several in [own for own in sets if 2 <= own.sum() <= WIDEST][:TRIED]:
        within = ~(unlike & ~several).any(axis=1)
        sizes = [len(np.unique(table.codes[rows[within], columns[int(place)]])) for place in np.flatnonzero(several)]
        if _is_new(several, taken) and _is_grid(sizes, int(within.sum())):
            taken.append(several)
            yield rows[within]
    for alone in [own for own in sets if own.sum() == 1]:
        if _is_new(alone, taken):
            yield rows[~(unlike & ~alone).any(axis=1)]


def _is_new(settings: Mask, taken: Sequence[Mask]) -> bool:
    return not any((settings <= other).all() for other in taken)


def _where(table: Table, rows: Codes) -> tuple[Selector, Mask]:
    """Few conditions that leave these rows and as few others as can be; and the rows that they leave."""
    left = np.ones(len(table.codes), bool)
    target = np.zeros(len(table.codes), bool)
    target[rows] = True
    levels = {column: codes for column in range(len(table.names)) if (codes := _codes(table, rows, column)) is not None}
    open_ = {column: np.isin(table.codes[:, column], codes) for column, codes in levels.items()}
    where: dict[str, list[Value]] = {}
    while (left & ~target).any() and open_:
        column = min(open_, key=lambda column: int((left & open_[column]).sum()))
        kept = left & open_.pop(column)
        if kept.sum() == left.sum():
            break
        left = kept
        where[table.names[column]] = [table.levels[column][code] for code in levels[column]]
    return where, left


def _codes(table: Table, rows: Codes, column: int) -> Codes | None:
    """The levels that these rows have of a setting; None where some have none."""
    codes = np.unique(table.codes[rows, column])
    return None if codes[0] < 0 else codes


def _says(table: Table, chosen: Mask) -> str:
    """What the chosen configurations are, in a sentence."""
    rows = np.flatnonzero(chosen)
    columns = _varied(table, rows)
    many = f"{len(rows):,} configurations"
    if len(rows) == 1:
        return "One configuration."
    sizes = [len(np.unique(table.codes[rows, column])) for column in columns]
    levels = [f"{table.names[column]} ({size} levels)" for column, size in zip(columns, sizes, strict=True)]
    if len(columns) == 1:
        return f"{table.names[columns[0]]} alone varies, over {sizes[0]} levels."
    complete = all((table.codes[rows, column] >= 0).all() for column in columns)
    product = _product(sizes, len(rows))
    if complete and _is_grid(sizes, len(rows)):
        crossed = listed(levels[:WIDEST]) if len(levels) <= WIDEST else f"{len(levels)} settings"
        if product == len(rows):
            return f"A full grid of {crossed}: {many}."
        return f"A grid of {crossed}, with {len(rows)} of its {product} combinations."
    more = [f"{len(columns) - NAMED} more"] if len(columns) > NAMED else []
    some = listed([*(table.names[column] for column in columns[:NAMED]), *more])
    if len(rows) >= SEARCHED and _steps(table, rows, columns).mean() < 1:
        return f"{many} that all differ in several settings at once, as in a search: {some}."
    return f"{many} that differ in {some}."


def _at(where: Selector) -> str:
    """What of the conditions is a word: what a person would call the group by."""
    fixed = [f"{name} {values[0]}" for name, values in where.items() if len(values) == 1 and isinstance(values[0], str)]
    return f" At {listed(fixed[:NAMED])}." if fixed else ""


def listed(texts: Sequence[str]) -> str:
    """The texts in a row: a, b and c."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def _named(table: Table, groups: Iterable[Shape]) -> Iterator[Shape]:
    """The groups, each with a name of its own: the settings that vary in it."""
    used: set[str] = {"all"}
    for shape in groups:
        rows = np.flatnonzero(_mask(table, shape.where))
        varied = [table.names[column] for column in _varied(table, rows)]
        fixed = [str(values[0]) for values in shape.where.values() if len(values) == 1 and isinstance(values[0], str)]
        base = "_".join(map(slug, varied)) if 0 < len(varied) <= NAMED else "" if fixed else "others"
        longer = ["_".join(filter(None, [base, *map(slug, fixed[:some])]))[:60] for some in range(len(fixed) + 1)]
        name = next(own for own in (*filter(None, longer), *_numbered(longer[-1])) if own not in used)
        used.add(name)
        yield Shape(name, shape.where, shape.says)


def _numbered(base: str) -> Iterator[str]:
    yield from (f"{base}-{number}" for number in range(2, 1_000))


def slug(text: str) -> str:
    """`text` as a group or a folder may be called."""
    letters = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "-" for c in text).strip("-_.")
    return letters or "group"


def _mask(table: Table, where: Mapping[str, Sequence[Value]]) -> Mask:
    """The rows that these conditions choose."""
    left = np.ones(len(table.codes), bool)
    for name, values in where.items():
        column = table.names.index(name)
        texts = {level_text(value) for value in values}
        codes = [code for code, level in enumerate(table.levels[column]) if level_text(level) in texts]
        left &= np.isin(table.codes[:, column], codes)
    return left
