"""The text of an argument in, the value that it means out; argparse.ArgumentTypeError says what was expected."""

import argparse
from pathlib import Path

from sweepbook.runner.config import SweepbookError

PROTOCOL = "://"  # by which a place is an address, as in s3://bucket/runs


def renaming(text: str) -> tuple[str, str]:
    theirs, _, own = text.rpartition("=")
    if not theirs or not own:
        raise argparse.ArgumentTypeError(f"{text!r} found, as in val/acc=valid_accuracy expected")
    return theirs.strip(), own.strip()


def keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def formats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if not set(found) <= {"svg", "png", "pdf"}:
        raise argparse.ArgumentTypeError(f"{text!r} found, a list of svg, png and pdf expected")
    return found


def number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} found, a whole number of at least 1 expected")
    return int(text)


def size(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} found, a number above 0 expected")
    return value


def place(text: str) -> Path:
    """The folder or file that is named. No name at all would be the current folder, which nobody means by it."""
    if not text:
        raise argparse.ArgumentTypeError("is empty; the name of a folder expected")
    return Path(text)


def logs(text: str) -> Path:
    """The folder of run logs that is named; of an address the one that mirrors it."""
    if PROTOCOL not in text:
        return place(text)
    from sweepbook.analysis.logs.address import folder_of

    try:
        return folder_of(text)
    except SweepbookError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def folder(text: str) -> Path:
    if not place(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return Path(text)
