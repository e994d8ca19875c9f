"""What a check has to object, as a value; and the plan's reasons for silencing it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from sweepbook.analysis import words as w
from sweepbook.runner.study import CHECKS, Study

Limits: TypeAlias = Literal["", "cause", "gap", "timing"]
# What each check objects to, in a word or three.
WORDS = {
    "SB101": "something else moved",
    "SB102": "unequal scoring",
    "SB103": "setting not logged",
    "SB104": "several changes at once",
    "SB105": "one learning rate",
    "SB106": "best at the edge",
    "SB107": "too short to overfit",
    "SB108": "chosen on test data",
    "SB109": "setting without effect",
    "SB110": "expected afterwards",
    "SB111": "gap too low",
    "SB112": "uneven noise",
    "SB113": "unlike tasks",
    "SB114": "many looks",
    "SB201": "runs lost",
    "SB202": "runs missing",
    "SB203": "logs disagree",
    "SB204": "uneven series",
    "SB205": "seeds not planned",
    "SB206": "values read otherwise",
}


@dataclass(frozen=True)
class Check:
    """Something that an honest reader would object to.

    `group` is the name of the group it is about, "" for the whole study; `groups` then has those concerned, all where it is empty.
    `labels` are the runs it names and `message` says in one sentence what was found.

    `limits` says which conclusions hold only as run: those that name a "cause", those on the "gap", or predictions that came late
    ("timing"); "" where it limits none. `factors` narrows that to one factor, or to what is said of two against each other; it is
    empty where all are meant. `says` narrows it to the predictions with these sentences.

    `doubt` has what else may be the cause, as the end of a sentence. `silenced` is the plan's reason, "" without one.
    """

    code: str
    group: str
    labels: tuple[str, ...]
    message: str
    factors: tuple[str, ...] = ()
    silenced: str = ""
    groups: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    limits: Limits = ""
    doubt: str = ""

    @property
    def word(self) -> str:
        """What it objects to, in a word or three."""
        return WORDS.get(self.code, "objection")


def together(study: Study, code: str, names: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """How one fact that holds in the groups `names` is told: once, and apart only for a group that silences it. Each with the
    group to name ("" for several) and all those meant."""
    own = {group.name for group in study.groups if code in group.silence}
    shared = tuple(name for name in names if name not in own)
    for part in ([shared] if shared else []) + [(name,) for name in names if name in own]:
        yield (part[0] if len(part) == 1 else ""), part


def places(names: Sequence[str], total: int) -> str:
    """Where a fact holds: 'in group "lr"', "in 3 of 7 groups", "in all 7 groups"."""
    if len(names) == 1:
        return f'in group "{names[0]}"'
    return f"in all {total} groups" if len(names) == total else f"in {len(names)} of {total} groups"


def named(labels: Sequence[str]) -> str:
    """Labels in a sentence: "a, b and c"; of many the first, the last and their number."""
    return w.first_to_last(labels) if len(labels) > w.MANY else w.listing(list(labels))


def settled(study: Study, fired: Iterable[Check]) -> tuple[Check, ...]:
    """The checks in order, by code and then by the plan's groups, each with the plan's reason for silencing it."""
    order = {name: place for place, name in enumerate(["", *(group.name for group in study.groups)])}
    silence = {group.name: group.silence for group in study.groups}
    codes = list(CHECKS)
    with_reasons = [replace(check, silenced=_reason(check, study, silence)) for check in fired]
    return tuple(sorted(with_reasons, key=lambda check: (codes.index(check.code), order.get(check.group, 0))))


def _reason(check: Check, study: Study, silence: Mapping[str, Mapping[str, str]]) -> str:
    own = [silence.get(name, {}).get(check.code) for name in ([check.group] if check.group else check.groups)]
    reasons = [reason for reason in own if reason]
    if reasons and len(reasons) == len(own):
        return "; ".join(dict.fromkeys(reasons))
    return study.silence.get(check.code, "")
