"""The plots of a table's report."""

from collections.abc import Iterator, Mapping

from hotshelf_trainer.drawing.capacity import capacity_plot
from hotshelf_trainer.tabular.figures import Figures
from hotshelf_trainer.tabular.plots.answers import calibration_plot, residual_plot
from hotshelf_trainer.tabular.plots.curves import learning_plot, search_plot, validation_plot
from hotshelf_trainer.tabular.plots.model import decomposition_plot, dependence_plot, importance_plot


def plots_of(figures: Figures) -> Mapping[str, str]:
    """Those that there is something to draw for, by their titles."""
    return dict((*_of_learning(figures), *_of_answers(figures)))


def _of_learning(figures: Figures) -> Iterator[tuple[str, str]]:
    diagnosis = figures.diagnosis
    if diagnosis.capacity is not None:
        yield "Capacity: does it overfit?", capacity_plot(diagnosis.capacity)
    if diagnosis.learning is not None:
        yield "Learning curve: would more data help?", learning_plot(diagnosis.learning)
    if diagnosis.decomposition is not None:
        yield "Bias and variance of the loss", decomposition_plot(diagnosis.decomposition)
    if len(figures.search.trials) > 1:
        yield f"Search: mean {figures.metric.name} over the folds", search_plot(figures.search)
    if diagnosis.validation:
        yield "Validation curves", validation_plot(diagnosis.validation)


def _of_answers(figures: Figures) -> Iterator[tuple[str, str]]:
    diagnosis = figures.diagnosis
    if diagnosis.importance:
        drawn = importance_plot(diagnosis.importance, diagnosis.gain, figures.metric.name)
        yield "Features: what each is worth", drawn
    if diagnosis.dependence:
        yield (
            "Partial dependence: what is said along a feature, the others as they are",
            dependence_plot(diagnosis.dependence),
        )
    if diagnosis.calibration is not None:
        yield "Calibration: what is said, and what comes true", calibration_plot(diagnosis.calibration)
    if diagnosis.residuals is not None:
        yield "Residuals: where the model is off", residual_plot(diagnosis.residuals)
