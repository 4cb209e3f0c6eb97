"""The recipe of a recommender that learns from purchases."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hotshelf_trainer.recipes.part import Part, at


class Columns(Part):
    """Which column of the purchases holds what. Without ``basket``, a customer's day is a basket."""

    customer: str
    product: str
    time: str
    quantity: str | None = None
    basket: str | None = None
    title: str | None = None
    category: str | None = None


class ProductColumns(Part):
    """Which column of the product file holds what."""

    product: str
    title: str | None = None
    category: str | None = None


class Products(Part):
    """A second file with the products' attributes."""

    path: Path | None = None
    columns: ProductColumns


class Filter(Part):
    """Keeps the rows whose ``column`` matches the pattern / is none of the values. Rows without a value stay."""

    column: str
    matches: str | None = None
    not_in: tuple[str, ...] = ()


class Data(Part):
    """Where the purchases are and how to read them. A relative path is relative to the recipe's file."""

    path: Path | None = None
    columns: Columns
    time_format: str | None = None
    """strptime pattern for a text column; found out from the first rows where absent."""
    products: Products | None = None
    filters: tuple[Filter, ...] = ()
    until: str | None = None
    """ISO date or time (UTC): rows at or after it are ignored."""


class Windows(Part):
    """Sizes of the temporal split."""

    days: int = Field(default=28, ge=1, description="Length of every label window, in days.")
    train: int = Field(
        default=3, ge=1, description="Label windows that the rankers learn from, before the validation window."
    )
    history_days: int = Field(default=28, ge=1, description="Days there must be before the first cut.")


class Ease(Part):
    """EASE-R (Steck 2019)."""

    products: int = Field(
        default=6000,
        ge=2,
        description="The most active products are modelled; takes two matrices of so many by so many, 0.3 GB at 6,000.",
    )
    neighbours: int = Field(default=200, ge=1, description="Entries kept for each product.")
    regularization: float = Field(default=100.0, gt=0)


class Als(Part):
    """Implicit ALS (Hu, Koren, Volinsky 2008)."""

    factors: int = Field(default=64, ge=1)
    iterations: int = Field(default=12, ge=1)
    regularization: float = Field(default=1.0, gt=0)
    confidence: float = Field(default=10.0, gt=0)


class Decay(Part):
    """Time constants, in days."""

    frequency: float = Field(default=120.0, gt=0, description="Of the decayed personal frequency.")
    input: float = Field(default=90.0, gt=0, description="Of the history that EASE and ALS see.")
    recent: float = Field(default=14.0, gt=0, description="Of the history that stands for the newest baskets.")
    popularity: float = Field(default=14.0, gt=0, description="Window of recent popularity.")


class CandidateSizes(Part):
    """How many products each source may put forward."""

    history: int = Field(default=150, ge=1)
    ease: int = Field(default=150, ge=0)
    als: int = Field(default=100, ge=0)
    popular: int = Field(default=60, ge=1)


class Ranker(Part):
    """LightGBM LambdaRank (Burges 2010), one head for all products and one for new ones."""

    customers: int | None = Field(
        default=None, ge=20, description="Learn from a sample of so many customers; all where absent."
    )
    negatives: int | None = Field(
        default=None,
        ge=10,
        description="Sampled candidates not bought, for each customer and window; all where absent.",
    )
    trees: int = Field(default=300, ge=1, description="At most; the validation window stops earlier.")
    least_trees: int = Field(
        default=40, ge=1, description="At least; one validation window is too noisy to call for next to none."
    )
    patience: int = Field(default=30, ge=1, description="Trees without a better validation score before it stops.")
    learning_rate: float = Field(default=0.06, gt=0, le=1)
    leaves: int = Field(default=31, ge=2)
    min_rows_in_leaf: int = Field(default=100, ge=1)
    feature_fraction: float = Field(default=0.6, gt=0, le=1)
    row_fraction: float = Field(default=0.8, gt=0, le=1)
    l2: float = Field(default=5.0, ge=0)


class Capacity(Part):
    """How the ranker is looked at for overfitting: it is fitted with each number of leaves, and judged after trees."""

    leaves: tuple[Annotated[int, Field(ge=2)], ...] = Field(default=(4, 31, 255), min_length=1, max_length=8)
    trees: tuple[Annotated[int, Field(ge=1)], ...] = Field(default=(25, 100, 400), min_length=1, max_length=8)
    customers: int | None = Field(
        default=500, ge=20, description="Learn from and judge on a sample of so many; all where null."
    )


BASELINES = ("popularity", "personal", "personal_decayed", "ease")
BaselineName = Literal["popularity", "personal", "personal_decayed", "ease"]


class Gate(Part):
    """When a candidate may become champion."""

    margin: float = Field(
        default=0.01, ge=0, lt=1, description="Share of the champion's NDCG@10 that may be lost at worst."
    )
    superiority: bool = Field(default=False, description="Demand that the lower bound of the difference is above 0.")
    beat: tuple[BaselineName, ...] = ("popularity", "personal")
    coverage: float = Field(
        default=0.002, ge=0, le=1, description="Least share of bought products that must be in some top 10."
    )
    resamples: int = Field(default=4000, ge=100)
    customers: int | None = Field(
        default=None, ge=20, description="Judge on a random sample of so many customers; on all where absent."
    )


class RecommendationRecipe(Part):
    """Everything that decides a recommender's content, besides the purchases."""

    name: str = Field(min_length=1)
    task: Literal["recommendation"] = "recommendation"
    data: Data
    windows: Windows = Windows()
    decay: Decay = Decay()
    ease: Ease = Ease()
    als: Als = Als()
    candidates: CandidateSizes = CandidateSizes()
    ranker: Ranker = Ranker()
    capacity: Capacity | None = Field(default=Capacity(), description="null: don't look for overfitting.")
    gate: Gate = Gate()
    live: bool = Field(default=False, description="Count ages from now instead of from the end of data.")
    promote: bool = Field(default=True, description="Move champion to a version that passes its gate.")
    seed: int = 0
    threads: int = Field(default=2, ge=1)

    def anchored(self, folder: Path) -> "RecommendationRecipe":
        """The same with its relative paths taken from a folder."""
        data = self.data.model_copy(update={"path": at(folder, self.data.path)})
        if data.products is not None:
            products = data.products.model_copy(update={"path": at(folder, data.products.path)})
            data = data.model_copy(update={"products": products})
        return self.model_copy(update={"data": data})

    @model_validator(mode="after")
    def _categories_need_titles(self) -> "RecommendationRecipe":
        products = self.data.products
        if products and self.data.columns.category and products.columns.category:
            raise ValueError(
                "data.columns.category and data.products.columns.category both name the category: keep one"
            )
        return self
