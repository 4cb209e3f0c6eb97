"""Trains a published version once more, from its own lineage, and compares the files."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hotshelf_store import Manifest, Store, open_store
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.outcome import JSON_FILE, REPORT_FILE
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.publishing import version_of
from hotshelf_trainer.recipes import Recipe, parse
from hotshelf_trainer.recipes.given import Given, with_given
from hotshelf_trainer.recipes.reading import content_of
from hotshelf_trainer.training import train

TOLD_ANEW: Mapping[str, str] = MappingProxyType(
    {
        REPORT_FILE: "tells how long the training took and which champion it met",
        JSON_FILE: "tells which champion it met",
    }
)
"""Files that rightly differ, and why."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of training a version again."""

    model: str
    version: int
    same: Sequence[str]
    """Files whose bytes are the same."""
    differ: Sequence[str]
    """Files that should be the same and aren't, or that only one of the two has."""
    reasons: Sequence[str]
    """What is otherwise than it was then, and may be why."""


def reproduce(store: Store, model: str, version: int, given: Given, progress: Progress) -> Reproduction:
    """Train again what made a version, into a store that is thrown away.

    Raises ``RecipeError`` for a version that wasn't made from a recipe, ``DataError`` where the data are others than
    they were, and what ``train`` and the store raise.
    """
    was = store.manifest(model, version)
    recipe = with_given(recipe_of(was, model), given)
    with tempfile.TemporaryDirectory(prefix="hotshelf-") as scratch:
        again = open_store(Path(scratch))
        outcome = train(recipe, again, model, progress)
        now = again.manifest(model, outcome.published.version)
    _require_same_data(was, now, model)
    return _compared(model, was, now, recipe)


def recipe_of(manifest: Manifest, model: str) -> Recipe:
    """The recipe that a version was learned by. Raises ``RecipeError`` for one that none made."""
    if not manifest.lineage.recipe:
        raise RecipeError(f"{model} version {manifest.version} has no recipe in its lineage: it was not trained by one")
    return parse(content_of(manifest.lineage.recipe), f"lineage of {model} version {manifest.version}")


def _require_same_data(was: Manifest, now: Manifest, model: str) -> None:
    if was.data.fingerprint != now.data.fingerprint:
        raise DataError(
            f"the data are not those of {model} version {was.version}: fingerprint {now.data.fingerprint[:16]}… "
            f"({now.data.rows:,} rows), expected {was.data.fingerprint[:16]}… ({was.data.rows:,} rows); "
            "give them with --data (and --until, --products)"
        )


def _compared(model: str, was: Manifest, now: Manifest, recipe: Recipe) -> Reproduction:
    before = {file.path: file.sha256 for file in was.files if file.path not in TOLD_ANEW}
    after = {file.path: file.sha256 for file in now.files if file.path not in TOLD_ANEW}
    same = sorted(path for path, digest in before.items() if after.get(path) == digest)
    return Reproduction(
        model=model,
        version=was.version,
        same=same,
        differ=sorted((before.keys() | after.keys()) - set(same)),
        reasons=(*_other_versions(was), *_timed(recipe)),
    )


def _other_versions(was: Manifest) -> Sequence[str]:
    then = {"hotshelf": was.lineage.code_version, **was.library_versions}
    return [
        f"{name} was {version}, is {version_of(name)}"
        for name, version in sorted(then.items())
        if version and version != version_of(name)
    ]


def _timed(recipe: Recipe) -> Sequence[str]:
    search = getattr(recipe, "search", None)
    if search is None or search.seconds is None:
        return ()
    return ("the recipe ends its search by time (search.seconds), so the number of trials is the machine's",)
