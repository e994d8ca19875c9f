"""What `sweepbook diff` makes of damaged reports: one place of a findings.json or a runs.csv replaced at a time.

python benchmarks/damaging.py [--report tests/golden] [--kinds] [--show 20]

A report is data from elsewhere, so each has to end in an answer or in one message, never in an unexpected error. Replaces every
place of the report (with `--kinds` one place of each kind: the first entry of a list, of a column) by each of the values below, or
leaves it out, and compares the report with the whole one, both ways round. Prints how many ended how, and the first unexpected
errors with their place. Exit code 1 where there was one. Nothing is drawn at random.
"""

import argparse
import copy
import csv
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from sweepbook.analysis.cli.main import main as sweepbook

FINDINGS, RUNS = "findings.json", "runs.csv"
GONE = object()
HUGE = 10**400
NUMBERS = (-1, 0, 1.5, HUGE, 1e300, -1e-300, float("inf"), float("nan"))
VALUES = (None, "", "x", "inf", *NUMBERS, True, [], ["x"], [None], {}, {"x": 1}, GONE)
WORDS = ("", "x", "True", "None", "[]", "[1, 'x']", "{}", '"', "\0", "é" * 9)
CELLS = (*WORDS, "-1", "0", "1.5", "1" + "0" * 400, "1e300", "inf", "nan")
FORMS = ("text", "json", "md", "html")
UNEXPECTED = 70

Place = tuple[str | int, ...]


def places(value: Any, kinds: bool = False, at: Place = ()) -> Iterator[Place]:
    """Every place in a JSON document; of lists, and with `kinds` of tables that hold like things by name, the first entry alone."""
    if at:
        yield at
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], kinds, (*at, key))
    elif isinstance(value, list):
        for i in range(len(value))[: 1 if kinds else None]:
            yield from places(value[i], kinds, (*at, i))


def damaged_findings(whole: bytes, place: Place, value: object) -> bytes:
    """The document with `value` at `place`, or nothing there."""
    document = json.loads(whole)
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = copy.deepcopy(value)
    return json.dumps(document).encode()


def cells(whole: bytes, kinds: bool = False) -> Iterator[Place]:
    """Every cell of a table, that of its head among them; with `kinds` those of the head and of the first row."""
    for row, line in enumerate(csv.reader(io.StringIO(whole.decode()))):
        for column in range(len(line)):
            if row < 2 or not kinds:
                yield row, column


def damaged_runs(whole: bytes, place: Place, value: object) -> bytes:
    """The table with `value` in the cell at `place`, or without that cell."""
    table = list(csv.reader(io.StringIO(whole.decode())))
    row, column = int(place[0]), int(place[1])
    table[row][column : column + 1] = [] if value is GONE else [str(value)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode()


def mutations(findings: bytes, runs: bytes, kinds: bool = False) -> Iterator[tuple[str, bytes, bytes]]:
    """What is damaged in words, and the two files of the report, once for each place and value."""
    for place in places(json.loads(findings), kinds):
        for value in VALUES:
            if not (value is GONE and isinstance(place[-1], int)):
                yield f"{FINDINGS} {'.'.join(map(str, place))} = {_told(value)}", damaged_findings(findings, place, value), runs
    for place in cells(runs, kinds):
        for cell in (*CELLS, GONE):
            yield f"{RUNS} row {place[0]}, column {place[1]} = {_told(cell)}", findings, damaged_runs(runs, place, cell)


def _told(value: object) -> str:
    return "gone" if value is GONE else repr(value)[:40]


def ends(whole: Path, damaged: Path, findings: bytes, runs: bytes, forms: Sequence[str] = FORMS[:2]) -> tuple[int, str]:
    """The highest exit code of `diff` both ways round in the formats, and what it said with it."""
    damaged.mkdir(exist_ok=True)
    (damaged / FINDINGS).write_bytes(findings)
    (damaged / RUNS).write_bytes(runs)
    worst = (0, "")
    for form, pair in zip((*forms, *forms), [(whole, damaged)] * len(forms) + [(damaged, whole)] * len(forms), strict=True):
        said = io.StringIO()
        with redirect_stdout(io.StringIO()), redirect_stderr(said):
            code = sweepbook(["diff", *map(str, pair), "--format", form])
        worst = max(worst, (code, said.getvalue()))
        if code in (2, UNEXPECTED):
            break
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--report", type=Path, default=Path(__file__).parents[1] / "tests" / "golden")
    parser.add_argument("--kinds", action="store_true", help="one place of each kind in place of every one")
    parser.add_argument("--show", type=int, default=20, help="how many unexpected errors to print")
    asked = parser.parse_args()
    findings, runs = ((asked.report / name).read_bytes() for name in (FINDINGS, RUNS))
    counts: Counter[tuple[str, int]] = Counter()
    shown = 0
    with tempfile.TemporaryDirectory() as folder:
        for what, first, second in mutations(findings, runs, asked.kinds):
            code, said = ends(asked.report, Path(folder) / "damaged", first, second)
            counts[what.split()[0], code] += 1
            if code == UNEXPECTED and shown < asked.show:
                shown += 1
                print(f"{what}\n    {said.strip()}", flush=True)
    for name in (FINDINGS, RUNS):
        codes = {code: count for (file, code), count in sorted(counts.items()) if file == name}
        told = ", ".join(f"{count} exit {code}" for code, count in codes.items())
        print(f"{name}: {sum(codes.values())} damaged, {codes.get(UNEXPECTED, 0)} ended in an unexpected error ({told})")
    return int(any(code == UNEXPECTED for _, code in counts))


if __name__ == "__main__":
    sys.exit(main())
