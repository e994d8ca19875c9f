"""The settings of other tools' runs in, those that say where and when a run was and not what it was out, each with the reason.

docs/logs.md has the rules."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sweepbook.runner.rules import Rules
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.values import value_text

BREAK = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
# Last words of a name, each with what such a setting says.
PLACES = "a place"
MACHINE = "the machine"
RUN = "the run itself"
LOGGING = "what is logged"
LAST = {
    **dict.fromkeys(("path", "paths", "dir", "directory", "folder", "file", "filename", "filepath", "root", "uri", "url"), PLACES),
    **dict.fromkeys(("logdir", "savedir", "outdir", "outputdir", "workdir", "cwd", "dirname", "basedir"), PLACES),
    **dict.fromkeys(
        ("host", "hostname", "host name", "port", "address", "ip", "device", "devices", "gpu", "gpus", "rank"), MACHINE
    ),
    **dict.fromkeys(("pid", "user", "username", "machine", "node", "nodes", "cuda", "num workers", "n workers"), MACHINE),
    **dict.fromkeys(("gpu id", "gpu ids", "device id", "device ids", "local rank", "world size", "nproc", "n gpu"), MACHINE),
    **dict.fromkeys(("num gpus", "cpu", "cpus", "num cpus", "cuda visible devices", "pin memory", "n jobs"), MACHINE),
    **dict.fromkeys(("run name", "run id", "exp name", "exp id", "experiment name", "experiment id", "job id"), RUN),
    **dict.fromkeys(("job name", "trial id", "trial name", "trial number", "display name", "group name", "project name"), RUN),
    **dict.fromkeys(("uuid", "timestamp", "datetime", "created at", "created", "updated at", "start time", "end time"), RUN),
    **dict.fromkeys(("entity", "comment", "notes", "description", "tags", "git hash", "git commit", "commit", "sha"), RUN),
    **dict.fromkeys(("git sha", "run number", "slurm job id", "sweep id", "wandb project", "wandb entity"), RUN),
    **dict.fromkeys(("verbose", "verbosity", "log level", "loglevel", "log interval", "log freq", "log every"), LOGGING),
    **dict.fromkeys(("logging steps", "save steps", "save interval", "save freq", "save every", "print freq"), LOGGING),
    **dict.fromkeys(("log every n steps", "progress bar", "use wandb", "wandb", "track", "report to", "debug"), LOGGING),
}
# Whole names: what ends in one of these is often a setting, as model_name and batch_id are.
WHOLE = {
    **dict.fromkeys(("name", "id", "run", "trial", "date", "time", "project", "experiment", "group", "job", "exp", "index"), RUN),
}
# Before a place these say which data or which network it was.
MEANT = frozenset(("data", "dataset", "source", "src", "input", "images", "scene", "corpus", "env", "vocab", "tokenizer")) | {
    *("model", "pretrained", "checkpoint", "backbone", "train"),
}
SHAPES = (
    (re.compile(r"(?:[A-Za-z]:[\\/]|~?/|\.{1,2}/|[a-z0-9]+://|\\\\)\S.*|(?:[\w.-]+/){2,}[\w.-]*"), PLACES),
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T_ -]\d\d[:.-]?\d\d.*)?|\d{8}[_-]\d{6}"), RUN),
    (re.compile(r"(?:\d+ days?,? )?\d{1,6}:[0-5]\d:[0-5]\d(?:\.\d+)?"), RUN),
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}"), RUN),
)
ASKED = "as you asked"
CHANGE = "change"  # the words for what an attempt changed: each is a configuration of its own
EACH_ITS_OWN = 8  # runs, from which on a text that is another one in every run is a name


def nuisances(columns: Mapping[str, Sequence[Any]], rules: Rules) -> dict[str, str]:
    """What each setting says that is to be set aside; `columns` has the values of each, one a run and None where it has none."""
    return {name: why for name, values in columns.items() if (why := _why(name, values, rules))}


def doubles(columns: Mapping[str, Sequence[Any]], rules: Rules) -> dict[str, str]:
    """The settings that have in every run the very value of another one, and more than one: one of them says it all, the one with
    the shortest name."""
    first: dict[tuple[str, ...], str] = {}
    told = {}
    for name in sorted(columns, key=lambda name: (name not in rules.keep, name not in SETTINGS, len(name), name)):
        texts = tuple(map(value_text, columns[name]))
        if len(set(texts)) > 1 and first.setdefault(texts, name) != name and name not in rules.keep:
            told[name] = f"always the same as {first[texts]}"
    return told


def ignored_settings(names: Iterable[str], rules: Rules) -> dict[str, str]:
    """The settings that a person asks to set aside, each with that reason."""
    return {name: ASKED for name in names if not {name, name.rpartition(".")[2]}.isdisjoint(rules.ignore)}


def _why(name: str, values: Sequence[Any], rules: Rules) -> str:
    if name in rules.keep or name.rpartition(".")[2] in rules.keep:
        return ""
    if ignored_settings([name], rules):
        return ASKED
    if name in SETTINGS or name == CHANGE:
        return ""
    known = [value for value in values if value is not None]
    words = [word.lower() for word in BREAK.split(name) if word]
    why = _by_name(words) or _by_shape(known) or _by_number(known)
    return "" if why == PLACES and _is_level(words, known) else why


def _by_name(words: Sequence[str]) -> str:
    known = (LAST[ending] for ending in _endings(words) if ending in LAST)
    return WHOLE.get(" ".join(words)) or next(known, "")


def _endings(words: Sequence[str]) -> Iterator[str]:
    """The last words, the most of them first."""
    return (" ".join(words[-count:]) for count in range(min(4, len(words)), 0, -1))


def _is_level(words: Sequence[str], values: Sequence[Any]) -> bool:
    """Whether a place is of data or of a network, and several runs share each: then it is what they were run on."""
    texts = [value_text(value) for value in values]
    return not MEANT.isdisjoint(words) and 1 < len(set(texts)) <= len(texts) / 2


def _by_shape(values: Sequence[Any]) -> str:
    if not values or not all(isinstance(value, str) for value in values):
        return ""
    return next((why for shape, why in SHAPES if all(shape.fullmatch(value.strip()) for value in values)), "")


def _by_number(values: Sequence[Any]) -> str:
    """Text, neither a number nor a list, that is another one in each of many runs."""
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < EACH_ITS_OWN or len(texts) < len(values) or len(set(texts)) < len(texts):
        return ""
    return "" if all(text[:1] in "[{(" or _is_number(text) for text in texts) else "another one in every run"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
