"""The bytes of a findings.json in, what it records out, each value of its kind and within its bounds.

A report is data from elsewhere, so this is the one place that doubts it; behind it everything is what its type says. Of all that
a findings.json holds only what `diff` reads is named here. What else stands in it is let through, and a key that older reports
lack has a default.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from sweepbook.analysis.export.record import READABLE
from sweepbook.analysis.predictions.verdict import Verdict
from sweepbook.runner.config import SweepbookError

# A metric is at most 1e100 (logtable.HIGHEST). What is computed from it may be more, and its square is to stay a number.
Number: TypeAlias = Annotated[float, Meta(ge=-1e120, le=1e120)]
Size: TypeAlias = Annotated[float, Meta(ge=0, le=1e120)]
Spread: TypeAlias = Annotated[float, Meta(gt=0, le=1e120)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Rank: TypeAlias = Annotated[int, Meta(ge=1, le=2**53)]
Whole: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Setting: TypeAlias = str | bool | Whole | float | list[Any] | dict[str, Any]
Goal: TypeAlias = Literal["maximize", "minimize"]


class Mean(Struct, frozen=True):
    """A metric of a configuration."""

    mean: Number
    low: Number | None
    high: Number | None
    ranked: bool | None = None


class Recorded(Struct, frozen=True):
    """An entry of `configs`."""

    id: str
    label: str
    labels: tuple[str, ...]
    config: dict[str, Setting]
    n: Rank
    tier: Rank | None
    parameters: Count | None
    seconds: Size | None
    metrics: dict[str, Mean]


class Deviation(Struct, frozen=True):
    """A standard deviation with its interval and its degrees of freedom."""

    sd: Spread
    low: Size
    high: Size
    df: Rank


class RecordedNoise(Deviation, frozen=True):
    """An entry of `noise`."""

    outlying: frozenset[str] = frozenset()
    replicates: Deviation | None = None


class Prediction(Struct, frozen=True):
    """A prediction of a group with its verdict."""

    says: str
    kind: str
    verdict: Verdict
    as_run: bool
    estimate: Number | None
    low: Number | None
    high: Number | None
    n: tuple[Count, ...]
    as_run_because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    claim: str | None = None
    behind: tuple[tuple[str, ...], ...] | None = None


class RecordedGroup(Struct, frozen=True):
    """An entry of `groups`."""

    name: str
    factors: tuple[str, ...]
    configs: tuple[str, ...]
    best: tuple[str, ...]
    predictions: tuple[Prediction, ...]
    tiers: dict[str, Rank] = {}


class RecordedEffect(Struct, frozen=True):
    """An entry of `effects`."""

    factor: str
    range: Number
    low: Number | None
    high: Number | None
    group: str = ""
    rank: Rank | None = None


class RecordedCheck(Struct, frozen=True):
    """An entry of `checks`."""

    code: str
    group: str | None
    labels: tuple[str, ...]
    message: str
    factor: str | None = None
    silenced: str | None = None


class Problem(Struct, frozen=True):
    """A log that does not count."""

    log: str
    reason: str


class Best(Struct, frozen=True):
    """What is best."""

    recommended: str | None = None


class Document(Struct, frozen=True):
    """A findings.json."""

    schema: int
    study: str
    metric: str
    goal: Goal
    runs: dict[str, Count]
    noise: dict[str, RecordedNoise]
    configs: tuple[Recorded, ...]
    problems: tuple[Problem, ...]
    groups: tuple[RecordedGroup, ...] = ()
    effects: tuple[RecordedEffect, ...] = ()
    checks: tuple[RecordedCheck, ...] = ()
    best: Best | None = None
    environment: dict[str, tuple[str, ...]] | None = None


class _Head(Struct):
    schema: object = None


def recorded(file: str, findings: bytes) -> Document:
    """The document; SweepbookError with the `file`, the place in it and what is wrong there, where it is none that is read."""
    try:
        schema = msgspec.json.decode(findings, type=_Head).schema
    except msgspec.ValidationError:  # JSON, and no object
        schema = None
    except (ValueError, RecursionError) as error:
        raise SweepbookError(f"{file}: is no JSON: {error}") from None
    if type(schema) is not int or schema not in READABLE:
        told = "no schema" if schema is None else f"schema {schema}"
        known = " or ".join(map(str, READABLE))
        raise SweepbookError(f"{file}: {told} found, schema {known} expected; build that report again")
    try:
        document = msgspec.json.decode(findings, type=Document)
        _check_ids(document)
    except (ValueError, RecursionError) as error:
        what, _, place = str(error).replace("`", "").partition(" - at $.")
        raise SweepbookError(f"{file}: {f'{place}: ' * bool(place)}{what}; build that report again") from None
    return document


def _check_ids(document: Document) -> None:
    """ValueError where two configurations have the same id, or what is called best is none of them."""
    known = {one.id for one in document.configs}
    if len(known) < len(document.configs):
        raise ValueError("two configurations of the same id - at $.configs")
    named = [(f"groups[{i}].best", key) for i, group in enumerate(document.groups) for key in group.best]
    if document.best and document.best.recommended is not None:
        named.append(("best.recommended", document.best.recommended))
    for place, key in named:
        if key not in known:
            raise ValueError(f"{key!r} is the id of no configuration - at $.{place}")
