"""The four words of a verdict. What compares a verdict, or writes one, takes them from here."""

CONFIRMED, REFUTED, UNTOLD, EMPTY = "confirmed", "refuted", "cannot tell", "says nothing"
VERDICTS = (CONFIRMED, REFUTED, UNTOLD, EMPTY)
DECIDED = (CONFIRMED, REFUTED)
