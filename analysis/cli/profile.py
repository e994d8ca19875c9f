"""Where the time of a sweep's workers went in, a table of it on the terminal and a trace, in profile/ in the report, out."""

import json
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.page.terminal import print_table, print_text
from sweepbook.analysis.report.files import write_all
from sweepbook.runner.launch.profile import Profile

FILE = "profile/trace.json"
IGNORED = "profile/.gitignore"  # reports are committed, and a trace has megabytes
HEADS = [("phase",), ("seconds", True), ("share", True), ("meaning", False, 0, "wrap")]
MEANINGS = {
    "starting": "workers start, import torch and read the data",
    "data": "batches are put together and augmented",
    "forward and backward": "training steps: answers, losses, gradients",
    "optimiser": "training steps: the weights change",
    "evaluation": "models are scored on validation and test images",
    "logging": "runs are claimed, logged and reported to the terminal",
    "waiting": "workers have no run",
    "the rest": "models are built, and all else within a run",
}


def show(profile: Profile) -> None:
    """Prints what each phase took of the time of all workers."""
    if not profile.spans:
        print_text("Profile: nothing was trained, so there is none.")
        return
    seconds, workers = profile.seconds, len(profile.spans)
    print_text(f"Where the time of {w.plural(workers, 'worker')} went:")
    whole = sum(seconds.values())
    own = [(phase, seconds.get(phase, 0.0), meaning) for phase, meaning in MEANINGS.items()]
    print_table(HEADS, [(phase, f"{spent:.2f}", f"{spent / whole:.1%}", meaning) for phase, spent, meaning in own])
    if profile.left_out:
        print_text(f"The table counts everything; the trace leaves out {w.plural(profile.left_out, 'span')}, most of them steps.")


def write(profile: Profile, study: str, out: Path) -> None:
    """Writes the trace, which git passes over, and says where it is."""
    if profile.spans:
        trace = json.dumps(profile.trace(f"sweepbook run {study}"), separators=(",", ":"))
        write_all(out, {FILE: trace.encode(), IGNORED: b"*\n"})
        print(f"Trace: {out / FILE}; open it at ui.perfetto.dev")  # unwrapped, so that the path can be copied
