import subprocess

import pytest
from sweepbook.runner.launch.provenance import ChangedError, check_same, commit, own_code, patch
from sweepbook.runner.runlog import Run


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study").mkdir()
    (tmp_path / "modellogs").mkdir()
    for name in ("net.py", "notes.md", "study/study.toml", "modellogs/run.toml"):
        (tmp_path / name).write_text("as committed\n")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def test_a_clean_tree_has_an_empty_patch(repository):
    assert commit()["dirty"] is False
    assert patch() == {"patch": ""}


def test_a_changed_file_makes_a_patch_which_is_that_of_the_change(repository):
    (repository / "net.py").write_text("changed\n")
    first = patch()["patch"]
    (repository / "net.py").write_text("changed again\n")
    second = patch()["patch"]
    (repository / "net.py").write_text("changed\n")
    assert len(first) == 16
    assert first == patch()["patch"] != second


def test_a_patch_does_not_depend_on_the_folder_or_on_how_the_user_likes_patches(repository, monkeypatch):
    (repository / "net.py").write_text("changed\n")
    before = patch()
    monkeypatch.chdir(repository / "study")
    for setting in (("diff.noprefix", "true"), ("diff.context", "9"), ("color.ui", "always"), ("diff.relative", "true")):
        subprocess.run(["git", "config", *setting], check=True)
    assert patch() == before


def test_what_trains_nothing_makes_no_patch(repository):
    for name in ("notes.md", "study/study.toml", "modellogs/run.toml", "untracked.py"):
        (repository / name).write_text("changed\n")
    assert commit()["dirty"] is True
    assert patch() == {"patch": ""}


def test_outside_a_repository_there_is_neither_commit_nor_patch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (commit(), patch()) == ({}, {})


def test_the_modules_of_ones_own_have_digests_by_what_they_are_for(tmp_path):
    (tmp_path / "net.py").write_text("def build(): 0\n")
    (tmp_path / "data.py").write_text("def load(): 0\n")
    found = own_code({"model": "net:build", "dataset": "data:load"}, (tmp_path,))
    assert found.keys() == {"model", "dataset"}
    assert len(set(found.values())) == 2
    assert own_code({"model": "mlp", "dataset": "digits"}, (tmp_path,)) == {}


def test_what_a_module_of_ones_own_imports_has_one_digest_wherever_it_lies(tmp_path):
    def digests(folder, parts, extra=""):
        (tmp_path / folder / "pack").mkdir(parents=True)
        (tmp_path / folder / "pack/net.py").write_text("from .parts import a\ndef build(): a\n")
        (tmp_path / folder / "pack/parts.py").write_text(parts)
        (tmp_path / folder / "pack/unused.py").write_text(extra)
        return own_code({"model": "pack.net:build", "dataset": "digits"}, (tmp_path / folder,))

    first, moved, changed = digests("a", "a = 1\n"), digests("b", "a = 1\n", "b = 2\n"), digests("c", "a = 2\n")
    assert first.keys() == {"model", "model_imports"}
    assert moved == first
    assert changed["model"] == first["model"]
    assert changed["model_imports"] != first["model_imports"]


@pytest.mark.parametrize(
    ("digests", "code", "what"),
    [
        (("t", "v"), {"model": "m"}, None),
        (("t", "v"), {}, None),
        (("u", "v"), {"model": "m"}, "training data"),
        (("t", "w"), {"model": "m"}, "validation data"),
        (("t", "v"), {"model": "n"}, "module of the model"),
        (("t", "v"), {"model": "m", "model_imports": "j"}, "code that the model's module imports"),
    ],
)
def test_a_run_is_not_scored_as_another_model_than_it_was(digests, code, what):
    log = Run(
        "a",
        "s",
        0,
        "finished",
        None,
        1.0,
        {},
        train_digest="t",
        valid_digest="v",
        code={"model": "m", "patch": "p", "model_imports": "i"},
    )
    if what is None:
        check_same(log, digests, code)
        check_same(Run("a", "s", 0, "finished", None, 1.0, {}), digests, code)  # an older log
        return
    with pytest.raises(ChangedError, match=f"the {what} has changed since"):
        check_same(log, digests, code)
