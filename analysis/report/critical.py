"""The critical values that earlier builds worked out in, those and the ones of this build out.

Each takes three milliseconds, and a study asks for a hundred and fifty. They are kept in the user's cache folder, which may be
deleted at any time.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import scipy
from sweepbook.analysis.logs.files import cache_folder
from sweepbook.analysis.report.manifest import digest
from sweepbook.analysis.stats import quantiles

MOST = 20_000  # values that are kept, about a megabyte


@contextmanager
def known_values() -> Iterator[None]:
    """Within, no critical value is worked out that an earlier build with the same code and libraries has worked out."""
    place, version = cache_folder("critical") / "values.json", _version()
    quantiles.WORKED_OUT.update(_read(place, version))
    before = len(quantiles.WORKED_OUT)
    yield
    if before < len(quantiles.WORKED_OUT) <= MOST:
        _write(place, version, quantiles.WORKED_OUT)


def _version() -> str:
    source = Path(quantiles.__file__).read_bytes()
    return digest(b"".join([source, np.__version__.encode(), scipy.__version__.encode()]))


def _read(place: Path, version: str) -> quantiles.WorkedOut:
    try:
        kept = json.loads(place.read_bytes())
        return {tuple(asked): value for asked, value in kept["values"]} if kept["version"] == version else {}
    except (OSError, ValueError, TypeError, KeyError):  # a memory that cannot be read is one that is not there
        return {}


def _write(place: Path, version: str, values: quantiles.WorkedOut) -> None:
    beside = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # no room or no right to write there: the next build works them out again
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({"version": version, "values": list(values.items())}, default=float))
        beside.replace(place)
