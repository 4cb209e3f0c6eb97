"""scikit-learn pipelines come in by skops alone, and only with types that the server trusts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Response
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_store import Manifest, Signature, TensorSpec
from tests.fakes.bundles import ROWS

POLICY = RuntimePolicy()
LABELS = np.where(ROWS[:, 0] > 0.5, "yes", "no")
MATRIX = [TensorSpec(name="input", datatype="FP64", shape=[-1, 3])]


def shift(rows: Any) -> Any:
    """A user's function."""
    return rows + 1


def saved(folder: Path, estimator: Any, outputs: dict[str, tuple[str, list[int]]]) -> Manifest:
    """Save an estimator and describe it."""
    skops.io.dump(estimator, folder / "model.skops")
    specs = [TensorSpec(name=name, datatype=datatype, shape=shape) for name, (datatype, shape) in outputs.items()]
    return Manifest(runtime="sklearn", signature=Signature(inputs=MATRIX, outputs=specs))


@pytest.mark.parametrize("estimator", [LogisticRegression(), RandomForestClassifier(5, random_state=0)])
def test_each_output_is_a_method_of_the_pipeline(tmp_path: Path, estimator: Any) -> None:
    pipeline = make_pipeline(StandardScaler(), estimator).fit(ROWS, LABELS)
    manifest = saved(tmp_path, pipeline, {"predict": ("BYTES", [-1]), "predict_proba": ("FP64", [-1, 2])})
    answer = load(tmp_path, manifest, POLICY).predict({"input": ROWS}, {})
    assert isinstance(answer, Response)
    assert [label.decode() for label in answer.outputs["predict"]] == list(pipeline.predict(ROWS))
    np.testing.assert_array_equal(answer.outputs["predict_proba"], pipeline.predict_proba(ROWS))


def test_features_may_come_as_a_tensor_each(tmp_path: Path) -> None:
    model = LogisticRegression().fit(ROWS, LABELS == "yes")
    manifest = saved(tmp_path, model, {"decision_function": ("FP64", [-1])})
    columns = [TensorSpec(name=f"f{number}", datatype="FP64", shape=[-1]) for number in range(3)]
    manifest.signature.CopyFrom(Signature(inputs=columns, outputs=manifest.signature.outputs))
    answer = load(tmp_path, manifest, POLICY).predict({f"f{n}": ROWS[:, n] for n in range(3)}, {})
    assert isinstance(answer, Response)
    np.testing.assert_array_equal(answer.outputs["decision_function"], model.decision_function(ROWS))


def test_a_user_s_function_is_refused_by_name(tmp_path: Path) -> None:
    pipeline = make_pipeline(FunctionTransformer(shift), LogisticRegression()).fit(ROWS, LABELS)
    manifest = saved(tmp_path, pipeline, {"predict": ("BYTES", [-1])})
    with pytest.raises(BadBundle, match=r"types that this server doesn't trust: .*shift"):
        load(tmp_path, manifest, POLICY)


def test_a_method_that_the_model_lacks_is_refused(tmp_path: Path) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS, LABELS), {"transform": ("FP64", [-1])})
    with pytest.raises(BadBundle, match="signature says output 'transform', the model gives predict, predict_proba"):
        load(tmp_path, manifest, POLICY)


def test_a_signature_with_other_features_is_refused(tmp_path: Path) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS[:, :2], LABELS), {"predict": ("BYTES", [-1])})
    with pytest.raises(BadBundle, match="signature says 3 features, the model takes 2"):
        load(tmp_path, manifest, POLICY)


def test_a_pickle_is_no_skops_file(tmp_path: Path) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS, LABELS), {"predict": ("BYTES", [-1])})
    (tmp_path / "model.skops").write_bytes(b"\x80\x04N.")
    with pytest.raises(BadBundle, match=r"model\.skops can't be loaded"):
        load(tmp_path, manifest, POLICY)
