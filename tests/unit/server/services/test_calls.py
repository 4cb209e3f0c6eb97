"""A call that fails ends with a status that reaches its caller."""

from typing import Any, cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.observability.records import Records
from hotshelf_server.services.calls import Calls, Context
from tests.fakes.clock import FakeClock


class Aborted(Exception):
    """What grpc raises for abort."""


class FakeContext:
    """Notes how the call ended."""

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailers = metadata

    def abort(self, code: grpc.StatusCode, message: str) -> None:
        self.code, self.message = code, message
        raise Aborted


def test_the_message_is_as_short_as_the_details_say() -> None:
    context = FakeContext()
    calls = Calls(Records(), FakeClock(), lambda: ())
    with pytest.raises(Aborted), calls.frame("Infer", cast("Context", context)):
        raise InvalidInput("input " + "x" * 30_000)
    ((_, details),) = context.trailers
    assert context.code is grpc.StatusCode.INVALID_ARGUMENT
    assert Status.FromString(details).message == context.message
    assert len(context.message) + len(details) < 4_096
