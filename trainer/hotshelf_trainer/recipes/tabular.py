"""The recipes of tables with a target: classification, regression and ranking."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hotshelf_trainer.recipes.part import Part
from hotshelf_trainer.recipes.table import GateLimits, Scalar, TableRecipe


class Distributed(Part):
    """For more rows than one machine learns from: all workers of a cluster fit the published model together.

    All else, from the search to the gate, is fitted and judged on a sample.
    """

    sample: int = Field(default=1_000_000, ge=100, description="At most so many rows, of whole groups.")
    patience: int = Field(
        default=50,
        ge=1,
        description="Trees without gain on the sample's folds after which no more are grown: their number is found "
        "so, up to the n_estimators of the parameters, before the workers begin.",
    )


class Step(Part):
    """A scikit-learn transformer by its class name."""

    name: str
    parameters: Mapping[str, Scalar] = {}


class Estimator(Part):
    """What learns: ``lightgbm``, or a scikit-learn estimator by its class name, behind steps of a pipeline."""

    name: str = "lightgbm"
    parameters: Mapping[str, Scalar] = Field(
        default={}, description="Of the estimator; of a step as NAME__PARAMETER. The search may name both."
    )
    steps: tuple[Step, ...] = Field(
        default=(), max_length=10, description="Between preprocessing and the estimator, fitted inside the folds."
    )
    distributed: Distributed | None = Field(default=None, description="LightGBM only; needs `hotshelf train --dask`.")

    @model_validator(mode="after")
    def _only_lightgbm_is_distributed(self) -> Self:
        if self.distributed is not None and self.name != "lightgbm":
            raise ValueError(f"distributed: only lightgbm is fitted by several workers, not {self.name}")
        return self

    @model_validator(mode="after")
    def _lightgbm_takes_the_table_as_it_is(self) -> Self:
        if self.steps and self.name == "lightgbm":
            raise ValueError("steps: lightgbm takes the table as it is; name a scikit-learn estimator")
        if len({step.name for step in self.steps}) < len(self.steps):
            raise ValueError("steps: a transformer is named twice; expected each once")
        return self


class Numbers(Part):
    """A range to search."""

    low: float
    high: float
    log: bool = Field(default=False, description="Draw the logarithm evenly.")
    whole: bool = Field(default=False, description="Whole numbers only.")

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("expected low < high, and above 0 where log is true")
        return self


class Choices(Part):
    """Values to search."""

    choices: tuple[Scalar, ...] = Field(min_length=1)


class Search(Part):
    """Which hyperparameters are looked for, and for how long (Optuna's TPE, pruned fold by fold)."""

    trials: int = Field(default=25, ge=1)
    seconds: float | None = Field(default=None, gt=0, description="Stop after so long; then results may differ.")
    parallel: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="Trials that are proposed and fitted together, wherever they are fitted: how the search goes "
        "depends on it, not on the machines.",
    )
    space: Mapping[str, Numbers | Choices] = Field(min_length=1)


class Split(Part):
    """How rows are set apart: a test part that is judged once, and the folds of cross-validation before it."""

    kind: Literal["time", "group", "stratified", "stratified_group", "random"] | None = Field(
        default=None,
        description="By default: time where a time column is named, else group where one is, else stratified for "
        "classification, else random.",
    )
    folds: int = Field(default=5, ge=2, le=50)
    test: float = Field(default=0.2, gt=0, lt=0.9, description="Share of the rows, or of the time.")
    allow_random: bool = Field(default=False, description="Allow rows of the future to teach, though there is a time.")


class TabularGate(GateLimits):
    """When a candidate may become champion."""

    beat: tuple[Literal["constant", "linear"], ...] = ("constant",)
    segments: tuple[str, ...] = Field(default=(), description="Columns whose values each are guarded.")
    segment_margin: float = Field(default=0.1, ge=0, lt=1, description="Share that any segment may lose.")


class DiagnosisSettings(Part):
    """How closely the model is looked at; each costs fits."""

    learning_curve: bool = Field(default=True, description="Would more data help? Four fits a fold.")
    capacity_curve: bool = Field(default=True, description="Does it overfit? Nine fits a fold; LightGBM only.")
    validation_curves: bool = Field(default=True, description="Five fits a fold for each hyperparameter searched.")
    nested: bool = Field(default=False, description="How much too good is the search's best? A search for each fold.")
    bootstraps: int = Field(default=20, ge=0, description="Fits that tell bias from variance; 0 or at least 20.")
    shuffles: int = Field(default=3, ge=0, description="Of each feature, to see what it is worth; 0: none.")

    @model_validator(mode="after")
    def _enough_bootstraps(self) -> Self:
        if 0 < self.bootstraps < 20:
            raise ValueError("bootstraps: expected 0 (don't), or at least 20: fewer don't tell a variance")
        return self


class TabularRecipe(TableRecipe):
    """What the three tasks have in common."""

    task: Literal["classification", "regression", "ranking"]
    metric: str
    target: str
    estimator: Estimator = Estimator()
    search: Search | None = None
    split: Split = Split()
    diagnosis: DiagnosisSettings = DiagnosisSettings()
    gate: TabularGate = TabularGate()
    allow_leaks: tuple[str, ...] = Field(
        default=(), description="Columns that tell the target nearly alone, and rightly so."
    )

    @property
    def roles(self) -> Mapping[str, str]:
        """Columns that are not learned from, by the key that names them."""
        return {"target": self.target, **super().roles}

    @property
    def segments(self) -> tuple[str, ...]:
        """Columns whose values each are guarded by the gate."""
        return self.gate.segments

    @model_validator(mode="after")
    def _nested_what(self) -> Self:
        if self.diagnosis.nested and self.search is None:
            raise ValueError("diagnosis.nested repeats the search in each fold; it needs the key search")
        return self

    @model_validator(mode="after")
    def _past_teaches(self) -> Self:
        self.refuse_random(self.split.kind, allowed=self.split.allow_random)
        return self


class ClassificationRecipe(TabularRecipe):
    """Which class a row belongs to."""

    task: Literal["classification"]
    metric: Literal["log_loss", "roc_auc", "average_precision", "brier", "accuracy", "f1", "macro_f1"] = "log_loss"


class RegressionRecipe(TabularRecipe):
    """Which number belongs to a row."""

    task: Literal["regression"]
    metric: Literal["rmse", "mae", "r2"] = "rmse"


class RankingRecipe(TabularRecipe):
    """In which order the rows of a group are wanted; the target is a grade from 0 up."""

    task: Literal["ranking"]
    group: Annotated[str, Field(description="The column whose values are the queries.")]
    metric: Literal["ndcg@10", "map@10", "mrr"] = "ndcg@10"

    @model_validator(mode="after")
    def _only_lightgbm_ranks(self) -> Self:
        if self.estimator.name != "lightgbm":
            raise ValueError("estimator.name: only lightgbm ranks")
        return self
