"""Groups of means in, the critical value of each pair among them out, such that all pairs hold at once."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.quantiles import correlation, dunnett, tukey

Critical: TypeAlias = Callable[[float], float]  # of degrees of freedom


class Pairs:
    """The critical values for the differences among groups of means, most often of one mean each.

    For two groups that vary like the pool it is Tukey's (1949) of all pairs. A group with an outlying mean brings an error of
    its own, which all its differences share and Tukey's value does not know: these are held, among themselves, to Dunnett's
    (1955) two-sided one.
    """

    def __init__(self, groups: Sequence[Sequence[Mean]], level: float = 0.95) -> None:
        self.wild = [any(mean.outlying for mean in means) for means in groups]
        self.errors = [sum(mean.error or 0.0 for mean in means) / len(means) ** 2 for means in groups]
        self.widest, self.level = sorted(self.errors)[-2:], level

    def calm(self, df: float) -> float:
        """The critical value of two groups that vary like the pool."""
        return tukey(max(len(self.errors), 2), round(df, 2), self.level)

    def own(self, i: int) -> Critical:
        """That of the outlying group in place `i` and any other."""
        rho = correlation(self.errors[i], self.widest[0] if self.errors[i] == self.widest[-1] else self.widest[-1])
        return lambda df: dunnett(max(len(self.errors) - 1, 1), round(df, 2), rho, self.level, two_sided=True)

    def of(self, i: int, j: int) -> Critical:
        """That of the groups in two places."""
        if not self.wild[i] and not self.wild[j]:
            return self.calm
        return self.own(max((k for k in (i, j) if self.wild[k]), key=lambda k: self.errors[k]))
