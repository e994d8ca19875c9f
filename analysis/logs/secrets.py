"""A run in, the same run without the keys, tokens and passwords in it out, and the names under which there were some.

What is found is not shown, written or remembered anywhere. docs/logs.md has the rules."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from sweepbook.runner.runlog import Run
from sweepbook.runner.values import Value

# The last words of a name under which text is a secret, whatever it looks like.
NAMED = re.compile(
    r"(?:^|[^a-z])(?:password|passwd|passphrase|pwd|secret|secrets|credentials?|authorization|bearer"
    r"|(?:api|access|secret|private|auth|account|wandb|neptune|comet|hf|openai|aws|azure|gcp|ssh|encryption)[^a-z]?key"
    r"|(?:api|access|auth|secret|private|bot|hf|github|gitlab|slack|wandb|refresh|session|huggingface)[^a-z]?token|token"
    r"|connection[^a-z]?string|dsn|webhook(?:[^a-z]?url)?)$"
)
HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What a secret looks like, under whatever name.
SHAPED = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\b(?:sk|pk|rk)[-_](?:live[-_]|test[-_]|proj-|ant-)?[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}|\bglpat-[A-Za-z0-9_-]{20,}"
    r"|\bhf_[A-Za-z0-9]{30,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|https://hooks\.slack\.com/\S+",
    re.DOTALL,
)
SHORTEST = 15  # characters of what has such a shape, but for a password in an address
HIDDEN = "•••"
NONE = frozenset(("", "none", "null", "nan", "false", "true", "no", "yes", "0", "-", HIDDEN))


def without_secrets(run: Run) -> tuple[Run, str]:
    """The run without its secrets, and the names of the settings that had some, with a comma between two; "" for none."""
    config = {name: value for name, value in run.config.items() if not _is_secret(name, value)}
    names = [name for name in run.config if name not in config]
    environment = {name: value for name, value in run.environment.items() if not _is_secret(name, value)}
    names += [name for name in run.environment if name not in environment]
    texts = {name: text for name, text in _texts(run) if _is_shaped(text)}
    if not names and not texts:
        return run, ""
    masked = {name: SHAPED.sub(HIDDEN, text) for name, text in texts.items()}
    clean = replace(run, config=config, environment=environment, **masked)  # type: ignore[arg-type]
    return clean, ", ".join([*names, *(f"the run's {name}" for name in masked)])


def _texts(run: Run) -> Iterator[tuple[str, str]]:
    yield from (("label", run.label), ("study", run.study), ("error", run.error or ""), ("note", run.note), ("place", run.place))


def _is_secret(name: str, value: Value) -> bool:
    """Whether the value is a secret by the name that it has or by its shape."""
    words = _secret_name(name)
    if not words and not isinstance(value, str | list):
        return False
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, str) and _is_shaped(part) for part in parts):
        return True
    texts = [str(part) for part in parts if not isinstance(part, bool)] if words else []
    return any(text.strip().lower() not in NONE and not _is_word(words, text) for text in texts)


def _is_shaped(text: str) -> bool:
    """Whether a secret stands in `text`. Most text is short or a number, and is not searched."""
    return (len(text) >= SHORTEST or "://" in text) and not text.replace(".", "", 1).isdecimal() and SHAPED.search(text) is not None


@cache
def _secret_name(name: str) -> str:
    """The name in small letters, where it is that of a secret; else ""."""
    words = HUMPS.sub("_", name).lower()
    return words if NAMED.search(words) else ""


def _is_word(words: str, text: str) -> bool:
    """Whether text under a name that ends in token may as well be one of a vocabulary: <pad>, [CLS], or a number."""
    return words.endswith("token") and (len(text) < 12 or text.isdecimal() or not any(letter.isdigit() for letter in text))
