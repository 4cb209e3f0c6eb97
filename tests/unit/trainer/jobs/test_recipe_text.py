"""The recipe of a request is checked, and held to the data root."""

from pathlib import Path

import pytest

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.jobs.recipe_text import recipe_in
from hotshelf_trainer.jobs.training import Spec
from hotshelf_trainer.recipes import RecommendationRecipe, TabularRecipe

RECIPE = """
name: shop
data:
  path: {path}
  columns: {{customer: c, product: p, time: t}}
  products:
    path: {products}
    columns: {{product: p}}
"""


def spec(path: object = "a.csv", products: object = "null", *overrides: str, until: str = "") -> Spec:
    return Spec(RECIPE.format(path=path, products=products), overrides, until=until)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "secret.csv").touch()
    (tmp_path / "root" / "link.csv").symlink_to(tmp_path / "secret.csv")
    return tmp_path / "root"


def test_relative_paths_are_taken_from_the_data_root(root: Path) -> None:
    recipe = recipe_in(spec("sub/../a.csv", "sub/p.csv"), root)
    assert isinstance(recipe, RecommendationRecipe)
    data = recipe.data
    assert data.path == root / "a.csv"
    assert data.products is not None
    assert data.products.path == root / "sub" / "p.csv"


def test_a_recipe_that_names_no_data_yet_is_one(root: Path) -> None:
    assert recipe_in(spec("null"), root).data.path is None


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "sub/../../secret.csv", "link.csv", "{root}x/a.csv"])
def test_a_path_out_of_the_data_root_is_refused_by_its_key(root: Path, path: str) -> None:
    named = path.format(root=root)
    with pytest.raises(RecipeError, match=r"^data\.path: .* is outside of this trainer's data root"):
        recipe_in(spec(named), root)
    with pytest.raises(RecipeError, match=r"^data\.products\.path: .* is outside"):
        recipe_in(spec("a.csv", named), root)
    with pytest.raises(RecipeError, match=r"^data\.path: .* is outside"):
        recipe_in(spec("a.csv", "null", f"data.path={named}"), root)


def test_an_absolute_path_inside_is_taken(root: Path) -> None:
    assert recipe_in(spec(root / "sub" / "a.csv"), root).data.path == root / "sub" / "a.csv"


def test_overrides_and_until_go_over_the_recipe(root: Path) -> None:
    recipe = recipe_in(spec("a.csv", "null", "ranker.trees=7", "data.until=2020-01-01", until="2026-01-01"), root)
    assert isinstance(recipe, RecommendationRecipe)
    assert recipe.ranker.trees == 7
    assert recipe.data.until == "2026-01-01"


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "not YAML"), ("- a", "expected a mapping"), ("name: x", "data: missing")]
)
def test_what_is_no_recipe_is_refused(root: Path, text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_in(Spec(text), root)


def test_files_that_a_query_reads_are_held_to_the_data_root_as_well(root: Path) -> None:
    def table(path: object) -> Spec:
        text = f"{{name: x, task: regression, target: y, data: {{sql: SELECT 1 AS y, tables: {{t: {path}}}}}}}"
        return Spec(recipe=text)

    recipe = recipe_in(table("a.csv"), root)
    assert isinstance(recipe, TabularRecipe)
    assert recipe.data.tables == {"t": root.resolve() / "a.csv"}
    with pytest.raises(RecipeError, match=r"^data\.tables\.t: .* is outside of this trainer's data root"):
        recipe_in(table("../a.csv"), root)
