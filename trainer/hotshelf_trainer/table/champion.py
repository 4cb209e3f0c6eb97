"""The champion's recipe and parameters, to be fitted again on the rows that the candidate learns from."""

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import polars as pl

from hotshelf_store import CHAMPION, Manifest, Store, lead
from hotshelf_store.profile import TRAINING_FILE, Profile
from hotshelf_trainer.diagnosis.drift import Drift, drift
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes import content_of, parse
from hotshelf_trainer.recipes.table import TableRecipe

Kind = TypeVar("Kind", bound=TableRecipe)


@dataclass(frozen=True, slots=True)
class Champion(Generic[Kind]):
    """The version that takes the traffic."""

    version: int
    manifest: Manifest
    recipe: Kind
    parameters: dict[str, Any]
    """What its training had found."""
    profile: Profile
    """Of the features that it learned from."""


def champion_of(store: Store, model: str, kind: type[Kind], task: str) -> Champion[Kind] | None:
    """``None`` where the model has no champion.

    Raises ``RecipeError`` where the champion is of another task, or was trained elsewhere: they can't be compared.
    """
    version = lead(store.aliases(model), CHAMPION)
    if not version:
        return None
    manifest = store.manifest(model, version)
    if not manifest.lineage.recipe:
        raise RecipeError(
            f"champion version {version} keeps no recipe in its lineage and can't be put on equal terms; "
            "train under another --name, or promote with --force --reason"
        )
    recipe = parse(content_of(manifest.lineage.recipe), f"recipe of version {version}")
    if not isinstance(recipe, kind) or recipe.task != task:
        raise RecipeError(
            f"champion version {version} is of task {recipe.task}, this recipe of {task}; train under another --name"
        )
    written = json.loads((store.files(model, version) / TRAINING_FILE).read_text(encoding="utf-8"))
    return Champion(version, manifest, recipe, written["parameters"], Profile.from_json(json.dumps(written["profile"])))


def drift_since(champion: Champion[Any] | None, features: pl.DataFrame) -> tuple[Drift, ...]:
    """How far the features that both know have moved since the champion was trained."""
    if champion is None:
        return ()
    shared = {name: each for name, each in champion.profile.columns.items() if name in features.columns}
    return drift(Profile(shared), features)
