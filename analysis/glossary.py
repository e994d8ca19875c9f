"""The words with an exact meaning, each with its explanation; text in, the words of it that stand in a text out. docs/glossary.md
has the same words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word of the glossary: what it means, in one sentence, and how it is looked for in a text. `sought` is a pattern where the
    text has it in other forms; `everyday` is a word that a text has in its common meaning, too: only where it stands as a verdict
    of its own is it this one."""

    word: str
    meaning: str
    sought: str = ""
    everyday: bool = False

    @property
    def anchor(self) -> str:
        """The name of its place in a page."""
        return "term-" + "-".join(re.findall("[a-z]+", self.word.lower()))


WHAT_WAS_RUN = (
    Term("run", "One training of one configuration with one seed; it leaves one log.", everyday=True),
    Term(
        "configuration",
        "One choice of every setting except the seed; runs with the same settings are runs of one configuration.",
        "configurations?",
    ),
    Term("setting", "Something that you choose before training, such as the learning rate or the number of layers.", everyday=True),
    Term("level", "One value of a setting that the study tries, such as a learning rate of 0.01.", everyday=True),
    Term("factor", "A setting that a group tries at several levels.", "factors?"),
    Term(
        "seed",
        "The number that fixes the first weights and the order of the training examples; a run with another seed differs by luck "
        "alone.",
        "seeds?",
    ),
    Term("group", "One question of the plan, with the configurations that were run to answer it.", everyday=True),
    Term("baseline", "The configuration that every group starts from and changes in one or more settings."),
    Term("points", "Percentage points: from 82% to 84% is 2 points.", everyday=True),
    Term("validation accuracy", "The share of validation examples classified right; it decides what is better."),
    Term(
        "test accuracy",
        "The share of test examples classified right; it is measured once, for the recommended configuration, and decides nothing.",
    ),
    Term("gap", "Validation loss minus training loss; a large gap is a sign of overfitting."),
)
HOW_TWO_ARE_COMPARED = (
    Term(
        "better",
        "The interval of the difference lies wholly on the good side of 0, so luck alone is an unlikely cause.",
        everyday=True,
    ),
    Term(
        "worse",
        "The interval of the difference lies wholly on the bad side of 0, so luck alone is an unlikely cause.",
        everyday=True,
    ),
    Term(
        "no visible difference",
        "The interval of the difference contains 0; a true difference as large as its farther end could still hide.",
    ),
    Term("cannot tell yet", "These runs decide neither way; more seeds may."),
    Term(
        "interval",
        'The range that holds the true value 19 times in 20; a sentence gives it in brackets: "83.6% (82.1 to 84.9)".',
        "(?:95% )?intervals?",
    ),
    Term("noise", "How far runs of one configuration lie apart only because their seeds differ."),
    Term(
        "another seed lands ± x away",
        "The typical distance (one standard deviation) of a single run from the average of its configuration.",
        "another seed lands?",
    ),
    Term(
        "ignore differences under x",
        "The smallest difference between two averages that the usual number of seeds shows, for two configurations that could be "
        "the best.",
        "ignore differences under",
    ),
    Term("average", "The mean score of all runs of one configuration that count.", everyday=True),
    Term(
        "as run",
        "The result holds for what was run, but something else changed along with the setting, so the setting is not proven to be "
        "the cause.",
    ),
    Term(
        "check",
        "A test of the study for what a careful reader would object to; each has a code such as SB101 and its own page.",
        everyday=True,
    ),
)
WHICH_TO_USE = (
    Term("could be the best", "No other configuration of the comparison is shown to be better than this one."),
    Term("best mean", "The highest average (the lowest, where lower is better); it is partly luck, and not a proven winner."),
    Term("recommended", "The cheapest configuration that could be the best and scores close to the best mean."),
    Term(
        "not ranked",
        "Its own runs lie so far apart that it may be the best or far behind, so it has no place in the ranking.",
    ),
    Term(
        "expect about x from a repeat",
        "The best mean less the luck of having been picked as the highest of several; new runs should come near it.",
        "expect about",
    ),
)
WHAT_YOU_EXPECTED = (
    Term("expectation", "A claim written in the plan before the runs; plan files call it a prediction.", "expectations?"),
    Term("held", "The interval lies wholly on the claimed side; marked ✓.", everyday=True),
    Term("did not hold", "The interval lies wholly on the other side; marked ✗."),
    Term("open", "The interval contains both sides, so these runs cannot decide; marked ?.", everyday=True),
    Term("says nothing", "The claim is true or false whatever the runs come to, so it is not counted."),
    Term(
        "n more seeds each would settle it",
        "With so many more seeds for each configuration, 8 of 10 such studies would decide, if the true difference is the one "
        "seen.",
        "(?:(?:n|[\\d,]+) more seeds? (?:each )?)?would settle",
    ),
    Term("exploratory", "Nobody asked before the runs: it was found by looking, and needs runs of its own to be sure."),
)
WHAT_A_CURVE_SHOWED = (
    Term("did not learn", "Loss and score stayed near those of guessing, or near where the run began."),
    Term("fell apart", "The loss stopped being a finite number, or ended worse than guessing."),
    Term("got worse at the end", "The validation loss rose over the last epochs, and overfitting is not shown."),
    Term("still improving", "The validation loss was still falling over the last epochs."),
    Term("learned too slowly", "All its runs were still improving when they stopped, and far behind those of the others."),
    Term("flat", "The validation loss no longer changed by more than it scatters from epoch to epoch.", everyday=True),
    Term(
        "overfitting from epoch 6",
        "The validation loss was lowest at epoch 6 and has risen since by more than it scatters.",
        "overfit(?:s|ting|ted)? from epoch",
    ),
    Term(
        "unstable",
        "The validation loss jumps from epoch to epoch more than that of the other runs; with new runs this can change.",
    ),
    Term("seeds disagree", "Runs of one configuration end much further apart than those of others like it."),
)
HOW_WE_KNOW = (
    Term("standard deviation", "The typical distance of a value from the mean of its kind.", "standard deviations?"),
    Term(
        "degrees of freedom",
        "How many independent differences the noise was learned from; the more there are, the narrower the intervals.",
    ),
    Term(
        "share of the seed",
        "How much of the noise comes from what a seed does to all configurations alike; it cancels where two are compared at the "
        "same seeds.",
    ),
    Term(
        "tier",
        "A rank shared by configurations not shown to be behind the best of them; tier 1 holds those that could be the best.",
        "tiers?",
    ),
    Term("letters", "Two configurations of a table that share no letter are shown to differ."),
    Term(
        "simultaneous",
        "Said of intervals that hold for all comparisons of a family at once, so that looking at many does not make a false one "
        "likely.",
    ),
    Term(
        "Tukey's method",
        "Intervals for all pairs at once, used for tiers, letters and the range of a factor.",
        "Tukey(?:['’]s method)?",
    ),
    Term("Holm's method", "A correction that shares the 5% of possible error among several tests.", "Holm(?:['’]s method)?"),
    Term(
        "false discovery rate",
        "The share of false ones among the steps that are reported; it is held to 10%.",
    ),
    Term("interaction", "The effect of one setting depends on the level of another.", "interactions?"),
    Term("residual", "What is left of a score in a grid once the effects of its rows and columns are taken off.", "residuals?"),
)
# The words by what they are about, in the order of reading.
PARTS = {
    "What was run": WHAT_WAS_RUN,
    "How two are compared": HOW_TWO_ARE_COMPARED,
    "Which one to use": WHICH_TO_USE,
    "What you expected": WHAT_YOU_EXPECTED,
    "What a learning curve showed": WHAT_A_CURVE_SHOWED,
    'Behind "How we know"': HOW_WE_KNOW,
}
TERMS = tuple(term for part in PARTS.values() for term in part)
# Where two begin at the same place, the longer word is meant.
_LONGEST = sorted(TERMS, key=lambda term: -len(term.word))
_EXACT = [term for term in _LONGEST if not term.everyday]


def _any_of(terms: Sequence[Term]) -> re.Pattern[str]:
    """What finds each of these words, between the ends of words alone: first of all a word's beginning, which is quick."""
    words = (f"(?P<t{TERMS.index(term)}>{term.sought or re.escape(term.word)})" for term in terms)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)


_IN_TEXT, _IN_VERDICTS = _any_of(_EXACT), _any_of(_LONGEST)


def finds(text: str, verdict: bool = False) -> Iterator[tuple[int, int, Term]]:
    """Each place of `text` where a word of the glossary stands, and the word; everyday ones where the text is a `verdict`."""
    for match in (_IN_VERDICTS if verdict else _IN_TEXT).finditer(text):
        yield match.start(), match.end(), TERMS[int(str(match.lastgroup)[1:])]


def occurring(text: str) -> list[Term]:
    """The words of the glossary that `text` uses, in the glossary's order, without those that stand behind "How we know"."""
    used = {term.word for _, _, term in finds(text)}
    return [term for term in TERMS if term.word in used and term not in HOW_WE_KNOW]
