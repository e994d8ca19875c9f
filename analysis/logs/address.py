"""What a user calls a folder of run logs in, the folder on this machine out: itself, or where an address such as s3:// is mirrored.

Nothing here asks the address anything; mirror.py does.
"""

import re
from pathlib import Path

from sweepbook.analysis.logs.files import cache_folder
from sweepbook.runner.config import SweepbookError

ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://(.+)")
HERE = "file"


def is_address(text: str) -> bool:
    """Whether `text` names a place by a protocol.

    >>> [is_address(text) for text in ("s3://bucket/runs", "modellogs/runs", "HEAD~1:reports/runs")]
    [True, False, False]
    """
    return ADDRESS.fullmatch(text) is not None


def folder_of(text: str) -> Path:
    """The folder on this machine for what `text` names: of an address its mirror, of file:// the folder itself."""
    matched = ADDRESS.fullmatch(text)
    if matched is None:
        return Path(text)
    protocol, rest = matched.groups()
    if protocol == HERE:
        return Path(rest)
    parts = [part for part in rest.split("/") if part]
    if not parts or {".", ".."} & {*parts}:
        raise SweepbookError(f"{text}: not an address of run logs; expected one such as s3://bucket/folder")
    return mirrors().joinpath(protocol, *parts)


def address_of(folder: Path) -> str:
    """The address that `folder` mirrors; "" where it is a folder like any other."""
    for root in {mirrors(), mirrors().resolve()}:
        if folder.is_relative_to(root) and len(parts := folder.relative_to(root).parts) > 1:
            return f"{parts[0]}://{'/'.join(parts[1:])}"
    return ""


def called(folder: Path) -> str:
    """What `folder` is called before people: the address that it mirrors, else its path."""
    return address_of(folder) or str(folder)


def mirrors() -> Path:
    """Where all mirrors lie, in the user's cache folder."""
    return cache_folder("mirrors")
