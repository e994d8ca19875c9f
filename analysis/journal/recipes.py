"""Findings in, the configurations that are worth running again out, with the settings to do so."""

from collections.abc import Mapping
from dataclasses import dataclass

import tomlkit
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.scores import scored
from sweepbook.runner.config import Config
from sweepbook.runner.settings import SETTINGS

RECOMMENDED, SINGLE, COMBINED = "recommended", "best with one setting changed", "best with several settings changed"
PLAN = "Copy a block into the study.toml of a new plan: its groups then start from these settings."
SCRIPT = "A block has the settings as the logs have them, for your own training."


@dataclass(frozen=True)
class Recipe:
    """A configuration to run again: what it is, why it stands here, what to do with its settings, and these as TOML."""

    title: str
    sentences: tuple[str, ...]
    use: str
    toml: str


def recipes(findings: Findings) -> tuple[Recipe, ...]:
    """The recommended configuration, the best with one setting changed and the best with several, each once."""
    wanted = ((RECOMMENDED, findings.recommended), (SINGLE, findings.best_single), (COMBINED, findings.best_combined))
    roles: dict[str, list[str]] = {}
    for role, summary in wanted:
        if summary:
            roles.setdefault(summary.id, []).append(role)
    known = {summary.id: summary for _, summary in wanted if summary}
    return tuple(_recipe(own, known[key], findings) for key, own in roles.items())


def _recipe(roles: list[str], summary: Summary, findings: Findings) -> Recipe:
    metric, choice = findings.study.metric, findings.choice
    score = f"{summary.label} has a {w.metric_name(metric)} of {scored(summary, metric, findings)}"
    sentences = [f"{score}, over {w.plural(summary.n, 'run')}."]
    if RECOMMENDED in roles and choice:
        sentences.append(_why(summary, findings))
    trained = all(key in SETTINGS for key in summary.config)
    toml = _toml("baseline" if trained else "", summary.config)
    return Recipe(f"{w.listing(roles).capitalize()}: {summary.label}", tuple(sentences), PLAN if trained else SCRIPT, toml)


def _why(summary: Summary, findings: Findings) -> str:
    """Why it is recommended, and what it gives away against the best mean."""
    choice, form = findings.choice, findings.form(findings.study.metric)
    if choice is None or choice.best is summary:
        return "That is the best mean."
    if not choice.gives_away:
        return f"It is the cheapest, with the same mean as {choice.best.label}."
    return f"It is the cheapest near the best mean, {w.size(form, choice.gives_away)} worse than {choice.best.label}."


def _toml(table: str, settings: Config) -> str:
    """The settings as TOML, a line each, under the name of a table: tomlkit's own tables take time by the square of their keys."""
    if any(isinstance(value, Mapping) for value in settings.values()):
        return tomlkit.dumps({table: dict(settings)} if table else dict(settings))
    lines = [f"{tomlkit.key(name).as_string()} = {tomlkit.item(value).as_string()}\n" for name, value in settings.items()]
    return "".join([*([f"[{table}]\n"] if table else []), *lines])
