"""`sweepbook names`: every value that the notes may name."""

import argparse
import json

from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.cli.subject import subject
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.notes import values
from sweepbook.analysis.page.fitted import Head
from sweepbook.analysis.page.terminal import print_json, print_table
from sweepbook.runner.values import is_finite


def command(asked: argparse.Namespace) -> int:
    named = subject(asked)
    found = findings(named.sweep, named.study)
    names = values.names(found)
    if asked.json:
        print_json(json.dumps({path: _plain(value) for path, value in values.flat(names)}, indent=1, ensure_ascii=False))
    else:
        print_table((Head("name", long="keep"), Head("value", long="wrap")), values.listing(names))
    return DONE


def _plain(value: object) -> object:
    """A value as JSON has it: null where there is none, and text for what JSON does not know."""
    if value is None or isinstance(value, (str, bool)) or is_finite(value):
        return value
    told = values.text(value)
    return None if isinstance(value, float) and value != value else told
