"""Findings in, the configurations that are worth running again out, with the TOML to do so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomlkit
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal import sentences
from sweepbook.analysis.journal.scores import scored
from sweepbook.runner.config import SETTINGS, Config


@dataclass(frozen=True)
class Recipe:
    """A configuration to run again: why it stands here, and its settings as TOML."""

    title: str
    sentence: str
    toml: str


def recipes(findings: Findings) -> tuple[Recipe, ...]:
    """The recommended configuration, the best with one setting changed and the best with several, each told once."""
    single, combined, recommended = findings.best_single, findings.best_combined, findings.recommended
    why = sentences.why_recommended(findings.choice, findings.ranking, findings) if findings.choice else ""
    wanted = [
        ("recommended", why, recommended),
        ("best with one setting changed", "the best mean among those that differ from the baseline in one setting", single),
        ("best with several settings changed", "the best mean among those that differ in two settings or more", combined),
    ]
    roles: dict[str, list[tuple[str, str]]] = {}
    for title, why, summary in wanted:
        if summary:
            roles.setdefault(summary.id, []).append((title, why))
    found = {summary.id: summary for _, _, summary in wanted if summary}
    return tuple(_recipe(told, found[key], findings) for key, told in roles.items())


def _recipe(roles: Sequence[tuple[str, str]], summary: Summary, findings: Findings) -> Recipe:
    metric = findings.study.metric
    title, why = (w.listing([role[i] for role in roles]) for i in (0, 1))
    sentence = f"{summary.label}, {why}: {w.metric_name(metric)} {scored(summary, metric, findings)}."
    if "test_accuracy" in summary.metrics:
        sentence += f" Test accuracy {scored(summary, 'test_accuracy', findings)}."
    table = "baseline" if all(key in SETTINGS for key in summary.config) else "config"
    return Recipe(title.capitalize(), sentence, _toml(table, summary.config))


def _toml(table: str, settings: Config) -> str:
    """The settings as a table of TOML, a line each: tomlkit's own tables take time by the square of their keys."""
    if any(isinstance(value, Mapping) for value in settings.values()):
        return tomlkit.dumps({table: dict(settings)})
    lines = [f"{tomlkit.key(name).as_string()} = {tomlkit.item(value).as_string()}\n" for name, value in settings.items()]
    return "".join([f"[{table}]\n", *lines])
