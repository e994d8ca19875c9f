"""Numbers in, the words that pages and terminals show out: one way to write a score, a difference, a time, a count."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sweepbook.runner.metric import MAXIMIZE, is_share
from sweepbook.runner.metric import unit as shown_unit
from sweepbook.runner.values import level_text

if TYPE_CHECKING:  # they take scipy, which whoever draws does without
    from sweepbook.analysis.stats.contrasts import Difference
    from sweepbook.analysis.stats.means import Estimate

NAMES = {
    "valid_accuracy": "validation accuracy",
    "valid_loss": "validation loss",
    "train_loss": "training loss",
    "gap": "gap",
    "test_accuracy": "test accuracy",
    "test_loss": "test loss",
    "seconds": "time a run",
}
DIGITS = 4  # of a number that a search has drawn with many more
WIDTHS = ("units1", "units2")
SETTINGS = {"units1": "first-layer units", "units2": "second-layer units", "lr": "learning rate"}
NONE = "–"
UNRANKED = "not ranked"
NOT_REPEATED = "No configuration was run twice: no difference can be told from noise."
TOO_FEW = "too few runs were repeated to know the noise"
MANY = 8  # from here on names are told as the first, the last and their number
SIGNED_ZERO = re.compile(r"^[-+](0(?:\.0+)?)$")
EXPONENT = re.compile(r"e\+?(-?)0*(\d+)$")
MOST_ADVISED = 100  # seeds more of each configuration
USUAL_DIGITS, MOST_DIGITS, MORE_DIGITS = 6, 15, 3  # of the largest number: that say something, that a float has; of one number
SMALLEST, LARGEST = 1e-4, 1e9  # where the largest number lies outside, all have an exponent


def metric_name(metric: str) -> str:
    """The words for a metric: "validation accuracy"; an unknown one with its underscores opened."""
    return NAMES.get(metric, metric.replace("_", " "))


def mean_name(metric: str) -> str:
    """The words for a metric's mean: "mean accuracy", and "mean reward" of one that is called so already."""
    name = metric_name(metric)
    return name if name.startswith("mean ") else f"mean {name}"


def way(goal: str) -> str:
    """Which way is better: "higher is better"."""
    return f"{'higher' if goal == MAXIMIZE else 'lower'} is better"


def setting_name(key: str) -> str:
    """The words for a setting: "batch size"."""
    return SETTINGS.get(key, key.replace("_", " "))


def in_words(config: Mapping[str, object], keys: Iterable[str]) -> list[str]:
    """Some settings of a configuration as a person says them: "128/64 units", "5 epochs", "learning rate 0.001", "Adam"; the widths
    of all layers where one of them is among these."""
    own = [key for key in keys if key in config]
    widths = [key for key in WIDTHS if key in config] if any(key in WIDTHS for key in own) else []
    texts = [f"{'/'.join(level_text(config[key]) for key in widths)} units"] if widths else []
    said = {*widths, *({"depth"} if config.get("depth") == len(widths) else ())}  # as many layers as widths
    return texts + [_in_words(key, config[key]) for key in own if key not in said]


def _in_words(key: str, value: object) -> str:
    level = f"{value:.{DIGITS}g}" if isinstance(value, float) else level_text(value)
    if key == "epochs":
        return f"{level} {'epoch' if level == '1' else 'epochs'}"
    return level if key == "optimizer" else f"{setting_name(key)} {level}"


def unit(metric: str) -> str:
    """What an axis adds to the metric's name."""
    shown = shown_unit(metric)
    return f", {shown}" if shown else ""


def scale(metric: str) -> float:
    """What a value of `metric` is multiplied by to be shown."""
    return 100.0 if is_share(metric) else 1.0


@dataclass(frozen=True)
class Form:
    """How the numbers of one metric are written throughout a study, in tables, sentences and figures alike: rounded to so many
    `places` behind the point, in shown units; with an `exponent`, as 5.1e-9, where the digits themselves would be too many."""

    metric: str
    places: int
    exponent: bool = False


def form(metric: str, values: Iterable[float] = (), errors: Iterable[float] = ()) -> Form:
    """How `values` of a metric are written, each of which may be off by one of `errors` (0: not known): as usual, with one decimal
    for a share and three for another; with more where the smallest error, or without one the values' own range, would not
    show; with fewer where the numbers are so large that these digits say nothing.

    >>> form("valid_loss", [0.478, 0.52], [0.011]), form("mse", [5e-9, 1e-8], [6e-11])
    (Form(metric='valid_loss', places=3, exponent=False), Form(metric='mse', places=11, exponent=True))
    """
    known = [size for value in values if math.isfinite(size := scale(metric) * value)]
    largest = max(map(abs, known), default=0.0)
    usual = 1 if is_share(metric) or metric == "seconds" else 3
    if not known or not largest:
        return Form(metric, usual)
    least = min((scale(metric) * error for error in errors if error > 0), default=0.0)
    least = least or (max(known) / 10 - min(known) / 10) or largest / 10
    magnitude = math.floor(math.log10(largest)) + 1
    needed = min(math.ceil(-math.log10(least)) if least > 0 else usual, MOST_DIGITS - magnitude)
    exponent = not SMALLEST <= largest < LARGEST
    places = max(min(usual, USUAL_DIGITS - magnitude), needed)
    return Form(metric, places if exponent else max(places, 0), exponent)


def estimates_form(metric: str, estimates: "Iterable[Estimate]") -> Form:
    """How means of a metric are written: with the digits that their intervals call for."""
    known = list(estimates)
    halves = (max(one.mean - one.low, one.high - one.mean) for one in known if one.low is not None and one.high is not None)
    return form(metric, [one.mean for one in known], [half / 2 for half in halves])


def number(form: Form, value: float, sign: str = "", finer: int = 0) -> str:
    """A number in shown units without its unit, with so many digits more as it is to be `finer`; "+" for `sign` writes that of
    what is above 0, too. There is no sign before nothing."""
    places = form.places + finer
    if not form.exponent or not math.isfinite(value):
        written = f"{value:{sign}.{max(places, 0)}f}"
        return SIGNED_ZERO.sub(r"\1", written) if written.startswith(("-0", "+0")) else written
    if not value:
        return "0"
    digits = max(places + math.floor(math.log10(abs(value))), 0)
    return EXPONENT.sub(r"e\1\2", f"{value:{sign}.{digits}e}")


def shown(form: Form, value: float) -> str:
    """A number in shown units as `score` writes it."""
    if form.metric == "seconds":
        return duration(value)
    return number(form, value, "+" * (form.metric == "gap")) + "%" * is_share(form.metric)


def score(form: Form, value: float | None) -> str:
    """A value of a metric: "83.6%", "0.478", and the gap with its sign."""
    return NONE if value is None else shown(form, scale(form.metric) * value)


def bound(metric: str, value: float) -> str:
    """The bound of a prediction as the plan wrote it, a share in percent: "83%", "0.45", "1e-9"."""
    return plain(scale(metric) * value) + "%" * is_share(metric)


def distance(metric: str, value: float) -> str:
    """The same of a difference: "2 points", "0.05"."""
    written = plain(scale(metric) * value)
    return f"{written} {'point' if written == '1' else 'points'}" if is_share(metric) else written


def plain(value: float) -> str:
    """A number with the digits that it has: "83", "0.45", "1e-9"."""
    return EXPONENT.sub(r"e\1\2", f"{value + 0.0:.12g}")


def difference(form: Form, value: float, finer: int = 0) -> str:
    """A difference of two values of a metric: "+1.5 points", "-0.012"; with so many digits more as it is to be `finer`."""
    return number(form, scale(form.metric) * value, "+", finer) + " points" * is_share(form.metric)


def interval(form: Form, estimate: "Estimate") -> str:
    """The 95% interval of a mean: "82.1 to 84.9"; what a cell says where the noise is not known."""
    ends = bounds(form.metric, estimate)
    if ends is None:
        return "one run" if estimate.n == 1 else "noise not known"
    sign = "+" * (form.metric == "gap")  # which has one in a score, too
    return " to ".join(number(form, end, sign) for end in ends)


def bounds(metric: str, estimate: "Estimate") -> tuple[float, float] | None:
    """The ends of an interval in shown units; None where the noise is not known."""
    if estimate.low is None or estimate.high is None:
        return None
    return scale(metric) * estimate.low, scale(metric) * estimate.high


def ruler_words(form: Form, ruler: float | None, n: int) -> str:
    """What a noise ruler says of two means of `n` runs each."""
    each = "one run each" if n == 1 else f"{n} runs each"
    if ruler is None:
        return NOT_REPEATED
    if not math.isfinite(ruler):
        return f"With {each}, no two configurations can be told apart: {TOO_FEW}."
    told = f"are told apart from {size(form, ruler)} on, one pair at a time"
    return f"Two configurations of typical noise with {each} {told}."


def change(form: Form, found: "Difference") -> str:
    """A difference with its interval: "+1.5 points (+0.2 to +2.8)"; without, where the noise is not known. It has as many digits as
    show that the interval has a width, and leaves out zero where it does."""
    if found.low is None or found.high is None:
        return difference(form, found.estimate)
    sizes = [(found.high - found.low) / 2, *([2 * min(abs(found.low), abs(found.high))] if found.told else [])]
    finer = max(_finer(form, one) for one in sizes)
    ends = [difference(form, end, finer).removesuffix(" points") for end in (found.low, found.high)]
    return f"{difference(form, found.estimate, finer)} ({' to '.join(ends)})"


def _finer(form: Form, size: float) -> int:
    """How many digits more show a difference, three at most."""
    shown = scale(form.metric) * size
    places = math.ceil(-math.log10(shown)) if 0 < shown < math.inf else form.places
    return max(0, min(MORE_DIGITS, places - form.places))


def finer(form: Form, size: float) -> Form:
    """The form with as many digits more, three at most, as a difference of `size` needs to show."""
    return replace(form, places=form.places + _finer(form, abs(size)))


def size(form: Form, value: float) -> str:
    """How large a difference is, without its sign: "1.5 points"; with more digits where nothing of it would show."""
    written = difference(form, abs(value)).lstrip("+")
    if not value or float(written.removesuffix(" points")):
        return written
    finer = _finer(form, abs(value))
    written = difference(form, abs(value), finer).lstrip("+")
    if float(written.removesuffix(" points")):
        return written
    return f"less than {difference(form, 10.0 ** -(form.places + finer) / scale(form.metric), finer).lstrip('+')}"


def bare_size(form: Form, value: float) -> str:
    """The same without the word for its unit, where that stands beside it."""
    return size(form, value).removesuffix(" points")


def sizes(form: Form, values: Iterable[float]) -> str:
    """Standard deviations in a row, the unit told once: "± 1.0, ± 3.2, ± 9.5 points"."""
    written = [f"± {size(form, value)}" for value in values]
    return ", ".join([*(text.removesuffix(" points") for text in written[:-1]), *written[-1:]])


def percent(share: float, low: float, high: float) -> str:
    """A share with its 95% interval: "60% (28 to 98)"."""
    return f"{share:.0%} ({100 * low:.0f} to {100 * high:.0f})"


def extent(form: Form, width: "Difference") -> str:
    """A range, which has no sign, with its interval: "2.6 points (1.2 to 4.0)"."""
    written = size(form, width.estimate)
    if width.low is None or width.high is None:
        return written
    ends = [size(form, end).removesuffix(" points") if end else "0" for end in (width.low, width.high)]
    return f"{written} ({' to '.join(ends)})"


def more_seeds(more: int | None) -> str:
    """Seeds that are missing, of each configuration: "9 more seeds each"; None: more than 1,000."""
    return "more seeds than anyone runs" if out_of_reach(more) else f"{count(more)} more {'seed' if more == 1 else 'seeds'} each"


def out_of_reach(more: int | None) -> bool:
    """Whether so many more seeds (None: over 1,000) are no advice. Two means of 100 runs show a difference of .4 of the standard
    deviation of a run in 4 of 5 studies: what takes more is less than half of what another seed does, and nothing to choose by."""
    return more is None or more > MOST_ADVISED


def probability(p: float) -> str:
    """A p as tables have it: "0.03", "below 0.001"."""
    return "below 0.001" if p < 0.001 else f"{p:.2f}" if p >= 0.1 else f"{p:.2g}"


def duration(seconds: float | None) -> str:
    """Wall time as a person says it: "0.8 s", "42 s", "3 min 10 s", "2 h 5 min"."""
    if seconds is None:
        return NONE
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number: int | None) -> str:
    """A whole number with its thousands apart."""
    return NONE if number is None else f"{number:,}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """A count and its noun: "1 run", "168 runs"."""
    return f"{count(number)} {noun if number == 1 else many or noun + 's'}"


def moment(timestamp: float | None) -> str:
    """A time as people write it, to the minute, in UTC."""
    if timestamp is None:
        return NONE
    at = datetime.fromtimestamp(timestamp, UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def stamp(timestamp: float) -> str:
    """A time in UTC for a table, where it sorts as it reads: "2026-01-05 17:01:21"."""
    if timestamp != timestamp:
        return NONE
    return datetime.fromtimestamp(timestamp, UTC).isoformat(" ", "seconds").removesuffix("+00:00")


def span(first: float | None, last: float | None) -> str:
    """From one time to another, the day told once where it is the same."""
    if first is None or last is None:
        return "none yet"
    a, b = moment(first), moment(last)
    if a == b:
        return a
    same = a.partition(",")[0] == b.partition(",")[0]
    return f"{a.removesuffix(' UTC')} to {b.partition(', ')[2] if same else b}"


def capital(text: str) -> str:
    """A text with a capital first, at the head of a sentence."""
    return text[:1].upper() + text[1:]


def listing(words: tuple[str, ...] | list[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def first_to_last(names: Sequence[str]) -> str:
    """Names in a row; of many the first, the last and their number."""
    return ", ".join(names) if len(names) <= MANY else f"{names[0]} to {names[-1]} ({len(names)})"


def some(names: Sequence[str], between: str = ", ") -> str:
    """The first of some names that have no order among them, and how many more there are."""
    more = len(names) - MANY
    return between.join(names[:MANY]) + (f" and {count(more)} more" if more > 0 else "")
