"""A page in, the same page as PDF out, printed by the Chromium that is installed."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sweepbook.analysis.report.files import beside
from sweepbook.analysis.report.lastbuild import LastBuild
from sweepbook.analysis.report.manifest import FILE, PDF, digest, objections, own_files, record, recorded_looks, refusal
from sweepbook.analysis.report.swap import alone, settle, swap
from sweepbook.runner.config import SweepbookError

VARIABLE = "SWEEPBOOK_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
LIMIT = 120  # seconds
NONE_FOUND = (
    "--format pdf prints the page through Chromium, and none was found: "
    f"install it (Debian: apt install chromium) or set {VARIABLE}"
)
# Nothing is asked of the network: Chromium's own errands are off, and no name leads anywhere.
FLAGS = (
    "--headless",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
# The only bytes in which two prints of one page differ.
DATES = re.compile(rb"/(?:CreationDate|ModDate) \(D:[0-9+'Z-]*\)")
PREFIX = re.compile(r"^\[[^\]]*\] *")  # process, time and place in Chromium's source


def find_chromium() -> Path | None:
    """The program to print with: what SWEEPBOOK_CHROMIUM names, or the first that is installed; None without one.

    Raises SweepbookError where SWEEPBOOK_CHROMIUM names no program.
    """
    if wanted := os.environ.get(VARIABLE):
        if program := shutil.which(wanted):
            return Path(program)
        raise SweepbookError(f"{VARIABLE}={wanted}: no such program; name a Chromium or unset it")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None and ON_MACOS.is_file():
        return ON_MACOS
    return Path(program) if program else None


def print_page(out: Path, build: LastBuild, *, forced: bool) -> None:
    """Prints the page, and records the print as the report's own."""
    own = own_files(out, build.files)
    against = list(objections(out, [PDF], own))
    if any(objection.firm or not forced for objection in against):
        raise refusal(out, against)
    with beside(out) as folder:
        print_pdf(out / "journal.html", folder / PDF)
        data = (folder / PDF).read_bytes()
    with alone(out):
        settle(out)
        lines = {**own_files(out, build.files), PDF: digest(data)}
        swap(out, {PDF: data, FILE: record(lines, recorded_looks(out))}, ())


def print_pdf(page: Path, pdf: Path) -> None:
    """Prints the HTML file `page` to `pdf`, which is replaced whole. The same page and Chromium give the same bytes.

    Raises SweepbookError where there is no Chromium, and where it fails.
    """
    chromium = find_chromium()
    if chromium is None:
        raise SweepbookError(NONE_FOUND)
    try:
        pdf.parent.mkdir(parents=True, exist_ok=True)
        with beside(pdf.parent) as folder:
            half = folder / pdf.name
            said = _print(chromium, page, half)
            data = half.read_bytes() if half.is_file() else b""
            if not data.startswith(b"%PDF"):  # Chromium ends with 0 even then
                raise SweepbookError(f"{pdf}: {chromium} did not print {page}: {said or 'it does not say why'}")
            half.write_bytes(DATES.sub(lambda date: b" " * len(date[0]), data))  # as long as it was: the PDF counts its bytes
            half.replace(pdf)
    except OSError as error:
        raise SweepbookError(f"{pdf}: cannot be printed: {error.strerror}") from None


def _print(chromium: Path, page: Path, pdf: Path) -> str:
    """Lets `chromium` print, with a profile of its own that is then gone, and returns the last line that it said."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox does not start as root
    with tempfile.TemporaryDirectory(prefix="sweepbook-", ignore_cleanup_errors=True) as profile:
        command = [
            str(chromium),
            *FLAGS,
            *(["--no-sandbox"] if root else []),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf.resolve()}",
            page.resolve().as_uri(),
        ]
        said = Path(profile) / "said"  # a file: a pipe would stay open as long as any child of Chromium's lives
        try:
            with said.open("wb") as file:
                quiet = subprocess.DEVNULL
                subprocess.run(command, stdin=quiet, stdout=quiet, stderr=file, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise SweepbookError(f"{chromium} has not printed {page} within {LIMIT} seconds") from None
        lines = said.read_text(encoding="utf-8", errors="replace").rstrip().split("\n")
    return PREFIX.sub("", lines[-1].strip())
