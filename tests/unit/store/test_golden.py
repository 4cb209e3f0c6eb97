"""Golden files keep requests and answers to the bit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hotshelf_store.errors import InvalidBundle
from hotshelf_store.golden import Golden, GoldenCase, read, write
from hotshelf_store.tensors import DTYPES, decode, encode

NUMERIC = [datatype for datatype in DTYPES if datatype not in ("BYTES", "BF16")]


@given(st.sampled_from(NUMERIC).flatmap(lambda datatype: st.tuples(st.just(datatype), _arrays(datatype))))
def test_raw_tensors_come_back_to_the_bit(case: tuple[str, np.ndarray]) -> None:
    datatype, array = case
    back = decode(encode(array, datatype), datatype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert (back.dtype, back.shape) == (array.dtype, array.shape)


def _arrays(datatype: str) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(DTYPES[datatype], hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_bytes_tensors_keep_nuls_and_empty_elements(elements: list[bytes]) -> None:
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    assert list(decode(encode(array, "BYTES"), "BYTES", array.shape)) == elements


@given(st.binary(max_size=40), st.integers(0, 5))
def test_hostile_bytes_are_refused_or_whole(raw: bytes, count: int) -> None:
    try:
        array = decode(raw, "BYTES", (count,))
    except ValueError:
        return
    assert encode(array, "BYTES") == raw


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\x01", "a length needs 4 bytes, 1 are left"),
        (b"\x05\x00\x00\x00ab", "5 bytes is announced, 2 are left"),
        (b"\x00\x00\x00\x00", "expected 2 elements, found 1"),
        (b"\x00\x00\x00\x00" * 3, "expected 2 elements, found more than 2|found 3"),
    ],
)
def test_what_is_wrong_with_bytes_is_said(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(raw, "BYTES", (2,))


def test_a_wrong_byte_count_names_both() -> None:
    with pytest.raises(ValueError, match=r"expected 8 bytes for FP32 \[2\], found 7"):
        decode(b"1234567", "FP32", (2,))


def test_golden_cases_come_back(tmp_path: Path) -> None:
    names = np.array([b"a\x00b", b""], dtype=object)
    case = GoldenCase(
        {"x": np.array([[1.5, np.nan]]), "names": names},
        {"y": np.array([3], dtype="i8")},
        {"k": 5, "live": True, "policy": "mixed", "as_of": 1.25},
    )
    summary = write(tmp_path, Golden((case,), 1e-6, 1e-9))
    back = read(tmp_path / summary.path)
    assert (back.relative_tolerance, back.absolute_tolerance, summary.cases) == (1e-6, 1e-9, 1)
    assert back.cases[0].parameters == case.parameters
    assert list(back.cases[0].inputs["names"]) == list(names)
    np.testing.assert_array_equal(back.cases[0].inputs["x"], case.inputs["x"])


def test_a_file_that_is_no_golden_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "golden.binpb").write_bytes(b"\xff\xff")
    with pytest.raises(InvalidBundle, match=r"golden\.binpb is no golden file"):
        read(tmp_path / "golden.binpb")


ONE = np.array([1.0])
CASE = GoldenCase({"x": ONE}, {"y": ONE})


@pytest.mark.parametrize(
    ("golden", "words"),
    [
        (Golden(()), "has no cases; expected one or more"),
        (Golden((CASE, GoldenCase({"x": ONE}, {}))), "case 1 has no outputs; expected one or more"),
        (Golden((CASE,), relative_tolerance=np.inf), "relative tolerance inf; expected a finite number from 0 up"),
        (Golden((CASE,), absolute_tolerance=np.nan), "absolute tolerance nan"),
        (Golden((CASE,), absolute_tolerance=-1.0), r"absolute tolerance -1\.0"),
    ],
)
def test_golden_requests_that_every_model_would_pass_are_refused(tmp_path: Path, golden: Golden, words: str) -> None:
    summary = write(tmp_path, golden)
    with pytest.raises(InvalidBundle, match=words):
        read(tmp_path / summary.path)
