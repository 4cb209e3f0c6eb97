"""The sockets that this process has open on the server's port, found where Linux lists them: gRPC doesn't show them."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

DESCRIPTORS = Path("/proc/self/fd")


def connections(port: int) -> int:
    """How many clients are connected; 0 where the system doesn't tell."""
    count = 0
    for one in _open_on(port):
        with suppress(OSError):  # it has no peer: it listens, or has just ended
            one.getpeername()
            count += 1
    return count


def stop_listening(port: int) -> None:
    """Take no new connections on a port: from now on they go to others who listen on it. Those there are stay.

    gRPC has no call for it but the one that also cancels what arrives on open connections. It logs that its listener
    has ended.
    """
    for one in _open_on(port):
        with suppress(OSError):
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                one.shutdown(socket.SHUT_RD)


def _open_on(port: int) -> Iterator[socket.socket]:
    """A copy of each socket; it is closed when the next is asked for."""
    if not DESCRIPTORS.is_dir():
        return
    for name in os.listdir(DESCRIPTORS):  # noqa: PTH208 - names alone, many of them
        try:
            number = int(name)
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as one:
                if one.family in (socket.AF_INET, socket.AF_INET6) and one.getsockname()[1] == port:
                    yield one
        except OSError:
            continue  # closed meanwhile
