import argparse
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.cli import export
from sweepbook.analysis.export.latex import ESCAPES, escaped
from sweepbook.runner.config import SweepbookError

WHERE = """
[study]
title = "50% of {everything} & <more> #1: a_b ~ ^ \\\\"
metric = "loss"
goal = "minimize"
[[group]]
name = "all"
title = "Does $x_1$ matter?"
where = {}
[[group]]
name = "some"
where = { kind = "none of them" }
"""
LABELS = ["50%_of & more", '#1 {a} ~ ^ \\ <b> | "c" `d` $e$', "[12pt] first", "* star", "a--b ''quoted'' ,,low"]


@pytest.fixture
def asked(tmp_path, plan, log, run):
    """Five configurations of another tool, with labels full of what LaTeX reads as marks; two runs of the first."""
    plan(tmp_path / "studies" / "marks", WHERE)
    for i, label in enumerate([*LABELS, LABELS[0]]):
        metrics = {"loss": 0.25 + i, "valid_loss": 0.25, "train_loss": 0.5}
        one = run(label=label, config={"lr_%": i % 5 / 10, "name": label}, metrics=metrics, seed=i, parameters=1234)
        log(tmp_path / "modellogs/marks", f"r{i}", one)

    def ask(group=None, **more):
        given = {"format": "latex", "out": None, "logs": None, **more}
        return argparse.Namespace(study=tmp_path / "studies/marks", group=group, **given)

    return ask


@pytest.fixture
def made(asked, capsys):
    def make(group=None):
        assert export.command(asked(group)) == 0
        return capsys.readouterr().out

    return make


def rows(text):
    """The cells of the rows between \\midrule and \\bottomrule."""
    body = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)&", line.removesuffix("\\\\"))] for line in body.splitlines()]


def test_the_comments_say_where_the_table_is_from_and_what_it_needs(made):
    lines = made("all").splitlines()
    assert lines[0] == '% Made by Sweepbook from the study "marks", group "all".'
    assert lines[1] == "% It needs \\usepackage{booktabs} in the preamble."
    assert made().splitlines()[0] == '% Made by Sweepbook from the study "marks", all configurations.'


def test_a_group_is_a_table_of_its_factors_and_results(made):
    text = made("all")
    for part in ("\\begin{table}", "\\toprule", "\\midrule", "\\bottomrule", "\\label{tab:marks-all}", "\\end{table}"):
        assert text.count(part) == 1
    assert "\\begin{tabular}{rlrrrrrrrr}" in text
    heads = [
        "lr &  &  &  & 95\\% & validation & training &  &  & time a \\\\",
        "\\% & name & runs & loss & interval & loss & loss & gap & parameters & run \\\\",
    ]
    assert text.partition("\\toprule\n")[2].splitlines()[:2] == heads
    first = rows(text)[0]
    assert first[0] == "0"
    assert first[2:4] == ["2", "2.750"]
    assert first[5:] == ["0.250", "0.500", "$-$0.250", "1,234", "2.0 s"]
    ends = [float(end) for end in rows(text)[1][4].replace("$", "").split(" to ")]
    assert ends[0] < float(rows(text)[1][3]) < ends[1]  # a single run has the interval that the noise of the others gives it


def test_the_caption_says_what_the_numbers_are(made):
    caption = re.search(r"\\caption\{(.*)\}\n", made("all"))[1]
    assert caption.startswith(
        r"Does \$x\_1\$ matter? Means over the runs of each configuration (5 configurations, 1 to 2 runs each);"
    )
    assert r"95\% intervals" in caption


def test_without_a_group_the_table_is_the_ranking(made):
    text = made()
    assert [row[2] for row in rows(text)] == ["1.250", "2.250", "2.750", "3.250", "4.250"]
    assert [row[1] for row in rows(text)] == ["1", "1", "2", "1", "1"]
    assert all(len(row) == 9 for row in rows(text))
    assert "\\begin{tabular}{lrrrrrrrr}" in text


def test_labels_are_escaped_wherever_they_stand(made):
    names = {row[0] for row in rows(made())}
    assert names == {
        r"50\%\_of \& more",
        r"\#1 \{a\} \textasciitilde{} \textasciicircum{} \textbackslash{} \textless{}b\textgreater{} \textbar{}"
        r" {\char34}c{\char34} \`{}d\`{} \$e\$",
        "{[}12pt] first",
        "{*} star",
        "a-{}-b '{}'quoted'{}' ,{},low",
    }


def test_a_group_without_factors_is_told_by_its_labels(asked, made, log, run, tmp_path):
    log(tmp_path / "modellogs/marks", "only", run(label="only_one", config={"kind": "none of them"}, metrics={"loss": 0.5}))
    assert [row[:3] for row in rows(made("some"))] == [["only\\_one", "1", "0.500"]]
    assert rows(made("some"))[0][4:8] == [r"\textendash{}"] * 4


def test_a_table_with_a_row_an_epoch_is_refused(asked):
    with pytest.raises(SweepbookError, match="--format csv or parquet"):
        export.command(asked("all", epochs=True))


def read(text):
    """What LaTeX prints for `text`."""
    back = {value: key for key, value in ESCAPES.items()}
    pattern = "|".join(map(re.escape, sorted(back, key=len, reverse=True)))
    return re.sub(rf"{pattern}|(?<=[-',])\{{\}}|\{{([*\[])\}}", lambda found: back.get(found[0], found[1] or ""), text)


@given(st.text(alphabet=st.sampled_from("ab \\{}[]*&%$#_~^<>|`\"'-,–é☃"), max_size=30))
def test_escaped_text_is_printed_as_it_was_written(text):
    assert read(escaped(text)) == " ".join(text.split())


@given(st.text(max_size=30))
def test_nothing_that_is_escaped_is_left_to_be_read_as_a_mark(text):
    safe = escaped(text)
    assert "\n" not in safe
    assert not re.search(r"(?<!\\)[&%$#_]", safe.replace("\\\\", ""))
    assert not re.search(r"[~<>|\"]", safe)
    assert not re.search(r"\^|``|--|''|,,", safe)
    assert not safe.startswith(("[", "*"))
    assert safe.replace("\\{", "").replace("\\}", "").count("{") == safe.replace("\\{", "").replace("\\}", "").count("}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("group", [None, "all"])
def test_pdflatex_makes_a_page_of_it(made, tmp_path, group):
    page = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n" + made(group) + "\\end{document}\n"
    (tmp_path / "page.tex").write_text(page)
    ran = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"], cwd=tmp_path, capture_output=True)
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 0
