"""What a model that was fitted tells of itself: whether it overfits, what would help, and what it goes by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hotshelf_trainer.diagnosis.calibration import Calibration, calibration
from hotshelf_trainer.diagnosis.capacity import CapacityCurve
from hotshelf_trainer.diagnosis.confusion import Confusion, confusion
from hotshelf_trainer.diagnosis.curves import LearningCurve, ValidationCurve
from hotshelf_trainer.diagnosis.decomposition import SquaredLoss, ZeroOneLoss
from hotshelf_trainer.diagnosis.importance import Dependence, Gain, Permuted
from hotshelf_trainer.diagnosis.residuals import Residuals, residuals
from hotshelf_trainer.diagnosis.segments import Segment
from hotshelf_trainer.tabular import answers, fits
from hotshelf_trainer.tabular.judges import Judges
from hotshelf_trainer.tabular.learner import LIGHTGBM
from hotshelf_trainer.tabular.nested import Nested, nested
from hotshelf_trainer.tabular.subject import Subject


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings. None and empty: the recipe didn't ask for it, or the task has no such thing."""

    learning: LearningCurve | None = None
    capacity: CapacityCurve | None = None
    validation: Sequence[ValidationCurve] = ()
    nested: Nested | None = None
    decomposition: SquaredLoss | ZeroOneLoss | None = None
    calibration: Calibration | None = None
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    importance: Sequence[Permuted] = ()
    """What shuffling each feature costs on the test part, most first."""
    gain: Sequence[Gain] = ()
    """What each feature is worth by the model's own account, most first."""
    dependence: Sequence[Dependence] = ()
    """Of the features that matter most."""
    segments: Sequence[tuple[str, Sequence[Segment]]] = ()
    """By column: the deciding metric in each of its values, the most frequent first."""


def diagnose(subject: Subject, tell: Callable[[float], None] = lambda _: None) -> Diagnosis:
    """All that the recipe asks for. What looks at the test part is told, and chooses nothing."""
    said, search = subject.recipe.diagnosis, subject.recipe.search
    task, classes = subject.learner.examples.task, subject.learner.examples.classes
    importance = answers.shuffled(subject, said.shuffles) if said.shuffles else ()
    return Diagnosis(
        learning=fits.learning(subject) if said.learning_curve else None,
        capacity=fits.capacity(subject) if said.capacity_curve and subject.learner.name == LIGHTGBM else None,
        validation=fits.validation(subject, search) if said.validation_curves and search else (),
        nested=_nested(subject, tell) if said.nested else None,
        decomposition=fits.decomposition(subject, said.bootstraps) if said.bootstraps else None,
        calibration=calibration(subject.test, seed=subject.seed) if classes else None,
        confusion=confusion(subject.test, classes) if classes else None,
        residuals=residuals(subject.test) if task == "regression" else None,
        importance=importance,
        gain=answers.gained(subject),
        dependence=answers.dependences(subject, importance),
        segments=answers.segmented(subject),
    )


def _nested(subject: Subject, tell: Callable[[float], None]) -> Nested | None:
    search = subject.recipe.search
    if search is None:
        return None
    judges = Judges(subject.learner, subject.metric, subject.seed, subject.fan_out)
    return nested(judges, subject.split, subject.recipe, search, tell=tell)
