"""`sweepbook build`: logs and plan in, the files of the report out, and a line about what was written."""

import argparse
import os
import sys
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError

from analysis.commands import DONE, NO_ANSWER
from analysis.places import Places, places
from analysis.report import report
from analysis.sweep import Sweep, load_sweep
from runner.config import SweepbookError
from runner.plan import load_study
from runner.study import Study


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return write_report(asked, study, places(study, asked.logs, asked.out))


def write_report(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Writes the files of the report that changed, and says so."""
    try:
        found, files = report(study, existing_sweep(study, where), where.again, asked.templates)
    except TemplateError as error:
        place = f"{error.name}:{error.lineno}: " if isinstance(error, TemplateSyntaxError) else ""
        raise SweepbookError(f"{asked.templates or 'the templates'}: {place}{error}") from None
    written = [name for name, data in files.items() if _write(where.out / name, data)]
    for stale in sorted((where.out / "figures").glob("*.svg")):
        if f"figures/{stale.name}" not in files:
            stale.unlink()
            written.append(f"figures/{stale.name} (removed)")
    if found.problems:
        told = "1 log does" if len(found.problems) == 1 else f"{len(found.problems)} logs do"
        print(f"{told} not count; the journal says why under Problems", file=sys.stderr)
    told = f"wrote {', '.join(written)}" if written else "nothing has changed"
    print(f"{where.out}: {told}")
    if not found.ranking:
        print(f"no run in {where.logs} has finished with a {study.metric}, so the journal holds the plan alone", file=sys.stderr)
        return NO_ANSWER
    return DONE


def existing_sweep(study: Study, where: Places) -> Sweep:
    """The sweep of the study's logs; an error that says what to do where there is no folder of them."""
    if not where.logs.is_dir():
        raise SweepbookError(f"{where.logs}: no run logs there yet; train them with: sweepbook run {study.path.parent}")
    return load_sweep(where.logs)


def _write(path: Path, data: bytes) -> bool:
    """Replaces the file at `path` whole, unless it holds `data` already; whether it did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}") from None
    return True
