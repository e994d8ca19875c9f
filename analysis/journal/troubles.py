"""Findings in, one list of what went wrong out: curves that came to nothing, and logs that do not count."""

from collections import Counter
from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import DIVERGED, OSCILLATING, UNLEARNT
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.tables import config_anchor
from sweepbook.analysis.page.table import Column, Line, Table, cells

COLUMNS = {"what": Column("what", False), "which": Column("which", False), "why": Column("how often, or why", False)}
# What a curve may have come to that nobody wants, the worst first, and the words for it.
WRONG = {UNLEARNT: "did not learn", DIVERGED: "fell apart", OSCILLATING: "unstable"}
LOST = "log not counted"


def troubles(findings: Findings) -> Table:
    """A row a configuration some of whose runs came to nothing, then a row a log that does not count, with the reason.

    The columns go by the names what, which and why.
    """
    lines = [*_curves(findings), *_logs(findings)]
    return Table(tuple(COLUMNS.values()), tuple(lines))


def _curves(findings: Findings) -> Iterator[Line]:
    states = {s.id: Counter(one.state for one in findings.diagnoses.of(s.logs)) for s in findings.ranking}
    for state, word in WRONG.items():
        for s in findings.ranking:
            if count := states[s.id][state]:
                row = {"what": word, "which": s.label, "why": f"{w.count(count)} of {w.plural(s.n, 'run')}"}
                yield Line(cells(COLUMNS, row), links=((1, config_anchor(s.id)),))


def _logs(findings: Findings) -> Iterator[Line]:
    for log, reason in findings.problems:
        yield Line(cells(COLUMNS, {"what": LOST, "which": log, "why": reason}))
