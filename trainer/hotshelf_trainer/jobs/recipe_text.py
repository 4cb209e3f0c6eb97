"""The recipe of a request: checked in full, and held to the data that the trainer lends."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.jobs.training import Spec
from hotshelf_trainer.recipes import Recipe, content_of, parse


def recipe_in(spec: Spec, data_root: Path) -> Recipe:
    """The recipe with its overrides. Relative paths are taken from the data root.

    Raises ``RecipeError`` for a recipe that is none, and for a path that leads out of the data root.
    """
    until = [f"data.until={json.dumps(spec.until)}"] if spec.until else []
    recipe = parse(content_of(spec.recipe), "recipe", [*spec.overrides, *until])
    root = data_root.resolve()
    held: Recipe = _held(recipe, root, "")
    return held


def _held(value: Any, root: Path, key: str) -> Any:
    """The value with every path in it made absolute, whatever the task of the recipe."""
    match value:
        case Path():
            return _inside(value, root, key)
        case BaseModel():
            parts = {name: getattr(value, name) for name in type(value).model_fields}
            held = {name: _held(part, root, f"{key}.{name}".lstrip(".")) for name, part in parts.items()}
            return value.model_copy(update={name: held[name] for name in parts if held[name] is not parts[name]})
        case tuple() if any(isinstance(part, Path | BaseModel | tuple) for part in value):
            return tuple(_held(part, root, f"{key}[{place}]") for place, part in enumerate(value))
        case Mapping():
            return {name: _held(part, root, f"{key}.{name}") for name, part in value.items()}
    return value


def _inside(path: Path, root: Path, key: str) -> Path:
    found = (root / path).resolve()
    if not found.is_relative_to(root):
        # Where a link leads to is none of the caller's business.
        raise RecipeError(f"{key}: {path} is outside of this trainer's data root; expected a path inside of it")
    return found
