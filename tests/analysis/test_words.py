import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis import words as w
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate

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
    assert w.score(w.form(metric), value) == text


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
    assert w.difference(w.form(metric), value) == text


@pytest.mark.parametrize(
    ("metric", "low", "high", "text"),
    [
        ("valid_accuracy", 0.8214, 0.8491, "82.1 to 84.9"),
        ("valid_accuracy", -0.0003, 0.05, "0.0 to 5.0"),
        ("valid_loss", -0.5, 0.25, "-0.500 to 0.250"),
        ("gap", -0.0321, -0.0001, "-0.032 to 0.000"),
        ("gap", None, None, "noise not known"),
    ],
)
def test_an_interval_has_the_unit_of_its_metric_and_no_minus_before_nothing(metric, low, high, text):
    assert w.interval(w.form(metric), Estimate(3, 0.5, low, high)) == text


def estimates(*spans):
    return [Estimate(3, mean, mean - half, mean + half) for mean, half in spans]


@pytest.mark.parametrize(
    ("metric", "spans", "texts"),
    [
        ("valid_accuracy", [(0.836, 0.014), (0.828, 0.014)], ["83.6% (82.2 to 85.0)", "82.8% (81.4 to 84.2)"]),
        ("valid_accuracy", [(0.99971, 2e-5), (0.99982, 2e-5)], ["99.971% (99.969 to 99.973)", "99.982% (99.980 to 99.984)"]),
        ("valid_loss", [(0.4784, 0.02), (0.51, 0.02)], ["0.478 (0.458 to 0.498)", "0.510 (0.490 to 0.530)"]),
        ("mse", [(5e-9, 2e-10), (1e-8, 2e-10)], ["5.0e-9 (4.8e-9 to 5.2e-9)", "1.00e-8 (9.8e-9 to 1.02e-8)"]),
        ("mse", [(0.0, 2e-10), (5e-9, 2e-10)], ["0 (-2e-10 to 2e-10)", "5.0e-9 (4.8e-9 to 5.2e-9)"]),
        ("mse", [(5e-300, 2e-301)], ["5.0e-300 (4.8e-300 to 5.2e-300)"]),
        ("reward", [(1234567.891, 30000.0)], ["1234568 (1204568 to 1264568)"]),
        ("reward", [(-212.4, 31.0)], ["-212.400 (-243.400 to -181.400)"]),
        ("reward", [(1.5e12, 2e9)], ["1.50000e12 (1.49800e12 to 1.50200e12)"]),
    ],
)
def test_values_have_the_digits_that_tell_them_apart_and_their_intervals_the_same(metric, spans, texts):
    found = estimates(*spans)
    form = w.estimates_form(metric, found)
    assert [f"{w.score(form, one.mean)} ({w.interval(form, one)})" for one in found] == texts


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.47812, 0.47815, 0.47818], ["0.478120", "0.478150", "0.478180"]),
        ([500.0, 500.0, 488.0], ["500.000", "500.000", "488.000"]),
        ([0.0004], ["0.00040"]),
        ([2e-8, 2e-8], ["2.0e-8", "2.0e-8"]),
        ([0.0, 0.0], ["0.000", "0.000"]),
    ],
)
def test_where_the_noise_is_not_known_the_range_of_the_values_gives_the_digits(values, texts):
    form = w.form("valid_loss", values)
    assert [w.score(form, value) for value in values] == texts


@given(st.lists(st.floats(allow_nan=False), max_size=4), st.lists(st.floats(0, 1e300), max_size=4))
def test_any_numbers_have_a_form_in_which_each_is_written_as_a_number(values, errors):
    for metric in ("valid_accuracy", "mse", "gap", "reward"):
        form = w.form(metric, values, errors)
        for value in values:
            float(w.score(form, value).removesuffix("%"))
            float(w.difference(form, value).removesuffix(" points"))


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("valid_accuracy", 0.015, "1.5 points"),
        ("valid_accuracy", 0.0004, "0.04 points"),
        ("valid_accuracy", 1e-12, "less than 0.0001 points"),
        ("valid_loss", 0.0004, "0.0004"),
        ("valid_loss", 0.0, "0.000"),
    ],
)
def test_a_size_that_would_round_to_nothing_has_more_digits(metric, value, text):
    assert w.size(w.form(metric), value) == text


@pytest.mark.parametrize(
    ("metric", "value", "bound", "distance"),
    [
        ("valid_accuracy", 0.83, "83%", "83 points"),
        ("valid_accuracy", 0.01, "1%", "1 point"),
        ("valid_accuracy", 0.835, "83.5%", "83.5 points"),
        ("valid_accuracy", 0.57, "57%", "57 points"),
        ("valid_loss", 0.5, "0.5", "0.5"),
        ("mse", 1e-9, "1e-9", "1e-9"),
        ("reward", 1234567.0, "1234567", "1234567"),
    ],
)
def test_the_bound_of_a_prediction_is_told_as_the_plan_wrote_it(metric, value, bound, distance):
    assert (w.bound(metric, value), w.distance(metric, value)) == (bound, distance)


def test_an_extent_that_ends_near_nothing_is_told_in_digits_and_not_as_less_than_something():
    form = w.estimates_form("mse", estimates((5e-9, 2e-10), (1e-8, 2e-10)))
    assert w.extent(form, Difference(5e-9, 4.7e-9, 5.3e-9)) == "5.0e-9 (4.7e-9 to 5.3e-9)"
    assert w.extent(w.form("valid_accuracy"), Difference(0.017, 0.0004, 0.033)) == "1.7 points (0.04 to 3.3)"


@given(st.sampled_from(["valid_accuracy", "valid_loss", "gap"]), st.floats(-2, 2))
def test_no_number_is_a_minus_zero(metric, value):
    for text in (
        w.score(w.form(metric), value),
        w.difference(w.form(metric), value),
        w.interval(w.form(metric), Estimate(2, 0.0, value, value)),
    ):
        numbers = text.replace("%", "").replace(" points", "").split(" to ")
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
