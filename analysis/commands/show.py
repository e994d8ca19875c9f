"""`sweepbook show`: the ranking in the terminal."""

import argparse
import json
import sys

from analysis import wording as w
from analysis.commands import DONE, NO_ANSWER
from analysis.commands.build import existing_sweep
from analysis.export import findings_json
from analysis.findings import findings
from analysis.places import places
from analysis.terminal import print_table
from runner.plan import load_study


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    found = findings(existing_sweep(study, where), study)
    ranking = found.ranking[: asked.top]
    if asked.json:
        print(json.dumps(json.loads(findings_json(found))["configs"][: asked.top], indent=1, ensure_ascii=False))
        return DONE if ranking else NO_ANSWER
    if not ranking:
        print(f"no run in {where.logs} has finished with a {study.metric}, so there is nothing to rank", file=sys.stderr)
        return NO_ANSWER
    metric = study.metric
    rows = []
    for place, s in enumerate(ranking, 1):
        estimate = s.metrics[metric]
        cells = (str(place), s.label, str(s.n), w.score(metric, estimate.mean), w.interval(metric, estimate))
        rows.append((*cells, w.count(s.parameters), w.duration(s.seconds)))
    heads = (("", True), ("configuration", False), ("runs", True), (w.metric_name(metric), True), ("95% interval", True))
    print_table((*heads, ("parameters", True), ("time a run", True)), rows)
    return DONE
