"""The name of a column in, what the column is by that name alone out; docs/tables.md has the rules."""

import re
from enum import StrEnum
from functools import cache

from sweepbook.analysis.logs.labels import OTHERS
from sweepbook.runner.foreign import LIMITS
from sweepbook.runner.metric import goal
from sweepbook.runner.settings import SETTINGS


class Role(StrEnum):
    """What a column of a table is."""

    SETTING = "setting"
    METRIC = "metric"
    SEED = "seed"
    NAME = "name"  # of the run
    STATUS = "status"
    ERROR = "error"
    STARTED = "started"
    ENDED = "ended"
    SECONDS = "seconds"
    STEP = "step"
    SERIES = "series"  # that changes within a run and is no metric
    SPLIT = "split"  # train or valid, in a table with a row for each
    NOTE = "note"  # that is kept with the run and is not compared
    ASIDE = "aside"


# Before the names of an exported table's columns stands what they are.
PREFIXES = {
    **dict.fromkeys(("params", "param", "config", "hparams", "hparam", "hyperparameters", "hyperparams", "args"), Role.SETTING),
    **dict.fromkeys(("parameters", "settings", "cfg", "flags", "options", "hp"), Role.SETTING),
    **dict.fromkeys(("metrics", "metric", "summary", "results", "result", "scores", "final"), Role.METRIC),
    **dict.fromkeys(("history", "curves", "log", "logs", "training_history"), Role.SERIES),
    **dict.fromkeys(("tags", "tag", "user_attrs", "system_attrs", "attributes", "_wandb", "artifacts"), Role.NOTE),
}
PREFIXED = re.compile(r"(?:\((\w+)\)|(\w+?))(?:\.|/|__|: ?)(?=\S)(.+)", re.DOTALL)
WHOLE: dict[str, Role] = {
    **dict.fromkeys(("seed", "random_seed", "rng_seed", "random_state", "seeds", "seed_id", "torch_seed", "rng"), Role.SEED),
    **dict.fromkeys(("run_id", "run", "run_name", "runname", "runid", "name", "id", "uid", "uuid", "display_name"), Role.NAME),
    **dict.fromkeys(("experiment_name", "exp_name", "exp", "experiment_id", "exp_id", "experiment", "run_uuid"), Role.NAME),
    **dict.fromkeys(
        ("trial", "trial_id", "trial_name", "trial_number", "job", "job_id", "job_name", "number", "run_number"), Role.NAME
    ),
    **dict.fromkeys(("run_index", "run_idx", "index", "idx", "commit", "version"), Role.NAME),
    **dict.fromkeys(("status", "state", "run_status", "run_state", "job_status", "trial_status", "trial_state"), Role.STATUS),
    **dict.fromkeys(("error", "error_message", "err_msg", "error_msg", "exception", "traceback", "failure"), Role.ERROR),
    **dict.fromkeys(("failure_reason", "error_type"), Role.ERROR),
    **dict.fromkeys(("started", "started_at", "start", "start_time", "start_date", "begin", "begin_time"), Role.STARTED),
    **dict.fromkeys(("created", "created_at", "launched_at", "submitted_at", "datetime_start"), Role.STARTED),
    **dict.fromkeys(("date", "datetime", "timestamp", "start_timestamp"), Role.STARTED),
    **dict.fromkeys(("ended", "end", "end_time", "ended_at", "finished_at", "completed_at", "stop_time"), Role.ENDED),
    **dict.fromkeys(("last_updated", "updated_at", "heartbeat_at", "datetime_complete", "end_timestamp", "_timestamp"), Role.ENDED),
    **dict.fromkeys(
        ("seconds", "duration", "runtime", "run_time", "elapsed", "elapsed_time", "wall_time", "walltime"), Role.SECONDS
    ),
    **dict.fromkeys(("wall_clock", "wall_clock_time", "total_time", "train_time", "training_time", "time"), Role.SECONDS),
    **dict.fromkeys(("time_total", "time_elapsed", "train_runtime", "train_duration", "total_runtime"), Role.SECONDS),
    **dict.fromkeys(("epoch", "step", "global_step", "_step", "trainer_global_step", "training_iteration"), Role.STEP),
    **dict.fromkeys(("iteration", "iter", "it", "timestep", "env_step", "round", "episode", "epoch_num"), Role.STEP),
    **dict.fromkeys(
        ("notes", "note", "comment", "comments", "description", "tags", "user", "sweep", "sweep_id", "group"), Role.NOTE
    ),
    **dict.fromkeys(("git_hash", "git_commit", "sha", "host", "hostname", "entity", "project", "url", "job_type"), Role.NOTE),
    **dict.fromkeys(("parent_run_id", "parent", "artifact_uri", "log_dir", "logdir", "output_dir", "username"), Role.NOTE),
    **dict.fromkeys(("split", "phase", "subset"), Role.SPLIT),
}
# Names of steps that say how far a run was to go where there is one row a run.
BUDGETS = frozenset(
    (
        "epochs",
        "steps",
        "iterations",
        "iters",
        "timesteps",
        "total_timesteps",
        "num_timesteps",
        "env_steps",
        "episodes",
        "total_steps",
    )
)
UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), 1e-3),
    **dict.fromkeys(("m", "min", "mins", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
}
REPEATS = frozenset(
    "rep repeat replicate replica repetition rerun run trial fold cv_fold split_id try attempt".split()  # noqa: SIM905
)
# Settings besides those that the runner and `labels` know; a longer name counts by its last words. A table's precision is a
# classifier's more often than a number format.
KNOWN = frozenset((*SETTINGS, *LIMITS, *OTHERS)) - {"precision"} | frozenset(
    """gamma tau lambda alpha beta eta sigma epsilon rho c kernel penalty solver optim opt bs batch lr_schedule lr_scheduler
    algorithm algo method model model_name model_type arch architecture encoder decoder network policy dataset data data_set task
    env env_id env_name environment loss_fn criterion augmentation augmentations top_k top_p topk k context_length seq_len
    seq_length max_length block_size vocab_size lora_rank lora_r image_size img_size patch_size num_workers device n_steps num_steps
    max_iter num_iterations n_iter hidden_dims hidden_sizes embed_dim d_model ff_dim n_head n_layer num_heads num_layers n_layers
    n_heads min_child_weight num_epochs n_epochs max_epochs variant condition treatment setting arm strategy agent baseline
    feature_set features optimizer_name scheduler_type precision_mode dtype amp grad_accum nodes gpus fold""".split()  # noqa: SIM905
)
LAST = frozenset(
    """threshold thresh tol tolerance limit weight weights coef coeff coefficient lambda scale factor size dim dims fn func function
    type mode name interval freq frequency every init start until target clip clipping patience schedule scheduler decay smoothing
    dropout lr kwargs path dir file key version port ip host activation norm iters bits seed lrs steps epochs layers heads units
    channels filters width depth workers momentum warmup from k p bins levels flag enabled""".split()  # noqa: SIM905
)
# Parts of a metric's name that stand in tables of other things too.
UNSURE = frozenset(
    ("score", "scores", "cost", "gap", "error", "errors", "return", "returns", "map", "likelihood", "top", "hits", "ap")
)
# Names of settings that stand in tables of other things too; and last words that hardly do.
WEAK = frozenset(
    """model method task env environment data dataset c k p r depth width algorithm policy network device
    strategy""".split()  # noqa: SIM905
)
STRONG = frozenset(("lr", "dropout", "momentum", "warmup", "scheduler", "patience", "lambda", "epochs", "decay"))
BREAK = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
SPREADS = frozenset(("std", "stdev", "stddev", "var", "variance", "sem", "stderr", "mean", "avg", "median", "min", "max", "ci95"))
FOUND = re.compile(
    r"best[_ ./-]?(?:config|params?|hparams|hyperparam(?:eter)?s|trial|parameters|model|checkpoint|ckpt|run|arch)\w*"
)


@cache
def by_name(name: str) -> Role | None:
    """What a column of this name is; None where the name says nothing.

    >>> [str(by_name(name)) for name in ("params.lr", "val/acc", "Created", "random_seed", "batch_size", "quality")]
    ['setting', 'metric', 'started', 'seed', 'setting', 'None']
    """
    plain = plain_name(name)
    if not plain or plain.startswith("unnamed_"):
        return Role.ASIDE
    if plain in WHOLE:
        return WHOLE[plain]
    if (prefix := prefix_of(name)) and prefix[0] in PREFIXES:
        return PREFIXES[prefix[0]]
    if plain.lstrip("_") in WHOLE:
        return WHOLE[plain.lstrip("_")]
    if unit_of(plain):
        return Role.SECONDS
    if is_found(name):
        return Role.NOTE
    if is_setting(plain):
        return Role.SETTING
    return Role.METRIC if is_metric(name) else None


def plain_name(name: str) -> str:
    """A name in small letters with _ between its words, one before it kept: _timestamp is not timestamp."""
    words = "_".join(word.lower() for word in BREAK.split(name) if word)
    return f"_{words}" if name.startswith("_") and words else words


def prefix_of(name: str) -> tuple[str, str] | None:
    """What stands before the first dot, slash or double underscore of a name, and what behind it.

    >>> prefix_of("params.opt.lr"), prefix_of("(metrics) loss"), prefix_of("lr")
    (('params', 'opt.lr'), ('metrics', 'loss'), None)
    """
    match = PREFIXED.fullmatch(name) or re.fullmatch(r"\((\w+)\)() (.+)", name)
    return ((match[1] or match[2]).lower(), match[3]) if match else None


def unit_of(plain: str) -> float | None:
    """The seconds in the unit that the last word of a time's name says, as in duration_s; None where it is no such name."""
    stem, _, unit = plain.strip("_").rpartition("_")
    return UNITS[unit] if unit in UNITS and WHOLE.get(stem) is Role.SECONDS else None


def is_found(name: str) -> bool:
    """Whether a column holds what a run found, as best_params does: no setting that it was given."""
    return bool(FOUND.fullmatch(name.lower()))


def is_setting(plain: str) -> bool:
    """Whether a plain name is that of a setting: by what it is, by its last words, or by a last word that no metric has."""
    words = plain.split("_")
    return any("_".join(words[at:]) in KNOWN for at in range(len(words))) or words[-1] in LAST


def is_metric(name: str) -> bool:
    """Whether a name is that of a metric, or of its mean or spread over something.

    >>> is_metric("std_reward"), is_metric("n_parameters")
    (True, False)
    """
    if goal(name):
        return True
    words = [word for word in BREAK.split(name) if word.lower() not in SPREADS]
    return bool(goal("_".join(words)))


def is_strong(name: str) -> bool:
    """Whether a metric's name is hardly that of anything else: a cost, a score, a return or a map may be."""
    parts = plain_name(name).split("_")
    return is_metric(name) and (UNSURE.isdisjoint(parts) or parts[0] in ("val", "valid", "test"))


def is_weak_setting(name: str) -> bool:
    """Whether a setting's name may be that of a feature in a data set: model, size, type."""
    plain = plain_name(name)
    return plain in WEAK or plain.rpartition("_")[2] in LAST - STRONG
