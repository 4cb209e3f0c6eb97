"""A run of h2load counts only if every call got as many bytes as the right answer has."""

import numpy as np
import pytest

from tests.benchmarks.speed.load import WARM_UP, Void, answered, window
from tests.benchmarks.speed.oip import frame

SAID = """\
finished in 2.00s, 1500.00 req/s, 322.38KB/s
requests: {total} total, {total} started, {done} done, {succeeded} succeeded, {failed} failed, 0 errored, {late} timeout
status codes: {done} 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 644.75KB (660229) total, 18.18KB (18621) headers (space savings 96.28%), 141.06KB ({content}) data
"""


def said(*, done: int = 3, failed: int = 0, late: int = 0, content: int = 3 * 48) -> str:
    return SAID.format(total=done, done=done, succeeded=done - failed, failed=failed, late=late, content=content)


def test_calls_with_all_their_bytes_count() -> None:
    assert answered(said(), content_bytes=48) == 3


@pytest.mark.parametrize("content", [2 * 48, 3 * 48 + 1])
def test_a_call_that_was_refused_voids_the_run(content: int) -> None:
    with pytest.raises(Void, match=f"3 calls were answered by {content} bytes instead of 144"):
        answered(said(content=content), content_bytes=48)


@pytest.mark.parametrize("text", [said(failed=1), said(late=1)])
def test_a_call_that_failed_voids_the_run(text: str) -> None:
    with pytest.raises(Void, match="of 3 calls"):
        answered(text, content_bytes=48)


def test_a_run_without_calls_or_result_is_void() -> None:
    with pytest.raises(Void, match="no call was answered"):
        answered(said(done=0, content=0), content_bytes=48)
    with pytest.raises(Void, match="no result: connection refused"):
        answered("connection refused", content_bytes=48)


def log(start: float, step: float, calls: int) -> np.ndarray:
    """One call after the other, in seconds."""
    starts = ((start + step * np.arange(calls)) * 1e6).astype(np.int64)
    return np.column_stack([starts, np.full(calls, 200), np.full(calls, int(step * 1e6))])


def test_only_the_time_in_which_all_connections_call_counts() -> None:
    early, late = log(100.0, 0.01, 300), log(100.5, 0.01, 200)
    rate, durations = window([early, late], seconds=1.0)
    assert rate == pytest.approx(200, rel=0.02)
    assert durations == pytest.approx(0.01)
    assert len(durations) == pytest.approx(200, abs=2)


def test_what_ends_while_it_warms_up_does_not_count() -> None:
    slow = log(0.0, WARM_UP / 3, 2)
    quick = log(WARM_UP, 0.001, 1_000)
    _, durations = window([np.concatenate([slow, quick])], seconds=1.0)
    assert durations.max() == pytest.approx(0.001)


def test_a_connection_without_an_answer_voids_the_run() -> None:
    with pytest.raises(Void, match="a connection got no answer"):
        window([log(0.0, 0.01, 10), log(0.0, 0.01, 0)], seconds=1.0)
    with pytest.raises(Void, match="no call ended while all processes called"):
        window([log(0.0, 0.01, 2)], seconds=1.0)


def test_content_of_calls_that_were_cut_off_at_the_end_may_be_there_over_http_1() -> None:
    assert answered(said(content=3 * 48 + 60), content_bytes=48, unfinished=2) == 3
    for content in (3 * 48 - 1, 5 * 48 + 1):
        with pytest.raises(Void, match="3 calls were answered by"):
            answered(said(content=content), content_bytes=48, unfinished=2)


def test_a_frame_tells_that_it_is_not_compressed_and_how_long_it_is() -> None:
    assert frame(b"abc") == b"\0\0\0\0\3abc"
