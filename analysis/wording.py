"""Numbers in, the words that pages and terminals show out: one way to write a score, a difference, a time, a count."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from analysis.stats.contrasts import Difference
from analysis.stats.means import Estimate
from runner.metric import MAXIMIZE, is_share
from runner.metric import unit as shown_unit

NAMES = {
    "valid_accuracy": "validation accuracy",
    "valid_loss": "validation loss",
    "train_loss": "training loss",
    "gap": "gap",
    "test_accuracy": "test accuracy",
    "test_loss": "test loss",
    "seconds": "time a run",
}
SETTINGS = {"units1": "first-layer units", "units2": "second-layer units", "lr": "learning rate"}
NONE = "–"
MANY = 8  # from here on names are told as the first, the last and their number
MINUS_ZERO = re.compile(r"-(0\.0+)(?!\d)")


def metric_name(metric: str) -> str:
    """The words for a metric: "validation accuracy"; an unknown one with its underscores opened."""
    return NAMES.get(metric, metric.replace("_", " "))


def way(goal: str) -> str:
    """Which way is better: "higher is better"."""
    return f"{'higher' if goal == MAXIMIZE else 'lower'} is better"


def setting_name(key: str) -> str:
    """The words for a setting: "batch size"."""
    return SETTINGS.get(key, key.replace("_", " "))


def unit(metric: str) -> str:
    """What an axis adds to the metric's name."""
    shown = shown_unit(metric)
    return f", {shown}" if shown else ""


def digits(metric: str) -> str:
    """How a value of `metric` is written on an axis or in a cell, as a format."""
    return ".1f" if is_share(metric) or metric == "seconds" else "+.3f" if metric == "gap" else ".3f"


def scale(metric: str) -> float:
    """What a value of `metric` is multiplied by to be shown."""
    return 100.0 if is_share(metric) else 1.0


def score(metric: str, value: float | None) -> str:
    """A value of `metric`: "83.6%", "0.478", and the gap with its sign."""
    if value is None:
        return NONE
    if metric == "seconds":
        return duration(value)
    return _minus(f"{scale(metric) * value:{digits(metric)}}" + "%" * is_share(metric))


def difference(metric: str, value: float, finer: int = 0) -> str:
    """A difference of two values of `metric`: "+1.5 points", "-0.012"; with so many digits more as it is to be `finer`."""
    return _minus(f"{100 * value:+.{1 + finer}f} points" if is_share(metric) else f"{value:+.{3 + finer}f}")


def interval(metric: str, estimate: Estimate) -> str:
    """The 95% interval of a mean: "[82.1, 84.9]"; what stands for it where the noise is not known."""
    ends = bounds(metric, estimate)
    if ends is None:
        return "one run" if estimate.n == 1 else "noise not known"
    digits = 1 if is_share(metric) else 3
    return _minus(f"[{ends[0]:.{digits}f}, {ends[1]:.{digits}f}]")


def bounds(metric: str, estimate: Estimate) -> tuple[float, float] | None:
    """The ends of an interval in shown units, a share's cut to what a share can be; None where the noise is not known."""
    if estimate.low is None or estimate.high is None:
        return None
    if is_share(metric) and 0 <= estimate.mean <= 1:  # some tools log percents under this name
        return 100 * max(estimate.low, 0.0), 100 * min(estimate.high, 1.0)
    return scale(metric) * estimate.low, scale(metric) * estimate.high


def ruler_words(metric: str, ruler: float | None, n: int) -> str:
    """What a noise ruler says of two means of `n` runs each."""
    each = "one run each" if n == 1 else f"{n} runs each"
    if ruler is None:
        return "No configuration was run twice: no difference can be told from noise."
    return f"Two configurations with {each} are told apart from {size(metric, ruler)} on, one pair at a time."


def change(metric: str, found: Difference) -> str:
    """A difference with its interval: "+1.5 points [+0.2, +2.8]"; without, where the noise is not known. It has as many digits as
    show that the interval has a width, and leaves out zero where it does."""
    if found.low is None or found.high is None:
        return difference(metric, found.estimate)
    sizes = [(found.high - found.low) / 2, *([2 * min(abs(found.low), abs(found.high))] if found.told else [])]
    places = [math.ceil(-math.log10(scale(metric) * one) - (1 if is_share(metric) else 3)) for one in sizes if one > 0]
    finer = max(0, min(3, max(places, default=0)))
    ends = [difference(metric, end, finer).removesuffix(" points") for end in (found.low, found.high)]
    return f"{difference(metric, found.estimate, finer)} [{', '.join(ends)}]"


def size(metric: str, value: float) -> str:
    """How large a difference is, without its sign: "1.5 points"; "less than 0.1 points" where nothing of it would show."""
    shown = difference(metric, abs(value)).lstrip("+")
    smallest = "0.1 points" if is_share(metric) else "0.001"
    return f"less than {smallest}" if value and float(shown.removesuffix(" points")) == 0 else shown


def extent(metric: str, width: Difference) -> str:
    """A range, which has no sign, with its interval: "2.6 points [1.2, 4.0]"."""
    shown = size(metric, width.estimate)
    if width.low is None or width.high is None:
        return shown
    ends = [size(metric, end).removesuffix(" points") if end else "0" for end in (width.low, width.high)]
    return f"{shown} [{', '.join(ends)}]"


def takes_seeds(what: str, seeds: int | None) -> str:
    """The seeds that tell a distance which the runs do not; None: more than 1,000."""
    many = "more than 1,000 seeds" if seeds is None else plural(seeds, "seed")
    return f"telling {what} takes {many} each, more if the true one is smaller"


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
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S}"


def span(first: float | None, last: float | None) -> str:
    """From one time to another, the day told once where it is the same."""
    if first is None or last is None:
        return "none yet"
    a, b = moment(first), moment(last)
    if a == b:
        return a
    same = a.partition(",")[0] == b.partition(",")[0]
    return f"{a.removesuffix(' UTC')} to {b.partition(', ')[2] if same else b}"


def listing(words: tuple[str, ...] | list[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def first_to_last(names: Sequence[str]) -> str:
    """Names in a row; of many the first, the last and their number."""
    return ", ".join(names) if len(names) <= MANY else f"{names[0]} to {names[-1]} ({len(names)})"


def number(value: float, form: str) -> str:
    """A number in the format `form`, without a minus before nothing."""
    return _minus(f"{value:{form}}")


def _minus(text: str) -> str:
    """`text` without the minus before a nothing that rounding left."""
    return MINUS_ZERO.sub(r"\1", text)
