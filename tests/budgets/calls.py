"""Opcodes of ModelInfer calls, from the event on grpcio's queue to the answer that is handed back to grpcio."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor as Pool
from contextlib import contextmanager
from functools import partial
from typing import Any

import grpc
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.model_settings import ModelBook
from hotshelf_server.core.types import Answer, Parameters, Response, Tensors, VersionId
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.dataplane.at_once import AtOnce
from hotshelf_server.dataplane.plans import Plans
from hotshelf_server.dataplane.shadow import Shadow
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.executor import Executor
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.statistics import VersionStatistics
from hotshelf_server.observability.tallies import TOGETHER
from hotshelf_server.services import wire
from hotshelf_server.services.calls import Calls
from hotshelf_server.services.inference import InferenceService
from hotshelf_server.services.shortcut import InferShortcut
from hotshelf_server.transport.fast import FastLane, FastMethod
from tests.budgets import opcodes
from tests.budgets.opcodes import ENVIRONMENT
from tests.budgets.table import Measure
from tests.fakes.grpc_core import FakeCore, serve
from tests.fakes.models import FakeLoader, FakeServable, FakeSource

METHOD = "/inference.GRPCInferenceService/ModelInfer"
TICK = 1e-6
WAIT = 10.0


class TickingClock:
    """Goes on by a microsecond whenever it is looked at."""

    def __init__(self) -> None:
        self._ticks = itertools.count(10**12)

    def now(self) -> float:
        return next(self._ticks) * TICK

    def monotonic(self) -> float:
        return next(self._ticks) * TICK


class RowByRow(FakeServable):
    """Answers its input, and its calls may be computed together."""

    row_by_row = True

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        return Response({"y": inputs["x"]})


class OnThisThread(Pool):
    """Has calls that are handed over done before it returns, and counts them."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, act: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.taken += 1
        act(*args, **kwargs)


class Bench:
    """A server of one model ``m`` with one worker, from its services down, on a fake queue."""

    def __init__(self, *, shortcut: bool) -> None:
        clock, book, source, loader = TickingClock(), ModelBook({}), FakeSource(), FakeLoader()
        self.records = Records()
        loader.makes[1] = RowByRow
        source.want("m", {"champion": {1: 100}})
        self.manager = Manager(source, loader, clock, poll_seconds=60, load_threads=1)
        admission = Admission(lambda: False)
        executor = Executor(book.of, 1, clock, self.records.statistics)
        offer = self.records.values.offer
        plans = Plans(
            self.manager,
            admission,
            executor,
            clock,
            tallies=self.records.tallies,
            offer=offer,
            traced=lambda: False,
        )
        shadow = Shadow(self.manager, executor, self.records.shadows)
        dataplane = Dataplane(
            self.manager, admission, executor, shadow, scores=self.records.traffic.scores, offer=offer
        )
        self._infer = _infer(dataplane, self.manager, Calls(self.records, clock, self.manager.tables, ()))
        self.usual = 0
        """Calls that were answered by the service."""
        self.pool = OnThisThread()
        at_once = AtOnce(self.manager, executor)
        self.core = FakeCore({METHOD: grpc.unary_unary_rpc_method_handler(self.infer, wire.read, wire.write)})
        method = FastMethod(
            lambda one, size: at_once(one.model_name, one.model_version, size),
            self.pool,
            InferShortcut(plans, clock) if shortcut else None,
        )
        server: Any = self.core
        self._lane = FastLane(server, {METHOD: method})

    def infer(self, request: Any, context: Any) -> Any:
        """The service's ModelInfer."""
        self.usual += 1
        return self._infer(request, context)

    def statistics(self) -> VersionStatistics:
        """Of the model."""
        return self.records.statistics.snapshot()[VersionId("m", 1)]

    def start(self) -> None:
        """Load the model, and ask for the first calls."""
        self.manager.start()
        self.manager.refresh("m", WAIT)
        self._lane._ask()

    def calls(self, number: int, together: int = 1) -> None:
        """Answer so many calls, of which so many come at a time."""
        until_idle, content = serve(self._lane._interface), message()
        for _ in range(0, number, together):
            for _ in range(together):
                self.core.come(content)
            until_idle()


@contextmanager
def warm(*, shortcut: bool = True, together: int = 1) -> Iterator[Bench]:
    """A bench that has answered many calls since the last scrape."""
    bench = Bench(shortcut=shortcut)
    bench.start()
    try:
        bench.calls(2 * TOGETHER, together)
        bench.records.values.look({}, 0.0)
        yield bench
    finally:
        bench.manager.stop()


def where(*, shortcut: bool = True, together: int = 1) -> Counter[str]:
    """Opcodes of `TOGETHER` calls by function, counting the calls and all that is done once for several included."""
    with warm(shortcut=shortcut, together=together) as bench:
        return opcodes.where(partial(bench.calls, TOGETHER, together))


def of_one(*, shortcut: bool = True, together: int = 1) -> int:
    """Opcodes of a call on average."""
    return round(where(shortcut=shortcut, together=together).total() / TOGETHER)


def message() -> bytes:
    """A request of one number."""
    request = pb.ModelInferRequest(model_name="m")
    request.inputs.add(name="x", datatype="FP64", shape=[1])
    request.raw_input_contents.append(np.ones(1).tobytes())
    return request.SerializeToString()


def _infer(dataplane: Dataplane, manager: Manager, calls: Calls) -> Callable[..., Any]:
    """ModelInfer of a service whose other methods nobody calls."""
    absent: Any = None
    return InferenceService(
        dataplane,
        manager,
        calls,
        absent,
        able=absent,
        version="",
        introspection=absent,
        repository=absent,
        operating=absent,
        streams=absent,
    ).ModelInfer


def measures() -> Sequence[Measure]:
    """All of them."""
    return [
        Measure(ENVIRONMENT, "opcodes of a ModelInfer call whose like was answered before", of_one),
        Measure(ENVIRONMENT, "opcodes of such a call, of 8 that wait together", partial(of_one, together=8)),
        Measure(ENVIRONMENT, "opcodes of a ModelInfer call the usual way", partial(of_one, shortcut=False)),
    ]
