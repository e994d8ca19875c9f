"""A study.toml in, a checked `Study` out; or one message with the file, the line and the key that is wrong."""

import itertools
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import tomli
from sweepbook.runner.config import (
    ANY_VALUE,
    SETTINGS,
    Config,
    SweepbookError,
    Value,
    active,
    defaults,
    flat,
    is_finite,
    is_setting,
    level_text,
    missing,
)
from sweepbook.runner.conflicts import conflict
from sweepbook.runner.lines import Key, key_lines
from sweepbook.runner.metric import GOALS, is_share
from sweepbook.runner.metric import goal as goal_of
from sweepbook.runner.ownsettings import place, unknown, with_own
from sweepbook.runner.plansearch import KEYS, searched
from sweepbook.runner.rules import Rules
from sweepbook.runner.study import (
    CHECKS,
    At,
    Beats,
    Best,
    Better,
    GapAtMost,
    Group,
    MattersMore,
    Member,
    Prediction,
    Selector,
    Study,
    Trend,
    selects,
)
from sweepbook.runner.suggest import nearest
from sweepbook.runner.trials import label
from sweepbook.runner.truisms import classifier

FILE = "study.toml"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
METRICS = ("train_loss", "valid_loss", "valid_accuracy", "gap")
MOST_GROUPS, MOST_CONFIGURATIONS = 1_000, 100_000  # the latter of one grid
LONGEST_LABEL = 200  # letters; a label is part of a folder's name
TRENDS = ("increasing", "decreasing", "diminishing")
SOURCES = ("grid", "configs", "where", "search")  # of a group's configurations
OF_A_SEARCH = ("beats", "gap_at_most")  # the predictions that name no level, which a search does not know beforehand
# What each kind of prediction is known by, and every key that it may have.
PREDICTIONS: dict[str, tuple[str, ...]] = {
    "better": ("better", "than", "by"),
    "at": ("at", "between", "at_least", "at_most"),
    "trend": ("trend", "of"),
    "best": ("best",),
    "factor": ("factor", "matters_more_than"),
    "gap_at_most": ("gap_at_most", "at"),
    "beats": ("beats",),
}


class PlanError(SweepbookError):
    """A plan that cannot be followed: the message names the file, the line, the key, and the remedy."""


def load_study(where: Path) -> Study:
    """The plan at `where`, a folder with a study.toml or the file itself; PlanError where it cannot be followed."""
    path = where / FILE if where.is_dir() else where
    if path.exists() and not path.is_file():
        raise PlanError(f"{path}: cannot be read: not a file")
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise PlanError(f"{path}: no such plan; a study is a folder with a {FILE}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: cannot be read: {error}") from None
    try:
        table = tomli.loads(text)
    except (ValueError, RecursionError) as error:  # also of a number or a nesting beyond what Python reads
        raise PlanError(f"{path}: not valid TOML: {error}") from None
    return _Plan(path, key_lines(text), table).study()


class _Plan:
    """One reading of a plan: holds the file and its lines, so that every complaint can name them."""

    def __init__(self, path: Path, lines: Mapping[Key, int], table: Mapping[str, Any]) -> None:
        self.path, self.lines, self.table = path, lines, table

    def error(self, key: Key, message: str) -> PlanError:
        """A complaint about `key`: file, line, the key as the plan writes it, what is wrong."""
        near = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in self.lines), ())
        place = f"{self.path}:{self.lines.get(near, 1)}"
        return PlanError(": ".join(filter(None, (place, self._named(key), message))))

    def _named(self, key: Key) -> str:
        words: list[str] = []
        node: Any = self.table
        for part in key:
            node = node[part] if isinstance(part, int) or part in node else {}
            if isinstance(part, int):
                name = node.get("name") or node.get("says") if isinstance(node, dict) else None
                words[-1] += f'["{" ".join(name.split())}"]' if isinstance(name, str) else f"[{part + 1}]"
            else:
                words.append(part)
        return ".".join(words)

    def check_keys(self, key: Key, table: Mapping[str, Any], known: Iterable[str], required: Iterable[str] = ()) -> None:
        """Every key of `table` is known, and every required one is there."""
        known = set(known)
        for name in table:
            if name not in known:
                raise self.error((*key, name), f"unknown key; {nearest(name, known)}")
        for name in required:
            if name not in table:
                raise self.error(key, f'"{name}" is missing')

    def get(self, key: Key, kind: type | tuple[type, ...], expected: str, default: Any = None) -> Any:
        """The value at `key`, of `kind`; the default where there is none."""
        node: Any = self.table
        for part in key[:-1]:
            node = node[part]
        value = node.get(key[-1], default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"{value!r} found, {expected} expected")
        return value

    def text(self, key: Key, default: str = "") -> str:
        value: str = self.get(key, str, "text", default)
        return " ".join(value.split())

    def number(self, key: Key, default: float | None = None) -> float:
        value = self.get(key, (int, float), "a number", default)
        if not is_finite(value):
            raise self.error(key, f"{value!r} found, a finite number expected")
        return float(value)

    def study(self) -> Study:
        """The whole plan."""
        self.check_keys((), self.table, ("study", "logs", "baseline", "group"), ("study", "group"))
        for name, kind in (("study", dict), ("logs", dict), ("baseline", dict), ("group", list)):
            self.get((name,), kind, "an array of tables" if kind is list else "a table", kind())
        if not self.table["group"]:
            raise self.error(("group",), "no group in it")
        if len(self.table["group"]) > MOST_GROUPS:
            raise self.error(("group",), f"{len(self.table['group']):,} groups found, at most {MOST_GROUPS:,} expected")
        head = ("title", "subtitle", "author", "project", "metric", "goal", "seeds", "silence")
        trains = any(not isinstance(group, dict) or "where" not in group for group in self.table["group"])
        self.check_keys(("study",), self.table["study"], head, ("title", "seeds") if trains else ("title",))
        baseline = self.settings(("baseline",), self.table.get("baseline", {})) if trains else self.foreign_baseline()
        groups = tuple(self.group(i, baseline) for i in range(len(self.table["group"])))
        study = Study(
            name=self.path.resolve().parent.name if self.path.name == FILE else self.path.stem,
            path=self.path,
            title=self.text(("study", "title")),
            subtitle=self.text(("study", "subtitle")),
            author=self.text(("study", "author")),
            project=self.text(("study", "project")),
            metric=self.metric() if _foreign(groups) else self.trained_metric(),
            goal=self.goal(),
            goal_by_name="goal" not in self.table["study"],
            seeds=self.seeds() if "seeds" in self.table["study"] else (),
            baseline=active(baseline),
            groups=groups,
            silence=self.silence(("study", "silence")),
            rules=self.rules(),
            logs=self.logs(),
        )
        self.check_names(study)
        self.check_predictions(study)
        return study

    def rules(self) -> Rules:
        """How logs of other tools are to be read."""
        table = self.get(("logs",), dict, "a table", {})
        self.check_keys(("logs",), table, ("folder", *(field.name for field in fields(Rules))))
        renamed = self.get(("logs", "map"), dict, "a table of their names, each with ours", {}) if "map" in table else {}
        if not all(isinstance(own, str) and own for own in renamed.values()):
            raise self.error(("logs", "map"), "a table of their names, each with ours, expected")
        lists = {name: self.names(("logs", name)) for name in ("ignore", "keep", "metrics", "settings") if name in table}
        texts = {name: self.text(("logs", name)) for name in ("seed", "at") if name in table}
        return Rules(map=tuple(renamed.items()), **lists, **texts)  # type: ignore[arg-type]

    def names(self, key: Key) -> tuple[str, ...]:
        names = self.get(key, list, "a list of names")
        if not all(isinstance(name, str) and name for name in names):
            raise self.error(key, f"{names!r} found, a list of names expected")
        return tuple(names)

    def logs(self) -> Path | None:
        """Where the run logs lie, from the folder of the plan; None for the usual place."""
        if "folder" not in self.table.get("logs", {}):
            return None
        return Path(os.path.normpath(self.path.parent / self.text(("logs", "folder"))))

    def metric(self) -> str:
        metric = self.text(("study", "metric"), "valid_accuracy")
        if metric.startswith("test_"):
            raise self.error(("study", "metric"), f'"{metric}" would choose by the test data; choose by validation')
        return metric

    def trained_metric(self) -> str:
        """The metric of a plan whose runs are all trained here, which is one that the runner logs."""
        metric = self.metric()
        if metric not in METRICS:
            raise self.error(("study", "metric"), f'"{metric}" is not logged by the runner; {nearest(metric, METRICS)}')
        return metric

    def goal(self) -> str:
        """The goal that the plan has, else that which the metric's name tells."""
        if "goal" not in self.table["study"]:
            implied = goal_of(metric := self.metric())
            if implied is None:
                remedy = 'add goal = "maximize" where higher is better, goal = "minimize" where lower is'
                raise self.error(("study", "metric"), f'"{metric}" does not say which way is better; {remedy}')
            return implied
        written = self.text(("study", "goal"))
        if written not in GOALS:
            raise self.error(("study", "goal"), f'"{written}" found, "maximize" or "minimize" expected')
        return written

    def seeds(self) -> tuple[int, ...]:
        seeds = self.get(("study", "seeds"), list, "a list of whole numbers")
        wrong = [seed for seed in seeds if type(seed) is not int or not 0 <= seed < 2**63]
        if not seeds or wrong or len(set(seeds)) < len(seeds):
            raise self.error(("study", "seeds"), f"{seeds!r} found, a list of different whole numbers from 0 expected")
        return tuple(seeds)

    def silence(self, key: Key) -> dict[str, str]:
        """The checks that are silenced at `key`, each with the reason."""
        table = self.get(key, dict, "a table of checks, each with the reason", {})
        for code, reason in table.items():
            if code not in CHECKS:
                raise self.error((*key, code), f"unknown check; {nearest(code, CHECKS)}")
            if not isinstance(reason, str) or not reason.strip():
                raise self.error((*key, code), f"{reason!r} found, the reason as text expected")
        return {code: " ".join(reason.split()) for code, reason in table.items()}

    def settings(self, key: Key, table: Mapping[str, Any]) -> dict[str, Value]:
        """`table` with every setting checked."""
        return {name: self.setting((*key, *place(name)), name, value) for name, value in with_own(table).items()}

    def foreign_baseline(self) -> Config:
        """The baseline of a plan that trains nothing: any settings, as logs of other tools have them."""
        return self.flat(("baseline",)) if "baseline" in self.table else {}

    def setting(self, key: Key, name: str, value: Any) -> Value:
        if not is_setting(name):
            raise self.error(key, unknown(name))
        setting = SETTINGS.get(name, ANY_VALUE)
        if not setting.accepts(value):
            raise self.error(key, f"{value!r} found, {setting.expected} expected")
        return float(value) if setting.kind is float else value

    def group(self, index: int, baseline: Config) -> Group:
        """The group at `index`, expanded."""
        key: Key = ("group", index)
        table = self._item(key)
        words = ("name", "title", "hypothesis", "reasoning", "expected")
        self.check_keys(key, table, (*words, *SOURCES, *KEYS, "prediction", "silence"), ("name",))
        given = [source for source in SOURCES if source in table]
        if len(given) != 1:
            raise self.error(key, f"{' and '.join(given) or 'none'} found, one of grid, configs, where and search expected")
        name = self.text((*key, "name"))
        if not NAME.fullmatch(name):
            raise self.error((*key, "name"), f'"{name}" found; letters, digits, "_", "-" and "." make a name')
        where = self.where((*key, "where")) if "where" in table else None
        search = searched(self, key, table, baseline)
        members = self.members(key, name, baseline) if where is None and search is None else ()
        group = Group(
            name=name,
            title=self.text((*key, "title"), name),
            hypothesis=self.text((*key, "hypothesis")),
            reasoning=self.text((*key, "reasoning")),
            expected=self.expected((*key, "expected")),
            factors=("name", *search.space) if search else tuple(members[0].levels) if members else (),
            members=members,
            where=where,
            predictions=(),
            silence=self.silence((*key, "silence")),
            search=search,
        )
        predictions = self.get((*key, "prediction"), list, "an array of tables", [])
        parsed = tuple(self.prediction((*key, "prediction", i), group) for i in range(len(predictions)))
        return replace(group, predictions=parsed)

    def where(self, key: Key) -> Selector:
        """Setting -> the values that it may have: the one that is given, and each of a list, which may also be one value."""
        chosen: dict[str, list[Value]] = {}
        for name, value in self.flat(key).items():
            if value == [] or (isinstance(value, list) and any(isinstance(own, dict) for own in value)):
                raise self.error((*key, *name.split(".")), f"{value!r} found, a value or a list of values expected")
            chosen[name] = [value, *value] if isinstance(value, list) else [value]
        return chosen

    def flat(self, key: Key) -> dict[str, Any]:
        """The table at `key`, settings of tables in it by their path."""
        try:
            return flat(self.get(key, dict, "a table"), lists=False)
        except ValueError as error:
            raise self.error(key, f'"{error}" stands in it twice: by that name, and in a table') from None

    def expected(self, key: Key) -> tuple[str, ...]:
        value = self.get(key, (str, list), "text or a list of texts", [])
        if not all(isinstance(item, str) for item in value):
            raise self.error(key, "a list of texts expected")
        return (" ".join(value.split()),) if isinstance(value, str) else tuple(" ".join(v.split()) for v in value)

    def members(self, key: Key, name: str, baseline: Config) -> tuple[Member, ...]:
        """The configurations of a group, from its grid or its list of configs."""
        grid = "grid" in self.table["group"][key[1]]
        variants = self.from_grid((*key, "grid")) if grid else self.from_configs((*key, "configs"), baseline)
        members = []
        for suffix, changes, levels in variants:
            config = {**baseline, **changes}
            self.check_whole(key, suffix, config)
            members.append(Member(f"{name}_{suffix}", active(config), levels))
        return tuple(members)

    def from_grid(self, key: Key) -> list[tuple[str, Config, Config]]:
        """The full product of the lists: label suffix, changed settings, levels."""
        grid = with_own(self.get(key, dict, "a table of lists"))
        if not grid:
            raise self.error(key, "no factor in it")
        for factor, levels in grid.items():
            if not isinstance(levels, list) or not levels:
                raise self.error((*key, *place(factor)), f"{levels!r} found, a list of levels expected")
            if len({level_text(level) for level in levels}) < len(levels):
                raise self.error((*key, *place(factor)), "a level stands in it twice")
        size = math.prod(map(len, grid.values()))
        if size > MOST_CONFIGURATIONS:
            raise self.error(key, f"{size:,} configurations found, at most {MOST_CONFIGURATIONS:,} expected")
        axes = [[self.setting((*key, *place(factor)), factor, level) for level in levels] for factor, levels in grid.items()]
        points = [dict(zip(grid, point, strict=True)) for point in itertools.product(*axes)]
        return [("_".join(_slug(level) for level in point.values()), point, point) for point in points]

    def from_configs(self, key: Key, baseline: Config) -> list[tuple[str, Config, Config]]:
        """The listed configurations: label suffix, changed settings, levels of what varies between them."""
        configs = self.get(key, list, "a list of tables")
        if not configs:
            raise self.error(key, "no configuration in it")
        changes = []
        for i, config in enumerate(configs):
            name = config.get("name") if isinstance(config, dict) else None
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise self.error((*key, i), f'a table with a "name" of letters, digits, "_", "-" and "." expected, {name!r} found')
            changes.append(self.settings((*key, i), {k: v for k, v in config.items() if k != "name"}))
        wholes = [{**baseline, **change} for change in changes]
        own = sorted({key for change in changes for key in change if key not in SETTINGS})
        named = [key for key in [*SETTINGS, *own] if any(key in change for change in changes)]
        acting = [active({**defaults(whole), **whole}) for whole in wholes]  # what one leaves out has a level beside the others
        varied = [f for f in named if len({level_text(whole.get(f, "")) for whole in acting}) > 1] or named
        levels = [{f: whole[f] for f in varied if f in whole} for whole in acting]
        factors = [{"name": c["name"], **level} for c, level in zip(configs, levels, strict=True)]
        return [(c["name"], change, f) for c, change, f in zip(configs, changes, factors, strict=True)]

    def check_whole(self, key: Key, suffix: str, config: Config) -> None:
        """`config` has all that a run needs, and no settings that cannot go together."""
        if lacking := missing(config):
            raise self.error(key, f'configuration "{suffix}" has no {lacking[0]}: set it in [baseline] or in the group')
        if why := conflict(config):
            raise self.error(key, f'configuration "{suffix}": {why}')

    def prediction(self, key: Key, group: Group) -> Prediction:
        """The prediction at `key`, of the kind that its first telling key names."""
        table = self._item(key)
        every = {name for names in PREDICTIONS.values() for name in names}
        self.check_keys(key, table, {"says", *every}, ("says",))
        order = ("better", "trend", "best", "factor", "gap_at_most", "beats", "at")
        kind = next((name for name in order if name in table), None)
        if kind is None:
            raise self.error(key, f"predicts nothing; one of {', '.join(order)} expected")
        self.check_keys(key, table, ("says", *PREDICTIONS[kind]))
        if group.search and (kind not in OF_A_SEARCH or (kind == "gap_at_most" and "at" in table)):
            wanted = "beats, or gap_at_most without at"
            raise self.error(key, f"a search does not know its levels beforehand; {wanted}, expected")
        says = self.text((*key, "says"))
        build = getattr(self, f"_{kind}")
        return build(key, says, group)  # type: ignore[no-any-return]

    def _item(self, key: Key) -> Mapping[str, Any]:
        node: Any = self.table
        for part in key:
            node = node[part]
        if not isinstance(node, dict):
            raise self.error(key, f"{node!r} found, a table expected")
        return node

    def _better(self, key: Key, says: str, group: Group) -> Better:
        self.check_keys(key, self._item(key), ("says", *PREDICTIONS["better"]), ("than",))
        better, than = self.selector((*key, "better"), group), self.selector((*key, "than"), group)
        by = self.number((*key, "by"), 0.0)
        self.check_share((*key, "by"), "two shares differ by less than 1", by)
        return Better(says, better, than, by)

    def _at(self, key: Key, says: str, group: Group) -> At:
        table = self._item(key)
        bounds = [name for name in ("between", "at_least", "at_most") if name in table]
        if len(bounds) != 1:
            raise self.error(key, f"{' and '.join(bounds) or 'none'} found, one of between, at_least and at_most expected")
        at = self.selector((*key, "at"), group)
        if bounds == ["between"]:
            low, high = self.bounds((*key, "between"))
            self.check_share((*key, "between"), "a share lies from 0 to 1", low, high)
            return At(says, at, low, high)
        bound = self.number((*key, bounds[0]))
        self.check_share((*key, bounds[0]), "a share lies from 0 to 1", bound)
        return At(says, at, bound, None) if bounds == ["at_least"] else At(says, at, None, bound)

    def bounds(self, key: Key) -> tuple[float, float]:
        pair = self.get(key, list, "two numbers, the lower first")
        if len(pair) != 2 or not all(is_finite(x) for x in pair) or not pair[0] < pair[1]:
            raise self.error(key, f"{pair!r} found, two numbers, the lower first, expected")
        return float(pair[0]), float(pair[1])

    def check_share(self, key: Key, rule: str, *numbers: float) -> None:
        """Numbers that are in percent, where the metric is a share, are an error that says how to write them."""
        percent = [number for number in numbers if (abs(number) >= 1 if key[-1] == "by" else number > 1)]
        if percent and is_share(self.metric()) and all(0 <= number <= 100 for number in numbers):
            shares = [number / 100 if number >= 1 else number for number in numbers]
            shares = shares if shares == sorted(shares) else [number / 100 for number in numbers]
            told = " to ".join(map("{:g}".format, numbers)), " to ".join(map(_share, shares))
            raise self.error(key, f"{told[0]} found, but {self.metric()} is a share, and {rule}; write {told[1]}")

    def _trend(self, key: Key, says: str, group: Group) -> Trend:
        self.check_keys(key, self._item(key), ("says", *PREDICTIONS["trend"]), ("of",))
        direction, of = self.text((*key, "trend")), self.text((*key, "of"))
        if direction not in TRENDS:
            raise self.error((*key, "trend"), f'"{direction}" found, one of {", ".join(TRENDS)} expected')
        if group.where is None:
            levels = self.levels((*key, "of"), of, group)
            least = 3 if direction == "diminishing" else 2
            if len(levels) < least or not all(type(level) in (int, float) for level in levels):
                raise self.error((*key, "of"), f'"{direction}" needs at least {least} numeric levels of "{of}"')
        return Trend(says, direction, of)

    def _best(self, key: Key, says: str, group: Group) -> Best:
        return Best(says, self.selector((*key, "best"), group))

    def _factor(self, key: Key, says: str, group: Group) -> MattersMore:
        self.check_keys(key, self._item(key), ("says", *PREDICTIONS["factor"]), ("matters_more_than",))
        factor, than = self.text((*key, "factor")), self.text((*key, "matters_more_than"))
        for name, word in (("factor", factor), ("matters_more_than", than)):
            if not is_setting(word) and group.where is None:
                raise self.error((*key, name), f'"{word}" is no setting; {nearest(word, SETTINGS)}')
        return MattersMore(says, factor, than)

    def _gap_at_most(self, key: Key, says: str, group: Group) -> GapAtMost:
        most = self.number((*key, "gap_at_most"))
        at = self.selector((*key, "at"), group) if "at" in self._item(key) else {}
        return GapAtMost(says, most, at)

    def _beats(self, key: Key, says: str, group: Group) -> Beats:
        name = self.text((*key, "beats"))
        others = [other.get("name") for other in self.table["group"] if isinstance(other, dict) and other.get("name") != group.name]
        if name not in others:
            raise self.error((*key, "beats"), f'no other group "{name}"; {nearest(name, map(str, others))}')
        return Beats(says, name)

    def levels(self, key: Key, factor: str, group: Group) -> list[Value]:
        """The levels that `group` has of `factor`; an error where it does not vary it."""
        if factor not in group.factors:
            raise self.error(key, f'"{factor}" is not varied in group "{group.name}"; {nearest(factor, group.factors)}')
        return list({level_text(m.levels[factor]): m.levels[factor] for m in group.members if factor in m.levels}.values())

    def selector(self, key: Key, group: Group) -> Selector:
        """Factor -> the levels meant, each of which the group has, and together some configuration has."""
        self.get(key, dict, "a table of factors and levels")
        table = self.flat(key) if group.where is not None else with_own(self.get(key, dict, ""))
        chosen = {factor: value if isinstance(value, list) else [value] for factor, value in table.items()}
        if not chosen:
            raise self.error(key, "names no factor")
        if group.where is not None:
            return chosen
        for factor, values in chosen.items():
            known = [level_text(level) for level in self.levels(key, factor, group)]
            names = ", ".join(known)
            for value in values:
                if level_text(value) not in known:
                    raise self.error(key, f"{factor} = {level_text(value)} is no level of this group; it has {names}")
        if not any(selects(chosen, member.levels) for member in group.members):
            raise self.error(key, "no configuration of the group has these levels together")
        return chosen

    def check_predictions(self, study: Study) -> None:
        """Every prediction may come out either way, as far as the plan knows that."""
        members = {group.name: group.members for group in study.groups}
        for i, group in enumerate(study.groups):
            classifies = classifier(study.metric, group.where is None)
            for j, prediction in enumerate(group.predictions):
                others = members[prediction.group] if isinstance(prediction, Beats) else ()
                if why := prediction.truism(study.metric, group.members, others, classifies):
                    raise self.error(("group", i, "prediction", j), f"says nothing: {why}")

    def check_names(self, study: Study) -> None:
        """Group names are unique, and so are labels."""
        seen: dict[str, int] = {}
        for i, group in enumerate(study.groups):
            if group.name in seen:
                raise self.error(("group", i, "name"), f'"{group.name}" is the name of an earlier group too')
            seen[group.name] = i
        labels: dict[str, str] = {}
        for i, group in enumerate(study.groups):
            for member in group.members:
                if len(member.label) > LONGEST_LABEL:
                    found = f"a label of {len(member.label)} letters"
                    raise self.error(("group", i), f"{found}; at most {LONGEST_LABEL} make a folder's name")
                if member.label in labels:
                    raise self.error(("group", i), f'label "{member.label}" stands for two configurations; rename one')
                labels[member.label] = group.name
            if group.search and len(label(group.name, 0)) > LONGEST_LABEL:
                raise self.error(("group", i, "name"), f"{len(group.name)} letters found; fewer make a trial's name")


def _foreign(groups: Iterable[Group]) -> bool:
    """Whether the metric may be one that only the logs of other tools have."""
    known = list(groups)
    return any(group.where is not None for group in known) and not any(group.search for group in known)


def _share(number: float) -> str:
    """A share as a plan writes it, with two digits at least: 0.80, 0.005."""
    return re.sub(r"^(0\.\d)$", r"\g<1>0", f"{number:.12g}")


def _slug(level: Value) -> str:
    """A level as a label, and so a folder's name, may hold it."""
    return re.sub(r"[^A-Za-z0-9_.+-]+", "-", level_text(level))
