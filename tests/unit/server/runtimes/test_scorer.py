"""Whatever engine computes, the answers are LightGBM's to the last bit, and what was chosen is in the log."""

import logging
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from hotshelf_server.core.engines import Choice, always
from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.scorer import Scorer, load_scorer
from hotshelf_server.runtimes.scoring import LIGHTGBM, ONNX, ROW, TREES
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
from tests.fakes.boosters import FEATURES, linear_text, model_text

ROWS = np.random.default_rng(1).normal(size=(70, FEATURES))


def loaded(folder: Path, text: bytes, policy: RuntimePolicy | None = None) -> Scorer:
    path = folder / "model.txt"
    path.write_bytes(text)
    return load_scorer(path, policy or RuntimePolicy())


@pytest.fixture
def expected_engine() -> str:
    try:
        open_library()
    except Unsupported:
        return "lightgbm"
    return "trees"


@pytest.mark.parametrize("engine", ["auto", "lightgbm"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "categories"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_answers_are_the_booster_s(tmp_path: Path, engine: str, kind: str, dtype: str) -> None:
    scorer = loaded(tmp_path, model_text(kind), RuntimePolicy(tree_engine="auto" if engine == "auto" else "lightgbm"))
    booster = Booster(model_text(kind))
    rows = ROWS.astype(dtype)
    for given in (rows, np.asfortranarray(rows), rows[:1], rows[:0]):
        for found, expected in (
            (scorer.predict(given), booster.predict(given)),
            (scorer.predict(given, raw=True), booster.predict(given, raw=True)),
            (scorer.leaves(given), booster.leaves(given)),
            (scorer.contributions(given), booster.contributions(given)),
        ):
            assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_the_tree_engine_scores_what_it_knows(tmp_path: Path, expected_engine: str) -> None:
    assert loaded(tmp_path, model_text("binary")).engine == expected_engine


def test_the_policy_may_keep_lightgbm(tmp_path: Path) -> None:
    assert loaded(tmp_path, model_text("binary"), RuntimePolicy(tree_engine="lightgbm")).engine == "lightgbm"


def test_what_the_tree_engine_does_not_know_is_lightgbm_s_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    scorer = loaded(tmp_path, linear_text())
    assert scorer.engine == "lightgbm"
    assert "model.txt is scored by LightGBM: " in caplog.text
    rows = ROWS[:, :2]
    assert scorer.predict(rows).tobytes() == Booster(linear_text()).predict(rows).tobytes()


AUTO = RuntimePolicy(engine="auto")


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_every_engine_answers_as_the_booster_does(tmp_path: Path, kind: str, dtype: str) -> None:
    scorer = loaded(tmp_path, model_text(kind), AUTO)
    booster = Booster(model_text(kind))
    assert scorer.engines.names[-2:] == (ROW, LIGHTGBM)
    for name in scorer.engines.names:
        scorer.engines.settle(always(name, "measured"))
        for rows in (ROWS.astype(dtype), ROWS[:1].astype(dtype), np.asfortranarray(ROWS[3:4]), ROWS[:0]):
            assert scorer.predict(rows).tobytes() == booster.predict(rows).tobytes()
            assert scorer.predict(rows, raw=True).tobytes() == booster.predict(rows, raw=True).tobytes()
            assert scorer.leaves(rows).tobytes() == booster.leaves(rows).tobytes()


@pytest.mark.parametrize(("engine", "names"), [("own", 2), ("library", 1), ("auto", 3)])
def test_the_policy_says_which_engines_there_are(
    tmp_path: Path, engine: Literal["own", "library", "auto"], names: int, expected_engine: str
) -> None:
    scorer = loaded(tmp_path, model_text("binary"), RuntimePolicy(engine=engine))
    if expected_engine == "trees":
        assert len(scorer.engines.names) == names
        assert scorer.engine == ("lightgbm" if engine == "library" else "trees")
        assert scorer.engines.choice.how == ("default" if engine == "auto" else "configured")


TOLERANT = RuntimePolicy(engine="auto", engine_tolerance=0.0)


def test_onnxruntime_takes_part_where_a_tolerance_is_set(tmp_path: Path, expected_engine: str) -> None:
    if expected_engine != "trees":
        pytest.skip("what is converted to ONNX are the tree engine's trees")
    scorer = loaded(tmp_path, model_text("binary"), TOLERANT)
    assert scorer.engines.names == (TREES, ONNX, ROW, LIGHTGBM)
    assert scorer.engine == TREES
    assert [scorer.make_ready(name) for name in scorer.engines.names] == [None] * 4
    scorer.engines.settle(always(ONNX, "measured"))
    assert scorer.predict(ROWS).tobytes() == Booster(model_text("binary")).predict(ROWS).tobytes()


@pytest.mark.parametrize("policy", [AUTO, RuntimePolicy(engine="own", engine_tolerance=0.0)])
def test_elsewhere_it_takes_no_part(tmp_path: Path, policy: RuntimePolicy) -> None:
    assert ONNX not in loaded(tmp_path, model_text("binary"), policy).engines.names


def test_lightgbm_s_copy_is_there_where_it_scores_and_else_made_when_it_is_needed(
    tmp_path: Path, expected_engine: str
) -> None:
    scorer = loaded(tmp_path, model_text("binary"), AUTO)
    booster = Booster(model_text("binary"))
    assert scorer.contributions(ROWS).tobytes() == booster.contributions(ROWS).tobytes()
    scorer.engines.settle(Choice((ROW, scorer.engine, scorer.engine, scorer.engine), "measured"))
    (tmp_path / "model.txt").unlink()
    assert scorer.predict(ROWS[:1]).tobytes() == booster.predict(ROWS[:1]).tobytes()
    scorer.engines.settle(always(scorer.engines.choice.engines[1], "measured"))
    assert scorer.predict(ROWS).tobytes() == booster.predict(ROWS).tobytes()
    if expected_engine == "trees":
        with pytest.raises(BoosterError, match=r"can't read model\.txt"):
            scorer.contributions(ROWS)


def test_a_file_that_was_changed_since_it_was_loaded_is_not_read_for_another_engine(
    tmp_path: Path, expected_engine: str
) -> None:
    scorer = loaded(tmp_path, model_text("regression"), RuntimePolicy(engine="auto", proved=("model.txt",)))
    expected = scorer.predict(ROWS).tobytes()
    (tmp_path / "model.txt").write_bytes(model_text("binary"))
    if expected_engine == "trees":
        for name in (ROW, LIGHTGBM):
            with pytest.raises(BoosterError, match=r"model\.txt was changed since it was loaded"):
                scorer.make_ready(name)
    assert scorer.predict(ROWS).tobytes() == expected


@pytest.mark.parametrize("kind", ["binary", "multiclass", "categories"])
def test_what_was_proved_elsewhere_is_scored_by_the_tree_engine_at_once(
    tmp_path: Path, kind: str, expected_engine: str
) -> None:
    first = loaded(tmp_path, model_text(kind))
    assert first.proved == (("model.txt",) if expected_engine == "trees" else ())
    second = loaded(tmp_path, model_text(kind), RuntimePolicy(proved=first.proved))
    booster = Booster(model_text(kind))
    assert (second.features, second.outputs, second.trees) == (booster.features, booster.outputs, booster.trees)
    assert second.engine == expected_engine
    assert second.predict(ROWS).tobytes() == booster.predict(ROWS).tobytes()
    assert second.text == model_text(kind).decode()


def test_what_lightgbm_scores_is_not_said_to_be_proved(tmp_path: Path) -> None:
    assert loaded(tmp_path, linear_text()).proved == ()
    assert loaded(tmp_path, model_text("binary"), RuntimePolicy(tree_engine="lightgbm")).proved == ()


@pytest.mark.parametrize("rows", [np.zeros((2, 3)), np.zeros(FEATURES), np.zeros((2, FEATURES), dtype="i4")])
def test_rows_of_another_shape_are_refused(tmp_path: Path, rows: np.ndarray) -> None:
    scorer = loaded(tmp_path, model_text("binary"))
    for ask in (scorer.predict, scorer.leaves):
        with pytest.raises(BoosterError, match=r"expected float32 or float64 \[-1, 5\]"):
            ask(rows)
