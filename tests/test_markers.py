"""Every test runs in one of tox's environments: those that need torch where it is, all others where it is not."""

import ast
from pathlib import Path

TESTS = sorted(Path(__file__).parent.rglob("test_*.py"))
# What the extras of the environment `training` bring: a test that imports one of them, or skips without it, runs there alone.
TRAIN = {"torch", "torchvision", "sklearn", "tensorboard", "optuna"}
MARK = "pytest.mark.training"


def needs(tree: ast.AST) -> set[str]:
    """The libraries that the code imports or asks for by importorskip."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.importorskip":
            names.add(ast.literal_eval(node.args[0]))
    return {name.partition(".")[0] for name in names}


def is_marked(node: ast.stmt) -> bool:
    """Whether this is a marked test, or the mark of a whole file."""
    if isinstance(node, ast.FunctionDef):
        return any(ast.unparse(decorator) == MARK for decorator in node.decorator_list)
    return ast.unparse(node) == f"pytestmark = {MARK}"


def unmarked(code: str) -> list[str]:
    """The first line of each statement of a file that needs torch and has no mark; none where the file has it."""
    statements = ast.parse(code).body
    if any(is_marked(node) and not isinstance(node, ast.FunctionDef) for node in statements):
        return []
    return [ast.unparse(node).splitlines()[0] for node in statements if needs(node) & TRAIN and not is_marked(node)]


def test_what_needs_torch_is_marked_as_training() -> None:
    assert {path.name: lines for path in TESTS if (lines := unmarked(path.read_text(encoding="utf-8")))} == {}


def test_a_test_that_skips_without_torch_and_has_no_mark_is_found() -> None:
    skips = 'def test_a():\n    pytest.importorskip("torch.nn")\n'
    assert unmarked(skips) == ["def test_a():"]
    assert unmarked(f"@{MARK}\n{skips}") == []
    assert unmarked("import torch\n") == ["import torch"]
    assert unmarked(f"import torch\npytestmark = {MARK}\n") == []
