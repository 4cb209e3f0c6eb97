"""Processes that run together and end together."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 75.0
"""For all together to end by themselves: more than what a server and a trainer give to what runs."""

LAST_LINES = 5


class Broken(Exception):
    """A program can't be started, or ended by itself; the message says which, and what it said last."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program: ``where`` is for people, ``port`` is the one that it listens on."""

    name: str
    command: Sequence[str]
    where: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0


class Programs:
    """Programs that run."""

    def __init__(self) -> None:
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> None:
        """Start one, its output in its log. Raises `Broken`."""
        if _is_taken(program.port):
            raise Broken(f"{program.name}: port {program.port} is taken; choose another (hotshelf up --help)")
        try:
            with program.log.open("ab") as log:
                process = subprocess.Popen(
                    program.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=os.environ | program.environment,
                )
        except OSError as error:
            raise Broken(f"{program.name} can't be started: {error}") from error
        self._running.append((program, process))

    def check(self) -> None:
        """Raises `Broken` when one has ended."""
        for program, process in self._running:
            if (status := process.poll()) is not None:
                said = program.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
                raise Broken("\n  ".join([f"{program.name} ended with status {status}; {program.log}:", *said]))

    def stop(self) -> None:
        """SIGTERM to all, the last first; what doesn't end in time is killed."""
        for _, process in reversed(self._running):
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(programs: Sequence[Program]) -> Iterator[Programs]:
    """Programs that run while the context lasts, started in their order. Raises `Broken`."""
    started = Programs()
    try:
        for program in programs:
            started.start(program)
        yield started
    finally:
        started.stop()


def _is_taken(port: int) -> bool:
    """Whether somebody listens there. Who takes it between this look and the start is found by `Programs.check`."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
