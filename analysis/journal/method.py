"""A group's findings in, how its answer is known out: the tests behind it, the intervals of everything that was compared, and the
runs that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.best import luck
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.journal import observations
from sweepbook.analysis.journal.anchors import config_anchor
from sweepbook.analysis.journal.insights import by_level, differences
from sweepbook.analysis.journal.patterns import acts_together
from sweepbook.analysis.journal.results import standings
from sweepbook.analysis.journal.sentences import recommended
from sweepbook.analysis.journal.tables import check_words
from sweepbook.analysis.page.table import Table
from sweepbook.analysis.stats.contrasts import Difference

OBSERVED = 40  # configurations whose curves are put into words; of more, the best and the worst five
BRIEF = ("Luck", "Acting together", "As run")  # of the tests; findings.json has the numbers of all
LISTED = 8  # names and differences in a row


@dataclass(frozen=True)
class Observation:
    """What the learning curves and the clock of one configuration show."""

    label: str
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Method:
    """How the answer of a group is known: `tests` by name, the few of them that stand in Markdown (`brief`), and `runs` by name,
    each a short text; what the `checks` found, by code; the tier and the letters of each configuration, and a line on its curves.
    """

    tests: tuple[tuple[str, str], ...]
    brief: tuple[tuple[str, str], ...]
    runs: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str], ...]
    standings: Table
    observations: tuple[Observation, ...]


def method(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> Method:
    """How the answer of the group is known."""
    tests = _named(_tests(found, findings))
    return Method(
        tests=tests,
        brief=tuple(pair for pair in tests if pair[0] in BRIEF),
        runs=_named(_runs(found, findings)),
        checks=tuple((c.code, check_words(c)) for c in findings.checks if c.group == found.group.name),
        standings=standings(found, findings),
        observations=_observations(found, curves, findings),
    )


def _named(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in pairs if text)


def _tests(found: GroupFindings, findings: Findings) -> list[tuple[str, str]]:
    if len(found.ranking) < 2 or findings.noise is None:
        return []
    steps = "Steps" if by_level(found) else "Against the best mean"
    return [
        ("Could be the best", _first_tier(found)),
        ("Luck", _luck(found, findings)),
        ("In this group", recommended(found.choice, found.ranking, findings, found.labels) if len(found.first) > 1 else ""),
        ("Not in question", _far(found)),
        ("Ranges", _ranges(found, findings)),
        (steps, _differences(found, findings)),
        ("Acting together", _together(found)),
        ("As run", _as_run(found, findings)),
    ]


def _first_tier(found: GroupFindings) -> str:
    """The first tier."""
    ranked = w.count(len(found.ranking) - len(found.unranked))
    return f"{w.count(len(found.first))} of {ranked}, the first tier, over all pairs of this group at 95% (Tukey)."


def _luck(found: GroupFindings, findings: Findings) -> str:
    """How far the best of the first tier lies above the others by luck alone, and what to expect of it."""
    form, made = findings.form(findings.study.metric), luck(found.first, findings.study.metric)
    if made is None:
        return ""
    who = f"{w.count(made.among)} equal ones" if made.among == len(found.first) else f"{w.count(made.among)} that scatter alike"
    lead = (
        f"The best of {who} lies {w.size(form, made.size)} {'above' if findings.study.sign > 0 else 'below'} their mean by chance"
    )
    return f"{lead}."


def _far(found: GroupFindings) -> str:
    """Those of the first tier that cost less than the recommended one and are not known well enough to be ruled out."""
    far = [found.labels[s.id] for s in found.choice.far] if found.choice else []
    if not far or len(far) > LISTED or len(found.first) < 2:
        return ""
    verbs = ("costs", "lies") if len(far) == 1 else ("cost", "lie")
    return f"{w.listing(far)} {verbs[0]} less, but {verbs[1]} too far behind the best mean to be recommended."


def _ranges(found: GroupFindings, findings: Findings) -> str:
    """How far the levels of each factor lie apart, and without the worst of them."""
    form, texts = findings.form(findings.study.metric), []
    for effect in found.effects:
        text = f"{w.setting_name(effect.factor)}, {effect.worst} to {effect.best}: {w.extent(form, effect.range)}"
        if effect.without_worst:
            text += f", without {effect.worst}: {w.extent(form, effect.without_worst)}"
        texts.append(text)
    return f"{'; '.join(texts)}. At 95% over all pairs of levels (Tukey)." if texts else ""


def _differences(found: GroupFindings, findings: Findings) -> str:
    """Every difference that was looked at, with its interval."""
    form, sign, texts = findings.form(findings.study.metric), findings.study.sign, []
    for one in differences(found, findings):
        made = one.difference if sign > 0 else _turned(one.difference)
        texts.append(f"{one.factor} {one.what} {w.change(form, made)}".lstrip())
    if not texts:
        return ""
    if by_level(found):
        how = "At the level at which a tenth of the steps that count as seen in the study are false on average"
        return f"{'; '.join(texts)}. {how} (Benjamini and Hochberg)."
    shown = texts if len(texts) <= LISTED else [*texts[:LISTED], f"and {w.count(len(texts) - LISTED)} more"]
    return f"{'; '.join(shown)}. At 95% over all pairs (Tukey)."


def _turned(made: Difference) -> Difference:
    """The difference with its sign changed."""
    if made.low is None or made.high is None:
        return Difference(-made.estimate, None, None)
    return Difference(-made.estimate, -made.high, -made.low)


def _together(found: GroupFindings) -> str:
    """The tests of whether the two factors of a grid act together: of all that effects which add up leave over, and Tukey's of
    their product, the smaller p of the two counted twice."""
    if found.grid is None:
        return ""
    names = w.listing([w.setting_name(factor) for factor in found.grid.factors])
    tests = [("all that is left over", found.grid.interaction), ("Tukey's of the product", found.grid.tukey)]
    shown = "; ".join(f"{name}, F({f.df[0]:g}, {f.df[1]:g}) = {f.statistic:.1f}, p {w.probability(f.p)}" for name, f in tests if f)
    if not shown:
        return f"{names}: nothing is there to test it against."
    verdict = "do" if acts_together(found.grid)[0] else "show no sign of it"
    return f"{names} {verdict} ({shown}; the smaller p counted twice)."


def _as_run(found: GroupFindings, findings: Findings) -> str:
    """That no cause is shown, where something else changed with the factor."""
    own = [c for c in findings.checks if c.group == found.group.name and c.limits == "cause" and not c.says and not c.silenced]
    codes = dict.fromkeys(c.code for c in own if len(c.factors) < 2)
    return f"{', '.join(codes)}: no cause is shown." if codes else ""


def _runs(found: GroupFindings, findings: Findings) -> list[tuple[str, str]]:
    logs = sorted(log for row in found.rows if row.summary for log in row.summary.logs)
    some = f"{logs[0]} and {len(logs) - 1} more, to {logs[-1]}" if len(logs) > w.MANY else ", ".join(logs)
    return [
        ("Curves", observations.curves_counted(found, findings)),
        ("Time a run", observations.times(found)),
        ("Labels", w.first_to_last([row.member.label for row in found.rows])),
        ("Logs", some if logs else ""),
    ]


def _observations(found: GroupFindings, curves: Mapping[str, Curves], findings: Findings) -> tuple[Observation, ...]:
    """A line for each configuration in the plan's order; for the best and the worst five where there are too many to read."""
    ranked = found.ranking
    shown = {s.id for s in (ranked if len(ranked) <= OBSERVED else [*ranked[:5], *ranked[-5:]])}
    summaries = {summary.id: summary for summary in found.summaries}
    lines = []
    for key, label in found.labels.items():
        if key in shown and key in summaries:
            text = observations.observation(summaries[key], curves.get(key), findings)
            lines.append(Observation(label, text, config_anchor(key)))
    return tuple(lines)
