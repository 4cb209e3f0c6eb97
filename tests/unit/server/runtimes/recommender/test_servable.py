import math
from pathlib import Path

import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle, InvalidInput
from hotshelf_server.core.interfaces import Recommender
from hotshelf_server.core.recommendation import Fallback, Query, RepeatPolicy, Source
from hotshelf_server.core.types import Array, Parameter, Signature
from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.recommender import RecommenderServable, load
from hotshelf_server.runtimes.recommender.state import save
from hotshelf_server.runtimes.recommender.tensors import SIGNATURE
from tests.unit.server.runtimes.recommender.small import END, small_rankers, small_state


@pytest.fixture(scope="module")
def servable() -> RecommenderServable:
    return RecommenderServable(small_state(), small_rankers())


def products(servable: RecommenderServable, query: Query) -> list[str]:
    return [item.product for item in servable.recommend(query).items]


def bytes_of(*texts: str) -> Array:
    return np.array([text.encode() for text in texts], dtype=object)


def test_it_is_a_recommender(servable: RecommenderServable) -> None:
    assert isinstance(servable, Recommender)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (RepeatPolicy.MIXED, {"apple", "bread", "milk", "cake"}),
        (RepeatPolicy.NEW_ONLY, {"milk", "cake"}),
        (RepeatPolicy.BUY_AGAIN, {"apple", "bread"}),
    ],
)
def test_the_repeat_policy_decides_what_may_be_answered(
    servable: RecommenderServable, policy: RepeatPolicy, expected: set[str]
) -> None:
    assert set(products(servable, Query("ann", repeat_policy=policy))) == expected


def test_scores_fall(servable: RecommenderServable) -> None:
    scores = [item.score for item in servable.recommend(Query("ann")).items]
    assert scores == sorted(scores, reverse=True)


def test_the_basket_and_the_excluded_are_never_answered(servable: RecommenderServable) -> None:
    assert products(servable, Query("ann", basket=("apple",), exclude=("milk", "no such product"))) == ["bread", "cake"]


def test_an_unknown_customer_gets_what_is_popular_and_is_told(servable: RecommenderServable) -> None:
    answer = servable.recommend(Query("zoe", k=2))
    assert [item.product for item in answer.items] == ["milk", "apple"]
    assert answer.fallback is Fallback.UNKNOWN_CUSTOMER
    assert {item.reason.source for item in answer.items} == {Source.POPULAR}


def test_an_unknown_customers_basket_speaks_first(servable: RecommenderServable) -> None:
    answer = servable.recommend(Query("zoe", basket=("milk",)))
    assert [item.product for item in answer.items] == ["apple", "cake", "bread"]
    assert answer.items[0].reason.text == "because you bought Milk"
    assert answer.fallback is Fallback.UNKNOWN_CUSTOMER


def test_a_stranger_has_nothing_to_buy_again(servable: RecommenderServable) -> None:
    assert servable.recommend(Query("zoe", repeat_policy=RepeatPolicy.BUY_AGAIN)).items == ()


def test_as_of_is_the_end_of_data_unless_said_otherwise(servable: RecommenderServable) -> None:
    assert servable.recommend(Query("ann")).as_of == END
    assert servable.recommend(Query("ann", as_of=END + 5)).as_of == END + 5


def test_a_moment_within_the_data_counts_as_their_end(servable: RecommenderServable) -> None:
    early, end = servable.recommend(Query("ann", as_of=END - 1e6)), servable.recommend(Query("ann"))
    assert early == end


def test_a_live_recommender_counts_from_now() -> None:
    live = RecommenderServable(small_state(live=True), small_rankers(), now=lambda: END + 86_400.0)
    answer = live.recommend(Query("bob", repeat_policy=RepeatPolicy.BUY_AGAIN))
    assert answer.as_of == END + 86_400
    assert answer.items[0].reason.days_since_bought == 10


@pytest.mark.parametrize("k", [0, -1, 1001])
def test_k_has_bounds(servable: RecommenderServable, k: int) -> None:
    with pytest.raises(InvalidInput, match=r"k: .* from 1 to 1000"):
        servable.recommend(Query("ann", k=k))


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("customer", (257,), "customer: 257 elements; expected at most 256"),
        ("basket", (1, 1001), "basket: 1001 elements; expected at most 1000"),
        ("exclude", (1, 10_001), "exclude: 10001 elements; expected at most 10000"),
    ],
)
def test_one_call_has_bounds(servable: RecommenderServable, name: str, shape: tuple[int, ...], words: str) -> None:
    inputs = {"customer": bytes_of("ann"), name: np.full(shape, b"x", dtype=object)}
    with pytest.raises(InvalidInput, match=words):
        servable.predict(inputs, {})


def test_tensors_say_what_queries_say(servable: RecommenderServable) -> None:
    inputs = {"customer": bytes_of("ann", "zoe"), "exclude": np.array([[b"cake", b"milk"], [b"", b""]], dtype=object)}
    outputs = servable.predict(inputs, {"k": 3, "repeat_policy": "mixed"}).outputs
    typed = [servable.recommend(Query("ann", 3, exclude=("cake", "milk"))), servable.recommend(Query("zoe", 3))]
    for row, answer in enumerate(typed):
        assert [p.decode() for p in outputs["product"][row] if p] == [item.product for item in answer.items]
        assert outputs["fallback"][row].decode() == answer.fallback.value
    assert outputs["product"].shape == outputs["score"].shape == outputs["reason"].shape == (2, 3)


def test_short_rows_are_padded(servable: RecommenderServable) -> None:
    inputs = {"customer": bytes_of("ann", "bob"), "exclude": np.array([[b"cake", b"milk"], [b"", b""]], dtype=object)}
    outputs = servable.predict(inputs, {"k": 4}).outputs
    assert outputs["product"][0, 2] == b""
    assert math.isnan(outputs["score"][0, 2])
    assert outputs["reason"][0, 2] == b""


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"k": "ten"}, "k: 'ten'; expected a whole number from 1 to 1000"),
        ({"k": True}, "k: True"),
        ({"k": 0}, "k: 0"),
        ({"repeat_policy": "again"}, "repeat_policy: 'again'; expected one of mixed, new_only, buy_again"),
        ({"as_of": "today"}, "as_of: 'today'; expected seconds"),
        ({"as_of": math.inf}, "as_of: inf"),
        ({"as_of": math.nan}, "as_of: nan"),
        ({"as_of": 1e45}, r"as_of: 1e\+45; expected seconds since the epoch \(UTC\), in the years 1 to 9999"),
    ],
)
def test_a_bad_parameter_is_named(
    servable: RecommenderServable, parameters: dict[str, Parameter], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        servable.predict({"customer": bytes_of("ann")}, parameters)


def test_a_basket_needs_a_row_for_each_customer(servable: RecommenderServable) -> None:
    with pytest.raises(InvalidInput, match="basket: 1 rows; expected 2"):
        servable.predict({"customer": bytes_of("ann", "bob"), "basket": np.array([[b"milk"]], dtype=object)}, {})


def test_text_that_is_not_utf8_is_refused(servable: RecommenderServable) -> None:
    with pytest.raises(InvalidInput, match="customer"):
        servable.predict({"customer": np.array([b"\xff"], dtype=object)}, {})


def test_a_saved_version_answers_as_before(servable: RecommenderServable, tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    small_rankers().save(tmp_path)
    loaded = load(tmp_path, SIGNATURE, {}, RuntimePolicy())
    assert loaded.recommend(Query("ann")) == servable.recommend(Query("ann"))
    loaded.close()


def test_a_broken_ranker_is_named(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    small_rankers().save(tmp_path)
    (tmp_path / "ranker_new.txt").write_text("no trees here")
    with pytest.raises(BadBundle, match=r"ranker_new\.txt"):
        load(tmp_path, SIGNATURE, {}, RuntimePolicy())


def test_options_that_nobody_reads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBundle, match="speed"):
        load(tmp_path, SIGNATURE, {"speed": "high"}, RuntimePolicy())


def test_a_manifest_of_another_signature_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBundle, match="signature says"):
        load(tmp_path, Signature(SIGNATURE.inputs[:1], SIGNATURE.outputs), {}, RuntimePolicy())
