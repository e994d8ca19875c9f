"""What a log says of the code that made it: the git commit of the folder that a sweep is started in."""

import subprocess


def commit() -> dict[str, str | bool]:
    """The git commit of the current folder and whether it was dirty; empty outside a repository."""
    try:
        head = _git("rev-parse", "HEAD")
        dirty = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": head, "dirty": bool(dirty)}


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
