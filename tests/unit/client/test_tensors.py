"""Arrays survive the wire, and what can't is refused by name."""

from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hotshelf_client.tensors import DTYPES, as_tensor, decode, encode

Array = npt.NDArray[Any]

shapes = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
numeric = st.sampled_from(sorted(DTYPES.values(), key=str)).flatmap(lambda dtype: arrays.arrays(dtype, shapes))
objects = arrays.arrays(np.dtype(object), shapes, elements=st.binary(max_size=8))


def there_and_back(array: Array) -> Array:
    datatype, raw = encode(array)
    return decode(datatype, array.shape, raw)


@given(numeric)
def test_numbers_come_back_to_the_bit(array: Array) -> None:
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()  # NaN's payload and the sign of zero included


@given(objects)
def test_bytes_come_back_with_their_nuls(array: Array) -> None:
    back = there_and_back(array)
    assert back.shape == array.shape
    assert back.tolist() == array.tolist()


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_texts_travel_as_utf8(texts: list[str]) -> None:
    assert there_and_back(np.array(texts, dtype=object)).tolist() == [text.encode() for text in texts]


@given(objects, st.data())
def test_cut_off_contents_are_refused(array: Array, data: st.DataObject) -> None:
    _, raw = encode(array)
    cut = data.draw(st.integers(0, max(len(raw) - 1, 0)))
    if cut < len(raw):
        with pytest.raises(ValueError, match="BYTES"):
            decode("BYTES", array.shape, raw[:cut])


@pytest.mark.parametrize("array", [np.array([1.5, -2], dtype=">f8"), np.arange(12, dtype="i4").reshape(3, 4).T])
def test_any_memory_layout_is_sent_row_major_and_little_endian(array: Array) -> None:
    assert np.array_equal(there_and_back(array), array)


def test_list_of_bytes_keeps_trailing_nuls() -> None:
    assert there_and_back(as_tensor([b"a\0", b"\0"])).tolist() == [b"a\0", b"\0"]


@pytest.mark.parametrize("array", [np.array(["a", "bc"]), np.array([b"a", b"bc"]), np.array(["a", "bc"], dtype="T")])
def test_fixed_and_variable_texts_are_bytes(array: Array) -> None:
    assert encode(array) == ("BYTES", b"\1\0\0\0a\2\0\0\0bc")


def test_bfloat16_arrives_as_float32() -> None:
    array = np.array([1.5, -2, 3e38, np.inf, np.nan], dtype=ml_dtypes.bfloat16)
    back = there_and_back(array)
    assert back.dtype == np.float32
    assert np.array_equal(back, array.astype(np.float32), equal_nan=True)


def test_decoded_array_may_be_written_to() -> None:
    back = there_and_back(np.zeros(3))
    back[0] = 1
    assert back.tolist() == [1, 0, 0]


@pytest.mark.parametrize("array", [np.array([1j]), np.array(["2026-01-01"], dtype="M8[D]"), np.array([1], dtype="g")])
def test_dtype_without_a_datatype_is_refused(array: Array) -> None:
    with pytest.raises(TypeError, match=f"found dtype {array.dtype}".replace("[", r"\[")):
        encode(array)


def test_element_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="must be bytes or str, found int"):
        encode(np.array([b"a", 1], dtype=object))


def test_byte_count_names_expected_and_found() -> None:
    with pytest.raises(ValueError, match=r"FP32 of shape \[2, 3\]: expected 24 bytes, found 20"):
        decode("FP32", (2, 3), bytes(20))


@pytest.mark.parametrize(("count", "raw"), [(1, b"\1\0\0\0a" * 2), (3, b"\1\0\0\0a" * 2)])
def test_count_of_bytes_elements_names_expected_and_found(count: int, raw: bytes) -> None:
    with pytest.raises(ValueError, match=f"expected {count} elements, found 2"):
        decode("BYTES", (count,), raw)


def test_unknown_datatype_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown datatype 'FP8'"):
        decode("FP8", (1,), b"\0")
