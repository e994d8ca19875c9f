import json

import pytest
from sweepbook.analysis.logs.files import cache_folder
from sweepbook.analysis.report.critical import known_values
from sweepbook.analysis.stats import quantiles
from sweepbook.analysis.stats.quantiles import tukey

ASKED = ("_tukey", 3, 10, 0.95)


@pytest.fixture
def asked_again(tmp_path, monkeypatch):
    """Has the critical value worked out as in a process of its own, and returns it with the place where it is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def ask():
        monkeypatch.setattr(quantiles, "WORKED_OUT", {})
        tukey.cache_clear()
        with known_values():
            return tukey(3, 10)

    return ask


def place():
    return cache_folder("critical") / "values.json"


def kept():
    return {tuple(asked): value for asked, value in json.loads(place().read_bytes())["values"]}


def test_a_value_that_another_process_worked_out_is_taken_to_the_last_digit(asked_again):
    assert kept_after(asked_again) == asked_again()
    place().write_text(place().read_text().replace(str(kept()[ASKED]), "2.5"))
    assert asked_again() == 2.5


def kept_after(asked_again):
    found = asked_again()
    assert kept()[ASKED] == found
    return found


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": "another", "values": [[["_tukey", 3, 10, 0.95], 2.5]]}'])
def test_what_cannot_be_read_or_was_worked_out_by_other_code_is_worked_out_anew(content, asked_again):
    place().parent.mkdir(parents=True)
    place().write_text(content)
    assert asked_again() == pytest.approx(3.88 / 2**0.5, abs=0.01)
    assert ASKED in kept()


def test_where_nothing_can_be_kept_it_is_worked_out_each_time(asked_again, tmp_path):
    (tmp_path / "sweepbook").write_text("a file where the folder would be")
    assert asked_again() == asked_again()
