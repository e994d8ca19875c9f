"""The cell of a time in, the moment that it says out."""

import re
from datetime import UTC, datetime

FORMS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y %H:%M:%S")
COMPACT = re.compile(r"(\d{8})[T_-](\d{6})")
DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:[T ]\d\d?:\d\d.*)?|\d\d?[./]\d\d?[./]\d{4}.*|\d{8}[T_-]\d{6}")
SINCE_1970 = (5e8, 5e9)  # seconds; milliseconds are a thousand times that, and nanoseconds a thousand million times


def is_date(value: object) -> bool:
    """Whether a cell is text that looks like a date."""
    return isinstance(value, str) and bool(DATE.fullmatch(value.strip()))


def is_moment(number: float) -> bool:
    """Whether a number looks like seconds, milliseconds, microseconds or nanoseconds since 1970, in our days."""
    return _seconds(number) is not None


def moment(value: object) -> datetime | None:
    """The moment in UTC, where a time without a zone is taken to be; None where the cell says none.

    >>> str(moment("2026-03-01 12:00:00")), str(moment(1772366400))
    ('2026-03-01 12:00:00+00:00', '2026-03-01 12:00:00+00:00')
    """
    try:
        if isinstance(value, int | float):
            seconds = _seconds(float(value))
            return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        made = _read(str(value).strip())
        return made and (made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _seconds(number: float) -> float | None:
    low, high = SINCE_1970
    return next((number / unit for unit in (1, 1e3, 1e6, 1e9) if low < number / unit < high), None)


def _read(text: str) -> datetime | None:
    plain = COMPACT.sub(r"\1T\2", re.sub(r" (?=[+-]\d\d:?\d\d$)| ?UTC$", lambda gap: "+00:00" if "UTC" in gap[0] else "", text))
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        pass
    for form in FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
