"""What is installed: one import name, beside which other people's `analysis` and `runner` may stand."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def run(command: list[object], folder: Path, **environment: str) -> str:
    """What a command prints, run in `folder`; it must come to a good end."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env={**kept, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout without what git does not track, so that building leaves nothing behind in it."""
    copy = tmp_path_factory.mktemp("source") / "sweepbook"
    wanted = ("analysis", "runner", "templates", "src", "studies", "docs", "tests", "benchmarks")
    skipped = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in wanted:
        shutil.copytree(ROOT / name, copy / name, ignore=skipped)
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*.in"), ROOT / "pyproject.toml", ROOT / "LICENSE", ROOT / "tox.ini"]:
        shutil.copy2(path, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, so that the sdist has all that it takes."""
    out = tmp_path_factory.mktemp("dist")
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    run([sys.executable, "-c", build, out], source)
    (sdist,) = out.glob("*.tar.gz")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", out, sdist], out)
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_one_package_with_its_templates_its_demo_and_its_checks(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"sweepbook", next(n.split("/")[0] for n in names if ".dist-info" in n)}
    for path in ("templates/journal.html.j2", "studies/demo/study.toml", "docs/runlog.md", "py.typed", "runner/launch/worker.py"):
        assert f"sweepbook/{path}" in names
    assert {f"sweepbook/docs/checks/{path.name}" for path in (ROOT / "docs" / "checks").glob("SB*.md")} <= set(names)
    assert sum(info.compress_size for info in zipfile.ZipFile(wheel).infolist()) < 1_000_000


def test_every_package_of_ours_is_listed_for_the_wheel():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {path.parent for top in ("analysis", "runner") for path in (ROOT / top).rglob("*.py")}
    there = {".".join(("sweepbook", *folder.relative_to(ROOT).parts)) for folder in folders}
    assert {name for name in listed if name.split(".")[1:2] in (["analysis"], ["runner"])} == there


@pytest.fixture(scope="module")
def crowded(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder to work in and its environment: the wheel installed beside packages called analysis and runner, which end whoever
    imports them, with files of these names in the folder and on PYTHONPATH."""
    home = tmp_path_factory.mktemp("crowded")
    site, path, work = home / "site", home / "path", home / "work"
    run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel], home)
    trap = "raise SystemExit('a foreign module was imported')\n"
    for name in ("analysis", "runner", "templates"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text(trap)
        for folder in (path, work):
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.py").write_text(trap)
    return work, {"PYTHONPATH": os.pathsep.join(map(str, (path, site))), "XDG_CACHE_HOME": str(home / "cache")}


def demo(site: str) -> Path:
    return Path(site.split(os.pathsep)[1]) / "sweepbook" / "studies" / "demo"


def logged(work: Path, **environment: str) -> None:
    """A study and two logs of it in `work`, written through the public door."""
    code = """
import sweepbook
for lr in (0.1, 0.2):
    with sweepbook.record({"lr": lr}, seed=0, study="s") as run:
        run.log(valid_accuracy=lr)
"""
    run([sys.executable, "-c", code], work, **environment)
    (work / "studies" / "s").mkdir(parents=True, exist_ok=True)
    plan = '[study]\ntitle = "S"\nmetric = "valid_accuracy"\n[[group]]\nname = "all"\nwhere = {}\n'
    (work / "studies" / "s" / "study.toml").write_text(plan)


def test_the_command_runs_beside_foreign_modules_of_our_names(crowded):
    work, environment = crowded
    code = "import sweepbook; print(sweepbook.__file__)"
    assert str(work.parent) in run([sys.executable, "-c", code], work, **environment)
    plan = [sys.executable, "-m", "sweepbook", "plan", demo(environment["PYTHONPATH"]), "--json"]
    assert json.loads(run(plan, work, **environment))
    logged(work, **environment)
    run([sys.executable, "-m", "sweepbook", "build", "studies/s"], work, **environment)
    assert (work / "reports" / "s" / "journal.html").is_file()


def test_watch_serves_beside_foreign_modules_of_our_names(crowded):
    work, environment = crowded
    logged(work, **environment)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-u", "-m", "sweepbook", "watch", "studies/s"]
    with subprocess.Popen(command, cwd=work, env={**kept, **environment}, stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stdout
            address = next(word for line in watching.stdout for word in line.split() if word.startswith("http"))
            with urllib.request.urlopen(address.rstrip(".,"), timeout=30) as page:
                assert b"<!doctype html>" in page.read().lower()
        finally:
            watching.terminate()


@pytest.mark.training
def test_a_run_is_trained_beside_foreign_modules_of_our_names(crowded):
    work, environment = crowded
    settings = (
        "dataset = 'digits', model = 'mlp', units1 = 8, units2 = 8, depth = 2, epochs = 1, batch_size = 32, optimizer = 'Adam'"
    )
    plan = '[study]\ntitle = "D"\nmetric = "valid_accuracy"\nseeds = [0]\n[[group]]\nname = "lr"\ngrid = { lr = [0.01] }\n'
    (work / "studies" / "d").mkdir(parents=True, exist_ok=True)
    (work / "studies" / "d" / "study.toml").write_text(f"baseline = {{ {settings} }}\n{plan}")
    out = run([sys.executable, "-m", "sweepbook", "run", "studies/d", "--jobs", "1"], work, **environment)
    assert len(list((work / "modellogs" / "d").glob("*/run.toml"))) == 1, out


def test_an_editable_install_runs_from_the_checkout(source, tmp_path):
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    shared = tmp_path / "shared"  # the libraries of this environment, without the wheel that is installed in it
    shared.mkdir()
    for folder in (Path(path) for path in sys.path if path.endswith("site-packages")):
        for entry in folder.iterdir():
            if "sweepbook" not in entry.name and not (shared / entry.name).exists():
                (shared / entry.name).symlink_to(entry)
    (site / "shared.pth").write_text(f"{shared}\n")
    install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "-e", source]
    run([sys.executable, "-m", "pip", "--python", python, *install], tmp_path)
    code = "import sweepbook, sweepbook.analysis.page.render as r; print(sweepbook.__file__); print(r.__file__)"
    places = run([python, "-c", code], tmp_path).split()
    assert all(str(source) in place for place in places)
    assert "SB101" in run([tmp_path / "venv" / "bin" / "sweepbook", "explain"], tmp_path)
