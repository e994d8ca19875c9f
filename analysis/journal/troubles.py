"""Findings in, one list of what went wrong out: configurations that did not train as they should, and logs that do not count."""

from collections.abc import Iterator

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.anchors import config_anchor
from sweepbook.analysis.journal.reading import secrets
from sweepbook.analysis.journal.stood_out import DISAGREE, events
from sweepbook.analysis.logs.picture import Picture
from sweepbook.analysis.page.table import Column, Line, Table, cells

COLUMNS = {"what": Column("what", False), "which": Column("which", False), "why": Column("how often, or why", False)}
LOST = "log not counted"
WORDS = {DISAGREE: "seeds disagree"}


def troubles(findings: Findings, picture: Picture) -> Table:
    """A row a secret that was found, a row a configuration in whose training something went wrong, then a row a log that does not
    count, with the reason. An attempt that was cut off is none of these where its run came to its end in another log.

    The columns go by the names what, which and why.
    """
    lines = [*_secrets(picture), *_curves(findings), *_logs(findings)]
    return Table(tuple(COLUMNS.values()), tuple(lines))


def _secrets(picture: Picture) -> Iterator[Line]:
    for name, why in secrets(picture):
        yield Line(cells(COLUMNS, {"what": "secret found", "which": name, "why": why}))


def _curves(findings: Findings) -> Iterator[Line]:
    for event in events(findings):
        row = {"what": WORDS.get(event.what, event.what.removeprefix("is ")), "which": event.summary.label, "why": event.how}
        yield Line(cells(COLUMNS, row), links=((1, config_anchor(event.summary.id)),))


def _logs(findings: Findings) -> Iterator[Line]:
    for log, reason in findings.problems:
        if log not in findings.again:
            yield Line(cells(COLUMNS, {"what": LOST, "which": log, "why": reason}))
