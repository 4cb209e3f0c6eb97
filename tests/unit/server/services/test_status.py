"""Every error has a status, and carries its reason."""

import inspect

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from hotshelf_server.core import errors
from hotshelf_server.services.status import CODES, code_of, details_of
from hotshelf_store import errors as store_errors

INTERNAL_ONLY = {errors.HotshelfError, store_errors.StoreError, store_errors.ObjectNotFound, store_errors.ObjectExists}
DOMAIN_ERRORS = [
    kind
    for module in (errors, store_errors)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == module.__name__ and kind not in INTERNAL_ONLY
]


@pytest.mark.parametrize("kind", DOMAIN_ERRORS)
def test_every_error_of_the_domain_has_its_place_in_the_table(kind: type[Exception]) -> None:
    assert kind in CODES


def test_the_details_name_reason_domain_and_metadata() -> None:
    error = errors.InvalidInput("input 'x': datatype FP64, expected FP32", tensor="x", expected="FP32")
    status = details_of(error, code_of(error))
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (status.code, status.message) == (grpc.StatusCode.INVALID_ARGUMENT.value[0], str(error))
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "INVALID_INPUT",
        "hotshelf",
        {"tensor": "x", "expected": "FP32"},
    )


@pytest.mark.parametrize("seconds", [0.25, 1.0, 90.5])
def test_overload_says_when_to_come_again(seconds: float) -> None:
    error = errors.Overloaded("full", retry_after=seconds)
    retry = RetryInfo()
    assert details_of(error, code_of(error)).details[1].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == seconds * 1000


def test_what_nobody_foresaw_is_internal_and_tells_nothing() -> None:
    error = RuntimeError("password=hunter2")
    assert code_of(error) is grpc.StatusCode.INTERNAL
    assert "hunter2" not in str(details_of(error, code_of(error)))


@pytest.mark.parametrize("letter", ["x", "é", "💥", "\ud800"])
def test_a_long_text_is_cut_so_that_the_status_arrives(letter: str) -> None:
    error = errors.InvalidInput(letter * 20_000, tensor=letter * 20_000)
    status = details_of(error, code_of(error))
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert status.message.endswith("(cut)")
    assert info.metadata["tensor"].endswith("(cut)")
    assert 900 < len(status.message.encode()) <= 1_000
    assert len(info.metadata["tensor"].encode()) <= 200
