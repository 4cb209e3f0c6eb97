import json
from pathlib import Path
from typing import Any

import pytest

from hotshelf_server.core.recommendation import Fallback, Query, RepeatPolicy
from hotshelf_server.runtimes import RuntimePolicy, load, replay
from hotshelf_server.runtimes.recommender import RecommenderServable
from hotshelf_store import CANDIDATE, CHAMPION, Store, lead, open_store
from hotshelf_store import golden as goldens
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import content_of, parse_as
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.pipeline import Outcome, train
from tests.unit.trainer.recommendation.purchases import before, generated, generated_file, small_recipe

DAY = 86_400.0


def servable_of(store: Store, outcome: Outcome) -> RecommenderServable:
    """The version as a server loads it."""
    version = outcome.published.version
    servable = load(store.files("shop", version), store.manifest("shop", version), RuntimePolicy())
    assert isinstance(servable, RecommenderServable)
    return servable


def recipe_of(**parts: Any) -> RecommendationRecipe:
    return small_recipe(generated_file(), **parts)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one version, trained on the earlier weeks."""
    root = tmp_path_factory.mktemp("store")
    (root / "store").mkdir()
    store = open_store(root / "store")
    past = before(generated_file(), generated().end - 28 * DAY, root / "past.parquet")
    recipe = small_recipe(past, gate={"margin": 0.3})
    train(recipe, store, "shop", Silent(), author="test")
    return store


@pytest.fixture(scope="module")
def second(store: Store) -> Outcome:
    return train(recipe_of(gate={"margin": 0.3}), store, "shop", Silent())


def test_the_first_version_is_champion(store: Store) -> None:
    assert store.manifest("shop", 1).verdict.champion_version == 0
    assert store.alias_history("shop")[-1].routes[CHAMPION].weights == {1: 100}


def test_a_second_version_is_compared_with_the_champion_on_the_same_history(store: Store, second: Outcome) -> None:
    assert second.figures.verdict.champion_version == 1
    last = next(check for check in second.figures.verdict.checks if "champion" in check.name)
    assert "kept what it had learned and was given the same history" in last.reason
    assert second.figures.verdict.passed, second.figures.verdict.checks
    assert second.published.champion == 2
    assert lead(store.aliases("shop"), CHAMPION) == 2


def test_the_manifest_tells_where_the_version_comes_from(store: Store, second: Outcome) -> None:
    manifest = store.manifest("shop", second.published.version)
    assert manifest.runtime == "recommender"
    assert manifest.data.fingerprint == generated().fingerprint
    assert manifest.data.end.ToSeconds() == generated().end
    assert manifest.lineage.parent_version == 1
    assert parse_as(RecommendationRecipe, content_of(manifest.lineage.recipe), "lineage").ranker == recipe_of().ranker
    assert {"lightgbm", "numpy"} <= set(manifest.library_versions)
    first = manifest.metrics[0]
    assert (first.name, first.scope, first.subject) == ("ndcg@10", "test/all", "candidate")
    assert first.low < first.value < first.high
    assert "champion" in {metric.subject for metric in manifest.metrics}


def test_a_bundle_holds_no_pickle_and_its_report(store: Store, second: Outcome) -> None:
    names = {file.path for file in store.manifest("shop", second.published.version).files}
    assert {"report.html", "config.json", "ranker_mixed.txt", "ranker_new.txt", goldens.FILE} <= names
    assert {Path(name).suffix for name in names} == {".html", ".json", ".txt", ".npy", ".binpb"}


def test_the_report_is_one_page_without_anything_outside(second: Outcome) -> None:
    assert "The gate passed this version, compared with champion version 1" in second.report
    assert "<svg" in second.report
    for outside in ('src="', "<link", "<script", 'href="http', "url(http"):
        assert outside not in second.report


def test_what_was_published_answers_in_the_servers_runtime(store: Store, second: Outcome) -> None:
    servable = servable_of(store, second)
    customer = next(iter(generated().customers))
    known = servable.recommend(Query(customer, k=5))
    assert known.fallback is Fallback.NONE
    assert len(known.items) == 5
    assert known.as_of == generated().end
    assert servable.recommend(Query("nobody")).fallback is Fallback.UNKNOWN_CUSTOMER
    bought = {
        item.product for item in servable.recommend(Query(customer, 50, repeat_policy=RepeatPolicy.BUY_AGAIN)).items
    }
    new = {item.product for item in servable.recommend(Query(customer, 50, repeat_policy=RepeatPolicy.NEW_ONLY)).items}
    assert bought
    assert not bought & new


def test_the_goldens_are_repeated(store: Store, second: Outcome) -> None:
    golden = goldens.read(store.files("shop", second.published.version) / goldens.FILE)
    assert len(golden.cases) == 6
    replay(servable_of(store, second), golden)


def test_a_champion_that_has_seen_the_test_window_is_fitted_again(store: Store, second: Outcome) -> None:
    assert second.published.champion == 2
    other_seed = train(recipe_of(seed=5, promote=False), store, "shop", Silent())
    check = next(check for check in other_seed.figures.verdict.checks if "champion" in check.name)
    assert "version 2 has seen the test window" in check.reason
    assert "its recipe was fitted again up to" in check.reason
    assert other_seed.published.champion == 2
    same = train(recipe_of(promote=False), store, "shop", Silent())
    check = next(check for check in same.figures.verdict.checks if "champion" in check.name)
    assert "gives the candidate itself" in check.reason
    assert "difference +0.0000 [+0.0000, +0.0000]" in check.reason


def test_a_refused_version_is_published_as_candidate_and_the_champion_stays(store: Store, second: Outcome) -> None:
    champion = second.published.champion
    refused = train(recipe_of(gate={"coverage": 1.0}), store, "shop", Silent())
    assert not refused.figures.verdict.passed
    assert lead(store.aliases("shop"), CANDIDATE) == refused.published.version
    assert lead(store.aliases("shop"), CHAMPION) == champion
    assert not store.manifest("shop", refused.published.version).verdict.passed
    assert "The gate refused this version" in refused.report


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    recipe = recipe_of()
    versions = [train(recipe, store, name, Silent()).published for name in ("one", "other")]
    sums = [{file.path: file.sha256 for file in store.manifest(v.model, v.version).files} for v in versions]
    for files in sums:
        del files["report.html"]  # it tells how long the training took
    assert sums[0] == sums[1]


def test_the_ranker_is_looked_at_for_overfitting_with_what_was_chosen_first(second: Outcome) -> None:
    curve = second.figures.capacity
    assert curve is not None
    settings = [(point.parameters["num_leaves"], point.parameters["n_estimators"]) for point in curve.points]
    assert settings[0] == (7, second.figures.trees.mixed)
    assert {leaves for leaves, _ in settings} == {3, 7, 15}
    assert "num_leaves 7" in second.report
    assert "<h2>Capacity" in second.report


def test_the_figures_are_there_for_programs_too(store: Store, second: Outcome) -> None:
    written = json.loads((store.files("shop", second.published.version) / "report.json").read_text())
    assert written["verdict"]["champion_version"] == 1
    told = written["ndcg@10"]["all"]["candidate"]
    assert told["low"] < told["mean"] < told["high"]
    assert written["scores"]["new"]["popularity"]["ndcg@10"] > 0
    assert written["capacity"]["points"][0]["parameters"]["num_leaves"] == 7


def test_a_recipe_may_leave_the_look_for_overfitting_out(tmp_path: Path) -> None:
    outcome = train(recipe_of(capacity=None), open_store(tmp_path), "s", Silent())
    assert outcome.figures.capacity is None
    assert "<h2>Capacity" not in outcome.report


def test_a_sample_of_customers_teaches_the_rankers_and_is_reported(tmp_path: Path) -> None:
    outcome = train(recipe_of(ranker={"customers": 60}), open_store(tmp_path), "s", Silent())
    assert outcome.figures.ranker_customers == 60
    assert "The rankers learned from 60 of" in outcome.report


def test_a_window_without_purchases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"days are there|are needed"):
        train(recipe_of(windows={"train": 9}), open_store(tmp_path), "shop", Silent())


def test_a_champion_without_a_recipe_cannot_be_fitted_again(store: Store, tmp_path: Path, second: Outcome) -> None:
    other = open_store(tmp_path)
    manifest = store.manifest("shop", second.published.version)
    manifest.lineage.recipe = ""
    other.publish("shop", store.files("shop", second.published.version), manifest)
    with pytest.raises(RecipeError, match="champion version 1 keeps no recipe"):
        train(recipe_of(), other, "shop", Silent())


def test_a_sample_of_customers_judges_and_all_who_teach_still_do(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    whole = train(recipe_of(promote=False), store, "whole", Silent())
    sampled = train(recipe_of(promote=False, gate={"customers": 50}), store, "sampled", Silent())
    assert sampled.figures.evaluation.customers == 50 < whole.figures.evaluation.customers
    assert "Judged on 50 customers" in sampled.report
    models = [
        {file.path: file.sha256 for file in store.manifest(name, 1).files if file.path.startswith("ranker")}
        for name in ("whole", "sampled")
    ]
    assert models[0] == models[1], "what is published learns from the same customers"
