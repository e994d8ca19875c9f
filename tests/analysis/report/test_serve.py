import http.client
import socket
import threading
from contextlib import closing

import pytest
from sweepbook.analysis.report.serve import serving
from sweepbook.runner.config import SweepbookError

PAGE = b"<!doctype html><html><body><h1>One</h1></body></html>"
LIMIT = 60  # seconds; none of it is waited for where all is well


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "report"
    (folder / "figures").mkdir(parents=True)
    (folder / "journal.html").write_bytes(PAGE)
    (folder / "journal.md").write_text("# One")
    (folder / "figures/a.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def server(report):
    with serving(report) as server:
        yield server


def ask(server, path, method="GET", host="127.0.0.1"):
    """The status, the headers and the body of the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=LIMIT)) as line:
        line.putrequest(method, path, skip_host=True)
        if host is not None:
            line.putheader("Host", host)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()


class Listener:
    """What an open page hears."""

    def __init__(self, server, path="/journal.html"):
        self.line = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=LIMIT)
        self.line.request("GET", f"/changes?{path}")
        self.answer = self.line.getresponse()

    def hears(self):
        line = self.answer.readline()
        return line.strip().removeprefix(b"data: ") if self.answer.readline() == b"\n" else line

    def close(self):
        self.answer.close()
        self.line.close()


def await_listeners(server, number):
    ended = threading.Event()
    for _ in range(LIMIT * 100):
        if len(server.listeners) == number:
            return
        ended.wait(0.01)
    raise AssertionError(f"{len(server.listeners)} listeners instead of {number}")


def test_the_files_of_the_folder_are_served_and_never_stored(server):
    status, headers, body = ask(server, "/figures/a.svg")
    assert (status, body) == (200, b"<svg/>")
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert ask(server, "/journal.md")[2] == b"# One"


def test_the_address_is_that_of_the_journal_on_this_machine_alone(server):
    assert server.address == f"http://127.0.0.1:{server.server_port}/journal.html"
    assert server.server_address[0] == "127.0.0.1"
    status, headers, _ = ask(server, "/")
    assert (status, headers["Location"]) == (302, "/journal.html")


def test_a_page_gets_the_bar_at_its_end_and_its_file_stays_as_it_is(server, report):
    status, headers, body = ask(server, "/journal.html")
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert body.startswith(b"<!doctype html><html><body><h1>One</h1><style>")
    assert body.endswith(b"</script>\n</body></html>")
    assert (report / "journal.html").read_bytes() == PAGE


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/figures/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/link.txt",
        "/folder/secret.txt",
        "/circle",
        "/figures",
        "/figures/",
        "/none.svg",
        "/a%00b",
        "/" + "a" * 5000,
    ],
)
def test_nothing_else_is_served(server, report, path):
    (report / "link.txt").symlink_to(report.parent / "secret.txt")
    (report / "folder").symlink_to(report.parent)
    (report / "circle").symlink_to(report / "circle")
    status, _, body = ask(server, path)
    assert status == 404
    assert b"secret" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_get_is_answered(server, method):
    assert ask(server, "/journal.html", method)[0] == 501


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:9000", 200),
        ("LOCALHOST", 200),
        ("elsewhere.example", 403),
        ("127.0.0.1.elsewhere.example", 403),
        ("", 403),
        (None, 403),
    ],
)
def test_a_request_under_another_name_is_refused(server, host, status):
    assert ask(server, "/journal.html", host=host)[0] == status


def test_every_open_page_hears_the_version_at_once_and_after_every_change(server, report):
    with closing(Listener(server)) as one, closing(Listener(server)) as two:
        first = one.hears()
        assert two.hears() == first
        assert first in ask(server, "/journal.html")[2]
        (report / "journal.html").write_bytes(PAGE.replace(b"One", b"Two"))
        server.changed()
        second = one.hears()
        assert two.hears() == second != first
        assert second in ask(server, "/journal.html")[2]
        server.changed()
        assert one.hears() == second


def test_a_page_that_is_closed_is_forgotten(server):
    with closing(Listener(server)) as stays:
        stays.hears()
        with closing(Listener(server)) as goes:
            goes.hears()
            await_listeners(server, 2)
        await_listeners(server, 1)


def test_a_page_that_is_not_there_yet_listens_for_its_making(server, report):
    status, _, body = ask(server, "/later.html")
    assert status == 404
    assert b'data !== "none"' in body
    with closing(Listener(server, "/later.html")) as listener:
        assert listener.hears() == b"none"
        (report / "later.html").write_bytes(PAGE)
        server.changed()
        assert listener.hears() != b"none"


def test_the_end_of_the_server_ends_what_listens(report):
    with serving(report) as server:
        listener = Listener(server)
        listener.hears()
    with closing(listener):
        assert listener.answer.read() == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.server_port), LIMIT)


def test_requests_are_not_told(server, capfd):
    ask(server, "/journal.html")
    ask(server, "/none")
    ask(server, "/", "POST")
    with closing(Listener(server)) as listener:
        listener.hears()
    await_listeners(server, 0)
    assert capfd.readouterr() == ("", "")


def test_a_port_that_cannot_be_had_is_named(server, report):
    told = f"port {server.server_port} of 127.0.0.1 cannot be had: Address already in use; ask for another, or for none"
    with pytest.raises(SweepbookError, match=told), serving(report, server.server_port):
        pass
    with pytest.raises(SweepbookError, match=r"port 70000 of 127\.0\.0\.1 cannot be had"), serving(report, 70000):
        pass


@pytest.fixture
def open_tab(browser):
    """Opens a tab, which is closed before the server that it listens to ends."""
    tabs = []

    def open_one(**options):
        tabs.append(browser.new_page(**options))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.close()


def test_an_open_page_offers_to_reload_and_shows_the_new_page(server, report, open_tab):
    page = open_tab()
    page.set_default_timeout(LIMIT * 1000)
    failed = []
    page.on("pageerror", lambda error: failed.append(error))
    page.goto(server.address)
    await_listeners(server, 1)
    bar = page.get_by_role("status")
    assert bar.inner_text() == ""
    (report / "journal.html").write_bytes(PAGE.replace(b"One", b"Two"))
    server.changed()
    button = bar.get_by_role("button", name="Reload")
    button.wait_for()
    assert "The journal has changed." in bar.inner_text()
    assert page.locator("h1").inner_text() == "One"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Two").wait_for()
    await_listeners(server, 1)
    assert bar.inner_text() == ""
    assert failed == []


def test_a_page_that_is_as_it_was_offers_nothing_any_more(server, report, open_tab):
    page = open_tab()
    page.set_default_timeout(LIMIT * 1000)
    page.goto(server.address)
    await_listeners(server, 1)
    button = page.get_by_role("status").get_by_role("button")
    for text, state in ((b"Two", "visible"), (b"One", "detached")):
        (report / "journal.html").write_bytes(PAGE.replace(b"One", text))
        server.changed()
        button.wait_for(state=state)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bar_can_be_read_in_light_and_in_the_dark(server, report, open_tab, scheme):
    (report / "journal.html").write_bytes(PAGE.replace(b"<html>", b"<html style='color-scheme:light dark'>"))
    page = open_tab(color_scheme=scheme)
    page.goto(server.address)
    await_listeners(server, 1)
    (report / "journal.html").write_bytes(PAGE)
    server.changed()
    page.get_by_role("button").wait_for(timeout=LIMIT * 1000)
    colours = page.get_by_role("status").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert sorted(colours) != colours if scheme == "dark" else sorted(colours) == colours  # rgb(0, ..) before rgb(255, ..)


def test_a_page_in_its_place_keeps_where_it_was_read(server, report, open_tab):
    tall = PAGE.replace(b"<h1>", b"<div style='height:5000px'></div><h1>")
    (report / "journal.html").write_bytes(tall)
    page = open_tab()
    page.set_default_timeout(LIMIT * 1000)
    page.goto(server.address)
    page.evaluate("scrollTo(0, 2000)")
    await_listeners(server, 1)
    (report / "journal.html").write_bytes(tall.replace(b"One", b"Two"))
    server.changed()
    page.get_by_role("button", name="Reload").click()
    page.get_by_text("Two").wait_for()
    page.wait_for_function("scrollY === 2000")
