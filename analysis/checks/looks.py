"""The numbers of runs behind this report and those before it in, what so many looks cost out (SB114)."""

from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check
from sweepbook.analysis.checks.context import Context

MANY = 4  # reports, from which on a first verdict is false about twice as often as one report says
PROMISED = 5  # of 100 sweeps in which a report finds a difference between two equal configurations, at most
FALSE = (3, 7, 10, 12, 14, 15, 16, 17, 18)  # the same of any of the first 1, 2, … reports, by benchmarks/objecting.py


def many_looks(context: Context) -> Iterator[Check]:
    """SB114: reports of which each had more runs of the same configurations than the one before."""
    looks = context.looks
    if len(looks) < MANY:
        return
    shown = [w.count(number) for number in looks]
    runs = ", ".join(shown) if len(shown) <= w.MANY else f"{shown[0]} to {shown[-1]}"
    rate = f"about {FALSE[len(looks) - 1]}" if len(looks) <= len(FALSE) else f"{FALSE[-1]} and more"
    message = f"This is report {len(looks)} on the same configurations, each with more runs than the one before ({runs}). "
    message += f"One report finds a difference between two equal configurations in {PROMISED} of 100 sweeps. "
    message += f"Whoever reads {len(looks)} and stops at the first difference finds one in {rate}."
    yield Check("SB114", "", (), message)
