"""`sweepbook names`: every value that the notes may name."""

import argparse
import json

from analysis import values
from analysis.commands import DONE
from analysis.commands.build import existing_sweep
from analysis.findings import findings
from analysis.places import places
from analysis.terminal import print_table
from runner.config import is_finite
from runner.plan import load_study


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    found = findings(existing_sweep(study, places(study, asked.logs, None)), study)
    names = values.names(found)
    if asked.json:
        print(json.dumps({path: _plain(value) for path, value in values.flat(names)}, indent=1, ensure_ascii=False))
    else:
        print_table((("name", False), ("value", False)), values.listing(names))
    return DONE


def _plain(value: object) -> object:
    """A value as JSON has it: null where there is none, and text for what JSON does not know."""
    if value is None or isinstance(value, (str, bool)) or is_finite(value):
        return value
    told = values.text(value)
    return None if isinstance(value, float) and value != value else told
