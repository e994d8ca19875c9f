from sweepbook.analysis.findings.naming import distinct


def test_a_label_of_one_configuration_stays():
    assert distinct({"1": "a", "2": "b"}, {"1": {"lr": 1}, "2": {"lr": 1}}, ()) == {"1": "a", "2": "b"}


def test_configurations_of_one_label_are_named_by_the_settings_that_tell_them_apart():
    configs = {"1": {"lr": 0.1, "width": 8}, "2": {"lr": 0.2, "width": 8}, "3": {"lr": 0.1, "width": 8, "wd": 1}}
    assert distinct(dict.fromkeys(configs, "net"), configs, ()) == {
        "1": "net (lr 0.1, no wd)",
        "2": "net (lr 0.2, no wd)",
        "3": "net (lr 0.1, wd 1)",
    }


def test_settings_that_tell_nothing_more_apart_are_left_out():
    configs = {str(n): {"lr": n, "also": n, "half": n // 2} for n in range(4)}
    assert distinct(dict.fromkeys(configs, "t"), configs, ())["3"] == "t (lr 3)"


def test_a_label_that_the_plan_gives_stays():
    configs = {"1": {"lr": 0.1}, "2": {"lr": 0.2}}
    assert distinct({"1": "net", "2": "net"}, configs, ("1",)) == {"1": "net", "2": "net (lr 0.2)"}
