"""A group in, short names for its configurations out, by level where one factor varies alone; and a factor as sentences name it."""

from collections.abc import Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import GroupRows

SIZES = ("size", "width", "depth")  # how settings end that are called larger, not higher


def single_factor(group: GroupRows) -> str | None:
    """The factor that alone varies, each level in one configuration; None where there is none."""
    return group.single_factor


def names(group: GroupRows) -> Mapping[str, str]:
    """The short names by id: the level where one factor varies alone, else the label."""
    return group.names


def with_factor(group: GroupRows, text: str) -> str:
    """Short names in a row with what they are levels of: "batch size 4, 8", "10 against 5 epochs"."""
    factor = single_factor(group)
    if factor is None:
        return text
    name = w.setting_name(factor)
    return f"{text} {name}" if is_plural(name) and text.endswith(tuple("0123456789")) else f"{name} {text}"


def is_plural(name: str) -> bool:
    """Whether a setting is called by a plural: "epochs"."""
    return name.endswith("s") and not name.endswith(("ss", "us", "is", "as"))


def more_of(name: str, way: int) -> str:
    """More of a setting, or less where `way` is negative: "more epochs", "a smaller batch size"."""
    if is_plural(name):
        return f"{'more' if way > 0 else 'fewer'} {name}"
    if name.split()[-1] in SIZES:
        return f"a {'larger' if way > 0 else 'smaller'} {name}"
    return f"a {'higher' if way > 0 else 'lower'} {name}"


def few(texts: Sequence[str], most: int) -> str:
    """Texts in a row; of many the first, and how many more there are."""
    more = f" and {w.count(len(texts) - most)} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
