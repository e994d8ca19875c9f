"""What a metric's name says by itself: which way is better, whether it is a share, its unit, and what its values can be."""

import pytest
from sweepbook.runner.metric import KINDS, goal, is_share, limits, scored_share, unit

HIGHER = [
    "valid_accuracy",
    "val/acc@1",
    "acc",
    "valAccuracy",
    "top1",
    "top-1",
    "top5",
    "acc_top5",
    "f1",
    "F1Score",
    "f1_macro",
    "roc_auc",
    "AUROC",
    "bleu4",
    "rougeL",
    "rouge-2",
    "psnr",
    "ms-ssim",
    "mean_reward",
    "eval/rewards/mean",
    "episode_return",
    "score",
    "mean_test_score",
    "mAP",
    "mAP50",
    "mAP@0.5",
    "mIoU",
    "mean_iou",
    "dice",
    "r2",
    "r_squared",
    "r2_score",
    "precision@k",
    "recall@10",
    "hits@10",
    "exact_match",
    "win_rate",
    "log_likelihood",
]
LOWER = [
    "valid_loss",
    "valloss",
    "valLoss",
    "loss2",
    "logloss",
    "train_loss_epoch",
    "valid_error",
    "error_rate",
    "word_error_rate",
    "err@1",
    "top_5_error",
    "error_top1",
    "rmse",
    "RMSE",
    "val.mae",
    "mse",
    "perplexity",
    "valPpl",
    "wer",
    "cer",
    "fid",
    "fid_score",
    "bpc",
    "nll",
    "regret",
    "brier_score",
    "cross_entropy",
    "gap",
    "inaccuracy",
    "accuracy_loss",
    "loss_iou",
    "iou_loss",
    "reward_loss",
    "seconds",
]
UNKNOWN = [  # the last ones may be meant either way, or are no measure of how good a model is
    "x",
    "metric",
    "speed",
    "bits",
    "topology",
    "stop1",
    "__",
    "准确",
    "neg_loss",
    "neg_mean_squared_error",
    "1-accuracy",
    "one_minus_auc",
    "map_error",
    "accuracy_gap",
    "error_detection_accuracy",
    "valid_accuracy_std",
    "loss_reduction",
    "loss_scale",
    "steps_to_accuracy",
]


@pytest.mark.parametrize("name", HIGHER)
def test_higher_is_better_where_a_part_of_the_name_says_so(name):
    assert goal(name) == "maximize"


@pytest.mark.parametrize("name", LOWER)
def test_lower_is_better_where_a_part_of_the_name_says_so(name):
    assert goal(name) == "minimize"


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_name_that_does_not_say_which_way_is_better_is_not_guessed(name):
    assert goal(name) is None
    assert limits(name) == (None, None)
    assert not is_share(name)


@pytest.mark.parametrize("name", ["valid_accuracy", "val/accuracy", "valAccuracy", "top1_accuracy", "balanced_accuracy"])
def test_an_accuracy_is_a_share_from_0_to_1(name):
    assert is_share(name)
    assert (limits(name), unit(name)) == ((0.0, 1.0), "%")


@pytest.mark.parametrize("name", ["acc", "top1", "f1", "accuracy_top1", "inaccuracy", "accuracy_loss", "valid_loss", "gap"])
def test_what_some_log_in_percent_is_no_share_by_its_name(name):
    assert not is_share(name)
    assert unit(name) == ""


def test_the_share_of_the_validation_examples_is_not_that_of_others():
    names = ("valid_accuracy", "accuracy", "train_accuracy", "test_accuracy", "valid_loss")
    assert [name for name in names if scored_share(name)] == ["valid_accuracy", "accuracy"]


def test_limits_stand_only_where_they_hold_however_it_is_logged():
    told = {name: limits(name) for name in ("rmse", "perplexity", "f1", "r2", "valid_loss", "mean_reward", "mean_error")}
    known = {"rmse": (0.0, None), "perplexity": (1.0, None), "f1": (0.0, None), "r2": (None, 1.0)}
    assert told == {**dict.fromkeys(told, (None, None)), **known}


def test_no_word_stands_in_two_kinds():
    words = [word for kind in KINDS for word in kind.words]
    assert len(set(words)) == len(words)
