"""How often a verdict is wrong, and how often it comes: simulated studies through the product's own functions.

python benchmarks/calibration.py [--studies 100] [--rounds 1] [--first 0] [--of single] [--cells TEXT] [--choosing] [--to FILE]
python benchmarks/calibration.py --tables FILE...

Studies whose truth is known (worlds.py) are read as a build reads them (answers.py). Each round draws so many studies of every
cell, and appends what they came to, a line of JSON a cell, to FILE; the tables are printed in Markdown at the end, or from such
files. Seeded: a study is drawn by its cell and its number, so rounds and files add up whatever their order. `--choosing` takes
other draws, which are for whoever tries something out: figures that are told come from the rest. Exit code 1 where more is false
than is promised, by three Monte Carlo standard errors.
"""

import argparse
import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeAlias

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core, before numpy is there

from answers import ASKED, BEYOND, EVERYTHING, answers
from worlds import CHOOSING, EQUAL, REPORTING, WORLDS, Cell

CENTRE = Cell()
MIXED = (2, 3, 5)
SINGLE = (6, *[1] * 11)  # one configuration with six runs, the others with one
MISSING = 0.15
PROMISED = {0.0: 0.055, 0.4: 0.07, 0.8: 0.10}  # of what is false, by how unlike configurations of one score vary
SEVERAL = 0.10  # of what is found of all steps together
OF_ONE = {
    "behind": "any behind",
    "letters": "letters",
    "pair": "pair",
    "at": "at",
    "gap": "gap",
    "trend, single": "trend",
}
OF_SEVERAL = {
    "best": "best",
    "beats": "beats",
    "at, level": "at",
    "gap, level": "gap",
    "gap, widest": "widest gap",
    "better, levels": "better",
    "trend": "trend",
    "diminishing": "diminishing",
    "range": "range",
    "range, a": "true range",
    "matters": "matters more",
    "step": "a step",
    "steps": "any step",
    "interaction": "interaction",
}
POWER = {
    "found": "3 SD behind found",
    "pair found": "pair at 2 SD found",
    "top behind": "a best one behind",
    "far stay": "far ones that stay",
    "not ranked": "not ranked",
    "worse, own SD": "2 of its SDs worse",
    "worse, best's SD": "2 of the best's SDs worse",
}
BEYOND_BOUNDS = {
    "at found": "at, 2 SD",
    "gap found": "gap, 2 SD",
    "best found": "best, 3 SD",
    "beats found": "beats, 3 SD",
    "interaction found": "interaction, 3 SD",
    "better found": "better, levels 1 SD",
    "trend found": "trend, 1 SD",
    "range found": "range, 1 SD",
}
TABLES = {
    "False, of single configurations": OF_ONE,
    "False, of several together": OF_SEVERAL,
    "Found, and recommended": POWER,
    "Found, of predictions and effects": BEYOND_BOUNDS,
}


def cells() -> list[Cell]:
    """All that is simulated, what matters most first."""
    around = [
        *(replace(CENTRE, spread=spread) for spread in (0.4, 0.0, 0.8)),
        *(replace(CENTRE, world=world) for world in WORLDS[1:]),
        *(replace(CENTRE, share=share) for share in (0.0, 0.3, 0.6, 0.9)),
        *(replace(CENTRE, k=k) for k in (12, 56, 8, 4, 2)),
        *(replace(CENTRE, runs=runs) for runs in ((5,), (2,), MIXED)),
        replace(CENTRE, missing=MISSING),
    ]
    corners = [
        *(Cell(k, spread=spread, share=0.0) for k in (12, 20, 56) for spread in (0.0, 0.4, 0.8)),
        *(replace(CENTRE, k=k, spread=spread) for k in (12, 56, 8, 4, 2) for spread in (0.0, 0.8)),
        replace(CENTRE, runs=MIXED, missing=MISSING),
        *(replace(CENTRE, runs=runs, spread=spread, share=0.0) for runs in ((5,), (2,)) for spread in (0.0, 0.8)),
        *(replace(CENTRE, k=k, world=world) for k in (12, 56) for world in ("slope", "flat")),
        *(replace(CENTRE, k=k, world="flat") for k in (4, 8)),
        *(replace(CENTRE, runs=runs, world="slope") for runs in ((2,), (5,), MIXED)),
        replace(CENTRE, world="slope", missing=MISSING),
        Cell(56, spread=0.8, share=0.9),
        Cell(12, SINGLE, spread=0.0, share=0.0),
        Cell(12, SINGLE),
    ]
    return list(dict.fromkeys([*around, *corners]))


@dataclass(frozen=True)
class Rate:
    """The mean of the answers of so many studies, with its Monte Carlo standard error."""

    mean: float
    error: float
    studies: int

    def above(self, most: float, errors: float = 3) -> bool:
        """Whether it is above `most` by more than so many standard errors, those of a rate of `most` at least."""
        return self.mean > most + errors * max(self.error, math.sqrt(most * (1 - most) / self.studies))


class Count:
    """Answers of many studies, added up."""

    def __init__(self, sums: Mapping[str, Sequence[float]] | None = None) -> None:
        self.sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self.merge(sums or {})

    def add(self, given: Mapping[str, float]) -> None:
        """The answers of one more study."""
        for name, answer in given.items():
            self.merge({name: [1, answer, answer * answer]})

    def merge(self, sums: Mapping[str, Sequence[float]]) -> None:
        """What others have added up."""
        for name, own in sums.items():
            self.sums[name] = [a + b for a, b in zip(self.sums[name], own, strict=True)]

    def rate(self, name: str) -> Rate | None:
        """The mean of one of them."""
        if name not in self.sums:
            return None
        n, total, squares = self.sums[name]
        return Rate(total / n, max(squares / n - (total / n) ** 2, 0.0) ** 0.5 / n**0.5, int(n))


def counted(cell: Cell, studies: range, draws: int = REPORTING, of: str = EVERYTHING) -> Count:
    """The answers of the studies of these numbers."""
    count = Count()
    for number in studies:
        count.add(answers(cell, number, draws, of))
    return count


def promised(cell: Cell, name: str) -> float | None:
    """How often an answer may be false; None where nothing is promised."""
    if name in POWER or name in BEYOND_BOUNDS or cell.k < 12 or cell.world not in EQUAL[:1] or cell.runs == SINGLE:
        return None
    return SEVERAL if name == "steps" else PROMISED[cell.spread]


def missed(found: Mapping[Cell, Count]) -> list[str]:
    """What is false more often than promised."""
    lines = []
    for cell, count in found.items():
        for name in count.sums:
            rate, most = count.rate(name), promised(cell, name)
            if rate and most and rate.above(most):
                lines.append(f"{_named(cell)}: {name} {rate.mean:.3f} ± {rate.error:.3f}, {most:.3f} promised")
    return lines


def _named(cell: Cell) -> str:
    runs = {MIXED: "2, 3, 5", SINGLE: "1, one with 6"}.get(cell.runs, str(cell.runs[0]))
    gone = f", {cell.missing:.0%} missing" if cell.missing else ""
    return f"{cell.world} | {cell.k} | {runs}{gone} | {cell.spread:g} | {cell.share:.0%}"


def printed(found: Mapping[Cell, Count]) -> None:
    """The tables, in Markdown."""
    for title, names in TABLES.items():
        studies = {rate.studies for count in found.values() if (rate := count.rate(next(iter(names))))} or {0}
        if studies == {0}:
            continue
        print(f"\n### {title}\n\n{' to '.join(f'{n:,}' for n in sorted({min(studies), max(studies)}))} studies a row.\n")
        heads = ("scores", "configurations", "runs", "spread", "of the seed", *names.values())
        print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
        for cell, count in found.items():
            rates = [count.rate(name) for name in names]
            if any(rates):
                print(f"| {_named(cell)} | {' | '.join(f'{rate.mean:.3f}' if rate else '' for rate in rates)} |")


def saved(cell: Cell, draws: int, of: str, studies: range, count: Count) -> str:
    """What the studies came to, as a line of JSON."""
    about = {"cell": asdict(cell), "draws": draws, "of": of, "studies": [studies.start, studies.stop]}
    return json.dumps({**about, "sums": count.sums})


Key: TypeAlias = tuple[Cell, int, str, int, int]  # the cell, the draws, what was asked, and of which studies


def known(paths: Iterable[Path]) -> dict[Key, dict[str, list[float]]]:
    """What files say, each study once."""
    sums = {}
    for one in (json.loads(line) for path in paths for line in path.read_text().splitlines()):
        cell = Cell(**{**one["cell"], "runs": tuple(one["cell"]["runs"])})
        sums[cell, one["draws"], one["of"], *one["studies"]] = one["sums"]
    return sums


def loaded(paths: Iterable[Path], draws: int) -> dict[Cell, Count]:
    """What files say of these draws, in the order of the cells."""
    told: dict[Cell, Count] = {}
    for (cell, drawn, *_), sums in known(paths).items():
        if drawn == draws:
            told.setdefault(cell, Count()).merge(sums)
    return {cell: told[cell] for cell in dict.fromkeys([*cells(), *told]) if cell in told}


def simulated(asked: argparse.Namespace, draws: int) -> dict[Cell, Count]:
    """Round after round of every cell; what the file has already is not drawn again."""
    found: dict[Cell, Count] = {}
    chosen = [cell for cell in cells() if asked.cells in _named(cell) and (asked.of != BEYOND or cell.world == EQUAL[0])]
    there = known([asked.to] if asked.to and asked.to.exists() else [])
    for start in range(asked.first, asked.first + asked.rounds * asked.studies, asked.studies):
        for cell in chosen:
            studies = range(start, start + asked.studies)
            sums = there.get((cell, draws, asked.of, studies.start, studies.stop))
            count = counted(cell, studies, draws, asked.of) if sums is None else Count(sums)
            found.setdefault(cell, Count()).merge(count.sums)
            if asked.to and sums is None:
                with asked.to.open("a") as file:
                    print(saved(cell, draws, asked.of, studies, count), file=file)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100, help="of each cell in a round")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first study")
    parser.add_argument("--of", choices=ASKED, default=EVERYTHING, help="what is asked")
    parser.add_argument("--cells", default="", help="only cells whose row in the tables has this")
    parser.add_argument("--choosing", action="store_true", help="the draws for choosing")
    parser.add_argument("--to", type=Path, help="the file to append to; what it has already is not drawn again")
    parser.add_argument("--tables", type=Path, nargs="+", help="the files to print")
    asked = parser.parse_args(arguments)
    draws = CHOOSING if asked.choosing else REPORTING
    found = loaded(asked.tables, draws) if asked.tables else simulated(asked, draws)
    printed(found)
    lines = missed(found)
    print("\n" + "\n".join(["MISSED", *lines] if lines else ["All rates are within their bounds."]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
