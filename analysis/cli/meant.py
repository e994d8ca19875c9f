"""Arguments that no command takes in, what was perhaps meant by them out."""

from collections.abc import Sequence

from sweepbook.analysis.cli.options import COMMANDS, options_of
from sweepbook.runner.suggest import closest


def meant(arguments: Sequence[str]) -> str:
    """The command or the option that is nearest to the one which does not exist, else where all are listed; "" where all exist."""
    first = arguments[0] if arguments else ""
    wrong, known = _unknown_option(arguments, options_of(first)) if first in COMMANDS else (first, list(COMMANDS))
    if first in COMMANDS and not wrong:
        return ""
    if close := closest(wrong, known) if wrong else None:
        return f'did you mean "{close}"?'
    return f"`sweepbook {f'{first} ' * (first in COMMANDS)}--help` lists what there is"


def _unknown_option(arguments: Sequence[str], known: list[str]) -> tuple[str, list[str]]:
    """The first option that is none of those `known`, which may be shortened; "" where all are."""
    written = (word.partition("=")[0] for word in arguments if word.startswith("--"))
    return next((word for word in written if not any(option.startswith(word) for option in known)), ""), known
