"""Proves, at start, that this grpcio does on the fast lane what it is known to do."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from hotshelf_server.transport.fast.interface import InterfaceChanged
from hotshelf_server.transport.fast.lane import FastLane, FastMethod

SERVICE, METHOD = "hotshelf.SelfTest", "Echo"
NAME = f"/{SERVICE}/{METHOD}"
SECONDS = 10.0
CASES = ((b"at once", True), (b"handed over", False))


def prove() -> None:
    """Call a server of one method on a free port of this machine, at once and handed over, an error among them.

    Raises `InterfaceChanged`.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="self-test") as pool:
        server = grpc.server(pool, options=[("grpc.so_reuseport", 0)])
        handlers = {METHOD: grpc.unary_unary_rpc_method_handler(_echo, bytes, bytes)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        server.add_registered_method_handlers(SERVICE, handlers)
        lane = FastLane(server, {NAME: FastMethod(lambda content, _: content == CASES[0][0], pool)})
        port = server.add_insecure_port("localhost:0")
        lane.start()
        try:
            with grpc.insecure_channel(f"localhost:{port}") as channel:
                _call(channel.unary_unary(NAME))
        finally:
            if not server.stop(SECONDS).wait(2 * SECONDS):
                raise InterfaceChanged(f"grpcio {grpc.__version__} does not stop with calls of the fast lane")


def _echo(content: bytes, context: Any) -> bytes:
    if not content:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "nothing to say")
    return content + (b"!" if context.at_once else b"")


def _call(echo: Any) -> None:
    try:
        answers = [echo(content, timeout=SECONDS) for content, _ in CASES]
    except grpc.RpcError as error:
        raise InterfaceChanged(f"grpcio {grpc.__version__} answers a call with {error}") from error
    expected = [content + (b"!" if at_once else b"") for content, at_once in CASES]
    if answers != expected:
        raise InterfaceChanged(f"grpcio {grpc.__version__} answers {answers}, expected {expected}")
    try:
        echo(b"", timeout=SECONDS)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
            return
    raise InterfaceChanged(f"grpcio {grpc.__version__} loses the status of a call that fails")
