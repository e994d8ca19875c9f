"""A study, a folder of run logs or a report in, a `Book` out: its findings as pandas frames and figures, for a notebook."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sweepbook.analysis.export.record import FINDINGS, RUNS
from sweepbook.analysis.export.record.read import side
from sweepbook.analysis.logs.mirror import mirrored
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.rules import Rules
from sweepbook.runner.suggest import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sweepbook.analysis.page.picture import Picture

ROWS = 5  # of the ranking, in a notebook


@dataclass(frozen=True)
class Book:
    """The findings of one sweep.

    Every frame has one row a thing and says in its method's docstring what its columns are. Scores are as they were logged: an
    accuracy is a share from 0 to 1. `low` and `high` are the ends of 95% intervals, NaN where the noise is not known.
    """

    name: str
    document: Mapping[str, Any] = field(repr=False)
    runs: pd.DataFrame = field(repr=False)
    _lead: tuple[str, ...] = field(repr=False)
    _epochs: Callable[[], pd.DataFrame] = field(repr=False)
    _pictures: Callable[[], Iterable[Picture]] = field(repr=False)

    @property
    def metric(self) -> str:
        """The name of the metric that the ranking is by."""
        return str(self.document["metric"])

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """A row a run that counts and epoch: label, groups, seed, the settings, epoch (from 1), a column a series, log.

        SweepbookError for a report, which keeps no epochs.
        """
        return self._epochs()

    @property
    def problems(self) -> pd.DataFrame:
        """A row a log that does not count: log, reason."""
        return pd.DataFrame(self.document["problems"], columns=["log", "reason"])

    def ranking(self, metric: str | None = None) -> pd.DataFrame:
        """A row a configuration, the best first: label, n (runs), mean, low, high, tier, parameters, seconds (a run), and a column
        a setting. `metric` is what mean, low and high are of, the study's own where it is None."""
        return self._configs(self.document["configs"], metric or self.metric, {})

    def group(self, name: str) -> pd.DataFrame:
        """The configurations of one group of the plan, as `ranking` has them, each with its tier within the group."""
        groups = {group["name"]: group for group in self.document["groups"]}
        if name not in groups:
            raise SweepbookError(f'"{name}" is no group of {self.name}; {nearest(name, groups)}')
        own = groups[name]
        members = [config for config in self.document["configs"] if config["id"] in set(own["configs"])]
        return self._configs(members, self.metric, own.get("tiers", {}), f"{name}_")

    def noise(self, metric: str | None = None) -> pd.DataFrame:
        """A row a configuration, the best first, with how far its runs lie apart: label, n (runs), sd (of its own runs), mu (the
        variance that its neighbours in score let expect), v (what comes of both), df, outlying (it varies far more), ranked (False
        where only its own scatter keeps it in the first tier; of the study's metric alone). `metric` is what they are of, the
        study's own where it is None. NA where the noise is not known, and in a report of an older version."""
        columns: dict[str, Any] = {"sd": float, "mu": float, "v": float, "df": float, "outlying": "boolean", "ranked": "boolean"}
        rows = []
        for config in self.document["configs"]:
            score = config["metrics"].get(metric or self.metric, {})
            rows.append({"label": config["label"], "n": config["n"], **{name: score.get(name) for name in columns}})
        return pd.DataFrame(rows, columns=["label", "n", *columns]).astype(columns)

    def predictions(self) -> pd.DataFrame:
        """A row a prediction of the plan: group, says, kind, verdict, as_run, estimate, low, high, n, seeds_needed, why."""
        columns = ["group", "says", "kind", "verdict", "as_run", "estimate", "low", "high", "n", "seeds_needed", "why"]
        rows = [{"group": group["name"], **one} for group in self.document["groups"] for one in group["predictions"]]
        return pd.DataFrame(rows, columns=columns)

    def checks(self) -> pd.DataFrame:
        """A row a check that fired: code, group, labels, message, factor, silenced (the plan's reason)."""
        return pd.DataFrame(self.document["checks"], columns=["code", "group", "labels", "message", "factor", "silenced"])

    def effects(self) -> pd.DataFrame:
        """A row a factor, the widest first: factor, group, range (of its level means), low, high, worst, best (levels), rank."""
        columns = ["factor", "group", "range", "low", "high", "worst", "best", "rank"]
        return pd.DataFrame(self.document["effects"], columns=columns)

    def figure(self, name: str) -> Figure:
        """The figure of that name, as the journal has it: a group's, or one that `sweepbook figures` writes.

        SweepbookError for a name that is not known, and for a report, whose figures are files already.
        """
        from sweepbook.analysis.page.figures import draw, svg

        shown = {picture.name: picture for picture in self._pictures()}
        if name not in shown:
            raise SweepbookError(f'{self.name} has no figure "{name}"; {nearest(name, shown)}')
        drawn = draw(shown[name])
        # A notebook asks an object how it looks; matplotlib's own answer needs pyplot and its backend.
        setattr(drawn, "_repr_svg_", lambda: svg(drawn, name).decode())  # noqa: B010
        return drawn

    def _configs(
        self, configs: Iterable[Mapping[str, Any]], metric: str, tiers: Mapping[str, int], prefix: str = ""
    ) -> pd.DataFrame:
        rows = []
        for config in configs:
            score = config["metrics"].get(metric, {})
            label = next((own for own in config["labels"] if prefix and own.startswith(prefix)), config["label"])
            fixed = {"label": label, "n": config["n"], **{end: score.get(end) for end in ("mean", "low", "high")}}
            fixed |= {"tier": tiers.get(config["id"], config["tier"]), **{key: config[key] for key in ("parameters", "seconds")}}
            rows.append({**fixed, **{key if key not in fixed else f"{key}_": value for key, value in config["config"].items()}})
        head = ["label", "n", "mean", "low", "high", "tier", "parameters", "seconds"]
        settings = dict.fromkeys(key for row in rows for key in row if key not in head)
        frame = pd.DataFrame(rows, columns=[*head, *settings])
        numbers: dict[str, Any] = {
            "mean": float,
            "low": float,
            "high": float,
            "seconds": float,
            "tier": "Int64",
            "parameters": "Int64",
        }
        return frame.astype(numbers)

    def _repr_html_(self) -> str:
        """What a notebook shows: the lead of the journal and the head of the ranking."""
        lead = "".join(f"<li>{escape(line)}</li>" for line in self._lead)
        table = self.ranking().head(ROWS).to_html(index=False, escape=True)
        return f"<p><strong>{escape(self.name)}</strong></p><ul>{lead}</ul>{table}"


def read(
    where: Path | str,
    *,
    logs: Path | str | None = None,
    plan: Path | str | None = None,
    metric: str | None = None,
    goal: str | None = None,
    rules: Rules | None = None,
) -> Book:
    """The book of a study (a folder with a study.toml), of run logs of any tool, a folder, a file or an address such as
    "s3://bucket/runs", or of a report (with findings.json).

    `logs` says where a study's run logs lie (default: modellogs/<study>). `plan` is the study by which a folder of run logs is
    read; without one its settings make the groups (docs/groups.md), ranked by `metric`,
    of which `goal` says which way is better where its name does not. `rules` say how logs are to be read where the documented ones
    do not fit. SweepbookError says what is wrong and what to do.
    """
    place = mirrored(str(where))
    if (place / FINDINGS).is_file():
        return _of_report(place)
    return _of_logs(
        place, None if logs is None else mirrored(str(logs)), None if plan is None else Path(plan), metric, goal, rules or Rules()
    )


def _of_report(place: Path) -> Book:
    texts = [(place / name).read_bytes() for name in (FINDINGS, RUNS)]
    side(str(place), *texts)  # an error where it is not as a build writes it

    def refuse() -> Any:
        raise SweepbookError(f"{place}: a report has no epochs and no figures to draw; read its study or its run logs")

    document = json.loads(texts[0])
    return Book(document["study"], document, _runs(texts[1].decode()), (), refuse, refuse)


def _of_logs(place: Path, logs: Path | None, plan: Path | None, metric: str | None, goal: str | None, rules: Rules) -> Book:
    from sweepbook.analysis.export.record.runscsv import runs_csv
    from sweepbook.analysis.export.record.write import findings_json
    from sweepbook.analysis.export.tidy import tidy_epochs
    from sweepbook.analysis.findings.findings import findings
    from sweepbook.analysis.journal.journal import journal
    from sweepbook.analysis.journal.notes.notes import Notes
    from sweepbook.analysis.journal.pictures import figures
    from sweepbook.analysis.report.places import existing_sweep, inferred, is_plan, places, plan_of
    from sweepbook.runner.plan import load_study

    own = place if is_plan(place) else plan or plan_of(place)
    if own is None:
        study, sweep = inferred(place, rules, metric, goal)
    else:
        study = load_study(own)
        study = replace(study, rules=study.rules.with_(rules))
        sweep = existing_sweep(study, places(study, logs if own == place else place, None))
    found = findings(sweep, study)
    shown = figures(found, sweep)
    page = journal(found, sweep, Notes(), {}, shown)
    return Book(
        study.name,
        json.loads(findings_json(found)),
        _runs(runs_csv(sweep, found)),
        page.overview,
        lambda: tidy_epochs(found, sweep, None),
        lambda: shown.of_page,
    )


def _runs(text: str) -> pd.DataFrame:
    """runs.csv as a frame: seeds and counts are whole numbers with gaps, times are moments in UTC."""
    frame = pd.read_csv(io.StringIO(text), low_memory=False)
    whole = {name: "Int64" for name in ("seed", "parameters", "examples_seen", "steps") if frame[name].notna().any()}
    return frame.astype(whole).assign(started=pd.to_datetime(frame["started"], utc=True))
