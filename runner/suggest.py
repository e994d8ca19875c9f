"""A word that is not known in, words that point to a known one out."""

import difflib
from collections.abc import Iterable

LISTED = 10  # known words, where none is near


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest to `word`; None where none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, 0.5)), None)


def nearest(word: str, known: Iterable[str]) -> str:
    """Words that point to the known name nearest to `word`, or to the first of them.

    >>> nearest("unit", ["units", "epochs"])
    'did you mean "units"?'
    >>> nearest("x", ["units", "epochs"])
    'known: units, epochs'
    """
    names = list(dict.fromkeys(known))
    if close := closest(word, names):
        return f'did you mean "{close}"?'
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"known: {', '.join(names[:LISTED])}{more}"
