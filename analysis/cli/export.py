"""`sweepbook export`: the runs as CSV or Parquet, or the results as a LaTeX table, to standard output or into one file."""

import argparse
import sys

from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.subject import subject
from sweepbook.analysis.export.latex import group_latex, ranking_latex
from sweepbook.analysis.export.tidy import csv_text, parquet_bytes, tidy_epochs, tidy_runs
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.findings.lookup import group_named
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.visible import bare
from sweepbook.analysis.report.files import out_file, write_all
from sweepbook.analysis.report.places import check_out
from sweepbook.runner.config import SweepbookError


def command(asked: argparse.Namespace) -> int:
    out = None if asked.out is None else out_file(asked.out)
    named = subject(asked)
    study, where = named.study, named.where
    epochs = bool(getattr(asked, "epochs", False))
    if asked.format == "latex" and epochs:
        raise SweepbookError("--epochs makes a row an epoch, which no LaTeX table has room for; use --format csv or parquet")
    if asked.format == "parquet" and out is None:
        raise SweepbookError("Parquet is no text for a terminal: say into which file with --out FILE")
    if out is not None:
        check_out(out.parent, study, where)
    sweep = named.sweep
    told = findings(sweep, study)
    found = None if asked.group is None else group_named(asked.group, told)
    if not (told.ranking if found is None else found.best):
        whose = "" if found is None else f' of the group "{found.group.name}"'
        print(
            f"no run{whose} in {called(where.logs)} has finished with a {study.metric}, so there is nothing to export",
            file=sys.stderr,
        )
        return NO_ANSWER
    data = _latex(told, found) if asked.format == "latex" else _table(told, sweep, found, epochs, asked.format)
    if data is None:
        print(
            f"no run that counts has logged what its epochs brought, so there is nothing to export from {called(where.logs)}",
            file=sys.stderr,
        )
        return NO_ANSWER
    if out is None:
        _print(data)
    else:
        write_all(out.parent, {out.name: data})
        print(f"wrote {asked.out}")
    return DONE


def _print(data: bytes) -> None:
    """Prints a file's content: into a pipe byte by byte, on a terminal so that it shows."""
    if sys.stdout.isatty():
        sys.stdout.write(data.decode())
        return
    sys.stdout.flush()
    bare(sys.stdout).buffer.write(data)


def _latex(told: Findings, found: GroupFindings | None) -> bytes:
    return (ranking_latex(told) if found is None else group_latex(told, found)).encode()


def _table(told: Findings, sweep: Sweep, found: GroupFindings | None, epochs: bool, form: str) -> bytes | None:
    """The tidy table as a file's bytes; None where it has no row."""
    table = (tidy_epochs if epochs else tidy_runs)(told, sweep, found)
    if table.empty:
        return None
    if form == "csv":
        return csv_text(table).encode()
    try:
        return parquet_bytes(table)
    except ImportError:
        raise SweepbookError("Parquet needs pyarrow, which is not installed or too old: pip install 'pyarrow>=15'") from None
