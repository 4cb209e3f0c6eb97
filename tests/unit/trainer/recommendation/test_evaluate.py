import numpy as np
import pytest

from hotshelf_trainer.recommendation.artifacts import NONE, TOP, Lists, Truth
from hotshelf_trainer.recommendation.evaluate import evaluate


def truth_of(*bought: tuple[list[int], list[bool]]) -> Truth:
    """One customer for each (products, bought before)."""
    sizes = [len(products) for products, _ in bought]
    return Truth(
        customers=np.arange(len(bought), dtype=np.int32),
        person=np.arange(len(bought), dtype=np.int32),
        start=np.concatenate([[0], np.cumsum(sizes)]),
        product=np.array([product for products, _ in bought for product in products], dtype=np.int32),
        bought_before=np.array([flag for _, flags in bought for flag in flags], dtype=bool),
        cold_customers=0,
    )


def lists_of(*answers: list[int]) -> Lists:
    padded = np.full((len(answers), TOP), NONE, dtype=np.int32)
    for row, answer in enumerate(answers):
        padded[row, : len(answer)] = answer
    return Lists(padded, padded)


def test_figures_of_a_hand_made_example() -> None:
    scores = evaluate(lists_of([7, 1, 8, 2]), truth_of(([1, 2, 3], [True] * 3)), "all", sold=8)
    gained = 1 / np.log2(3) + 1 / np.log2(5)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert scores.ndcg.tolist() == pytest.approx([gained / ideal])
    assert scores.recall.tolist() == pytest.approx([2 / 3])
    assert scores.average_precision.tolist() == pytest.approx([(1 / 2 + 2 / 4) / 3])
    assert scores.hit.tolist() == [1]
    assert scores.coverage == 0.5


def test_a_perfect_list_scores_one_even_where_more_was_bought_than_fits() -> None:
    scores = evaluate(lists_of(list(range(10))), truth_of((list(range(14)), [True] * 14)), "all", sold=14)
    assert scores.ndcg.tolist() == pytest.approx([1])
    assert scores.average_precision.tolist() == pytest.approx([1])


def test_new_counts_only_what_was_never_bought_before() -> None:
    truth = truth_of(([1, 2], [True, False]), ([1], [True]))
    scores = evaluate(lists_of([2], [2]), truth, "new", sold=3)
    assert scores.ndcg[0] == 1
    assert np.isnan(scores.ndcg[1]), "nothing new to find"
    assert scores.means()["ndcg@10"] == 1


def test_an_empty_list_finds_nothing() -> None:
    assert evaluate(lists_of([]), truth_of(([0], [True])), "all", sold=3).ndcg.tolist() == [0]
