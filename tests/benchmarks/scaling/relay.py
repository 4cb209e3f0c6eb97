"""A relay that counts what passes: the bytes of HTTP/2 without those of TCP and IP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Passes one connection on to a server, on a port of its own."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.sent = 0
        self.received = 0
        self._threads = [threading.Thread(target=self._pass_on, daemon=True)]
        self._threads[0].start()

    def _pass_on(self) -> None:
        with suppress(OSError):
            caller, _ = self._listening.accept()
            with caller, socket.create_connection(self._server) as server:
                back = threading.Thread(target=self._copy, args=(server, caller, "received"), daemon=True)
                back.start()
                self._copy(caller, server, "sent")
                back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, counter: str) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                setattr(self, counter, getattr(self, counter) + len(data))
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End, once the connection has."""
        self._listening.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def relaying(server: tuple[str, int]) -> Iterator[Relay]:
    """A relay to a server."""
    relay = Relay(server)
    try:
        yield relay
    finally:
        relay.close()
