"""The fast lane and the stock server do the same with every call, whether it is answered at once or handed over."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import grpc
import pytest

from hotshelf_server.execution.job import WouldWait
from hotshelf_server.transport.fast import FastLane, FastMethod, InterfaceChanged, prove
from tests.e2e.server_process import wait_until

SERVICE, METHOD = "test.Service", "Ask"
NAME = f"/{SERVICE}/{METHOD}"
MIB = 1 << 20
MODES = ("stock", "at once", "handed over", "at once, had it not to wait")


class Service:
    """Does what the message says."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gone = threading.Event()
        self.threads: set[str] = set()
        self.waits_at_once = False

    def ask(self, content: bytes, context: Any) -> bytes:
        if self.waits_at_once and getattr(context, "at_once", False):
            raise WouldWait
        self.threads.add(threading.current_thread().name)
        wish, _, rest = content.partition(b" ")
        return getattr(self, wish.decode())(rest, context)  # type: ignore[no-any-return]  # they all give bytes

    def echo(self, rest: bytes, context: Any) -> bytes:
        return rest

    def abort(self, rest: bytes, context: Any) -> bytes:
        context.set_trailing_metadata((("why", "so"), ("bytes-bin", b"\x00\xff")))
        context.abort(grpc.StatusCode.NOT_FOUND, "nobody knows ü")
        raise AssertionError

    def crash(self, rest: bytes, context: Any) -> bytes:
        raise KeyError("a bug")

    def metadata(self, rest: bytes, context: Any) -> bytes:
        return repr(sorted(tuple(one) for one in context.invocation_metadata() if one[0].startswith("x-"))).encode()

    def deadline(self, rest: bytes, context: Any) -> bytes:
        return repr(20 < context.time_remaining() < 31).encode()  # grpc rounds

    def wait(self, rest: bytes, context: Any) -> bytes:
        assert context.add_callback(self.gone.set)
        self.gate.wait(30)
        return rest

    def large(self, rest: bytes, context: Any) -> bytes:
        return bytes(int(rest))


class Served(NamedTuple):
    """A server of one method, its pool and a stub."""

    service: Service
    server: grpc.Server
    ask: Any
    port: int


@contextmanager
def serving(
    mode: str, compression: grpc.Compression = grpc.Compression.NoCompression, limit: int | None = None
) -> Iterator[Served]:
    service = Service()
    service.waits_at_once = mode == MODES[3]
    options = [("grpc.max_receive_message_length", MIB), ("grpc.max_send_message_length", MIB)]
    with ThreadPoolExecutor(4, thread_name_prefix="pool") as pool:
        server = grpc.server(pool, options=options, compression=compression, maximum_concurrent_rpcs=limit)
        handlers: Any = {METHOD: grpc.unary_unary_rpc_method_handler(service.ask)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        server.add_registered_method_handlers(SERVICE, handlers)
        lane = None
        if mode != "stock":
            at_once = mode != "handed over"
            lane = FastLane(server, {NAME: FastMethod(lambda _, size: at_once and size > 0, pool)})
        port = server.add_insecure_port("localhost:0")
        if lane is None:
            server.start()
        else:
            lane.start()
        with grpc.insecure_channel(f"localhost:{port}", options=[("grpc.max_receive_message_length", -1)]) as channel:
            yield Served(service, server, channel.unary_unary(NAME), port)
        service.gate.set()
        server.stop(5).wait()


@pytest.fixture(params=MODES)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as found:
        yield found


def failure(call: Callable[[], object]) -> Any:
    """How a call fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_an_answer_comes_back(served: Served) -> None:
    assert [served.ask(b"echo %d" % number) for number in range(200)] == [b"%d" % number for number in range(200)]


def test_many_calls_at_once_get_each_its_own_answer(served: Served) -> None:
    futures = [served.ask.future(b"echo %d" % number) for number in range(500)]
    assert [future.result(30) for future in futures] == [b"%d" % number for number in range(500)]


def test_a_status_comes_with_its_details_and_trailers(served: Served) -> None:
    error = failure(lambda: served.ask(b"abort"))
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "nobody knows ü")
    assert dict(error.trailing_metadata()) == {"why": "so", "bytes-bin": b"\x00\xff"}


def test_a_bug_costs_one_call_and_not_the_server(served: Served) -> None:
    assert failure(lambda: served.ask(b"crash")).code() is grpc.StatusCode.UNKNOWN
    assert served.ask(b"echo alive") == b"alive"


def test_the_service_sees_metadata_and_deadline(served: Served) -> None:
    told = served.ask(b"metadata", metadata=(("x-one", "1"), ("x-two-bin", b"\x00")))
    assert told == repr([("x-one", "1"), ("x-two-bin", b"\x00")]).encode()
    assert served.ask(b"deadline", timeout=30) == b"True"


@pytest.mark.parametrize("mode", ["stock", "handed over"])
def test_the_service_hears_that_its_caller_has_gone(mode: str) -> None:
    with serving(mode) as served:
        future = served.ask.future(b"wait", timeout=60)
        wait_until(lambda: served.service.threads)
        future.cancel()
        assert served.service.gone.wait(30)
        served.service.gate.set()
        assert served.ask(b"echo on") == b"on"


def test_a_deadline_that_passes_ends_the_call_and_not_the_server() -> None:
    with serving("handed over") as served:
        error = failure(lambda: served.ask(b"wait", timeout=0.2))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        served.service.gate.set()
        assert served.ask(b"echo on") == b"on"


def test_messages_beyond_the_limits_are_refused_both_ways(served: Served) -> None:
    assert failure(lambda: served.ask(b"echo " + bytes(2 * MIB))).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failure(lambda: served.ask(b"large %d" % (2 * MIB))).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert served.ask(b"echo on") == b"on"


def answers(served: Served) -> bool:
    try:
        return bool(served.ask(b"echo on") == b"on")
    except grpc.RpcError:
        return False


@pytest.mark.parametrize("mode", MODES)
def test_calls_beyond_the_limit_are_refused_though_their_messages_never_come(mode: str) -> None:
    with serving(mode, limit=3) as served, grpc.insecure_channel(f"localhost:{served.port}") as channel:
        slow: Any = channel.stream_unary(NAME)
        sent = threading.Event()
        calls = [slow.future(b"echo late" for _ in range(1) if sent.wait(30)) for _ in range(8)]
        wait_until(lambda: sum(call.done() for call in calls) == 5)
        refused = [call for call in calls if call.done()]
        assert {call.code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        sent.set()
        assert {call.result(30) for call in calls if call not in refused} == {b"late"}
        wait_until(lambda: answers(served))  # the answer may be here before its call is over there


@pytest.mark.parametrize("mode", MODES)
def test_answers_are_compressed_if_the_server_is_to(mode: str) -> None:
    with serving(mode, grpc.Compression.Gzip) as served:
        assert served.ask(b"large 100000") == bytes(100_000)


def test_a_call_in_flight_ends_before_a_graceful_stop_does() -> None:
    with serving("handed over") as served:
        future = served.ask.future(b"wait done", timeout=60)
        wait_until(lambda: served.service.threads)
        stopped = served.server.stop(30)
        assert not stopped.wait(0.2)
        served.service.gate.set()
        assert future.result(30) == b"done"
        assert stopped.wait(30)


@pytest.mark.parametrize("mode", MODES)
def test_an_idle_server_stops_at_once(mode: str) -> None:
    with serving(mode) as served:
        served.ask(b"echo x")
        started = time.monotonic()
        assert served.server.stop(30).wait(30)
        assert time.monotonic() - started < 25, "it waited for calls that nobody made"


@pytest.mark.parametrize(("mode", "pooled"), [("at once", False), ("handed over", True), (MODES[3], True)])
def test_what_may_run_at_once_takes_no_thread_of_the_pool_and_all_else_does(mode: str, *, pooled: bool) -> None:
    with serving(mode) as served:
        served.ask(b"echo x")
        assert {name.startswith("pool") for name in served.service.threads} == {pooled}


def test_a_bug_in_who_judges_costs_speed_and_not_the_server() -> None:
    def judge(request: Any, size: int) -> bool:
        raise KeyError("a bug")

    service = Service()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        server = grpc.server(pool)
        server.add_registered_method_handlers(SERVICE, {METHOD: grpc.unary_unary_rpc_method_handler(service.ask)})
        lane = FastLane(server, {NAME: FastMethod(judge, pool)})
        port = server.add_insecure_port("localhost:0")
        lane.start()
        with grpc.insecure_channel(f"localhost:{port}") as channel:
            ask: Any = channel.unary_unary(NAME)
            assert [ask(b"echo x"), ask(b"echo y")] == [b"x", b"y"]
        server.stop(5).wait()


def test_other_methods_stay_with_the_stock_server() -> None:
    with serving("at once") as served, grpc.insecure_channel(f"localhost:{served.port}") as channel:
        unknown: Any = channel.unary_unary(f"/{SERVICE}/Unknown")
        assert failure(lambda: unknown(b"")).code() is grpc.StatusCode.UNIMPLEMENTED


def test_this_grpcio_is_as_the_lane_knows_it() -> None:
    prove()


def test_another_grpcio_is_told_by_what_it_lacks() -> None:
    with pytest.raises(InterfaceChanged, match="has no completion_queue"):
        FastLane(object(), {})  # type: ignore[arg-type]  # that is what is tested


def test_a_method_that_was_not_registered_is_told() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(InterfaceChanged, match=f"registers no {NAME}"):
        FastLane(grpc.server(pool), {NAME: FastMethod(lambda *_: True, pool)})
