"""A `SweepDiff` in, how its comparisons were made and how far they hold out, in sentences."""

from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.diff import SweepDiff


def margin(diff: SweepDiff) -> str:
    return f"±{w.size(diff.form(diff.metric), diff.margin or 0.0)}"


def ranks(diff: SweepDiff) -> Iterator[str]:
    """How far the two rankings agree, and which configurations came into the first tier or went out of it."""
    if diff.agreement and not all(one.same_runs for one in diff.comparisons):
        noise = ""
        if diff.agreement.low is not None and diff.agreement.high is not None:
            low, high = diff.agreement.low, diff.agreement.high
            noise = f"; were the true scores the same, noise alone would give {low:.2f} to {high:.2f}"
        yield f"The two rankings agree to Kendall's τ = {diff.agreement.tau:.2f}{noise}."
    changes = (
        (diff.entered, "Could be the best now, and could not before"),
        (diff.left, "Could be the best before, and cannot now"),
    )
    for labels, what in changes:
        if labels:
            yield f"{what}: {w.some(labels)}."


def known(diff: SweepDiff) -> tuple[str, ...]:
    """How all this is known: how the rankings agree, and how the comparisons were made."""
    made = diff.comparisons
    if not made or all(one.same_runs for one in made):
        return ()
    return (*ranks(diff), *_scatter(diff), *_noisier(diff), *method(diff))


def _scatter(diff: SweepDiff) -> Iterator[str]:
    found = diff.scatter
    if found is not None and found.low is not None and found.high is not None:
        ends = f"{found.low:.1f} to {found.high:.1f} times"
        how = "95%, geometric mean over the configurations, without what a seed does to all of them"
        yield f"Within each configuration, held against itself, the runs lie {ends} as far apart as before ({how})."


def _noisier(diff: SweepDiff) -> Iterator[str]:
    """The verdicts that the noise around the same runs turned."""
    if diff.unmoved:
        names = w.some([f"{one.group}: {one.says.removesuffix('.')}" for one in diff.unmoved], "; ")
        many = "An expectation has" if len(diff.unmoved) == 1 else f"{w.count(len(diff.unmoved))} expectations have"
        yield f"{many} another verdict for the same runs, by the noise of the others, and count as unchanged: {names}."


def method(diff: SweepDiff) -> tuple[str, ...]:
    """How the comparisons were made."""
    made = diff.comparisons
    lines = [_pairing(diff)]
    others = len(diff.overall) > 1
    family = f"all configurations and metrics, half of it for {w.metric_name(diff.metric)}" if others else "all configurations"
    if any(one.change.low is not None for one in made if not one.same_runs):
        lines.append(
            "Of 100 comparisons of sweeps that differ by noise alone about 5 at most say better or worse at all, more where"
            f" configurations vary very unlike each other (Holm, over {family})."
        )
        lines.append("The interval of a configuration is at the level of its verdict; that of the mean over all is 95%.")
    if diff.main and diff.main.seeds_known and diff.main.change.low is not None and diff.main.pairs > 1:
        lines.append("The mean over all takes configurations and seeds as drawn: it holds for others of their kind.")
    if any(one.more is not None for one in made):
        lines.append("More seeds: so many would find a change as large as seen in 4 of 5 repeats; a smaller one takes more.")
    if diff.slopes:
        lines.append(
            "A pattern in a grid is a slope of the changes over the levels, against what the additive fit leaves (t, Holm)."
        )
    if diff.margin is not None:
        lines.append(f"Same: the whole interval lies within {margin(diff)}, or both sides have the same runs.")
    return tuple(lines)


def _pairing(diff: SweepDiff) -> str:
    paired = [comparison.by_seed for comparison in diff.of(diff.metric) if not comparison.same_runs]
    if any(paired):
        rest = "" if all(paired) else " Where a side lacks a seed of the other, the means are."
        return f"Runs with the same seed are compared with each other, so that what a seed does to both sweeps falls out.{rest}"
    if not any(known.get(diff.metric) for known in diff.noises):
        return "Neither sweep has a configuration with two runs that differ, so the noise is not known."
    return "The means of the two sweeps are compared, each with the noise of its runs and the luck of its seeds."
