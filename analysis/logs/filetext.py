"""The path of a small text file in, its bytes out, or the reason why they are not read."""

from sweepbook.analysis.logs.jsontext import name_of
from sweepbook.runner.runlog import LogError

LARGEST = 8_000_000  # bytes of a file of settings


def content(path: str) -> bytes:
    """What the file holds; LogError where it cannot be read, or is larger than settings are."""
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise LogError(f"{name_of(path)}: cannot be read: {error.strerror}") from None
    if len(text) > LARGEST:
        raise LogError(f"{name_of(path)}: more than {LARGEST:,} bytes, which settings do not have")
    return text
