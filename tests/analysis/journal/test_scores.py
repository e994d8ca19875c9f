"""A score that is claimed says what its interval covers: other seeds, other images."""

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.scores import other_examples, scored
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.stats.means import wilson

PLAN = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = { }\n'


@pytest.fixture
def found(tmp_path, log, run, plan):
    def make(scores, dataset="digits", examples=360, test=None):
        study, logs = plan(tmp_path / "study", PLAN), tmp_path / "logs"
        for place, values in enumerate(scores):
            for seed, score in enumerate(values):
                config = {"dataset": dataset, "rate": place}
                metrics = {"valid_accuracy": score} | ({"test_accuracy": test[seed]} if test and not place else {})
                series = {"valid_accuracy": [score], "valid_seen": [examples]} if examples else {"valid_accuracy": [score]}
                fields = {"metrics": metrics, "epochs": series, "valid_examples": examples}
                log(logs, f"{place}-{seed}", run(seed=seed, label=f"c{place}", config=config, **fields))
        return findings(load_sweep(logs), study)

    return make


def one(found, metric="valid_accuracy", label="c0"):
    """The score of a configuration, and what its interval covers."""
    summary = next(s for s in found.ranking if s.label == label)
    return scored(summary, metric, found), other_examples(summary, metric, found)


def test_a_mean_over_seeds_says_how_far_other_images_may_take_it(found):
    score, covers = one(found([[0.8, 0.82], [0.7, 0.71], [0.6, 0.63]]))
    low, high = wilson(0.81, 360)
    assert score.startswith("81.0% (")
    assert covers == (f"On other images than these 360 it may land ± {50 * (high - low):.1f} points away.",)


def test_the_images_of_the_test_are_counted_by_the_data(found):
    _, covers = one(found([[0.8, 0.82], [0.7, 0.71], [0.6, 0.63]], "fashion_mnist", 10_000, (0.79, 0.80)), "test_accuracy")
    assert covers == ("On other images than these 10,000 it may land ± 0.8 points away.",)


def test_one_run_beside_known_noise_covers_both(found):
    assert one(found([[0.8], [0.7, 0.71], [0.6, 0.63]]))[1] == ("The interval is over seeds and images.",)


def test_one_run_without_known_noise_covers_the_images_alone(found):
    low, high = (f"{100 * end:.1f}" for end in wilson(0.8, 360))
    score, covers = one(found([[0.8], [0.7]]))
    assert score == f"80.0% ({low} to {high})"
    assert covers == ("The interval is over images alone; what another seed brings is not known.",)


def test_data_of_other_kinds_are_examples(found):
    assert one(found([[0.8, 0.82], [0.7, 0.71]], "mine"))[1][0].startswith("On other examples than these 360 ")


def test_where_no_log_counts_the_examples_nothing_is_said_of_them(found):
    assert one(found([[0.8, 0.82], [0.7, 0.71]], "mine", None)) == ("81.0% (76.5 to 85.5)", ())
