"""docs/commands.md says what --help says: each command, what it does, its arguments and options, an example."""

import argparse
from pathlib import Path

import pytest
from sweepbook.analysis.cli.options import COMMANDS, parser

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"
FIRST = f"## {next(iter(COMMANDS))}"
COMMON = {"--help", "--traceback"}


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, by its name."""
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(commands.choices)


def spelling(action: argparse.Action) -> str:
    """How an argument is given: `STUDY`, `--top N`, `--device auto or cpu or cuda`."""
    if not action.option_strings:
        return str(action.metavar)
    value = " or ".join(map(str, action.choices)) if action.choices else action.metavar
    return " ".join(filter(None, (action.option_strings[-1], value if action.nargs != 0 else None)))


def escaped(action: argparse.Action) -> str:
    """The help of an argument, whose `<study>` Markdown would take for HTML."""
    return str(action.help).replace("<", "\\<")


def section(name: str, parser: argparse.ArgumentParser) -> str:
    """What the page says of one command."""
    shown = [action for action in parser._actions if not COMMON & set(action.option_strings)]
    places = [
        str(action.metavar) if action.nargs is None else f"[{action.metavar}]" for action in shown if not action.option_strings
    ]
    rows = [f"| `{spelling(action)}` | {escaped(action)} |" for action in shown]
    table = ["| argument or option | what it is |", "|---|---|", *rows] if rows else []
    text = [
        f"## {name}",
        "",
        str(parser.description),
        "",
        "```text",
        " ".join(["sweepbook", name, *places]),
        str(parser.epilog),
        "```",
    ]
    return "\n".join([*text, *(["", *table] if table else []), ""])


def test_the_page_says_of_every_command_what_its_help_says(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text()
    intro = f"{text.partition(FIRST)[0].rstrip()}\n\n"
    wanted = intro + "\n".join(section(name, parser) for name, parser in parsers().items())
    if request.config.getoption("renew_golden"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, "an option changed: run this test with --renew-golden and read the difference"


def test_the_page_leads_to_every_command() -> None:
    intro = PAGE.read_text().partition(FIRST)[0]
    assert [name for name in COMMANDS if f"[{name}](#{name})" not in intro] == []
