"""A `Study` whose groups choose among run logs in, the text of a study.toml that reads as the same study out."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sweepbook.runner.rules import Rules
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import Value


def plan_text(study: Study, folder: str, head: str) -> str:
    """The plan; `folder` is where its run logs lie, from the plan's own folder, and `head` the comment that it begins with."""
    lines = [*_comments(head), "", *_table("study", _head(study)), "", *_table("logs", {"folder": folder, **_rules(study.rules)})]
    if study.baseline:
        lines += ["", "# The configuration from which the most others differ in one setting.", *_table("baseline", study.baseline)]
    for group in study.groups:
        lines += ["", *_group(group)]
    return "\n".join(lines) + "\n"


def _head(study: Study) -> dict[str, Value]:
    texts = {"title": study.title, "subtitle": study.subtitle, "metric": study.metric, "goal": study.goal}
    return {key: text for key, text in texts.items() if text}


def _rules(rules: Rules) -> dict[str, object]:
    """What a person said of how the logs are to be read."""
    lists = {"ignore": rules.ignore, "keep": rules.keep, "metrics": rules.metrics, "settings": rules.settings}
    said: dict[str, object] = {key: list(names) for key, names in lists.items()}
    said |= {"map": dict(rules.map), "seed": rules.seed, "at": rules.at}
    return {key: value for key, value in said.items() if value}


def _group(group: Group) -> Iterator[str]:
    yield "[[group]]"
    yield from _comments(group.description)
    yield f"name = {_value(group.name)}"
    yield f"title = {_value(group.title)}"
    yield '# hypothesis = "what you expected of it, in a sentence"'
    yield f"where = {_inline({key: _wanted(values) for key, values in (group.where or {}).items()})}"


def _wanted(values: Sequence[Value]) -> object:
    """The levels that a setting may have: one by itself, of several a list, which one that is a list itself always is in."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else list(values)


def _comments(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in text.splitlines())


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, Iterable):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value) if isinstance(value, int) or math.isfinite(float(str(value))) else str(value)


def _inline(values: Mapping[str, object]) -> str:
    pairs = ", ".join(f"{_key(key)} = {_value(value)}" for key, value in values.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
