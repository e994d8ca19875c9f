"""The report in a folder and the runs of the next one in, the numbers of runs behind its reports so far out.

Whoever adds runs to the same configurations until a verdict comes gives chance more openings than the one that a report speaks of.
Configurations that are new open none: they answer questions of their own.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sweepbook.analysis.export.record import FINDINGS
from sweepbook.analysis.groups.trials import without
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.report.aside import awaited
from sweepbook.analysis.report.files import content
from sweepbook.analysis.report.manifest import ASIDE, own_files, recorded_looks
from sweepbook.runner.study import Study


def looks(out: Path, study: Study, sweep: Sweep) -> tuple[int, ...]:
    """The numbers of runs behind the reports in `out`, oldest first: the first one, and each in which a configuration had more runs
    than in the one before. That of `sweep` is the last where it is such a one.

    A report that `watch` replaced is held against the one that `build` or `run` left. A search's trials count for no configuration.
    """
    sweep = without(sweep)
    now = Counter(sweep.used["id"][sweep.scores(study.metric).notna()])
    before = _runs(out, study.name)
    recorded = recorded_looks(out) if before else ()
    known = recorded or ((sum(before.values()),) if before else ())
    grown = any(now[ident] > runs for ident, runs in before.items())
    return (*known, now.total()) if grown or (now and not known) else known


def _runs(out: Path, study: str) -> Mapping[str, int]:
    """The runs of each configuration in the report of the study, by its id; none where there is no report that can be read."""
    folder = out / ASIDE if awaited(out, own_files(out, {})) else out
    try:
        document = json.loads(content(folder / FINDINGS) or b"")
        configs = document["configs"] if document["study"] == study else ()
        return {config["id"]: config["n"] for config in configs if type(config["n"]) is int}
    except (ValueError, RecursionError, LookupError, TypeError):  # an old report may hold anything; it is replaced
        return {}
