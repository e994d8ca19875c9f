"""A configuration or a log in, the name of its row in the page out."""

import hashlib


def config_anchor(key: str) -> str:
    """The name of a configuration's row in the page."""
    return f"config-{key}"


def run_anchor(log: str) -> str:
    """The name of a run's row in the page, short, and made of plain letters whatever its log is called."""
    return f"run-{hashlib.sha256(log.encode(errors='replace')).hexdigest()[:10]}"
