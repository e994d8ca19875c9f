"""Every kind of prediction that the analysis knows, a file a kind and a line here."""

from typing import Any

from sweepbook.analysis.predictions.kind import Kind
from sweepbook.analysis.predictions.kinds import beats, best, better, gap, matters, trend, value
from sweepbook.runner.prediction import Prediction

KINDS: tuple[Kind[Any], ...] = (
    better.KIND,
    value.KIND,
    trend.KIND,
    best.KIND,
    matters.KIND,
    gap.KIND,
    beats.KIND,
)


def kind_of(prediction: Prediction) -> Kind[Any]:
    """The kind of a prediction, by its class; TypeError where none of the list is of that class."""
    for kind in KINDS:
        if kind.of is type(prediction):
            return kind
    raise TypeError(f"a prediction of class {type(prediction).__name__}: no kind of predictions/kinds/ is of that class")
