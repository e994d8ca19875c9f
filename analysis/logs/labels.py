"""Labels of runs whose logs record the same settings in; the settings by which the labels tell these runs apart out."""

import math
import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sweepbook.runner.config import Config
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.values import Value, is_finite

Part: TypeAlias = float | str
TOLD = "label."  # before the name of a setting that a label tells and its log does not record

# What a label holds of the run itself: when it was, and digits that a tracker made up.
DATE = r"(?:19|20)\d{2}-?[01]\d-?[0-3]\d(?:[T_ -]?[0-2]\d[:-]?[0-5]\d(?:[:-]?[0-5]\d)?Z?)?"
HASH = r"(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{6,}"
OF_THE_RUN = re.compile(rf"(?<![A-Za-z0-9.])(?:{DATE}|\d{{9,}}|{HASH})(?![A-Za-z0-9.])")
# The words before a number of a run, or of its seed.
COUNTING = frozenset(
    """run runs trial job task exp experiment attempt try copy rep replicate repeat replica rerun seed s rs rng randomstate fold
    version v id idx index no num number worker gpu rank node part epoch step ckpt checkpoint""".split()  # noqa: SIM905
)
# Settings that trainers have, beside ours and those that some log records; and two words for one thing.
OTHERS = (
    "layers",
    "hidden",
    "width",
    "heads",
    "dropout",
    "warmup",
    "activation",
    "norm",
    "augment",
    "scheduler",
    "arch",
    "backbone",
)
SAME = {"learningrate": "lr", "bs": "batchsize", "batch": "batchsize", "wd": "weightdecay", "opt": "optimizer"}
NAMES = frozenset(key for key, setting in SETTINGS.items() if setting.kind is str)  # settings that no number is a level of
FLAGS = {"true": 1.0, "yes": 1.0, "on": 1.0, "false": 0.0, "no": 0.0, "off": 0.0}

# A hyphen parts two words, but neither a number from its sign nor one from its exponent.
PARTING = re.compile(r"([\s_=,;:|/&()\[\]{}@#~]+|(?<=[^\W_])(?<!\d[eE])-)")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
NUMERIC = re.compile(rf"({NUMBER})([kKM]?)")
WORDED = re.compile(rf"([^\W\d_]+)({NUMBER}[kKM]?)")  # seed0, lr0.1


@dataclass(frozen=True)
class Told:
    """What a label says of one setting: the words for it, the numbers or the word that it has, and whether an equals sign
    stands between them."""

    name: str
    value: tuple[Part, ...]
    plain: bool = False


def setting_words(recorded: Iterable[str]) -> frozenset[str]:
    """The words that name a setting: those of `recorded`, the settings that some log has, and those that trainers have."""
    return frozenset(map(_one, [*recorded, *SETTINGS, *OTHERS]))


def parted(labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The parts of labels that are all made alike, such as "resnet-cifar-low-1": as many words each, between hyphens or else
    underscores, and at every place but a last one of numbers words that several labels have. None of others.

    >>> parted(["a-low-1", "a-high-1", "b-low-1", "b-high-1"])["b-low-1"]
    ('b', 'low')
    """
    known = list(labels)
    for sign in "-_":
        rows = [label.split(sign) for label in known]
        columns = list(zip(*rows, strict=True)) if len({*map(len, rows)}) == 1 else []
        numbered = bool(columns) and all(part.isdecimal() for part in columns[-1])
        words = columns[:-1] if numbered else columns
        if words and len(words) > 1 and all(min(Counter(column).values()) > 1 for column in words):
            return {label: tuple(row[: len(words)]) for label, row in zip(known, rows, strict=True)}
    return {}


def by_part(runs: Sequence[tuple[str, Hashable]], parts: Mapping[str, tuple[str, ...]]) -> list[dict[str, Value]]:
    """For each of some `runs` of one configuration, a label and a seed, the words by which the `parts` of their labels tell them
    apart, by their place from 1; a place of the seed is none."""
    rows = [parts[label] for label, _ in runs]
    seeds = [seed for _, seed in runs]
    varied = [at for at, words in enumerate(zip(*rows, strict=True)) if len(set(words)) > 1 and not _go_along(words, seeds)]
    return [{f"{TOLD}{place + 1}": row[place] for place in varied} for row in rows]


def _go_along(words: Sequence[Hashable], seeds: Sequence[Hashable]) -> bool:
    return None not in seeds and len({*zip(words, seeds, strict=True)}) == len({*words}) == len({*seeds})


def unrecorded(runs: Sequence[tuple[str, Hashable]], config: Config, known: Collection[str]) -> list[dict[str, Value]]:
    """For each of `runs`, a label and a seed whose log records `config`, the settings that the label tells and the log has not,
    or has otherwise.

    Only settings that the labels tell differently count, however they spell a number; and only where a setting is meant beyond
    doubt: by an equals sign, by a name that is `known`, or by two values that several runs have each, which number no runs.
    """
    told = {label: _told(label, known) for label, _ in runs}
    found: list[dict[str, Value]] = [{} for _ in runs]
    for key in dict.fromkeys(key for one in told.values() for key in one):
        own = {place: told[label][key] for place, (label, _) in enumerate(runs) if key in told[label]}
        own = _unnumbered(own, [seed for _, seed in runs])
        if _evident(key, own.values(), known):
            recorded = {_same(part) for name, value in config.items() if _one(name) == key for part in _parts(value)}
            name = TOLD + next(iter(own.values())).name
            for place, one in own.items():
                if not _agrees(one.value, recorded):
                    found[place][name] = _level(one.value)
    return found


def told_settings(label: str) -> dict[str, Value]:
    """The settings that a label alone tells beyond doubt: by an equals sign, or by a name that trainers have.

    >>> told_settings("lr_0.01_optimizer_SGD_seed_2")
    {'lr': 0.01, 'optimizer': 'SGD'}
    """
    known = setting_words(())
    told = _told(label, known)
    return {one.name: _level(one.value) for key, one in told.items() if key not in COUNTING and (one.plain or key in known)}


def _evident(key: str, told: Collection[Told], known: Collection[str]) -> bool:
    """Whether what labels tell under `key` are different levels of a setting, and not the names or numbers of single runs."""
    values = Counter(tuple(map(_same, one.value)) for one in told)
    if len(values) < 2:
        return False
    numbers = any(isinstance(part, float) for value in values for part in value)
    if key in COUNTING:
        return not numbers and _several(values)
    named = key in known and not (numbers and key in NAMES)
    return named or any(one.plain for one in told) or _several(values)


def _several(values: Counter[tuple[Part, ...]]) -> bool:
    return sum(count > 1 for count in values.values()) > 1


def _agrees(value: Sequence[Part], recorded: Collection[Part]) -> bool:
    """Whether a log records what its label tells; numbers beyond those that are recorded are of something else."""
    same = [_same(part) in recorded for part in value]
    return all(same) or (any(same) and len(same) > len(recorded))


def _unnumbered(told: Mapping[int, Told], seeds: Sequence[Hashable]) -> dict[int, Told]:
    """`told` without a last number that is the seed of every run, or that counts the runs with the same words before it."""
    lasts: dict[tuple[Part, ...], list[Part]] = {}
    for one in told.values():
        lasts.setdefault(one.value[:-1], []).append(one.value[-1])
    seeded = [one.value[-1] == seeds[place] for place, one in told.items() if seeds[place] is not None]
    counted = max(map(len, lasts.values()), default=0) > 1 and () not in lasts and all(map(_counts, lasts.values()))
    if not counted and not (seeded and all(seeded)):
        return dict(told)
    return {place: replace(one, value=one.value[:-1]) for place, one in told.items() if len(one.value) > 1}


def _counts(numbers: Sequence[Part]) -> bool:
    """Whether these are 0, 1, 2, … or 1, 2, 3, … in some order."""
    return {*numbers} in ({*range(len(numbers))}, {*range(1, len(numbers) + 1)})


def _told(label: str, known: Collection[str]) -> dict[str, Told]:
    """What a label says of each setting, by the words before it."""
    found: dict[str, Told] = {}
    words: list[str] = []
    last = ""  # the setting that further numbers belong to
    for part, equals in _tokens(OF_THE_RUN.sub(" ", label)):
        if isinstance(part, str) and not (equals and words):
            words.append(part)
        elif words:
            name = _texts(words, known, found, True)
            last = _one(name)
            before = found[last].value if last in found else ()
            found[last] = Told(name, (*before, part), equals)
            words = []
        elif last and isinstance(part, float):
            found[last] = replace(found[last], value=(*found[last].value, part))
    _texts(words, known, found, False)
    return found


def _texts(words: Sequence[str], known: Collection[str], found: dict[str, Told], more: bool) -> str:
    """Adds to `found` what words alone say of settings that are known: optimizer_SGD. The name that they give to a value, where
    one comes after them."""
    name: list[str] = []
    text: list[str] = []
    place = 0
    while place <= len(words):
        size = _size(words[place : place + 3], known)
        if text and not name and not more and place + size == len(words):
            size = 0  # a name without a value, as the last word of "aug_flip", is a word like another
        if size or place == len(words):
            if name and text:
                found[_one("_".join(name))] = Told("_".join(name), ("-".join(text),))
            if place == len(words):
                break
            name, text = list(words[place : place + size]), []
        else:
            text.append(words[place])
        place += size or 1
    if more:
        return "_".join(text[-1:] if name and text else name or text)
    if not name and len(text) > 1:
        found[_one("_".join(text[:-1]))] = Told("_".join(text[:-1]), (text[-1],))
    return ""


def _size(words: Sequence[str], known: Collection[str]) -> int:
    """How many of the first words are the name of a setting or of a number of runs; 0 where none are."""
    names = ((size, _one("_".join(words[:size]))) for size in range(len(words), 0, -1))
    return next((size for size, name in names if name in known or name in COUNTING), 0)


def _tokens(text: str) -> Iterator[tuple[Part, bool]]:
    """The words and numbers of a text in a row, each with whether an equals sign stands before it."""
    pieces = ["", *PARTING.split(text), ""]
    for before, piece, after in zip(pieces[:-1:2], pieces[1::2], pieces[2::2], strict=True):
        if "=" in after:
            yield piece, False
        elif (number := _number(piece)) is not None:
            yield number, "=" in before
        elif match := WORDED.fullmatch(piece):
            yield match[1], "=" in before
            yield _number(match[2]) or 0.0, False
        elif piece:
            yield piece, "=" in before


def _number(text: str) -> float | None:
    match = NUMERIC.fullmatch(text)
    number = float(match[1]) * {"": 1, "k": 1e3, "M": 1e6}[match[2].replace("K", "k")] if match else math.nan
    return number if is_finite(number) else None


def _one(name: str) -> str:
    """A name as all its spellings have it: "batch_size", "batchSize" and "bs" are one, and so are "units1" and "units2"."""
    plain = name.rpartition(".")[2].casefold().replace("_", "").replace("-", "")
    plain = plain.rstrip("0123456789") or plain
    return SAME.get(plain, plain)


def _same(part: object) -> Part:
    """A level as all its spellings have it."""
    text = str(part).casefold()
    number = _number(text)
    return float(f"{number:.12g}") if number is not None else FLAGS.get(text, text)


def _parts(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _level(value: Sequence[Part]) -> Value:
    parts = [int(part) if isinstance(part, float) and part.is_integer() else part for part in value]
    return parts[0] if len(parts) == 1 else parts  # type: ignore[return-value]
