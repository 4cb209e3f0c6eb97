from pathlib import Path
from typing import Any

import pytest

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes import RecommendationRecipe, content_of, parse, read, text_of
from tests.unit.trainer.recommendation.purchases import small_recipe

SHIPPED = sorted((Path(__file__).parents[3] / "trainer" / "recipes").glob("*.yaml"))
LEAST: dict[str, Any] = {"name": "x", "data": {"columns": {"customer": "c", "product": "p", "time": "t"}}}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_recipes(path: Path) -> None:
    assert read(path).name == path.stem


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LEAST | {"rankr": {}}, r"rankr: unknown key; did you mean 'ranker'\?"),
        (LEAST | {"ranker": {"tres": 3}}, r"ranker\.tres: unknown key; did you mean 'trees'\?"),
        (LEAST | {"ranker": {"zzz": 3}}, r"ranker\.zzz: unknown key; known keys: customers"),
        (LEAST | {"data": LEAST["data"] | {"products": {"colums": {}}}}, r"data\.products\.colums: .*'columns'"),
        (LEAST | {"als": {"factors": "many"}}, r"als\.factors: .*integer.*found 'many'"),
        (LEAST | {"gate": {"margin": -1}}, r"gate\.margin: .*greater than or equal to 0, found -1"),
        ({"name": "x"}, "data: missing; this key is required"),
        (["x"], "expected a mapping of keys, found list"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named_by_its_path(content: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse(content, "recipe.yaml")


def test_overrides_reach_into_parts() -> None:
    content = {key: dict(value) if isinstance(value, dict) else value for key, value in LEAST.items()}
    recipe = parse(content, "recipe.yaml", ["ranker.customers=800", "name=y", "gate.beat=[ease]"])
    assert isinstance(recipe, RecommendationRecipe)
    assert recipe.ranker.customers == 800
    assert recipe.name == "y"
    assert recipe.gate.beat == ("ease",)


@pytest.mark.parametrize("override", ["ranker", "=3", "name.part=3", "ranker.trees=[1"])
def test_an_override_that_says_nothing_is_named(override: str) -> None:
    with pytest.raises(RecipeError, match="--set"):
        parse(dict(LEAST), "recipe.yaml", [override])


def test_paths_in_a_recipe_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: x\ndata:\n  path: a.csv\n  columns: {customer: c, product: p, time: t}\n")
    assert read(tmp_path / "r.yaml").data.path == tmp_path / "a.csv"


def test_a_recipe_that_is_not_there_or_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="can't read the recipe"):
        read(tmp_path / "r.yaml")
    (tmp_path / "r.yaml").write_text("a: [")
    with pytest.raises(RecipeError, match="not YAML"):
        read(tmp_path / "r.yaml")


def test_the_text_in_a_lineage_gives_the_recipe_again() -> None:
    recipe = small_recipe()
    assert parse(content_of(text_of(recipe)), "lineage") == recipe
