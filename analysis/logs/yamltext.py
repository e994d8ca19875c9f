"""A YAML file in, what it holds out as plain values: a tag that names a Python object gives its contents, and never the object."""

from functools import cache
from typing import Any

from sweepbook.analysis.logs.filetext import content
from sweepbook.analysis.logs.jsontext import name_of
from sweepbook.runner.runlog import LogError

PYTHON = "tag:yaml.org,2002:python/"


def table(path: str) -> dict[Any, Any]:
    """The table that the file holds, an empty one where it is empty; LogError says why there is none."""
    import yaml

    name = name_of(path)
    loader = None
    try:
        loader = _loader()(content(path))
        value = loader.get_single_data()
    except (yaml.YAMLError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise LogError(f"{name}: not valid YAML, perhaps cut short: {_line(error)}") from None
    finally:
        if loader:
            loader.dispose()
    if value is not None and not isinstance(value, dict):
        raise LogError(f"{name}: no table of settings")
    return value or {}


def _line(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


@cache
def _loader() -> Any:
    """The safe loader of PyYAML, in C where it has one, that takes every tag for the plain value behind it."""
    import yaml

    class Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Knows no Python object."""

    Plain.add_multi_constructor("", _plain)  # every tag that the safe loader does not know
    return Plain


def _plain(loader: Any, tag: str, node: Any) -> object:
    """The contents of a tagged value: a list, a table or text; of a name, as of a class or an optimizer, that name."""
    if node.id == "sequence":
        return loader.construct_sequence(node, deep=True)
    if node.id == "mapping":
        return loader.construct_mapping(node, deep=True)
    return node.value or tag.removeprefix(PYTHON).rpartition(":")[2]
