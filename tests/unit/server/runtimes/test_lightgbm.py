"""LightGBM text models answer as the library does."""

from pathlib import Path

import lightgbm
import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.interfaces import Choosing, Proving
from hotshelf_server.core.types import Response
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_store import Manifest, Signature, TensorSpec
from tests.fakes.bundles import ROWS, lightgbm_bundle, prediction

POLICY = RuntimePolicy()


def test_predictions_are_the_library_s_to_the_bit(tmp_path: Path) -> None:
    servable = load(tmp_path, lightgbm_bundle(tmp_path), POLICY)
    answer = servable.predict({"input": ROWS}, {})
    assert isinstance(answer, Response)
    assert answer.outputs["prediction"].tobytes() == prediction(3).tobytes()


def test_no_rows_are_answered_with_none(tmp_path: Path) -> None:
    answer = load(tmp_path, lightgbm_bundle(tmp_path), POLICY).predict({"input": ROWS[:0]}, {})
    assert isinstance(answer, Response)
    assert answer.outputs["prediction"].shape == (0,)


def test_a_multiclass_model_gives_a_column_for_each_class_and_raw_scores(tmp_path: Path) -> None:
    labels = (ROWS[:, 0] * 3).astype(int)
    parameters = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 2}
    booster = lightgbm.train(parameters, lightgbm.Dataset(ROWS, labels), 2)
    booster.save_model(tmp_path / "model.txt")
    outputs = [TensorSpec(name=name, datatype="FP64", shape=[-1, 3]) for name in ("prediction", "raw_score")]
    inputs = [TensorSpec(name="input", datatype="FP32", shape=[-1, 3])]
    servable = load(tmp_path, Manifest(runtime="lightgbm", signature=Signature(inputs=inputs, outputs=outputs)), POLICY)
    answer = servable.predict({"input": ROWS.astype("f4")}, {})
    assert isinstance(answer, Response)
    np.testing.assert_allclose(answer.outputs["prediction"].sum(axis=1), 1.0)
    expected = np.asarray(booster.predict(ROWS.astype("f4"), raw_score=True))
    np.testing.assert_array_equal(answer.outputs["raw_score"], expected)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([("input", "FP64", [-1, 4])], [("prediction", "FP64", [-1])]),
        ([("x", "FP64", [-1, 3])], [("prediction", "FP64", [-1])]),
        ([("input", "INT64", [-1, 3])], [("prediction", "FP64", [-1])]),
        ([("input", "FP64", [-1, 3])], [("probability", "FP64", [-1])]),
        ([("input", "FP64", [-1, 3])], [("prediction", "FP32", [-1])]),
        ([("input", "FP64", [-1, 3])], []),
        ([], [("prediction", "FP64", [-1])]),
    ],
)
def test_a_signature_that_is_not_the_model_s_is_refused(
    tmp_path: Path, inputs: list[tuple[str, str, list[int]]], outputs: list[tuple[str, str, list[int]]]
) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.signature.CopyFrom(
        Signature(
            inputs=[TensorSpec(name=name, datatype=datatype, shape=shape) for name, datatype, shape in inputs],
            outputs=[TensorSpec(name=name, datatype=datatype, shape=shape) for name, datatype, shape in outputs],
        )
    )
    with pytest.raises(BadBundle, match="signature says"):
        load(tmp_path, manifest, POLICY)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    manifest = lightgbm_bundle(tmp_path)
    (tmp_path / "model.txt").write_text("not a tree in sight")
    with pytest.raises(BadBundle, match=r"model\.txt is no LightGBM text model"):
        load(tmp_path, manifest, POLICY)


def test_an_unknown_runtime_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(BadBundle, match="runtime 'torch': expected one of lightgbm, sklearn"):
        load(tmp_path, Manifest(runtime="torch"), POLICY)


AUTO = RuntimePolicy(engine="auto")


def test_each_engine_gives_every_output_but_contributions(tmp_path: Path) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.signature.outputs.append(TensorSpec(name="contributions", datatype="FP64", shape=[-1, 4]))
    servable = load(tmp_path, manifest, AUTO)
    assert isinstance(servable, Choosing)
    for engine in servable.candidates:
        answer = servable.predict_with(engine, {"input": ROWS})
        assert isinstance(answer, Response)
        assert list(answer.outputs) == ["prediction"]
        assert answer.outputs["prediction"].tobytes() == prediction(3).tobytes()
    servable.settle(servable.choice)
    explained = servable.predict({"input": ROWS}, {})
    assert isinstance(explained, Response)
    assert explained.outputs["contributions"].shape == (len(ROWS), 4)


def test_an_engine_that_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    servable = load(tmp_path, lightgbm_bundle(tmp_path), AUTO)
    assert isinstance(servable, Choosing)
    with pytest.raises(KeyError):
        servable.predict_with("another", {"input": ROWS})


def test_a_servable_tells_the_file_of_which_it_has_proved_something(tmp_path: Path) -> None:
    servable = load(tmp_path, lightgbm_bundle(tmp_path), AUTO)
    assert isinstance(servable, Choosing)
    expected = ["model.txt"] if "trees" in servable.choice.engines else []
    assert isinstance(servable, Proving)
    assert list(servable.proved) == expected


def test_a_model_that_explains_explains_whatever_computes_its_scores(tmp_path: Path) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.signature.outputs.append(TensorSpec(name="contributions", datatype="FP64", shape=[-1, 4]))
    servable = load(tmp_path, manifest, RuntimePolicy(engine="auto", engine_tolerance=0.0))
    assert isinstance(servable, Choosing)
    assert servable.tolerance == 0.0
    for name in servable.candidates:
        assert servable.make_ready(name) is None
        assert isinstance(servable.predict_with(name, {"input": ROWS}), Response)
    servable.settle(servable.choice)
    (tmp_path / "model.txt").unlink()  # LightGBM's copy is held
    assert isinstance(servable.predict({"input": ROWS}, {}), Response)
