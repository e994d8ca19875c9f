"""Text and an encoding in, the same text out in letters that the encoding has: "±" becomes "+/-" where only ASCII is known.

A letter without a spelling of its own loses its accent, or is shown as JSON escapes it; nothing becomes a question mark.
"""

import codecs
import re
import unicodedata

SPELLINGS = {
    "★": "*",
    "±": "+/-",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "·": "-",
    "•": "-",
    "●": "*",
    "✓": "yes",
    "✗": "no",
    "▲": "up",
    "▼": "down",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
BESIDE_ITS_WORD = re.compile("[✓✗▲▼●] (?=[a-z])")  # "✓ held": the word says it
ERRORS = "sweepbook.spelled"  # the name of the error handler


def has(encoding: str | None, text: str) -> bool:
    """Whether `encoding` has every letter of `text`; what has no encoding has them all."""
    if text.isascii():
        return True
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def spelled(text: str, encoding: str | None) -> str:
    """`text` in letters that `encoding` has.

    >>> spelled("✓ held: 83.6 ± 0.9 for ‘café 値’…", "ascii")
    "held: 83.6 +/- 0.9 for 'cafe \\\\u5024'..."
    """
    if has(encoding, text):
        return text
    bare = text if has(encoding, "✓✗▲▼●") else BESIDE_ITS_WORD.sub("", text)
    return "".join(letter if has(encoding, letter) else _spelling(letter) for letter in bare)


def _spelling(letter: str) -> str:
    if letter in SPELLINGS:
        return SPELLINGS[letter]
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or (f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}")


def _spell(error: UnicodeError) -> tuple[str, int]:
    """The error handler of streams: what is written past `spelled` breaks none of them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelling, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, _spell)
