"""Every kind of sentence that the journal makes is read back against the numbers that it speaks of, over many random sweeps. A
sentence of no known kind fails: whoever adds one says here what it may claim."""

import json
import re

import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.journal import insights, scatter

pytestmark = pytest.mark.slow

SIGNED = r"(?P<d>[+-]?[\d.]+)(?: points)?(?: \((?P<low>[+-]?[\d.]+) to (?P<high>[+-]?[\d.]+)\))?"
INTERVAL = r"(?P<d>[+-]?[\d.]+) points \((?P<low>[+-]?[\d.]+) to (?P<high>[+-]?[\d.]+)\)"
SIZE = r"(?:less than )?[\d.]+(?: points)?"
WIDTH = rf"(?P<width>{SIZE})(?: \((?P<low>(?:less than )?[\d.]+) to (?P<high>(?:less than )?[\d.]+)\))?"
SCORE = r"-?[\d.]+%?"
NAME = r"[\w.-]+"


def number(text):
    return float(text.removeprefix("less than ")) if text else None


def check_step(found, group, made):
    """A step's direction is claimed where its interval, at the level of the discoveries, leaves out zero."""
    (effect,) = (e for e in found["effects"] if e["group"] == group["name"])
    (step,) = (s for s in effect["steps"] if (s["from"], s["to"]) == (made["first"], made["second"]))
    scale = 100 if found["metric"] == "valid_accuracy" else 1
    assert float(made["d"]) == pytest.approx(scale * step["difference"], abs=0.051 if scale == 100 else 0.00051)
    assert made["told"] == (None if step["told"] else ", not told from none")
    if made["low"]:
        assert step["low"] <= step["difference"] <= step["high"]
        assert step["told"] == (not step["low"] <= 0 <= step["high"])


def check_more(found, group, made):
    """That more helps, or up to where, rests on steps that are told."""
    (effect,) = (e for e in found["effects"] if e["group"] == group["name"])
    sign = 1 if found["goal"] == "maximize" else -1
    last = effect["steps"][-1]
    gains = [s["to"] for s in effect["steps"] if s["told"] and sign * s["difference"] > 0]
    if made["helped"]:
        assert last["told"]
        assert made["last"] == last["to"]
        assert (made["helped"] == "still helped") == (sign * last["difference"] > 0)
    elif made["gain"]:
        assert not last["told"]
        assert made["gain"] == gains[-1]
        after = [s for s in effect["steps"] if int(s["from"]) >= int(made["gain"]) and s["told"]]
        assert bool(after) == (made["more"] != "what more brings is open")
    else:
        assert not last["told"]
        assert not gains


def check_range(found, group, made):
    """The range of a grid's factor is claimed where its simultaneous interval begins above zero."""
    name = {"first-layer units": "units1", "learning rate": "lr"}[made["factor"]]
    (effect,) = (e for e in found["effects"] if e["group"] == group["name"] and e["factor"] == name)
    assert bool(made["worst"]) == (effect["low"] > 0)
    if made["worst"]:
        assert (made["worst"], made["best"]) == (effect["worst"], effect["best"])
    for first, second in re.findall(r"(?:: |; )([\d.]+) to ([\d.]+) [+-]", made[0]):
        assert next(s for s in effect["steps"] if (s["from"], s["to"]) == (first, second))["told"]


def check_matters(found, group, made):
    """One factor matters more only where the 97.5% intervals of the ranges have nothing in common."""
    first, second = (e.wide for e in found["made"].effects if e.group == group["name"])
    assert bool(made["more"]) == (first.low > second.high)


def check_together(found, group, made):
    tests = [group["grid"][name]["p"] for name in ("interaction", "tukey") if group["grid"][name]]
    assert bool(made["told"]) == (min(1, len(tests) * min(tests)) < 0.05)


def check_ahead(found, group, made):
    """Who is ahead of whom is claimed by tiers."""
    tier = {label: group["tiers"].get(c["id"]) for c in found["configs"] for label in c["labels"]}
    assert tier[made["best"]] == 1
    assert (tier[made["other"]] > 1) == made["told"].endswith("is not in the first tier")
    loose = [label for label in unranked(found, group) if label in (made["best"], made["other"])]
    assert made["told"].endswith("not ranked") == (bool(loose) and tier[made["other"]] == 1)


def unranked(found, group):
    """The labels of what is not ranked in a group, or in the whole study."""
    whole = found["made"]
    part = next(g for g in whole.groups if g.group.name == group["name"]) if group else whole
    return [label for c in found["configs"] if c["id"] in part.unranked for label in c["labels"]]


def check_not_ranked(found, group, made):
    """Its runs are told, and its interval reaches into the first tier."""
    assert made["label"] in unranked(found, group)
    (config,) = (c for c in found["configs"] if made["label"] in c["labels"])
    assert config["n"] == int(made["n"] or 1)
    if made["n"]:
        assert float(made["low"]) <= float(made["high"])


def check_first_tier(found, group, made):
    label = {c["id"]: c["labels"] for c in found["configs"]}
    loose = {key for key, names in label.items() if set(names) & set(unranked(found, group))}
    first = [key for key, tier in group["tiers"].items() if tier == 1 and key not in loose]
    if made["alone"]:
        assert len(first) == 1
        assert made["alone"] in label[first[0]]
        assert bool(made["is_best"]) == (not loose)
    elif made["all"]:
        assert len(first) == len(group["tiers"]) - len(loose) == {"the two": 2}.get(made["all"]) or int(made["all"].split()[-1])
    else:
        names = re.split(", | and ", made["first"])
        assert len(names) == len(first) > 1
        assert all(any(name in label[key] for key in first) for name in names)
        behind = len(group["tiers"]) - len(first) - len(loose)
        assert made["behind"] == ("the other one is" if behind == 1 else f"the other {behind} are")


def check_far(found, group, made):
    label = {c["id"]: c["labels"] for c in found["configs"]}
    first = [name for key, tier in group["tiers"].items() if tier == 1 for name in label[key]]
    assert all(name in first for name in re.split(", | and ", made["names"]))
    parameters = {name: c["parameters"] for c in found["configs"] for name in c["labels"]}
    chosen = next(c for c in found["configs"] if c["id"] == group["recommended"])
    assert all(parameters[name] <= chosen["parameters"] for name in re.split(", | and ", made["names"]))


def check_recommended(found, group, made):
    """It is of the first tier, and gives away what it says against the best of those that ran often enough."""
    tiers = group["tiers"] if group else {c["id"]: c["tier"] for c in found["configs"]}
    config = next(c for c in found["configs"] if made["name"] in c["labels"])
    assert config["id"] == (group["recommended"] if group else found["best"]["recommended"])
    assert tiers[config["id"]] == 1
    if made["parameters"]:
        assert int(made["parameters"].replace(",", "")) == config["parameters"]
    first = [c for c in found["configs"] if tiers.get(c["id"]) == 1 and c["n"] >= int(made["few"] or made["least"] or 1)]
    sign = 1 if found["goal"] == "maximize" else -1
    means = {c["id"]: sign * c["metrics"][found["metric"]]["mean"] for c in first}
    best = max(means.values())
    if made["best"]:
        assert made["best"] in next(c for c in first if means[c["id"]] == best)["labels"]
        scale, rounded = (100, 0.1) if found["metric"] == "valid_accuracy" else (1, 0.001)
        worse = number(made["worse"].removesuffix(" points")) if made["worse"] else 0
        assert worse == pytest.approx(scale * (best - means[config["id"]]), abs=rounded)
    else:
        assert means[config["id"]] == best


def check_luck(found, group, made):
    """The shrunken score lies on the other side of the raw one than luck took it, never beyond the tier's mean."""
    raw, drawn = (float(made[name].rstrip("%")) for name in ("raw", "drawn"))
    assert drawn <= raw if found["goal"] == "maximize" else drawn >= raw
    assert made["than"] == ("above" if found["goal"] == "maximize" else "below")


def check_by_level(found, group, made):
    """The means by level are told where no factor of the group has an effect of its own."""
    assert not [e for e in found["effects"] if e["group"] == group["name"]]


def check_nothing(found, group, made):
    """A sentence that compares nothing."""


def check_no_noise(found, group, made):
    assert found["metric"] not in found["noise"]


def check_more_seeds(found, group, made):
    assert found["metric"] in found["noise"]


IN_GROUPS = [
    (
        rf"epochs (?P<first>\d) to (?P<second>\d)(?: at the seeds that both have)?: {SIGNED}(?P<told>, not told from none)?",
        check_step,
    ),
    (
        r"(?:More (?P<helped>still helped|hurt) at the upper end: the last step, to (?P<last>\d), is told"
        r"|The last step up that these runs carry is to epochs (?P<gain>\d); "
        r"(?P<more>what more brings is open|further on it is told to get worse, in the step to \d)"
        r"|No step up in epochs is told from none)",
        check_more,
    ),
    (
        rf"(?P<factor>first-layer units|learning rate), over all levels of the rest: (?:its levels lie {WIDTH} apart, not told "
        rf"from none|(?P<worst>\S+) to (?P<best>\S+) makes {SIZE}(?: \(.*?\))?(?:; without .*?)?(?:\. Step by step: .*)?)",
        check_range,
    ),
    (
        r"(?:(?P<more>Over the levels tested, .* matters more than .*: their ranges do not overlap)"
        r"|Which of .* and .* matters more is open: the intervals of their ranges overlap)",
        check_matters,
    ),
    (
        r"(?:(?P<told>first-layer units and learning rate act together: what one brings depends on the other \(.*\))"
        r"|That first-layer units and learning rate act together is not told: effects that add up fit these runs \(.*\))",
        check_together,
    ),
    (
        rf"(?P<best>{NAME}) is ahead of (?P<other>{NAME}) by {SIZE}: "
        rf"(?P<told>{NAME} is not in the first tier|both are in the first tier, not told apart|not told, .* not ranked)",
        check_ahead,
    ),
    (r"Means by .*, each over so many configurations whose other settings vary too: .*\. They name no cause", check_by_level),
    (r"No configuration was run twice, so how far a seed moves a score is not known", check_no_noise),
    (r"Every seed of a configuration scored the same, so how far a seed moves a score is not known", check_no_noise),
    (
        rf"(?:(?P<alone>{NAME})(?P<is_best> is best: it)? stands alone in the first tier"
        r"|These runs do not tell which is best: (?P<all>the two|all \d+) are in the first tier"
        r"|The first tier, any of which may be best: (?P<first>[^;]*); (?P<behind>the other .*) told to be behind)",
        check_first_tier,
    ),
    (r"(?P<names>.*?) (?:costs|cost) less, but (?:lies|lie) too far behind the best mean to be recommended", check_far),
    (
        rf"Recommended is (?P<name>{NAME}) \((?P<parameters>[\d,]+) parameters.*?\), (?:the best mean"
        rf"(?: of those (?:with (?P<few>\d+) runs or more|that are ranked))?(?:: .*)?"
        rf"|the cheapest within the noise of the best mean"
        rf"(?: of those (?:with (?P<least>\d+) runs or more|that are ranked))?, "
        rf"(?:(?P<worse>{SIZE}) worse than|with the same mean as) (?P<best>{NAME}))",
        check_recommended,
    ),
    (
        rf"By luck alone the best of \d+ (?:equal ones|that scatter alike) stands {SIZE} (?P<than>above|below) their mean; drawn "
        rf"towards that mean by as much as noise explains, its (?P<raw>{SCORE}) becomes (?P<drawn>{SCORE})",
        check_luck,
    ),
    (
        rf"(?P<label>{NAME}) is not ranked: its (?:(?P<n>\d+) runs go from (?P<low>-?[\d.]+) to (?P<high>-?[\d.]+)%?"
        r"|one run, (?P<one>.*), may be far from its mean)",
        check_not_ranked,
    ),
    (r"All of this holds as run \((?P<codes>.*)\): no cause is named", check_nothing),
    (r"One configuration has finished, so there is nothing to compare it with", check_nothing),
    (r"Nothing has finished, so nothing can be concluded", check_nothing),
    (r"As long as the noise is not known these runs carry no conclusion", check_no_noise),
    (
        r"The best mean is at the (?:largest|smallest) .* tested, .*: a level (?:above|below) it would show where it turns",
        check_nothing,
    ),
    (r"\d+ configurations? (?:without a finished run|whose runs finished without .*): .*", check_nothing),
    (
        rf"The two best means are {SIZE} apart; these runs (?:tell them apart from {SIZE} on|cannot tell them apart)"
        rf"(?:; telling the {SIZE} seen takes [\d,]+ seeds? each, more if the true one is smaller"
        r"|\. Seeds will hardly tell these two: choose by what they cost)",
        check_more_seeds,
    ),
    (r"Run at least one configuration with a second seed: it gives the noise, and with it every comparison", check_no_noise),
]


def read(text, kinds, found, group):
    """Checks a sentence by its kind; one of no kind is an error."""
    for pattern, check in kinds:
        if made := re.fullmatch(pattern + r"\.", text):
            check(found, group, made)
            return check
    raise AssertionError(f"a sentence of no known kind: {text}")


@pytest.mark.parametrize("metric", ["valid_accuracy", "valid_loss"])
def test_no_sentence_of_a_group_claims_more_than_its_verdict(sweeps, metric):
    kinds = set()
    for result in sweeps(40, metric):
        found = {**json.loads(findings_json(result)), "made": result}
        for group, told in zip(result.groups, found["groups"], strict=True):
            made = [i.text for i in insights.insights(group, result)]
            for text in (*made, *insights.conclusion(group, result), *insights.next_steps(group, result)):
                kinds.add(read(text, IN_GROUPS, found, told))
    assert kinds == {check for _, check in IN_GROUPS}


def test_a_badge_claims_what_its_sentence_claims(sweeps):
    for result in sweeps(30, seed=1):
        for group in result.groups:
            for insight in insights.insights(group, result):
                open_ = re.search(r"not told|is open|not known|no difference can be told", insight.text.partition(";")[0])
                assert (insight.verdict == "open") == bool(open_ or "not told apart" in insight.text), insight


def test_the_noise_is_told_with_what_it_rests_on(sweeps):
    for result in sweeps(10, seed=3):
        text = scatter.noise(result)
        if result.noise is None:
            assert text.endswith("how far a seed moves a score is not known.")
            assert scatter.noise_besides(result) == scatter.noise_behind(result) == ()
        else:
            size = w.size(result.form("valid_accuracy"), result.noise.sd)
            assert text.startswith("Another seed lands ± ")
            assert f" ± {size} " in text
            behind = " ".join(scatter.noise_behind(result))
            assert f"is {size}; the 95% interval is " in behind
            assert f"{result.noise.df} degree" in behind
            shown = " ".join(scatter.noise_besides(result))
            found = result.detectable("valid_accuracy", result.usual_n)
            assert ("In 8 of 10 sweeps" in shown) == (found is not None)
            assert found is None or f"a true difference of {w.size(result.form('valid_accuracy'), found)} is found" in shown


def test_the_words_of_a_verdict_are_those_of_its_numbers(sweeps):
    """Verdict, estimate and interval in the sentence are those of findings.json, and its claim is that of the verdict."""
    seen = set()
    for result in sweeps(40, seed=4):
        for group in json.loads(findings_json(result))["groups"]:
            for p in group["predictions"]:
                made = re.match(rf"(?P<verdict>Confirmed|Refuted|Cannot tell): (?:.*?(?<![\d.]){INTERVAL})?", p["why"])
                assert made["verdict"].lower() == p["verdict"]
                seen.add(p["verdict"])
                if p["low"] is None:
                    assert p["verdict"] == "cannot tell"
                    continue
                shown = [float(made[name]) for name in ("d", "low", "high")]
                assert shown == pytest.approx([100 * p[name] for name in ("estimate", "low", "high")], abs=0.0501)
                assert (p["verdict"] == "cannot tell") == (p["low"] <= 0 <= p["high"])
                if p["verdict"] == "cannot tell":
                    assert "resolve" in p["why"]
                    assert (f"takes {w.plural(p['seeds_needed'], 'seed')}" if p["seeds_needed"] else "more than 1,000") in p["why"]
    assert seen == {"confirmed", "refuted", "cannot tell"}
