"""A report's folder and what moved in it in, its history.md with another entry out.

What stands in the history is never changed: an entry comes behind it.
"""

from collections.abc import Sequence
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.page.markdown import markdown_text
from sweepbook.analysis.report.manifest import HISTORY
from sweepbook.runner.config import SweepbookError

HEAD = """# What moved in {}

Each build that moved something added an entry; its date is that of the newest run. Words of your own stay where they are.
"""


def history(out: Path, study: str, newest: float | None, moved: Sequence[str]) -> dict[str, bytes]:
    """history.md with an entry for what `moved`; nothing where it ends with that entry, or nothing moved.

    SweepbookError where there is one that cannot be read: it would be lost.
    """
    if not moved:
        return {}
    try:
        there = (out / HISTORY).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        there = HEAD.format(markdown_text(study)).encode(errors="replace")
    except OSError as error:
        raise SweepbookError(f"{out / HISTORY}: cannot be read: {error.strerror}; mend or move it, and build again") from None
    lines = [f"## {'No finished run' if newest is None else w.moment(newest)}", "", *(f"- {markdown_text(one)}" for one in moved)]
    entry = ("\n".join(lines) + "\n").encode(errors="replace")
    if there.endswith(entry):
        return {}
    return {HISTORY: there + (b"\n" if there.endswith(b"\n") or not there else b"\n\n") + entry}
