"""A folder of a report in, its files at http://127.0.0.1:PORT out; an open page offers to reload once it has changed."""

import hashlib
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sweepbook.runner.config import SweepbookError

HOST = "127.0.0.1"
# A page elsewhere can point its own name at 127.0.0.1 and read what is served there; its requests still bear that name.
NAMES = (HOST, "localhost")
PAGE, CHANGES = "/journal.html", "/changes"
KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
}
MISSING = b"<!doctype html><html lang=en><title>Not there</title><body><p>This page is not there yet.</p></body></html>"
# The page compares its own version with the one that the server tells. It does not listen while nobody sees it: a
# browser keeps six connections to a server, which as many pages in the background would use up.
BAR = """<style>
#sweepbook-changed{position:fixed;inset:auto 0 0;z-index:9;display:flex;justify-content:center;align-items:center;gap:.8rem;
font:15px/1.4 system-ui,sans-serif;background:var(--card,Canvas);color:var(--ink,CanvasText)}
#sweepbook-changed:not(:empty){padding:.6rem 1rem;border-top:1px solid var(--line,GrayText)}
#sweepbook-changed button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:6px;padding:.2rem .9rem}
@media print{#sweepbook-changed{display:none}}
</style>
<div id="sweepbook-changed" role="status"></div>
<script>
(() => {
  const bar = document.getElementById("sweepbook-changed");
  let source;
  const compare = ({data}) => {
    const changed = data !== "VERSION";
    if (changed === bar.hasChildNodes()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Reload";
    button.onclick = () => location.reload();
    bar.replaceChildren(...(changed ? ["The journal has changed.", button] : []));
  };
  const listen = () => {
    source?.close();
    if (document.hidden) return;
    source = new EventSource("/changes?" + encodeURIComponent(location.pathname));
    source.onmessage = compare;
  };
  addEventListener("pageshow", listen);
  document.addEventListener("visibilitychange", listen);
})();
</script>
"""


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator["ReportServer"]:
    """A server of `folder` that answers while the block runs, at a free port where `port` is 0."""
    server = ReportServer(folder, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class ReportServer(ThreadingHTTPServer):
    """Serves the files in `folder` to this machine alone."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        self.listeners: set[socket.socket] = set()
        self._lock = threading.Lock()
        try:
            super().__init__((HOST, port), _Answer)
        except (OSError, OverflowError) as error:  # in use, not allowed; or no port at all
            reason = error.strerror if isinstance(error, OSError) else error
            raise SweepbookError(f"port {port} of {HOST} cannot be had: {reason}; ask for another, or for none") from None

    @property
    def address(self) -> str:
        """Where the journal is."""
        return f"http://{HOST}:{self.server_port}{PAGE}"

    def changed(self) -> None:
        """Tells every open page the version of its file, so that it sees whether it is out of date."""
        with self._lock:
            for listener in self.listeners:
                with suppress(BlockingIOError):  # it has not come round to the last news yet
                    listener.send(b"!")

    @contextmanager
    def listening(self) -> Iterator[socket.socket]:
        """A socket that can be read after each `changed()`, and that ends with the server."""
        near, far = socket.socketpair()
        far.setblocking(False)
        with near, far:
            with self._lock:
                self.listeners.add(far)
            try:
                yield near
            finally:
                with self._lock:
                    self.listeners.discard(far)

    def server_close(self) -> None:
        super().server_close()
        with self._lock:
            for listener in self.listeners:
                listener.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):  # a page that was closed is no error
            super().handle_error(request, client_address)


class _Answer(BaseHTTPRequestHandler):
    """Answers one request."""

    server: ReportServer
    server_version, sys_version = "sweepbook", ""
    timeout = 60

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].partition(":")[0].lower() not in NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif asked.path == "/":
            self._head(HTTPStatus.FOUND, Location=PAGE)
        elif asked.path == CHANGES:
            self._tell_changes(unquote(asked.query))
        else:
            self._send_file(asked.path)

    def _send_file(self, path: str) -> None:
        data, suffix = self._contents(path), Path(unquote(path)).suffix.lower()
        status = HTTPStatus.NOT_FOUND if data is None else HTTPStatus.OK
        if suffix == ".html":
            data = _with_bar(MISSING if data is None else data, _version(data))
        elif data is None:
            return self.send_error(status)
        kind = KINDS.get(suffix, "application/octet-stream")
        self._head(status, **{"Content-Type": kind, "Content-Length": str(len(data))})
        self.wfile.write(data)
        return None

    def _contents(self, path: str) -> bytes | None:
        """The file at `path`; None where there is none within the folder, whatever links and dots lead to."""
        folder = self.server.folder
        try:
            file = (folder / unquote(path).lstrip("/")).resolve()
            return file.read_bytes() if file.is_relative_to(folder) and file.is_file() else None
        except (OSError, ValueError, RuntimeError):  # not readable, not a name, a circle of links
            return None

    def _tell_changes(self, path: str) -> None:
        """Tells the version of the file at `path` now and after every change, until the page or the server is closed."""
        with self.server.listening() as news:
            self._head(HTTPStatus.OK, **{"Content-Type": "text/event-stream"})
            while True:
                self.wfile.write(f"data: {_version(self._contents(path))}\n\n".encode())
                ready, _, _ = select.select([news, self.connection], [], [])
                if self.connection in ready or not news.recv(4096):
                    return

    def _head(self, status: HTTPStatus, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal tells what was built."""


def _version(data: bytes | None) -> str:
    return "none" if data is None else hashlib.sha256(data).hexdigest()


def _with_bar(page: bytes, version: str) -> bytes:
    """`page` with the bar at the end of its body."""
    bar = BAR.replace("VERSION", version).encode()
    before, end, after = page.rpartition(b"</body>")
    return before + bar + end + after if end else page + bar
