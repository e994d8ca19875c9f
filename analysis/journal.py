"""`Findings` in, a `Journal` out: ordered sections of plain values, every generated sentence among them.

The Markdown and the HTML page are two layouts of this one value. No sentence here claims an order, a gain or a winner
that the replicates do not carry: means are called means, and what overlaps is said to overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tomlkit

from analysis import wording as w
from analysis.findings import Findings, GroupFindings, Row, Summary
from analysis.picture import Mark, Picture
from analysis.predictions import Outcome, Part
from analysis.stats import Estimate
from runner.config import SETTINGS, level_text
from runner.study import At, Best, Better, GapAtMost, Trend

MANY_LABELS = 8  # from here on labels are told as the first, the last and their number


@dataclass(frozen=True)
class Column:
    """A table's column: its head and whether it holds numbers."""

    head: str
    number: bool = True


@dataclass(frozen=True)
class Line:
    """A table's row; `best` marks the one with the best mean."""

    cells: tuple[str, ...]
    best: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows of text, ready to lay out."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Checked:
    """A prediction in the plan's words, what it claims in numbers, and what was found."""

    says: str
    claim: str
    found: str


@dataclass(frozen=True)
class Section:
    """What the journal tells of one group."""

    name: str
    title: str
    plan: tuple[tuple[str, str], ...]
    summary: str
    predictions: tuple[Checked, ...]
    results: Table
    picture: Picture | None


@dataclass(frozen=True)
class Recipe:
    """A configuration to run again: why it stands here, and its settings as TOML."""

    title: str
    sentence: str
    toml: str


@dataclass(frozen=True)
class Journal:
    """The whole journal, in reading order."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    overview: tuple[str, ...]
    sections: tuple[Section, ...]
    ranking: Table
    recipes: tuple[Recipe, ...]
    totals: tuple[str, ...]
    problems: Table
    made: tuple[tuple[str, str], ...]


def journal(findings: Findings, runs: Mapping[str, Mapping[str, Sequence[float]]], made: Mapping[str, str]) -> Journal:
    """The journal of `findings`. `runs` has the values of the single runs, id -> metric -> [n]; `made` tells of the
    page's making what the findings do not know: version, plan, logs, command."""
    study = findings.study
    return Journal(
        title=study.title,
        subtitle=study.subtitle,
        facts=_facts(findings),
        overview=_overview(findings, runs),
        sections=tuple(_section(group, findings, runs) for group in findings.groups),
        ranking=_ranking(findings),
        recipes=_recipes(findings),
        totals=_totals(findings),
        problems=Table((Column("log", False), Column("reason", False)), tuple(Line(p) for p in findings.problems)),
        made=_made(findings, made),
    )


def _facts(findings: Findings) -> tuple[tuple[str, str], ...]:
    study = findings.study
    facts = [
        ("Author", study.author),
        ("Project", study.project),
        ("Runs", w.span(findings.first, findings.last)),
        ("Finished", w.plural(sum(s.n for s in findings.ranking), "run")),
        ("Configurations", w.count(len(findings.ranking))),
        ("Ranked by", f"{w.metric_name(study.metric)}, {'higher' if study.goal == 'maximize' else 'lower'} is better"),
    ]
    return tuple((name, value) for name, value in facts if value)


def _overview(findings: Findings, runs: Mapping[str, Mapping[str, Sequence[float]]]) -> tuple[str, ...]:
    """The main findings in at most five lines."""
    if not findings.ranking:
        return ("No run has finished yet, so there is nothing to report. The plan below says what is to be tested.",)
    metric = findings.study.metric
    lines = [_standing(findings), *_noise(findings, runs, metric), _leader(findings.ranking, metric, {})]
    if findings.recommended and (test := findings.recommended.metrics.get("test_accuracy")):
        name, score = findings.recommended.label, w.score("test_accuracy", test.mean)
        lines.append(
            f"On the test images, which had no part in any choice, {name} scores {score} ({_rest('test_accuracy', test)})."
        )
    predicted = sum(len(group.outcomes) for group in findings.groups)
    if predicted:
        lines.append(f"The plan's {w.plural(predicted, 'prediction')} stand beside what was found. This page grades none of them.")
    return tuple(lines)


def _standing(findings: Findings) -> str:
    totals = findings.totals
    if not totals.planned:
        return f"{w.plural(totals.finished, 'run')} of {w.plural(len(findings.ranking), 'configuration')} have finished."
    rest = [f"{number} {state}" for state, number in vars(totals).items() if state in w.STATES and number]
    seeds = sorted({s.n for s in findings.ranking})
    each = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    done = f"{w.count(totals.finished)} of {w.plural(totals.planned, 'planned run')} have finished"
    done += f" ({w.listing(rest)})" if rest else ""
    return f"{done}: {w.plural(len(findings.ranking), 'configuration')}, {each} {'seed' if each == '1' else 'seeds'} each."


def _noise(findings: Findings, runs: Mapping[str, Mapping[str, Sequence[float]]], metric: str) -> list[str]:
    """How far the same configuration lands from itself, as the median over configurations of its seeds' SD."""
    spreads = [float(np.std(runs[s.id][metric], ddof=1)) for s in findings.ranking if s.n > 1]
    if not spreads:
        return ["Every configuration was run once: how far a score moves by chance is not known, so no difference can be trusted."]
    middle = w.difference(metric, float(np.median(spreads))).lstrip("+")
    over = "one configuration" if len(spreads) == 1 else f"the median over {len(spreads)} configurations"
    return [f"Between seeds, the {w.metric_name(metric)} of one configuration has a standard deviation of {middle} ({over})."]


def _leader(ranked: Sequence[Summary], metric: str, labels: Mapping[str, str]) -> str:
    """The best mean of `ranked`, and how many of the others its interval overlaps; `labels` are a group's own, by id."""
    best, others = ranked[0], ranked[1:]
    estimate = best.metrics[metric]
    score = f"{w.score(metric, estimate.mean)} ({_rest(metric, estimate)})"
    lead = f"{labels.get(best.id, best.label)} has the best mean {w.metric_name(metric)}, {score}"
    if not others:
        return lead + "; it is the only configuration."
    meeting = sum(not _apart(estimate, s.metrics[metric]) for s in others)
    if not meeting:
        return f"{lead}; its interval overlaps that of none of the {len(others)} others."
    told = f"{w.count(meeting)} of the other {w.count(len(others))} overlap" if meeting < len(others) else "all the others overlap"
    told = "the other one overlaps" if len(others) == 1 else told
    return f"{lead}; {told} it, so these runs do not show that it is the best."


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether two intervals are known and do not meet."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return a.low > b.high or b.low > a.high


def _rest(metric: str, estimate: Estimate) -> str:
    """What a mean rests on: "3 runs, 95% interval [82.1, 84.9]"."""
    if estimate.low is None:
        return "1 run"
    return f"{estimate.n} runs, 95% interval {w.interval(metric, estimate)}"


def _section(found: GroupFindings, findings: Findings, runs: Mapping[str, Mapping[str, Sequence[float]]]) -> Section:
    study, labels = findings.study, {row.member.id: row.member.label for row in found.rows}
    ranked = [s for s in findings.ranking if s.id in labels]
    return Section(
        name=found.group.name,
        title=found.group.title,
        plan=_plan(found, findings),
        summary=_summary(ranked, study.metric, labels),
        predictions=tuple(Checked(o.prediction.says, _claim(o), _found(o)) for o in found.outcomes),
        results=_results(found, study.metric),
        picture=_picture(found, study.metric, runs),
    )


def _summary(ranked: Sequence[Summary], metric: str, labels: Mapping[str, str]) -> str:
    if not ranked:
        return "No run of this group has finished."
    return " ".join([_leader(ranked, metric, labels), *_volume(ranked)])


def _volume(ranked: Sequence[Summary]) -> list[str]:
    """A warning where the configurations did not see equally many examples."""
    seen = [s.examples_seen for s in ranked if s.examples_seen is not None]
    if not seen or max(seen) <= 1.05 * min(seen):
        return []
    return [f"The number of training examples seen is not the same for all: from {w.count(min(seen))} to {w.count(max(seen))}."]


def _plan(found: GroupFindings, findings: Findings) -> tuple[tuple[str, str], ...]:
    group = found.group
    logs = [log for row in found.rows if row.summary for log in row.summary.logs]
    lines = [
        ("Hypothesis", group.hypothesis),
        ("Reasoning", group.reasoning),
        ("Varied", "; ".join(_varied(found))),
        ("Fixed", ", ".join(_fixed(found))),
        ("Expected", " ".join(group.expected)),
        ("Labels", _first_to_last([row.member.label for row in found.rows])),
        ("Logs", _first_to_last(sorted(logs)) if logs else ""),
    ]
    return tuple((name, text) for name, text in lines if text)


def _varied(found: GroupFindings) -> list[str]:
    """Each factor with its levels."""
    texts = []
    for factor in found.factors:
        levels = dict.fromkeys(level_text(r.member.levels[factor]) for r in found.rows if factor in r.member.levels)
        texts.append(f"{w.setting_name(factor)} {', '.join(levels)}")
    return texts


def _fixed(found: GroupFindings) -> list[str]:
    """The settings that every configuration of the group shares."""
    configs = [row.member.config for row in found.rows]
    keys = [key for key in (configs[0] if configs else {}) if key not in found.factors]
    same = [k for k in keys if len({level_text(config.get(k)) for config in configs}) == 1]
    return [f"{w.setting_name(k)} {level_text(configs[0][k])}" for k in same]


def _first_to_last(names: Sequence[str]) -> str:
    if len(names) <= MANY_LABELS:
        return ", ".join(names)
    return f"{names[0]} to {names[-1]} ({len(names)})"


def _results(found: GroupFindings, metric: str) -> Table:
    """A row a configuration, in the plan's order."""
    factors = tuple(Column(w.setting_name(f), _numeric(found.rows, f)) for f in found.factors)
    scores = (
        Column("runs"),
        Column(w.metric_name(metric)),
        Column("95% interval"),
        Column("validation loss"),
        Column("training loss"),
    )
    volume = (Column("gap"), Column("parameters"), Column("steps"), Column("examples seen"), Column("time a run"))
    lines = []
    for row in found.rows:
        levels = tuple(level_text(row.member.levels[f]) if f in row.member.levels else w.NONE for f in found.factors)
        best = found.best is not None and row.member.id == found.best.id
        lines.append(Line((*levels, *_cells(row.summary, metric)), best))
    return Table((*factors, *scores, *volume), tuple(lines))


def _cells(summary: Summary | None, metric: str) -> tuple[str, ...]:
    if summary is None:
        return ("0", *(w.NONE for _ in range(9)))
    scores = {name: summary.metrics.get(name) for name in (metric, "valid_loss", "train_loss", "gap")}
    shown = {name: w.score(name, estimate.mean if estimate else None) for name, estimate in scores.items()}
    estimate = scores[metric]
    return (
        str(summary.n),
        shown[metric],
        w.interval(metric, estimate) if estimate else w.NONE,
        shown["valid_loss"],
        shown["train_loss"],
        shown["gap"],
        w.count(summary.parameters),
        w.count(summary.steps),
        w.count(summary.examples_seen),
        w.duration(summary.seconds),
    )


def _numeric(rows: Sequence[Row], factor: str) -> bool:
    return all(type(row.member.levels.get(factor)) in (int, float) for row in rows)


def _claim(outcome: Outcome) -> str:
    """What the prediction says in numbers, for those whose words may not."""
    p, metric = outcome.prediction, outcome.metric
    match p:
        case Better() if p.by:
            return f"ahead by {w.difference(metric, p.by).lstrip('+')} or more"
        case At():
            low, high = (w.score(metric, bound) for bound in (p.low, p.high))
            return (
                f"from {low} to {high}"
                if p.low is not None and p.high is not None
                else f"at least {low}"
                if p.high is None
                else f"at most {high}"
            )
        case Trend():
            return f"{p.direction} in {w.setting_name(p.of)}"
        case GapAtMost():
            return f"a gap of at most {w.score('gap', p.most)}"
        case _:
            return ""


def _found(outcome: Outcome) -> str:
    """The numbers that stand beside the prediction."""
    if outcome.estimate is None:
        return "No finished runs to hold it against."
    parts = [_part(part) for part in outcome.parts]
    if isinstance(outcome.prediction, Best):
        names = ("best inside", "best outside")
        parts = [f"{name}: {part}" for name, part in zip(names, parts, strict=False)]
    if isinstance(outcome.prediction, GapAtMost) and not outcome.prediction.at:
        parts = [f"widest: {parts[0]}"]
    if isinstance(outcome.prediction, Trend):
        change = f"From the first to the last level: {w.difference(outcome.metric, outcome.estimate)}."
        return f"{', '.join(f'{p.name}: {w.score(p.metric, p.mean)}' for p in outcome.parts)}. {change}"
    told = "; ".join(parts) + "."
    return f"{told} Difference: {w.difference(outcome.metric, outcome.estimate)}." if outcome.difference else told


def _part(part: Part) -> str:
    estimate = Estimate(part.n, part.mean, part.low, part.high)
    value = w.difference(part.metric, part.mean).lstrip("+") if "range of" in part.name else w.score(part.metric, part.mean)
    interval = f" {w.interval(part.metric, estimate)}" if part.low is not None else ""
    return f"{part.name} {value}{interval} ({w.plural(part.n, 'run')})"


def _picture(found: GroupFindings, metric: str, runs: Mapping[str, Mapping[str, Sequence[float]]]) -> Picture | None:
    """The figure that fits the group's factors: a heatmap for two, level against mean for one, a dot plot for the rest."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.metrics]
    if len(rows) < 2:
        return None
    factors = found.factors
    whole = all(factor in row.member.levels for row in rows for factor in factors)
    grid = whole and len(factors) == 2 and "name" not in factors
    single = whole and len(factors) == 1
    kind = "heatmap" if grid else "line" if single and _numeric(rows, factors[0]) else "dots"
    marks = tuple(_mark(row, factors if grid or single else (), metric, runs) for row in rows)
    level = w.setting_name(factors[-1]) if grid or single else ""
    other = w.setting_name(factors[0]) if grid else None
    return Picture(
        found.group.name, kind, marks, level, other, w.metric_name(metric) + w.unit(metric), *_captions(kind, rows, metric)
    )


def _mark(row: Row, axes: Sequence[str], metric: str, runs: Mapping[str, Mapping[str, Sequence[float]]]) -> Mark:
    """The mark of one configuration: placed by its levels on `axes` (the last one is x), else by its label."""
    assert row.summary is not None
    estimate, k = row.summary.metrics[metric], w.scale(metric)
    x = row.member.levels[axes[-1]] if axes else row.member.label
    y = row.member.levels[axes[0]] if len(axes) == 2 else None
    low, high = w.bounds(metric, estimate) or (None, None)
    return Mark(x, y, k * estimate.mean, low, high, estimate.n, tuple(k * value for value in runs[row.summary.id][metric]))


def _captions(kind: str, rows: Sequence[Row], metric: str) -> tuple[str, str]:
    """The alternative text and the caption of a group's figure."""
    means = {row.member.label: row.summary.metrics[metric].mean for row in rows if row.summary}
    counts = sorted({row.summary.metrics[metric].n for row in rows if row.summary})
    low, high = min(means, key=lambda m: means[m]), max(means, key=lambda m: means[m])
    shape = {"heatmap": "Heatmap", "line": "Line plot", "dots": "Dot plot"}[kind]
    span = f"from {w.score(metric, means[low])} ({low}) to {w.score(metric, means[high])} ({high})"
    alt = f"{shape} of {w.metric_name(metric)} for {w.plural(len(rows), 'configuration')}: the means go {span}."
    each = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    shown = "the mean of its runs in each cell" if kind == "heatmap" else "means with 95% intervals, single runs as open points"
    return alt, f"{w.metric_name(metric).capitalize()}, {each} a configuration: {shown}."


def _ranking(findings: Findings) -> Table:
    """Every configuration, the best mean first; equal ranks for equal means."""
    metric = findings.study.metric
    names = (Column("rank"), Column("configuration", False), Column("changed from the baseline", False), Column("runs"))
    values = (Column(w.metric_name(metric)), Column("95% interval"), Column("gap"), Column("parameters"), Column("time a run"))
    means = [s.metrics[metric].mean for s in findings.ranking]
    lines = []
    for s in findings.ranking:
        cells = _cells(s, metric)
        changed = ", ".join(
            f"{w.setting_name(k)} {level_text(s.config.get(k, 'off'))}" for k in findings.changes(s) if k in s.config
        )
        rank = 1 + means.index(s.metrics[metric].mean)
        lines.append(Line((str(rank), s.label, changed or "nothing", *cells[:3], *cells[5:7], cells[9]), rank == 1))
    return Table((*names, *values), tuple(lines))


def _recipes(findings: Findings) -> tuple[Recipe, ...]:
    single, combined, recommended = findings.best_single, findings.best_combined, findings.recommended
    wanted = [
        ("recommended", "the best mean among the configurations with the most runs", recommended),
        ("best with one setting changed", "the best mean among those that differ from the baseline in one setting", single),
        ("best with several settings changed", "the best mean among those that differ in two settings or more", combined),
    ]
    roles: dict[str, list[tuple[str, str]]] = {}
    for title, why, summary in wanted:
        if summary:
            roles.setdefault(summary.id, []).append((title, why))
    found = {summary.id: summary for _, _, summary in wanted if summary}
    return tuple(_recipe(told, found[key], findings.study.metric) for key, told in roles.items())


def _recipe(roles: Sequence[tuple[str, str]], summary: Summary, metric: str) -> Recipe:
    title, why = (w.listing([role[i] for role in roles]) for i in (0, 1))
    estimate = summary.metrics[metric]
    sentence = f"{summary.label}, {why}: {w.metric_name(metric)} {w.score(metric, estimate.mean)} ({_rest(metric, estimate)})."
    if test := summary.metrics.get("test_accuracy"):
        sentence += f" Test accuracy {w.score('test_accuracy', test.mean)} ({_rest('test_accuracy', test)})."
    known = {key: value for key, value in summary.config.items() if key in SETTINGS}
    return Recipe(title.capitalize(), sentence, tomlkit.dumps({"baseline": known or dict(summary.config)}))


def _totals(findings: Findings) -> tuple[str, ...]:
    totals = findings.totals
    count = f"{totals.finished} finished, {totals.failed} failed, {totals.diverged} diverged"
    lines = [f"{w.plural(totals.planned, 'run')} planned: {count}, {totals.interrupted} interrupted, {totals.missing} missing."]
    if not totals.planned:
        lines = [f"{w.plural(totals.finished, 'run')} finished; the plan names none of its own."]
    times = [(s.seconds, s.label) for s in findings.ranking if s.seconds is not None]
    if times:
        (fast, quick), (slow, late) = min(times), max(times)
        lines.append(
            f"The finished runs took {w.duration(totals.seconds)} together, added up over runs that may have gone side by side."
        )
        lines.append(
            f"The quickest configuration was {quick} with {w.duration(fast)} a run, the slowest {late} with {w.duration(slow)}."
        )
    return tuple(lines)


def _made(findings: Findings, made: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    facts = {**made, "Newest run": w.moment(findings.last)}
    names = {
        "python": "Python",
        "torch": "torch",
        "device": "Device",
        "threads": "Threads a run",
        "host": "Host",
        "commit": "Commit",
    }
    facts |= {title: ", ".join(findings.environments[name]) for name, title in names.items() if name in findings.environments}
    if "true" in findings.environments.get("dirty", ()):
        facts["Commit"] = facts.get("Commit", "") + ", with changes that were not committed"
    return tuple(facts.items())
