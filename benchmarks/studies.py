"""Random studies, built: how many end in a report, how many in one message, how many in a traceback. Prints the counts; of a
traceback also the smallest study that ends in it, and where.

python benchmarks/studies.py [--studies 1000] [--seed 0] [--drawn]

What a study may be stands in tests/analysis/random_studies.py. A few are drawn with their figures, all of them with --drawn. Exits
1 where there is a traceback, or a report that breaks a rule: a number that its metric cannot be, or one that JSON does not know.
"""

import argparse
import runpy
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "tests/analysis/random_studies.py")))


def over(studies: int, first: int, phases: list[Phase], test: Callable[[Any], None]) -> None:
    """Calls `test` with so many random studies, the same for the same `first` seed."""
    every = settings(max_examples=studies, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck))
    seed(first)(every(given(made.studies())(test)))()


def place(error: BaseException) -> str:
    """What went wrong, and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drawn", action="store_true", help="draw the figures of every study")
    asked = parser.parse_args()
    warnings.simplefilter("error")
    ends: Counter[str] = Counter()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:

        def raised(study: Any) -> None:
            build(study)

        def build(study: Any) -> bool:
            return bool(made.built(replace(study, drawn=study.drawn or asked.drawn), Path(home) / "study"))

        def counted(study: Any) -> None:
            try:
                ends["a report" if build(study) else "one message"] += 1
            except Exception as error:  # counted here, and raised below
                ends[place(error)] += 1

        over(asked.studies, asked.seed, [Phase.generate], counted)
        for end, count in ends.most_common():
            print(f"{count:6,} ended in {end}")
        print(f"{time.perf_counter() - began:.0f} seconds for {sum(ends.values()):,} studies")
        if not ends.keys() - {"a report", "one message"}:
            return 0
        print("the smallest study that ends so:", flush=True)
        over(asked.studies, asked.seed, [Phase.generate, Phase.shrink], raised)
    return 1


if __name__ == "__main__":
    sys.exit(main())
