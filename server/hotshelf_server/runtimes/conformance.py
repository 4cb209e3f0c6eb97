"""Holds what a model gave to what its signature promises."""

from hotshelf_server.core.types import Response, Signature
from hotshelf_server.core.validation import fits
from hotshelf_store.tensors import DTYPES


def misfit(signature: Signature, response: Response) -> str:
    """What the first output lacks that isn't given, or not in its datatype and shape, in words; empty when all fit."""
    for spec in signature.outputs:
        if spec.name not in response.outputs:
            return f"the model gave no output {spec.name!r}, which its signature promises"
        array = response.outputs[spec.name]
        if array.dtype != DTYPES[spec.datatype] or not fits(spec, array.shape):
            return (
                f"the model gave {array.dtype} {list(array.shape)} for output {spec.name!r}, "
                f"its signature promises {spec.datatype} {list(spec.shape)}"
            )
    return ""
