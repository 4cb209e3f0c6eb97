"""One HTML page without anything outside of it: what was judged, how well, and whether it may serve."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from matplotlib.figure import Figure

from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_trainer.diagnosis.advice import on_capacity, on_drift
from hotshelf_trainer.diagnosis.plain import plain
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, svg
from hotshelf_trainer.drawing.capacity import capacity_plot
from hotshelf_trainer.page import rendered
from hotshelf_trainer.recipes import text_of
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import SCOPES, Figures, Scope

WORDS = {
    "candidate": "this model",
    "champion": "champion",
    "popularity": "recent popularity",
    "personal": "personal frequency",
    "personal_decayed": "personal frequency, decayed",
    "ease": "EASE",
    "ceiling": "perfect order of the candidates (ceiling)",
}
SHOWN_FEATURES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of figures."""

    subject: str
    ndcg: str
    difference: str
    recall: str
    average_precision: str
    hit: str
    coverage: str


def report(model: str, recipe: RecommendationRecipe, figures: Figures, rankers: Rankers) -> str:
    """The page."""
    return rendered(
        "recommendation.html.j2",
        model=model,
        figures=figures,
        summary=findings_of(figures),
        tables={scope: _table(figures, scope) for scope in SCOPES},
        quality=_quality_plot(figures),
        gains=_gain_plot(rankers),
        capacity=capacity_plot(figures.capacity) if figures.capacity else "",
        windows=_windows(figures),
        recipe=text_of(recipe),
    )


def report_json(figures: Figures) -> str:
    """The page's figures, for programs."""
    evaluation = figures.evaluation
    content = {
        "metric": "ndcg@10",
        "higher_is_better": True,
        "findings": findings_of(figures),
        "profile": figures.profile,
        "windows": [{"name": name, "cut": cut, "end": end} for name, cut, end in _windows(figures)],
        "scores": {
            scope: {subject: evaluation.scores[subject, scope].means() for subject in evaluation.subjects}
            for scope in SCOPES
        },
        "ndcg@10": {scope: {one: evaluation.ndcg[one, scope] for one in evaluation.subjects} for scope in SCOPES},
        "customers": evaluation.customers,
        "cold_customers": evaluation.cold_customers,
        "trees": figures.trees,
        "capacity": figures.capacity,
        "drift": figures.drift,
        "verdict": figures.verdict,
    }
    return json.dumps(plain(content), indent=1)


def findings_of(figures: Figures) -> list[str]:
    """The findings in sentences."""
    evaluation, sentences = figures.evaluation, []
    for scope in SCOPES:
        own = evaluation.ndcg["candidate", scope]
        others = [name for name in evaluation.subjects if name not in {"candidate", "champion", "ceiling"}]
        bar = max(others, key=lambda name: evaluation.ndcg[name, scope].mean)
        gap = evaluation.differences[bar, scope]
        proof = "more than chance explains" if gap.low > 0 else "not more than chance may explain"
        lead = f"{gap.mean / max(evaluation.ndcg[bar, scope].mean, 1e-9):+.1%} against the best baseline, {WORDS[bar]}"
        sentences.append(
            f"NDCG@10 of {scope} products is {own.mean:.4f} [{own.low:.4f}, {own.high:.4f}]: {lead}, {proof}."
        )
    profile = figures.profile
    sentences.append(
        f"Judged on {evaluation.customers:,} customers of the last {_days(figures)} days; "
        f"{evaluation.cold_customers:,} more bought for the first time then and are not judged. "
        f"{profile.repeat_share:.0%} of all purchases are repeats."
    )
    if figures.capacity is not None:
        advice = on_capacity(figures.capacity, figures.capacity.points[0])  # the first point is the chosen one
        sentences.append(f"{advice.finding} {advice.action}".rstrip())
    sentences += on_drift(figures.drift, figures.verdict.champion_version)
    if figures.ranker_customers < figures.active_customers:
        sentences.append(
            f"The rankers learned from {figures.ranker_customers:,} of {figures.active_customers:,} customers."
        )
    return sentences


def _windows(figures: Figures) -> list[tuple[str, str, str]]:
    parts = figures.split
    named = [("test", parts.test), ("validation", parts.validation), *(("train", window) for window in parts.train)]
    return [(name, _date(window.cut), _date(window.end)) for name, window in named]


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _days(figures: Figures) -> int:
    return round((figures.split.test.end - figures.split.test.cut) / 86_400)


def _table(figures: Figures, scope: Scope) -> list[Line]:
    evaluation, lines = figures.evaluation, []
    for subject in evaluation.subjects:
        means, ndcg = evaluation.scores[subject, scope].means(), evaluation.ndcg[subject, scope]
        gap = evaluation.differences[subject, scope]
        compared = subject not in {"candidate", "ceiling"}
        lines.append(
            Line(
                subject=WORDS[subject],
                ndcg=f"{ndcg.mean:.4f} [{ndcg.low:.4f}, {ndcg.high:.4f}]",
                difference=f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]" if compared else "",
                recall=f"{means['recall@10']:.4f}",
                average_precision=f"{means['map@10']:.4f}",
                hit=f"{means['hit@10']:.3f}",
                coverage=f"{means['coverage']:.1%}",
            )
        )
    return lines


def _quality_plot(figures: Figures) -> str:
    """NDCG@10 with intervals, one panel a task."""
    evaluation = figures.evaluation
    subjects = [subject for subject in evaluation.subjects if subject != "ceiling"]
    figure = Figure(figsize=(9, 0.45 * len(subjects) + 1))
    for axis, scope in zip(np.atleast_1d(figure.subplots(1, len(SCOPES), sharey=True)), SCOPES, strict=True):
        intervals = [evaluation.ndcg[subject, scope] for subject in subjects]
        means = [one.mean for one in intervals]
        spans = [[one.mean - one.low for one in intervals], [one.high - one.mean for one in intervals]]
        colours = [ACCENT if subject == "candidate" else NEUTRAL for subject in subjects]
        axis.barh(range(len(subjects)), means, xerr=spans, color=colours, error_kw={"ecolor": NEUTRAL, "capsize": 3})
        axis.set_title(f"NDCG@10, {scope} products", fontsize=10)
        axis.set_yticks(range(len(subjects)), [WORDS[subject] for subject in subjects])
    figure.axes[0].invert_yaxis()
    return svg(figure)


def _gain_plot(rankers: Rankers) -> str:
    """What the two heads go by."""
    figure = Figure(figsize=(9, 3.6))
    axes = figure.subplots(1, 2)
    for axis, (title, booster) in zip(
        axes, (("mixed head", rankers.mixed), ("new-only head", rankers.new)), strict=True
    ):
        gain = booster.gain()
        order = np.argsort(-gain, kind="stable")[:SHOWN_FEATURES][::-1]
        axis.barh([NAMES[index] for index in order], gain[order] / max(gain.sum(), 1e-9), color=ACCENT)
        axis.set_title(f"{title}: share of gain", fontsize=10)
    return svg(figure)
