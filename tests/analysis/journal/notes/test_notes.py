import re
import runpy
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.notes import values
from sweepbook.analysis.journal.notes.notes import GroupNotes, Notes, _escaped, _in_code, load_notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.markdown import note_html
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study

INJECTIONS = runpy.run_path(str(Path(__file__).parents[2] / "injections.py"))["INJECTIONS"]
DOCS = Path(__file__).parents[4] / "docs"
PLAN = """
[study]
title = "T"
seeds = [0]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
title = "How long should *training* last?"
grid = { epochs = [1, 2] }
[[group]]
name = "lr"
title = "Twice"
grid = { lr = [0.01, 0.1] }
[[group]]
name = "depth"
title = "twice"
grid = { lr = [0.2] }
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory, log, run, plan):
    folder = tmp_path_factory.mktemp("study")
    log(folder / "logs", "a", run(0.855, config=BASE))
    return findings(load_sweep(folder / "logs"), plan(folder / "s", PLAN))


@pytest.fixture
def notes(found, tmp_path):
    """The notes of a text, or of bytes."""

    def load(text):
        path = tmp_path / "notes.md"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_notes(path, found)

    return load


def told(notes, text):
    """The error that `text` makes, without the folder."""
    with pytest.raises(SweepbookError) as error:
        notes(text)
    return re.sub(r"^\S*/", "", str(error.value))


def test_no_file_is_no_notes(found, tmp_path):
    assert load_notes(tmp_path / "notes.md", found) == Notes()
    assert Notes() == Notes(overview="", learned="", future="", groups={})


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", "<!-- nothing yet -->\n"])
def test_an_empty_file_is_no_notes(notes, text):
    assert notes(text) == Notes()


def test_each_text_goes_to_its_section(notes):
    made = notes(
        "# Future experiments\nf\n# Overview\n\no\n\n## more\n\n### deeper\n# What I learned\nl\n# epochs\n## Conclusion\nc\n"
        "### below\n## Observations\n\n    code\n\n# lr\n## Next steps\nn\n## Insights\ni\n"
    )
    assert (made.overview, made.learned, made.future) == ("o\n\n## more\n\n### deeper", "l", "f")
    assert made.groups == {
        "epochs": GroupNotes(observations="    code", conclusion="c\n### below"),
        "lr": GroupNotes(next_steps="n", insights="i"),
    }


@pytest.mark.parametrize(
    "heading", ["# EPOCHS", "# how long should *training*  last?", "# How long should training last? #", "epochs\n==="]
)
def test_a_group_goes_by_its_name_or_its_title_in_any_case(notes, heading):
    assert notes(f"{heading}\n## observations\nx").groups == {"epochs": GroupNotes(observations="x")}


def test_a_group_may_have_the_name_of_a_section_and_then_goes_by_its_title(plan, log, run, tmp_path):
    text = PLAN.replace('name = "lr"\ntitle = "Twice"', 'name = "overview"\ntitle = "Rates"')
    log(tmp_path / "logs", "a", run(0.5, config=BASE))
    found = findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "s", text))
    (tmp_path / "notes.md").write_text("# overview\nx\n# rates\n## Insights\ny\n")
    assert load_notes(tmp_path / "notes.md", found) == Notes(overview="x", groups={"overview": GroupNotes(insights="y")})


@pytest.mark.parametrize(
    "code", ["```\n# x\n## y\n```", "~~~ md\n# Overview\n~~~", "    # x", "- # x", "> # x", "`# x`", "\\# x", "#x"]
)
def test_what_is_no_heading_of_the_file_belongs_to_the_text(notes, code):
    assert notes(f"# epochs\n## Insights\n{code}\n# Overview\n\n{code}\n") == Notes(
        code, groups={"epochs": GroupNotes(insights=code)}
    )


def test_a_comment_that_stands_by_itself_is_left_out_with_what_is_in_it(notes):
    text = "<!-- # nothing\n{{ nothing }}\n-->\n# Overview\n<!-- a -->\n\nx <!-- b --> y\n\n`<!--`\n\n"
    text += "# epochs\n<!-- c -->\n## Insights\nz"
    assert notes(text) == Notes("x <!-- b --> y\n\n`<!--`", groups={"epochs": GroupNotes(insights="z")})


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_any_line_ending_and_a_byte_order_mark_are_fine(notes, ending):
    assert notes("\ufeff# Overview\nx\n\ny\n".replace("\n", ending)) == Notes("x\n\ny")


ERRORS = {
    "# Overview\n\n# Epoch\n": 'notes.md:3: "# Epoch" found, Overview, What I learned, Future experiments or a group\'s '
    'name or title expected; the nearest is "# epochs"',
    "# Overveiw": 'the nearest is "# Overview"',
    "# Twice": 'notes.md:1: "# Twice" found',
    "# {{ study.title }}": '"# {{ study.title }}" found',
    "\n# epochs\n## Observation\nx": 'notes.md:3: "## Observation" found, one of Observations, Insights, Conclusion, '
    'Next steps expected; the nearest is "## Observations"',
    "# Overview\nx\n# overview\ny": 'notes.md:3: "# overview" is here twice; the first stands in line 1',
    "# epochs\n## Insights\n# How long should training last?": "is here twice; the first stands in line 1",
    "# epochs\n## Insights\na\n## insights": 'notes.md:4: "## insights" is here twice; the first stands in line 2',
    "\nhello\n# Overview": 'notes.md:2: "hello" found before any heading; first one of # Overview, # What I learned, ',
    "hello": 'notes.md:1: "hello" found before any heading',
    "## Insights\nx": 'notes.md:1: "## Insights" found before any heading',
    "# epochs\n\nhello\n## Insights": 'notes.md:3: "hello" found directly under a group\'s heading; first one of ## Observations, ',
    "# epochs\nhello": 'notes.md:2: "hello" found directly under a group\'s heading',
    "# Overview\na {{ run.epochs_2.n": "notes.md:2: {{ has no }} on its line: {{ run.epochs_2.n",
    "# Overview\n{{ run.epochs_2.n\n}}": "notes.md:2: {{ has no }} on its line",
    "# Overview\n\n{{ run.epoch_2.n }}": "notes.md:3: no value is called run.epoch_2.n; the nearest is run.epochs_2.n; `sweep",
    "# Overview\n```\n{{ x }}\n```": "notes.md:3: no value is called x",
    "# Overview\n{{ run.epochs_2.n | percnt }}": "notes.md:2: no filter is called percnt; the nearest is percent",
    "# Overview\n{{ {} }}": "notes.md:2: notes hold values only",
    "# Overview\n{{ range(10**9) | sum }}": "notes.md:2: notes hold values only",
    b"# Overview\n\n\xff": "notes.md:3: not UTF-8: byte 0xff; save the notes as UTF-8",
    "# Overview\n".encode("utf-16"): "notes.md:1: not UTF-8",
}


@pytest.mark.parametrize(("text", "error"), ERRORS.items(), ids=lambda text: repr(text)[:40])
def test_an_error_tells_the_file_the_line_and_what_was_expected(notes, text, error):
    assert error in told(notes, text)


def test_a_folder_instead_of_a_file_is_an_error(found, tmp_path):
    with pytest.raises(SweepbookError, match="the notes cannot be read: not a file"):
        load_notes(tmp_path, found)


FILLED = {
    "a {{ run.epochs_2.valid_accuracy | percent }} b": "a 85.5% b",
    "{{run.epochs_2.n}}{{ run['lr_0.01'].label }}": "1epochs_2",
    "- {{ run.epochs_1.valid_accuracy | percent }}": "- –",
    "{{ '{{ run.epochs_2.n }}' }}": "&#123;&#123; run.epochs_2.n &#125;&#125;",
    "{{ '<b>*x*' }}": "&#60;b&#62;&#42;x&#42;",
    "`{{ 'a`*b*|~' }}` ``x``": "`aˋ*b*∣∼` ``x``",
    "`{{ '' }}` **{{ ' ' }}**": "`–` **–**",
    "```\n{{ '```' }}\n# x\n```": "```\nˋˋˋ\n# x\n```",
    "    {{ '<b>' }}": "    <b>",
    "{% for x in y %}{{ run.epochs_2.n }}{% endfor %} {# c #}": "{% for x in y %}1{% endfor %} {# c #}",
    "value value0z valuee {{ run.epochs_2.n }}": "value value0z valuee 1",
    "}} { { {x} %}": "}} { { {x} %}",
}


@pytest.mark.parametrize(("text", "filled"), FILLED.items())
def test_values_are_filled_in_and_nothing_else_is_code(notes, text, filled):
    assert notes(f"# Overview\n{text}\n").overview == filled


def test_values_are_only_sought_where_notes_name_one(notes, monkeypatch):
    monkeypatch.delattr(values, "names")
    assert notes("# Overview\n{ {x} }\n").overview == "{ {x} }"


PLACES = [
    "{}",
    "- {}",
    "> {}",
    "a\n{}",
    "{}b",
    "[{}](https://a.b)",
    "![{}](x)",
    "**{}**",
    "_{}_",
    "\\{}",
    "&{}",
    "!{}[a](b)",
    "`{}`",
]
PLACES += ["| a |\n|---|\n| {} |", "| a |\n| {} |", "{}\n\n[a]: x", "```\n{}\n```", "[a{}(b)", "<{}>", "1{} x"]


MARKS = ["===", "---", ":--", "+", "- a", "#", "[a]", "a]", "[x", "!", "`", "***", "~~~", "\\", "|", "lt;"]


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_a_value_makes_nothing_but_text(place):
    for value in [*INJECTIONS, *MARKS]:
        check_value(place, value)


@pytest.mark.parametrize("place", PLACES)
@given(value=st.text(st.sampled_from("ab1 _*`~#>+-=.)(][!<&;|\\:\n\t\"'$é☃{}"), max_size=12))
def test_no_value_makes_anything_but_text(place, value):
    check_value(place, value)


def check_value(place, value):
    """In `place` the value stands as a word of letters would, and shows as it is but for its blanks; code has lookalikes."""
    reader = MarkdownIt("commonmark", {"html": place != "<{}>"}).enable("table")
    shown = values.text(value)
    wanted = " ".join(shown.split()).replace("\x00", "\ufffd")
    filled = reader.parse(place.format((_in_code if "`" in place else _escaped)(shown)))
    plain = reader.parse(place.format("w"))
    assert [token.type for token in filled] == [token.type for token in plain]
    kinds = [[{"text_special": "text"}.get(child.type, child.type) for child in token.children or []] for token in filled]
    if "](" not in place and not place.startswith(("**", "_", "<")):
        assert all(set(kind) <= {"text", "softbreak", "code_inline", "em_open", "em_close"} for kind in kinds)
    if place == "{}":
        assert "".join(child.content for token in filled for child in token.children or []) == wanted


def test_an_injection_in_the_notes_is_text_or_an_error_and_is_never_run(notes):
    for text in INJECTIONS:
        check_injection(notes, text)


def check_injection(notes, text):
    """Either the notes are refused for their line, or the text stands in them and nothing of it is computed."""
    try:
        made = notes(f"# Overview\n\nx\n{text}\n")
    except SweepbookError as error:
        message = str(error)
        assert re.search(r"notes\.md:\d+: ", message)
        assert "{{" in text or re.search(r"^(#|.*\n[=-]+)", text, re.MULTILINE)
    else:
        assert "{{" not in text or text == "{{ '{{7*7}}' }}"
        assert "49" not in note_html(made.overview)


def test_the_example_of_the_docs_is_read_and_its_values_are_known(log, run, tmp_path):
    plan = re.findall(r"^```toml\n(\[study\].*?)^```", (DOCS / "plan.md").read_text(), re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "study.toml").write_text(plan)
    study = load_study(tmp_path)
    for i, member in enumerate(member for group in study.groups for member in group.members):
        log(tmp_path / "logs", f"r{i}", run(0.8 + i / 100, label=member.label, config=member.config, parameters=1000))
    text = re.findall(r"^```markdown\n(.*?)^```", (DOCS / "notes.md").read_text(), re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "notes.md").write_text(text)
    made = load_notes(tmp_path / "notes.md", findings(load_sweep(tmp_path / "logs"), study))
    assert all(getattr(made, field.name) for field in fields(made))
    assert set(made.groups) == {"epochs", "units"}
    assert "–" not in made.overview + made.groups["epochs"].observations + made.groups["units"].insights
