"""The recipes of tables without a target: clustering, anomaly detection and decomposition."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hotshelf_trainer.recipes.part import Part
from hotshelf_trainer.recipes.table import GateLimits, Scalar, TableRecipe


class HeldOut(Part):
    """The part of the rows that is set apart and judged once."""

    kind: Literal["time", "group", "random"] | None = Field(
        default=None,
        description="By default: time where a time column is named, else group where one is, else random.",
    )
    test: float = Field(default=0.2, gt=0, lt=0.9, description="Share of the rows, of the groups, or of the time.")
    allow_random: bool = Field(default=False, description="Allow rows of the future to teach, though there is a time.")


class Bootstraps(Part):
    """How often the model is fitted again, to see what other rows would have given."""

    bootstraps: int = Field(default=20, ge=5, le=500)


class UnsupervisedRecipe(TableRecipe):
    """What the three tasks have in common."""

    task: Literal["clustering", "anomaly", "decomposition"]
    split: HeldOut = HeldOut()

    @model_validator(mode="after")
    def _past_teaches(self) -> Self:
        self.refuse_random(self.split.kind, allowed=self.split.allow_random)
        return self

    @model_validator(mode="after")
    def _no_target_to_encode_by(self) -> Self:
        if self.preprocessing.encode == "target":
            raise ValueError("preprocessing.encode target needs a target, which this task has none of; expected onehot")
        return self


class Clusterer(Part):
    """What finds clusters."""

    name: Literal["KMeans", "MiniBatchKMeans", "GaussianMixture"] = "KMeans"
    parameters: Mapping[str, Scalar] = {}


class Clusters(Part):
    """The numbers of clusters to choose among: the best silhouette of those that other rows would give again."""

    least: int = Field(default=2, ge=2)
    most: int = Field(default=10, ge=2, le=100)

    @model_validator(mode="after")
    def _least_first(self) -> Self:
        if self.least > self.most:
            raise ValueError("expected least to be at most as large as most")
        return self


class Shuffles(Part):
    """How often the columns are shuffled, to see what chance gives."""

    shuffles: int = Field(default=19, ge=5, le=500)


class ClusteringDiagnosis(Bootstraps, Shuffles):
    """How closely clusters are looked at."""


class ClusteringGate(GateLimits):
    """When a candidate may become champion."""

    stability: float = Field(
        default=0.75, ge=-1, le=1, description="Least mean adjusted Rand index of the clusters that other rows give."
    )


class ClusteringRecipe(UnsupervisedRecipe):
    """Which rows are alike."""

    task: Literal["clustering"]
    estimator: Clusterer = Clusterer()
    clusters: Annotated[int, Field(ge=2, le=100)] | Clusters = Clusters()
    diagnosis: ClusteringDiagnosis = ClusteringDiagnosis()
    gate: ClusteringGate = ClusteringGate()

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of clusters to choose among."""
        if isinstance(self.clusters, int):
            return (self.clusters,)
        return tuple(range(self.clusters.least, self.clusters.most + 1))


class Detector(Part):
    """What finds anomalies."""

    name: Literal["IsolationForest", "LocalOutlierFactor"] = "IsolationForest"
    parameters: Mapping[str, Scalar] = {}


class AnomalyGate(GateLimits):
    """When a candidate may become champion."""

    separation: float = Field(
        default=0.6, ge=0.5, lt=1, description="ROC AUC that tells planted outliers from rows, surely reached."
    )
    stability: float = Field(
        default=0.5, ge=-1, le=1, description="Least mean rank correlation with the scores that other rows give."
    )
    alarms: float = Field(
        default=3.0, gt=1, description="Times the share asked for that held-out rows may surely be flagged."
    )


class AnomalyRecipe(UnsupervisedRecipe):
    """Which rows are odd."""

    task: Literal["anomaly"]
    estimator: Detector = Detector()
    contamination: float = Field(default=0.01, gt=0, lt=0.5, description="Share of the rows to flag.")
    diagnosis: Bootstraps = Bootstraps()
    gate: AnomalyGate = AnomalyGate()


class Decomposer(Part):
    """What finds components."""

    name: Literal["PCA", "NMF", "TruncatedSVD"] = "PCA"
    parameters: Mapping[str, Scalar] = {}


class Components(Part):
    """The fewest components that give back a share of the variance of held-out rows, so far as any do."""

    variance: float = Field(default=0.8, gt=0, lt=1)
    most: int = Field(default=30, ge=1, le=1000)


class DecompositionDiagnosis(Shuffles):
    """How the number of components is chosen, and how closely they are looked at."""

    folds: int = Field(default=3, ge=2, le=20)


class DecompositionRecipe(UnsupervisedRecipe):
    """A few columns that stand for many."""

    task: Literal["decomposition"]
    estimator: Decomposer = Decomposer()
    components: Annotated[int, Field(ge=1, le=1000)] | Components = Components()
    diagnosis: DecompositionDiagnosis = DecompositionDiagnosis()
    gate: GateLimits = GateLimits()

    @model_validator(mode="after")
    def _nothing_below_zero(self) -> Self:
        if self.estimator.name == "NMF" and self.preprocessing.scale not in ("minmax", "none"):
            raise ValueError(
                f"preprocessing.scale {self.preprocessing.scale} makes numbers below 0, which NMF can't take; "
                "expected minmax or none"
            )
        return self
