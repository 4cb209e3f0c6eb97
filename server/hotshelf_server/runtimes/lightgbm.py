"""LightGBM models in their text format.

Input ``input`` FP32 or FP64 [-1, features]; outputs, as the signature names them: ``prediction`` (on the objective's
scale) and ``raw_score``, both FP64, [-1] or [-1, classes].
"""

from collections.abc import Mapping
from pathlib import Path

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Parameters, Response, Signature, Tensors, TensorSpec
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.policy import RuntimePolicy

FILE = "model.txt"
LIBRARIES = ("lightgbm",)
INPUT = "input"
OUTPUTS = {"prediction": False, "raw_score": True}
"""Each output that can be asked for, and whether it is the raw score."""


class LightgbmServable:
    """A booster."""

    def __init__(self, booster: Booster, signature: Signature, threads: int) -> None:
        self._booster = booster
        self._threads = threads
        self.signature = signature

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:  # noqa: ARG002 - takes no parameters
        """Score the rows, once for each output of the signature."""
        rows = inputs[INPUT]
        names = [spec.name for spec in self.signature.outputs]
        return Response({name: self._booster.predict(rows, raw=OUTPUTS[name], threads=self._threads) for name in names})

    def close(self) -> None:
        """Nothing but memory is held."""


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> LightgbmServable:
    """Load ``model.txt``, or the file that option ``file`` names."""
    path = folder / options.get("file", FILE)
    try:
        booster = Booster.load(path)
    except BoosterError as error:
        raise BadBundle(f"{path.name} is no LightGBM text model: {error}") from error
    _check(signature, derive(booster, signature.inputs[0].datatype if signature.inputs else "FP64"))
    return LightgbmServable(booster, signature, policy.threads)


def derive(booster: Booster, datatype: str = "FP64") -> Signature:
    """The whole signature of a booster."""
    shape = (-1,) if booster.outputs == 1 else (-1, booster.outputs)
    return Signature(
        (TensorSpec(INPUT, datatype, (-1, booster.features)),),
        tuple(TensorSpec(name, "FP64", shape) for name in OUTPUTS),
    )


def _check(said: Signature, derived: Signature) -> None:
    if said.inputs != derived.inputs or said.inputs[0].datatype not in ("FP32", "FP64"):
        raise BadBundle(f"signature says inputs {said.inputs}, the model takes {derived.inputs} (FP32 or FP64)")
    if not said.outputs or not set(said.outputs) <= set(derived.outputs):
        raise BadBundle(f"signature says outputs {said.outputs}, the model gives {derived.outputs}")
