"""An address of run logs such as s3://bucket/runs in, a folder here that mirrors it out; what is written there is put back.

The mirror lies in the cache folder. Beside it a line a file says what both sides were when they were last the same: so a listing
shows what has changed on which side, and only that is moved.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from sweepbook.analysis.logs.address import address_of, folder_of
from sweepbook.analysis.logs.files import cache_folder
from sweepbook.runner.config import SweepbookError

# What no reader of run logs opens and what may be larger than all the rest.
WEIGHTS = frozenset((".bin", ".ckpt", ".gguf", ".h5", ".keras", ".onnx", ".pt", ".pth", ".safetensors"))
AT_ONCE = 500  # files that are fetched before it is recorded which
STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "updated", "created")
REMEDIES = {"s3": "pip install s3fs", "s3a": "pip install s3fs", "gs": "pip install gcsfs", "gcs": "pip install gcsfs"}

Local: TypeAlias = tuple[int, int]  # bytes and time of change, in nanoseconds
UNPUT: Local = (-1, 0)  # of a file whose content here is not the one at the address


class Remote(NamedTuple):
    """A file at an address: its bytes, and what its content is told apart by."""

    size: int
    stamp: str


class Same(NamedTuple):
    """Both sides of a file when they were last the same; the stamp is "" until a listing shows what was put."""

    stamp: str
    here: Local


def mirrored(text: str) -> Path:
    """The folder to read for what a user names: an address's mirror, brought up to date; any other folder as it is."""
    folder = folder_of(text)
    refresh(folder)
    return folder


def refresh(folder: Path) -> None:
    """Brings `folder` up to date where it mirrors an address."""
    if address_of(folder):
        Mirror(folder).fetch()


class Mirror:
    """The two sides of one address. SweepbookError says why the far one does not answer; the near one is then as it was."""

    def __init__(self, folder: Path) -> None:
        self.address, self.folder = address_of(folder), folder
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]
        self.record = cache_folder("mirrored") / f"{name}.jsonl"
        self.same = _recorded(self.record)
        with _asking(self.address):
            self.store = _Store(self.address)

    def fetch(self) -> None:
        """Makes the folder what the address is, but for what was changed here and is not put yet."""
        with _asking(self.address):
            there = self.store.listing()
        self.folder.mkdir(parents=True, exist_ok=True)
        here = _files(self.folder, self.folder)
        if not there and (left := [name for name, same in self.same.items() if here.get(name) == same.here]):
            raise SweepbookError(
                f"{self.address}: is empty, and had {len(left)} files before; they are still in {self.folder}: "
                "copy them back, or delete that folder to begin anew"
            )
        wanted = [name for name, remote in there.items() if self._is_newer(name, remote, here.get(name))]
        for start in range(0, len(wanted), AT_ONCE):
            self._get({name: there[name] for name in wanted[start : start + AT_ONCE]})
        for name in self.same.keys() - there.keys():
            self._drop(name, here.get(name))
        self._keep()

    def unput(self, below: Path | None = None) -> list[str]:
        """The files that are here, or in one folder here, and not, or not so, at the address."""
        here = _files(self.folder, below or self.folder)
        return [name for name, local in here.items() if name not in self.same or self.same[name].here != local]

    def put(self, names: Iterable[str]) -> None:
        """Puts files of the folder to the address; one that is gone again is left out."""
        known = {name: local for name in names if (local := _local(self.folder / name))}
        with _asking(self.address):
            self.store.put(self.folder, list(known))
        self._note({name: Same("", local) for name, local in known.items()})

    def _is_newer(self, name: str, remote: Remote, local: Local | None) -> bool:
        """Whether the file at the address is to be fetched. What was put here is known by its size until it is listed."""
        same = self.same.get(name)
        if local is None or same is None:
            return True
        if not same.stamp and remote.size == same.here[0]:
            self.same[name] = Same(remote.stamp, same.here)
            return False
        return remote.stamp != same.stamp

    def _get(self, wanted: Mapping[str, Remote]) -> None:
        """Fetches files beside their places, and moves each there whole."""
        beside = {name: self.folder / name for name in wanted}
        beside = {name: path.with_name(f".{path.name}.{os.getpid()}") for name, path in beside.items()}
        try:
            with _asking(self.address):
                self.store.get(beside)
                moved = {name: self._moved(name, path) for name, path in beside.items()}
        finally:
            for path in beside.values():
                path.unlink(missing_ok=True)
        self._note({name: Same(wanted[name].stamp, local) for name, local in moved.items()})

    def _moved(self, name: str, fetched: Path) -> Local:
        """Moves a fetched file to its place and returns what lies there. Where both sides changed, as a crash may leave them, the
        later one counts: ours is to be put then, or stays beside theirs."""
        place = self.folder / name
        local, same = _local(place), self.same.get(name)
        if local and (same is None or same.here != local) and place.read_bytes() != fetched.read_bytes():
            if self.store.changed(name) <= local[1]:
                return UNPUT
            place.replace(place.with_name(f".{place.name}.here"))
        fetched.replace(place)
        return _local(place) or UNPUT

    def _drop(self, name: str, local: Local | None) -> None:
        """Removes a file that is gone at the address, unless it was changed here since."""
        if self.same.pop(name).here == local:
            path = self.folder / name
            path.unlink(missing_ok=True)
            with suppress(OSError):  # it holds other files
                path.parent.rmdir()

    def _note(self, same: Mapping[str, Same]) -> None:
        """Adds to the record, so that a crash forgets nothing."""
        self.same.update(same)
        self.record.parent.mkdir(parents=True, exist_ok=True)
        with self.record.open("a", encoding="utf-8") as file:
            file.writelines(map(_line, same.items()))

    def _keep(self) -> None:
        """Writes the record anew, without what is outdated."""
        self.record.parent.mkdir(parents=True, exist_ok=True)
        beside = self.record.with_suffix(f".{os.getpid()}")
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(map(_line, self.same.items()))
        beside.replace(self.record)


class _Store:
    """The files at an address, by their paths below it."""

    def __init__(self, address: str) -> None:
        import fsspec

        self.files, root = fsspec.core.url_to_fs(address)
        self.root = root.rstrip("/")

    def listing(self) -> dict[str, Remote]:
        """Every file that may be a run log or belong to one."""
        self.files.invalidate_cache()
        found = self.files.find(self.root, detail=True)
        listed = {path.removeprefix(self.root).lstrip("/"): info for path, info in found.items()}
        return {name: _remote(info) for name, info in listed.items() if _is_mirrored(name)}

    def get(self, wanted: Mapping[str, Path]) -> None:
        for path in wanted.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        self.files.get([f"{self.root}/{name}" for name in wanted], [str(path) for path in wanted.values()])

    def changed(self, name: str) -> float:
        """When a file changed, in nanoseconds since 1970."""
        return float(self.files.modified(f"{self.root}/{name}").timestamp() * 1e9)

    def put(self, folder: Path, names: Sequence[str]) -> None:
        if names:
            self.files.put([str(folder / name) for name in names], [f"{self.root}/{name}" for name in names])


def _remote(info: Mapping[str, Any]) -> Remote:
    stamp = next((info[key] for key in STAMPS if info.get(key)), "")
    return Remote(int(info.get("size") or 0), f"{info.get('size')} {stamp}")


def _is_mirrored(name: str) -> bool:
    """Whether a file is of use here: none that is hidden, none of a model's weights, and no path that leads out of the folder."""
    parts = name.split("/")
    return not any(part.startswith(".") or not part for part in parts) and Path(name).suffix.lower() not in WEIGHTS


def _files(folder: Path, below: Path) -> dict[str, Local]:
    """The files in a folder, or only in one `below` it, at any depth, as they are now; what is hidden is not meant for others."""
    found: dict[str, Local] = {}
    for place, folders, names in os.walk(below):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = os.path.relpath(place, folder)
        for name in names:
            whole = name if inside == "." else f"{inside}/{name}"
            if _is_mirrored(whole) and (local := _local(Path(place, name))):
                found[whole] = local
    return found


def _local(path: Path) -> Local | None:
    try:
        at = path.stat()
    except OSError:
        return None
    return at.st_size, at.st_mtime_ns


def _line(entry: tuple[str, Same]) -> str:
    name, same = entry
    return json.dumps([name, same.stamp, *same.here]) + "\n"


def _recorded(record: Path) -> dict[str, Same]:
    """What is recorded of the two sides; a line that was cut short says nothing."""
    same: dict[str, Same] = {}
    with suppress(FileNotFoundError):
        for line in record.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                name, stamp, size, changed = json.loads(line)
                same[name] = Same(stamp, (size, changed))
    return same


@contextmanager
def _asking(address: str) -> Iterator[None]:
    """Every storage has errors of its own: each ends as one that names the address, and what to do where that is known."""
    try:
        yield
    except SweepbookError:
        raise
    except Exception as error:
        raise SweepbookError(f"{address}: {_reason(address.partition('://')[0], error)}") from None


def _reason(protocol: str, error: Exception) -> str:
    kind, said = type(error).__name__, " ".join(str(error).split())
    if isinstance(error, ModuleNotFoundError) and error.name == "fsspec":
        return "an address needs fsspec, which is not installed: pip install fsspec"
    if isinstance(error, ImportError):
        return f"{said}: {REMEDIES[protocol]}" if protocol in REMEDIES else said
    if isinstance(error, FileNotFoundError):
        return f"not found: {said}"
    if isinstance(error, PermissionError):
        return f"no right to it: {said}"
    if "Credentials" in kind:
        return f"no credentials: {said}. For S3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    return f"{said or kind} ({kind})" if said != kind else kind
