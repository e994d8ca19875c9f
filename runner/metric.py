"""A metric's name in, what that name alone tells of it out: which way is better, whether it is a share, its unit, its limits."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeAlias

Limits: TypeAlias = tuple[float | None, float | None]  # the lowest and the highest value that can be; None where nothing is known

MAXIMIZE, MINIMIZE = "maximize", "minimize"
GOALS = (MAXIMIZE, MINIMIZE)
TRAIN, VALID = "train_loss", "valid_loss"
LOGGED = (TRAIN, VALID, "valid_accuracy", "gap")  # by the runner; the gap follows from the losses
UNSAID = "nothing says which way is better; add --goal maximize or --goal minimize"


@dataclass(frozen=True)
class Kind:
    """What a part of a name says: which way is better, and the limits of such values. A `weak` one counts where no other is known:
    a top1_error is an error, and a brier_score a Brier score."""

    words: tuple[str, ...]
    goal: str
    limits: Limits = (None, None)
    weak: bool = False


# docs/plan.md has this table for readers. A limit stands where it holds however the metric is logged: an F1 may be a share or in
# percent, so it has no highest value, and a loss may be below 0.
LOSS = Kind(("loss", "losses"), MINIMIZE)
KINDS = (
    LOSS,
    Kind(("error", "errors", "err", "nll", "gap", "regret", "cost"), MINIMIZE),
    Kind(("logloss", "crossentropy", "xent", "rmse", "mse", "mae", "mape", "msle", "rmsle", "nrmse"), MINIMIZE, (0.0, None)),
    Kind(("errorrate", "wer", "cer", "eer", "fpr", "fnr", "ece", "brier", "crps", "misclassification"), MINIMIZE, (0.0, None)),
    Kind(("bpc", "bpb", "bpd", "lpips", "fvd", "inaccuracy", "seconds", "latency", "runtime"), MINIMIZE, (0.0, None)),
    Kind(("fid", "kid"), MINIMIZE),
    Kind(("perplexity", "ppl"), MINIMIZE, (1.0, None)),
    Kind(("accuracy", "acc", "f1", "auc", "auroc", "auprc", "precision", "recall", "map", "ap"), MAXIMIZE, (0.0, None)),
    Kind(("iou", "miou", "dice", "jaccard", "ndcg", "mrr", "hits", "tpr", "tnr", "specificity"), MAXIMIZE, (0.0, None)),
    Kind(("bleu", "sacrebleu", "rouge", "meteor", "chrf", "exactmatch", "winrate", "successrate"), MAXIMIZE, (0.0, None)),
    Kind(("ssim", "psnr", "snr", "mcc", "kappa", "pearson", "spearman", "kendall", "likelihood", "elbo"), MAXIMIZE),
    Kind(("reward", "rewards", "rew", "return", "returns"), MAXIMIZE),
    Kind(("r2", "rsquared"), MAXIMIZE, (None, 1.0)),
    Kind(("top", "score"), MAXIMIZE, weak=True),
)
KNOWN = {word: kind for kind in KINDS for word in kind.words}
ENDINGS = ("loss", "error", "accuracy")  # that are known without a break before them: valloss
# Parts with which a name tells nothing: they may turn it round, or make it no measure of how good a model is.
TURNED = ("neg", "negative", "minus", "inv", "inverse", "drop", "improvement", "reduction", "change", "delta", "diff", "difference")
ASIDE = ("skill", "std", "stdev", "stddev", "var", "variance", "weight", "scale", "to", "until")
BREAKS = re.compile(r"[^A-Za-z0-9]+")
HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def goal(name: str) -> str | None:
    """Which way is better by the name of a metric, "maximize" or "minimize"; None where the name does not say.

    >>> goal("val/acc@1"), goal("valid_error"), goal("mean_reward"), goal("iou_loss"), goal("aux")
    ('maximize', 'minimize', 'maximize', 'minimize', None)
    """
    kinds = _kinds(name)
    goals = {kind.goal for kind in kinds}
    if LOSS in kinds:  # a loss made of something is a loss
        return MINIMIZE
    return goals.pop() if len(goals) == 1 else None


def sign(goal: str | None) -> int:
    """1 where higher is better, -1 where lower is, 0 where it is not known."""
    return {MAXIMIZE: 1, MINIMIZE: -1}.get(goal or "", 0)


def direction(name: str, ranked: str, way: int) -> int:
    """1 where a higher value of the metric `name` is taken to be better, -1 where a lower one is: the `way` of a study for the
    metric that it is `ranked` by; for another what its name says, 1 where that says nothing.

    >>> direction("score", "score", -1), direction("valid_loss", "score", 1), direction("aux", "score", -1)
    (-1, -1, 1)
    """
    return way if name == ranked else sign(goal(name)) or 1


def limits(name: str) -> Limits:
    """The lowest and the highest value that a metric of this name can have; None for what the name does not say.

    >>> limits("valid_accuracy"), limits("rmse"), limits("valid_loss")
    ((0.0, 1.0), (0.0, None), (None, None))
    """
    if is_share(name):
        return 0.0, 1.0
    bounds = {kind.limits for kind in _kinds(name)}
    return bounds.pop() if len(bounds) == 1 else (None, None)


@cache
def is_share(name: str) -> bool:
    """Whether a metric of this name is a share from 0 to 1, which is shown in percent: one whose name ends in "accuracy"."""
    parts = _parts(name)
    return bool(parts) and parts[-1].endswith("accuracy") and goal(name) == MAXIMIZE


def is_loss(name: str) -> bool:
    """Whether a metric of this name is a loss: most losses are never below 0, but a name does not tell."""
    return LOSS in _kinds(name)


def scored_share(name: str) -> bool:
    """Whether a metric of this name is the share of the validation examples that were classified right."""
    return is_share(name) and not name.startswith(("train", "test"))


def unit(name: str) -> str:
    """What stands behind a value of the metric as it is shown: "%", "s" or nothing."""
    return "%" if is_share(name) else "s" if name == "seconds" else ""


@cache
def _kinds(name: str) -> tuple[Kind, ...]:
    """The kinds that the parts of `name` tell, without the weak ones where there is another; none where a part says that it may be
    something else."""
    parts = _parts(name)
    if _turned(parts):
        return ()
    told = [_kind(part) for part in (*parts, *map("".join, pairwise(parts)))]
    kinds = [kind for kind in told if kind]
    return tuple(kind for kind in kinds if not kind.weak) or tuple(kinds)


def _turned(parts: tuple[str, ...]) -> bool:
    """Whether the parts may mean the other way round, as those of 1-accuracy do, or something beside, as those of loss_std."""
    return not {*TURNED, *ASIDE}.isdisjoint(parts) or parts[:1] == ("1",)


def _kind(part: str) -> Kind | None:
    """What a part says: rouge2 what rouge does, and valloss what loss does."""
    word = part if part in KNOWN else part.rstrip("0123456789")
    return KNOWN.get(word) or next((KNOWN[end] for end in ENDINGS if word.endswith(end)), None)


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a name in small letters, as its punctuation and its capitals divide it: val, acc and 1 of val/acc@1. A part that
    is known as it stands is not divided: mAP."""
    parts: list[str] = []
    for word in filter(None, BREAKS.split(name)):
        parts += [word.lower()] if word.lower().rstrip("0123456789") in KNOWN else HUMPS.sub(" ", word).lower().split()
    return tuple(parts)
