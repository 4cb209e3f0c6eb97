"""A recommender's training in the words that all tasks share."""

from hotshelf_trainer import outcome
from hotshelf_trainer.outcome import ScoreTable
from hotshelf_trainer.recommendation.artifacts import SCOPES, Figures
from hotshelf_trainer.recommendation.pipeline import Outcome


def summary_of(trained: Outcome) -> outcome.Outcome:
    """What is shown and told of it."""
    figures = trained.figures
    return outcome.Outcome(trained.published, figures.verdict, _scores(figures), figures.seconds, trained.report)


def _scores(figures: Figures) -> ScoreTable:
    ndcg = figures.evaluation.ndcg
    rows = []
    for subject in figures.evaluation.subjects:
        cells = [ndcg[subject, scope] for scope in SCOPES]
        rows.append([subject, *(f"{cell.mean:.4f} ({cell.low:.4f}, {cell.high:.4f})" for cell in cells)])
    columns = [f"{scope} products" for scope in SCOPES]
    return ScoreTable("NDCG@10 on the test window, with 95 % intervals over customers", columns, rows)
