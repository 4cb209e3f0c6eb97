"""A recommender's training in the words that all tasks share."""

from hotshelf_trainer import outcome
from hotshelf_trainer.outcome import ScoreTable
from hotshelf_trainer.recommendation.artifacts import SCOPES, Figures
from hotshelf_trainer.recommendation.pipeline import Outcome
from hotshelf_trainer.recommendation.report import findings_of


def summary_of(trained: Outcome) -> outcome.Outcome:
    """What is shown and told of it."""
    figures = trained.figures
    return outcome.Outcome(
        published=trained.published,
        verdict=figures.verdict,
        scores=_scores(figures),
        seconds=figures.seconds,
        report=trained.report,
        findings=findings_of(figures),
    )


def _scores(figures: Figures) -> ScoreTable:
    ndcg = figures.evaluation.ndcg
    rows = []
    for subject in figures.evaluation.subjects:
        cells = [ndcg[subject, scope] for scope in SCOPES]
        rows.append([subject, *(f"{cell.mean:.4f} ({cell.low:.4f}, {cell.high:.4f})" for cell in cells)])
    columns = [f"{scope} products" for scope in SCOPES]
    return ScoreTable("NDCG@10 on the test window, with 95 % intervals over customers", columns, rows)
