"""Which requests are traced, and what a trace says."""

import json
import logging

import pytest

from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.tracing import Tracer, TraceSettings


def traced(tracer: Tracer, model: str, calls: int, caplog: pytest.LogCaptureFixture) -> int:
    """How many of some calls leave a line."""
    caplog.clear()
    with caplog.at_level(logging.INFO):
        for _ in range(calls):
            tracer.trace("ModelInfer", VersionId(model, 3), "id-7", Times(queue=0.0015, total=0.25))
    return len(caplog.records)


def test_nothing_is_traced_unless_it_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    assert traced(Tracer(), "m", 3, caplog) == 0


def test_one_of_every_so_many_is_traced_until_so_many_were(caplog: pytest.LogCaptureFixture) -> None:
    tracer = Tracer()
    tracer.change("", TraceSettings(enabled=True, rate=3, count=2))
    assert traced(tracer, "m", 3, caplog) == 1
    assert tracer.settings().count == 1
    assert traced(tracer, "m", 20, caplog) == 1
    assert tracer.settings().count == 0


def test_a_model_may_have_settings_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    tracer = Tracer()
    tracer.change("m", TraceSettings(enabled=True, rate=1))
    assert (traced(tracer, "m", 2, caplog), traced(tracer, "n", 2, caplog)) == (2, 0)
    assert (tracer.settings("m").enabled, tracer.settings("n").enabled) == (True, False)


def test_a_trace_tells_each_stage(caplog: pytest.LogCaptureFixture) -> None:
    tracer = Tracer()
    tracer.change("", TraceSettings(enabled=True, rate=1))
    traced(tracer, "m", 1, caplog)
    said = json.loads(caplog.messages[0])
    assert (said["method"], said["model"], said["version"], said["id"]) == ("ModelInfer", "m", 3, "id-7")
    assert (said["queue_us"], said["total_us"], said["compute_us"]) == (1500.0, 250_000.0, 0.0)
