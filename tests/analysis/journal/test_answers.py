"""Each sentence of the first screen is read back against the numbers that it speaks of, over many random sweeps; a sentence of no
known kind fails."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from sweepbook.analysis import words as w
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.diagnoses import RISING
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.journal.questions.answer import MATTERED, RIGHT, SURE, USE, WRONG
from sweepbook.analysis.journal.settings import called, settings
from sweepbook.analysis.journal.stood_out import events
from sweepbook.analysis.logs.sweep import load_sweep

SIZE = r"(?:less than )?(?P<size>[\d.]+)(?: points)?"
SCORE = r"(?P<score>-?[\d.]+)%? ?(?:validation accuracy)?"
NAMES = {"epochs": "epochs", "first-layer units": "units1", "learning rate": "lr", "optimizer": "optimizer"}


def best_of(found):
    return next(c for c in found["configs"] if c["id"] == found["best"]["recommended"])


def check_use(found, made):
    """The recommended configuration, with its own score and interval, which could be the best."""
    config = best_of(found)
    estimate = config["metrics"][found["metric"]]
    assert made["what"] == settings(found["made"].recommended, found["made"])
    assert w.score(found["made"].form(found["metric"]), estimate["mean"]) in made[0]
    assert config["tier"] == 1


def check_best(found, made):
    first = [c for c in found["configs"] if c["tier"] == 1 and c["id"] not in found["made"].unranked]
    sign = 1 if found["goal"] == "maximize" else -1
    means = [sign * c["metrics"][found["metric"]]["mean"] for c in first if c["n"] >= best_of(found)["n"]]
    assert sign * best_of(found)["metrics"][found["metric"]]["mean"] == max(means)


def check_away(found, made):
    scale = 100 if found["metric"] == "valid_accuracy" else 1
    assert float(made["size"]) == pytest.approx(scale * found["best"]["gives_away"], abs=0.06 if scale == 100 else 6e-4)
    assert made["than"] == ("below" if found["goal"] == "maximize" else "above")


def check_rivals(found, made):
    first = sum(c["tier"] == 1 for c in found["configs"]) - len(found["made"].unranked)
    assert (int(made["first"] or 1), int(made["all"] or len(found["configs"]))) == (first, len(found["configs"]))


def check_trouble(found, made):
    """What went wrong is named of such as could be the best."""
    first = [s for s in found["made"].first_tier if re.search(rf"\b{re.escape(s.label)}\b", made[0])]
    assert first or made["some"]
    assert {event.summary.id for event in events(found["made"])} >= {s.id for s in first}


def check_unranked(found, made):
    assert found["made"].unranked


def check_noise_unknown(found, made):
    assert found["metric"] not in found["noise"]


def visible(effect, found):
    """Whether some level is worse than another: by the range, or where the factor varies alone by the tiers."""
    (group,) = (g for g in found["groups"] if g["name"] == effect["group"])
    return effect["low"] > 0 or (len(group["factors"]) == 1 and max(group["tiers"].values()) > 1)


def effects_in(text, found):
    """The factors that a sentence names, with their effects."""
    return [next(e for e in found["effects"] if e["factor"] == key) for name, key in NAMES.items() if name in text.lower()]


def check_seen(found, made):
    assert all(visible(e, found) for e in effects_in(made.groupdict().get("who") or made[0], found))


def check_hidden(found, made):
    assert not any(visible(e, found) for e in effects_in(made[0], found))


def check_none(found, made):
    assert not any(visible(e, found) for e in found["effects"])


def check_counts(found, made):
    verdicts = Counter(p["verdict"] for g in found["groups"] for p in g["predictions"])
    names = {"held": "confirmed", "failed": "refuted", "open": "cannot tell"}
    assert all(int(made[name] or 0) == verdicts[verdict] for name, verdict in names.items())


def check_settle(found, made):
    """So many of the open ones need no more than these seeds."""
    left = [p for g in found["groups"] for p in g["predictions"] if p["verdict"] == "cannot tell"]
    seeds = int(made["more"]) + found["made"].usual_n
    assert sum((p["seeds_needed"] or 10**9) <= seeds for p in left) == int(made["some"] or 1) > 0


def check_no_seeds(found, made):
    now = found["made"].usual_n
    left = [p for g in found["groups"] for p in g["predictions"] if p["verdict"] == "cannot tell"]
    assert left
    assert not [p for p in left if now < (p["seeds_needed"] or 0) <= 4 * now]


def check_unfinished(found, made):
    totals = found["made"].totals
    assert int(made["some"]) == totals.planned - totals.finished - totals.diverged > 0
    assert [p for g in found["groups"] for p in g["predictions"] if p["verdict"] == "cannot tell"]


def check_threshold(found, made):
    assert float(made["size"]) == pytest.approx(100 * found["made"].threshold, abs=0.06)


def check_lands(found, made):
    assert float(made["size"]) == pytest.approx(100 * found["made"].scatter, abs=0.06)
    assert made["where"] or found["made"].noise.sd == pytest.approx(found["made"].scatter, abs=0.001)


def check_repeat(found, made):
    better = 1 if found["goal"] == "maximize" else -1
    assert better * float(made["again"]) <= better * float(made["raw"])


def check_false(found, made):
    verdicts = [p["verdict"] for g in found["groups"] for p in g["predictions"]]
    assert 1 <= int(made["some"] or 1) <= sum(v in ("confirmed", "refuted") for v in verdicts)


def check_plain(found, made):
    """A sentence that claims no order."""


SAYS = {
    USE: [
        (r"Use (?P<what>[^:]*): .*", check_use),
        (r"Cannot tell yet; so far .* is ahead: .*", check_noise_unknown),
        (r"\S+ has the best mean validation (?:accuracy|loss)(?: of those that are ranked)?", check_best),
        (rf"\S+ is {SIZE} (?P<than>below|above) the best mean validation .*: within the noise.*", check_away),
        (r"\S+ has the validation (?:accuracy|loss) of the best mean, .*", check_plain),
        (r"(?P<first>\d+) of (?P<all>\d+) configurations could be the best", check_rivals),
        (r"(?:But|Of these) .* (?:is unstable|overfitted|has seeds that disagree|got worse at the end).*(?P<some>)", check_trouble),
        (r"What went wrong lists (?P<some>\d+) of these", check_trouble),
        (r"No other(?: that is ranked)? could be the best(?P<first>)(?P<all>)", check_rivals),
        (r"Not ranked, for (?:its|their) runs lie too far apart: .*", check_unranked),
    ],
    MATTERED: [
        (r"Cannot tell yet", check_noise_unknown),
        (r"No setting made a visible difference", check_none),
        (r"Above all .*", check_seen),
        (r"Each is counted from its worst level to its best", check_plain),
        (r"Then .*", check_seen),
        (r"No visible difference: .*", check_hidden),
        (r".* (?:is not the proven cause|are not proven causes): something else changed along with (?:it|them)", check_seen),
        (r"(?P<who>.*) ran at one learning rate; another might suit a level better", check_seen),
    ],
    RIGHT: [
        (r"(?P<held>\d) of 2 expectations held(?:, (?P<failed>\d) did not)?(?:, (?P<open>\d) (?:is|are) open)?", check_counts),
        (r"(?P<more>\d+) more seeds? each would settle about (?:(?P<some>\d+) of the 2 open ones|the open one): .*", check_settle),
        (r"No number of seeds that is near would settle the open ones", check_no_seeds),
        (r"(?P<some>\d+) planned runs? (?:have|has) not finished; (?:they come|it comes) first", check_unfinished),
        (r"Add (?:it|them) to seeds in study\.toml, then run", check_plain),
    ],
    WRONG: [
        (r"Nothing: every run finished, and none failed to learn", check_plain),
        (r"Of \d+ planned runs, \d+ missing", check_plain),
        (r"(?:Of them \d+ (?:is|are)|None of them is one of|Of them \d+) .*the plan asks for.*", check_plain),
        (r"[\d,]+ (?:of [\d,]+ planned runs|runs of [\d,]+ configurations) (?:has|have) finished.*", check_plain),
        (r".* has seeds that disagree \([\d.]+ to [\d.]+%?\)", check_plain),
        (r"\d+ configurations have seeds that disagree", check_plain),
        (r"\d+ checks? limits? what may be concluded", check_plain),
    ],
    SURE: [
        (rf"Ignore differences under {SIZE} between two averages of (?:one run|\d runs) each", check_threshold),
        (r"No difference could be seen: too few runs were repeated", check_plain),
        (r"No configuration was run twice, .*|Every seed of a configuration scored the same, .*", check_noise_unknown),
        (r"Run at least one configuration with a second seed: .*|Find out why the seeds make no .*", check_noise_unknown),
        (rf"The same settings with another seed land ± {SIZE} away(?P<where> where they could .*)?(?:; .*)?", check_lands),
        (r"Expect about (?P<again>[\d.]+)%.* from a repeat of .*, not (?P<raw>[\d.]+)%: the best .*", check_repeat),
        (r"Up to (?P<some>\d+) of the \d+ expectations may be settled wrongly, by chance", check_false),
        (r"A settled expectation is wrong by chance 1 time in 20 at most(?P<some>)", check_false),
        (r"That is for one pair that you pick beforehand; to pick from many takes more", check_plain),
    ],
}  # fmt: skip


def parts(answer):
    """The sentences of an answer: those that a full stop ends, which is none within a number."""
    return [text.removesuffix(".") for line in (answer.says, *answer.why) for text in re.split(r"(?<=[a-z)%\d])\. (?=[A-Z])", line)]


@pytest.mark.slow
def test_no_sentence_of_the_first_screen_claims_more_than_its_verdict(sweeps):
    kinds = set()
    for result in sweeps(60):
        found = {**json.loads(findings_json(result)), "made": result}
        for answer in answers(result):
            for text in parts(answer):
                known = SAYS[answer.question][1:] + SAYS[answer.question][:1]  # the widest pattern last
                pattern, check = next(((p, c) for p, c in known if re.fullmatch(p, text)), (None, None))
                assert check, f"a sentence of no known kind: {answer.question} {text}"
                check(found, re.fullmatch(pattern, text))
                kinds.add(check)
    assert kinds >= {check for kind in SAYS.values() for _, check in kind}


def test_every_sentence_of_the_first_screen_is_short(sweeps):
    for result in sweeps(10):
        for answer in answers(result):
            for text in parts(answer):
                assert len(text.split()) <= 25, text


@pytest.fixture
def grid(tmp_path, log, run, plan):
    """Findings of runs, each (settings, scores by seed), of a plan that takes whatever is logged."""

    def make(*configs, predicted=""):
        text = f'[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {{}}\n{predicted}'
        study, logs = plan(tmp_path / "study", text), tmp_path / "logs"
        for i, (config, scores) in enumerate(configs):
            for seed, score in enumerate(scores):
                log(logs, f"r{i}-{seed}", run(score, seed=seed, minute=i, label=f"c{i}", config=config, parameters=100 * (i + 1)))
        return findings(load_sweep(logs), study)

    return make


def test_a_configuration_is_named_by_what_one_types_to_run_it(grid):
    config = {"units1": 128, "units2": 64, "depth": 2, "epochs": 5, "lr": 0.001, "optimizer": "Adam", "data": "same"}
    found = grid((config, [0.9, 0.91]), ({**config, "units2": 32, "epochs": 1, "lr": 0.01, "optimizer": "SGD"}, [0.5, 0.52]))
    assert settings(found.ranking[0], found) == "128/64 units, 5 epochs, learning rate 0.001, Adam"
    assert settings(found.ranking[1], found) == "128/32 units, 1 epoch, learning rate 0.01, SGD"
    assert called(found.ranking[1], found) == "c1"


def test_a_configuration_is_named_by_a_level_only_where_no_other_has_it(grid):
    rows = [({"lr": 0.1, "units2": 16}, 0.9), ({"lr": 0.1, "units2": 8}, 0.8), ({"lr": 0.2, "units2": 8}, 0.7)]
    rows += [({"lr": 0.3, "units2": 16}, 0.6)]
    found = grid(*[(config, [score, score + 0.01]) for config, score in rows], predicted="[baseline]\nlr = 0.1\nunits2 = 16\n")
    names = [called(summary, found) for summary in found.ranking]
    assert names == ["c0", "c1", "c2", "learning rate 0.3"]


def test_of_many_settings_the_first_are_named_and_the_others_counted(grid):
    names = "abcdefghijkl"
    first, second = ({name: i + k for i, name in enumerate(names)} for k in (0, 1))
    found = grid((first, [0.9, 0.91]), (second, [0.5, 0.52]))
    assert settings(found.ranking[0], found) == "a 0, b 1, c 2, d 3, e 4, f 5, g 6, 5 more settings"


def test_a_cheaper_one_is_recommended_with_what_it_gives_away_and_saves(grid):
    found = grid(({"width": 1}, [0.900, 0.910, 0.905]), ({"width": 2}, [0.901, 0.912, 0.907]))
    use = answers(found)[0]
    assert use.says.startswith("Use width 1: 90.5% validation accuracy (")
    assert use.why[0] == (
        "c0 is 0.2 points below the best mean validation accuracy, that of c1: within the noise; it needs 50% of the parameters."
    )


def test_seeds_that_settle_come_with_their_price_and_no_command_where_the_runs_are_not_ours(grid):
    predicted = '[[group.prediction]]\nsays = "2 beats 1"\nbetter = { width = 2 }\nthan = { width = 1 }\n'
    found = grid(({"width": 1}, [0.80, 0.84, 0.82]), ({"width": 2}, [0.83, 0.84, 0.86]), predicted=predicted)
    right = answers(found)[2]
    more = found.outcomes[0].seeds_needed - 3
    assert right.says == "0 of 1 expectation held, 1 is open."
    price = f"{2 * more} runs, about {4 * more} s one after the other"
    assert right.why == (f"{more} more seeds each would settle about the open one: {price}.",)
    assert (right.command, right.see) == ("", ())


def test_without_an_expectation_none_is_counted(grid):
    assert answers(grid(({"width": 1}, [0.8, 0.9])))[2].says == "No expectation was written down."


@pytest.fixture
def trained(tmp_path, log, run, plan):
    """Findings of eight settings that learn alike and of one that goes as the curves of its runs do."""

    def make(score, *curves):
        study = plan(tmp_path / "study", '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n')
        good = [[2.0, 1.2, 0.8, 0.6, 0.5, 0.45 + k / 1000, 0.43, 0.42] for k in range(3)]
        for i in range(9):
            for seed, losses in enumerate(curves if i == 8 else good):
                fields = {"label": f"c{i}", "config": {"lr": float(i)}, "epochs": {"valid_loss": losses}, "minute": i}
                log(
                    tmp_path / "logs", f"r{i}-{seed}", run((score if i == 8 else 0.9 + i / 1000) + seed / 1000, seed=seed, **fields)
                )
        return findings(load_sweep(tmp_path / "logs"), study)

    return make


def test_what_learns_too_slowly_is_far_behind_and_still_improves(trained):
    falling = [[2.3 - k / 10 - i / 100 for k in range(8)] for i in range(3)]
    wrong = answers(trained(0.3, *falling))[3]
    assert "c8 learned too slowly (30.10%)" in wrong.says


def test_what_swings_from_epoch_to_epoch_is_unstable(trained):
    swinging = [[1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5 + i / 100] for i in range(3)]
    wrong = answers(trained(0.89, *swinging))[3]
    assert "c8 is unstable (the loss swings from epoch to epoch)" in wrong.says


def test_what_is_recommended_and_went_wrong_in_training_is_said_to_have(trained):
    swinging = [[1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5 + i / 100] for i in range(3)]
    use = answers(trained(0.95, *swinging))[0]
    assert use.says.startswith("Use learning rate 8:")
    assert "But c8 is unstable." in use.why


def test_what_could_be_the_best_and_went_wrong_in_training_is_named_beside(trained):
    alike = [2.0, 1.2, 0.8, 0.6, 0.5, 0.451, 0.43, 0.42]
    swinging = [1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5]
    use = answers(trained(0.907, alike, swinging, swinging))[0]
    assert "Of these c8 is unstable (2 of 3 runs)." in use.why


def test_what_more_runs_did_late_is_said_of_a_configuration(trained):
    swinging = [1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5]
    found = trained(0.89, [2.0, 1.2, 0.8, 0.6, 0.5, 0.451, 0.43, 0.42], swinging, swinging)
    (log,) = (log for log in found.ranking[-1].logs if log.endswith("r8-0"))
    known = found.diagnoses.runs
    rose = replace(found.diagnoses, runs={**known, log: replace(known[log], state=RISING)})
    (event,) = [event for event in events(replace(found, diagnoses=rose)) if event.summary.label == "c8"]
    assert event.says == "c8 is unstable (2 of 3 runs)"


def test_of_two_that_more_seeds_would_not_tell_the_steadier_is_named(trained):
    swinging = [[1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5 + i / 100] for i in range(3)]
    found = trained(0.907, *swinging)
    (step,) = (line for line in next_steps(found.groups[0], found) if "hardly" in line)
    assert step.endswith(": 7 was steadier.")


def test_two_that_swing_from_epoch_to_epoch_share_a_sentence(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n')
    for i in range(20):
        for seed in range(3):
            swinging = [1.0, 0.5, 1.5, 0.4, 1.6, 0.4, 1.5, 0.5 + seed / 100]
            losses = swinging if i == 1 or (i == 0 and seed) else [2.0, 1.2, 0.8, 0.6, 0.5, 0.45 + seed / 1000, 0.43, 0.42]
            fields = {"label": f"c{i}", "config": {"lr": float(i)}, "epochs": {"valid_loss": losses}, "minute": i}
            log(tmp_path / "logs", f"r{i}-{seed}", run(0.9 + i / 1000 + seed / 1000, seed=seed, **fields))
    wrong = answers(findings(load_sweep(tmp_path / "logs"), study))[3]
    assert "c1 and c0 (2 of 3 runs) are unstable (their loss swings from epoch to epoch)" in wrong.says


def test_what_overfits_is_told_with_the_epoch(trained):
    rising = [[1.0, 0.5, 0.4, 0.5, 0.7, 0.9, 1.1, 1.3 + i / 100] for i in range(3)]
    found = trained(0.89, *rising)
    (event,) = events(found)
    assert (event.what, event.summary.label) == ("overfitted", "c8")
    assert re.fullmatch(r"from epoch \d; 89\.10%", event.how)


def test_more_than_three_of_a_kind_are_counted(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n')
    flat = [2.0, 2.001, 1.999, 2.0, 2.001, 2.0, 1.999, 2.0]
    for i in range(24):
        for seed in range(3):
            losses = flat if i < 4 else [2.0, 1.2, 0.8, 0.6, 0.5, 0.45 + seed / 1000, 0.43, 0.42]
            fields = {"label": f"c{i}", "config": {"lr": float(i)}, "epochs": {"valid_loss": losses}, "minute": i}
            log(tmp_path / "logs", f"r{i}-{seed}", run(0.9 + i / 1000 + seed / 100, seed=seed, **fields))
    wrong = answers(findings(load_sweep(tmp_path / "logs"), study))[3]
    assert wrong.says.startswith("4 configurations did not learn.")


def architectures(scores, others=2):
    """Two nets at many rates each: the settings and the scores of two seeds of each, the scores of the first net first."""
    half = len(scores) // 2
    settings = [
        {"arch": "conv" if place < half else "dense", "lr": float(place % others), "id": place} for place in range(len(scores))
    ]
    return [(config, [score, score + 0.001]) for config, score in zip(settings, scores, strict=True)]


def why(found):
    """What "What mattered?" adds to its answer."""
    return " ".join(next(answer for answer in answers(found) if answer.question == MATTERED).why)


def test_a_setting_that_no_group_varied_alone_and_that_parts_all_configurations_is_named(grid):
    scores = [0.9 + k / 100 for k in range(8)] + [0.7 + k / 100 for k in range(8)]
    wanted = "All 8 configurations with arch conv are better than the other 8; no group varied it alone."
    assert wanted in why(grid(*architectures(scores)))


def test_where_one_value_of_several_is_the_worst_that_is_said(grid):
    scores = [0.9 + k / 100 for k in range(8)] + [0.7 + k / 100 for k in range(8)]
    configs = [({"arch": "dense" if place > 7 else f"conv{place % 2}", "id": place}, [score]) for place, score in enumerate(scores)]
    configs += [({"arch": "conv0", "id": 99}, [0.95, 0.951])]
    assert "All 8 configurations with arch dense are worse than the other 9; no group varied it alone." in why(grid(*configs))


@pytest.mark.parametrize(
    "scores",
    [
        [0.9 + k / 100 for k in range(7)] + [0.705, *(0.7 + k / 100 for k in range(8))],
        [0.9 + k / 100 for k in range(3)] + [0.7 + k / 100 for k in range(3)],
        [0.9, *[0.8] * 8, *[0.8] * 7],
        [0.9 + k / 10_000 for k in range(8)] + [0.8999, *(0.7 + k / 100 for k in range(7))],
    ],
    ids=["one is out of line", "chance alone might", "a tie", "one of the worse could be the best"],
)
def test_a_setting_that_parts_them_only_nearly_or_by_chance_is_not_named(grid, scores):
    assert "no group varied" not in why(grid(*architectures(scores)))


def test_a_setting_that_was_varied_alone_has_its_range_and_no_such_sentence(grid):
    configs = [
        ({"arch": arch, "lr": float(k)}, [best + k / 100, best + k / 100 + 0.001])
        for arch, best in (("a", 0.9), ("b", 0.7))
        for k in range(8)
    ]
    text = why(grid(*configs))
    assert "no group varied" not in text
