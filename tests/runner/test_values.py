import pytest
from sweepbook.runner.values import level_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00001, "1e-05"),
        (0.001, "0.001"),
        (0.1 + 0.2, "0.3"),
        (64, "64"),
        (64.0, "64"),
        (1e20, "1e+20"),
        ("SGD", "SGD"),
        (True, "true"),
        (False, "false"),
        ([0.9, 0.999], "0.9-0.999"),
        ((0.5, 1), "0.5-1"),
    ],
)
def test_a_level_is_written_short(value, text):
    assert level_text(value) == text
