"""Tensors and parameters as people type them: ``NAME=JSON`` or ``NAME=@FILE``."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_client.answers import ModelMetadata, Parameter, TensorSpec
from hotshelf_client.tensors import DTYPES, Array


class BadArgument(Exception):
    """An argument can't be what it should be; the message says what was expected."""


def tensors(given: Iterable[str], signature: ModelMetadata) -> dict[str, Array]:
    """The arrays of ``--input`` arguments. JSON takes the datatype of the model's input; a .npy file brings its own."""
    specs = {spec.name: spec for spec in signature.inputs}
    found: dict[str, Array] = {}
    for name, text in _pairs(given, "--input"):
        if name not in specs:
            raise BadArgument(f"{signature.name} has no input {name!r}; it takes {_described(signature.inputs)}")
        if name in found:
            raise BadArgument(f"input {name!r} is given twice")
        found[name] = _tensor(text, specs[name])
    return found


def parameters(given: Iterable[str]) -> dict[str, Parameter]:
    """The values of ``--parameter`` arguments: JSON where it is some, text otherwise."""
    return {name: _parameter(text) for name, text in _pairs(given, "--parameter")}


def _pairs(given: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    for argument in given:
        name, equals, text = argument.partition("=")
        if not name or not equals:
            raise BadArgument(f"{option}: expected NAME=VALUE, found {argument!r}")
        yield name, text


def _parameter(text: str) -> Parameter:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _tensor(text: str, spec: TensorSpec) -> Array:
    if not text.startswith("@"):
        return _from_json(text, spec)
    path = Path(text[1:])
    try:
        if path.suffix == ".npy":
            # Pickles could run any code, so arrays of objects are refused.
            return np.asarray(np.load(path, allow_pickle=False))
        return _from_json(path.read_text(encoding="utf-8"), spec)
    except (OSError, ValueError) as error:
        raise BadArgument(f"input {spec.name!r}: can't read {path}: {error}") from error


def _from_json(text: str, spec: TensorSpec) -> Array:
    try:
        return _typed(json.loads(text), spec.datatype)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadArgument(f"input {spec.name!r}: expected {_described([spec])} as JSON: {error}") from error


def _typed(value: Any, datatype: str) -> Array:
    if datatype == "BYTES":
        array = np.array(value, dtype=object)
        if strangers := [item for item in array.ravel() if not isinstance(item, str)]:
            raise ValueError(f"expected texts, found {strangers[0]!r}")
        return array
    if datatype not in DTYPES:
        raise ValueError(f"{datatype} can't be written as JSON")
    dtype = DTYPES[datatype]
    found = np.array(value).dtype.kind if np.size(value) else dtype.kind
    # NumPy would cut 1.5 to 1, and take 2 for true.
    if (dtype.kind in "iu" and found not in "iu") or (dtype.kind == "b" and found != "b"):
        raise ValueError(f"found {value!r}")
    return np.array(value, dtype=dtype)


def _described(specs: Iterable[TensorSpec]) -> str:
    return ", ".join(f"{spec.name}: {spec.datatype} {list(spec.shape)}" for spec in specs)
