"""Shadow versions get copies; their answers are compared and counted, and slow nobody."""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.core.recommendation import Fallback, Reason, Recommendation, Recommendations, Source
from hotshelf_server.core.types import Response, VersionId
from hotshelf_server.dataplane.shadow import MAX_BYTES, MAX_COPIES, Shadow, same
from hotshelf_server.execution.executor import Executor
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.shadow import ShadowCounts, ShadowOutcome
from hotshelf_server.observability.statistics import Statistics
from tests.fakes.models import FakeLoader, FakeSource

WAIT = 10.0
TWO = VersionId("m", 2)
ANSWER = Response({"y": np.ones(2)})


class Bench:
    """A model with a champion and a shadow, and the counts of its copies."""

    def __init__(self) -> None:
        source = FakeSource()
        source.want("m", {"champion": {1: 100}, "shadow": {2: 100}})
        self.manager = Manager(source, FakeLoader(), SystemClock(), poll_seconds=0.01, load_threads=2)
        self.counts = ShadowCounts()
        executor = Executor(lambda _: ModelSettings(), 1, SystemClock(), Statistics())
        self.shadow = Shadow(self.manager, executor, self.counts)
        self.manager.start()
        self.manager.refresh("m", WAIT)

    def follow(self, compute: Callable[[Servable], Response], version: str = "", rows: int = 1) -> None:
        """A call that was answered, and its copy."""
        with self.manager.lease("m", version) as lease:
            self.shadow.follow(lease, compute, ANSWER, {"x": np.ones(rows)})

    def count(self, outcome: ShadowOutcome) -> int:
        """How many copies ended so."""
        return self.counts.snapshot().get((TWO, outcome), 0)

    def until(self, outcome: ShadowOutcome, count: int) -> None:
        """Wait for so many copies to end so."""
        deadline = time.monotonic() + WAIT
        while self.count(outcome) != count:
            assert time.monotonic() < deadline, self.counts.snapshot()
            time.sleep(0.005)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.shadow.start()
    yield bench
    bench.shadow.close()
    bench.manager.stop()


def fail(servable: Servable) -> Response:
    raise ZeroDivisionError


def test_answers_are_compared_and_counted(bench: Bench) -> None:
    bench.follow(lambda _: ANSWER)
    bench.until(ShadowOutcome.SAME, 1)
    bench.follow(lambda _: Response({"y": np.zeros(2)}))
    bench.until(ShadowOutcome.DIFFERENT, 1)
    bench.follow(fail)
    bench.until(ShadowOutcome.FAILED, 1)


def test_only_calls_that_name_no_version_are_copied(bench: Bench) -> None:
    for version in ("1", "2", "shadow"):
        bench.follow(fail, version)
    bench.follow(lambda _: ANSWER, "champion")
    bench.until(ShadowOutcome.SAME, 1)
    assert bench.count(ShadowOutcome.FAILED) == 0


def test_copies_that_find_no_room_are_dropped_at_once(bench: Bench) -> None:
    begun, done = threading.Event(), threading.Event()

    def hang(servable: Servable) -> Response:
        begun.set()
        assert done.wait(WAIT)
        return ANSWER

    bench.follow(hang)
    assert begun.wait(WAIT)
    for _ in range(MAX_COPIES + 3):
        bench.follow(lambda _: ANSWER)
    assert bench.count(ShadowOutcome.DROPPED) == 3
    done.set()
    bench.until(ShadowOutcome.SAME, MAX_COPIES + 1)


def test_large_calls_are_not_kept(bench: Bench) -> None:
    bench.follow(lambda _: ANSWER, rows=MAX_BYTES // 8 + 1)
    assert bench.count(ShadowOutcome.DROPPED) == 1


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([1.0, np.nan], [1.0 + 1e-9, np.nan], True),
        ([1.0], [1.001], False),
        ([1.0], [1.0, 1.0], False),
        ([1], [1.0], False),
        ([b"a"], [b"a"], True),
        ([b"a"], [b"b"], False),
    ],
)
def test_tensors_are_the_same_up_to_the_last_digits(one: list[object], other: list[object], equal: bool) -> None:
    def response(values: list[object]) -> Response:
        return Response({"y": np.array(values, dtype=object if isinstance(values[0], bytes) else None)})

    assert same(response(one), response(other)) is equal


def test_recommendations_are_the_same_when_their_products_are() -> None:
    def answer(score: float, *products: str) -> Recommendations:
        reason = Reason(Source.POPULAR, "")
        return Recommendations(tuple(Recommendation(one, score, reason) for one in products), Fallback.NONE, 0.0)

    assert same(answer(1.0, "a", "b"), answer(2.0, "a", "b"))
    assert not same(answer(1.0, "a", "b"), answer(1.0, "b", "a"))
    assert not same(answer(1.0, "a"), ANSWER)
