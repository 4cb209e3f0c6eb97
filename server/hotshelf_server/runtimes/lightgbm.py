"""LightGBM models in their text format.

Inputs, as the signature has them, either

- one matrix ``input``, FP32 or FP64 [-1, features], with categories as their codes, NaN where a value is missing; or
- one tensor [-1] or [-1, 1] for each feature, by the feature's name and in any order, of numbers or truth values. Where
  the spec has categories, callers send these (texts as BYTES) and not codes. A value that is none of them counts as
  missing, and so does a whole input that is optional and left out.

Outputs, as the signature names them, and no others are computed:

- ``prediction`` (on the objective's scale) and ``raw_score``: FP64, [-1] or [-1, classes];
- ``leaf_index``: INT32 [-1, trees], the leaf of each tree;
- ``contributions``: FP64 [-1, features + 1], the features' SHAP values and last the expected raw score, or
  [-1, classes * (features + 1)] class by class: what ``pred_contrib`` gives in LightGBM's own package.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from hotshelf_server.core.engines import Choice
from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Array, Parameters, Response, Signature, Tensors, TensorSpec
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.feature_columns import FeatureColumns
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.scorer import Scorer, load_scorer
from hotshelf_server.runtimes.scoring import Engine

FILE = "model.txt"
LIBRARIES = ("lightgbm",)
INPUT = "input"

SCORES: Mapping[str, Callable[[Scorer | Engine, Array, int], Array]] = {
    "prediction": lambda scorer, rows, threads: scorer.predict(rows, threads=threads),
    "raw_score": lambda scorer, rows, threads: scorer.predict(rows, raw=True, threads=threads),
    "leaf_index": lambda scorer, rows, threads: scorer.leaves(rows, threads=threads),
}
"""How outputs that an engine can give are computed, from rows and a number of threads."""

OUTPUTS: Mapping[str, Callable[[Scorer, Array, int], Array]] = {
    **SCORES,
    "contributions": lambda scorer, rows, threads: scorer.contributions(rows, threads=threads),
}
"""How each output that can be asked for is computed, from a scorer, rows and a number of threads."""


class LightgbmServable:
    """A booster, and how the inputs become its rows."""

    def __init__(self, scorer: Scorer, signature: Signature, threads: int, rows_of: Callable[[Tensors], Array]) -> None:
        self._scorer = scorer
        self._threads = threads
        self._rows_of = rows_of
        self._outputs = {spec.name: OUTPUTS[spec.name] for spec in signature.outputs}
        # Held, or else each call would make it anew.
        self._explainer = scorer.library() if "contributions" in self._outputs else None
        self.signature = signature
        self.row_by_row = True
        """Trees are summed for each row by itself, and so are contributions. Engines of which it is no matter of
        course, since they aren't equal to the last bit, compute where it was proved."""

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:  # noqa: ARG002 - takes no parameters
        """Score the rows, once for each output of the signature.

        Raises `InvalidInput` for columns of unequal length.
        """
        rows = self._rows_of(inputs)
        return Response({name: compute(self._scorer, rows, self._threads) for name, compute in self._outputs.items()})

    @property
    def proved(self) -> Sequence[str]:
        """The model's file, where the tree engine is known to be equal."""
        return self._scorer.proved

    @property
    def candidates(self) -> Sequence[str]:
        """The scorer's engines."""
        return self._scorer.engines.names

    @property
    def choice(self) -> Choice:
        """Which of them score. Contributions are LightGBM's in any case."""
        return self._scorer.engines.choice

    @property
    def tolerance(self) -> float | None:
        """What the model's settings say."""
        return self._scorer.tolerance

    def make_ready(self, engine: str) -> float | None:
        """Make an engine that doesn't compute yet. Raises `HotshelfError` where it can't take this model."""
        return self._scorer.make_ready(engine)

    def predict_with(self, engine: str, inputs: Tensors) -> Response:
        """Score the rows by one of them."""
        rows, scorer = self._rows_of(inputs), self._scorer.engines.named(engine)
        return Response({name: SCORES[name](scorer, rows, self._threads) for name in self._outputs if name in SCORES})

    def settle(self, choice: Choice) -> None:
        """Score by a choice, and give up other engines, LightGBM's copy of the model among them."""
        self._scorer.engines.settle(choice)

    def close(self) -> None:
        """Nothing but memory is held."""


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> LightgbmServable:
    """Load ``model.txt``, or the file that option ``file`` names."""
    path = folder / options.get("file", FILE)
    try:
        scorer = load_scorer(path, policy)
    except BoosterError as error:
        raise BadBundle(f"{path.name} is no LightGBM text model: {error}") from error
    _check_outputs(scorer, signature)
    servable = LightgbmServable(scorer, signature, policy.threads, _reader(scorer, signature))
    _try(scorer, servable.signature)
    return servable


def derive(booster: Booster | Scorer, datatype: str = "FP64") -> Signature:
    """The whole signature of a booster that takes a matrix."""
    shape = (-1,) if booster.outputs == 1 else (-1, booster.outputs)
    return Signature(
        (TensorSpec(INPUT, datatype, (-1, booster.features)),),
        (
            TensorSpec("prediction", "FP64", shape),
            TensorSpec("raw_score", "FP64", shape),
            TensorSpec("leaf_index", "INT32", (-1, booster.trees)),
            TensorSpec("contributions", "FP64", (-1, booster.outputs * (booster.features + 1))),
        ),
    )


def _reader(scorer: Scorer, signature: Signature) -> Callable[[Tensors], Array]:
    """What makes rows of the inputs. Raises `BadBundle` for inputs that aren't the model's."""
    matrices = {derive(scorer, datatype).inputs for datatype in ("FP32", "FP64")}
    if signature.inputs in matrices:
        return _matrix
    return FeatureColumns(signature.inputs, scorer.text)


def _matrix(inputs: Tensors) -> Array:
    return inputs[INPUT]


def _check_outputs(scorer: Scorer, said: Signature) -> None:
    derived = derive(scorer)
    if not said.outputs or not set(said.outputs) <= set(derived.outputs):
        raise BadBundle(f"signature says outputs {said.outputs}, the model gives {derived.outputs}")


def _try(scorer: Scorer, signature: Signature) -> None:
    """Compute each output for one row. Raises `BadBundle` for what this model can't give, as SHAP of linear trees."""
    row = np.zeros((1, scorer.features))
    for spec in signature.outputs:
        try:
            OUTPUTS[spec.name](scorer, row, 1)
        except BoosterError as error:
            raise BadBundle(f"signature says output {spec.name!r}, which the model can't give: {error}") from error
