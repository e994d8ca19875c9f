import pytest
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.predictions.behind import each, rests_on, same_seeds
from sweepbook.analysis.stats.means import Mean


def ran(label, seeds, n=None):
    n = len(seeds) if n is None else n
    logs = tuple(f"{label}-{i}" for i in range(n))
    mean = Mean(n, 0.5, None, 0, None)
    return Summary(label, label, (label,), {}, logs, tuple(seeds), {"x": (0.5,) * n}, {"x": mean}, None, None, None, None, None)


def test_many_configurations_with_the_same_few_seeds_are_no_hundred_runs():
    many = [ran(f"c{i}", (0, 1, 2)) for i in range(36)]
    assert rests_on(many, 108) == "36 configurations, the same 3 seeds"
    assert each(many) == "the same 3 seeds each"
    assert rests_on(many[:1], 3) == "3 runs"
    assert rests_on([ran("a", (7,)), ran("b", (7,))], 2) == "2 configurations, the same seed"


@pytest.mark.parametrize("other", [ran("b", (0, 1, 3)), ran("b", (0, 1)), ran("b", (), 3), ran("b", (0, 1, 2), 4)])
def test_where_seeds_differ_or_are_not_known_the_runs_are_counted(other):
    assert same_seeds([ran("a", (0, 1, 2)), other]) is None
    assert rests_on([ran("a", (0, 1, 2)), other], 3 + other.n) == f"2 configurations, {3 + other.n} runs"
