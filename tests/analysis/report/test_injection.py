"""Every door through which text comes into the journal, with every string known to open one, in a real browser."""

import re
import runpy
from pathlib import Path

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.notes.notes import load_notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.report.report import begin
from sweepbook.runner.config import SweepbookError

pytestmark = pytest.mark.slow

INJECTIONS = runpy.run_path(str(Path(__file__).parents[1] / "injections.py"))["INJECTIONS"]
HEADING = re.compile(r"#|\n\s*(=|-)+\s*$", re.MULTILINE)  # which would begin another section of the notes
# What is alive in a page: scripts but our own, handlers, links that run, frames, and whatever else would fetch.
ALIVE = """() => {
  const found = []
  for (const e of document.querySelectorAll("*")) {
    for (const a of e.attributes) {
      const value = a.value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase()
      if (a.name.startsWith("on")) found.push(`${e.tagName} ${a.name}`)
      const leads = ["href", "src", "action", "formaction", "data", "xlink:href"].includes(a.name)
      if (leads && !/^(#|https?:|mailto:|data:,$|[^:]*$)/.test(value))
        found.push(`${e.tagName} ${a.name}=${value}`)
    }
    if (/^(iframe|object|embed|base|form|img|video|audio|math|template|svg:script)$/i.test(e.tagName)) found.push(e.tagName)
  }
  return [found, document.scripts.length, document.querySelectorAll("meta,link,html > head > style").length]
}"""


def tame(text):
    """`text` as TOML can hold it."""
    return "".join(c for c in text if c in "\t\n" or (c.isprintable() and not 0xD800 <= ord(c) < 0xE000)) or "x"


def in_toml(text):
    return "".join(f"\\U{ord(c):08x}" for c in tame(text))


@pytest.fixture
def study(tmp_path, plan, log, run):
    """A study whose plan, labels, settings, errors and folders are full of injections; what notes may hold stands in its notes."""
    texts = [
        f'[[group]]\nname = "g{i}"\ntitle = "{in_toml(t)}"\nhypothesis = "{in_toml(t)}"\nwhere = {{ x = {i} }}\n'
        for i, t in enumerate(INJECTIONS)
    ]
    every = in_toml(" ".join(INJECTIONS))
    head = f'[study]\ntitle = "{every}"\nsubtitle = "{every}"\nauthor = "{every}"\nproject = "{every}"\nseeds = [0]\n'
    made = plan(tmp_path / "studies" / "doors", head + "\n".join(texts))
    for i, text in enumerate(INJECTIONS):
        settings = {"x": i, "y": tame(text)}
        log(tmp_path / "logs", f"r{i}", run(0.5, seed=0, label=tame(text), config=settings, environment={"host": tame(text)}))
        log(
            tmp_path / "logs",
            f"f{i}",
            run(0.5, seed=1, label=tame(text), config=settings, status="failed", error=tame(text), metrics={}),
        )
    return made, tmp_path / "logs"


def test_nothing_that_comes_in_by_plan_labels_settings_or_logs_is_alive(study, tmp_path, browser):
    made, logs = study
    check(begin(made, load_sweep(logs), "again").finish().files["journal.html"], tmp_path, browser)


def test_nothing_that_comes_in_by_notes_is_alive(study, tmp_path, browser):
    made, logs = study
    sweep, path, refused = load_sweep(logs), made.path.parent / "notes.md", []
    found = findings(sweep, made)
    for text in INJECTIONS:
        path.write_text(f"# Overview\n\n{text}\n", errors="replace")
        try:
            load_notes(path, found)
        except SweepbookError as error:
            refused.append((text, str(error)))
    assert all(f"{path}:" in told for _, told in refused)
    assert len(INJECTIONS) - len(refused) >= 50
    parts = [text for text in INJECTIONS if text not in dict(refused) and not HEADING.search(text)]
    assert len(parts) >= 50
    path.write_text(
        "# Overview\n\n" + "\n\n".join(parts) + "\n\n# What I learned\n\n" + "\n\n".join(parts[:50]) + "\n", errors="replace"
    )
    check(begin(made, sweep, "again").finish().files["journal.html"], tmp_path, browser)


def check(page, folder, browser):
    (folder / "page.html").write_bytes(page)
    tab, heard = browser.new_page(), []
    tab.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith((folder.as_uri(), "data:")) else heard.append(request.url))
    tab.goto((folder / "page.html").as_uri())
    alive, scripts, heads = tab.evaluate(ALIVE)
    own = page.count(b"<script")
    tab.close()
    assert alive == []
    assert heard == []
    assert scripts == own <= 12
    assert heads == 4
