"""`Findings` in, a `Journal` out: ordered sections of plain values. The Markdown and the HTML page are two layouts of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomlkit

from analysis import sentences
from analysis import wording as w
from analysis.findings import Findings, GroupFindings, Summary
from analysis.picture import Picture, picture
from analysis.tables import Column, Line, Table, ranking, results
from runner.config import SETTINGS, level_text

MANY_LABELS = 8  # from here on labels are told as the first, the last and their number


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


def journal(findings: Findings, made: Mapping[str, str]) -> Journal:
    """The journal of `findings`; `made` tells of the page's making what they do not know: the version, the command."""
    study = findings.study
    return Journal(
        title=study.title,
        subtitle=study.subtitle,
        facts=_facts(findings),
        overview=sentences.overview(findings),
        sections=tuple(_section(group, findings) for group in findings.groups),
        ranking=ranking(findings),
        recipes=_recipes(findings),
        totals=sentences.totals(findings),
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


def _section(found: GroupFindings, findings: Findings) -> Section:
    study, labels = findings.study, {row.member.id: row.member.label for row in reversed(found.rows)}
    ranked = [s for s in findings.ranking if s.id in labels]
    return Section(
        name=found.group.name,
        title=found.group.title,
        plan=_plan(found, findings),
        summary=sentences.summary(ranked, study.metric, labels),
        predictions=tuple(Checked(o.prediction.says, sentences.claim(o), sentences.found(o)) for o in found.outcomes),
        results=results(found, study.metric),
        picture=picture(found, study.metric),
    )


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
    sentence = (
        f"{summary.label}, {why}: {w.metric_name(metric)} {w.score(metric, estimate.mean)} ({sentences.rest(metric, estimate)})."
    )
    if test := summary.metrics.get("test_accuracy"):
        sentence += f" Test accuracy {w.score('test_accuracy', test.mean)} ({sentences.rest('test_accuracy', test)})."
    table = "baseline" if all(key in SETTINGS for key in summary.config) else "config"
    return Recipe(title.capitalize(), sentence, tomlkit.dumps({table: dict(summary.config)}))


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
