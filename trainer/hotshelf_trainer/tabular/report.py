"""One HTML page without anything outside of it: what was judged, how well, and whether it may serve."""

import json

from hotshelf_trainer.diagnosis.plain import plain
from hotshelf_trainer.page import rendered
from hotshelf_trainer.recipes import TabularRecipe, text_of
from hotshelf_trainer.table.words import in_words
from hotshelf_trainer.tabular.figures import Figures
from hotshelf_trainer.tabular.plots import plots_of
from hotshelf_trainer.tabular.words import findings_of


def report(model: str, recipe: TabularRecipe, figures: Figures) -> str:
    """The page."""
    return rendered(
        "tabular.html.j2",
        model=model,
        recipe=text_of(recipe),
        figures=figures,
        findings=findings_of(figures),
        in_words=in_words,
        plots=plots_of(figures),
    )


def report_json(figures: Figures) -> str:
    """The page's figures, for programs."""
    content = {
        "metric": figures.metric.name,
        "higher_is_better": figures.metric.higher_is_better,
        "findings": tuple(findings_of(figures)),
        "scores": figures.scores,
        "comparisons": figures.comparisons,
        "segments": tuple(figures.segments),
        "violations": tuple(figures.violations),
        "drift": tuple(figures.drift),
        "search": figures.search,
        "diagnosis": figures.diagnosis,
        "verdict": figures.verdict,
    }
    return json.dumps(plain(content), indent=1)
