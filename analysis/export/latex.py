"""Findings in, the LaTeX of one table out: a group's results or the ranking, to paste into a paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.page.table import Column
from sweepbook.analysis.predictions.behind import each
from sweepbook.runner.values import is_finite, level_text

# What LaTeX would read as something else than the character itself. These all work in the standard fonts, without a package.
ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\`{}",
    '"': r"{\char34}",  # babel gives the bare mark a meaning in some languages
    "–": r"\textendash{}",
    **{mark: "\\" + mark for mark in "&%$#_{}"},
}
LIGATURES = "-',"  # two in a row would be drawn as another mark
FIRST = "*["  # what the line break before a row would take for its own
SPECIAL = re.compile(f"[{re.escape(''.join(ESCAPES))}]|([{LIGATURES}])(?=\\1)|^[{re.escape(FIRST)}]")
SCORES = ("valid_loss", "train_loss", "gap")


@dataclass(frozen=True)
class Cells:
    """A table's row: the texts that name a configuration, and its results; None where no run of it has finished."""

    names: tuple[str, ...]
    summary: Summary | None


def escaped(text: str) -> str:
    r"""`text` in one line, so that LaTeX prints it as it was written.

    >>> print(escaped("50% of a_b"))
    50\% of a\_b
    """
    return SPECIAL.sub(_safe, " ".join(text.split()))


def _safe(found: re.Match[str]) -> str:
    mark = found[0]
    return f"{{{mark}}}" if mark in FIRST else ESCAPES.get(mark, mark + "{}")


def group_latex(findings: Findings, found: GroupFindings) -> str:
    """The results of one group, a row a configuration in the plan's order."""
    study, group = findings.study, found.group
    columns, rows = [Column("configuration", False)], [Cells((row.member.label,), row.summary) for row in found.rows]
    if found.factors:
        columns = [Column(w.setting_name(f), all(is_finite(row.member.levels.get(f)) for row in found.rows)) for f in found.factors]
        rows = [Cells(tuple(_level(row.member.levels.get(f)) for f in found.factors), row.summary) for row in found.rows]
    caption = f"{_sentence(group.title or group.name)} {_method(rows)}"
    source = _made_from(study.name, f', group "{group.name}"')
    return _document(source, caption, f"{study.name}-{group.name}", _lines(columns, rows, findings))


def ranking_latex(findings: Findings) -> str:
    """Every configuration with a finished run, by tier and then by mean."""
    study = findings.study
    rows = [Cells((summary.label,), summary) for summary in findings.ranking]
    caption = f"{_sentence(study.title)} All configurations, by tier and then by mean. {_method(rows)}"
    lines = _lines([Column("configuration", False)], rows, findings)
    return _document(_made_from(study.name, ", all configurations"), caption, study.name, lines)


def _document(source: str, caption: str, label: str, tabular: Sequence[str]) -> str:
    """The whole table, after comments that say where it is from and what it needs."""
    text = "\n".join(
        [
            "\\begin{table}",
            "\\centering",
            "\\small",
            f"\\caption{{{escaped(caption)}}}",
            f"\\label{{tab:{re.sub('[^A-Za-z0-9.:-]+', '-', label)}}}",
            *tabular,
            "\\end{table}",
        ]
    )
    comments = [f"% {source}", "% It needs \\usepackage{booktabs} in the preamble."]
    if not text.isascii():
        comments.append("% Some of its text is not ASCII: where pdflatex lacks a letter, lualatex may have it.")
    return "\n".join([*comments, text, ""])


def _made_from(study: str, part: str) -> str:
    return " ".join(f'Made by Sweepbook from the study "{study}"{part}.'.split())


def _lines(columns: Sequence[Column], rows: Sequence[Cells], findings: Findings) -> list[str]:
    """The tabular: heads in two lines, so that ten columns fit a page, then the rows."""
    metric = findings.study.metric
    heads = [
        Column("runs"),
        Column(w.metric_name(metric)),
        Column("95% interval"),
        *(Column(w.metric_name(name)) for name in SCORES),
    ]
    whole = [*columns, *heads, Column("parameters"), Column("time a run")]
    split = [column.head.rpartition(" ") for column in whole]
    tops = [" & ".join(escaped(top) for top, _, _ in split)] if any(top for top, _, _ in split) else []
    cells = [(*row.names, *_results(row.summary, findings)) for row in rows]
    body = [" & ".join(_cell(text, column) for text, column in zip(row, whole, strict=True)) for row in cells]
    return [
        f"\\begin{{tabular}}{{{''.join('r' if column.number else 'l' for column in whole)}}}",
        "\\toprule",
        *(f"{line} \\\\" for line in (*tops, " & ".join(escaped(word) for _, _, word in split))),
        "\\midrule",
        *(f"{line} \\\\" for line in body),
        "\\bottomrule",
        "\\end{tabular}",
    ]


def _results(summary: Summary | None, findings: Findings) -> tuple[str, ...]:
    if summary is None:
        return ("0", *(w.NONE for _ in range(4 + len(SCORES))))
    form = findings.form(findings.study.metric)
    estimate = summary.metrics[form.metric]
    means = (w.score(findings.form(name), summary.metrics[name].mean if name in summary.metrics else None) for name in SCORES)
    own = (str(summary.n), w.score(form, estimate.mean), w.interval(form, estimate))
    return (*own, *means, w.count(summary.parameters), w.duration(summary.seconds))


def _cell(text: str, column: Column) -> str:
    """A cell; the hyphen before a number is drawn as a minus."""
    return re.sub(r"(?<![\w.-])-(?=\d)", "$-$", escaped(text)) if column.number else escaped(text)


def _level(value: object) -> str:
    return w.NONE if value is None else level_text(value)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _method(rows: Sequence[Cells]) -> str:
    """What the numbers are, and what is behind them: configurations, and seeds that are often the same few."""
    summaries = [row.summary for row in rows if row.summary]
    behind = ", ".join(filter(None, [w.plural(len(summaries), "configuration"), each(summaries)]))
    return (
        f"Means over the runs of each configuration ({behind}); 95% intervals are Student's t by the configuration's own runs and "
        "those of others with like scores."
    )
