"""What loads of one model cost the callers of another: its p99 while versions load, over its p99 while none does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from tests.e2e.reloads.judging import Verdict, judge
from tests.e2e.reloads.load import OTHER, RELOADED, Call
from tests.e2e.reloads.programme import Stage, publish_good, staged
from tests.e2e.reloads.sightings import loads
from tests.e2e.reloads.versions import Forest

TRIAL_SECONDS = 60.0
REST_SECONDS = 1.5
"""Between phases, for what was replaced to be unloaded."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time, and the server's CPU in it."""

    span: Span
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Round:
    """Figures of the other model's calls, in ms, without loads and while a version loads."""

    p50_control: float
    p99_control: float
    p50_loading: float
    p99_loading: float
    calls_loading: int
    loads: int
    cpu_us_control: float
    cpu_us_loading: float

    @property
    def ratio(self) -> float:
        """The gate's figure."""
        return self.p99_loading / self.p99_control


@dataclass(frozen=True, slots=True)
class Latency:
    """All rounds, and what became of the calls."""

    rounds: Sequence[Round]
    verdict: Verdict

    @property
    def ratio(self) -> float:
        """Median of the rounds."""
        return median(one.ratio for one in self.rounds)


def measure(folder: Path, forest: Forest, rounds: int, seconds: float, calls_per_second: float) -> Latency:
    """Rounds of a phase without loads and a phase with them, in turn, in one server; who is first changes."""
    with staged(folder, forest, trial_seconds=TRIAL_SECONDS, calls_per_second=calls_per_second) as stage:
        publish_good(stage)
        pairs = [_pair(stage, seconds, loads_first=number % 2 == 1) for number in range(rounds)]
        calls = stage.load.end()
        found = loads(stage.server, RELOADED)
    spans = [(one.at - one.seconds, one.at) for one in found]
    verdict = judge(calls, {one.model: one.answers for one in (stage.reloaded, stage.other)})
    return Latency([_round(calls, spans, control, loading) for control, loading in pairs], verdict)


def _pair(stage: Stage, seconds: float, *, loads_first: bool) -> tuple[Phase, Phase]:
    def without() -> None:
        time.sleep(seconds)

    def with_loads() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            publish_good(stage)

    if loads_first:
        loading = _phase(stage, with_loads)
        return _phase(stage, without), loading
    return _phase(stage, without), _phase(stage, with_loads)


def _phase(stage: Stage, act: Callable[[], None]) -> Phase:
    time.sleep(REST_SECONDS)
    began, cpu = time.monotonic(), stage.server.cpu_seconds
    act()
    return Phase((began, time.monotonic()), stage.server.cpu_seconds - cpu)


def _round(calls: Sequence[Call], spans: Sequence[Span], control: Phase, loading: Phase) -> Round:
    during = [span for span in spans if loading.span[0] <= span[0] <= loading.span[1]]
    quiet = _latencies(calls, [control.span])
    busy = _latencies(calls, during)
    return Round(
        p50_control=float(np.percentile(quiet, 50)),
        p99_control=float(np.percentile(quiet, 99)),
        p50_loading=float(np.percentile(busy, 50)),
        p99_loading=float(np.percentile(busy, 99)),
        calls_loading=len(busy),
        loads=len(during),
        cpu_us_control=_cpu_us(calls, control),
        cpu_us_loading=_cpu_us(calls, loading),
    )


def _latencies(calls: Sequence[Call], spans: Sequence[Span]) -> Sequence[float]:
    """Of the other model's calls that were due within one of the spans, in ms."""
    return [
        1000 * call.seconds
        for call in calls
        if call.lane == OTHER and not call.error and any(begin <= call.due <= end for begin, end in spans)
    ]


def _cpu_us(calls: Sequence[Call], phase: Phase) -> float:
    """The server's CPU for each call of any kind, in µs."""
    begin, end = phase.span
    return 1e6 * phase.cpu_seconds / sum(begin <= call.due <= end for call in calls)
