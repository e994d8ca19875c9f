"""findings.json and runs.csv, written and read side by side."""

from typing import Any

from sweepbook.runner.values import is_finite, level_text

FINDINGS, RUNS = "findings.json", "runs.csv"
SCHEMA = 2  # of findings.json
READABLE = 1, SCHEMA  # those that are read


def plain(value: object) -> Any:
    """A setting, or a table or list of them, as JSON can have it: a number that is not finite, which JSON lacks, as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if not isinstance(value, float) or is_finite(value) else level_text(value)
