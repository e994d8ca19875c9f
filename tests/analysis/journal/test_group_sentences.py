"""Every kind of sentence that a group's section makes is read back against the numbers that it speaks of, over many random sweeps.
A sentence of no known kind fails: whoever adds one says here what it may claim."""

import json
import re
from statistics import mean

import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.journal.conclusion import conclusion
from sweepbook.analysis.journal.expectations import expectations
from sweepbook.analysis.journal.insights import insights
from sweepbook.analysis.journal.method import method
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.journal.patterns import patterns
from sweepbook.analysis.predictions.verdict import SAID, SIGN

pytestmark = pytest.mark.slow

SIZE = r"(?:less than )?[\d.e-]+(?: points)?"
SCORE = r"-?[\d.]+%?"
NAME = r"[\w.-]+"
NAMES = rf"{NAME}(?:, {NAME})*(?: and {NAME})?"
HIDES = rf"(?:up to (?P<hidden>{SIZE})|even a large one) could hide"
FACTORS = {"epochs": "epochs", "first-layer units": "units1", "learning rate": "lr", "optimizer": "optimizer"}
LONGEST = 25  # words of a sentence that has no list


def listed(text):
    return re.split(r", | and ", text) if text else []


class Told:
    """The findings of a sweep and one of its groups, as findings.json has them, and the group itself."""

    def __init__(self, result, place, found):
        self.result, self.made, self.found = result, result.groups[place], found
        self.group = self.found["groups"][place]
        self.sign = 1 if self.found["goal"] == "maximize" else -1
        self.scale, self.close = (100, 0.051) if self.found["metric"] == "valid_accuracy" else (1, 0.00051)
        self.effects = {e["factor"]: e for e in self.found["effects"] if e["group"] == self.group["name"]}
        self.rows = [c for c in self.found["configs"] if c["id"] in self.group["configs"] and c["n"]]
        self.alone = len(self.group["factors"]) == 1

    def called(self, config):
        """The names that a sentence may have for a configuration: its labels, and its level where one factor varies."""
        own = [config["labels"][0], *config["labels"]]
        factor = self.group["factors"][0]
        return [*own, str(config["config"][factor])] if self.alone else own

    def config(self, name):
        return next(c for c in self.rows if name in self.called(c))

    def mean(self, config):
        return config["metrics"][self.found["metric"]]["mean"]

    def levels(self, factor):
        """The mean over the configurations of each level, in the order of the levels."""
        rows = sorted(self.rows, key=lambda c: c["config"][factor])
        texts = dict.fromkeys(str(c["config"][factor]) for c in rows)
        return {text: mean(self.mean(c) for c in rows if str(c["config"][factor]) == text) for text in texts}

    def unranked(self):
        return self.made.unranked

    def first(self):
        return [c for c in self.rows if self.group["tiers"][c["id"]] == 1 and c["id"] not in self.unranked()]

    def best(self):
        return max(self.first(), key=lambda c: self.sign * self.mean(c))

    def size(self, text):
        return float(re.sub(r"less than | points", "", text))

    def is_size(self, text, value):
        return text.startswith("less than") or self.size(text) == pytest.approx(self.scale * abs(value), abs=self.close)

    def steps(self):
        return [(e["factor"], s) for e in self.effects.values() for s in e["steps"]]


def check_nothing(told, made):
    """A sentence that compares nothing."""


def check_no_noise(told, made):
    assert told.found["metric"] not in told.found["noise"]


def check_no_difference(told, made):
    """Every configuration could be the best, no range is told, and what could hide is the widest of them."""
    assert set(told.group["tiers"].values()) == {1}
    assert not told.unranked()
    assert all(e["low"] == 0 for e in told.effects.values())
    if made["hidden"] and told.effects:
        assert told.is_size(made["hidden"], max(e["high"] for e in told.effects.values()))


def check_best(told, made):
    """Who is best, who could be as good and who is worse goes by the tiers; that more of a factor helps by its steps."""
    first, top = told.first(), told.mean(told.best())
    named = [told.config(name) for name in listed(made["best"])]
    assert {c["id"] for c in named} == {c["id"] for c in first if told.mean(c) == top}
    assert made["score"].rstrip("%") == w.score(told.result.form(told.found["metric"]), top).rstrip("%")
    assert bool(made["so_far"]) == (len(first) > 1)
    others = [c for c in first if told.mean(c) != top]
    if made["others"]:
        assert {told.config(name)["id"] for name in listed(made["others"])} == {c["id"] for c in others}
    elif made["any"] or made["some"]:
        ranked = len(told.rows) - len(told.unranked()) - len(named)
        assert (int(made["any"] or made["some"]), int(made["any"] or made["of"])) == (len(others), ranked)
    elif made["so_far"]:
        assert not others
    behind = [c for c in told.rows if told.group["tiers"][c["id"]] > 1]
    if made["worse"]:
        assert {told.config(name)["id"] for name in listed(made["worse"])} == {c["id"] for c in behind}
    if made["count"]:
        assert int(made["count"]) == len(behind)
    if made["ahead"]:
        second = max((c for c in behind), key=lambda c: (-told.group["tiers"][c["id"]], told.sign * told.mean(c)))
        assert told.config(made["second"])["id"] == second["id"]
        assert told.is_size(made["ahead"], top - told.mean(second))
    check_head(told, made["head"] or "")


def check_head(told, head):
    """More of a factor helps where steps that count go that way, none the other, and the best level is the end; a factor matters
    where its range is told; a factor makes no visible difference where it is not."""
    head = re.sub(r" helps?$| helps?(?=;)", "", head)
    unseen = re.search(r"no visible difference by (.*)$", head, re.IGNORECASE)
    for name, factor in FACTORS.items():
        if name not in head or factor not in told.effects:
            continue
        effect = told.effects[factor]
        if unseen and name in unseen[1]:
            assert effect["low"] == 0
            continue
        more = re.search(rf"(more|fewer|a higher|a lower|a larger|a smaller) {name}", head, re.IGNORECASE)
        if more:
            up = more[1].lower() in ("more", "a higher", "a larger")
            ways = {told.sign * s["difference"] > 0 for s in effect["steps"] if s["told"]}
            assert ways == {up}
            assert effect["best"] == list(told.levels(factor))[-1 if up else 0]
        else:
            assert effect["low"] > 0


def check_alone(told, made):
    """A step or an expectation tells two apart that both could be the best."""
    better, worse = told.config(made["better"]), [told.config(name) for name in listed(made["worse"])]
    tiers = told.group["tiers"]
    assert {tiers[c["id"]] for c in (better, *worse)} == {1}
    for c in worse:
        assert told.sign * (told.mean(better) - told.mean(c)) > 0 or len({better["n"], c["n"]}) > 1
        ends = {str(better["config"][told.group["factors"][0]]), str(c["config"][told.group["factors"][0]])}
        by_step = any(s["told"] and {s["from"], s["to"]} == ends for _, s in told.steps())
        assert by_step or any(p["verdict"] in ("confirmed", "refuted") for p in told.group["predictions"])


def check_not_ranked(told, made):
    config = told.config(made["name"])
    assert config["id"] in told.unranked()
    runs = next(s for s in told.made.ranking if s.id == config["id"]).runs[told.found["metric"]]
    if made["low"]:
        form = told.result.form(told.found["metric"])
        assert [made["low"], made["high"]] == [w.score(form, end(runs)).rstrip("%") for end in (min, max)]


def check_cheaper(told, made):
    """It is the recommended one of the group and gives away what it says."""
    config = told.config(made["name"])
    assert config["id"] == told.group["recommended"]
    choice = told.made.choice
    if made["worse"]:
        assert told.is_size(made["worse"], choice.gives_away)
    else:
        assert choice.gives_away == 0
    if made["own"]:
        assert [made["own"], made["other"]] == [w.count(s.parameters) for s in (choice.recommended, choice.best)]


def check_cause(told, made):
    """A check says so that limits causes, and the plan does not silence it."""
    own = [c for c in told.result.checks if c.group == told.group["name"] and c.limits == "cause" and not c.silenced]
    assert any(c.doubt == made["doubt"] for c in own)


def check_steps(told, made):
    """What is better, what is worse and what shows no difference is as findings.json has each step; none is left out."""
    verdict = made["verdict"]
    for part in made["list"].split("; "):
        factor = next((f for name, f in FACTORS.items() if part.startswith(f"{name} ") and not told.alone), None)
        if made["best"]:
            check_against(told, verdict, part)
            continue
        for first, second, size in re.findall(
            r"(\S+) to (\S+?)(?: at the seeds that both have)?(?: \(([+-]?[\d.]+)(?: points)?\))?(?=,|$| and )", part
        ):
            (step,) = [s for f, s in told.steps() if (s["from"], s["to"]) == (first, second) and factor in (None, f)] or [None]
            if step is None:  # levels without an order
                assert told.effects[factor]["low"] > 0 if verdict == "Better" else told.effects[factor]["low"] == 0
                continue
            way = told.sign * step["difference"] > 0
            assert ("No visible difference" if not step["told"] else "Better" if way else "Worse") == verdict
            if size:
                assert float(size) == pytest.approx(told.scale * step["difference"], abs=told.close)


def check_against(told, verdict, part):
    assert told.config(part.split(" ")[0])["id"] in told.group["tiers"]
    for name in re.findall(rf"({NAME})(?: \([^)]*\))?(?:,|$)", part):
        assert (told.group["tiers"][told.config(name)["id"]] > 1) == (verdict == "Worse")


def check_hidden(told, made):
    """A step that is not told lies within what could hide, and one of them reaches it; not where the conclusion says it of all."""
    check_steps(told, made)
    assert (
        len(told.first()) < len(told.rows)
        or any(s["told"] for _, s in told.steps())
        or any(e["low"] > 0 and not e["steps"] for e in told.effects.values())
    )
    if made["hidden"] and not made["best"]:
        ends = [max(abs(s["low"]), abs(s["high"])) for _, s in told.steps() if not s["told"]]
        wide = [e["high"] for e in told.effects.values() if not e["steps"] and e["low"] == 0]
        assert told.is_size(made["hidden"], max([*ends, *wide]))


def check_average(told, made):
    """The averages by level stand where no factor of the group has an effect of its own."""
    assert not told.effects
    known = told.levels(FACTORS[made["factor"]])
    shown = [(level, score, n) for score, level, n in re.findall(rf"({SCORE}) with ([\w.]+) \((\d+)", made["list"])]
    assert [told.sign * float(score.rstrip("%")) for _, score, _ in shown] == sorted(
        (told.sign * float(score.rstrip("%")) for _, score, _ in shown), reverse=True
    )
    for level, score, _ in shown:
        assert float(score.rstrip("%")) == pytest.approx(told.scale * known[level], abs=told.close)


def check_every(told, made):
    """A level is behind (or ahead) by the mean of its differences to the others, whose simultaneous intervals leave out zero on
    average; where it says whatever the other, in every line of the grid."""
    factor = FACTORS[made["factor"][0].lower() + made["factor"][1:]]
    levels = told.levels(factor)
    own = levels.pop(made["level"])
    apart = told.sign * (own - mean(levels.values()))
    assert (apart < 0) == (made["way"] == "worse")
    assert told.is_size(made["size"], apart)
    assert 0 < told.size(made["low"]) <= told.size(made["size"]) <= told.size(made["high"])
    if made["who"] == "whatever the":
        assert not told.group["grid"] or least_p(told) >= 0.05
        rest = [f for f in told.group["factors"] if f != factor]
        for c in (c for c in told.rows if str(c["config"][factor]) == made["level"]):
            line = [o for o in told.rows if o is not c and all(o["config"][f] == c["config"][f] for f in rest)]
            assert (told.sign * (told.mean(c) - mean(map(told.mean, line))) < 0) == (apart < 0)


def check_matters(told, made):
    first, second = (next(e for e in told.made.effects if e.factor == FACTORS[made[name]]) for name in ("first", "second"))
    assert first.wide.low > second.wide.high


def least_p(told):
    """The p of the tests that two factors act together, 1 where there is none."""
    tests = [told.group["grid"][name]["p"] for name in ("interaction", "tukey") if told.group["grid"][name]]
    return min(1, len(tests) * min(tests, default=1))


def check_together(told, made):
    """A test tells that they act together; where numbers stand beside it, they are those of the cells, the larger gain first."""
    assert least_p(told) < 0.05
    if made["second"]:
        first, second = FACTORS[made["first"]], FACTORS[made["second"]]
        cell = {(str(c["config"][first]), str(c["config"][second])): told.mean(c) for c in told.rows}
        gains = [told.scale * (cell[level, made["to"]] - cell[level, made["from"]]) for level in (made["most"], made["least"])]
        assert [float(made["there"]), float(made["here"])] == pytest.approx(gains, abs=told.close)
        assert told.sign * gains[0] > told.sign * gains[1]


def check_edge(told, made):
    """The best mean lies at that end, of three levels or more, and a difference is to be seen."""
    factor = next(f for name, f in FACTORS.items() if name in made["factor"])
    levels = sorted({c["config"][factor] for c in told.rows})
    end = levels[-1] if made["side"] == "largest" else levels[0]
    top = max(told.sign * told.mean(c) for c in told.rows)
    assert str(end) == made["level"]
    assert {c["config"][factor] for c in told.rows if told.sign * told.mean(c) == top} == {end}
    assert len(told.first()) < len(told.rows) or any(e["low"] > 0 for e in told.effects.values())


def check_seeds(told, made):
    """The two best means share the first tier; the number is at least one and counts what is there."""
    pair = [told.config(made[name].removeprefix("optimizer ")) for name in ("first", "second")]
    assert {told.group["tiers"][c["id"]] for c in pair} == {1}
    assert told.best()["id"] in {c["id"] for c in pair}
    if made["more"]:
        assert int(made["more"].replace(",", "")) > 0


def check_missing(told, made):
    lacking = [row for row in told.made.rows if row.summary is None]
    assert int(made["count"]) == len(lacking)


CONCLUSIONS = [
    (r"No answer yet: no run has finished with a validation (?:accuracy|loss)", check_nothing),
    (rf"Only {NAME} has finished, with {SCORE}: there is nothing to compare it with", check_nothing),
    (
        r"Cannot tell yet which is best: (?:no configuration was run twice|every seed scored the same), so the noise is not known",
        check_no_noise,
    ),
    (rf"No visible difference between .*: {HIDES}", check_no_difference),
    (
        rf"(?:(?P<head>[^:.]+?)[:.] )?(?:Optimizer )?(?P<best>{NAMES})(?: epochs)? (?:is|are) best(?P<so_far> so far)?"
        rf"(?: of those that are ranked)?, (?P<score>{SCORE})(?: each)?"
        rf"(?:, (?P<ahead>{SIZE}) ahead of (?P<second>{NAME}))?"
        rf"(?:; (?:any of the other (?P<any>\d+)|(?P<some>\d+) of the other (?P<of>\d+)|(?P<others>{NAMES})) could be as good)?"
        rf"(?:, (?:the other (?P<count>\d+) are worse|(?P<worse>{NAMES}) (?:is|are) worse))?",
        check_best,
    ),
    (
        rf"Compared alone, (?P<better>{NAME}) is better than (?P<worse>{NAMES})(?: by {SIZE})?; "
        r"(?:among all \d+ at once|by the stricter test of a ranking) that may be chance",
        check_alone,
    ),
    (
        rf"(?P<name>{NAME}) is not ranked: its (?:\d+ runs go from (?P<low>-?[\d.]+) to (?P<high>-?[\d.]+)%?"
        r"|one run, .*, may be far from its mean)",
        check_not_ranked,
    ),
    (
        rf"In this group (?P<name>{NAME}) is the cheapest near the best: (?:(?P<worse>{SIZE}) worse|with the same mean)"
        r"(?:, with (?P<own>[\d,]+) parameters instead of (?P<other>[\d,]+))?",
        check_cheaper,
    ),
    (r"This does not say that (?:the )?[\w -]+ (?:is|are) the cause: (?P<doubt>.*)", check_cause),
]
INSIGHTS = [
    (rf"(?P<verdict>Better|Worse)(?: than (?P<best>{NAME}))?: (?P<list>.*)", check_steps),
    (rf"(?P<verdict>No visible difference)(?: from (?P<best>{NAME}))?: (?P<list>.*) \({HIDES}\)", check_hidden),
    (r"Average by (?P<factor>.*?): (?P<list>.*?)(?:\. (?:Other|In these averages other) settings vary along, .*)?", check_average),
]
PATTERNS = [
    (
        rf"(?P<factor>[\w -]+?) (?P<level>[\d.]+) is (?P<size>{SIZE}) \((?P<low>[\d.]+) to (?P<high>[\d.]+)\) "
        r"(?P<way>worse|better) than the other levels on average(?:, (?P<who>whatever the|at most levels of the) .*)?",
        check_every,
    ),
    (r"Over the levels tested, the choice of (?P<first>.*) matters more than that of (?P<second>.*)", check_matters),
    (
        r"(?:What .* depends on .*, without one simple pattern"
        r"|The choice of (?P<second>.*) matters most at (?P<first>.*) (?P<most>\S+): (?P<from>\S+) to (?P<to>\S+) brings "
        r"(?P<there>[+-]?[\d.]+) there, (?P<here>[+-]?[\d.]+)(?: points)? at (?P<least>\S+))",
        check_together,
    ),
]
NEXT = [
    (
        r"Try (?P<factor>(?:more|fewer|a \w+) .*) than (?P<level>\S+): the best mean is at the (?P<side>largest|smallest) tested",
        check_edge,
    ),
    (
        rf"(?:(?P<more>[\d,]+) more seeds? each would settle (?P<first>(?:optimizer )?{NAME}) against (?P<second>{NAME})"
        r"(?: epochs)?, more if the true difference is smaller)",
        check_seeds,
    ),
    (
        r"More seeds will hardly settle .* against .*: (?:.* costs less, \d+% of the (?:parameters|examples)"
        r"|either will do|.* was steadier)",
        check_nothing,
    ),
    (r"(?P<count>\d+) configurations? (?:without a finished run|whose runs finished without .*): .*", check_missing),
    (r".*second seed.*|Find out why the seeds make no difference.*", check_no_noise),
]


def read(text, kinds, told):
    """Checks a sentence by its kind; one of no kind is an error."""
    for pattern, check in kinds:
        if made := re.fullmatch(pattern + r"\.", text):
            check(told, made)
            return check
    raise AssertionError(f"a sentence of no known kind: {text}")


@pytest.mark.parametrize("metric", ["valid_accuracy", "valid_loss"])
def test_no_sentence_of_a_group_claims_more_than_its_numbers(sweeps, metric):
    seen = set()
    for result in sweeps(60, metric):
        found = json.loads(findings_json(result))
        for place, group in enumerate(result.groups):
            told = Told(result, place, found)
            made = (
                (conclusion(group, result), CONCLUSIONS),
                ([i.text for i in insights(group, result)], INSIGHTS),
                (patterns(group, result), PATTERNS),
                (next_steps(group, result), NEXT),
            )
            for texts, kinds in made:
                seen |= {read(text, kinds, told) for text in texts}
                sentences = [one for text in texts for one in text.split(". ")]
                assert all(len(one.split()) <= LONGEST for one in sentences if kinds is not INSIGHTS), texts
    # The optimizer's check of the learning rate is there always; what is rare may be missing from sixty sweeps.
    assert seen >= {check for kinds in (CONCLUSIONS, INSIGHTS, PATTERNS, NEXT) for _, check in kinds} - {
        check_average,  # of a random study, they mostly lie within the noise; tests/analysis/journal/test_insights.py has one
        check_cheaper,
        check_matters,
    }


def test_a_group_without_an_answer_is_one_sentence(sweeps):
    for result in sweeps(20):
        for group in result.groups:
            if len(group.ranking) < 2 or result.noise is None:
                assert len(conclusion(group, result)) == 1
                assert insights(group, result) == patterns(group, result) == ()


def test_every_difference_has_its_interval_behind_and_stands_in_one_line(sweeps):
    """What a line leaves out stands in the method, so that each step is told once in front and once with its interval."""
    for result in sweeps(20):
        found = json.loads(findings_json(result))
        for place, group in enumerate(result.groups):
            told, tests = Told(result, place, found), dict(method(group, result, {}).tests)
            if not told.steps() or len(group.ranking) < 2 or result.noise is None:
                continue
            lines = " ".join(i.text for i in insights(group, result))
            for factor, step in told.steps():
                text = f"{step['from']} to {step['to']}"
                assert text in lines or conclusion(group, result)[0].startswith("No visible difference")
                assert re.search(
                    rf"{text}(?: at the seeds that both have)? [+-]?[\d.]+(?: points)? \([+-]?[\d.]+ to [+-]?[\d.]+\)",
                    tests["Steps"],
                )
                assert factor


def test_what_an_expectation_found_stands_beside_its_claim(sweeps):
    """The sign, the word and the numbers are those of findings.json; what is open says what would settle it."""
    seen = set()
    for result in sweeps(40):
        for group, told in zip(result.groups, json.loads(findings_json(result))["groups"], strict=True):
            for row, p in zip(expectations(group.outcomes, result), told["predictions"], strict=True):
                assert (row.says, row.verdict, row.sign, row.said) == (
                    p["says"],
                    p["verdict"],
                    SIGN[p["verdict"]],
                    SAID[p["verdict"]],
                )
                assert row.why.startswith(p["why"])
                assert bool(row.settles) == (p["verdict"] == "cannot tell")
                seen.add(row.said)
                if p["low"] is None:
                    continue
                numbers = re.search(r"([+-]?[\d.]+) points \(([+-]?[\d.]+) to ([+-]?[\d.]+)\)", row.found)
                shown = [float(number) for number in numbers.groups()]
                assert shown == pytest.approx([100 * p[name] for name in ("estimate", "low", "high")], abs=0.0501)
                if row.settles and p["seeds_needed"]:
                    assert re.fullmatch(r"\d+ more seeds? each|more seeds than anyone runs", row.settles)
    assert seen == {"held", "did not hold", "open"}
