"""scikit-learn estimators and pipelines saved by skops: no pickle, and a list of types that the server trusts.

Inputs: one matrix [-1, features], or one tensor [-1] or [-1, 1] for each feature. An estimator that was fitted on a
DataFrame gets its columns by name: each input is the column of that name, in the type of its datatype, and those of a
matrix are the estimator's in their order. Columns that a ColumnTransformer drops at once may be left out of the
signature. BYTES are UTF-8 text, which the estimator gets as ``str``: what it learned from. Where the spec has
categories, the column is a pandas ``Categorical`` of exactly these, and a value that is none of them is missing.

Outputs, as the signature names them: ``predict``, ``predict_proba``, ``decision_function``, ``transform``,
``score_samples``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import skops.io

from hotshelf_server.core.engines import Choice, How
from hotshelf_server.core.errors import BadBundle, ModelFault
from hotshelf_server.core.types import Array, Parameters, Response, Signature, Tensors
from hotshelf_server.runtimes.engines import Engines
from hotshelf_server.runtimes.estimator_methods import Methods
from hotshelf_server.runtimes.estimator_rows import Rows, reader
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.skops_boosters import BOOSTER, check_boosters
from hotshelf_store.tensors import DTYPES

FILE = "model.skops"
LIBRARIES = ("scikit-learn", "lightgbm")
"""LightGBM where the model holds some of it. skops is left out: it reads the files of its older releases."""
METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")

TRUSTED_TYPES = frozenset(
    {
        "collections.OrderedDict",
        "functools.partial",
        BOOSTER,
        "lightgbm.sklearn.LGBMClassifier",
        "lightgbm.sklearn.LGBMRanker",
        "lightgbm.sklearn.LGBMRegressor",
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils.validation.check_array",
    }
)
"""Types beyond skops' own list that are data, not code. Functions of a user never belong here.

``partial`` binds arguments to a function that must be trusted itself; gradient boosting keeps ``check_array`` in one.
"""


class SklearnServable:
    """An estimator; each output is one of its methods.

    Its engines are compiled methods, where all of them are proved equal, and scikit-learn itself.
    """

    def __init__(self, methods: Methods, signature: Signature, rows_of: Rows, how: How) -> None:
        self._rows_of = rows_of
        self._datatypes = {spec.name: spec.datatype for spec in signature.outputs}
        makers = methods.engines
        self._engines = Engines(makers, next(iter(makers)), how)
        self.signature = signature
        self.row_by_row = methods.row_by_row

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:  # noqa: ARG002 - takes no parameters
        """Call the method behind each output of the signature.

        Raises `InvalidInput` for rows that the estimator refuses, such as none, or NaN where it takes none.
        """
        rows = self._rows_of(inputs)
        return self._answer(self._engines.of(len(rows))(rows))

    @property
    def candidates(self) -> Sequence[str]:
        """The engines that there are."""
        return self._engines.names

    @property
    def choice(self) -> Choice:
        """Which of them compute."""
        return self._engines.choice

    @property
    def tolerance(self) -> float | None:
        """None: compiled methods are proved equal at load, or there are none."""
        return None

    def make_ready(self, engine: str) -> float | None:  # noqa: ARG002 - none needs anything
        """All are."""
        return None

    def predict_with(self, engine: str, inputs: Tensors) -> Response:
        """Call the methods by one of them."""
        return self._answer(self._engines.named(engine)(self._rows_of(inputs)))

    def settle(self, choice: Choice) -> None:
        """Compute by a choice. The estimator stays: it answers rows that compiled methods don't take."""
        self._engines.settle(choice)

    def close(self) -> None:
        """Nothing but memory is held."""

    def _answer(self, found: Mapping[str, Any]) -> Response:
        try:
            return Response({name: _as_datatype(found[name], datatype) for name, datatype in self._datatypes.items()})
        except (ValueError, TypeError) as error:
            raise ModelFault(f"the model gives what its signature doesn't say: {error}") from error


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> SklearnServable:
    """Load ``model.skops``, or the file that option ``file`` names, if every type in it is trusted."""
    path = folder / options.get("file", FILE)
    estimator = load_trusted(path, policy)
    for spec in signature.outputs:
        if spec.name not in METHODS or not hasattr(estimator, spec.name):
            able = [method for method in METHODS if hasattr(estimator, method)]
            raise BadBundle(f"signature says output {spec.name!r}, the model gives {', '.join(able)}")
    methods = Methods(estimator, [spec.name for spec in signature.outputs], policy)
    how: How = "default" if policy.engine == "auto" else "configured"
    return SklearnServable(methods, signature, reader(estimator, signature), how)


def load_trusted(path: Path, policy: RuntimePolicy) -> Any:
    """The estimator in a skops file. Raises `BadBundle` naming every type that isn't trusted."""
    unknown = types_in(path)
    untrusted = sorted(unknown - TRUSTED_TYPES - set(policy.skops_types))
    if untrusted:
        raise BadBundle(
            f"{path.name} holds types that this server doesn't trust: {', '.join(untrusted)}; "
            "an operator may allow them with skops_types in the configuration"
        )
    with _refusing(path):
        if BOOSTER in unknown:
            check_boosters(path)
        return skops.io.load(path, trusted=sorted(unknown))


def types_in(path: Path) -> set[str]:
    """The types in a skops file that aren't on skops' own list. Raises `BadBundle`."""
    with _refusing(path):
        return set(skops.io.get_untrusted_types(file=path))


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever skops, or the classes that it builds, raise into a `BadBundle`."""
    try:
        yield
    except Exception as error:
        raise BadBundle(f"{path.name} can't be loaded: {type(error).__name__}: {error}") from error


def _as_datatype(values: Any, datatype: str) -> Array:
    array = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    if datatype != "BYTES":
        return array.astype(DTYPES[datatype], copy=False)
    labels = np.empty(array.shape, dtype=object)
    labels[...] = np.vectorize(lambda label: str(label).encode(), otypes=[object])(array) if array.size else array
    return labels
