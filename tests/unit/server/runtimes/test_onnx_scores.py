"""onnxruntime answers as LightGBM does, or within a tolerance, or not at all."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from hotshelf_server.core.errors import ModelFault
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.onnx_scores import OnnxScores
from hotshelf_server.runtimes.trees import Trees, Unsupported, compile_trees
from tests.fakes.boosters import FEATURES, KINDS, model_text

ROWS = np.random.default_rng(1).normal(size=(70, FEATURES))


class FakeSession:
    """Gives the sums of trees, changed."""

    def __init__(self, trees: Trees, change: Callable[[np.ndarray], np.ndarray]) -> None:
        self._trees = trees
        self._change = change

    def run(self, names: Sequence[str], feed: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        return [self._change(self._trees.raw_scores(feed["rows"]))]


def scores(change: Callable[[np.ndarray], np.ndarray]) -> OnnxScores:
    trees = compile_trees(model_text("regression"))
    return OnnxScores(trees, lambda content: FakeSession(trees, change))


@pytest.mark.parametrize(
    "kind", sorted(kind for kind in KINDS if "categories" not in kind and kind != "zero as missing")
)
def test_every_kind_of_model_is_answered_as_the_booster_does_to_the_last_bit(kind: str) -> None:
    ours, booster = OnnxScores(compile_trees(model_text(kind))), Booster(model_text(kind))
    assert ours.make_ready(0.0) is None
    for rows in (ROWS, ROWS.astype("f4"), np.asfortranarray(ROWS), ROWS[:1], ROWS[:0]):
        for found, expected in (
            (ours.predict(rows), booster.predict(rows)),
            (ours.predict(rows, raw=True), booster.predict(rows, raw=True)),
            (ours.leaves(rows), booster.leaves(rows)),
        ):
            assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_it_computes_nothing_before_it_is_ready() -> None:
    ours = OnnxScores(compile_trees(model_text("binary")))
    with pytest.raises(Unsupported, match="it wasn't made ready"):
        ours.predict(ROWS)


def test_a_model_that_has_no_form_in_onnx_can_not_be_made_ready() -> None:
    with pytest.raises(Unsupported, match="splits by categories are not converted"):
        OnnxScores(compile_trees(model_text("categories"))).make_ready(0.0)


def test_rows_of_another_shape_are_refused() -> None:
    ours = scores(lambda right: right)
    ours.make_ready(0.0)
    with pytest.raises(BoosterError, match=r"expected float32 or float64 \[-1, 5\]"):
        ours.predict(ROWS[:, :3])


def test_answers_within_the_tolerance_are_admitted_and_their_difference_is_told() -> None:
    difference = scores(lambda right: right + 1e-9).make_ready(1e-6)
    assert difference is not None
    assert difference == pytest.approx(1e-9, rel=0.5)


@pytest.mark.parametrize(
    ("change", "tolerance"),
    [
        (lambda right: right + 1e-9, 0.0),
        (lambda right: right + 1e-9, 1e-12),
        (lambda right: right + 1e-9 * (len(right) > 1), 1e-6),
        (lambda right: right * np.nan, 1e-2),
    ],
    ids=["no tolerance", "too far", "from batch to batch", "no number"],
)
def test_other_answers_are_refused_and_the_session_is_given_up(
    change: Callable[[np.ndarray], np.ndarray], tolerance: float
) -> None:
    ours = scores(change)
    with pytest.raises(Unsupported, match=r"its answers differ by up to .*, or from batch to batch"):
        ours.make_ready(tolerance)
    with pytest.raises(Unsupported, match="it wasn't made ready"):
        ours.predict(ROWS)


def test_what_onnxruntime_raises_is_the_engine_s_fault() -> None:
    failing: list[Exception] = []

    def change(sums: np.ndarray) -> np.ndarray:
        for error in failing:
            raise error
        return sums

    ours = scores(change)
    assert ours.make_ready(0.0) is None
    failing.append(RuntimeError("no memory"))
    with pytest.raises(ModelFault, match="onnxruntime failed on 70 rows: no memory"):
        ours.predict(ROWS)
