import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import wording as w
from analysis.stats.means import Estimate

NOON = 1772366400.0  # 1 March 2026, 12:00 UTC


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("valid_accuracy", 0.8364, "83.6%"),
        ("accuracy", 1.0, "100.0%"),
        ("valid_loss", 0.4784, "0.478"),
        ("valid_loss", -0.0001, "0.000"),
        ("gap", 0.0213, "+0.021"),
        ("gap", -0.0213, "-0.021"),
        ("gap", -0.0001, "0.000"),
        ("bleu", 27.3, "27.300"),
        ("valid_accuracy", None, "–"),
    ],
)
def test_a_score_is_written_in_the_way_of_its_metric(metric, value, text):
    assert w.score(metric, value) == text


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("valid_accuracy", 0.0149, "+1.5 points"),
        ("valid_accuracy", -0.2, "-20.0 points"),
        ("valid_accuracy", -0.0001, "0.0 points"),
        ("valid_loss", 0.5, "+0.500"),
        ("valid_loss", -0.0001, "0.000"),
    ],
)
def test_a_difference_has_its_sign_and_its_unit(metric, value, text):
    assert w.difference(metric, value) == text


@pytest.mark.parametrize(
    ("metric", "low", "high", "text"),
    [
        ("valid_accuracy", 0.8214, 0.8491, "[82.1, 84.9]"),
        ("valid_accuracy", -0.0003, 0.05, "[0.0, 5.0]"),
        ("valid_loss", -0.5, 0.25, "[-0.500, 0.250]"),
        ("gap", -0.0321, -0.0001, "[-0.032, 0.000]"),
        ("gap", None, None, "noise not known"),
    ],
)
def test_an_interval_has_the_unit_of_its_metric_and_no_minus_before_nothing(metric, low, high, text):
    assert w.interval(metric, Estimate(3, 0.5, low, high)) == text


@given(st.sampled_from(["valid_accuracy", "valid_loss", "gap"]), st.floats(-2, 2))
def test_no_number_is_a_minus_zero(metric, value):
    for text in (w.score(metric, value), w.difference(metric, value), w.interval(metric, Estimate(2, 0.0, value, value))):
        numbers = text.strip("[]").replace("%", "").replace(" points", "").split(", ")
        assert all(float(number) != 0 or not number.startswith("-") for number in numbers)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.84, "0.8 s"),
        (42.3, "42 s"),
        (59.7, "1 min 0 s"),
        (190, "3 min 10 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_a_duration_is_said_as_a_person_says_it(seconds, text):
    assert w.duration(seconds) == text


def test_a_count_has_its_thousands_apart_and_its_noun():
    assert [w.count(n) for n in (None, 7, 269322)] == ["–", "7", "269,322"]
    assert [w.plural(n, "run") for n in (0, 1, 2000)] == ["0 runs", "1 run", "2,000 runs"]
    assert w.plural(2, "entry", "entries") == "2 entries"


def test_a_span_tells_the_day_once_where_it_is_one_day():
    assert w.span(NOON, NOON + 3660) == "1 March 2026, 12:00 to 13:01 UTC"
    assert w.span(NOON, NOON + 86400) == "1 March 2026, 12:00 to 2 March 2026, 12:00 UTC"
    assert w.span(NOON, NOON + 1) == "1 March 2026, 12:00 UTC"
    assert w.span(None, None) == "none yet"


@pytest.mark.parametrize(("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_words_are_listed_with_an_and(words, text):
    assert w.listing(words) == text


def test_names_are_opened_and_known_ones_are_said_in_full():
    assert [w.metric_name(m) for m in ("valid_accuracy", "top_5_error")] == ["validation accuracy", "top 5 error"]
    assert [w.setting_name(s) for s in ("lr", "units1", "batch_size")] == ["learning rate", "first-layer units", "batch size"]
