import errno
import json
import math
import os
import re
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.runner.logtext import NotWritten, to_toml, write_run
from sweepbook.runner.runlog import FILE, Epoch, LogError, Run, parse_run, read_folder, read_run
from sweepbook.runner.values import flat

CONFIG = {"dataset": "digits", "epochs": 3, "lr": 1e-05, "nesterov": True, "betas": [0.9, 0.999]}
RUN = Run(
    label="epochs_3",
    study="my-study",
    seed=0,
    status="finished",
    started=datetime(2026, 1, 5, 17, 1, 21, tzinfo=UTC),
    seconds=3.14,
    config=CONFIG,
    train_examples=1078,
    valid_examples=360,
    train_digest="8c74cd62c725cfae",
    valid_digest="1600188d69a91a6c",
    best_epoch=2,
    code={"patch": "", "model": "66eb420217486347"},
    parameters=269322,
    environment={"python": "3.11.2", "threads": 1, "dirty": False},
    metrics={"train_loss": 0.52, "valid_loss": 0.55, "valid_accuracy": 0.8},
    epochs={"train_loss": [0.91, 0.6, 0.52], "valid_accuracy": [0.71, 0.77, 0.8], "valid_seen": [360, 360, 360]},
)
TEXT = """\
schema = 2

[run]
label = "epochs_3"
study = "my-study"
seed = 0
status = "finished"
started = 2026-01-05T17:01:21Z
seconds = 3.14
best_epoch = 2

[config]
dataset = "digits"
epochs = 3
lr = 1e-05
nesterov = true
betas = [0.9, 0.999]

[data]
train_examples = 1078
valid_examples = 360
train_digest = "8c74cd62c725cfae"
valid_digest = "1600188d69a91a6c"

[model]
parameters = 269322

[code]
patch = ""
model = "66eb420217486347"

[environment]
python = "3.11.2"
threads = 1
dirty = false

[metrics]
train_loss = 0.52
valid_loss = 0.55
valid_accuracy = 0.8

[epochs]
train_loss = [0.91, 0.6, 0.52]
valid_accuracy = [0.71, 0.77, 0.8]
valid_seen = [360, 360, 360]
"""


def test_a_run_is_written_as_toml_with_one_line_a_series():
    assert to_toml(RUN) == TEXT


def test_what_is_written_is_read_back(tmp_path):
    write_run(tmp_path, RUN)
    assert (tmp_path / FILE).read_text() == TEXT
    assert read_run(tmp_path / FILE) == RUN
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_log_just_begun_has_no_metrics_and_no_epochs():
    begun = Run("a", "s", 1, "running", RUN.started, 0.0, {"lr": 0.1})
    text = to_toml(begun)
    assert set(tomli.loads(text)) == {"schema", "run", "config"}
    assert parse_run(text) == begun


# Text of every character, control characters among them; a lone surrogate is no character, and is tested below.
text = st.text(st.characters(codec="utf-8"), max_size=40)
keys = st.text("abcdefghij_", min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(2**62), 2**62)
values = st.one_of(text, st.booleans(), whole, finite, st.lists(finite, max_size=3))


@st.composite
def runs(draw):
    status = draw(st.sampled_from(["running", "finished", "failed", "diverged", "interrupted", "pruned"]))
    number = st.one_of(st.floats(-1e100, 1e100) if status == "finished" else st.floats(), whole)
    length = draw(st.integers(0, 4))
    return Run(
        label=draw(text.filter(len)),
        study=draw(text),
        seed=draw(st.one_of(st.none(), whole)),
        status=status,
        started=draw(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))).replace(
            microsecond=0, fold=0
        ),
        seconds=draw(st.one_of(st.none(), st.floats(0, 1e9))),
        config=draw(st.dictionaries(st.one_of(keys, text.filter(len)), values, min_size=1, max_size=6)),
        error=draw(st.one_of(st.none(), text)),
        train_examples=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        valid_examples=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        parameters=draw(st.one_of(st.none(), st.integers(0, 10**12))),
        best_epoch=draw(st.one_of(st.none(), st.integers(1, 10**9))),
        train_digest=draw(st.one_of(st.none(), text)),
        valid_digest=draw(st.one_of(st.none(), text)),
        code=draw(st.dictionaries(st.sampled_from(["patch", "model", "dataset"]), text)),
        environment=draw(st.dictionaries(keys, st.one_of(text, st.booleans(), whole), max_size=4)),
        metrics=draw(st.dictionaries(keys, number, min_size=status == "finished", max_size=4)),
        epochs=draw(st.dictionaries(keys, st.lists(number, min_size=length, max_size=length), max_size=4)),
    )


@given(runs())
@pytest.mark.slow
def test_any_run_comes_back_as_it_was(run):
    written = to_toml(run)
    assert repr(parse_run(written)) == repr(run)  # as text, where nan is nan
    for name, series in run.epochs.items():
        assert f"\n{name} = [{', '.join(map(repr, series))}]\n" in written


# Pieces of an [epochs] table, right and wrong: what TOML and JSON write alike, and what only one of them knows.
pieces = st.one_of(
    st.sampled_from(["train_loss", "a", "a b", '"a"', "a.b", "", " = ", "=", "\n", "\r", "\r\n", "\x0c", "\u2028", "# x", "[a]"]),
    st.sampled_from(["[1]", "[1.5, 2]", "[1,]", "[nan]", "[NaN]", "[inf]", "[Infinity]", "[01]", "[1.]", "[+1]", "[1_0]", "[0x1]"]),
    st.sampled_from(["[1e5]", "[1E5]", "[-0]", "[]", "[ ]", "[1] ", "[null]", "[true]", '["x"]', "[[1]]", "{}", "1", "[1] # x"]),
)


@given(st.lists(st.tuples(pieces, st.just(" = "), pieces, st.just("\n")).map("".join) | pieces, max_size=4).map("".join))
def test_a_log_is_read_as_toml_means_it_and_in_no_other_way(lines):
    head, mark, _ = TEXT.partition("\n[epochs]\n")
    try:
        log = tomli.loads(head + mark + lines)
    except tomli.TOMLDecodeError:
        with pytest.raises(LogError):
            parse_run(head + mark + lines)
        return
    try:
        run = parse_run(head + mark + lines)
    except LogError:
        series = log["epochs"].values()
        lists = all(isinstance(values, list) and all(type(x) in (int, float) for x in values) for values in series)
        assert log.keys() != tomli.loads(TEXT).keys() or not lists or len({len(values) for values in series}) > 1
        return
    assert repr(run.epochs) == repr(log["epochs"])


# Lines before the series, right and wrong: keys, tables, and text and lists of several lines that look like them.
lines = st.one_of(
    st.sampled_from(["a = 1", "a = 1.50", "a.b = 0.5", "a.c = -0.5e-3", "b = {}", '"d" = 2', "e = 1.", "f = nan", " g = 1", "m\r"]),
    st.sampled_from(["[metrics]", "[run]", "[config]", "[config.i]", " [x]", "[[x]]", "# x", "", "h = 0.1 # x"]),
    st.sampled_from(["j = [1,", "2]", 'k = """', '"""', "l = '''", "'''"]),
)


@given(st.sampled_from(["[run]", "[config]", "[environment]", "[metrics]"]), st.lists(lines, max_size=5))
def test_the_tables_of_a_log_are_read_as_toml_means_them(table, more):
    """Lines that logs have alike are parsed once, each by itself."""
    text = TEXT.replace(f"{table}\n", "\n".join([table, *more, ""]))
    try:
        log = tomli.loads(text)
    except tomli.TOMLDecodeError:
        with pytest.raises(LogError):
            parse_run(text)
        return
    with suppress(LogError):  # it is TOML, and no log
        run = parse_run(text)
        read = run.config, run.environment, run.metrics, run.label, run.status
        told = flat(log["config"]), log.get("environment", {}), log["metrics"], log["run"]["label"], log["run"]["status"]
        assert repr(read) == repr(told)


@pytest.mark.parametrize("moment", ["05T17:01:21Z", "05T17:01:21.5Z", "05T17:01:21.1234567Z", "05 17:01:21+02:00", "05T17:01:21"])
def test_the_time_of_a_log_is_read_as_toml_means_it(moment):
    line = f"started = 2026-01-{moment}"
    meant = tomli.loads(line)["started"]
    assert parse_run(re.sub("started = .*", line, TEXT)).started == (meant if meant.tzinfo else meant.replace(tzinfo=UTC))


@pytest.mark.parametrize("moment", ["01-32T17:01:21Z", "13-05T17:01:21Z", "01-05T24:00:00Z", "01-05T17:60:00Z"])
def test_a_time_that_there_is_not_is_an_error(moment):
    with pytest.raises(LogError):
        parse_run(re.sub("started = .*", f"started = 2026-{moment}", TEXT))


def test_a_diverged_run_keeps_its_nan_and_inf():
    diverged = Run("a", "s", 0, "diverged", RUN.started, 1.0, CONFIG, epochs={"train_loss": [1.0, math.inf, -math.inf, math.nan]})
    series = parse_run(to_toml(diverged)).epochs["train_loss"]
    assert series[:3] == [1.0, math.inf, -math.inf]
    assert math.isnan(series[3])


def test_any_error_text_is_written_and_read_back(tmp_path):
    error = 'RuntimeError: "mat1" \'and\' \\ mat2\r\n\tat \x00\x1b[31mred\x7f\x85\u2028 \N{SNOWMAN} \U0001f600 """ # [x]'
    write_run(tmp_path, Run("a", "s", 0, "failed", RUN.started, 1.0, CONFIG, error=error))
    assert read_run(tmp_path / FILE).error == error


def test_half_a_character_in_an_error_does_not_stop_the_log(tmp_path):
    write_run(tmp_path, Run("a", "s", 0, "failed", RUN.started, 1.0, CONFIG, error="no such file: \udcff.gz"))
    assert read_run(tmp_path / FILE).error == "no such file: ?.gz"


def test_the_start_is_kept_in_utc_to_the_second():
    moment = datetime(2026, 1, 5, 18, 1, 21, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert "started = 2026-01-05T17:01:21Z" in to_toml(Run("a", "s", 0, "running", moment, 0.0, CONFIG))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-05T17:01:21Z", datetime(2026, 1, 5, 17, 1, 21, tzinfo=UTC)),
        ("2026-01-05T17:01:21+02:00", datetime(2026, 1, 5, 15, 1, 21, tzinfo=UTC)),
        ("2026-01-05 17:01:21", datetime(2026, 1, 5, 17, 1, 21, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_the_start_is_read_as_utc_however_it_is_written(written, read):
    changed = TEXT.replace("2026-01-05T17:01:21Z", written)
    if read is None:
        with pytest.raises(LogError, match="started"):
            parse_run(changed)
    else:
        assert parse_run(changed).started == read


def cut(table):
    """TEXT without `table`."""
    head, _, rest = TEXT.partition(f"[{table}]\n")
    return head + rest.partition("\n\n")[2]


@pytest.mark.parametrize("table", ["data", "model", "code", "environment", "epochs"])
def test_a_table_that_may_be_missing_is_missed_by_nobody(table):
    run = parse_run(cut(table))
    assert (run.train_examples is None) == (run.valid_digest is None) == (table == "data")
    assert (run.code == {}) == (table == "code")
    assert (run.parameters is None) == (table == "model")
    assert (run.environment == {}) == (table == "environment")
    assert (run.epochs == {}) == (table == "epochs")
    assert run.metrics == RUN.metrics


def test_a_log_of_the_first_schema_is_read_as_one_of_the_second():
    assert parse_run(TEXT.replace("schema = 2", "schema = 1")) == RUN


def test_a_run_that_a_search_stopped_needs_no_metrics():
    assert parse_run(cut("metrics").replace("finished", "pruned")).status == "pruned"


def test_a_log_needs_no_study_seed_or_seconds():
    run = parse_run(TEXT.replace('study = "my-study"\nseed = 0\n', "").replace("seconds = 3.14\n", ""))
    assert (run.study, run.seed, run.seconds) == ("", None, None)


# What is replaced in a good log, by what, and the reason that is given.
BROKEN = [
    ("schema = 2\n", "", r'no "schema" key: not a Sweepbook run log'),
    ("schema = 2", "schema = 3", r"schema is 3; this version reads schema 1 and 2"),
    ("schema = 2", 'schema = "1"', r"schema is '1'"),
    ("schema = 2", "schema = true", r"schema is True"),
    ("schema = 2", "schema = 1.0", r"schema is 1\.0"),
    ("schema = 2\n", "schema = 2\nextra = 2\n", r"unknown key 'extra'"),
    ("[metrics]", "[scores]", r"unknown key 'scores'"),
    ("[run]", "[ran]", r"no \[run\] table: cut short"),
    ("[config]", "[configuration]", r"no \[config\] table: cut short"),
    ("[model]\nparameters = 269322", "[[model]]\nparameters = 269322", r"model is not a table"),
    ("parameters = 269322", "parameters = -1", r"\[model\] parameters = -1: expected parameters, whole numbers"),
    ("parameters = 269322", "parameters = 1.5", r"\[model\] parameters = 1\.5: expected"),
    ("parameters = 269322", "params = 1", r"\[model\] params = 1: expected parameters"),
    ("valid_examples = 360", 'valid_examples = "360"', r"\[data\] valid_examples = '360': expected train_examples and valid"),
    ("valid_examples = 360", "valid_examples = true", r"\[data\] valid_examples = True"),
    ('valid_digest = "1600188d69a91a6c"', "valid_digest = 16", r"\[data\] valid_digest: expected text of at most 128 characters"),
    ('patch = ""', f'patch = "{129 * "a"}"', r"\[code\] patch: expected text of at most 128 characters, a digest"),
    (
        'patch = ""',
        'diff = ""',
        r"\[code\] diff = '': expected patch and model and dataset and model_imports and dataset_imports, digests",
    ),
    ("best_epoch = 2", "best_epoch = 0", r"\[run\] best_epoch = 0 is not a whole number of at least 1"),
    ("best_epoch = 2", "best_epoch = 2.0", r"\[run\] best_epoch = 2\.0 is not a whole number"),
    ("seconds = 3.14", "second = 3.14", r"\[run\] unknown key 'second'"),
    ("seconds = 3.14", 'seconds = "3"', r"\[run\] seconds = '3' has the wrong type"),
    ("seconds = 3.14", "seconds = true", r"\[run\] seconds = True has the wrong type"),
    ("seed = 0", "seed = 0.5", r"\[run\] seed = 0\.5 has the wrong type"),
    ("seed = 0", "seed = false", r"\[run\] seed = False has the wrong type"),
    ("seed = 0", "seed = 0\nerror = 3", r"\[run\] error = 3 has the wrong type"),
    ('study = "my-study"', "study = 3", r"\[run\] study = 3 has the wrong type"),
    ('status = "finished"', "", r"\[run\] status is None; expected one of running, finished"),
    ('status = "finished"', 'status = "done"', r"\[run\] status is 'done'; expected one of"),
    ('status = "finished"', 'status = ["finished"]', r"\[run\] status is \['finished'\]"),
    ('label = "epochs_3"', "", r"\[run\] label is missing or not text"),
    ('label = "epochs_3"', 'label = ""', r"\[run\] label is missing or not text"),
    ('label = "epochs_3"', "label = 3", r"\[run\] label is missing or not text"),
    ("started = 2026-01-05T17:01:21Z", "", r"\[run\] started is missing or not a date with a time"),
    ("started = 2026-01-05T17:01:21Z", "started = 2026-01-05", r"\[run\] started is missing or not a date with a time"),
    ("started = 2026-01-05T17:01:21Z", 'started = "2026-01-05"', r"\[run\] started is missing or not a date"),
    ("valid_loss = 0.55", 'valid_loss = "0.55"', r"\[metrics\] valid_loss = '0\.55' is not a number"),
    ("valid_loss = 0.55", "valid_loss = true", r"\[metrics\] valid_loss = True is not a number"),
    ("valid_loss = 0.55", "valid_loss = nan", r"\[metrics\] valid_loss = nan in a finished run; its status should be diverged"),
    ("valid_loss = 0.55", "valid_loss = 1" + 400 * "0", r"\[metrics\] valid_loss = 1000"),
    ("train_loss = [0.91, 0.6, 0.52]", "train_loss = 0.52", r"\[epochs\] train_loss is not a list of numbers"),
    ("train_loss = [0.91, 0.6, 0.52]", 'train_loss = ["a"]', r"\[epochs\] train_loss is not a list of numbers"),
    ("train_loss = [0.91, 0.6, 0.52]", "train_loss = [true, 0.6, 0.52]", r"\[epochs\] train_loss is not a list of numbers"),
    ("lr = 1e-05", "lr = ", r"not valid TOML, perhaps cut short: .*line 15"),
    ("lr = 1e-05", "lr = 1" + 5000 * "0", r"not valid TOML"),
    ("lr = 1e-05", "lr = " + 5000 * "[" + 5000 * "]", r"not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "reason"), BROKEN, ids=lambda value: repr(value)[:40])
def test_a_log_that_cannot_be_used_is_told_with_the_reason(old, new, reason):
    assert old in TEXT
    broken = TEXT.replace(old, new, 1)
    with pytest.raises(LogError, match=reason):
        parse_run(broken)


def test_a_finished_run_without_metrics_is_cut_short():
    with pytest.raises(LogError, match=r"a finished run without \[metrics\]: cut short\?"):
        parse_run(cut("metrics"))


@pytest.mark.parametrize("empty", ["", "\n", " \n\t\n"])
def test_an_empty_log_is_told(empty):
    with pytest.raises(LogError, match="the file is empty"):
        parse_run(empty)


def test_a_log_that_ends_with_a_digit_may_have_lost_another():
    head = cut("epochs").rstrip()
    assert head.endswith("valid_accuracy = 0.8")
    with pytest.raises(LogError, match="ends within a number or right after one: cut short"):
        parse_run(head)
    assert parse_run(head + "\n").metrics == RUN.metrics


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), text)
def test_a_damaged_log_is_read_or_told_and_nothing_else(start, length, other):
    try:
        run = parse_run(TEXT[:start] + other + TEXT[start + length :])
    except LogError:
        return
    assert run.label


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b"schema = '\xff'"), "utf-8"),
    ],
)
def test_a_log_that_is_no_file_of_text_is_told(tmp_path, make, reason):
    make(tmp_path / FILE)
    with pytest.raises(LogError, match=f"cannot be read: .*{reason}"):
        read_run(tmp_path / FILE)


def test_a_folder_of_logs_gives_the_readable_ones_by_name(tmp_path):
    for name, content in [("b", TEXT), ("a", TEXT.replace("seed = 0", "seed = 7")), ("broken", "x"), ("skipped", TEXT)]:
        (tmp_path / name).mkdir()
        (tmp_path / name / FILE).write_text(content)
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("not a folder")
    assert [(folder.name, run.seed) for folder, run in read_folder(tmp_path, {"skipped"})] == [("a", 7), ("b", 0)]
    assert list(read_folder(tmp_path / "none")) == []


@pytest.mark.slow
def test_a_log_that_is_being_replaced_is_never_seen_half(tmp_path):
    long, short = 2000, 1
    logs = [Run(f"n{n}", "s", n, "running", RUN.started, 0.0, CONFIG, epochs={"x": [float(n)] * n}) for n in (long, short)]
    write_run(tmp_path, logs[0])
    stop, seen = threading.Event(), []

    def read():
        while not stop.is_set():
            run = read_run(tmp_path / FILE)
            seen.append((run.seed, len(run.epochs["x"])))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(150):
            write_run(tmp_path, logs[turn % 2])
    finally:
        stop.set()
        reader.join()
    assert seen
    assert all(seed == length for seed, length in seen)


@pytest.mark.parametrize(
    ("train_loss", "valid_loss", "diverged"),
    [(0.5, 0.6, False), (math.nan, 0.6, True), (0.5, math.inf, True), (-math.inf, math.nan, True)],
)
def test_an_epoch_with_a_loss_that_is_no_finite_number_has_diverged(train_loss, valid_loss, diverged):
    assert Epoch(train_loss, valid_loss, 0.1, 1.0, 0.1, 10).diverged is diverged


def test_series_of_different_lengths_are_read_as_they_are(tmp_path):
    log = tmp_path / "run.toml"
    head = 'schema = 1\n[run]\nlabel = "a"\nstatus = "finished"\nstarted = 2026-03-01T12:00:00Z\n[config]\n[metrics]\nf1 = 0.5\n'
    log.write_text(head + "\n[epochs]\ntrain_loss = [3.0, 2.0]\nf1 = [0.5]\n")
    assert read_run(log).epochs == {"train_loss": [3.0, 2.0], "f1": [0.5]}


def config_of(text):
    return parse_run(TEXT.replace("betas = [0.9, 0.999]\n", text)).config


def test_settings_of_nested_tables_are_named_by_their_path():
    found = config_of(
        'opt = { name = "adam", betas = [0.9, 0.999] }\nlayers = [{ units = 8 }, { units = 4 }]\nshape = [[1, 2], [3]]\n'
    )
    assert {key: value for key, value in found.items() if "." in key} == {
        "opt.name": "adam",
        "opt.betas": [0.9, 0.999],
        "layers.0.units": 8,
        "layers.1.units": 4,
        "shape.0": [1, 2],
        "shape.1": [3],
    }


def test_a_table_below_config_is_a_nested_one():
    assert config_of("[config.opt]\nlr = 0.1\n")["opt.lr"] == 0.1


def test_a_setting_that_stands_in_a_log_twice_makes_it_a_problem():
    with pytest.raises(LogError, match=re.escape("[config] opt.lr stands in it twice: by that name, and in a table")):
        config_of('"opt.lr" = 0.1\nopt = { lr = 0.2 }\n')


@pytest.mark.slow
def test_a_table_of_many_levels_is_read():
    assert config_of(f"{'.'.join(['a'] * 900)} = 1\n")[".".join(["a"] * 900)] == 1


def test_a_log_with_nested_settings_is_written_and_read_back(tmp_path):
    run = parse_run(TEXT.replace("betas = [0.9, 0.999]\n", "opt = { lr = 0.1 }\n"))
    assert parse_run(to_toml(run)) == run


def test_a_log_that_cannot_be_written_leaves_the_one_before_and_nothing_beside_it(tmp_path, monkeypatch):
    write_run(tmp_path, RUN)
    before = (tmp_path / FILE).read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match=r"run\.toml: cannot be written: No space left on device"):
        write_run(tmp_path, replace(RUN, label="b"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {FILE: before}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"label": "L" * 1_000_000}, "[run] label has 1,000,000 characters; at most 2,000"),
        ({"study": "s" * 2_001}, "[run] study has 2,001 characters; at most 2,000"),
        ({"config": {"k" * 2_001: 1}}, f"[config] {'k' * 40}… has 2,001 characters; at most 2,000"),
        ({"config": {"prompt": "x" * 10_001}}, "[config] prompt has 10,001 characters; at most 10,000"),
        ({"config": {f"k{i}": i for i in range(20_001)}}, "[config] has 20,001 entries; at most 20,000"),
        ({"metrics": {"m" * 2_001: 1.0}}, f"[metrics] {'m' * 40}… has 2,001 characters; at most 2,000"),
    ],
)
def test_what_no_report_has_room_for_is_a_problem_that_names_the_bound(changed, told):
    with pytest.raises(LogError, match=f"^{re.escape(told)}$"):
        parse_run(quick_text(replace(RUN, **changed)))


def quick_text(run):
    """The text of a log, without tomlkit's time for many keys."""
    config = "".join(f"{key} = {json.dumps(value)}\n" for key, value in run.config.items())
    head, rest = to_toml(replace(run, config={"only": 1})).split("[config]\nonly = 1\n")
    return f"{head}[config]\n{config}{rest}"
