"""A tier of configurations in, how far the score of its best is luck out."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.stats.several import expected_maximum, shrunken
from analysis.summary import Summary


@dataclass(frozen=True)
class Luck:
    """`size` is how far the best of `among` equal configurations stands from their mean by luck alone (their expected maximum),
    `raw` the best mean of the tier, and `shrunken` that mean drawn towards the tier's by as much as noise explains."""

    among: int
    size: float
    raw: float
    shrunken: float


def luck(first: Sequence[Summary], metric: str) -> Luck | None:
    """That of the best of the `first` tier, which comes first. Configurations that scatter further than the pool have no part in
    it; None where fewer than two are left, or the noise is not known."""
    means = [mean for s in first if not (mean := s.means[metric]).outlying]
    errors = [mean.variance / mean.n for mean in means if mean.variance is not None]
    if len(means) < 2 or len(errors) < len(means) or first[0].means[metric].outlying:
        return None
    size = expected_maximum(len(means)) * (sum(errors) / len(errors)) ** 0.5
    return Luck(len(means), size, means[0].value, shrunken([mean.value for mean in means], errors)[0])
