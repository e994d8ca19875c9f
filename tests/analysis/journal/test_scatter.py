"""What the journal says of noise: how far good and poor settings scatter, what the seed has to do with it, who is not ranked."""

import re

import numpy as np
import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.export.latex import group_latex
from sweepbook.analysis.export.show.as_text import ranking_part
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.findings.thirds import thirds
from sweepbook.analysis.journal import scatter
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.journal.notes.values import names
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
{head}
[[group]]
name = "all"
where = {{ }}
"""


@pytest.fixture
def sweep(tmp_path, log, run, plan):
    """The findings and the journal of configurations, each the scores of its seeds."""

    def make(scores, head="", **fields):
        study, logs = plan(tmp_path / "study", PLAN.format(head=head)), tmp_path / "logs"
        for place, values in enumerate(scores):
            for seed, score in enumerate(values):
                log(logs, f"{place:02}-{seed}", run(score, seed=seed, label=f"c{place}", config={"rate": place}, **fields))
        read = load_sweep(logs)
        found = findings(read, study)
        return found, journal(found, read, Notes(), {})

    return make


def drawn(means, spreads, seeds=(0.0, 0.0, 0.0), n=3, start=1):
    rng = np.random.default_rng(start)
    return [[mean + sd * rng.standard_normal() + seeds[s] for s in range(n)] for mean, sd in zip(means, spreads, strict=True)]


FALLING = np.linspace(0.95, 0.5, 18)
UNLIKE = drawn(FALLING, [0.002] * 6 + [0.01] * 6 + [0.05] * 6)
ALIKE = drawn(FALLING, [0.01] * 18)


def test_good_and_poor_settings_have_a_number_each_where_they_scatter_unlike(sweep):
    found, page = sweep(UNLIKE)
    by_score = sorted(found.ranking, key=lambda s: -s.means["valid_accuracy"].value)
    common = found.noise.seeds.sd**2
    expected = [np.median([(found.noise.each[s.id].variance + common) ** 0.5 for s in by_score[i : i + 6]]) for i in (0, 6, 12)]
    apart = thirds(found, "valid_accuracy")
    assert apart.each == pytest.approx(expected)
    assert apart.best < 0.005 < apart.middle < 0.03 < apart.worst
    best, middle, worst = (f"± {100 * one:.1f}" for one in apart.each)
    leading = w.size(found.form("valid_accuracy"), found.scatter)
    each = f"{best} among the best third, {middle} in the middle, {worst} among the worst"
    assert page.noise == f"Another seed lands ± {leading} away where a configuration could be the best. It is {each}."
    row = next(line.cells for line in page.noises.lines if line.cells["metric"] == "validation accuracy")
    assert row["thirds"] == f"{best}, {middle}, {worst} points"
    assert page.ranking.scale.told.startswith("ignore differences under ")


def test_the_best_come_first_where_lower_is_better(sweep):
    found, _ = sweep([[1 - score for score in values] for values in UNLIKE], head='goal = "minimize"')
    assert thirds(found, "valid_accuracy").best < thirds(found, "valid_accuracy").worst / 4


def test_settings_that_scatter_alike_have_one_number(sweep):
    found, page = sweep(ALIKE)
    assert thirds(found, "valid_accuracy") is None
    form = found.form("valid_accuracy")
    leading, typical = w.size(form, found.scatter), w.size(form, found.noise.sd)
    assert page.noise == (
        f"Another seed lands ± {leading} away where a configuration could be the best, ± {typical} in a typical one."
    )
    assert "thirds" not in page.noises.lines[0].cells.names


def test_few_configurations_have_one_number_however_they_scatter(sweep):
    found, _ = sweep([*UNLIKE[:5], *UNLIKE[-5:]])
    assert not found.noise.trend
    assert thirds(found, "valid_accuracy") is None
    assert "those of all others" in " ".join(scatter.noise_behind(found))


def test_what_the_seed_explains_is_told_where_it_explains_something(sweep):
    found, page = sweep(drawn(FALLING, [0.005] * 18, seeds=(0.02, 0.0, -0.02)))
    seeds = found.noise.seeds
    assert seeds.share > 0.8
    assert page.noise_besides[:2] == (
        f"About {seeds.share:.0%} of this is what a seed does to all configurations alike.",
        "Comparisons at the same seeds are free of that part, and so the sharper.",
    )
    interval = f"{seeds.share:.0%} ({100 * seeds.low:.0f} to {100 * seeds.high:.0f})"
    assert f"The share of the seed is {interval}." in page.noise_behind
    row = page.noises.lines[0].cells
    assert row["share"] == f"{seeds.share:.0%} ({100 * seeds.low:.0f} to {100 * seeds.high:.0f})"


def test_nothing_is_told_of_seeds_that_explain_nothing(sweep):
    found, page = sweep(ALIKE)
    assert found.noise.seeds.low == 0
    assert "alike" not in " ".join(page.noise_besides)


def test_a_configuration_that_varies_far_more_than_its_neighbours_is_named(sweep):
    scores = [list(values) for values in ALIKE]
    scores[4] = [scores[4][0] - 0.4, scores[4][1], scores[4][2] + 0.05]
    found, page = sweep(scores)
    assert [s.label for s in found.ranking if s.id in found.noise.outlying] == ["c4"]
    assert "c4 scatters far more than others of like score; comparisons with it go by its own runs." in page.noise_besides
    assert re.fullmatch(r"The furthest lands c4, ± \d+\.\d points away\.", page.noise_besides[0])
    row = next(line.cells for line in page.noises.lines if line.cells["metric"] == "validation accuracy")
    assert row["pooled"] == "own runs and neighbours in score; without 1 that varies far more"


CLOSE = drawn([0.9] * 13, [0.003] * 13)
LOOSE = [*CLOSE, [0.715, 0.955, 0.985]]


@pytest.fixture
def loose(sweep):
    found, page = sweep(LOOSE)
    assert [s.label for s in found.ranking if s.id in found.unranked] == ["c13"]
    return found, page


def test_what_only_its_own_scatter_keeps_in_the_first_tier_is_not_ranked(loose):
    found, page = loose
    row = next(line.cells for line in page.ranking.lines if line.cells["configuration"] == "c13")
    assert row["best"] == "not ranked"
    assert page.ranking.lines[-1].cells["configuration"] == "c13"
    assert ("not ranked", "1", "c13") in [line.cells for line in page.tiers.lines]
    assert names(found)["run"]["c13"]["tier"] == "not ranked"
    shown = ranking_part(found, None, {})
    assert next(cells[3] for cells in shown.rows if cells[0] == "c13") == "not ranked"
    (group,) = page.sections
    assert next(line.cells["best"] for line in group.results.lines if line.cells["config.rate"] == "13") == "not ranked"


def test_its_runs_stand_for_its_rank_in_sentences(loose):
    _, page = loose
    told = "c13 is not ranked: its 3 runs go from 71.5 to 98.5%."
    (group,) = page.sections
    assert "Not ranked, for its runs lie too far apart: c13." in page.answers[0].why
    assert told in group.conclusion


def ranking(page):
    """The figure of the ranking."""
    return next(picture for picture in page.pictures if picture.name == "overall--ranking")


def test_it_is_in_no_count_of_what_may_be_the_best(loose):
    found, page = loose
    first = len(found.first_tier)
    assert first == sum(tier == 1 for tier in found.tiers.values()) - 1
    (group,) = page.sections
    assert f"{first} of 14 configurations could be the best." in page.answers[0].why
    assert group.conclusion[0].endswith(f"; any of the other {first - 1} could be as good.")
    assert ranking(page).alt.endswith(f"{first} of 14 could be the best. 1 not ranked.")
    assert not [text for text in group.conclusion if "could be" in text and "c13" in text]


def test_the_best_mean_is_that_of_one_that_is_ranked(sweep):
    found, page = sweep([*CLOSE, [0.78, 0.999, 0.998]])
    assert (found.ranking[0].label, found.unranked) == ("c13", {found.ranking[0].id})
    second = found.first_tier[0].label
    assert page.answers[0].see[0][0] == second
    assert page.answers[0].why[0] == f"{second} has the best mean validation accuracy of those that are ranked."
    (group,) = page.sections
    rate = second.removeprefix("c")
    assert group.conclusion[0].startswith(f"Rate {rate} is best so far of those that are ranked, ")
    assert "Recommended is c13" not in " ".join(group.conclusion)


def test_a_caption_says_what_a_dot_and_a_bar_is_and_who_is_not_ranked(loose):
    dots = "large dots are means of 3 runs, small dots the runs"
    picture = ranking(loose[1])
    assert picture.caption.startswith(f"Validation accuracy of all configurations: {dots}. Bars: 95% confidence.")
    assert "confidence. Open and grey: not ranked." in picture.caption
    assert [mark.label for mark in picture.marks if not mark.ranked] == ["c13"]
    assert [mark.label for mark in loose[1].sections[0].pictures[0].marks if not mark.ranked] == ["c13"]


def test_a_caption_of_single_runs_speaks_of_no_interval(sweep):
    _, page = sweep([[0.8], [0.9]])
    assert page.sections[0].pictures[0].caption == "Validation accuracy by rate: each dot is one run."


def test_a_paper_is_told_how_many_configurations_and_seeds_stand_behind_a_table(sweep):
    found, _ = sweep(ALIKE)
    assert "(18 configurations, the same 3 seeds each)" in group_latex(found, found.groups[0])
    assert "54 runs" not in group_latex(found, found.groups[0])
