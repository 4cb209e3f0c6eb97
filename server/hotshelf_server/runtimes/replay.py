"""Replays golden requests on a servable: the proof that it answers here as it did where it was made."""

from contextlib import closing

import numpy as np

from hotshelf_server.core.errors import BadBundle, GoldenMismatch, HotshelfError
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Array, Response, Tensors
from hotshelf_server.core.validation import NamedTensor, check_inputs
from hotshelf_server.runtimes.conformance import misfit
from hotshelf_store.golden import Golden, GoldenCase, datatype_of
from hotshelf_store.tensors import DTYPES


def replay(servable: Servable, golden: Golden) -> None:
    """Ask every golden request.

    Raises `GoldenMismatch` naming the case, the output and the first element that differs.
    """
    for number, case in enumerate(golden.cases):
        where = f"golden case {number}"
        try:
            outputs = answer(servable, case)
        except HotshelfError as error:
            raise GoldenMismatch(f"{where}: {error}") from error
        for name, expected in case.outputs.items():
            if name not in outputs:
                raise GoldenMismatch(f"{where}: output {name!r} is missing; the model gives {', '.join(outputs)}")
            difference = _difference(outputs[name], expected, golden)
            if difference:
                raise GoldenMismatch(f"{where}: output {name!r}: {difference}")


def answer(servable: Servable, case: GoldenCase) -> Tensors:
    """The outputs of one golden request, its inputs and outputs held to the signature."""
    response = single(servable, checked(servable, case.inputs), case.parameters)
    if wrong := misfit(servable.signature, response):
        raise BadBundle(wrong)
    return response.outputs


def checked(servable: Servable, inputs: Tensors) -> Tensors:
    """Golden inputs as a caller's are handed on. Raises `InvalidInput` for such as don't fit the signature."""
    given = [NamedTensor(name, _datatype(servable, name, array), array) for name, array in inputs.items()]
    return check_inputs(servable.signature, given)


def single(servable: Servable, inputs: Tensors, parameters: object) -> Response:
    """The one response of a servable; the first one of a decoupled model."""
    found = servable.predict(inputs, parameters)  # type: ignore[arg-type]  # golden parameters are plain values
    if isinstance(found, Response):
        return found
    with closing(found):
        response = next(found, None)
    if response is None:
        raise BadBundle("the model gave no response to a golden request; expected at least one")
    return response


def _datatype(servable: Servable, name: str, array: Array) -> str:
    """What an array says of itself; two datatypes share ``uint16``, and then the signature's word counts."""
    said = next((spec.datatype for spec in servable.signature.inputs if spec.name == name), "")
    return said if DTYPES.get(said) == array.dtype else datatype_of(array)


def _difference(found: Array, expected: Array, golden: Golden) -> str:
    """What differs first, in words; empty when nothing does."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return f"{found.dtype} {list(found.shape)}, expected {expected.dtype} {list(expected.shape)}"
    if np.issubdtype(expected.dtype, np.inexact):
        equal = np.isclose(
            found, expected, rtol=golden.relative_tolerance, atol=golden.absolute_tolerance, equal_nan=True
        )
    else:
        equal = np.asarray(found == expected)
    if equal.all():
        return ""
    place = tuple(int(index) for index in np.argwhere(~equal)[0])
    return f"element {list(place)} is {found[place]!r}, expected {expected[place]!r} ({int((~equal).sum())} differ)"
