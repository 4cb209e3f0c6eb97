"""Recipes from YAML, checked in full before anything is computed."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recipes.tabular import ClassificationRecipe, RankingRecipe, RegressionRecipe
from hotshelf_trainer.recipes.unsupervised import AnomalyRecipe, ClusteringRecipe, DecompositionRecipe

Recipe = (
    RecommendationRecipe
    | ClassificationRecipe
    | RegressionRecipe
    | RankingRecipe
    | ClusteringRecipe
    | AnomalyRecipe
    | DecompositionRecipe
)
"""A recipe of any kind."""

KINDS: Mapping[str, type[Recipe]] = MappingProxyType(
    {
        "recommendation": RecommendationRecipe,
        "classification": ClassificationRecipe,
        "regression": RegressionRecipe,
        "ranking": RankingRecipe,
        "clustering": ClusteringRecipe,
        "anomaly": AnomalyRecipe,
        "decomposition": DecompositionRecipe,
    }
)
"""Every kind by its task."""

DEFAULT_TASK = "recommendation"
"""Of a recipe that names none: there was no other when the first recipes were written."""

Kind = TypeVar("Kind", bound=BaseModel)


def read(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a YAML file, with ``key.key=value`` overrides applied (values are YAML).

    Relative paths in it are taken from the file's own folder. Raises ``RecipeError`` naming the key that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: can't read the recipe: {error}") from error
    recipe = parse(content_of(text), str(path), overrides)
    return recipe.anchored(path.parent)


def parse(content: object, source: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a mapping, of the kind that its ``task`` names; ``source`` names it in errors."""
    content = _overridden(content, source, overrides)
    task = content.setdefault("task", DEFAULT_TASK)
    if task not in KINDS:
        close = get_close_matches(str(task), KINDS, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known tasks: {', '.join(KINDS)}"
        raise RecipeError(f"{source}: not a recipe:\n  task: unknown task {task!r}; {hint}")
    return parse_as(KINDS[task], content, source)


def parse_as(kind: type[Kind], content: object, source: str, overrides: Sequence[str] = ()) -> Kind:
    """The recipe of one kind in a mapping. Raises ``RecipeError`` naming each key that is wrong."""
    try:
        return kind.model_validate(_overridden(content, source, overrides))
    except ValidationError as error:
        problems = "\n".join(f"  {_problem(detail, kind)}" for detail in error.errors())
        raise RecipeError(f"{source}: not a recipe:\n{problems}") from error


def _overridden(content: object, source: str, overrides: Sequence[str]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise RecipeError(f"{source}: expected a mapping of keys, found {type(content).__name__}")
    content = deepcopy(content)
    for override in overrides:
        _override(content, override)
    return content


def content_of(text: str) -> object:
    """The mapping in a recipe's text. Raises ``RecipeError``."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"not YAML: {error}") from error


def text_of(recipe: BaseModel) -> str:
    """The recipe as YAML with every default written out: what a version's lineage keeps."""
    text: str = yaml.dump(recipe.model_dump(mode="json"), Dumper=_Dumper, sort_keys=False)
    return text


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines, such as queries, as they are read."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """In block style where there is a line's end in it."""
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.represent_str)


def schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of recipes: one of the kinds, told apart by ``task``."""
    kinds = TypeAdapter(Annotated[Recipe, Field(discriminator="task")])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hotshelf recipe",
        **kinds.json_schema(),
    }


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


def _problem(detail: ErrorDetails, kind: type[BaseModel]) -> str:
    """One line: where, what was expected, what was found."""
    path = ".".join(str(step) for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys(kind, detail["loc"][:-1])
        close = get_close_matches(str(detail["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
        return f"{path}: unknown key; {hint}"
    if detail["type"] == "missing":
        return f"{path}: missing; this key is required"
    return f"{path or 'recipe'}: {detail['msg']}, found {detail['input']!r}"


def _keys(kind: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that a part of a recipe takes."""
    part = kind
    for step in path:
        annotation = part.model_fields[step].annotation if isinstance(step, str) and step in part.model_fields else part
        choices = (annotation, *get_args(annotation))
        part = next((choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)), part)
    return list(part.model_fields)
