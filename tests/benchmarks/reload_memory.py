"""Whether the memory of replaced versions comes back: resident memory after few reloads and after many."""

import time
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.reloads.load import RELOADED
from tests.e2e.reloads.programme import Stage, publish_good, staged
from tests.e2e.reloads.versions import Forest
from tests.e2e.server_process import wait_until

FEW, MANY = 10, 100
"""Reloads."""

TRIAL_SECONDS = 60.0
REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident MiB of the server after few reloads and after many."""

    few: float
    many: float

    @property
    def growth(self) -> float:
        """In parts of the first."""
        return self.many / self.few - 1


def measure(folder: Path, forest: Forest, calls_per_second: float, *, few: int = FEW, many: int = MANY) -> Memory:
    """Reload a model again and again under load."""
    with staged(folder, forest, trial_seconds=TRIAL_SECONDS, calls_per_second=calls_per_second) as stage:
        for _ in range(few):
            publish_good(stage)
        before = _settled(stage)
        for _ in range(many - few):
            publish_good(stage)
        return Memory(before, _settled(stage))


def _settled(stage: Stage) -> float:
    """Resident MiB once all but the champion and the one before it are unloaded, and the champion's engines have been
    compared, for which LightGBM has a copy of it."""
    reloads, newest = len(stage.reloaded.answers), max(stage.reloaded.answers)
    wait_until(lambda: stage.server.log.count("is unloaded") >= reloads - 2)
    wait_until(lambda: f"version {RELOADED}/{newest} computes by" in stage.server.log)
    time.sleep(REST_SECONDS)
    return stage.server.resident_mib
