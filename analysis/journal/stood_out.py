"""Configurations in, what happened in their training that a reader should know out, the gravest first; nothing where all went as it
should."""

from collections.abc import Iterator, Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import DIVERGED, IMPROVING, OSCILLATING, OVERFITTING, RISING, UNLEARNT, Diagnosis
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.page.scale import bulk

NAMED = 3  # configurations that are named for one thing; of more their number
MOST = 0.5  # of the runs: from here on it is said that they were still improving


def stood_out(summaries: Sequence[Summary], findings: Findings, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """A sentence each, without its full stop. `names` are labels by id, where they are not the summaries' own."""
    names = names or {s.id: s.label for s in summaries}
    runs = {s.id: findings.diagnoses.of(s.logs) for s in summaries}
    told: set[str] = set()
    lines: list[str] = []
    for state, what in ((UNLEARNT, "did not learn"), (DIVERGED, "fell apart"), (RISING, "got worse as it trained")):
        lines += _each(state, what, summaries, runs, names, findings, told)
    lines += _slow(summaries, runs, names, findings, told)
    lines += _unsteady(summaries, runs, names, findings, told)
    lines += _each(OVERFITTING, "overfitted", summaries, runs, names, findings, told)
    return (*lines, *_improving(summaries, runs))


def _each(
    state: str,
    what: str,
    summaries: Sequence[Summary],
    runs: Mapping[str, Sequence[Diagnosis]],
    names: Mapping[str, str],
    findings: Findings,
    told: set[str],
) -> Iterator[str]:
    """The configurations of which a run ended in `state`, each in how many of its runs, and with its score."""
    own = [s for s in summaries if s.id not in told and any(run.state == state for run in runs[s.id])]
    told.update(s.id for s in own)
    if len(own) > NAMED:
        count = sum(run.state == state for s in own for run in runs[s.id])
        yield f"{w.count(len(own))} configurations {what} ({w.plural(count, 'run')})"
        return
    for s in own:
        hit = [run for run in runs[s.id] if run.state == state]
        some = f" in {w.count(len(hit))} of {w.plural(s.n, 'run')}" if len(hit) < s.n else ""
        ends = sorted({run.epoch for run in hit if run.epoch})
        when = f" from epoch {ends[0]}" if ends else ""
        yield f"{names[s.id]} {what}{when}{some} ({w.score(findings.form(findings.study.metric), _mean(s, findings))})"


def _mean(s: Summary, findings: Findings) -> float:
    return s.means[findings.study.metric].value


def _unsteady(
    summaries: Sequence[Summary],
    runs: Mapping[str, Sequence[Diagnosis]],
    names: Mapping[str, str],
    findings: Findings,
    told: set[str],
) -> Iterator[str]:
    """The configurations whose seeds disagree by far more than is usual, or whose curves swing from epoch to epoch."""
    metric, noise = findings.study.metric, findings.noise
    form = findings.form(metric)
    loose = findings.unranked | (noise.outlying if noise else frozenset())
    swings = {s.id for s in summaries if any(run.state == OSCILLATING for run in runs[s.id])}
    own = [s for s in summaries if s.id not in told and s.id in loose | swings and s.n > 1]
    told.update(s.id for s in own)
    if len(own) > NAMED:
        yield f"{w.count(len(own))} configurations are unstable: their seeds disagree, or their loss swings from epoch to epoch"
        return
    for s in own:
        low, high = (w.score(form, end(s.runs[metric])) for end in (min, max))
        wild = f"{low.removesuffix('%')} to {high}" if s.id in loose else "its loss swings from epoch to epoch"
        yield f"{names[s.id]} is unstable ({wild})"


def _slow(
    summaries: Sequence[Summary],
    runs: Mapping[str, Sequence[Diagnosis]],
    names: Mapping[str, str],
    findings: Findings,
    told: set[str],
) -> Iterator[str]:
    """The configurations that ended far behind the others while they were still improving."""
    metric, sign = findings.study.metric, findings.study.sign
    usual = bulk([_mean(s, findings) for s in summaries])
    edge = usual[0] if sign > 0 else usual[1]
    own = [s for s in summaries if s.id not in told and sign * _mean(s, findings) < sign * edge]
    own = [s for s in own if runs[s.id] and all(run.state == IMPROVING for run in runs[s.id])]
    told.update(s.id for s in own)
    if len(own) > NAMED:
        yield f"{w.count(len(own))} configurations learned too slowly: far behind, and still improving"
        return
    for s in own:
        yield f"{names[s.id]} learned too slowly ({w.score(findings.form(metric), _mean(s, findings))})"


def _improving(summaries: Sequence[Summary], runs: Mapping[str, Sequence[Diagnosis]]) -> Iterator[str]:
    """That training stopped early, where most runs were still improving."""
    known = [run for s in summaries for run in runs[s.id]]
    still = sum(run.state == IMPROVING for run in known)
    if known and still >= MOST * len(known):
        yield f"{w.count(still)} of {w.plural(len(known), 'run')} were still improving when they stopped"
