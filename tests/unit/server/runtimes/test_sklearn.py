"""scikit-learn pipelines come in by skops alone, and only with types that the server trusts."""

import gc
import weakref
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from hotshelf_server.core.engines import always
from hotshelf_server.core.errors import BadBundle, InvalidInput, ModelFault
from hotshelf_server.core.interfaces import Choosing, Servable
from hotshelf_server.core.types import Array, Response
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
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


@pytest.mark.parametrize(("engine", "candidates"), [("auto", 2), ("own", 2), ("library", 1)])
def test_compiled_methods_and_the_library_answer_alike(
    tmp_path: Path, engine: Literal["auto", "own", "library"], candidates: int
) -> None:
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, LABELS)
    manifest = saved(tmp_path, pipeline, {"predict": ("BYTES", [-1]), "predict_proba": ("FP64", [-1, 2])})
    servable = load(tmp_path, manifest, RuntimePolicy(engine=engine))
    assert isinstance(servable, Choosing)
    assert len(servable.candidates) == candidates
    assert servable.choice.engines[0] == ("scikit-learn" if engine == "library" else "compiled")
    expected = pipeline.predict_proba(ROWS).tobytes()
    for name in servable.candidates:
        servable.settle(always(name, "measured"))
        for answer in (servable.predict({"input": ROWS}, {}), servable.predict_with(name, {"input": ROWS})):
            assert isinstance(answer, Response)
            assert answer.outputs["predict_proba"].tobytes() == expected


@pytest.mark.parametrize(
    "estimator",
    [
        GradientBoostingClassifier(n_estimators=3, random_state=0),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=3),
        RandomForestClassifier(5, random_state=0, n_jobs=2),
        ExtraTreesClassifier(5, random_state=0),
    ],
    ids=lambda one: type(one).__name__,
)
def test_trees_that_come_in_by_skops_have_an_engine_of_ours(tmp_path: Path, estimator: Any) -> None:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
    estimator.fit(ROWS, LABELS)
    manifest = saved(tmp_path, estimator, {"predict": ("BYTES", [-1]), "predict_proba": ("FP64", [-1, 2])})
    servable = load(tmp_path, manifest, RuntimePolicy(engine="auto"))
    assert isinstance(servable, Choosing)
    assert servable.candidates == ("compiled", "scikit-learn")
    ours, theirs = (servable.predict_with(name, {"input": ROWS}).outputs for name in servable.candidates)
    assert ours["predict_proba"].tobytes() == theirs["predict_proba"].tobytes()
    assert ours["predict"].tolist() == theirs["predict"].tolist()


def test_what_is_not_compiled_in_all_its_outputs_has_one_engine(tmp_path: Path) -> None:
    estimator = KMeans(2, n_init=1, random_state=0).fit(ROWS)
    servable = load(
        tmp_path, saved(tmp_path, estimator, {"transform": ("FP64", [-1, 2])}), RuntimePolicy(engine="auto")
    )
    assert isinstance(servable, Choosing)
    assert servable.candidates == ("scikit-learn",)


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


COLOURS = np.array([["red"], ["green"], ["blué"]] * 8, dtype=object)
FRUITS = np.array(["apple", "pear", "plum"] * 8)


def in_bytes(texts: Array) -> Array:
    """Texts as BYTES hold them."""
    return np.array([[text.encode() for text in row] for row in texts], dtype=object)


@pytest.fixture
def of_colours(tmp_path: Path) -> Servable:
    """Learned from texts, and answers the most frequent label to those that it doesn't know."""
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(COLOURS, FRUITS)
    manifest = saved(tmp_path, pipeline, {"predict": ("BYTES", [-1])})
    manifest.signature.inputs[0].CopyFrom(TensorSpec(name="input", datatype="BYTES", shape=[-1, 1]))
    return load(tmp_path, manifest, POLICY)


def test_a_model_that_learned_from_texts_gets_texts(of_colours: Servable) -> None:
    answer = of_colours.predict({"input": in_bytes(COLOURS[:3])}, {})
    assert isinstance(answer, Response)
    assert list(answer.outputs["predict"]) == [b"apple", b"pear", b"plum"]


def test_bytes_that_are_no_text_are_refused(of_colours: Servable) -> None:
    with pytest.raises(InvalidInput, match="input 'input': expected texts in UTF-8"):
        of_colours.predict({"input": np.array([[b"\xff"]], dtype=object)}, {})


@pytest.mark.parametrize("rows", [np.full((1, 3), np.nan), np.empty((0, 3))])
def test_rows_that_the_model_refuses_are_the_caller_s_mistake(tmp_path: Path, rows: Array) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS, LABELS), {"predict": ("BYTES", [-1])})
    with pytest.raises(InvalidInput, match="the model refused the rows: "):
        load(tmp_path, manifest, POLICY).predict({"input": rows}, {})


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ((2, 1, 2), r"different numbers of rows \(f0 2, f1 1, f2 2\)"),
        ((2, 2), "input 'f2' is missing"),
    ],
)
def test_columns_that_make_no_matrix_are_the_caller_s_mistake(
    tmp_path: Path, lengths: tuple[int, ...], words: str
) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS, LABELS), {"predict": ("BYTES", [-1])})
    columns = [TensorSpec(name=f"f{number}", datatype="FP64", shape=[-1], optional=True) for number in range(3)]
    manifest.signature.CopyFrom(Signature(inputs=columns, outputs=manifest.signature.outputs))
    given = {f"f{number}": np.zeros(length) for number, length in enumerate(lengths)}
    with pytest.raises(InvalidInput, match=words):
        load(tmp_path, manifest, POLICY).predict(given, {})


def test_an_answer_of_another_type_than_the_signature_says_is_the_model_s_fault(tmp_path: Path) -> None:
    manifest = saved(tmp_path, LogisticRegression().fit(ROWS, LABELS), {"predict": ("FP64", [-1])})
    with pytest.raises(ModelFault, match="the model gives what its signature doesn't say"):
        load(tmp_path, manifest, POLICY).predict({"input": ROWS}, {})


def test_an_unloaded_version_is_held_by_nothing(tmp_path: Path) -> None:
    manifest = saved(tmp_path, StandardScaler().fit(ROWS), {"transform": ("FP64", [-1, 3])})
    servable = load(tmp_path, manifest, RuntimePolicy(engine="auto"))
    held = weakref.ref(servable)
    gc.disable()  # what is in a cycle would wait for a collection, and for ever after gc.freeze()
    try:
        del servable
        assert held() is None
    finally:
        gc.enable()
