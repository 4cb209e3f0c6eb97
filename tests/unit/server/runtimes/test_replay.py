"""A version that answers otherwise than where it was made is a bad bundle."""

import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle
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
    ],
)
def test_what_differs_is_named(case: Golden, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        replay(FakeServable(), case)
