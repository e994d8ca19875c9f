"""What a person says of how logs of other tools are to be read: the `Rules` of a plan or of the command line, as a value."""

from dataclasses import dataclass, fields, replace
from typing import Any

BEST = "best"  # of `at`: the entry of a series that counts is the best by the metric that the study ranks by


@dataclass(frozen=True)
class Rules:
    """How logs are to be read where the documented rules do not fit; docs/logs.md has those.

    `map` has their name of a metric and ours. Settings in `ignore` are set aside, those in `keep` are not. `seed` is the column or
    setting that holds the seed. `metrics` and `settings` are the columns of a table that are such. `at` is the metric whose best
    value says which entry of a run's series counts; "" for the last.
    """

    map: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    seed: str = ""
    metrics: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    at: str = ""

    def with_(self, other: "Rules") -> "Rules":
        """These rules and behind them those of `other`, which go before them where there can be one only."""
        joined: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            joined[field.name] = (*mine, *theirs) if isinstance(mine, tuple) else theirs or mine
        return replace(self, **joined)
