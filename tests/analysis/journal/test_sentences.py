"""Sentences on the noise and on verdicts are read back against the numbers that they speak of, over many random sweeps."""

import json
import re

import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.journal import scatter
from sweepbook.analysis.predictions.verdict import SAID

pytestmark = pytest.mark.slow

INTERVAL = r"(?P<d>[+-]?[\d.]+) points \((?P<low>[+-]?[\d.]+) to (?P<high>[+-]?[\d.]+)\)"


def test_the_noise_is_told_with_what_it_rests_on(sweeps):
    for result in sweeps(10):
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


def fewest(result, group, told):
    """The runs of the configuration that has the fewest, of those that an expectation compares."""
    (own,) = (g for g in result.groups if g.group.name == group["name"])
    (outcome,) = (o for o in own.outcomes if o.prediction.says == told["says"])
    return min(s.n for part in outcome.parts for s in part.behind)


def test_the_words_of_a_verdict_are_those_of_its_numbers(sweeps):
    """Verdict, estimate and interval in the sentence are those of findings.json, and its claim is that of the verdict."""
    seen = set()
    for result in sweeps(40):
        for group in json.loads(findings_json(result))["groups"]:
            for p in group["predictions"]:
                made = re.match(rf"(?P<verdict>Held|Did not hold|Open): (?:.*?(?<![\d.]){INTERVAL})?", p["why"])
                assert made["verdict"] == SAID[p["verdict"]].capitalize()
                seen.add(p["verdict"])
                if p["low"] is None:
                    assert p["verdict"] == "cannot tell"
                    continue
                shown = [float(made[name]) for name in ("d", "low", "high")]
                assert shown == pytest.approx([100 * p[name] for name in ("estimate", "low", "high")], abs=0.0501)
                assert (p["verdict"] == "cannot tell") == (p["low"] <= 0 <= p["high"])
                if p["verdict"] == "cannot tell":
                    assert "is seen in 8 of 10 such studies" in p["why"] or "No distance is seen" in p["why"]
                    more = p["seeds_needed"] and max(1, p["seeds_needed"] - fewest(result, group, p))
                    beyond = "cannot be settled with a number of seeds that anyone runs"
                    assert (beyond if w.out_of_reach(more) else f"{w.more_seeds(more)} would settle it") in p["why"]
    assert seen == {"confirmed", "refuted", "cannot tell"}
