"""The signature of a model: read from a file, or derived from the model itself."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import yaml
from google.protobuf import json_format

from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.loading import signature_of
from hotshelf_store import Manifest, Signature, TensorSpec
from hotshelf_store.golden import datatype_of
from hotshelf_trainer.foreign import goldens
from hotshelf_trainer.foreign.columns import Column, of_booster, of_estimator
from hotshelf_trainer.foreign.errors import Unpublishable
from hotshelf_trainer.foreign.kinds import FILES

if TYPE_CHECKING:
    from hotshelf_server.runtimes.booster import Booster

SAMPLE_ROWS = 2
"""Rows that a scikit-learn model is asked for, to see the datatype and shape of what it gives."""


def read(path: Path) -> Signature:
    """The signature in a YAML or JSON file. Raises `Unpublishable`, and `BadBundle` for an unknown datatype. ::

    inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]
    outputs: [{name: y, datatype: FP32, shape: [-1]}]
    """
    try:
        signature = json_format.ParseDict(yaml.safe_load(path.read_text(encoding="utf-8")), Signature())
    except (OSError, UnicodeDecodeError, yaml.YAMLError, json_format.ParseError, AttributeError, TypeError) as error:
        raise Unpublishable(
            f"signature {path}: expected inputs and outputs, each with name, datatype and shape: {error}"
        ) from error
    for kind, specs in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        names = [spec.name for spec in specs]
        if not names or len(set(names)) < len(names):
            raise Unpublishable(f"signature {path}: expected {kind} with names of their own, found {names}")
    signature_of(Manifest(signature=signature))
    return signature


def derive(runtime: str, folder: Path, policy: RuntimePolicy) -> Signature:
    """The signature of the model in a bundle's folder. Raises `Unpublishable`, and `BadBundle` for a broken file."""
    path = folder / FILES.get(runtime, "")
    match runtime:
        case "lightgbm":
            return _of_lightgbm(path)
        case "onnx":
            return _of_onnx(path, policy)
        case "sklearn":
            return _of_estimator(_trusted(path, policy), path)
    raise Unpublishable(f"a model of runtime {runtime} doesn't tell its signature; give it with --signature FILE")


def columns(runtime: str, folder: Path, policy: RuntimePolicy) -> list[Column]:
    """What the model in a bundle's folder tells of its columns; nothing where it can't."""
    path = folder / FILES.get(runtime, "")
    if not path.is_file():
        return []
    match runtime:
        case "lightgbm":
            return of_booster(_booster(path).text)
        case "sklearn":
            return of_estimator(_trusted(path, policy))
    return []


class _Spec(Protocol):
    """One tensor as the runtimes describe it."""

    @property
    def name(self) -> str: ...
    @property
    def datatype(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...


def _of_lightgbm(path: Path) -> Signature:
    """One tensor a feature for a model that was trained from columns of categories, one matrix otherwise."""
    from hotshelf_server.runtimes import lightgbm as runtime  # noqa: PLC0415 - only what this model needs

    booster = _booster(path)
    derived = runtime.derive(booster)
    # One pass over the trees: the other outputs are there for those who ask for them in a signature of their own.
    signature = _message(derived.inputs, [spec for spec in derived.outputs if spec.name == "prediction"])
    features = of_booster(booster.text)
    if any(feature.categorical for feature in features):
        return Signature(inputs=[feature.spec() for feature in features], outputs=signature.outputs)
    return signature


def _booster(path: Path) -> "Booster":
    from hotshelf_server.runtimes.booster import Booster, BoosterError  # noqa: PLC0415 - as above

    try:
        return Booster.load(path)
    except BoosterError as error:
        raise Unpublishable(f"{path.name} is no LightGBM text model: {error}") from error


def _of_onnx(path: Path, policy: RuntimePolicy) -> Signature:
    try:
        runtime = import_module("hotshelf_server.runtimes.onnx")
    except ModuleNotFoundError as error:
        raise Unpublishable(
            f"an ONNX model needs {error.name}, which isn't installed: pip install 'hotshelf[onnx]'"
        ) from error
    derived = runtime.derive(runtime.open_session(path, policy.threads))
    return _message(derived.inputs, derived.outputs)


def _trusted(path: Path, policy: RuntimePolicy) -> Any:
    from hotshelf_server.runtimes.sklearn import load_trusted  # noqa: PLC0415 - as above

    return load_trusted(path, policy)


def of_answers(estimator: Any, rows: Any, name: str) -> Signature:
    """The signature of an estimator that was fitted on named columns, by what it answers for some rows.

    For those that refuse random rows, such as NMF, which takes nothing below 0. ``name`` is the model's, in errors.
    """
    inputs = [column.spec() for column in of_estimator(estimator)]
    return Signature(inputs=inputs, outputs=_outputs(estimator, rows, name))


def _of_estimator(estimator: Any, path: Path) -> Signature:
    """One tensor a feature for a model that was fitted on named columns, one matrix otherwise."""
    known = of_estimator(estimator)
    features = int(getattr(estimator, "n_features_in_", 0))
    if not features:
        raise Unpublishable(f"{path.name} doesn't tell how many features it takes; give --signature FILE")
    inputs = [column.spec() for column in known] or [TensorSpec(name="input", datatype="FP64", shape=[-1, features])]
    rows = _sample(estimator, Signature(inputs=inputs), known)
    return Signature(inputs=inputs, outputs=_outputs(estimator, rows, path.name))


def _sample(estimator: Any, signature: Signature, known: Sequence[Column]) -> Any:
    """Rows as the runtime will make them, of values that the model knows."""
    from hotshelf_server.runtimes.estimator_rows import reader  # noqa: PLC0415 - as above

    return reader(estimator, signature_of(Manifest(signature=signature)))(
        goldens.request(signature, SAMPLE_ROWS, known)
    )


def _outputs(estimator: Any, rows: Any, name: str) -> list[TensorSpec]:
    if not (methods := _methods(estimator)):
        raise Unpublishable(f"{name} holds a {type(estimator).__name__}, which neither predicts nor transforms")
    return [_output(estimator, method, rows, name) for method in methods]


def _methods(estimator: Any) -> list[str]:
    """What callers of such a model want: a classifier's probabilities, how far each cluster is, or columns."""
    if hasattr(estimator, "predict"):
        wanted = ["predict_proba", "decision_function", *(["transform"] if _clusters(estimator) else [])]
        second = (method for method in wanted if hasattr(estimator, method))
        return ["predict", *list(second)[:1]]
    return [method for method in ("transform", "score_samples") if hasattr(estimator, method)][:1]


def _clusters(estimator: Any) -> bool:
    from sklearn.base import is_clusterer  # noqa: PLC0415 - as above

    return bool(is_clusterer(estimator))


def _output(estimator: Any, method: str, rows: Any, name: str) -> TensorSpec:
    try:
        found = getattr(estimator, method)(rows)
    except (AttributeError, ValueError, TypeError) as error:
        raise Unpublishable(
            f"{name}: {method} refuses what its columns seem to be ({error}); say what it takes with --signature FILE"
        ) from error
    array = found.toarray() if hasattr(found, "toarray") else np.asarray(found)
    numeric = array.dtype.kind in "biuf"
    return TensorSpec(name=method, datatype=datatype_of(array) if numeric else "BYTES", shape=[-1, *array.shape[1:]])


def _message(inputs: "tuple[_Spec, ...] | list[_Spec]", outputs: "tuple[_Spec, ...] | list[_Spec]") -> Signature:
    def spec(one: _Spec) -> TensorSpec:
        return TensorSpec(name=one.name, datatype=one.datatype, shape=one.shape)

    return Signature(inputs=map(spec, inputs), outputs=map(spec, outputs))
