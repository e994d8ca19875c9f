"""Findings in, the text of findings.json out, under the documented names."""

from collections.abc import Mapping
from typing import Any

from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check
from sweepbook.analysis.export.record import SCHEMA, plain
from sweepbook.analysis.export.record.indented import indented
from sweepbook.analysis.findings.best import luck
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Effect, Grid
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.groups.trends import Search, SettingTrend
from sweepbook.analysis.groups.trials import Trials
from sweepbook.analysis.predictions import sentences as graded
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.stats.columns import CONTINUOUS
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.grids import FTest
from sweepbook.analysis.stats.means import own_variance
from sweepbook.analysis.stats.noise import Noise, Spread
from sweepbook.analysis.stats.seeds import Seeds
from sweepbook.runner.prediction import prediction_hash
from sweepbook.runner.trials import Trial
from sweepbook.runner.values import is_finite, level_text

MOST_BEHIND = 12  # configurations whose ids a prediction records; of more no single one decides


def findings_json(findings: Findings) -> str:
    """The findings under the documented names; null where there is no value."""
    study = findings.study
    totals = {name: value for name, value in vars(findings.totals).items() if name not in ("seconds", "logged")}
    document = {
        "schema": SCHEMA,
        "study": study.name,
        "metric": study.metric,
        "goal": study.goal,
        "runs": totals,
        "noise": {name: _noise(found, findings.detectable(name, findings.usual_n)) for name, found in findings.noises.items()},
        "configs": [_config(summary, findings) for summary in findings.ranking],
        "groups": [_group(group, findings) for group in findings.groups],
        "effects": [_effect(effect, findings.exploratory) for effect in findings.effects],
        "checks": [_check(check) for check in findings.checks],
        "problems": [{"log": log, "reason": why, "again": findings.again.get(log)} for log, why in findings.problems],
        "diagnoses": _diagnoses(findings),
        "best": _best(findings),
        "environment": {name: list(values) for name, values in sorted(findings.environments.items())},
        "logged": dict(findings.totals.logged),
    }
    return indented(document) + "\n"


def _noise(found: Noise, seen: float | None) -> dict[str, Any]:
    extra = found.residual
    residual = {"group": extra.grid, **_spread(extra.spread), "p": extra.p, "joined": extra.joined} if extra else None
    return {
        **_spread(found),
        "from": ["replicates", *(["residual"] if extra and extra.joined else [])],
        "outlying": sorted(found.outlying),
        "replicates": _spread(found.replicates),
        "residual": residual,
        "detectable": seen,
        "s_e": found.rest,
        "s_s": found.seeds.sd if found.seeds else 0.0,
        "d0": found.prior,
        "df_e": found.df_error,
        "share": _share(found.seeds) if found.seeds else None,
    }


def _share(seeds: Seeds) -> dict[str, float | None]:
    f = seeds.f if is_finite(seeds.f) else None  # nothing but the seeds varies
    return {"share": seeds.share, "low": seeds.low, "high": seeds.high, "f": f, "df": seeds.df}


def _spread(found: Spread) -> dict[str, Any]:
    return {"sd": found.sd, "low": found.low, "high": found.high, "df": found.df}


def _effect(effect: Effect, exploratory: float) -> dict[str, Any]:
    rest, steps = effect.without_worst, [(s, s.difference(1 - exploratory)) for s in effect.steps]
    return {
        "factor": effect.factor,
        "group": effect.group,
        **_range(effect.range),
        "worst": effect.worst,
        "best": effect.best,
        "without_worst": _range(rest) if rest else None,
        "spread": effect.spread,
        "rank": effect.rank,
        "steps": [
            {"from": s.first, "to": s.second, "difference": d.estimate, "low": d.low, "high": d.high, "told": d.told}
            for s, d in steps
        ],
    }


def _range(width: Difference) -> dict[str, float | None]:
    return {"range": width.estimate, "low": width.low, "high": width.high}


def _best(findings: Findings) -> dict[str, Any]:
    found = luck(findings.first_tier, findings.study.metric) if findings.first_tier else None
    return {
        "first_tier": [summary.id for summary in findings.first_tier],
        "recommended": findings.recommended.id if findings.recommended else None,
        "luck": None if found is None else {"among": found.among, "expected_maximum": found.size, "shrunken": found.shrunken},
        "gives_away": findings.choice.gives_away if findings.choice else None,
        "against": findings.choice.best.id if findings.choice else None,
    }


def _diagnoses(findings: Findings) -> dict[str, Any]:
    found = findings.diagnoses
    noise = {"sd": found.noise.sd, "df": found.noise.df} if found.noise else None
    runs = [{"log": log, "state": one.state, "epoch": one.epoch, "text": one.text} for log, one in sorted(found.runs.items())]
    return {"epoch_noise": noise, "runs": runs}


def _check(check: Check) -> dict[str, Any]:
    return {
        "code": check.code,
        "group": check.group or None,
        "labels": check.labels,
        "message": check.message,
        "factor": " and ".join(check.factors) or None,
        "silenced": check.silenced or None,
    }


def _config(summary: Summary, findings: Findings) -> dict[str, Any]:
    return {
        "id": summary.id,
        "label": summary.label,
        "labels": summary.labels,
        "config": plain(dict(summary.config)),
        "n": summary.n,
        "tier": findings.tiers.get(summary.id),
        "parameters": summary.parameters,
        "seconds": summary.seconds,
        "metrics": {name: _estimate(name, summary, findings) for name in summary.metrics},
    }


def _estimate(name: str, summary: Summary, findings: Findings) -> Mapping[str, float | bool | None]:
    estimate, mean, runs = summary.metrics[name], summary.means[name], summary.runs[name]
    known, own = mean.variance is not None, own_variance(runs)
    return {
        "mean": estimate.mean,
        "low": estimate.low,
        "high": estimate.high,
        "sd": own**0.5 if own is not None else None,
        "mu": mean.mu,
        "v": mean.variance,
        "df": mean.df if known else None,
        "outlying": mean.outlying if known else None,
        "ranked": summary.id not in findings.unranked if known and name == findings.study.metric else None,
    }


def _group(found: GroupFindings, findings: Findings) -> dict[str, Any]:
    return {
        "name": found.group.name,
        "factors": found.factors,
        "configs": list(dict.fromkeys(row.member.id for row in found.rows)),
        "best": [summary.id for summary in found.first],
        "predictions": [_prediction(outcome, found.group.name, findings.form(outcome.metric)) for outcome in found.outcomes],
        "tiers": {summary.id: found.tiers[summary.id] for summary in found.ranking if found.tiers},
        "letters": {summary.id: found.letters[summary.id] for summary in found.ranking if found.letters},
        "grid": _grid(found.grid) if found.grid else None,
        "recommended": found.choice.recommended.id if found.choice else None,
        "trends": [_trend(one) for one in found.search.trends] if found.search else [],
        "search": _search(found.search) if found.search else None,
        "trials": _trials(found.trials) if found.trials else None,
    }


def _trend(one: SettingTrend) -> dict[str, Any]:
    trend, ends = one.trend, one.ends if one.trend.seen else None
    return {
        "setting": one.setting,
        "kind": trend.kind,
        "effect": trend.effect,
        "low": trend.low,
        "high": trend.high,
        "p": trend.p,
        "best_low": ends[0] if ends else None,
        "best_high": ends[1] if ends else None,
        "best": list(map(level_text, one.best)) if trend.seen and trend.kind != CONTINUOUS else None,
        "at_end": [name for name, at in (("lowest", one.lowest), ("highest", one.highest)) if at and ends],
        "n": trend.runs,
    }


def _search(found: Search) -> dict[str, Any]:
    return {
        "residual_sd": found.rest,
        "share": found.share,
        "together": found.together,
        "along": dict(found.along),
        "exploratory": found.doubt or None,
    }


def _trials(found: Trials) -> dict[str, Any]:
    plan, shares = found.plan, found.importances
    return {
        "runs": plan.runs,
        "minutes": plan.minutes,
        "sampler": plan.sampler,
        "pruner": plan.pruner,
        "confirm": plan.confirm,
        "over": found.over,
        "importances": dict(shares.shares) or None,
        "trials": [_run_of(trial) for trial in found.every],
        "importances_range": {name: list(ends) for name, ends in shares.ranges.items()} or None,
    }


def _run_of(trial: Trial) -> dict[str, Any]:
    score = trial.score if is_finite(trial.score) else None
    return {"number": trial.number, "id": trial.id, "status": trial.status, "score": score, "epochs": len(trial.values)}


def _grid(grid: Grid) -> dict[str, Any]:
    fit = grid.fit
    return {
        "factors": grid.factors,
        "levels": grid.levels,
        "mean": fit.mean,
        "effects": [fit.rows.tolist(), fit.columns.tolist()],
        "residuals": fit.residuals.tolist(),
        "interaction": _test(grid.interaction),
        "tukey": _test(grid.tukey),
    }


def _test(test: FTest | None) -> dict[str, Any] | None:
    return {"statistic": test.statistic, "df": test.df, "p": test.p} if test else None


def _prediction(outcome: Outcome, group: str, form: w.Form) -> dict[str, Any]:
    behind = [[summary.id for summary in part.behind] for part in outcome.parts]
    return {
        "says": outcome.prediction.says,
        "kind": outcome.prediction.kind,
        "verdict": outcome.verdict,
        "as_run": outcome.as_run,
        "estimate": outcome.estimate,
        "low": outcome.low,
        "high": outcome.high,
        "n": outcome.n,
        "seeds_needed": outcome.seeds_needed,
        "why": graded.verdict(outcome, form),
        "as_run_because": outcome.as_run_because,
        "resolves": outcome.resolves,
        "tipping_sd": outcome.tipping,
        "missing": outcome.missing,
        "unlogged": outcome.unlogged,
        "reason": outcome.reason or None,
        "claim": prediction_hash(group, outcome.prediction),
        "behind": behind if sum(map(len, behind)) <= MOST_BEHIND else None,
    }
