"""The names that tools give to metrics in, ours out: valid_accuracy for val/acc, eval_accuracy and "Accuracy/val" alike.

docs/logs.md has the rules."""

import re
from collections.abc import Iterable, Mapping, Sequence

from sweepbook.runner.metric import BREAKS, HUMPS

SPLITS = {
    **dict.fromkeys(("train", "training", "tr", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "valid"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
MEASURES = {
    **dict.fromkeys(("loss", "losses"), "loss"),
    **dict.fromkeys(("acc", "accuracy", "accuracies", "top1", "acc1", "categorical accuracy"), "accuracy"),
    **dict.fromkeys(("sparse categorical accuracy", "binary accuracy", "multiclass accuracy", "binaryaccuracy"), "accuracy"),
    **dict.fromkeys(("multiclassaccuracy", "top 1", "top1 acc", "top1 accuracy", "acc top1", "acc top 1", "acc 1"), "accuracy"),
}
GLUED = re.compile(r"(train|valid|val|test|eval)(loss|acc|accuracy)")  # valloss
# Words of a name that say where it was logged, and not what of.
EMPTY = frozenset(("metric", "metrics", "epoch", "summary", "avg", "mean", "average", "total", "overall", "final", "last", "set"))
LEADING = frozenset(("best", "max", "min"))  # with which a value is not the last one


def ours(name: str) -> str:
    """The name that a metric of theirs has here: split first, then measure. A name that says neither is left as it is.

    >>> [ours(name) for name in ("val_acc", "Loss/train", "eval/accuracy", "train_loss_epoch", "val_f1", "best_val_acc", "lr")]
    ['valid_accuracy', 'train_loss', 'valid_accuracy', 'train_loss', 'valid_f1', 'best_val_acc', 'lr']
    """
    words = [word for part in BREAKS.split(name) for word in _words(part)]
    if not words or words[0] in LEADING or words[-1] in ("step", "std", "var"):
        return name
    splits = [SPLITS[word] for word in words if word in SPLITS]
    rest = [word for word in words if word not in SPLITS and word not in EMPTY]
    measure = MEASURES.get(" ".join(rest))
    if len(set(splits)) != 1:
        return name
    if measure:
        return f"{splits[0]}_{measure}"
    plain = re.fullmatch(r"[A-Za-z]+[_/. -]([A-Za-z0-9_@-]+)", name)
    return f"{splits[0]}_{plain[1]}" if plain and words[0] in SPLITS and len(splits) == 1 else name


def _words(part: str) -> list[str]:
    glued = GLUED.fullmatch(part.lower())
    return list(glued.groups()) if glued else HUMPS.sub(" ", part).lower().split()


BARE = {"loss": "train_loss", "accuracy": "train_accuracy", "acc": "train_accuracy"}


def mapping(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Our name for each of theirs. A bare loss or accuracy is that of training where the names have one of validation beside it,
    as Keras and the Trainer of Hugging Face write them. Of several that would have one name the plainest has it, and the others
    keep their own; what a person has `given` goes before.

    >>> mapping(["loss", "val_loss", "lr"], {"lr": "rate"})
    {'loss': 'train_loss', 'val_loss': 'valid_loss', 'lr': 'rate'}
    """
    made = {name: given.get(name) or ours(name) for name in names}
    for bare, meant in BARE.items():
        if bare in made and bare not in given and any(own == meant.replace("train", "valid") for own in made.values()):
            made[bare] = meant
    first: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name not in given, name != made[name], "epoch" not in name, len(name), name)):
        first.setdefault(made[name], name)
    return {name: own if first[own] == name else name for name, own in made.items()}


def percents(columns: Mapping[str, Iterable[float]]) -> dict[str, str]:
    """The shares among the columns that were logged in percent: "all", or "mixed" where some values are at most 1."""
    told = {}
    for name, values in columns.items():
        known = [value for value in values if value == value]
        if known and 1.5 < max(known) <= 100 * (1 + 1e-6) and min(known) >= 0:
            told[name] = "mixed" if any(0 < value <= 1 for value in known) else "all"
    return told
