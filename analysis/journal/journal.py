"""`Findings`, curves and notes in, a `Journal` out: ordered sections of plain values. The Markdown and the HTML page are two
layouts of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal import closing, observations, scatter, tables
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.factors import FACTORS
from sweepbook.analysis.journal.notes.notes import GroupNotes, Notes
from sweepbook.analysis.journal.pictures import Figures, figures
from sweepbook.analysis.journal.questions.answer import Answer
from sweepbook.analysis.journal.ranking import ranking, tiers
from sweepbook.analysis.journal.reading import reading
from sweepbook.analysis.journal.recipes import Recipe, recipes
from sweepbook.analysis.journal.section import Section, section
from sweepbook.analysis.journal.troubles import troubles
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Table
from sweepbook.analysis.predictions.behind import each
from sweepbook.runner.study import Study


@dataclass(frozen=True)
class Journal:
    """The whole journal, in reading order. `headline` says what was run, `answers` are those to the five questions of the first
    screen, `notes` the author's own words at the top level."""

    title: str
    subtitle: str
    headline: str
    answers: tuple[Answer, ...]
    noise: str
    sections: tuple[Section, ...]
    pictures: tuple[Picture, ...]
    ranking: Table
    tiers: Table
    effects: Table
    ranges: Table
    noise_besides: tuple[str, ...]
    noise_behind: tuple[str, ...]
    noises: Table
    recipes: tuple[Recipe, ...]
    test: tuple[str, ...]
    troubles: Table
    runs: Table
    checks: Table
    totals: tuple[str, ...]
    future: tuple[str, ...]
    made: tuple[tuple[str, str], ...]
    notes: Notes

    @property
    def overview(self) -> tuple[str, ...]:
        """The answers in a line each, the question first."""
        return tuple(f"{answer.question} {answer.says}" for answer in self.answers)

    @property
    def factors(self) -> tuple[Picture, ...]:
        """The figure of the first screen; none where no factor has an effect."""
        return tuple(picture for picture in self.pictures if picture.name == FACTORS)


def journal(findings: Findings, sweep: Sweep, notes: Notes, made: Mapping[str, str], shown: Figures | None = None) -> Journal:
    """The journal of `findings`; `made` tells of the page's making what they do not know: the version, the command. `shown` are
    its figures where they are there already."""
    study, shown = findings.study, shown or figures(findings, sweep)
    return Journal(
        title=study.title,
        subtitle=study.subtitle,
        headline=_headline(findings),
        answers=answers(findings, made.get("Made again with", "")),
        noise=scatter.noise(findings),
        sections=tuple(_said_once(_sections(findings, sweep, notes, shown))),
        pictures=shown.overall,
        ranking=ranking(findings, shown.curves),
        tiers=tiers(findings),
        effects=tables.effects_table(findings),
        ranges=tables.ranges(findings),
        noise_besides=scatter.noise_besides(findings),
        noise_behind=(*scatter.noise_behind(findings), *observations.epoch_noise(findings)),
        noises=tables.noises(findings),
        recipes=recipes(findings),
        test=closing.test_score(findings),
        troubles=troubles(findings, sweep.picture),
        runs=tables.runs(findings, sweep),
        checks=tables.checks(findings),
        totals=closing.totals(findings),
        future=closing.future(findings),
        made=(*_made(findings, made), *reading(sweep.picture)),
        notes=notes,
    )


def _sections(findings: Findings, sweep: Sweep, notes: Notes, shown: Figures) -> Iterator[Section]:
    lost = observations.lost_runs(sweep)
    for group in findings.groups:
        name = group.group.name
        yield section(group, findings, shown.groups[name], shown.curves, notes.groups.get(name, GroupNotes()), lost)


def _said_once(sections: Iterable[Section]) -> Iterator[Section]:
    """The sections without the next steps that an earlier one names already."""
    said: set[str] = set()
    for own in sections:
        yield replace(own, next_steps=tuple(step for step in own.next_steps if step not in said))
        said.update(own.next_steps)


def _headline(findings: Findings) -> str:
    """What was run, when, and which scores the page speaks of."""
    ranking = findings.ranking
    runs = w.plural(sum(s.n for s in ranking), "run")
    what = f"{w.plural(len(ranking), 'configuration')}, {runs} ({each(ranking)})" if ranking else "no finished run"
    day = w.moment(findings.last).partition(",")[0] if findings.last is not None else ""
    name = w.metric_name(findings.study.metric)
    scores = f"every score is {name} unless it says otherwise ({_way(findings.study)})"
    return " · ".join(filter(None, [what, day, scores]))


def _way(study: Study) -> str:
    """Which way is better, and that it was read from the metric's name where the plan does not say it."""
    return w.way(study.goal) + ", by the metric's name" * study.goal_by_name


def _made(findings: Findings, made: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    study = findings.study
    own = {"Author": study.author, "Project": study.project, "Runs": w.span(findings.first, findings.last)}
    facts = {
        **{name: text for name, text in own.items() if text},
        **made,
        "Rounding": "only where a number is shown; a difference may be off by one in its last digit from that of the shown numbers",
        "Newest run": w.moment(findings.last),
    }
    names = {
        "python": "Python",
        "torch": "torch",
        "device": "Device",
        "threads": "Threads a run",
        "host": "Host",
        "commit": "Commit of the runs",
    }
    facts |= {title: ", ".join(findings.environments[name]) for name, title in names.items() if name in findings.environments}
    if "true" in findings.environments.get("dirty", ()):
        facts["Commit of the runs"] = facts.get("Commit of the runs", "") + ", with changes that were not committed"
    return tuple(facts.items())
