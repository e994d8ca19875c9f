"""The names of a user's own functions in, their models and data out; one clear error where they are not what a run needs."""

import importlib
import random
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.own import KINDS, OwnError, source
from sweepbook.runner.settings import is_own
from torch import Tensor, nn

DATA_SEED = 0  # of what a dataset draws, the same in every run
TAKES = "(images, labels), or (training images, labels, validation images, labels)"


# Where the user's modules lie.
_first: list[Path] = []


def search(first: Sequence[Path]) -> None:
    """From here on modules in `first` are found before any other of that name but Python's own: torch still imports some of those,
    and a file called random.py is no reason to fail."""
    _first[:] = first
    after = 1 + max((at for at, place in enumerate(sys.path) if _is_pythons(place)), default=-1)
    sys.path[after:after] = [str(place) for place in first]


def _is_pythons(place: str) -> bool:
    library = Path(sysconfig.get_path("stdlib"))
    return Path(place) in (library, library / "lib-dynload")


def places() -> list[Path]:
    """Where modules of the user's are looked for, in that order."""
    return [*_first, *(Path(place) for place in sys.path)]


def model(config: Config, shape: tuple[int, ...], classes: int) -> nn.Module:
    """What the function that `config` names as its model makes of the configuration, the shape of an example, and the classes."""
    name = str(config["model"])
    made = _drawn("model", name, torch.initial_seed(), config, shape, classes)
    if not isinstance(made, nn.Module):
        raise unfit("model", name, f"it returned {kind_of(made)}; a torch.nn.Module expected")
    if not any(weight.requires_grad for weight in made.parameters()):
        raise unfit("model", name, "its model has no parameter to train")
    return made


def arrays(name: str) -> list[tuple[Tensor, Tensor]]:
    """The images and labels of the function that is a dataset's `name`: all of them, or those of training and of validation."""
    found = _drawn("dataset", name, DATA_SEED)
    if not isinstance(found, tuple | list) or len(found) not in (2, 4):
        size = f" of {len(found)}" if isinstance(found, tuple | list) else ""
        raise unfit("dataset", name, f"it returned {kind_of(found)}{size}; {TAKES} expected")
    pairs = [_pair(name, *found[at : at + 2]) for at in range(0, len(found), 2)]
    shapes = {images.shape[1:] for images, _ in pairs}
    if len(shapes) > 1:
        raise unfit("dataset", name, f"examples of shapes {' and '.join(map(sizes, shapes))}; one for all expected")
    return pairs


def arrays_of_test(name: str) -> tuple[Tensor, Tensor]:
    """The test images and labels that belong to a dataset: those of the function of its name with "_test" behind it."""
    own = f"{name}_test"
    found = _drawn("dataset", own, DATA_SEED)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise unfit("dataset", own, f"it returned {kind_of(found)}; (images, labels) expected")
    return _pair(own, *found)


def _drawn(kind: str, name: str, seed: int, *arguments: object) -> Any:
    """What the function returns where all that it draws at random goes by `seed`: the same in every process."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    return _call(kind, name, *arguments)


def _call(kind: str, name: str, *arguments: object) -> Any:
    module, _, function = name.partition(":")
    file = source(kind, name, places())
    with blamed(kind, name, file):
        loaded = importlib.import_module(module)
        if not _is(loaded.__file__, file):
            raise unfit(kind, name, f'another module "{module}" is in use already, {loaded.__file__}; rename {file.name}')
        if not callable(called := getattr(loaded, function, None)):
            raise unfit(kind, name, f'{file} has no function "{function}"')
        return called(*arguments)


def _is(loaded: str | None, file: Path) -> bool:
    return loaded is not None and Path(loaded).resolve() == file.resolve()


@contextmanager
def blamed(kind: str, name: str, file: Path | None = None) -> Iterator[None]:
    """What is raised within as one error: of which model or dataset, and in a user's `file` of which line."""
    try:
        yield
    except SweepbookError:
        raise
    except Exception as error:
        files = [file] if file else []
        at = _line(error, files) or (f"{file}: " if file else "")
        raise unfit(kind, name, f"{at}{type(error).__name__}: {error}") from None


def described(error: Exception, config: Config) -> str:
    """What went wrong in a run, and in which line of the user's own model or dataset, if it has one."""
    named = [(kind, str(config[kind])) for kind in KINDS if is_own(config[kind])]
    return f"{_line(error, [source(*own, places()) for own in named])}{type(error).__name__}: {error}"


def _line(error: Exception, files: Sequence[Path]) -> str:
    """The last line of one of `files` on the way to `error`, to begin a message with; "" where there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}, line {frame.lineno}: " for frame in frames if any(_is(frame.filename, file) for file in files)]
    return lines[-1] if lines else ""


def _pair(name: str, images: object, labels: object) -> tuple[Tensor, Tensor]:
    """Images [n, ...] and labels [n] as tensors of the types in which they were given."""
    x, y = (_tensor(name, what, value) for what, value in (("images", images), ("labels", labels)))
    if x.ndim < 2 or y.ndim != 1 or len(x) != len(y) or not len(y):
        raise unfit("dataset", name, f"images {sizes(x.shape)} and labels {sizes(y.shape)}; [n, ...] and [n] expected")
    if y.is_floating_point() or y.is_complex() or y.dtype == torch.bool or int(y.min()) < 0:
        raise unfit("dataset", name, f"labels of type {y.dtype}, from {y.min()}; whole numbers from 0 expected")
    if x.is_complex() or x.dtype == torch.bool:
        raise unfit("dataset", name, f"images of type {x.dtype}; numbers expected")
    if x.is_floating_point() and not bool(torch.isfinite(x).all()):
        raise unfit("dataset", name, "some images have values that are not finite")
    return x, y


def _tensor(name: str, what: str, value: object) -> Tensor:
    try:
        return torch.as_tensor(value)
    except Exception as error:  # of whatever kind an object of the user's makes of it
        raise unfit("dataset", name, f"its {what} are no array: {type(error).__name__}: {error}") from None


def unfit(kind: str, name: str, what: str) -> OwnError:
    """The error that says what is wrong with a model or a dataset."""
    return OwnError(f'{kind} = "{name}": {what}')


def kind_of(value: object) -> str:
    """What a value is, in words."""
    return "nothing" if value is None else f"a value of type {type(value).__name__}"


def sizes(shape: Sequence[int]) -> str:
    """A shape as text."""
    return f"[{', '.join(map(str, shape))}]"
