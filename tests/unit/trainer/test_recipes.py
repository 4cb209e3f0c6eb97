from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes import (
    KINDS,
    RecommendationRecipe,
    TabularRecipe,
    content_of,
    parse,
    read,
    schema,
    text_of,
)
from hotshelf_trainer.recipes.given import Given, with_given
from hotshelf_trainer.recipes.starter import STARTERS
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


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_recipe_survives_its_way_through_a_lineage(path: Path) -> None:
    recipe = read(path)
    text = text_of(recipe)
    assert parse(content_of(text), "lineage") == recipe
    assert "\\n" not in text, "queries stay readable"


@pytest.mark.parametrize("task", STARTERS)
def test_what_init_writes_is_a_recipe_of_its_task(task: str) -> None:
    assert parse(content_of(STARTERS[task]), "starter").task == task


def test_every_kind_has_a_starter() -> None:
    assert set(STARTERS) == set(KINDS)


def test_the_schema_takes_what_is_shipped_and_refuses_what_is_not_known() -> None:
    checker = Draft202012Validator(schema())
    for path in SHIPPED:
        content = content_of(path.read_text())
        assert isinstance(content, dict)
        content.setdefault("task", "recommendation")
        checker.validate(content)
        assert not checker.is_valid(content | {"tsk": "x"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"task": "clasification"}, "unknown task 'clasification'; did you mean 'classification'"),
        ({"metric": "logloss"}, "metric: .*'log_loss'"),
        ({"search": {"space": {}}}, "search.space: .*at least 1"),
        ({"search": {"space": {"C": {"low": 2, "high": 1}}}}, "expected low < high"),
        ({"estimator": {"nme": "x"}}, "estimator.nme: unknown key; did you mean 'name'"),
        ({"data": {"path": "a.csv", "builtin": "iris"}}, "keep one"),
        ({"data": {"sql": "SELECT 1"}}, "name them in tables"),
        ({"time": "y"}, "name one column twice"),
        ({"split": {"kind": "group"}}, "split.kind group needs the key group"),
        ({"diagnosis": {"bootstraps": 5}}, "at least 20"),
    ],
)
def test_what_is_wrong_in_a_recipe_of_a_table_is_named(change: dict[str, Any], words: str) -> None:
    least = {"name": "x", "task": "classification", "target": "y", "data": {"path": "t.csv"}}
    with pytest.raises(RecipeError, match=words):
        parse(least | change, "recipe.yaml")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"task": "clusterin"}, "did you mean 'clustering'"),
        ({"clustrs": 3}, "clustrs: unknown key; did you mean 'clusters'"),
        ({"clusters": {"lest": 3}}, "lest: unknown key; did you mean 'least'"),
        ({"clusters": {"least": 5, "most": 3}}, "expected least to be at most as large as most"),
        ({"clusters": 1}, "greater than or equal to 2"),
        ({"estimator": {"name": "DBSCAN"}}, "estimator.name: .*'KMeans'"),
        ({"target": "y"}, "target: unknown key"),
        ({"preprocessing": {"encode": "target"}}, "needs a target, which this task has none of"),
        ({"time": "t", "split": {"kind": "random"}}, "lets rows of the future teach"),
        ({"task": "anomaly", "contamination": 0.7}, "contamination: .*less than 0.5"),
        ({"task": "decomposition", "estimator": {"name": "NMF"}}, "scale standard makes numbers below 0"),
        ({"task": "decomposition", "components": {"variance": 1.5}}, "variance: .*less than 1"),
    ],
)
def test_what_is_wrong_in_a_recipe_without_a_target_is_named(change: dict[str, Any], words: str) -> None:
    least = {"name": "x", "task": "clustering", "data": {"path": "t.csv"}}
    with pytest.raises(RecipeError, match=words):
        parse(least | change, "recipe.yaml")


def test_only_lightgbm_ranks() -> None:
    content = {"name": "x", "task": "ranking", "target": "y", "group": "g", "data": {"path": "t.csv"}}
    with pytest.raises(RecipeError, match="only lightgbm ranks"):
        parse(content | {"estimator": {"name": "Ridge"}}, "recipe.yaml")


def test_data_that_is_given_goes_over_what_the_recipe_says(tmp_path: Path) -> None:
    recipe = read(SHIPPED[0].parent / "churn.yaml")
    given = with_given(recipe, Given(tmp_path / "p.parquet", until="2011-11-01"))
    assert isinstance(given, TabularRecipe)
    assert given.data.tables == {"purchases": tmp_path / "p.parquet"}
    assert given.data.until == "2011-11-01"
    with pytest.raises(RecipeError, match="--products: a recipe of task classification takes none"):
        with_given(recipe, Given(products=tmp_path))
    undated = parse({"name": "x", "task": "regression", "target": "y", "data": {"path": "t.csv"}}, "recipe.yaml")
    with pytest.raises(RecipeError, match="--until: the recipe doesn't say which column is the time"):
        with_given(undated, Given(until="2011-11-01"))
