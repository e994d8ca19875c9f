"""A journal of Optuna in, its trials as runs out: a line a change, which are made one after the other as Optuna makes them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.optuna.trial import (
    DIRECTIONS,
    NAMES,
    REASON,
    Study,
    Trial,
    decoded,
    names_of,
    number_of,
    run_of,
)
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import is_finite

ENDINGS = (".log", ".journal", ".jsonl")
BEGINS = b'{"op_code"'
LONGEST = 16_000_000  # bytes of a line
LOCKS = (".lock", ".lock.rename")
STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")  # by their numbers
ENDED = frozenset(("COMPLETE", "PRUNED", "FAIL"))


def find(folder: Folder) -> Iterator[Log]:
    """The files in the folder that begin as a journal does."""
    for name in sorted(folder.files):
        if name.lower().endswith(ENDINGS) and _begins(path := f"{folder.path}/{name}"):
            yield Log(path, (path,), frozenset({name, *(name + lock for lock in LOCKS)}))


def _begins(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(BEGINS)) == BEGINS
    except OSError:
        return False


def read(log: Log) -> Iterator[Run]:
    """The trials of the studies that were not deleted. A last line that is not whole is just being written."""
    journal = Journal()
    reason = ""
    try:
        with open(log.path, "rb") as file:
            number = 0
            while line := file.readline(LONGEST):
                number += 1
                if line.endswith(b"\n") and not journal.takes(line):
                    reason = reason or f"line {number} is no change that Optuna writes"
    except OSError as error:
        raise LogError(f"cannot be read: {error.strerror}") from None
    alone = len(journal.studies) == 1
    kept = {id(study) for study in journal.studies.values()}  # one that was deleted may have had the same name
    yield from (run_of(trial, alone) for trial in journal.trials if id(trial.study) in kept)
    if reason:
        raise LogError(reason)


class Journal:
    """The studies and trials as they stand after the lines so far. Ids count up from 0 and are never used again."""

    def __init__(self) -> None:
        self.studies: dict[int, Study] = {}
        self.trials: list[Trial] = []
        self.counted = 0  # studies so far
        self.sizes: dict[int, int] = {}  # trials so far, by study
        self.changes: tuple[Callable[[Any], None], ...] = (
            self._create_study,
            self._delete_study,
            self._ignore,
            self._name_objectives,
            self._create_trial,
            self._set_param,
            self._set_state,
            self._set_step,
            self._set_note,
            self._set_reason,
        )

    def takes(self, line: bytes) -> bool:
        """Makes the change that the line tells of; whether it tells of one."""
        try:
            told = json.loads(line)
            self.changes[_index(told["op_code"])](told)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return False
        return True

    def _create_study(self, told: Any) -> None:
        name = str(told["study_name"])
        if name not in [study.name for study in self.studies.values()]:  # a second worker asked for it as well
            directions = ["", *DIRECTIONS]
            self.studies[self.counted] = Study(name, [directions[_index(place)] for place in told["directions"]])
            self.counted += 1

    def _delete_study(self, told: Any) -> None:
        self.studies.pop(told["study_id"], None)

    def _ignore(self, told: Any) -> None:
        """Attributes of a study are notes."""

    def _name_objectives(self, told: Any) -> None:
        study = self.studies.get(told["study_id"])
        if study and NAMES in told["system_attr"]:
            study.names = names_of(told["system_attr"][NAMES])

    def _create_trial(self, told: Any) -> None:
        ident = told["study_id"]
        if ident not in self.studies:
            return
        number = self.sizes[ident] = self.sizes.get(ident, -1) + 1
        trial = Trial(self.studies[ident], number, STATES[_index(told.get("state", 0))])
        self.trials.append(trial)
        trial.start, trial.end = str(told.get("datetime_start") or ""), str(told.get("datetime_complete") or "")
        drawn = told.get("distributions") or {}
        trial.params |= {name: decoded(value, str(drawn.get(name))) for name, value in (told.get("params") or {}).items()}
        trial.steps |= {_step(int(step)): number_of(value) for step, value in (told.get("intermediate_values") or {}).items()}
        trial.notes |= told.get("user_attrs") or {}
        values = told.get("values") or [value for value in [told.get("value")] if value is not None]
        trial.values = dict(enumerate(map(number_of, values)))

    def _set_param(self, told: Any) -> None:
        if trial := self._open(told):
            trial.params[str(told["param_name"])] = decoded(told["param_value_internal"], str(told["distribution"]))

    def _set_state(self, told: Any) -> None:
        state = STATES[_index(told["state"])]
        trial = self._open(told)
        if not trial or state == trial.state == "RUNNING":  # another worker was first
            return
        trial.state = state
        trial.start = str(told.get("datetime_start") or trial.start)
        trial.end = str(told.get("datetime_complete") or trial.end)
        if told.get("values") is not None:
            trial.values = dict(enumerate(map(number_of, told["values"])))

    def _set_step(self, told: Any) -> None:
        if trial := self._open(told):
            trial.steps[_step(told["step"])] = number_of(told["intermediate_value"])

    def _set_note(self, told: Any) -> None:
        if trial := self._open(told):
            trial.notes |= told["user_attr"]

    def _set_reason(self, told: Any) -> None:
        if (trial := self._open(told)) and REASON in told["system_attr"]:
            trial.error = str(told["system_attr"][REASON])

    def _open(self, told: Mapping[str, Any]) -> Trial | None:
        """The trial that the line is of, where it can still be changed."""
        trial = self.trials[_index(told["trial_id"])]
        return None if trial.state in ENDED else trial


def _index(value: object) -> int:
    """A place in a list; Python would count one below 0 from the end."""
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _step(value: object) -> int:
    """A step; one that no float can hold is nonsense."""
    if type(value) is not int or not is_finite(value):
        raise ValueError(value)
    return value
