"""A reader, a check, a figure or a kind of prediction that is added to its room's list, a line each, is seen in the journal."""

import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest
from matplotlib.figure import Figure
from sweepbook.analysis import checks
from sweepbook.analysis.checks import Check
from sweepbook.analysis.journal import pictures
from sweepbook.analysis.logs import readers
from sweepbook.analysis.logs.readers.log import Log
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page import figures
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.predictions import kinds
from sweepbook.analysis.predictions.foresight.foresight import foresight
from sweepbook.analysis.predictions.kind import Comparison, Kind
from sweepbook.analysis.predictions.reading import Reading
from sweepbook.analysis.predictions.sides import part
from sweepbook.analysis.report.report import begin
from sweepbook.runner.prediction import Prediction
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.study import CHECKS

PLAN = """
[study]
title = "T"
goal = "maximize"
metric = "score"
{study}
[[group]]
name = "rates"
where = {{}}
"""


@pytest.fixture
def logs(tmp_path, log, run):
    """Logs of two rates, two runs each."""
    for number in range(4):
        rate = (0.1, 0.2)[number % 2]
        own = run(seed=number // 2, config={"lr": rate}, label=f"lr_{rate}", metrics={"score": 0.5 + number / 100})
        log(tmp_path / "logs", f"r{number}", own)
    return tmp_path / "logs"


@pytest.fixture
def written(tmp_path, plan):
    """written(logs, study="", predictions=()): the files of the report on these logs, `study` being further lines of the plan, and
    `predictions` those of its group."""

    def write(logs, study="", predictions=()):
        planned = plan(tmp_path / "plan", PLAN.format(study=study))
        planned = replace(planned, groups=(replace(planned.groups[0], predictions=predictions),))
        made = begin(planned, load_sweep(logs), "sweepbook build").finish()
        return {name: content.decode() for name, content in made.files.items()}

    return write


def module(monkeypatch, room, **names):
    """A module of these names, which is imported as `made_up` of the package `room`."""
    made_up = ModuleType(f"{room.__name__}.made_up")
    vars(made_up).update(names)
    monkeypatch.setitem(sys.modules, made_up.__name__, made_up)


def find(folder):
    """The folder, where it has a runs.made-up: a score a rate and seed, several runs in one file."""
    if "runs.made-up" in folder.files:
        yield Log(folder.path, (f"{folder.path}/runs.made-up",), frozenset({"runs.made-up"}))


def read(log, rules):
    """The runs of a runs.made-up."""
    try:
        document = json.loads(Path(log.files[0]).read_text())
    except ValueError:
        raise LogError("not valid JSON") from None
    for seed, (rate, score) in enumerate(document):
        begun = datetime(2026, 3, 1, tzinfo=UTC)
        yield Run(f"lr_{rate}", "s", seed, "finished", begun, 1.0, {"lr": rate}, metrics={"score": score})


@pytest.fixture
def json_reader(monkeypatch):
    """Folders with a runs.made-up are read too."""
    module(monkeypatch, readers, NAME="made up", find=find, read=read)
    monkeypatch.setattr(readers, "READERS", (*readers.READERS, "made_up"))


@pytest.fixture
def other_logs(logs):
    """The logs, and a folder of three runs in another format beside them."""
    (logs / "other").mkdir()
    (logs / "other" / "runs.made-up").write_text("[[0.3, 0.91], [0.3, 0.92], [0.4, 0.1]]")
    return logs


def test_a_reader_that_is_added_is_asked_for_the_folders_that_no_other_knows(other_logs, written, json_reader):
    sweep = load_sweep(other_logs)
    assert list(sweep.runs["log"]) == ["other/1", "other/2", "other/3", "r0", "r1", "r2", "r3"]
    assert sweep.problems.empty
    assert "lr_0.3" in written(other_logs)["journal.md"]


def test_what_was_remembered_without_a_reader_is_read_again_with_it(other_logs, request):
    assert list(load_sweep(other_logs).problems["log"]) == ["other"]
    request.getfixturevalue("json_reader")
    assert load_sweep(other_logs).problems.empty


def test_a_log_in_another_format_that_cannot_be_read_is_a_problem_in_the_readers_words(other_logs, json_reader):
    (other_logs / "other" / "runs.made-up").write_text("[")
    assert load_sweep(other_logs).problems.to_dict("list") == {"log": ["other"], "reason": ["not valid JSON"]}


def test_a_folder_with_logs_of_two_formats_is_read_by_the_first(other_logs, json_reader):
    (other_logs / "r0" / "runs.made-up").write_text("[]")
    assert "r0" in list(load_sweep(other_logs).runs["log"])


def test_a_log_without_any_run_is_a_problem(other_logs, json_reader):
    (other_logs / "other" / "runs.made-up").write_text("[]")
    assert load_sweep(other_logs).problems.to_dict("list") == {"log": ["other"], "reason": ["no run in its log"]}


def even_rates(context):
    """Objects to every group, whatever is in it."""
    for question in context.questions:
        yield Check("SB999", question.name, question.labels, "The rates are even.", ("lr",), limits="cause")


@pytest.fixture
def even_check(monkeypatch):
    """SB999 is one of the checks."""
    module(monkeypatch, checks, even_rates=even_rates)
    monkeypatch.setitem(CHECKS, "SB999", "made_up:even_rates")


def test_a_check_that_is_added_stands_in_the_journal_and_limits_what_it_says(logs, written, even_check):
    journal = written(logs)["journal.md"]
    assert "The rates are even." in journal
    assert "As run: SB999: no cause is shown." in journal


def test_a_plan_may_silence_a_check_that_is_added(logs, written, even_check):
    journal = written(logs, 'silence = { SB999 = "Odd ones are dear" }')["journal.md"]
    assert "Odd ones are dear" in journal
    assert "no cause is shown" not in journal


def wheel(picture):
    """An empty figure of the picture's name."""
    figure = Figure()
    figure.text(0.5, 0.5, f"wheel of {picture.level}")
    return figure


def wheels(found, rows, findings, curves):
    """A wheel of each group."""
    return [Picture(f"{found.group.name}--wheel", "wheel", (), found.group.name, None, "", "A wheel.", "Round.")]


def test_a_figure_that_is_added_stands_in_the_journal(logs, written, monkeypatch):
    module(monkeypatch, figures, wheel=wheel)
    monkeypatch.setitem(figures.FIGURES, "wheel", "made_up:wheel")
    monkeypatch.setattr(pictures, "OF_A_GROUP", (*pictures.OF_A_GROUP, wheels))
    files = written(logs)
    assert "![A wheel.](figures/rates--wheel.svg)" in files["journal.md"]
    assert "wheel of rates" in files["figures/rates--wheel.svg"]


@pytest.mark.parametrize(("room", "listed"), [(checks, CHECKS), (figures, figures.FIGURES)])
def test_every_line_of_a_list_names_a_function_that_there_is(room, listed):
    assert all(callable(resolve_name(f"{room.__name__}.{place}")) for place in listed.values())


@pytest.mark.parametrize("name", readers.READERS)
def test_every_line_of_the_list_of_readers_names_a_reader_that_there_is(name):
    reader = readers.reader_of(name)
    assert reader.NAME
    assert callable(reader.find)
    assert callable(reader.read)


@dataclass(frozen=True)
class Enough(Prediction):
    """The group has `runs` runs or more."""

    runs: int
    kind = "enough"

    @property
    def compared(self):
        return frozenset()

    def truism(self, metric, members, others, classifies):
        return ""


def count(prediction, evidence):
    """The runs of the group, half a run more or less."""
    rows = evidence.own.rows
    runs = sum(row.summary.n for row in rows)
    return Comparison(
        (part("all", rows, evidence.metric),), Reading("runs", runs, runs - 0.5, runs + 0.5, (prediction.runs, None)), rows
    )


@pytest.fixture
def enough(monkeypatch):
    """`enough` is one of the kinds."""
    kind = Kind(
        Enough,
        compare=count,
        reason=lambda prediction, comparison, evidence: "",
        prospect=lambda prediction, group, study: "who counts runs needs no seeds",
        number=lambda prediction, outcome, form: f"the group counts {outcome.estimate:.0f}",
        claim=lambda prediction, metric: f"{prediction.runs} runs or more",
        found=lambda prediction, outcome, form: f"{outcome.estimate:.0f} runs",
        difference=False,
    )
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, kind))


def test_a_kind_of_prediction_that_is_added_is_graded_in_the_journal_and_foretold(logs, written, enough, plan, tmp_path):
    files = written(logs, predictions=(Enough("Three at least", 3), Enough("Nine at least", 9)))
    assert "| Three at least | 3 runs or more | 4 runs | ✓ held |" in files["journal.md"]
    assert "| Nine at least | 9 runs or more | 4 runs | ✗ did not hold |" in files["journal.md"]
    assert [told["kind"] for told in json.loads(files["findings.json"])["groups"][0]["predictions"]] == ["enough", "enough"]
    study = plan(tmp_path / "foretold", PLAN.format(study=""))
    group = replace(study.groups[0], predictions=(Enough("Three at least", 3),))
    (prospect,) = foresight(replace(study, groups=(group,)), {}, {}).predictions
    assert (prospect.kind, prospect.why) == ("enough", "who counts runs needs no seeds")


def test_a_kind_of_prediction_that_no_list_has_is_an_error(logs, written):
    with pytest.raises(TypeError, match=r"class Enough: no kind of predictions/kinds/ is of that class"):
        written(logs, predictions=(Enough("Three at least", 3),))
