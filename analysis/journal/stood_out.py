"""Findings in, what happened in the training of a study that a reader should know out, the gravest first; nothing where all went
as it should."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import DIVERGED, IMPROVING, OSCILLATING, OVERFITTING, RISING, UNLEARNT
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.page.scale import bulk

NAMED = 3  # configurations that are named for one thing; of more their number
MOST = 0.5  # of the runs: from here on it is said that they were still improving
STATES = {UNLEARNT: "did not learn", DIVERGED: "fell apart", RISING: "got worse at the end"}
SLOW, UNSTABLE, OVERFITTED = "learned too slowly", "is unstable", "overfitted"
DISAGREE = "has seeds that disagree"
SWINGS = "the loss swings from epoch to epoch"
LATE = (RISING, OSCILLATING, OVERFITTING)  # of these a configuration is said to be what most of its runs are
OF_EVENT = {**{what: state for state, what in STATES.items()}, UNSTABLE: OSCILLATING, OVERFITTED: OVERFITTING}


@dataclass(frozen=True)
class Event:
    """What happened to a configuration, and how often or how far: `how` has its score besides what is in `when`."""

    what: str
    summary: Summary
    how: str
    when: str = ""

    @property
    def says(self) -> str:
        """The same without its score: "lr_0.1 is unstable (2 of 3 runs)"."""
        return f"{self.summary.label} {self.what}{f' ({self.when})' if self.when else ''}"


def events(findings: Findings, among: Sequence[Summary] | None = None) -> tuple[Event, ...]:
    """What happened, each configuration once; where some are named, `among` these alone."""
    metric, sign = findings.study.metric, findings.study.sign
    scores = [sign * s.means[metric].value for s in findings.ranking]
    edge = bulk(scores)[0] if scores else 0.0
    some = findings.ranking if among is None else among
    ended = _by_state(findings, some)
    loose = findings.unranked | (findings.noise.outlying if findings.noise else frozenset())
    kinds: list[tuple[str, Sequence[Summary], Callable[[Summary], str]]] = [
        *((what, ended[state], lambda s, state=state: _ended(s, findings, state)) for state, what in STATES.items()),
        (SLOW, ended[IMPROVING], lambda s: _slow(s, findings, edge)),
        (DISAGREE, [s for s in some if s.id in loose], lambda s: _disagreeing(s, findings)),
        (UNSTABLE, ended[OSCILLATING], lambda s: _unstable(s, findings)),
        (OVERFITTED, ended[OVERFITTING], lambda s: _ended(s, findings, OVERFITTING)),
    ]
    told: dict[str, Event] = {}
    for what, of, seen in kinds:
        for s in of:
            if s.id not in told and (how := seen(s)):
                told[s.id] = Event(what, s, how, how if what == DISAGREE else _when(s, findings, OF_EVENT.get(what, "")))
    return tuple(told.values())


def _by_state(findings: Findings, some: Sequence[Summary]) -> Mapping[str, Sequence[Summary]]:
    """Those of some configurations with a run that ended in a state, by that state."""
    ended: dict[str, list[Summary]] = defaultdict(list)
    for s in some:
        for state in _said_of(Counter(run.state for run in findings.diagnoses.of(s.logs))):
            ended[state].append(s)
    return ended


def _said_of(states: Counter[str]) -> Sequence[str]:
    """The states of a configuration's runs, of `LATE` ones only those that come most often."""
    most = max(states[state] for state in LATE)
    return [state for state, count in states.items() if state not in LATE or count == most]


def stood_out(findings: Findings, name: Callable[[Summary], str]) -> tuple[str, ...]:
    """A sentence for each kind or configuration, without its full stop; `name` says what one is called."""
    lines: list[str] = []
    for what, group in groupby(events(findings), key=lambda event: event.what):
        lines += _said(what, list(group), name)
    return (*lines, *_improving(findings))


def _said(what: str, own: Sequence[Event], name: Callable[[Summary], str]) -> list[str]:
    """One sentence for all to whom the same happened in the same way, or who are many; else one for each."""
    many = what.replace("is ", "are ", 1).replace("has ", "have ", 1)
    if len(own) > NAMED:
        return [f"{w.count(len(own))} configurations {many}"]
    if len(own) > 1 and what == UNSTABLE:
        called = [_begun(own[0], name), *(name(event.summary) for event in own[1:])]
        who = [f"{one} ({event.when})" if event.when else one for one, event in zip(called, own, strict=True)]
        why = f" ({SWINGS.replace('the', 'their', 1)})" if len(own) == 2 else ""  # a third would make the sentence too long
        return [f"{w.listing(who)} {many}{why}"]
    return [f"{_begun(event, name)} {what} ({event.how})" for event in own]


def _begun(event: Event, name: Callable[[Summary], str]) -> str:
    """The words for a configuration at the head of a sentence; its label stays as it is written."""
    words = name(event.summary)
    return words if words == event.summary.label else w.capital(words)


def _runs(s: Summary, findings: Findings, state: str) -> int:
    return sum(run.state == state for run in findings.diagnoses.of(s.logs))


def _score(s: Summary, findings: Findings) -> str:
    form = findings.form(findings.study.metric)
    return w.score(form, s.means[form.metric].value)


def _ended(s: Summary, findings: Findings, state: str) -> str:
    """How many of its runs ended in the `state`, from which epoch on, and its score; "" for none."""
    hit = _runs(s, findings, state)
    if not hit:
        return ""
    score = f"mean {_score(s, findings)}" if hit < s.n else _score(s, findings)
    return "; ".join(filter(None, [_when(s, findings, state), score]))


def _unstable(s: Summary, findings: Findings) -> str:
    return "; ".join(filter(None, [_when(s, findings, OSCILLATING), SWINGS]))


def _when(s: Summary, findings: Findings, state: str) -> str:
    """From which epoch on its runs ended in the `state`, and how many did, where not all: "from epoch 9; 4 of 5 runs"."""
    hit = [run for run in findings.diagnoses.of(s.logs) if run.state == state]
    since = [f"from epoch {first}"] if (first := min((run.epoch for run in hit if run.epoch), default=0)) else []
    some = [f"{w.count(len(hit))} of {w.plural(s.n, 'run')}"] if 0 < len(hit) < s.n else []
    return "; ".join([*since, *some])


def _slow(s: Summary, findings: Findings, edge: float) -> str:
    """Its score, where it ended beyond the `edge` of the others' while all its runs were still improving."""
    behind = findings.study.sign * s.means[findings.study.metric].value < edge
    return _score(s, findings) if behind and _runs(s, findings, IMPROVING) == s.n else ""


def _disagreeing(s: Summary, findings: Findings) -> str:
    """Where the seeds end of one whose seeds lie apart by far more than is usual."""
    form = findings.form(findings.study.metric)
    if s.n < 2:
        return ""
    low, high = (w.score(form, end(s.runs[form.metric])) for end in (min, max))
    if low == high:
        return ""
    return f"{low.removesuffix('%')} to {high}"


def _improving(findings: Findings) -> Sequence[str]:
    """That training stopped early, where most runs were still improving."""
    known = [run for s in findings.ranking for run in findings.diagnoses.of(s.logs)]
    still = sum(run.state == IMPROVING for run in known)
    if not known or still < MOST * len(known):
        return ()
    return (f"{w.count(still)} of {w.plural(len(known), 'run')} were still improving when they stopped",)
