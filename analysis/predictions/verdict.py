"""The four words of a verdict, and what a reader sees of each. What compares a verdict, writes one or reads one takes them from
here."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["confirmed", "refuted", "cannot tell", "says nothing"]
CONFIRMED: Final = "confirmed"
REFUTED: Final = "refuted"
UNTOLD: Final = "cannot tell"
EMPTY: Final = "says nothing"  # of a prediction that cannot come out both ways
VERDICTS: tuple[Verdict, ...] = (CONFIRMED, REFUTED, UNTOLD, EMPTY)
DECIDED: tuple[Verdict, ...] = (CONFIRMED, REFUTED)
SAID: Mapping[str, str] = {CONFIRMED: "held", REFUTED: "did not hold", UNTOLD: "open", EMPTY: "says nothing"}
SIGN: Mapping[str, str] = {CONFIRMED: "✓", REFUTED: "✗", UNTOLD: "?", EMPTY: "–"}
