import re

import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.conclusion import conclusion
from sweepbook.analysis.journal.expectations import expectations
from sweepbook.analysis.journal.insights import insights
from sweepbook.analysis.journal.method import method
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.journal.results import score_grid
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
[[group]]
name = "batches"
where = {{ }}
{predictions}
"""
BEST = """
[[group.prediction]]
says = "8 is best"
best = { batch = 8 }
"""
BETTER = """
[[group.prediction]]
says = "8 beats 16"
better = { batch = 8 }
than = { batch = 16 }
"""
SCORES = {4: (0.70, 0.72, 0.71), 8: (0.812, 0.832, 0.822), 16: (0.84, 0.822, 0.831), 32: (0.76, 0.75, 0.77)}


@pytest.fixture
def told(tmp_path, log, run, plan):
    def make(predictions="", scores=SCORES):
        study, logs = plan(tmp_path / "study", PLAN.format(predictions=predictions)), tmp_path / "logs"
        for batch, values in scores.items():
            for seed, score in enumerate(values):
                log(logs, f"{batch}-{seed}", run(score, seed=seed, label=f"batch_{batch}", config={"batch": batch}))
        return findings(load_sweep(logs), study)

    return make


def test_one_pair_takes_one_number_of_seeds_in_an_expectation_and_in_the_next_steps(told):
    for predictions in (BEST, BETTER, BEST + BETTER):
        found = told(predictions)
        rows = expectations(found.groups[0].outcomes, found)
        (step,) = (text for text in next_steps(found.groups[0], found) if "against" in text)
        assert {step.partition(" would settle")[0]} == {row.settles for row in rows}
        assert step.endswith(" would settle batch 16 against 8, more if the true difference is smaller.")


def least_apart(scores):
    """By Tukey's value, with the seeds taken off and the noise of each configuration drawn towards that of all."""
    y = np.array(list(scores.values()))
    left = y - y.mean(1, keepdims=True) - (y - y.mean(1, keepdims=True)).mean(0)
    k, n = y.shape
    df = (k - 1) * (n - 1)
    variances = (4 * (left**2).sum() / df + (left**2).sum(1) * k / (k - 1)) / (4 + n - 1)
    return stats.studentized_range.ppf(0.95, k, df) / 2**0.5 * ((variances[1] + variances[2]) / n) ** 0.5


def test_the_two_best_means_are_held_apart_by_what_tells_a_tier(told):
    found = told()
    group = found.groups[0]
    assert 100 * least_apart(SCORES) == pytest.approx(3.1, abs=0.05)
    assert conclusion(group, found)[0] == "Batch 16 is best so far, 83.1%; 8 could be as good, 4 and 32 are worse."
    best_alone = told(scores={**SCORES, 16: (0.922, 0.94, 0.931)})
    assert conclusion(best_alone.groups[0], best_alone)[0] == "Batch 16 is best, 93.1%, 10.9 points ahead of 8."
    assert not [text for text in next_steps(best_alone.groups[0], best_alone) if "against" in text]


NAMED = """
[study]
title = "T"
[[group]]
name = "mixed"
where = {{}}
{predictions}
"""


def claim(says, better, than):
    return f'[[group.prediction]]\nsays = "{says}"\nbetter = {{ lr = {better} }}\nthan = {{ lr = {than} }}\n'


@pytest.fixture
def mixed(tmp_path, log, run, plan):
    """Findings of configurations that differ in two settings each, with predictions of one of these."""

    def make(*predictions):
        study, logs = plan(tmp_path / "study", NAMED.format(predictions="".join(predictions))), tmp_path / "logs"
        for lr, middle in ((1, 0.7), (2, 0.8), (3, 0.805), (4, 0.803), (5, 0.804)):
            for seed in range(3):
                made = run(middle + 0.004 * ((seed + lr) % 3), seed=seed, label=f"c{lr}", config={"lr": lr, "units1": 8 * lr**2})
                log(logs, f"{lr}-{seed}", made)
        return findings(load_sweep(logs), study)

    return make


def test_where_no_setting_has_an_effect_of_its_own_the_expectations_answer(mixed):
    found = mixed(claim("Two beats one", 2, 1), claim("One beats three", 1, 3), claim("Four beats two", 4, 2))
    answer, best, *_ = conclusion(found.groups[0], found)
    assert answer == "Held: Two beats one. Did not hold: One beats three. 1 is open."
    assert re.fullmatch(r"c\d is best so far, 80\.\d%; 3 of the other 4 could be as good\.", best)
    found = mixed(claim("Four beats two", 4, 2))
    assert conclusion(found.groups[0], found)[:2] == (best, "The expectation is open.")  # what is open is no answer


def test_of_many_expectations_the_answer_names_as_many_as_a_sentence_has_room_for(mixed):
    long = "A rate of two is better than a rate of one, whatever the others are"
    found = mixed(*(claim(f"{long} ({number})", 2, 1) for number in range(3)), *(claim(f"Open {n}", 4, 2) for n in range(12)))
    answer = conclusion(found.groups[0], found)[0]
    assert answer == f"Held: {long} (0); and 2 more. 12 are open."


def test_what_is_told_of_two_alone_and_not_among_all_is_said_to_be_so(told):
    found = told(scores={4: (0.70, 0.72, 0.71), 8: (0.812, 0.832, 0.822), 16: (0.835, 0.853, 0.845)})
    answer, limit = conclusion(found.groups[0], found)
    assert answer == "A higher batch helps: 16 is best so far, 84.4%; 8 could be as good, 4 is worse."
    assert limit == "Compared alone, 16 is better than 8 by 2.2 points; among all 3 at once that may be chance."


def test_a_random_search_tells_the_means_by_level_of_what_has_few_and_names_no_cause(tmp_path, log, run, plan):
    study, logs = plan(tmp_path / "study", PLAN.format(predictions="")), tmp_path / "logs"
    rows = [("Adam", 0.011, 0.80), ("SGD", 0.032, 0.70), ("Adam", 0.023, 0.84), ("SGD", 0.004, 0.72), ("SGD", 0.05, 0.74)]
    for place, (optimizer, rate, score) in enumerate(rows):
        for seed in (0, 1):
            config = {"algo": optimizer, "rate": rate}
            log(logs, f"{place}-{seed}", run(score + seed / 100, seed=seed, label=f"t{place}", config=config))
    found = findings(load_sweep(logs), study)
    texts = [insight.text for insight in insights(found.groups[0], found)]
    assert texts[-1] == (
        "Average by algo: 82.5% with Adam (2 configurations), 72.5% with SGD (3). Other settings vary along, so no cause is shown."
    )
    assert not [text for text in texts if text.startswith("Average by rate")]


def test_a_step_between_levels_with_other_seeds_says_at_which_seeds_it_is(told):
    found = told(scores={**SCORES, 16: (0.84, 0.832, 0.821), 32: (0.76, 0.75), 64: (0.6, 0.62, 0.61)})
    worse, none = (insight.text for insight in insights(found.groups[0], found) if insight.verdict in ("down", "open"))
    assert "16 to 32 at the seeds that both have (-8.1)" in worse  # 83.6 to 75.5
    assert none.startswith("No visible difference: 8 to 16 (")
    assert "16 to 32 at the seeds that both have -8.1 points (" in dict(method(found.groups[0], found, {}).tests)["Steps"]


def test_the_scores_of_a_large_grid_stand_in_rows_and_columns(tmp_path, log, run, plan):
    study, logs = plan(tmp_path / "study", PLAN.format(predictions="")), tmp_path / "logs"
    for width in (8, 16, 32, 64):
        for rate in (0.01, 0.1, 0.5):
            for seed in (0, 1):
                score = 0.5 + width / 200 + rate / 100 + (seed + width % 7) / 1000
                log(
                    logs,
                    f"{width}-{rate}-{seed}",
                    run(score, seed=seed, label=f"{width}/{rate}", config={"width": width, "rate": rate}),
                )
    found = findings(load_sweep(logs), study)
    table = score_grid(found.groups[0], found)
    assert [column.head for column in table.columns] == ["rate \\ width", "8", "16", "32", "64"]
    assert [line.cells[0] for line in table.lines] == ["0.01", "0.1", "0.5"]
    means = {s.label: s.means["valid_accuracy"].value for s in found.ranking}
    tiers = {s.label: found.groups[0].tiers[s.id] for s in found.ranking}
    for line in table.lines:
        for column, cell in zip(table.columns[1:], line.cells[1:], strict=True):
            label = f"{column.head}/{line.cells[0]}"
            assert cell.startswith("(") == (tiers[label] > 1)
            assert w.score(found.form("valid_accuracy"), means[label]) in cell
            assert ("★" in cell) == (means[label] == max(means.values()))
