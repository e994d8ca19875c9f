"""Columns of text in, columns of values out: numbers, truth values, lists and tables where that is what the text says."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.logs.tables.literal import literal

Codes: TypeAlias = npt.NDArray[np.intp]

# What stands for no value, in any column; None is a value that a setting may have, and no value of a metric.
EMPTY = frozenset(("", "-", "--", "—", "–", "NA", "N/A", "n/a", "na", "#N/A", "<NA>", "#DIV/0!", "#VALUE!", "NaT", "."))
NOTHING = frozenset(("None", "none", "NONE", "null", "NULL", "Null"))
NOT_A_NUMBER = frozenset(("nan", "NaN", "NAN", "Nan", "-nan"))
INFINITE = {
    sign + word: float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "Inf", "INF", "Infinity", "infinity", "∞")
}
FLAGS = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}
# A number as a program writes it: without the zeros before it that names have.
PLAIN = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
POINT = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")
NUMBERS = re.compile(rf"(?:{PLAIN.pattern}\n)*+")
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
DECIMAL_COMMA = re.compile(r"[-+]?(?:0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*|),\d+(?:[eE][-+]?\d+)?")
NUMBER_TYPES = frozenset((int, float))
LONGEST_NUMBER = 40  # letters


@dataclass(frozen=True, eq=False)
class Column:
    """A column: `values` has each value once, `codes` the place of every row's value among them, -1 where the cell is empty."""

    codes: Codes
    values: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def counts(self) -> npt.NDArray[np.intp]:
        """How often each of the values occurs."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    @property
    def filled(self) -> int:
        """How many cells have a value."""
        return int(self.counts.sum())

    @cached_property
    def types(self) -> frozenset[type]:
        """The types of the values."""
        return frozenset(map(type, self.values))

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The values as floats, NaN for what is no number."""
        if self.types <= NUMBER_TYPES:
            return tuple(map(float, self.values))
        return tuple(float(value) if is_number(value) else math.nan for value in self.values)

    @cached_property
    def known(self) -> tuple[Any, ...]:
        """The values but for "None" and what is not a number."""
        if self.types <= NUMBER_TYPES:
            return tuple(value for value in self.values if value == value)
        return tuple(value for value in self.values if type(value) in (list, dict) or (value == value and value not in NOTHING))

    @cached_property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        if self.types <= NUMBER_TYPES:
            return bool(self.values)
        return bool(self.known) and all(map(is_number, self.known))

    @cached_property
    def flags(self) -> bool:
        """Whether all values are true or false."""
        return bool(self.known) and all(type(value) is bool for value in self.known)

    @cached_property
    def text(self) -> bool:
        """Whether any value is text."""
        return any(isinstance(value, str) for value in self.known)

    @cached_property
    def tables(self) -> bool:
        """Whether all values are tables."""
        return self.types == {dict}

    @cached_property
    def fractional(self) -> bool:
        """Whether any value is a number that is not whole."""
        numbers = np.array(self.numbers)
        return bool((np.isfinite(numbers) & (numbers != np.floor(numbers))).any())

    def floats(self) -> npt.NDArray[np.float64]:
        """The number of every row, NaN where it has none."""
        return np.array([*self.numbers, math.nan])[self.codes]

    def cells(self) -> list[Any]:
        """The value of every row, None where it has none."""
        values = [*self.values, None]
        return [values[code] for code in self.codes.tolist()]

    def of(self, places: Codes) -> "Column":
        """The column that has at every row the value of the row at that place; empty where the place is -1."""
        return Column(np.append(self.codes, -1)[places], self.values)

    def rows(self, places: Codes) -> "Column":
        """The column of these rows alone."""
        return Column(self.codes[places], self.values).tight()

    def tight(self) -> "Column":
        """The column without values that no row has."""
        used = np.flatnonzero(self.counts)
        if len(used) == len(self.values):
            return self
        new = np.full(len(self.values) + 1, -1, np.intp)
        new[used] = np.arange(len(used))
        return Column(new[self.codes], tuple(self.values[at] for at in used))


def is_number(value: object) -> bool:
    """Whether `value` is a number and no truth value."""
    return type(value) in NUMBER_TYPES


def coded(texts: Sequence[str]) -> tuple[Codes, list[str]]:
    """The place of every text among the different ones, and these."""
    import pandas as pd

    codes, values = pd.factorize(np.array(texts, dtype=object))
    return codes, [str(value) for value in values]


def columns(texts: Mapping[str, Sequence[str]], separator: str) -> tuple[dict[str, Column], tuple[str, ...]]:
    """The columns of values, and sentences on what was assumed: percent signs, thousands, a comma before the decimals."""
    pieces = {name: coded(column) for name, column in texts.items()}
    comma = separator != "," and _decimal_comma([text for _, values in pieces.values() for text in values])
    signs: set[str] = set()
    made = {name: _column(codes, [text.strip() for text in values], comma, signs) for name, (codes, values) in pieces.items()}
    return made, tuple(sentence for sign, sentence in SENTENCES.items() if sign in signs)


SENTENCES = {
    "%": "Cells with a percent sign were read as shares: 93.2% is 0.932.",
    "thousands": "Commas between groups of three digits were read as thousands: 1,234 is 1234.",
    "comma": "The comma was read as the decimal point: 0,5 is 0.5.",
}


def _decimal_comma(texts: Sequence[str]) -> bool:
    """Whether numbers of the table have a comma before their decimals: some have one, and none has a point."""
    commas = any(DECIMAL_COMMA.fullmatch(text.strip().rstrip("% ")) for text in texts)
    return commas and not any(POINT.fullmatch(text.strip()) for text in texts)


def _column(codes: Codes, texts: Sequence[str], comma: bool, signs: set[str]) -> Column:
    """The column of these texts; what its numbers were written with is added to `signs`."""
    if numbers := _all_numbers(texts):
        return numbers.of(codes)
    known = {text for text in texts if text not in EMPTY and text not in NOTHING and text not in NOT_A_NUMBER}
    written = _written(known, comma)
    if written:
        signs.update(written)
        values = [_worded(text) if text not in known else _spelled(text, written) for text in texts]
    else:
        values = [_worded(text) for text in texts]
    return from_values(codes, values)


def _all_numbers(texts: Sequence[str]) -> Column | None:
    """The column of texts that are all plain numbers or empty; None where others are among them. It is many times as fast."""
    import pandas as pd

    places = [at for at, text in enumerate(texts) if text]
    full = texts if len(places) == len(texts) else [texts[at] for at in places]
    joined = "\n".join(full) + "\n"
    if not full or not NUMBERS.fullmatch(joined) or max(map(len, full)) > LONGEST_NUMBER:
        return None
    fractions = any(sign in joined for sign in ".eE")
    own, values = pd.factorize(
        np.array(full, dtype=object).astype(float) if fractions else np.array([*map(int, full)], dtype=object)
    )
    codes = np.full(len(texts), -1, np.intp)
    codes[places] = own
    return Column(codes, tuple(values.tolist()))


def _written(texts: Collection[str], comma: bool) -> tuple[str, ...]:
    """With what the numbers of a column are written beside digits and a point; nothing where they are plain, or no numbers."""
    if not any("," in text or "%" in text for text in texts):
        return ()
    percent = all(text.endswith("%") for text in texts)
    bare = [text[:-1].rstrip() for text in texts] if percent else [*texts]
    if all(PLAIN.fullmatch(text) for text in bare):
        return ("%",)
    shape, sign = (DECIMAL_COMMA, "comma") if comma else (THOUSANDS, "thousands")
    if not all(shape.fullmatch(text) or PLAIN.fullmatch(text) for text in bare):
        return ()
    return (sign, "%") if percent else (sign,)


def _spelled(text: str, written: Sequence[str]) -> float:
    """The number that a text with such signs says."""
    plain = text.removesuffix("%").rstrip() if "%" in written else text
    plain = plain.replace(".", "").replace(",", ".") if "comma" in written and "," in plain else plain.replace(",", "")
    return float(f"{plain}e-2" if "%" in written and "e" not in plain.lower() else plain)


def _worded(text: str) -> Any:
    """The value that a text says by itself, None where it says that there is none."""
    if text in EMPTY:
        return None
    if PLAIN.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        return _number(text)
    if text in FLAGS:
        return FLAGS[text]
    if text in NOT_A_NUMBER:
        return math.nan
    if text in INFINITE:
        return INFINITE[text]
    if text[0] in "{[(" and text[-1] in "}])":
        try:
            return literal(text)
        except ValueError:
            return text
    return text


def _number(text: str) -> int | float | str:
    if set(text) & set(".eE"):
        return float(text)
    return int(text)


def from_values(codes: Codes, values: Sequence[Any]) -> Column:
    """A column of these values, of which those that are None are empty cells and equal ones are one."""
    if all(type(value) is str for value in values) and len(set(values)) == len(values):
        return Column(codes, tuple(values)).tight()
    places: dict[Any, int] = {}
    new = np.full(len(values) + 1, -1, np.intp)
    for at, value in enumerate(values):
        if value is not None:
            new[at] = places.setdefault(_key(value), len(places))
    kept: list[Any] = [None] * len(places)
    for at, value in enumerate(values):
        if new[at] >= 0:
            kept[new[at]] = value
    return Column(new[codes], tuple(kept)).tight()


def _key(value: Any) -> Any:
    """What is equal for equal values alone: true is not 1, and NaN is NaN."""
    if isinstance(value, list | dict):
        return repr(value)
    if isinstance(value, float) and value != value:
        return "nan", None
    return type(value) is bool, type(value) is str, value
