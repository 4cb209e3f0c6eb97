"""Servers side by side: all of them started, checked, then measured in turns."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.counting import agree, settled
from tests.benchmarks.speed.figures import Skipped, Speed, Start
from tests.benchmarks.speed.load import Load, Message, Void, call
from tests.benchmarks.speed.messages import Question, checked, is_right, questions
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.processes import Processes, started
from tests.benchmarks.speed.servers.server import Launch, NotHere, Place, Server, free_port
from tests.benchmarks.speed.wire import Target

SECONDS_TO_START = 120.0
POLL = 0.02
Run = Callable[[Target, Cell, Sequence[Message], float, Path], Load]
"""Calls a server as a cell says, with the messages, for so many seconds; a folder is for its files. Raises `Void`."""

LOG = 2_000
"""Characters of the end of a server's log that tell why it did not start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure, under which name, in which folder; ``tell`` hears how it goes.

    ``settling``: seconds between start and load in which servers may do what they do when idle; after as many more
    that is measured. ``load`` is who calls.
    """

    run: str
    rounds: int
    seconds: float
    scratch: Path
    tell: Callable[[str], None]
    settling: float = 1.5
    load: Run = call


@dataclass(frozen=True, slots=True)
class Ready:
    """A server that runs with a model."""

    server: Server
    target: Target
    launch: Launch
    processes: Processes
    seconds: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What came of one round."""

    load: Load
    cpu_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one model."""

    speeds: Sequence[Speed]
    starts: Sequence[Start]
    skipped: Sequence[Skipped]


def measure(model: Model, cells: Sequence[Cell], servers: Sequence[Server], plan: Plan) -> Measured:
    """Start the servers one by one, check the answers of each, measure them in turns."""
    asked = {cell: questions(model, cell, plan.rounds) for cell in cells}
    skipped: list[Skipped] = []
    with ExitStack() as stack:
        ready: list[Ready] = []
        for server in servers:
            try:
                ready.append(_start(stack, model, asked[cells[0]][0][0], server, plan))
            except (NotHere, Void) as error:
                plan.tell(f"{server.name} {model.name}: left out: {error}")
                skipped.append(Skipped(plan.run, server.name, model.name, str(error)))
        time.sleep(plan.settling)
        idle = _idle_cores(ready, plan.settling)
        speeds = [speed for cell in cells for speed in _in_turns(model, cell, asked[cell], ready, plan)]
        starts = [
            Start(
                plan.run,
                one.server.name,
                model.name,
                one.seconds,
                one.processes.pss_mb,
                one.processes.count,
                idle[one.server.name],
            )
            for one in ready
        ]
    return Measured(speeds, starts, skipped)


def _start(stack: ExitStack, model: Model, question: Question, server: Server, plan: Plan) -> Ready:
    """Until its first right answer. Raises `NotHere`, and `Void` for a wrong one."""
    scratch = plan.scratch / f"{server.name}-{model.name}"
    scratch.mkdir()
    place = Place(model, scratch, free_port(), free_port())
    launch, target = server.launch(place), Target(place.port, server.wire)
    begin = time.monotonic()
    processes = stack.enter_context(started(launch.command, launch.environment, scratch, scratch / "log"))
    while not is_right(target, model, question):
        if processes.ended or time.monotonic() > begin + SECONDS_TO_START:
            plan.tell(processes.log[-LOG:])
            raise NotHere("it did not start; what it wrote was printed")
        time.sleep(POLL)
    seconds = time.monotonic() - begin
    plan.tell(f"{server.name} {model.name}: ready after {seconds:.1f} s")
    return Ready(server, target, launch, processes, seconds)


def _in_turns(
    model: Model, cell: Cell, asked: Sequence[Sequence[Question]], ready: Sequence[Ready], plan: Plan
) -> Sequence[Speed]:
    samples: Mapping[str, list[Sample]] = {one.server.name: [] for one in ready}
    void: Mapping[str, list[str]] = {one.server.name: [] for one in ready}
    for number, given in enumerate(asked):
        for one in ready:
            name = one.server.name
            try:
                messages = checked(one.target, model, cell, given, plan.scratch)
                samples[name].append(_sample(one, cell, messages, plan))
                plan.tell(f"{name} {cell.name}: round {number + 1}: {samples[name][-1].load.rate:,.0f} calls/s")
            except Void as error:
                void[name].append(str(error))
                plan.tell(f"{name} {cell.name}: round {number + 1} is VOID: {error}")
    return [_speed(plan.run, name, cell, found, void[name]) for name, found in samples.items()]


def _sample(one: Ready, cell: Cell, messages: Sequence[Message], plan: Plan) -> Sample:
    counted = one.launch.counted
    before = settled(counted) if counted else None
    cpu, begin = one.processes.cpu_seconds, time.monotonic()
    load = plan.load(one.target, cell, messages, plan.seconds, plan.scratch)
    sample = Sample(load, one.processes.cpu_seconds - cpu, time.monotonic() - begin)
    if counted and before:
        agree(counted, before, load.answers, cell)
    return sample


def _idle_cores(ready: Sequence[Ready], seconds: float) -> Mapping[str, float]:
    before = {one.server.name: one.processes.cpu_seconds for one in ready}
    time.sleep(seconds)
    return {one.server.name: (one.processes.cpu_seconds - before[one.server.name]) / seconds for one in ready}


def _speed(run: str, server: str, cell: Cell, samples: Sequence[Sample], void: Sequence[str]) -> Speed:
    """Medians; zeros where no round counts."""

    def median(of: Callable[[Sample], float]) -> float:
        return float(np.median([of(one) for one in samples])) if samples else 0.0

    return Speed(
        run,
        server,
        cell.name,
        cell.rows,
        [one.load.rate for one in samples],
        median(lambda one: one.load.rate),
        median(lambda one: 1e3 * float(np.percentile(one.load.durations, 50))),
        median(lambda one: 1e3 * float(np.percentile(one.load.durations, 99))),
        median(lambda one: 1e6 * one.cpu_seconds / one.load.answers),
        median(lambda one: one.cpu_seconds / one.seconds),
        median(lambda one: one.load.cpu_seconds / one.seconds),
        void,
    )
