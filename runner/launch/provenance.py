"""What a log says of the code that made it: the git commit of the folder that a sweep is started in, and what differs from it."""

import hashlib
import subprocess

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


def text_digest(text: bytes) -> str:
    """16 hexadecimal digits of the SHA-256 of `text`."""
    return hashlib.sha256(text).hexdigest()[:16]


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout
