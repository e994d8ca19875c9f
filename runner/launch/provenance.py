"""What a log says of the code that made it: the git commit of the folder that a sweep is started in, and what differs from it."""

import hashlib
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.own import KINDS, source
from sweepbook.runner.ownimports import imported
from sweepbook.runner.runlog import Run
from sweepbook.runner.settings import is_own


class ChangedError(SweepbookError):
    """A run that cannot be trained again as it was, with what has changed."""


IMPORTS = "_imports"  # behind what a module is for: of what it imports
# What a log says of the user's own code, and what that is called.
CODE = {kind: f"module of the {kind}" for kind in KINDS}
CODE |= {f"{kind}{IMPORTS}": f"code that the {kind}'s module imports" for kind in KINDS}
# What tracked files that take no part in training end with, or lie in: a plan that grows by a group makes no other runs.
ASIDE = ("*.md", "*study.toml", "reports/", "modellogs/")
# A user's own git settings would make another patch of the same changes.
PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--no-relative", "--full-index", "--binary")
ALIKE = ("--diff-algorithm=myers", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/")


def commit() -> dict[str, str | bool]:
    """The git commit of the current folder and whether it was dirty; empty outside a repository."""
    try:
        head = _git("rev-parse", "HEAD").decode().strip()
        dirty = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": head, "dirty": bool(dirty)}


def patch() -> dict[str, str]:
    """A digest of what differs from the commit in tracked files, but for those `ASIDE`; "" where nothing does. Empty outside a
    repository."""
    aside = [f":(top,exclude){names}" for names in ASIDE]
    try:
        text = _git("diff", "HEAD", *PLAIN, *ALIKE, "--", ":/", *aside)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"patch": text_digest(text) if text else ""}


def own_code(config: Config, places: tuple[Path, ...]) -> dict[str, str]:
    """Digests of the modules of the user's own that `config` names, by what each is for, and of those that they import: of the
    files as they were when first asked for."""
    named = {kind: str(config[kind]) for kind in KINDS if is_own(config[kind])}
    modules = {kind: _module(kind, name, places) for kind, name in named.items()}
    behind = {f"{kind}{IMPORTS}": _imported(name, places) for kind, name in named.items()}
    return modules | {kind: digest for kind, digest in behind.items() if digest}


def check_same(log: Run, digests: tuple[str, str], code: Mapping[str, str]) -> None:
    """ChangedError where a run that is to be trained again was trained on other data, or with other modules of the user's own."""
    now = {"training data": digests[0], "validation data": digests[1]} | {what: code.get(kind) for kind, what in CODE.items()}
    then = {"training data": log.train_digest, "validation data": log.valid_digest}
    then |= {what: log.code.get(kind) for kind, what in CODE.items()}
    for what, digest in then.items():
        if digest and now[what] and digest != now[what]:
            raise ChangedError(f"the {what} has changed since; its test score would be that of another model")


@cache
def _module(kind: str, name: str, places: tuple[Path, ...]) -> str:
    return text_digest(source(kind, name, places).read_bytes())


@cache
def _imported(name: str, places: tuple[Path, ...]) -> str:
    """One digest of all modules of the user's own that a module imports, each by its name and its text; "" where there is none."""
    lines = [f"{module} {text_digest(file.read_bytes())}\n" for module, file in imported(name, places).items()]
    return text_digest("".join(lines).encode()) if lines else ""


def text_digest(text: bytes) -> str:
    """16 hexadecimal digits of the SHA-256 of `text`."""
    return hashlib.sha256(text).hexdigest()[:16]


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout
