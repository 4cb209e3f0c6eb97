"""A recipe says what to train from what. Read from YAML, checked in full before anything is computed."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from hotshelf_trainer.errors import RecipeError


class Part(BaseModel):
    """Base of every part of a recipe: immutable, and no key passes unread."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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

    products: int = Field(default=6000, ge=2, description="The most active products are modelled.")
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


class Recipe(Part):
    """Everything that decides a version's content, besides the purchases."""

    name: str = Field(min_length=1)
    task: Literal["recommendation"] = "recommendation"
    data: Data
    windows: Windows = Windows()
    decay: Decay = Decay()
    ease: Ease = Ease()
    als: Als = Als()
    candidates: CandidateSizes = CandidateSizes()
    ranker: Ranker = Ranker()
    gate: Gate = Gate()
    live: bool = Field(default=False, description="Count ages from now instead of from the end of data.")
    promote: bool = Field(default=True, description="Move champion to a version that passes its gate.")
    seed: int = 0
    threads: int = Field(default=2, ge=1)

    @model_validator(mode="after")
    def _categories_need_titles(self) -> "Recipe":
        products = self.data.products
        if products and self.data.columns.category and products.columns.category:
            raise ValueError(
                "data.columns.category and data.products.columns.category both name the category: keep one"
            )
        return self


def read(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a YAML file, with ``key.key=value`` overrides applied (values are YAML).

    Relative paths in it are taken from the file's own folder. Raises ``RecipeError`` naming the key that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: can't read the recipe: {error}") from error
    recipe = parse(content_of(text), str(path), overrides)
    return _anchored(recipe, path.parent)


def parse(content: object, source: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a mapping; ``source`` names it in errors."""
    if not isinstance(content, dict):
        raise RecipeError(f"{source}: expected a mapping of keys, found {type(content).__name__}")
    for override in overrides:
        _override(content, override)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(f"  {_problem(detail)}" for detail in error.errors())
        raise RecipeError(f"{source}: not a recipe:\n{problems}") from error


def content_of(text: str) -> object:
    """The mapping in a recipe's text. Raises ``RecipeError``."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"not YAML: {error}") from error


def text_of(recipe: Recipe) -> str:
    """The recipe as YAML with every default written out: what a version's lineage keeps."""
    text: str = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)
    return text


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    def absolute(path: Path | None) -> Path | None:
        return folder / path if path is not None else None

    data = recipe.data.model_copy(update={"path": absolute(recipe.data.path)})
    if data.products is not None:
        products = data.products.model_copy(update={"path": absolute(data.products.path)})
        data = data.model_copy(update={"products": products})
    return recipe.model_copy(update={"data": data})


def _override(content: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise RecipeError(f"--set {override}: expected key=value, such as ranker.customers=800")
    *parents, last = key.split(".")
    part: Any = content
    for parent in parents:
        part = part.setdefault(parent, {}) if isinstance(part, dict) else None
    if not isinstance(part, dict):
        raise RecipeError(f"--set {override}: {'.'.join(parents)} holds no keys")
    try:
        part[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise RecipeError(f"--set {override}: the value isn't YAML: {error}") from error


def _problem(detail: ErrorDetails) -> str:
    """One line: where, what was expected, what was found."""
    path = ".".join(str(step) for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys(detail["loc"][:-1])
        close = get_close_matches(str(detail["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
        return f"{path}: unknown key; {hint}"
    if detail["type"] == "missing":
        return f"{path}: missing; this key is required"
    return f"{path or 'recipe'}: {detail['msg']}, found {detail['input']!r}"


def _keys(path: Sequence[str | int]) -> list[str]:
    """The keys that a part of a recipe takes."""
    part: type[BaseModel] = Recipe
    for step in path:
        annotation = part.model_fields[step].annotation if isinstance(step, str) and step in part.model_fields else part
        choices = (annotation, *get_args(annotation))
        part = next((choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)), part)
    return list(part.model_fields)
