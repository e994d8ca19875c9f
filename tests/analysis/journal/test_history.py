"""What the journal shows of a search: its trials, what they hint at, and that only the confirmed runs count."""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.diff.changes import changes
from sweepbook.analysis.export.record.read import side
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.importances import LACKING, Importances
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.history import importances
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.figures import draw
from sweepbook.runner.plan import load_study
from sweepbook.runner.search import SEED

PLAN = """\
[study]
title = "T"
seeds = [0, 1, 2]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
depth = 1
epochs = 6
batch_size = 64
lr = 0.001
optimizer = "Adam"
[[group]]
name = "units"
grid = { units1 = [8, 16] }
[[group]]
name = "bayes"
search = { lr = "log 1e-5..1e-1", units1 = [16, 32, 64], batch_size = "16..64" }
runs = 40
confirm = 2
"""
BASE = {"dataset": "digits", "model": "mlp", "depth": 1, "epochs": 6, "batch_size": 64, "optimizer": "Adam"}


def score(number):
    """Of the trials that finish the last one is the best."""
    return 0.6 + number / 200


@pytest.fixture
def searched(tmp_path, log, run, plan):
    """A study whose search had so many trials, every third of them pruned, and of which `confirmed` were trained again, with
    scores that lie so far `off`."""

    def made(trials=40, confirmed=(), text=PLAN, pruned=True, off=-0.05):
        for number in range(trials):
            status = "pruned" if pruned and number % 3 == 1 else "failed" if number == 5 else "finished"
            proposed = {"lr": 1e-5 * 1.25**number, "units1": ("16", "32", "64")[number % 2], "batch_size": 16 + number * 7 % 40}
            config = {**BASE, **proposed, "units1": int(proposed["units1"])}
            facts = {"search": "bayes", "trial": number, "proposed": json.dumps(proposed)}
            name = f"bayes_t{number:04}"
            own = run(score(number), SEED, number, 2 if status == "pruned" else 6, label=name, config=config, status=status)
            log(tmp_path / "logs", f"{number:03}", replace(own, environment=facts))
            for seed in range(3) if number in confirmed else ():
                again = run(score(number) + off + seed / 1000, seed, 100 + number, 6, label=name, config=config)
                log(tmp_path / "logs", f"{number:03}-{seed}", again)
        for units in (8, 16):
            for seed in range(3):
                config = {**BASE, "lr": 0.001, "units1": units}
                log(tmp_path / "logs", f"u{units}-{seed}", run(0.5 + units / 100 + seed / 500, seed, 200, 6, config=config))
        study, sweep = plan(tmp_path / "plan", text), load_sweep(tmp_path / "logs")
        found = findings(sweep, study)
        return found, journal(found, sweep, Notes(), {})

    return made


def group(found):
    return next(own for own in found.groups if own.group.name == "bayes")


def section(page):
    return next(own for own in page.sections if own.name == "bayes")


BEST = (39, 38)  # of those that finish


def test_only_what_was_confirmed_counts(searched):
    found, _ = searched(confirmed=BEST)
    assert {s.label: s.seeds for s in found.ranking[:2]} == {"bayes_t0039": (0, 1, 2), "bayes_t0038": (0, 1, 2)}
    assert found.ranking[0].means["valid_accuracy"].value == pytest.approx(score(39) - 0.049)
    assert found.recommended.label == "bayes_t0039"
    assert found.totals.planned == found.totals.finished == 12
    assert found.problems == (("005", "failed after 6 whole epochs: no error given"),)
    assert not [check for check in found.checks if check.code in ("SB201", "SB202", "SB203", "SB205")]


def test_the_section_says_how_the_search_went_and_that_its_best_is_optimistic(searched):
    _, page = searched(confirmed=BEST)
    lines = section(page).conclusion
    assert lines[0].startswith("bayes_t0039 is best")
    assert (
        lines[1]
        == "Optuna's TPE proposed 40 trials: 26 finished, 13 were pruned and 1 failed, in 1 min 20 s of training, added up."
    )
    assert lines[2] == "The median pruner stopped hopeless trials, each after 2 epochs: 52 epochs saved."
    assert lines[3] == "bayes_t0039 scored 79.5% as the best of 26, which is optimistic; at 3 other seeds it scores 74.6%."
    assert any("take the trends as hints, not as tests" in line for line in lines)
    assert (
        dict(section(page).plan)["Searched"]
        == "learning rate 1e-05 to 0.1, by factors; first-layer units 16, 32, 64; batch size 16 to 64"
    )


def test_one_pruned_trial_has_no_half(searched):
    _, page = searched(trials=3)
    assert section(page).conclusion[3] == "The median pruner stopped one hopeless trial after 2 epochs: 4 epochs saved."


def test_the_time_of_a_search_is_in_that_of_the_training(searched):
    found, page = searched(confirmed=BEST)
    own = sum(trial.seconds for trial in group(found).trials.every)
    assert f"Training took {w.duration(found.totals.seconds + own)}, added up over runs" in " ".join(page.totals)
    assert f"Of it {w.duration(own)} went to the trials of searches." in page.totals


def test_a_score_that_its_repeats_surpass_is_not_called_optimistic(searched):
    _, page = searched(confirmed=BEST, off=0.05)
    assert section(page).conclusion[3] == "bayes_t0039 scored 79.5% as the best of 26; at 3 other seeds it scores 84.6%."


def test_an_end_of_what_was_tested_is_one_of_all_trials(searched):
    def ends(trials):
        found, _ = searched(trials, confirmed=(8, 9, 11))
        checks = [check.factors for check in found.checks if check.code == "SB106"]
        return [line for line in next_steps(group(found), found) if line.startswith("Try ")], checks

    (rate, batch), checks = ends(12)  # the last one is the best, of the highest rate and the largest batch
    assert rate.startswith("Try a higher learning rate than 0.000116")
    assert batch.startswith("Try a larger batch size than 53: ")
    assert checks == [("lr",), ("batch_size",)]
    assert ends(18) == ([], [])


def test_the_figure_has_every_trial_the_best_so_far_and_what_was_confirmed(searched):
    _, page = searched(confirmed=BEST)
    picture = next(one for one in section(page).pictures if one.kind == "history")
    assert [sum(mark.label == kind for mark in picture.marks) for kind in ("finished", "pruned", "again")] == [26, 13, 2]
    records = [picture.marks[place] for place in picture.front]
    assert [mark.mean for mark in records] == sorted(mark.mean for mark in records)
    assert {mark.label for mark in records} == {"finished"}
    assert draw(picture).axes[0].get_xlabel() == "trial"
    assert "settings" in {one.kind for one in section(page).pictures}


def test_trends_of_levels_that_chance_chose_are_tests_where_nothing_was_pruned(searched):
    assert group(searched(confirmed=BEST)[0]).search.doubt == "tool"
    found, _ = searched(confirmed=BEST, text=PLAN + 'sampler = "random"\npruner = "none"\n', pruned=False)
    assert group(found).search.doubt != "tool"


def test_a_search_that_goes_on_names_what_is_ahead_and_counts_for_nothing(searched):
    found, page = searched(trials=12)
    assert len(found.ranking) == 2
    lines = section(page).conclusion
    assert lines[0] == "The search goes on: so far bayes_t0011 is ahead with 65.5%, in one run."
    assert "Its budget of 40 trials is not spent; sweepbook run goes on from here." in lines
    assert any("optimistic: once it is over, its best 2 are trained again at the plan's seeds" in line for line in lines)
    assert group(found).ranking == ()


def test_a_search_that_is_over_waits_for_its_best_to_be_trained_again(searched):
    found, page = searched()
    assert section(page).conclusion[0] == "Not confirmed yet: bayes_t0039 is ahead with 79.5%, in one run, the best of 26."
    assert (found.totals.planned, found.totals.missing) == (12, 6)


def test_nothing_is_said_of_trials_that_are_not_there(searched):
    _, page = searched(trials=0)
    assert section(page).conclusion[0] == "No answer yet: no trial of the search has finished."
    assert section(page).pictures == ()


def test_a_study_of_nothing_but_a_search_says_what_it_waits_for(searched):
    text = PLAN.replace('name = "units"\ngrid = { units1 = [8, 16] }\n[[group]]\n', "")
    found, page = searched(trials=12, text=text)
    says = answers(found)[0].says
    assert says.startswith("12 trials of a search ended, and none is confirmed yet: bayes_t0011 is ahead with ")
    assert f"{says.rpartition(' ')[2].removesuffix('.')}, in one run" in section(page).conclusion[0]
    assert section(page).conclusion[0].startswith("The search goes on: so far bayes_t0011 is ahead")


def test_findings_json_has_the_trials_behind_all_else(searched):
    found, _ = searched(confirmed=BEST)
    document = {own["name"]: own for own in json.loads(findings_json(found))["groups"]}
    trials = document["bayes"]["trials"]
    assert list(document["bayes"])[-1] == "trials"
    assert document["units"]["trials"] is None
    assert (trials["runs"], trials["sampler"], trials["pruner"], trials["confirm"], trials["over"]) == (
        40,
        "tpe",
        "median",
        2,
        True,
    )
    assert len(trials["trials"]) == 40
    assert trials["trials"][1] == {"number": 1, "id": trials["trials"][1]["id"], "status": "pruned", "score": 0.605, "epochs": 2}


def test_without_optuna_one_line_says_what_importances_need(searched, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    found, page = searched(confirmed=BEST)
    assert group(found).trials.importances.reason == LACKING
    needed = [line for line in section(page).conclusion if line.startswith("Importances need Optuna and scikit-learn")]
    assert len(needed) == 1


def test_the_table_of_a_search_has_what_it_chose_though_all_of_its_best_share_it(searched):
    _, page = searched(confirmed=(35, 39), text=PLAN.replace("confirm = 2", "confirm = 1"))
    heads = [column.head for column in section(page).results.columns]
    assert heads[:4] == ["name", "learning rate", "batch size", "first-layer units"]
    assert {line.cells[3] for line in section(page).results.lines} == {"32"}


def test_what_was_pruned_on_purpose_is_nothing_that_went_wrong(searched):
    found, _ = searched(trials=5, confirmed=(2, 3), text=PLAN.replace("runs = 40", "runs = 5"))
    (wrong,) = (answer for answer in answers(found) if answer.question == "What went wrong?")
    assert wrong.says == "Nothing: 2 of 5 trials were pruned on purpose, as others promised more; all others finished."


def test_a_trial_that_came_to_no_score_is_named_and_one_that_was_pruned_beside_it_counted(searched, tmp_path):
    searched(confirmed=BEST)
    cut = tmp_path / "logs" / "008" / "run.toml"
    cut.write_text(cut.read_text().replace('status = "finished"', 'status = "interrupted"'))
    found = findings(load_sweep(tmp_path / "logs"), load_study(tmp_path / "plan"))
    (wrong,) = (answer for answer in answers(found) if answer.question == "What went wrong?")
    assert wrong.says == "bayes_t0005 failed. bayes_t0008 was interrupted."
    assert wrong.why[0] == "13 of 40 trials were pruned on purpose, as others promised more."


@pytest.mark.training
def test_importances_are_exploratory_and_the_same_every_time(searched):
    pytest.importorskip("optuna")
    found, page = searched(confirmed=BEST)
    shares = group(found).trials.importances.shares
    assert set(shares) == {"lr", "units1", "batch_size"}
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert sum(shares.values()) == pytest.approx(1)
    ranges = group(found).trials.importances.ranges
    assert all(ranges[name][0] < share < ranges[name][1] for name, share in shares.items())
    lines = section(page).conclusion
    (at,) = [at for at, line in enumerate(lines) if "fANOVA" in line]
    first, (low, high) = next(iter(shares)), next(iter(ranges.values()))
    named = f"{w.setting_name(first)} {shares[first]:.0%} ({100 * low:.0f} to {100 * high:.0f})"
    assert lines[at].startswith(f"Exploratory, by fANOVA over 26 trials, shares of the variance: {named}, ")
    assert lines[at + 1] == "In brackets: how far 8 forests differ, each grown on trials drawn anew. Noise gets a share too."
    assert dict(group(searched(confirmed=BEST)[0]).trials.importances.shares) == dict(shares)


def test_importances_whose_ranges_overlap_are_in_no_order():
    known = SimpleNamespace(importances=Importances({"lr": 0.5, "units1": 0.4}, {"lr": (0.4, 0.6), "units1": (0.3, 0.4)}, 14))
    assert importances(known)[0].endswith("learning rate 50% (40 to 60) and first-layer units 40% (30 to 40). Their order is open.")
    known.importances.ranges["units1"] = (0.3, 0.39)
    assert importances(known)[0].endswith("first-layer units 40% (30 to 39).")


def test_a_record_with_a_search_is_read_without_its_trials_and_what_moved_since_is_said(searched, tmp_path):
    records = []
    for confirmed in ((7,), (7, 6)):
        found, _ = searched(8, confirmed, pruned=False)
        texts = {"findings.json": findings_json(found), "runs.csv": runs_csv(load_sweep(tmp_path / "logs"), found)}
        records.append({name: text.encode() for name, text in texts.items()})
        read = side("report", records[-1]["findings.json"], records[-1]["runs.csv"])
        assert sum(entry.n for entry in read.entries.values()) == 6 + 3 * len(confirmed)
    assert any("3 runs" in line and "came" in line for line in changes(*records)), changes(*records)
