"""The configurations behind a number in, the words for what it rests on out: configurations and seeds, where many runs are the same
few seeds over and over."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import Summary


def same_seeds(summaries: Sequence[Summary]) -> tuple[int, ...] | None:
    """The seeds that every one of several configurations ran with, one run each; None where they differ, or are not known."""
    known = {s.seeds for s in summaries}
    seeds = next(iter(known)) if len(known) == 1 else ()
    return seeds if seeds and len(summaries) > 1 and all(s.n == len(set(seeds)) for s in summaries) else None


def each(summaries: Sequence[Summary]) -> str:
    """The runs of each configuration: "the same 3 seeds each", "1 to 3 runs each"."""
    seeds, counts = same_seeds(summaries), sorted({s.n for s in summaries})
    if seeds:
        return "the same seed" if len(seeds) == 1 else f"the same {w.count(len(seeds))} seeds each"
    if len(counts) > 1:
        return f"{w.count(counts[0])} to {w.count(counts[-1])} runs each"
    return "" if not counts else f"{w.plural(counts[0], 'run')} each"


def rests_on(summaries: Sequence[Summary], runs: int) -> str:
    """What a mean over so many `runs` rests on: "3 runs", "36 configurations, the same 3 seeds"."""
    if len(summaries) < 2:
        return w.plural(runs, "run")
    return f"{w.plural(len(summaries), 'configuration')}, {seeds_or_runs(summaries, runs)}"


def seeds_or_runs(summaries: Sequence[Summary], runs: int) -> str:
    """The seeds of several configurations where they share them, else how many runs there are."""
    seeds = same_seeds(summaries)
    if seeds and runs == len(seeds) * len(summaries):
        return "the same seed" if len(seeds) == 1 else f"the same {w.count(len(seeds))} seeds"
    return w.plural(runs, "run")


def at_common(first: Sequence[Summary], second: Sequence[Summary], metric: str) -> bool:
    """Whether two configurations are compared at the seeds that both have: where seeds play a part and one has others, too."""
    if len(first) != 1 or len(second) != 1:
        return False
    own, others = (side[0].means[metric].runs.keys() for side in (first, second))
    return own != others and len(own & others) > 1
