"""Draws docs/noise.svg: how far the runs of each configuration of the demo scatter, over its score.

sweepbook demo
python benchmarks/picture.py modellogs/demo
"""

import sys
from pathlib import Path

import matplotlib
from sweepbook.analysis.cli.demo import STUDY
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.figures.style import ACCENT, GRID, INK, SOFT, STYLE, WARN, frame
from sweepbook.runner.plan import load_study

OUT = Path(__file__).parents[1] / "docs" / "noise.svg"
NAMED = {"lr_0.003": (-50, -10), "lr_0.0001": (8, -4), "optimizer_SGD": (8, -4), "units_16_16": (-8, -14)}


def main() -> None:
    found = findings(load_sweep(Path(sys.argv[1])), load_study(STUDY))
    with matplotlib.rc_context(STYLE):
        figure = drawn(found)
        figure.savefig(OUT, metadata={"Date": None})
    print(f"{OUT}: {len(found.ranking)} configurations")


def drawn(found: Findings) -> matplotlib.figure.Figure:
    """Own standard deviations as open points, what the neighbours let expect as a line, what counts as full points."""
    noise, metric = found.noise, found.study.metric
    assert noise is not None
    ranked = sorted(found.ranking, key=lambda s: s.means[metric].value)
    score = [100 * s.means[metric].value for s in ranked]
    each = [noise.each[s.id] for s in ranked]
    own, expected, counts = (
        [100 * v**0.5 for v in of] for of in zip(*((e.own or 0.0, e.mu, e.variance) for e in each), strict=True)
    )
    figure, axes = frame(3.8)
    axes.axhline(100 * noise.sd, color=WARN, linewidth=1.2, linestyle=(0, (4, 3)), label="the typical configuration")
    axes.plot(score, expected, color=ACCENT, linewidth=1.2, alpha=0.6, label="what its neighbours in score let expect")
    axes.scatter(score, own, s=26, facecolors="none", edgecolors=SOFT, label="its own three runs")
    axes.scatter(score, counts, s=26, color=ACCENT, label="what counts", zorder=3)
    for s, x, y in zip(ranked, score, counts, strict=True):
        if s.label in NAMED:
            axes.annotate(s.label, (x, y), NAMED[s.label], textcoords="offset points", size=8.5, color=INK)
    axes.set_yscale("log")
    axes.set_yticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
    axes.set_yticks([], minor=True)
    axes.grid(axis="y", color=GRID)
    axes.set(xlabel="mean validation accuracy, %", ylabel="standard deviation of a run, points", xlim=(5, 101))
    axes.legend(frameon=False, fontsize=8.5, loc="lower left")
    return figure


if __name__ == "__main__":
    main()
