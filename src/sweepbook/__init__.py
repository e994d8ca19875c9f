"""Sweepbook turns a folder of training-run logs into an experiment journal that is honest about noise.

What a notebook or a training script needs is here; each is imported when it is first asked for:

read    a study, a folder of run logs or a report in, a `Book` of pandas frames and figures out
diff    two of those in, what changed between them out
Rules   how run logs of other tools are to be read, where the documented rules do not fit
record  the settings of a run in, its run log written while any training script trains
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweepbook.book import Book, read
    from sweepbook.comparison import Comparison, diff
    from sweepbook.runner.config import SweepbookError
    from sweepbook.runner.record import record
    from sweepbook.runner.rules import Rules

__all__ = ["Book", "Comparison", "Rules", "SweepbookError", "diff", "read", "record"]

PLACES = {
    "Book": "sweepbook.book",
    "Comparison": "sweepbook.comparison",
    "Rules": "sweepbook.runner.rules",
    "SweepbookError": "sweepbook.runner.config",
    "diff": "sweepbook.comparison",
    "read": "sweepbook.book",
    "record": "sweepbook.runner.record",
}


def __getattr__(name: str) -> object:
    """The public name, from the module that has it: `import sweepbook` alone loads neither pandas nor torch."""
    if name not in PLACES:
        raise AttributeError(f"module 'sweepbook' has no attribute {name!r}")
    return getattr(import_module(PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
