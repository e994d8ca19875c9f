"""One folder with the logs of all tools, nested, doubled and damaged, among thousands of other files."""

import json
import lzma
import os
import random
import shutil
import tarfile
import time
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[2] / "real"
PARTS = sorted(path.parent.relative_to(REAL) for path in REAL.glob("*/*/expected.json"))
# Folders that people keep logs in, the parts are dealt over them.
PLACES = (
    "alice/2026/first",
    "bob",
    "実験/二",
    "опыты/новые",
    "تجارب",
    "with spaces/and 'quotes'",
    "🔬",
    "deep/a/b/c/d/e/f/g/h/i/j",
)
EVENTS = next((REAL / "tensorboard/torch/lr0.1_seed0").glob("events.*"))
SECONDS = 60  # a bound for a machine that does much else; it takes 3


def unpacked(part, target):
    """The stores that a tool wrote, as they lay there, without what its own functions said of them."""
    shutil.copytree(REAL / part, target, ignore=shutil.ignore_patterns("expected.json"))
    for packed in sorted(target.rglob("*.xz")):
        plain = packed.with_suffix("")
        plain.write_bytes(lzma.decompress(packed.read_bytes()))
        packed.unlink()
        if plain.suffix == ".tar":
            with tarfile.open(plain) as tar:
                tar.extractall(plain.parent, filter="data")
            plain.unlink()


def place_of(part):
    return Path(PLACES[PARTS.index(part) % len(PLACES)]) / part


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Every part by itself."""
    root = tmp_path_factory.mktemp("parts")
    for part in PARTS:
        unpacked(part, root / part)
    return root


@pytest.fixture
def tree(parts, tmp_path):
    """All parts in one folder, in the places of several people."""
    root = tmp_path / "everything"
    for part in PARTS:
        shutil.copytree(parts / part, root / place_of(part))
    return root


def runs_of(folder):
    """The runs of each log, and how many logs there are that cannot be read to their end."""
    runs, broken = {}, 0
    for name, source in find_logs(folder).sources.items():
        runs[name] = []
        try:
            runs[name] += source.reader.read(source.log, Rules())
        except LogError:
            broken += 1
    return runs, broken


def counts(sweep):
    return dict(sweep.picture.tools)


@pytest.fixture(scope="module")
def total(parts):
    """The runs and the unknown files that the parts have together, each loaded by itself."""
    sweeps = [load_sweep(parts / part) for part in PARTS]
    return sum(len(sweep.runs) for sweep in sweeps), sum(sweep.picture.unknown for sweep in sweeps)


def unrelated(root):
    """Thousands of files that are no logs, in folders that have logs and in others; how many there are."""
    folders = [*(root / place for place in PLACES), root / "src/package", root / "data/images", root / "données"]
    names = ("{}.py", "picture {}.png", "weights_{}.pt", "读我{}.md", "{}.ipynb", "noise{}.bin", "модель{}.ckpt", "{}.npy")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(400):
            (folder / names[number % len(names)].format(number)).write_bytes(random.Random(number).randbytes(200))
    return 400 * len(folders)


def test_every_run_is_read_once_whatever_lies_around_it(total, tree):
    runs, unknown = total
    others = unrelated(tree)
    began = time.monotonic()
    sweep = load_sweep(tree)
    assert time.monotonic() - began < SECONDS
    assert len(sweep.runs) == runs
    assert sweep.runs["log"].is_unique
    assert sweep.picture.unknown == unknown + others


def test_a_run_reads_the_same_in_a_mixed_folder_as_alone(parts, tree):
    for part in PARTS:
        alone, broken = runs_of(parts / part)
        beside, broken_too = runs_of(tree / place_of(part))
        assert repr(alone) == repr(beside)  # repr, since NaN is not itself
        assert broken == broken_too


def test_links_in_circles_and_to_the_same_folder_read_nothing_twice(total, tree):
    for place in PLACES:
        (tree / place / "up").symlink_to(tree)
        (tree / place / "round").symlink_to(tree / place / "round")
        (tree / place / "gone").symlink_to(tree / "nowhere")
    (tree / "again").symlink_to(tree / PLACES[0])
    sweep = load_sweep(tree)
    assert len(sweep.runs) == total[0]


def test_an_empty_folder_and_one_of_other_files_alone_are_no_error(tmp_path):
    assert len(load_sweep(tmp_path).runs) == 0
    others = unrelated(tmp_path / "files")
    sweep = load_sweep(tmp_path)
    assert (len(sweep.runs), len(sweep.problems), sweep.picture.unknown) == (0, 0, others)


def test_names_that_are_no_text_lose_nothing_and_are_told_apart(parts, tmp_path):
    part = Path("huggingface/5.24.0")
    names = (b"caf\xe9", b"caf\xe8", b"new\nline", b"tab\tand \xff\xfe", b"-rf", b"%s{}$HOME", b"<b>bold<")
    for name in names:
        shutil.copytree(parts / part, tmp_path / "logs" / os.fsdecode(name))
    sweep = load_sweep(tmp_path / "logs")
    assert len(sweep.runs) == len(names) * len(load_sweep(parts / part).runs)
    assert sweep.runs["log"].str.startswith("caf\\udce8/").sum() == len(sweep.runs) / len(names)
    assert main(["build", str(tmp_path / "logs"), "--out", str(tmp_path / "report")]) == 0


def test_text_that_is_no_text_inside_a_log_loses_nothing(parts, tmp_path):
    shutil.copytree(parts / "huggingface/5.24.0/lr0.1-s1", tmp_path / "logs/run")
    (state,) = (tmp_path / "logs").rglob("trainer_state.json")
    known = json.loads(state.read_text())
    known["log_history"].append({"epoch": 9, "step": 99, "eval_\ud83d": 0.5})
    state.write_text(json.dumps(known))
    sweep = load_sweep(tmp_path / "logs")
    assert list(sweep.runs["metrics.eval_\\ud83d"]) == [0.5]
    assert sweep.epochs["eval_\\ud83d"].dropna().tolist() == [0.5]


COMMON = {
    "package.json": '{"name": "page", "version": "1.0.0", "dependencies": {"left-pad": "1"}}',
    "data/annotations.json": '{"images": [{"id": 1, "file_name": "1.png"}]}',
    "data/log.jsonl": '{"message": "hello"}\n' * 9,
    "data/users.db": "SQLite format 3\0" + "x" * 90,
    "conf/config.yaml": "defaults:\n  - model: small\n",
    "conf/params.yaml": "lr: 0.1\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "notes.csv": "when,what\nMonday,nothing\n",
    "requirements.txt": "torch\n",
    "events.txt": "none\n",
}


def test_common_files_of_a_project_are_no_runs(parts, tmp_path):
    part = Path("lightning/2.6.6")
    shutil.copytree(parts / part, tmp_path / "logs/runs")
    for name, text in COMMON.items():
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_text(text)
    os.mkfifo(tmp_path / "logs/data/pipe")
    sweep = load_sweep(tmp_path / "logs")
    assert len(sweep.runs) == len(load_sweep(parts / part).runs)
    assert set(sweep.runs["tool"]) == {"Lightning"}


BESIDE = {
    "lightning/2.6.6": "lightning_logs/version_0",
    "lightning/1.9.5": "lightning_logs/version_0",
    "mltrainer/0.3.6": None,
    "sb3/2.6.0": "CartPole-v1/A2C_seed0",
    "ray/2.60.0": None,
    "huggingface/5.24.0": "lr0.1-s1",
}


@pytest.mark.parametrize("part", BESIDE)
def test_event_files_beside_a_run_of_another_format_are_no_run_of_their_own(part, parts, tmp_path):
    alone = len(load_sweep(parts / part).runs)
    shutil.copytree(parts / part, tmp_path / "logs")
    source = next(iter(find_logs(tmp_path / "logs").sources.values()))
    folder = tmp_path / "logs" / BESIDE[part] if BESIDE[part] else Path(source.log.path)
    shutil.copy(EVENTS, folder)
    sweep = load_sweep(tmp_path / "logs")
    assert len(sweep.runs) == alone
    assert len(counts(sweep)) == 1


def test_whatever_lies_in_the_folder_of_a_run_log_is_that_run(log, run, parts, tmp_path):
    log(tmp_path / "logs", "a", run())
    shutil.copy(EVENTS, tmp_path / "logs/a")
    shutil.copy(parts / "lightning/2.6.6/lightning_logs/version_0/metrics.csv", tmp_path / "logs/a")
    assert list(load_sweep(tmp_path / "logs").runs["log"]) == ["a"]


ONE_RUN = {
    "huggingface": ("trainer_state.json", "{"),
    "lightning": ("hparams.yaml", "lr: 0.1"),
    "raytune": ("params.json", '{"lr": 0.1}'),
    "wandb": ("run-abc.wandb", "damaged"),
}


@pytest.mark.parametrize("tool", ONE_RUN)
def test_a_damaged_run_of_a_folder_hides_no_table_of_runs_beside_it(tool, tmp_path):
    name, text = ONE_RUN[tool]
    (tmp_path / name).write_text(text)
    (tmp_path / {"lightning": "metrics.csv", "raytune": "error.txt"}.get(tool, "other.txt")).write_text("epoch,step\n")
    rows = [f"net{at},{lr},{seed},0.{8 + seed}\n" for at, lr in enumerate((0.1, 0.01)) for seed in (0, 1)]
    (tmp_path / "runs.csv").write_text("name,lr,seed,val_acc\n" + "".join(rows))
    assert (load_sweep(tmp_path).runs["tool"] == "table").sum() == 4


def damaged(data, draw):
    """A file that was cut short, one with a hole in it, one that begins well and ends in noise, and an empty one."""
    half = len(data) // 2
    return (data[:half], data[: half // 2] + bytes(half) + data[half:], data[:half] + draw.randbytes(half), b"")


DAMAGE = ("cut", "hole", "noise", "empty")


def test_damaged_copies_beside_whole_logs_cost_no_whole_one_and_each_is_a_run_or_a_problem(parts, total, tree):
    runs, _ = total
    for kind, name in enumerate(DAMAGE):
        draw = random.Random(kind)
        for part in PARTS:
            shutil.copytree(parts / part, tree / "damaged" / name / part)
        for path in sorted(path for path in (tree / "damaged" / name).rglob("*") if path.is_file()):
            path.write_bytes(damaged(path.read_bytes(), draw)[kind])
    began = time.monotonic()
    sweep = load_sweep(tree)
    assert time.monotonic() - began < SECONDS
    assert (~sweep.runs["log"].str.startswith("damaged/")).sum() == runs
    told = {*sweep.runs["log"], *sweep.problems["log"]}
    above = {"/".join(name.split("/")[:depth]) for name in told for depth in range(1, name.count("/") + 2)}
    assert set(find_logs(tree).sources) - above == set()
    assert sweep.problems["reason"].str.strip().ne("").all()
