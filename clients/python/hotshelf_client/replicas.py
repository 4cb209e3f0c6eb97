"""Every replica behind a name, asked one by one and at the same time."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from hotshelf_client.answers import Model
from hotshelf_client.channel import target
from hotshelf_client.client import Client
from hotshelf_client.errors import HotshelfError
from hotshelf_client.names import Lookup

AT_ONCE = 32
"""Replicas that are asked at the same time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said: its models, or the ``problem`` that kept it from answering."""

    address: str
    models: tuple[Model, ...] = ()
    problem: str = ""


def addresses(servers: str, lookup: Lookup = socket.getaddrinfo) -> list[str]:
    """The address of each replica behind ``HOST:PORT``, or several of them between commas; sorted.

    A name that can't be resolved stands for itself, and so does this machine, whose addresses lead to one server.
    """
    found: set[str] = set()
    for server in filter(None, map(str.strip, servers.split(","))):
        found.update(_resolved(server, lookup))
    return sorted(found)


def ask(address: str, seconds: float) -> Answer:
    """Ask one replica for its models."""
    try:
        with Client(address, timeout=seconds) as client:
            return Answer(address, tuple(client.models()))
    except HotshelfError as error:
        return Answer(address, problem=f"{error.code.name}: {error.message}")


def ask_all(found: Sequence[str], seconds: float) -> list[Answer]:
    """Ask all replicas at once, each for so many seconds at most."""
    with ThreadPoolExecutor(min(AT_ONCE, max(1, len(found)))) as threads:
        return list(threads.map(lambda address: ask(address, seconds), found))


class Ear:
    """Listens to replicas, and tells when any of them has changed."""

    def __init__(self, seconds: float) -> None:
        """Listens for so many seconds at most."""
        self._end = time.monotonic() + seconds
        self._heard = threading.Event()
        self._listening: set[str] = set()

    def listen(self, found: Iterable[str]) -> None:
        """Listen to these replicas, each on a thread that ends with its stream."""
        for address in set(found) - self._listening:
            self._listening.add(address)
            threading.Thread(target=self._follow, args=(address,), daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Until something has changed since the last wait, for so many seconds at most."""
        self._heard.wait(seconds)
        self._heard.clear()

    def _follow(self, address: str) -> None:
        with suppress(HotshelfError), Client(address) as client:
            for _ in client.watch_models(timeout=max(0.0, self._end - time.monotonic())):
                self._heard.set()
        self._listening.discard(address)


def _resolved(server: str, lookup: Lookup) -> list[str]:
    if not target(server).startswith("dns:///") or "://" in server:
        return [server]
    host, _, port = server.rpartition(":")
    try:
        answers = lookup(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, OverflowError):
        return [server]
    hosts = {str(answer[4][0]) for answer in answers}
    if all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in hosts):
        return [server]
    return [f"ipv6:[{one}]:{port}" if ":" in one else f"ipv4:{one}:{port}" for one in hosts]
