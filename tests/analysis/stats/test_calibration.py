"""A short version of benchmarks/calibration.py: that it asks what a build asks, that no more is false than is promised, and that
the simulation would show a rule that is too bold.

Bounds lie four Monte Carlo standard errors away.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.prediction import At, Best, Better, Trend
from sweepbook.runner.runlog import FILE, Run

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
pytestmark = pytest.mark.skipif(not (BENCHMARKS / "calibration.py").is_file(), reason="the benchmarks are not here")
if BENCHMARKS.is_dir():
    sys.path.insert(0, str(BENCHMARKS))
    import answers
    import calibration
    from worlds import CHOOSING, Cell, drawn, grid, ladder

    sys.path.remove(str(BENCHMARKS))


def counted(cell, studies, parts):
    """The answers of the first of so many studies; `parts` gives those of one, of its luck."""
    count = calibration.Count()
    for number in range(studies):
        count.add(dict(parts(cell, drawn(cell, number, CHOOSING))))
    return count


def singles(cell, luck):
    return answers.of_single(cell, answers.read(cell.k, grid(cell, luck)))


def everything(cell, luck):
    found = answers.read(cell.k, grid(cell, luck))
    return [*answers.of_single(cell, found), *answers.of_levels(cell, found)]


def taken(cell, luck):
    return answers.power(cell, answers.read(cell.k, ladder(cell, luck)))


def logs(folder, study, truth):
    """The runs of a simulated study as a trainer would have logged them."""
    for member, runs, cost in zip(study.groups[0].members, truth.runs, truth.costs, strict=True):
        for seed, score in runs.items():
            fields = {"label": member.label, "study": "s", "seed": seed, "status": "finished", "seconds": 1.0, "parameters": cost}
            run = Run(started=datetime(2026, 1, 1, tzinfo=UTC), config=member.config, metrics={"score": score}, epochs={}, **fields)
            (folder / f"{member.label}-{seed}").mkdir(parents=True)
            (folder / f"{member.label}-{seed}" / FILE).write_text(to_toml(run))
    return load_sweep(folder)


def test_the_simulation_asks_what_a_build_asks(tmp_path):
    cell = Cell(12, runs=(2, 3, 5), world="slope")
    truth = ladder(cell, drawn(cell, 1, CHOOSING))
    simulated = answers.read(12, truth)
    claims = (
        Trend("", "increasing", "b"),
        Best("", {"a": [1]}),
        At("", {"b": [1]}, 60.0, None),
        Better("", {"a": [1]}, {"a": [2]}, 0.0),
    )
    logged = replace(simulated.study.groups[0], members=(), where={}, predictions=claims)
    built = findings(logs(tmp_path, simulated.study, truth), replace(simulated.study, groups=(logged,)))
    assert built.tiers == simulated.tiers
    assert {s.id: s.means["score"] for s in built.ranking} == {s.id: s.means["score"] for s in simulated.summaries}
    assert built.recommended.id == answers.chosen(simulated, built.unranked).recommended.id
    assert {e.factor: e.range for e in built.groups[0].effects} == {f: simulated.effect(f).range for f in "ab"}
    assert [o.verdict for o in built.outcomes] == [simulated.verdict(claim) for claim in claims]
    assert {o.verdict for o in built.outcomes} == {"confirmed", "cannot tell"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "studies"),
    [(Cell(), 40), (Cell(12, spread=0.0, share=0.0), 40), (Cell(20, (2, 3, 5), missing=0.15), 25)],
)
def test_no_more_is_false_than_is_promised(cell, studies):
    count = counted(cell, studies, everything)
    for name in count.sums:
        assert not count.rate(name).above(calibration.promised(cell, name), 4), name


@pytest.mark.slow
def test_the_noisy_and_bad_are_found_and_not_recommended():
    count = counted(Cell(world="slope"), 40, taken)
    assert count.rate("found").mean > 0.65 - 4 * (0.65 * 0.35 / 40) ** 0.5
    assert not count.rate("far stay").above(0.02, 4)
    assert not count.rate("top behind").above(0.02, 4)
    assert not count.rate("worse, own SD").above(0.02, 4)


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "least"), [(Cell(20, spread=0.0, share=0.0), 0.79), (Cell(20, spread=0.0), 0.97)])
def test_one_that_lies_three_deviations_behind_is_found(cell, least):
    count = counted(cell, 60, taken)
    assert count.rate("found").mean > least - 4 * (least * (1 - least) / 60) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 4])
def test_few_configurations_are_hardly_ever_told_apart_falsely(k):
    count = counted(Cell(k, spread=0.0), 100, singles)
    for name in count.sums:
        assert not count.rate(name).above(0.055, 4), name


def test_noise_that_nobody_knows_gives_no_verdict():
    count = counted(Cell(8, runs=(1,)), 5, everything)
    assert count.sums
    assert not any(total for _, total, _ in count.sums.values())


def test_a_study_is_the_same_whenever_it_is_drawn():
    first, second = (answers.answers(Cell(4), 3, CHOOSING) for _ in range(2))
    assert first == second
    assert calibration.counted(Cell(4), range(2), CHOOSING).rate("at").studies == 2


def test_what_was_counted_is_read_back_each_study_once(tmp_path):
    cell, studies = Cell(2), range(2)
    count = calibration.counted(cell, studies, CHOOSING)
    (tmp_path / "one.jsonl").write_text(2 * (calibration.saved(cell, CHOOSING, "all", studies, count) + "\n"))
    found = calibration.loaded([tmp_path / "one.jsonl"], CHOOSING)
    assert {name: found[cell].rate(name) for name in count.sums} == {name: count.rate(name) for name in count.sums}
    assert not calibration.loaded([tmp_path / "one.jsonl"], calibration.REPORTING)


@pytest.mark.slow
def test_luck_of_the_seeds_that_is_left_out_of_a_mean_would_be_caught(monkeypatch):
    cell = Cell(12, share=0.9)
    assert not counted(cell, 15, singles).rate("at").above(0.07, 4)
    monkeypatch.setattr("sweepbook.analysis.stats.contrasts._moved", lambda pairs: 0.0)
    assert counted(cell, 15, singles).rate("at").above(0.07, 4)


@pytest.mark.slow
def test_steps_that_are_not_read_together_would_be_caught(monkeypatch):
    cell = Cell(12, spread=0.0)
    monkeypatch.setattr(answers, "discoveries", lambda ps: 0.50)
    assert counted(cell, 15, everything).rate("steps").above(calibration.SEVERAL, 4)
