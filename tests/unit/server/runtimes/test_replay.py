"""A version that answers otherwise than where it was made is a bad bundle."""

import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Signature, TensorSpec
from hotshelf_server.runtimes import replay
from hotshelf_store.golden import Golden, GoldenCase
from tests.fakes.models import FakeServable

X = np.array([1.0, 2.0])


def golden(expected: np.ndarray, relative: float = 0.0, name: str = "y") -> Golden:
    return Golden((GoldenCase({"x": X}, {name: expected}),), relative)


def test_the_recorded_answer_is_accepted() -> None:
    replay(FakeServable(), golden(X))


def test_floats_may_differ_as_far_as_the_golden_set_says() -> None:
    replay(FakeServable(), golden(X * (1 + 1e-7), relative=1e-6))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (golden(X * (1 + 1e-7)), r"golden case 0: output 'y': element \[0\] is .*, expected .* \(2 differ\)"),
        (golden(np.array([1.0, 2.0, 3.0])), r"float64 \[2\], expected float64 \[3\]"),
        (golden(X.astype("f4")), r"float64 \[2\], expected float32 \[2\]"),
        (golden(X, name="z"), "output 'z' is missing; the model gives y"),
        (Golden((GoldenCase({"w": X}, {}),)), "golden case 0: unknown input 'w'"),
        (
            Golden((GoldenCase({"x": X.astype("f4")}, {"y": X}),)),
            "golden case 0: input 'x': datatype FP32, expected FP64",
        ),
    ],
)
def test_what_differs_is_named(case: Golden, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        replay(FakeServable(), case)


@pytest.mark.parametrize("datatype", ["BF16", "UINT16"])
def test_both_datatypes_of_16_bits_can_be_replayed(datatype: str) -> None:
    signature = Signature((TensorSpec("x", datatype, (-1,)),), (TensorSpec("y", datatype, (-1,)),))
    bits = np.array([0x3F80], dtype="u2")
    replay(FakeServable(signature), Golden((GoldenCase({"x": bits}, {"y": bits}),)))
