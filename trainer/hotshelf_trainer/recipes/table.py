"""What all recipes of tables have in common, with a target or without."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from hotshelf_trainer.recipes.part import Part
from hotshelf_trainer.recipes.source import Source

Scalar = bool | int | float | str | None


class Features(Part):
    """Which columns are learned from. One named nowhere is taken by its type: numbers as such, texts as categories."""

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = Field(default=(), description="Columns that are not learned from.")
    only_named: bool = Field(default=False, description="Learn from the columns named here and no others.")


class Preprocessing(Part):
    """What is done to the columns before a scikit-learn estimator; fitted inside the folds. LightGBM needs none."""

    impute: Literal["median", "mean", "zero"] = Field(default="median", description="For missing numbers.")
    scale: Literal["standard", "robust", "minmax", "power", "none"] = Field(
        default="standard", description="power (Yeo and Johnson 2000) makes long tails short."
    )
    encode: Literal["onehot", "ordinal", "target"] = Field(default="onehot", description="For categories.")
    rare: int = Field(default=5, ge=1, description="Categories of fewer rows share one code (one-hot only).")


class GateLimits(Part):
    """What every candidate from a table is held to."""

    margin: float = Field(default=0.01, ge=0, lt=1, description="Share of the champion's score that may be lost.")
    superiority: bool = Field(default=False, description="Demand that the candidate is better beyond chance.")
    resamples: int = Field(default=2000, ge=100)
    max_bytes: int = Field(default=1 << 30, ge=1024, description="Of the bundle.")
    max_milliseconds: float = Field(default=50.0, gt=0, description="Median time of one row in the runtime.")


class TableRecipe(Part):
    """Whose rows are learned from, and what becomes of the model."""

    name: str = Field(min_length=1)
    task: str
    data: Source
    id: str | None = Field(default=None, description="A column with another value in every row; not learned from.")
    time: str | None = Field(default=None, description="When a row was known; not learned from.")
    group: str | None = Field(default=None, description="Rows of one group are not independent; not learned from.")
    features: Features = Features()
    preprocessing: Preprocessing = Preprocessing()
    promote: bool = Field(default=True, description="Move champion to a version that passes its gate.")
    seed: int = 0
    threads: int = Field(default=2, ge=1)

    @property
    def roles(self) -> Mapping[str, str]:
        """Columns that are not learned from, by the key that names them."""
        named = {"id": self.id, "time": self.time, "group": self.group}
        return {key: column for key, column in named.items() if column is not None}

    @property
    def segments(self) -> tuple[str, ...]:
        """Columns whose values each are looked at by themselves."""
        return ()

    def anchored(self, folder: Path) -> Self:
        """The same with its relative paths taken from a folder."""
        return self.model_copy(update={"data": self.data.at(folder)})

    @model_validator(mode="after")
    def _roles_apart(self) -> Self:
        columns = [column for key, column in self.roles.items() if not (key == "id" and column == self.group)]
        if len(set(columns)) < len(columns):
            *others, last = self.roles
            raise ValueError(f"{', '.join(others)} and {last} name one column twice")
        return self

    def refuse_random(self, kind: str | None, *, allowed: bool) -> None:
        """Raises ``ValueError`` for a split of a kind that needs a key, or that lets the future teach."""
        if kind == "time" and self.time is None:
            raise ValueError("split.kind time needs the key time: the column that says when")
        if kind in ("group", "stratified_group") and self.group is None:
            raise ValueError(f"split.kind {kind} needs the key group")
        if self.time is not None and kind not in (None, "time") and not allowed:
            raise ValueError(
                f"split.kind {kind} lets rows of the future teach, though {self.time!r} says when rows were "
                "known; leave kind out, or set split.allow_random: true"
            )
