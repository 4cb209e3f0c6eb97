"""Golden requests for a model that comes without any: from a file, or made from its signature."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotshelf_server.runtimes import TensorSpec
from hotshelf_server.runtimes.categories import Categories
from hotshelf_server.runtimes.loading import signature_of
from hotshelf_store import Manifest, Signature
from hotshelf_store.golden import Golden, GoldenCase
from hotshelf_store.tensors import DTYPES, Array
from hotshelf_trainer.foreign.columns import Column
from hotshelf_trainer.foreign.errors import Unpublishable

SEED = 20_170_101
BATCHES = (1, 2, 7, 32)
"""Rows of the requests that are made; uneven, so that a model of a fixed batch shows itself."""
FREE_SIZE = 4
"""Size of a free dimension that is not the batch."""

EXACT = {"lightgbm"}
RELATIVE, ABSOLUTE = 1e-4, 1e-6
"""Tolerance of all other runtimes: their linear algebra differs in the last bits between CPUs."""


class CaseFile(BaseModel):
    """One request of a golden file; outputs that are given must be what the model answers."""

    model_config = ConfigDict(extra="forbid")

    inputs: dict[str, Any]
    outputs: dict[str, Any] = {}
    parameters: dict[str, bool | int | float | str] = {}


class GoldenFile(BaseModel):
    """The content of a golden file."""

    model_config = ConfigDict(extra="forbid")

    cases: list[CaseFile] = Field(min_length=1)
    relative_tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    absolute_tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)


def read(path: Path, signature: Signature, runtime: str) -> Golden:
    """The golden requests in a JSON file, typed by the signature. Raises `Unpublishable`. ::

    {"cases": [{"inputs": {"x": [[1, 2]]}, "outputs": {"y": [3]}, "parameters": {}}], "relative_tolerance": 1e-6}
    """
    try:
        found = GoldenFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Unpublishable(f"golden file {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise Unpublishable(f"golden file {path}: {where}: {first['msg']}") from error
    cases = [
        GoldenCase(
            inputs=_arrays(case.inputs, signature.inputs, f"golden file {path}: case {number}: input"),
            outputs=_arrays(case.outputs, signature.outputs, f"golden file {path}: case {number}: output"),
            parameters=case.parameters,
        )
        for number, case in enumerate(found.cases)
    ]
    relative, absolute = _tolerances(runtime)
    return Golden(
        tuple(cases),
        relative if found.relative_tolerance is None else found.relative_tolerance,
        absolute if found.absolute_tolerance is None else found.absolute_tolerance,
    )


def make(signature: Signature, runtime: str, columns: Sequence[Column] = ()) -> Golden:
    """Requests of random content that fit the signature: always the same ones for the same signature and columns.

    ``columns``: what the model tells of them; those whose values it knows get these.
    """
    cases = [GoldenCase(inputs=request(signature, rows, columns), outputs={}) for rows in BATCHES]
    return Golden(tuple(cases), *_tolerances(runtime))


def request(signature: Signature, rows: int, columns: Sequence[Column] = ()) -> dict[str, Array]:
    """The inputs of one such request, of so many rows."""
    random = np.random.default_rng([SEED, rows])
    values = {column.name: column.values for column in columns}
    return {
        spec.name: _random(spec, rows, Categories(spec).values or values.get(spec.name, ()), random)
        for spec in signature_of(Manifest(signature=signature)).inputs
    }


def _tolerances(runtime: str) -> tuple[float, float]:
    return (0.0, 0.0) if runtime in EXACT else (RELATIVE, ABSOLUTE)


def _random(spec: TensorSpec, rows: int, values: Sequence[Any], random: np.random.Generator) -> Array:
    """A tensor of these values; of any values of its datatype where none are given."""
    free = [rows, *[FREE_SIZE] * len(spec.shape)]
    shape = tuple(free[place] if size == -1 else size for place, size in enumerate(spec.shape))
    dtype = DTYPES[spec.datatype]
    if values or spec.datatype == "BYTES":
        words = values or ["", "a", "shelf", "ünder"]
        array = np.empty(shape, dtype=dtype)
        picked = [words[place] for place in random.integers(0, len(words), array.size)]
        array.reshape(-1)[:] = [word.encode() for word in picked] if spec.datatype == "BYTES" else picked
        return array
    if spec.datatype == "BF16":
        return (random.normal(size=shape).astype("<f4").view("<u4") >> 16).astype(dtype)
    if dtype.kind == "f":
        # Of every size from hundredths to thousands, as features are.
        return (random.normal(size=shape) * 10 ** random.uniform(-2, 3, size=shape)).astype(dtype)
    return random.integers(0, 2 if dtype.kind == "b" else 10, size=shape).astype(dtype)


def _arrays(given: Mapping[str, Any], specs: Any, where: str) -> dict[str, Array]:
    known = {spec.name: spec for spec in specs}
    arrays = {}
    for name, value in given.items():
        if name not in known:
            raise Unpublishable(f"{where} {name!r} is not in the signature; expected {', '.join(known)}")
        try:
            arrays[name] = _array(value, known[name].datatype)
        except (ValueError, TypeError, OverflowError) as error:
            raise Unpublishable(f"{where} {name!r}: expected {known[name].datatype}: {error}") from error
    return arrays


def _array(value: Any, datatype: str) -> Array:
    dtype = DTYPES[datatype]
    if datatype == "BYTES":
        texts = np.array(value, dtype=object)
        array = np.empty(texts.shape, dtype=object)
        array.ravel()[:] = [_encoded(text) for text in texts.ravel()]
        return array
    found = np.array(value).dtype.kind if np.size(value) else dtype.kind
    # NumPy would cut 1.5 to 1, and take 2 for true.
    if (dtype.kind in "iu" and found not in "iu") or (dtype.kind == "b" and found != "b"):
        raise ValueError(f"found {value!r}")
    return np.array(value, dtype=dtype)


def _encoded(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"found {text!r}")
    return text.encode()
