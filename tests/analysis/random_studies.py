"""Nothing in, whole studies out, drawn by hypothesis: a plan and its logs, as other people's tools may write them; and what the
commands make of one.

Settings are numbers, text, text that is a number, flags, lists and tables; metrics are equal, tiny, huge, negative or missing;
seeds and labels are anything; plans have every kind of prediction.
"""

import io
import json
import math
import runpy
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jinja2
from hypothesis import strategies as st
from sweepbook.analysis.cli.codes import DONE, NO_ANSWER, WRONG_INPUT
from sweepbook.analysis.cli.options import parser
from sweepbook.analysis.logs.sweep import METRICS, load_sweep
from sweepbook.analysis.page import gallery
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.metric import Limits, limits

STATUSES = ("finished", "finished", "finished", "finished", "failed", "diverged", "interrupted", "running")
NAMES = ("valid_accuracy", "valid_loss", "train_loss", "rmse", "mean_reward", "f1", "perplexity", "val/acc@1", "größe", "gap")
FACTORS = ("lr", "units1", "optimizer", "momentum", "batch_size", "epochs", "hidden", "opt", "größe", "lr/max", "seed", "label")
CENTRES = (*(0.8, 0.5, 1.0, -1200.0, 83.0) * 3, 0.0, 1e-9, 1e-160, 1e-300, 5e-324, 1e98, 7e307)
STEPS = (0.01, 0.01, 0.3, 0.0, 1e-16, 1e-9)
NUMBERS = (0, 1, 2, 3, 64, 256, 0.001, 0.01, 0.1, 1.0, 1e-300, 1e300, -5, 10**30, math.inf, math.nan)
NUMERALS = ("256", "1e-3", "0.10", " 64", "nan", "1", "true", "None", "")
BASELINE = {"dataset": "digits", "model": "mlp", "units1": 8, "depth": 1, "epochs": 2, "batch_size": 32, "lr": 0.01}
GRIDS = (
    {"epochs": [1, 2, 3]},
    {"lr": [0.001, 0.01, 0.1]},
    {"optimizer": ["SGD", "Adam"]},
    {"units1": [8, 16, 32], "lr": [0.01, 0.1]},
    {"batch_size": [16, 32], "epochs": [2, 4]},
)
ASKED = st.tuples(st.sampled_from([False] * 4 + [True]), st.sampled_from(["", "--json", "g0", "config_0", "./00-0"]))
ODD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@dataclass(frozen=True)
class RandomStudy:
    """The text of a plan, that of each log by its folder, whether its figures are drawn, which takes longer than all the rest, and
    what `show` is asked for."""

    plan: str
    logs: tuple[tuple[str, str], ...]
    drawn: bool
    shown: str

    def write(self, home: Path) -> None:
        """Lays the study out under `home`, in place of what is there."""
        shutil.rmtree(home, ignore_errors=True)
        (home / "studies/random").mkdir(parents=True)
        (home / "studies/random/study.toml").write_text(self.plan, encoding="utf-8")
        (home / "modellogs/random").mkdir(parents=True)
        for folder, text in self.logs:
            (home / "modellogs/random" / folder).mkdir()
            (home / "modellogs/random" / folder / "run.toml").write_text(text, encoding="utf-8")

    def __repr__(self) -> str:
        return "\n".join([self.plan, *(f"--- {folder}/run.toml\n{text}" for folder, text in self.logs)])


# TOML


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(_letter(letter) for letter in value) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(one)}' for key, one in value.items())} }}"
    return repr(value)


def _letter(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if letter in '"\\' or ord(letter) < 32 or ord(letter) == 127 else letter


def _table(name: str, values: dict[str, object]) -> list[str]:
    return [f"[{name}]", *(f"{_toml(key)} = {_toml(value)}" for key, value in values.items() if value is not None)]


# settings


def _levels() -> st.SearchStrategy[list[object]]:
    """The levels of a setting: most often of one type."""
    words = st.one_of(st.sampled_from(["SGD", "Adam", "RMSprop"]), ODD)
    plain = st.one_of(st.sampled_from(NUMBERS), words, st.sampled_from(NUMERALS), st.booleans())
    lists = st.lists(plain, max_size=3)
    tables = st.dictionaries(st.sampled_from(["name", "lr", "a.b"]), plain, max_size=2)
    kinds = [
        st.sampled_from([[0.001, 0.01, 0.1], [0.0, 0.5, 0.9], [8, 16, 32, 64], [1, 2, 3, 4]]),
        *(
            st.lists(kind, min_size=1, max_size=4)
            for kind in (st.sampled_from(NUMBERS), words, st.sampled_from(NUMERALS), st.booleans())
        ),
        st.lists(st.one_of(plain, lists, tables), min_size=1, max_size=4),
        st.lists(tables, min_size=1, max_size=3),
    ]
    return st.one_of(kinds[0], *kinds)


@st.composite
def _configs(draw: st.DrawFn) -> tuple[dict[str, list[object]], list[dict[str, object]]]:
    """The levels of each setting, and configurations of them, which may lack some."""
    names = draw(st.lists(st.sampled_from(FACTORS), max_size=3, unique=True))
    levels = {name: draw(_levels()) for name in names}
    whole = {
        name: st.sampled_from(known) if draw(st.booleans()) else st.sampled_from([*known, None]) for name, known in levels.items()
    }
    count = draw(st.sampled_from([1, 2, 3, 3, 4, 5, 8, 12]))
    made = draw(st.lists(st.fixed_dictionaries(whole), min_size=count, max_size=count))
    return levels, [{name: level for name, level in config.items() if level is not None} for config in made]


# runs


@st.composite
def _scores(draw: st.DrawFn, name: str, configs: int, seeds: int) -> list[list[float | None]]:
    """The values of a metric by configuration and seed, as far as there are any."""
    centre, step = draw(st.sampled_from(CENTRES)), draw(st.sampled_from(STEPS))
    low, high = (way * math.inf if end is None else end for way, end in zip((-1, 1), limits(name), strict=True))
    keeps = draw(st.integers(0, 14)) > 0  # to what such a metric can be
    odd = draw(st.sampled_from([(), (), (), (), (), (), (None,), (math.nan, math.inf), (0.0, 0.0, 1e90)]))
    effects = draw(st.lists(st.integers(-3, 3), min_size=configs, max_size=configs))
    table: list[list[float | None]] = []
    for effect in effects:
        luck = draw(st.lists(st.integers(-2, 2), min_size=seeds, max_size=seeds))
        row: list[float | None] = [centre * (1 + step * (3 * effect + one)) for one in luck]
        if keeps:
            row = [min(max(value, low), high) for value in row if value is not None]
        for i in range(seeds if odd else 0):
            if draw(st.integers(0, 3)) == 0:
                row[i] = draw(st.sampled_from(odd))
        table.append(row)
    return table


@st.composite
def _series(draw: st.DrawFn, metrics: dict[str, float | None], length: int) -> dict[str, list[float]]:
    """Learning curves that end at the final values."""
    shape = draw(st.sampled_from(["falling", "flat", "turning", "wild"]))
    found: dict[str, list[float]] = {}
    for name, last in metrics.items():
        end = 0.5 if last is None else last
        ways = {
            "falling": [end * (1 + 0.5 * (length - 1 - i)) for i in range(length)],
            "flat": [end] * length,
            "turning": [end * (1 + 0.1 * abs(i - length / 2)) for i in range(length)],
            "wild": [draw(st.sampled_from([0.0, 1.0, -3.0, math.nan, math.inf, 1e300, 1e-300])) for _ in range(length)],
        }
        found[name] = ways[shape]
    if draw(st.integers(0, 9)) == 0 and len(found) > 1:
        found[next(iter(found))].append(0.5)
    if draw(st.integers(0, 3)) == 0:
        found["valid_seen"] = [640.0 if draw(st.booleans()) else 0.0] * length
    return found


@st.composite
def _logs(draw: st.DrawFn, configs: list[dict[str, object]], names: list[str]) -> tuple[tuple[str, str], ...]:
    """The logs of the configurations."""
    seeds = draw(st.integers(1, 4))
    tables = {name: draw(_scores(name, len(configs), seeds)) for name in names}
    seeded, labelled = (
        draw(st.sampled_from([True, True, True, False])),
        draw(st.sampled_from(["own", "own", "own", "odd", "odd", "one", "run"])),
    )
    length = draw(st.sampled_from([0, 0, 1, 2, 5, 9, 12]))
    counts = draw(st.booleans())
    logs = []
    for i, config in enumerate(configs):
        label = draw(ODD) if labelled == "odd" else "same" if labelled == "one" else f"config_{i}"
        for seed in range(draw(st.integers(1, seeds))):
            status = draw(st.sampled_from(STATUSES)) if draw(st.integers(0, 3)) == 0 else "finished"
            metrics = {name: tables[name][i][seed] for name in names}
            own = length and draw(st.sampled_from([length, length, length, max(length - 1, 1), 0]))
            head: dict[str, object] = {"label": label if labelled != "run" else f"{label}_seed{seed}"}
            head |= {"seed": seed if seeded else None, "status": status, "seconds": draw(st.sampled_from([3.0, 0.0, None, 1e9]))}
            head["error"] = draw(ODD) if status == "failed" else None
            lines = ["schema = 1", *_table("run", head), f"started = 2026-05-01T12:{i:02}:{seed:02}Z", *_table("config", config)]
            if counts:
                lines += _table("data", {"train_examples": 1000, "valid_examples": draw(st.sampled_from([0, 1, 500]))})
                lines += _table("model", {"parameters": 100 * (i % 3)})
            lines += _table("metrics", dict(metrics))
            if own:
                lines += ["", *_table("epochs", dict(draw(_series(metrics, own))))]
            logs.append((f"{i:02}-{seed}", "\n".join(lines) + "\n"))
    return tuple(logs)


# plans


@st.composite
def _prediction(draw: st.DrawFn, levels: dict[str, list[object]], others: list[str]) -> dict[str, object]:
    """What a plan may expect of a group with these levels, sensible or not."""
    if draw(st.integers(0, 19)) == 0:
        levels = {**levels, "lr": [0.1], "units1": [7]}
    factors, known = list(levels), levels

    def chosen() -> dict[str, object]:
        factor = draw(st.sampled_from(factors))
        some = draw(st.lists(st.sampled_from(known[factor]), min_size=1, max_size=2))
        return {factor: some if draw(st.booleans()) else some[0]}

    numbers = st.sampled_from([0.0, 0.01, 0.5, 0.8, 0.01, 0.5, 0.8, 1.0, 2.0, -1200.0, 1e-300, 1e300, 83])
    kinds = [*["beats"] * bool(others), *["better", "at", "trend", "best", "factor", "gap"] * bool(levels)]
    kind = draw(st.sampled_from(kinds or ["gap"]))
    if kind == "better":
        factor = draw(st.sampled_from(factors))
        some = draw(st.permutations(known[factor]))
        sides = (
            {"better": {factor: some[0]}, "than": {factor: some[-1]}}
            if draw(st.integers(0, 4))
            else {"better": chosen(), "than": chosen()}
        )
        return sides | ({"by": draw(numbers)} if draw(st.booleans()) else {})
    if kind == "at":
        bound = draw(st.sampled_from(["at_least", "at_most", "between"]))
        return {
            "at": chosen(),
            bound: sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True))) if bound == "between" else draw(numbers),
        }
    if kind == "trend":
        return {"trend": draw(st.sampled_from(["increasing", "decreasing", "diminishing"])), "of": draw(st.sampled_from(factors))}
    if kind == "best":
        return {"best": chosen()}
    if kind == "factor":
        return {"factor": draw(st.sampled_from(factors)), "matters_more_than": draw(st.sampled_from(factors))}
    if kind == "gap":
        return {"gap_at_most": draw(numbers)} | ({"at": chosen()} if levels and draw(st.booleans()) else {})
    return {"beats": draw(st.sampled_from(others))}


@st.composite
def _plan(draw: st.DrawFn, metric: str, groups: list[dict[str, Any]], levels: dict[str, list[object]], baseline: bool) -> str:
    """The text of a plan with these groups, whose `levels` are known where they have no grid."""
    head: dict[str, object] = {"title": draw(st.one_of(st.just("T"), ODD)), "metric": metric}
    head["goal"] = draw(st.sampled_from([None, "maximize", "minimize", "minimize"]))
    head["seeds"] = [0, 1] if baseline or draw(st.booleans()) else None
    lines = _table("study", head)
    if baseline:
        lines += _table("baseline", {**BASELINE, "optimizer": "Adam"})
    names = [str(group["name"]) for group in groups]
    for group in groups:
        lines += ["[[group]]", *_table("group", group)[1:]]
        for _ in range(draw(st.integers(0, 3))):
            claim = draw(_prediction(group.get("grid", levels), [name for name in names if name != group["name"]]))
            lines += ["[[group.prediction]]", *_table("", {"says": draw(st.one_of(st.just("P"), ODD)), **claim})[1:]]
    return "\n".join(lines) + "\n"


@st.composite
def foreign_studies(draw: st.DrawFn) -> RandomStudy:
    """Studies over logs that another tool wrote."""
    levels, configs = draw(_configs())
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    metric = draw(st.sampled_from([*names * 5, "unlogged_score", "gap"]))
    groups: list[dict[str, Any]] = []
    for i in range(draw(st.integers(1, 3))):
        where = dict(draw(st.sampled_from(configs))) if i and draw(st.booleans()) else {}
        groups.append({"name": f"g{i}", "where": dict(list(where.items())[:1])})
    plan = draw(_plan(metric, groups, levels, baseline=False))
    return RandomStudy(plan, draw(_logs(configs, names)), *draw(ASKED))


@st.composite
def planned_studies(draw: st.DrawFn) -> RandomStudy:
    """Studies whose plan lists what is trained, with the logs that there are of it."""
    grids = draw(st.lists(st.sampled_from(GRIDS), min_size=1, max_size=3))
    groups: list[dict[str, Any]] = [{"name": f"g{i}", "grid": grid} for i, grid in enumerate(grids)]
    base = {**BASELINE, "optimizer": "Adam"}
    configs = [base]
    for grid in grids:
        for factor, values in grid.items():
            configs += [{**base, factor: value} for value in values]
    kept = draw(st.lists(st.sampled_from(configs), max_size=10))
    metric = draw(st.sampled_from(["valid_accuracy", "valid_loss", "gap"]))
    names = draw(st.sampled_from([["valid_accuracy", "valid_loss", "train_loss"], ["valid_loss"], ["train_loss", "valid_loss"]]))
    plan = draw(_plan(metric, groups, {}, baseline=True))
    return RandomStudy(plan, draw(_logs(kept, names)), *draw(ASKED))


def studies() -> st.SearchStrategy[RandomStudy]:
    """Any study."""
    return st.one_of(foreign_studies(), planned_studies())


# what the commands make of it


NotDrawn = runpy.run_path(str(Path(__file__).with_name("undrawn.py")))["NotDrawn"]


@contextmanager
def quick(drawn: bool) -> Iterator[None]:
    """Every template compiled once, and no figure drawn unless asked for."""
    with ExitStack() as changed:
        changed.enter_context(patch.object(jinja2.Environment, "compile", _compiled))
        if not drawn:
            changed.enter_context(patch.object(gallery, "Drawing", NotDrawn))
        yield


COMPILED: dict[object, object] = {}
COMPILE = jinja2.Environment.compile


def _compiled(made: jinja2.Environment, source: Any, *place: Any) -> object:
    key = type(made), source, place
    if key not in COMPILED:
        COMPILED[key] = COMPILE(made, source, *place)
    return COMPILED[key]


def called(*arguments: str) -> tuple[int, str, str]:
    """The exit code of a command, what it printed and its message. What nobody foresaw is raised, where the command line would
    answer it with a message too."""
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as told:
        asked = parser().parse_args(arguments)
        try:
            code = int(import_module(f"sweepbook.analysis.cli.{asked.name}").command(asked))
        except SweepbookError as error:
            code = WRONG_INPUT
            print(f"sweepbook: {error}", file=told)
    return code, printed.getvalue(), told.getvalue()


def built(study: RandomStudy, home: Path) -> bool:
    """Whether `build` makes a report of the study, which it lays out under `home`; if not, one message says why. AssertionError
    where there is neither, or the report or `show` breaks a rule."""
    study.write(home)
    place, logs = str(home / "studies/random"), ("--logs", str(home / "modellogs/random"))
    with quick(study.drawn):
        code, _, message = called("build", place, *logs, "--out", str(home / "report"))
    if code == WRONG_INPUT:
        assert message.startswith("sweepbook: "), message
        assert message.count("\n") == 1, message
        return False
    assert code in (DONE, NO_ANSWER), (code, message)
    for name in ("journal.md", "journal.html", "runs.csv", "findings.json"):
        assert (home / "report" / name).stat().st_size, name
    findings = json.loads((home / "report/findings.json").read_text(encoding="utf-8"), parse_constant=_refused)
    check_ranges(findings, believed(home / "modellogs/random"))
    code, _, message = called("show", place, *filter(None, [study.shown]), *logs)
    assert code in (DONE, NO_ANSWER) or (code == WRONG_INPUT and "is no group, no label" in message), (code, message)
    return True


def _refused(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def check_ranges(findings: dict[str, Any], known: dict[str, Limits]) -> None:
    """No value lies outside what its metric can be, and no difference is wider than that."""
    for name, (low, high) in known.items():
        for config in findings["configs"]:
            _check(name, config["metrics"].get(name), ("mean", "low", "high"), low, high)
            _check(name, config["metrics"].get(name), ("sd",), 0.0, _width(low, high))
        _check(name, findings["noise"].get(name), ("sd", "low", "high", "detectable"), 0.0, _width(low, high))
    metric = findings["metric"]
    low, high = known.get(metric, (None, None))
    width = _width(low, high)
    for effect in findings["effects"]:
        for part in (effect, effect["without_worst"]):
            _check(metric, part, ("range", "low", "high", "spread"), 0.0, width)
        for step in effect["steps"]:
            _check(metric, step, ("difference", "low", "high"), None if width is None else -width, width)
    for group in findings["groups"]:
        for prediction in group["predictions"]:
            if prediction["kind"] == "at":
                _check(metric, prediction, ("estimate", "low", "high"), low, high)
            elif prediction["kind"] in ("better", "beats"):
                _check(metric, prediction, ("estimate", "low", "high"), None if width is None else -width, width)
            _check(metric, prediction, ("resolves", "tipping_sd"), 0.0, None)


def believed(logs: Path) -> dict[str, Limits]:
    """The limits of each metric, where the logs keep to them."""
    runs = load_sweep(logs).runs
    columns = {name.removeprefix(METRICS): runs[name].dropna() for name in runs if name.startswith(METRICS) or name == "gap"}
    known = {name: (limits(name), values) for name, values in columns.items()}
    return {
        name: (low, high)
        for name, ((low, high), values) in known.items()
        if (low is None or (values >= low).all()) and (high is None or (values <= high).all())
    }


def _width(low: float | None, high: float | None) -> float | None:
    """The largest difference of two values between these limits."""
    return None if low is None or high is None else high - low


def _check(name: str, values: dict[str, Any] | None, keys: Iterable[str], low: float | None, high: float | None) -> None:
    for key in keys if values else ():
        value = values.get(key)
        assert value is None or low is None or value >= low - 1e-9, (name, key, values)
        assert value is None or high is None or value <= high + 1e-9, (name, key, values)
