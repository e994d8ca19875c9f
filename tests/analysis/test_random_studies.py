"""Whatever a study is made of, a build ends in a report or in one message."""

import runpy
from pathlib import Path
from types import SimpleNamespace

from hypothesis import HealthCheck, Phase, given, settings

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_studies.py"))))


# Without shrinking, which takes minutes: benchmarks/studies.py does it, and makes a thousand.
@settings(max_examples=30, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(study=made.studies())
def test_any_study_ends_in_a_report_without_an_impossible_number_or_in_one_message(tmp_path_factory, study):
    made.built(study, tmp_path_factory.getbasetemp() / "random")
