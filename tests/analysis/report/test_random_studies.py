"""Whatever a study is made of, a build ends in a report or in one message."""

import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sweepbook.analysis.cli.codes import BAD_NEWS, DONE, NO_ANSWER, WRONG_INPUT

pytestmark = pytest.mark.slow

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "random_studies.py")))
CASES = Path(__file__).parents[4] / "shared" / "cases" / "cases.py"  # beside the checkout, wherever the package is installed


# Without shrinking, which takes minutes: benchmarks/studies.py does it, and makes a thousand.
@settings(max_examples=30, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(study=made.studies())
def test_any_study_ends_in_a_report_without_an_impossible_number_or_in_one_message(tmp_path_factory, study):
    made.built(study, tmp_path_factory.getbasetemp() / "random")


@pytest.mark.skipif(not CASES.is_file(), reason="the studies of other people's data are not part of the package")
def test_every_study_of_other_peoples_data_ends_in_a_report_or_in_one_message(tmp_path, monkeypatch):
    subprocess.run([sys.executable, str(CASES), str(tmp_path)], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    cases = sorted(path.name for path in Path("studies").iterdir())
    assert cases
    ends = {}
    for case in cases:
        with made.quick(drawn=case != "c30"):  # which has 3,000 runs
            built, _, message = made.called("build", f"studies/{case}")
        shown, printed, said = made.called("show", f"studies/{case}")
        whole = (built == shown == DONE and printed) or (built == shown == NO_ANSWER and said)
        refused = built == shown == WRONG_INPUT and message.count("\n") == said.count("\n") == 1
        ends[case] = None if whole or refused else (built, message, shown, said)
    assert {case: end for case, end in ends.items() if end} == {}
    code, printed, said = made.called("diff", "modellogs/c17_old", "modellogs/c17_new")
    assert code in (DONE, BAD_NEWS, NO_ANSWER), said
