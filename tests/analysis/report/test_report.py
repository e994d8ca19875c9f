"""Whole reports against tests/golden/, byte for byte; conftest.py above says how to write those files anew."""

import difflib
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.visible import visible
from sweepbook.analysis.report.report import begin

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[2] / "golden"
PLAN = """
[study]
title = "A small study <of> *everything*"
subtitle = "Three groups, and every way that a run can end"
author = "Ada & Grace"
seeds = [0, 1, 2]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 2
batch_size = 32
lr = 0.001
optimizer = "Adam"

[[group]]
name = "units"
title = "How wide?"
hypothesis = "Wider is better, and the first layer matters more."
reasoning = "What the first layer drops is gone."
expected = ["16 and 16 are best."]
grid = { units1 = [8, 16], units2 = [8, 16] }

  [[group.prediction]]
  says = "16 and 16 units are best"
  best = { units1 = 16, units2 = 16 }

  [[group.prediction]]
  says = "The first layer matters more than the second"
  factor = "units1"
  matters_more_than = "units2"

[[group]]
name = "lr"
title = "How fast?"
hypothesis = "0.01 is best."
grid = { lr = [0.0001, 0.001, 0.01] }

  [[group.prediction]]
  says = "0.01 beats 0.001 by a point"
  better = { lr = 0.01 }
  than = { lr = 0.001 }
  by = 0.01

  [[group.prediction]]
  says = "A higher rate is better"
  trend = "increasing"
  of = "lr"

  [[group.prediction]]
  says = "0.0001 stays between 20 and 40%"
  at = { lr = 0.0001 }
  between = [0.2, 0.4]

[[group]]
name = "combined"
title = "Together?"
configs = [
  { name = "small", units1 = 8, lr = 0.01 },
  { name = "momentum", optimizer = "SGD", momentum = 0.9, lr = 0.1 },
  { name = "untried", epochs = 9 },
]

  [[group.prediction]]
  says = "Together they beat every rate alone"
  beats = "lr"

  [[group.prediction]]
  says = "No overfitting"
  gap_at_most = 0.1
"""
BASE = {
    "dataset": "digits", "model": "mlp", "units1": 16, "units2": 16, "depth": 2,
    "epochs": 2, "batch_size": 32, "lr": 0.001, "optimizer": "Adam",
}  # fmt: skip
SGD = {"optimizer": "SGD", "momentum": 0.9, "lr": 0.1}
# Label, what is changed, seed, accuracy, and what else the log says.
RUNS = [
    ("units_8_8", {"units1": 8, "units2": 8}, 0, 0.625, {}),
    ("units_8_8", {"units1": 8, "units2": 8}, 1, 0.6875, {}),
    ("units_8_16", {"units1": 8}, 0, 0.75, {}),
    ("units_8_16", {"units1": 8}, 1, 0.78125, {}),
    ("units_8_16", {"units1": 8}, 2, 0.765625, {}),
    ("units_16_8", {"units2": 8}, 0, 0.8125, {}),
    ("units_16_16", {}, 0, 0.875, {"parameters": 1482}),
    ("units_16_16", {}, 1, 0.859375, {"parameters": 1482}),
    ("units_16_16", {}, 2, 0.890625, {"parameters": 1482}),
    ("lr_0.0001", {"lr": 0.0001}, 0, 0.25, {}),
    ("lr_0.0001", {"lr": 0.0001}, 1, 0.3125, {}),
    ("lr_0.01", {"lr": 0.01}, 0, 0.9375, {}),
    ("lr_0.01", {"lr": 0.01}, 1, 0.921875, {}),
    ("lr_0.01", {"lr": 0.01}, 2, 0.953125, {}),
    ("lr_0.01", {"lr": 0.01}, 2, 0.5, {}),
    ("combined_small", {"units1": 8, "lr": 0.01}, 0, 0.890625, {"seconds": None}),
    ("combined_small", {"units1": 8, "lr": 0.01}, 1, 0.1, {"status": "diverged"}),
    ("combined_small", {"units1": 8, "lr": 0.01}, 2, 0.1, {"status": "failed", "error": "RuntimeError: mat1 | mat2\n  *differ*"}),
    ("combined_momentum", SGD, 0, 0.8, {"status": "running"}),
    ("combined_momentum", SGD, 1, 0.8, {"status": "interrupted"}),
    ("lr_1", {"lr": 1.0}, 0, 0.1, {}),
]


@pytest.fixture
def study(tmp_path, plan):
    return plan(tmp_path / "studies" / "small", PLAN)


def written(folder, log, run):
    """The logs of RUNS, and what else lies in `folder`."""
    environment = {"python": "3.11.2", "torch": "2.6.0+cpu", "device": "cpu", "threads": 1, "host": "lab", "dirty": False}
    fixed = {"train_examples": 1078, "valid_examples": 360, "parameters": 1234, "epochs": 2, "environment": environment}
    for i, (label, changes, seed, accuracy, fields) in enumerate(RUNS):
        known = {**fixed, "seconds": 1.5 + i, **fields}
        one = run(accuracy, seed=seed, minute=i, label=label, study="small", config={**BASE, **changes}, **known)
        log(folder, f"20260301-12{i:02}00-{label}-s{seed}", one)
    (folder / "notes.txt").write_text("by hand")
    log(folder, "20260301-130000-cut-s0", run()).write_text("schema = 1\n[run]\nlabel = ")
    return folder


@pytest.fixture
def logs(tmp_path, log, run):
    return written(tmp_path / "logs", log, run)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where the report is made that most tests read."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def files(home, log, run, plan):
    study = plan(home / "studies" / "small", PLAN)
    return begin(study, load_sweep(written(home / "logs", log, run)), "sweepbook build studies/small").finish().files


def without_figures(page):
    """A page with the inside of its figures left out, which hangs on the version of what draws them."""
    return re.sub(r"(<svg[^>]*aria-label=\"[^\"]*\")[^>]*>.*?</svg>", r"\1></svg>", page, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["journal.md", "journal.html", "runs.csv", "findings.json"])
def test_the_report_is_the_golden_one(name, files, request):
    text = without_figures(files[name].decode()) if name == "journal.html" else files[name].decode()
    if request.config.getoption("renew_golden"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(text.encode())
    golden = (GOLDEN / name).read_bytes().decode()
    changes = list(difflib.unified_diff(golden.splitlines(), text.splitlines(), "golden", "now", lineterm="", n=1))
    assert text == golden, "\n".join([f"{name} has changed; if it should, run with --renew-golden", *changes[:40]])


def test_the_report_has_a_figure_for_each_group_that_can_have_one(files):
    overall = [f"overall--{name}" for name in ("factors", "ranking", "parameters", "time")]
    names = ["units", "units--gap", "units--residuals", "lr", *overall]
    pages = {"journal.md", "journal.html", "runs.csv", "findings.json"}
    assert set(files) == {*pages, *(f"figures/{name}.svg" for name in names)}
    for name in names:
        assert f"](figures/{name}.svg)" in files["journal.md"].decode()
    assert files["journal.html"].decode().count("<svg role=") == len(names)


def test_the_same_logs_make_the_same_bytes_again_and_elsewhere(study, logs, files, tmp_path):
    shutil.copytree(logs, tmp_path / "copy" / "of" / "logs")
    for _ in range(2):  # in another folder than that of `files`, and of logs that are remembered
        assert begin(study, load_sweep(tmp_path / "copy" / "of" / "logs"), "sweepbook build studies/small").finish().files == files


def test_no_file_names_a_folder_of_this_machine(files, home):
    assert [name for name, data in files.items() if str(home).encode() in data] == []


def test_no_id_stands_twice_in_the_page_and_every_link_leads_somewhere(files):
    page = files["journal.html"].decode()
    names = re.findall(r'\bid="([^"]*)"', page)
    assert len(names) == len(set(names))
    links = re.findall(r'href="#([^"]*)"', page)
    assert set(links) <= set(names)
    assert len(links) > 8


ANYWHERE = re.compile(
    r"""(?:src|href|action|data|poster)\s*=\s*["']?(?!#|data:)[^"'\s>]+|url\((?!#|["']?data:)|@import""", re.IGNORECASE
)


def outside(page):
    """What in a page, its scripts left out, would fetch something or lead away from it."""
    return ANYWHERE.findall(re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))


def test_the_page_asks_for_nothing_outside_itself(files):
    page = files["journal.html"].decode()
    assert outside(page) == []
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|EventSource|import\(|eval\(", page)
    assert outside('<img src="x.png"><a href=http://a.b> url(http://a)') != []


@pytest.mark.usefixtures("undrawn")
def test_a_title_of_html_comes_out_as_text(plan, logs, tmp_path):
    title = "<script>alert('1')</script> & <b>"
    study = plan(tmp_path / "script", PLAN.replace("A small study <of> *everything*", title).replace("How wide?", title))
    page = begin(study, load_sweep(logs), "again").finish().files["journal.html"].decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &lt;b&gt;") >= 4


@pytest.mark.usefixtures("undrawn")
def test_a_template_of_the_users_is_taken(study, logs, tmp_path):
    (tmp_path / "journal.md.j2").write_text("{{ journal.title }}: {{ journal.overview | length }}\n")
    files = begin(study, load_sweep(logs), "again").finish(tmp_path).files
    assert files["journal.md"] == b"A small study <of> *everything*: 5\n"
    assert files["journal.html"].startswith(b"<!doctype html>")


@pytest.mark.usefixtures("undrawn")
def test_a_name_that_is_no_text_does_not_stop_the_report(study, logs):
    (Path(logs) / b"\xff\xfe".decode(errors="surrogateescape")).write_text("x")
    files = begin(study, load_sweep(logs), "again").finish().files
    assert rb"| \\udcff\\udcfe" in files["journal.md"]


WHERE = """
[study]
title = "Another tool's"
seeds = [0]
metric = "accuracy"
[[group]]
name = "all"
where = {}
  [[group.prediction]]
  says = "It rises"
  trend = "increasing"
  of = "clip"
"""


@pytest.mark.parametrize(
    "levels", [[1.0, float("inf")], [0.5, 1.0, float("nan")], [True, False, 1], ["$a$", "b|c"], [[1], [2, 3]], [1, "x"]]
)
def test_logs_of_other_tools_make_a_report_whatever_their_settings_are(levels, plan, log, run, tmp_path):
    study = plan(tmp_path / "other", WHERE)
    for i, level in enumerate(levels):
        for seed in (0, 1):
            metrics = {"accuracy": 0.5 + i / 10 + seed / 7}
            one = run(config={"clip": level, "batch_size": "auto"}, seed=seed, label=f"net {level}\n_", metrics=metrics)
            log(tmp_path / "logs", f"r{i}{seed}", one)
    made = begin(study, load_sweep(tmp_path / "logs"), "again").finish()
    assert len(made.findings.ranking) == len({str(level) for level in levels})
    assert "figures/all.svg" in made.files


def browse(folder, page):
    """What the browser makes of a page on disk, and what that page asked for; the browser's own errands left out."""
    folder.mkdir()
    (folder / "page.html").write_text(page)
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    own = [
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={folder / 'net.json'}",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
    ]
    command = [shutil.which("chromium"), *quiet, *own, "--dump-dom", (folder / "page.html").as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    asked = [event.get("params", {}) for event in json.loads((folder / "net.json").read_text())["events"]]
    return shown.stdout, {a["url"] for a in asked if "url" in a and a.get("initiator", "not an origin") != "not an origin"}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_a_browser_shows_the_page_and_the_page_asks_the_network_for_nothing(files, tmp_path):
    shown, asked = browse(tmp_path / "report", files["journal.html"].decode())
    assert "A small study &lt;of&gt; *everything*</h1>" in shown
    assert outside(shown) == []
    assert asked == set()
    assert browse(tmp_path / "control", "<img src='http://127.0.0.1:9/x.png'>")[1] == {"http://127.0.0.1:9/x.png"}


def test_no_page_and_no_figure_holds_what_a_terminal_or_a_browser_would_obey(tmp_path, plan, log, run):
    study = plan(tmp_path / "study", '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n')
    for i, label in enumerate(("\x1b[31mred\u202eevil\u2066", "plain")):
        for seed in (0, 1):
            log(tmp_path / "logs", f"r{i}{seed}", run(0.8 + seed / 100, seed=seed, label=label, config={"rate": f"x\x1b{i}"}))
    files = begin(study, load_sweep(tmp_path / "logs"), "sweepbook build s").finish().files
    pages = {name: text.decode() for name, text in files.items() if name.endswith((".md", ".html", ".svg"))}
    assert len(pages) > 3
    assert {name for name, text in pages.items() if visible(text) != text} == set()
    assert all("red\\u202eevil" in pages[name] for name in ("journal.md", "journal.html"))
    for name, text in pages.items():
        if name.endswith(".svg"):
            ElementTree.fromstring(text)
    assert "\x1b[31mred\u202eevil\u2066" in files["runs.csv"].decode()
