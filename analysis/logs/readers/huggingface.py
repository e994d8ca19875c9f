"""An output folder of Hugging Face's Trainer in, its run out: trainer_state.json has the history, also that of each checkpoint.

training_args.bin is a pickle and is never opened: settings are those that the model card, the adapter's and the model's
configuration, a search or the trainer's own state give in plain text."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sweepbook.analysis.logs import jsontext
from sweepbook.analysis.logs.readers.log import Folder, Log, is_file, run_files
from sweepbook.analysis.logs.rows import Rows, number
from sweepbook.analysis.logs.tree import settings
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "Hugging Face Trainer"
STATE, LINES, CARD = "trainer_state.json", "trainer_log.jsonl", "README.md"
CHECKPOINT = re.compile(r"checkpoint-(\d+)")
RESULTS = ("train_results.json", "eval_results.json", "all_results.json")
SETTINGS = ("config.json", "adapter_config.json", "args.json", "training_args.json")  # what comes later goes before
OF_STATE = ("num_train_epochs", "train_batch_size")
# Of a model's configuration: what its classes are called, and with what it was saved.
NAMES = ("id2label", "label2id", "_name_or_path", "transformers_version", "architectures", "auto_map")
FACTS = re.compile(
    r".*_(runtime|per_second|samples|model_preparation_time|mem_\w+|memory_\w+)|total_flos|epoch|step|num_input_tokens_seen"
)
OF_LINES = ("current_steps", "total_steps", "percentage", "elapsed_time", "remaining_time")
BULLET = re.compile(r"- (\w+): (.+)")
HEADING = "hyperparameters were used during training"
LONGEST_CARD = 1_000_000  # characters
LOSS = "train_loss"
NEAR = 0.1  # of an epoch, by which an evaluation at its end may miss it
BEST = "The last evaluation is of the best checkpoint, which the Trainer had loaded at the end."


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, with its checkpoints. One that is a checkpoint alone is a run as well."""
    checkpoints = [name for name in folder.folders if CHECKPOINT.fullmatch(name)]
    saved = sorted((name for name in checkpoints if _has_state(f"{folder.path}/{name}")), key=_steps)
    if STATE in folder.files or LINES in folder.files or saved:
        places = [folder.path, *(f"{folder.path}/{name}" for name in saved[-1:])]
        names = (STATE, LINES, CARD, *RESULTS, *SETTINGS)
        files = [f"{place}/{name}" for place in places for name in names if place != folder.path or name in folder.files]
        yield Log(folder.path, tuple(path for path in files if is_file(path)), run_files(folder) | _own(folder, checkpoints))


def _has_state(path: str) -> bool:
    return is_file(f"{path}/{STATE}")


def _steps(name: str) -> int:
    """The number of steps after which a checkpoint was made."""
    return int(name.rpartition("-")[2][:18])


def _own(folder: Folder, checkpoints: list[str]) -> frozenset[str]:
    """The folders that belong to the run: its checkpoints, and `runs`, where the Trainer writes the same values for TensorBoard."""
    return frozenset(checkpoints) | (folder.folders & {"runs", "logs"})


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    state = _state(log.files)
    history = [entry for entry in _list(state.get("log_history")) if isinstance(entry, dict)]
    results = _results(log.files)
    rows, note = _rows(history)
    metrics = {**rows.last, **_values(results)}
    if LOSS in rows.last:
        metrics[LOSS] = rows.last[LOSS]  # that of the results is a mean over all of training
    if not metrics:
        raise LogError(f"no metric in its {STATE}")
    curves, summary = rows.curves(), {**next((entry for entry in history if "train_runtime" in entry), {}), **results}
    ended = "train_runtime" in summary or _is_done(state)
    yield Run(
        label="",
        study="",
        seed=None,
        status="finished" if ended else "running",
        started=None,
        seconds=number(summary.get("train_runtime", state.get("seconds"))),
        config=_settings(log.files, state),
        error=None if ended else _where(state),
        train_examples=_count(summary.get("train_samples")),
        valid_examples=_count(summary.get("eval_samples")),
        metrics=metrics,
        epochs=curves.series,
        steps=curves.steps,
        note=note,
    )


def _state(files: Sequence[str]) -> dict[str, Any]:
    """The state after the most steps: that of the folder, or of its last checkpoint; else what LLaMA-Factory's lines tell."""
    states, error = [], None
    for path in (path for path in files if path.endswith(f"/{STATE}")):
        try:
            states.append(jsontext.table(path))
        except LogError as reason:
            error = reason
    if states:
        return max(states, key=lambda state: number(state.get("global_step")) or 0)
    history = [entry for path in files if path.endswith(f"/{LINES}") for entry in jsontext.lines(path)]
    if not history:
        raise error or LogError(f"no entry in its {LINES}")
    last = history[-1]
    entries = [{**entry, "step": entry.get("current_steps")} for entry in history]
    told = {
        "global_step": last.get("current_steps"),
        "max_steps": last.get("total_steps"),
        "seconds": _clock(last.get("elapsed_time")),
    }
    return {"log_history": entries, **told}


def _clock(text: object) -> float | None:
    """The seconds of "1:05:20", or of "2 days, 1:05:20"."""
    parts = re.fullmatch(r"(?:(\d{1,6}) days?, )?(\d{1,6}):(\d\d):(\d\d)", text) if isinstance(text, str) else None
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0, 0)
    return ((days * 24.0 + hours) * 60 + minutes) * 60 + seconds if parts else None


def _rows(history: Sequence[Mapping[str, object]]) -> tuple[Rows, str]:
    """The rows of a history, by epoch where it was evaluated after each; and a note. A second evaluation at one step is that of the
    end: it counts, and stands on no curve."""
    rows, note, evaluated = Rows(), "", dict[object, Mapping[str, float]]()
    ends, own = _ends_of_epochs(history), any("loss" in entry for entry in history)
    for entry in history:
        values, step, epoch = _logged(entry, own), number(entry.get("step")), number(entry.get("epoch"))
        again = evaluated.get(step, {}) if _is_evaluation(entry) else {}
        if any(values[name] != again[name] for name in values.keys() & again.keys()):
            note = BEST
        if again:
            rows.last.update(values)
        else:
            rows.add(values, step, _whole(epoch) if ends else None)
        if _is_evaluation(entry):
            evaluated[step] = {**again, **values}
    return rows, note


def _logged(entry: Mapping[str, object], own: bool) -> dict[str, float]:
    """The metrics of an entry; its loss is that of training. Where there is an `own` one, the mean over all of training is none."""
    values = _values(entry)
    if own:
        values.pop(LOSS, None)
    if "loss" in values:
        values[LOSS] = values.pop("loss")
    return values


def _whole(epoch: float | None) -> float | None:
    """The number, from 1, of the epoch in which an entry was made."""
    return max(1, math.ceil(epoch - NEAR)) if epoch is not None and math.isfinite(epoch) else None


def _ends_of_epochs(history: Sequence[Mapping[str, object]]) -> bool:
    """Whether the evaluations, or where there are none all entries, are at the ends of whole epochs, one each."""
    marks = {number(entry.get("epoch")) for entry in history if _is_evaluation(entry)}
    marks = marks or {number(entry.get("epoch")) for entry in history}
    known = [mark for mark in marks if mark is not None and 0 < mark < 1e9]
    whole = {round(mark) for mark in known if abs(mark - round(mark)) <= NEAR}
    return len(whole) == len(marks) > 0


def _is_evaluation(entry: Mapping[str, object]) -> bool:
    return any(name.startswith("eval_") for name in entry)


def _values(entry: Mapping[str, object]) -> dict[str, float]:
    """The metrics of an entry, without its place and how fast it went."""
    numbers = {name: number(value) for name, value in entry.items() if not FACTS.fullmatch(name) and name not in OF_LINES}
    return {name: value for name, value in numbers.items() if value is not None}


def _results(files: Sequence[str]) -> dict[str, Any]:
    """What the result files say of the end, all in one table."""
    joined: dict[str, Any] = {}
    for name in RESULTS:
        for path in (path for path in files if path.endswith(f"/{name}")):
            try:
                joined.update(jsontext.table(path))
            except LogError:  # half written: the state has the same values
                continue
    return joined


def _is_done(state: Mapping[str, Any]) -> bool:
    """Whether all steps were done, or a callback stopped the training."""
    done, planned = number(state.get("global_step")), number(state.get("max_steps"))
    control = state.get("stateful_callbacks")
    for key in ("TrainerControl", "args"):
        control = control.get(key) if isinstance(control, dict) else None
    stopped = isinstance(control, dict) and control.get("should_training_stop") is True
    return stopped or (done is not None and planned is not None and done >= planned > 0)


def _where(state: Mapping[str, Any]) -> str:
    done, planned = number(state.get("global_step")), number(state.get("max_steps"))
    place = f"step {done or 0:.0f}" + (f" of {planned:.0f}" if planned else "")
    return f"its last state is from {place}: it was stopped after that, or is still running"


def _settings(files: Sequence[str], state: Mapping[str, Any]) -> Config:
    """The settings, the most telling ones last: the model's, the adapter's, the arguments', the model card's, the search's."""
    tables: list[Mapping[str, object]] = []
    for name in SETTINGS:
        paths = [path for path in files if path.endswith(f"/{name}")]
        tables += [_table(path) for path in paths[:1]]
    tables += [_card(path) for path in files[:] if path.endswith(f"/{CARD}")][:1]
    tables.append(state["trial_params"] if isinstance(state.get("trial_params"), dict) else {})
    joined = {name: value for table in tables for name, value in table.items() if name not in NAMES}
    epochs, size = OF_STATE
    told = {} if "num_epochs" in joined else {epochs: state.get(epochs)}
    return settings({**told, size: state.get(size), **joined})


def _table(path: str) -> dict[str, Any]:
    try:
        return jsontext.table(path)
    except LogError:
        return {}


def _card(path: str) -> dict[str, object]:
    """The settings in the list of a model card that the Trainer wrote; none in any other README."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            _, heading, text = file.read(LONGEST_CARD).partition(HEADING)
    except OSError:
        return {}
    listed = re.match(r":?\s*((?:- .*\n?)+)", text) if heading else None
    bullets = map(BULLET.match, listed[1].splitlines() if listed else [])
    return {bullet[1]: _typed(bullet[2]) for bullet in bullets if bullet}


def _typed(text: str) -> object:
    """A number or a flag where the text is one."""
    value = jsontext.parsed(text.lower() if text in ("True", "False") else text)
    return value if isinstance(value, bool | int | float) else text


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**63 else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
