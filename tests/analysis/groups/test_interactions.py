"""Whether the factors of a grid act together, where seeds move all cells and some runs are missing."""

import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.groups.effects import grid
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, factors
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.runner.member import Member
from sweepbook.runner.study import Group


def interaction_of(table, there):
    """The test of the interaction in a table [rows, columns, seeds], of which only the runs that are `there` have been made."""
    runs = {
        (a, b): {s: float(y) for s, y in enumerate(table[a, b]) if there[a, b, s]}
        for a in range(table.shape[0])
        for b in range(table.shape[1])
    }
    pool = noise({str(key): own for key, own in runs.items()})
    rows = []
    for (a, b), own in runs.items():
        member = Member(f"{a}-{b}", {"a": a, "b": b}, {"a": a, "b": b})
        means = {"x": mean_of(own, pool, str((a, b)))}
        logs = tuple(map(str, own))
        rows.append(
            Row(member, Summary(member.id, "", ("",), {}, logs, tuple(own), {"x": tuple(own.values())}, means, *[None] * 5))
        )
    members = tuple(row.member for row in rows)
    group = Group("g", "", "", "", (), (), members, None, ())
    return grid(GroupRows(group, factors(members), tuple(rows)), "x", pool).interaction


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.slow
def test_an_additive_grid_whose_seeds_have_most_of_the_noise_is_said_to_interact_in_5_percent_of_studies(missing):
    draw, studies = np.random.default_rng(2), 300
    told = 0
    for _ in range(studies):
        table = np.arange(4.0)[:, None, None] + np.arange(3.0)[:, None] + draw.normal(0, 2, 4) + draw.normal(size=(4, 3, 4))
        there = draw.random(table.shape) >= missing
        there[:, :, 0] |= there.sum(axis=2) < 1
        told += interaction_of(table, there).p < 0.05
    assert told <= stats.binom.ppf(0.999, studies, 0.05)


def test_an_interaction_is_found_though_runs_are_missing():
    draw = np.random.default_rng(3)
    table = draw.normal(0, 2, 4) + 0.3 * draw.normal(size=(4, 3, 4))
    table[3, 2] += 3
    there = np.ones(table.shape, bool)
    there[0, 0, 1] = there[2, 1, 3] = False
    found = interaction_of(table, there)
    assert found.p < 0.001
    assert found.df == (6, 46 - 12 - 3)
