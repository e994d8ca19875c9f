"""A SQLite database of Optuna in, its trials as runs out: a thousand at a time, with one query a table."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from sweepbook.analysis.logs.readers.database import beside, columns, is_database, opened, stamped, tables
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.optuna.trial import NAMES, REASON, Study, Trial, decoded, names_of, number_of, run_of
from sweepbook.runner.runlog import LogError, Run

TABLES = frozenset(("studies", "trials", "trial_params"))
TOGETHER = 1_000  # trials of one query
SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
Schema = Mapping[str, frozenset[str]]


def find(folder: Folder) -> Iterator[Log]:
    """The databases in the folder that have Optuna's tables, or that are called so and cannot be read."""
    for name in sorted(folder.files):
        path = f"{folder.path}/{name}"
        if is_database(path):
            known = tables(path)
            if ("optuna" in name.lower()) if known is None else known.keys() >= TABLES:
                yield Log(path, stamped(path), beside(path))


def read(log: Log) -> Iterator[Run]:
    """The trials of all studies, by their ids."""
    after: int | None = -1
    while after is not None:
        with opened(log.path) as database:
            schema = columns(database)
            if not schema.keys() >= TABLES:
                raise LogError("its tables are not those of Optuna")
            studies = _studies(database, schema)
            trials = _trials(database, schema, studies, after)
        yield from (run_of(trial, len(studies) == 1) for trial in trials.values())
        after = max(trials) if len(trials) == TOGETHER else None


def _studies(database: sqlite3.Connection, schema: Schema) -> dict[Any, Study]:
    """The studies by their ids; before Optuna 2.4 each had one direction, which stood in its own row."""
    own = "direction" if "direction" in schema["studies"] else "NULL"
    studies: dict[Any, Study] = {}
    for ident, name, direction in database.execute(f"SELECT study_id, study_name, {own} FROM studies"):
        studies[ident] = Study(str(name), [str(direction)] if direction else [])
    if "study_directions" in schema:
        for ident, direction in database.execute("SELECT study_id, direction FROM study_directions ORDER BY study_id, objective"):
            if ident in studies:
                studies[ident].directions.append(str(direction))
    if "study_system_attributes" in schema:
        query = "SELECT study_id, value_json FROM study_system_attributes WHERE key = ?"
        for ident, value in database.execute(query, (NAMES,)):
            if ident in studies:
                studies[ident].names = names_of(_json(value))
    return studies


def _trials(database: sqlite3.Connection, schema: Schema, studies: Mapping[Any, Study], after: int) -> dict[int, Trial]:
    """The next trials behind the id `after`, by their ids."""
    known = schema["trials"]
    number, value = (name if name in known else "NULL" for name in ("number", "value"))
    query = f"""SELECT trial_id, study_id, {number}, state, datetime_start, datetime_complete, {value} FROM trials
        WHERE trial_id > ? ORDER BY trial_id LIMIT {TOGETHER}"""
    trials: dict[int, Trial] = {}
    for ident, study, place, state, start, end, only in database.execute(query, (after,)):
        trial = Trial(studies.get(study, Study("")), place if isinstance(place, int) else ident, str(state))
        trial.start, trial.end = str(start or ""), str(end or "")
        if only is not None:
            trial.values[0] = number_of(only)
        trials[ident] = trial
    if trials:
        _add(database, schema, trials, (min(trials), max(trials)))
    return trials


def _add(database: sqlite3.Connection, schema: Schema, trials: Mapping[int, Trial], ends: tuple[int, int]) -> None:
    """Adds to the trials what the other tables have of them."""

    def rows(table: str, *wanted: str) -> Iterator[Any]:
        """The rows that belong to the trials, each with its trial; NULL for a column that the table does not have."""
        if table in schema:
            listed = ", ".join(name if name in schema[table] else "NULL" for name in wanted)
            query = f"SELECT trial_id, {listed} FROM {table} WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id, 2"
            yield from ((trials[ident], *row) for ident, *row in database.execute(query, ends) if ident in trials)

    for trial, name, value, distribution in rows("trial_params", "param_name", "param_value", "distribution_json"):
        trial.params[str(name)] = decoded(value, str(distribution))
    for trial, place, value, kind in rows("trial_values", "objective", "value", "value_type"):
        if isinstance(place, int):
            trial.values[place] = SPECIAL.get(kind, number_of(value))
    for trial, step, value, kind in rows(*_steps(schema)):
        if isinstance(step, int):
            trial.steps[step] = SPECIAL.get(kind, number_of(value))
    for trial, name, value in rows("trial_user_attributes", "key", "value_json"):
        trial.notes[str(name)] = _json(value)
    for trial, name, value in rows("trial_system_attributes", "key", "value_json"):
        if name == REASON:
            trial.error = str(_json(value))


def _steps(schema: Schema) -> tuple[str, ...]:
    """The table that has the values by step, and its columns; before Optuna 2.4 it was called as the one of final values is now."""
    if "step" in schema.get("trial_values", ()):
        return "trial_values", "step", "value", "value_type"
    return "trial_intermediate_values", "step", "intermediate_value", "intermediate_value_type"


def _json(text: object) -> object:
    """What an attribute holds; text that is not JSON as it stands."""
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        return text
