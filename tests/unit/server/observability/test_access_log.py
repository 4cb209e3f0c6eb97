"""Lines of calls: how many, and what they tell."""

import logging
from typing import Any

import pytest

from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.access_log import AccessLog
from hotshelf_server.observability.ended_call import MAX_ID, EndedCall, request_id
from hotshelf_server.observability.log_format import FIELDS

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PRIVATE = "Bearer s3cr3t"
CALL = EndedCall(
    method="ModelInfer",
    model="shop",
    version=VersionId("shop", 7),
    code="OK",
    seconds=0.0123456,
    times=Times(queue=0.001, compute=0.0105),
    rows=3,
    request_id="r-1",
    metadata=(("authorization", PRIVATE), ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")),
    at=1.7e9,
)


def logged(caplog: pytest.LogCaptureFixture, share: float, *calls: EndedCall) -> list[dict[str, Any]]:
    """The fields of each line."""
    write = AccessLog(share)
    with caplog.at_level(logging.INFO):
        for call in calls:
            write(call)
    return [getattr(record, FIELDS) for record in caplog.records]


def test_a_line_tells_who_was_called_how_it_went_and_how_long_it_took(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, 1.0, CALL) == [
        {
            "method": "ModelInfer",
            "model": "shop",
            "version": 7,
            "code": "OK",
            "duration_ms": 12.346,
            "queue_ms": 1.0,
            "compute_ms": 10.5,
            "rows": 3,
            "request_id": "r-1",
            "trace_id": TRACE,
        }
    ]


def test_what_is_not_known_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    bare = EndedCall("ModelInfer", "", None, "NOT_FOUND", 0.001, None, 1, "", (), 0.0)
    assert logged(caplog, 1.0, bare) == [{"method": "ModelInfer", "code": "NOT_FOUND", "duration_ms": 1.0}]


@pytest.mark.parametrize(("share", "lines"), [(1.0, 1000), (0.25, 250), (0.001, 1)])
def test_a_share_is_met_exactly(caplog: pytest.LogCaptureFixture, share: float, lines: int) -> None:
    assert len(logged(caplog, share, *[CALL] * 1000)) == lines


def test_faults_are_always_logged_and_refusals_are_not(caplog: pytest.LogCaptureFixture) -> None:
    calls = [CALL._replace(code=code) for code in ("INTERNAL", "RESOURCE_EXHAUSTED", "UNKNOWN", "CANCELLED")]
    assert [fields["code"] for fields in logged(caplog, 1e-9, *calls)] == ["INTERNAL", "UNKNOWN"]


def test_a_request_is_called_what_its_message_says_else_what_its_metadata_does() -> None:
    metadata = (("x-request-id", "from metadata"),)
    assert request_id("from the message", metadata) == "from the message"
    assert request_id("", metadata) == "from metadata"
    assert request_id("", ()) == ""


def test_a_request_id_can_not_forge_lines_and_is_bounded() -> None:
    assert request_id("a\nb\x1b[0m", ()) == "ab[0m"
    assert len(request_id("x" * 10_000, ())) == MAX_ID
