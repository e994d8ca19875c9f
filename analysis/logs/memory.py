"""A folder of logs in, what is made of their frames out; a log that has not changed is not read again.

The logs are the only store of record. What is remembered may be deleted at any time; it is kept in the user's own
cache folder, never beside the logs, because it is a pickle and logs are passed around.
"""

import hashlib
import os
import pickle
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from sweepbook.analysis.logs import readers
from sweepbook.analysis.logs.files import GONE, TICK, Listing, Stamp, cache_folder, changed, find_logs
from sweepbook.analysis.logs.parsed import Frames, Parsed, frames, parse_all
from sweepbook.runner import config, foreign, logtable, metric, rules, runlog, settings, values
from sweepbook.runner.rules import Rules

Result = TypeVar("Result")
HERE = Path(__file__).parent
NEVER: Stamp = (GONE,)  # of a log that may still change: equal to no log's stamp, and yet its name is known


def remembered(logs: Path, rules: Rules, make: Callable[[Frames, Rules], Result]) -> Result:
    """What `make` makes of the frames of all logs in `logs`, read by `rules`, rows sorted by the log's name.

    Logs that have not changed since an earlier call are not read again, and where none has, nothing is made again.
    `make` has to be a function of its arguments alone, in a module of this package.
    """
    began = time.time_ns()
    listing = find_logs(logs)
    memory = _Memory(logs, rules, make)
    if memory.listing == listing:
        return memory.result
    before, contents = memory.parsed()
    parsed = {name: contents[name] for name, stamp in listing.stamps.items() if before.get(name) == stamp}
    fresh = [name for name in listing.stamps if name not in parsed]
    parsed.update(zip(fresh, parse_all([listing.sources[name] for name in fresh], rules), strict=True))
    result = make(frames({name: parsed[name] for name in listing.stamps}, listing), rules)
    settled = {name: stamp if changed(stamp) < began - TICK else NEVER for name, stamp in listing.stamps.items()}
    memory.keep(replace(listing, stamps=settled, sources={}), result, parsed)
    return result


class _Memory(Generic[Result]):
    """What an earlier call made for the same folder with the same code: four pickles in a row in one file."""

    def __init__(self, logs: Path, rules: Rules, make: Callable[[Frames, Rules], Result]) -> None:
        said = repr(rules).encode() if rules != Rules() else b""
        place = hashlib.sha256(os.fsencode(logs.resolve()) + said).hexdigest()[:24]
        self.path = cache_folder("logs") / f"{place}.pickle"
        self.version = _version(make)
        self.listing: Listing | None = None
        self.result: Result
        self.offset = 0
        try:
            with self.path.open("rb") as file:
                if pickle.load(file) == self.version:
                    self.listing, self.result, self.offset = pickle.load(file), pickle.load(file), file.tell()
        except Exception:  # a cache that cannot be read, for whatever reason, is a cache that is not there
            self.listing = None

    def parsed(self) -> tuple[Mapping[str, Stamp], Mapping[str, Parsed]]:
        """The stamps and contents of the logs that had been read; nothing where there is no memory."""
        if self.listing is None:
            return {}, {}
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return self.listing.stamps, pickle.load(file)
        except Exception:  # as above
            return {}, {}

    def keep(self, listing: Listing, result: Result, parsed: Mapping[str, Parsed]) -> None:
        """Replaces what is remembered of the folder."""
        beside = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                for part in (self.version, listing, result, parsed):
                    pickle.dump(part, file, protocol=5)
            beside.replace(self.path)
        except OSError:  # no room or no right to write there: the next call reads the logs again
            with suppress(OSError):
                beside.unlink()


def _version(make: Callable[[Frames, Rules], object]) -> str:
    """Changes with any code that what is remembered depends on, and with the readers that there are."""
    parts = pd.__version__, np.__version__, readers.READERS, _code(make)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def _code(make: Callable[[Frames, Rules], object]) -> str:
    """The digest of this room, of its readers, and of what they take from the runner. It is read once: what was imported stays."""
    below = {Path(str(module.__file__)) for module in (config, foreign, logtable, metric, rules, runlog, settings, values)}
    files = sorted({*HERE.rglob("*.py"), *below, Path(make.__code__.co_filename)})
    return hashlib.sha256(b"".join([path.read_bytes() for path in files])).hexdigest()
