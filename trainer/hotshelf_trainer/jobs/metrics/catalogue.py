"""Every metric of a trainer. Beside these it exports those of its process."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "info"]
"""As Prometheus calls them."""

SUFFIXES = {"counter": "_total", "info": "_info"}
"""What its formats add to a name."""

DURATION_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0)
"""Upper bounds in seconds, from a second to eight hours."""


@dataclass(frozen=True, slots=True)
class TrainerMetric:
    """One metric: ``help`` is what Prometheus shows; ``action`` tells an operator what it means when the metric looks
    wrong, and what to do. ``unit`` is empty for plain counts."""

    name: str
    kind: Kind
    help: str
    action: str
    labels: tuple[str, ...] = ()
    unit: str = ""

    @property
    def exported(self) -> str:
        """The name to ask Prometheus for; a histogram's series add ``_bucket``, ``_sum`` and ``_count``."""
        return self.name + SUFFIXES.get(self.kind, "")


TRAININGS = TrainerMetric(
    "hotshelf_trainings",
    "gauge",
    "Trainings that are kept, by state.",
    "QUEUED grows: more is asked for than --concurrent trainings get done; add a trainer with a database of its own.",
    ("state",),
)
ENDED = TrainerMetric(
    "hotshelf_trainings_ended",
    "counter",
    "Trainings that ended since the trainer started, by state; LOST ones that are begun anew count, too.",
    "FAILED or LOST: `hotshelf trainings watch` tells why. REFUSED: the gate did; read the version's report.",
    ("model", "state"),
)
DURATION = TrainerMetric(
    "hotshelf_training_duration_seconds",
    "histogram",
    "Duration of the trainings that ended since the trainer started, from their begin.",
    "Grows with the data. Near --limit-seconds, trainings are about to fail: raise it, or search less.",
    ("model",),
    "seconds",
)
SUCCESS = TrainerMetric(
    "hotshelf_training_success_timestamp_seconds",
    "gauge",
    "When a model's training last ended well (SUCCEEDED or NOT_NEEDED), in seconds since the epoch.",
    "Long ago: trainings fail, are refused, or none is begun; see hotshelf_trainings_ended_total and the schedules.",
    ("model",),
    "seconds",
)
WAITING = TrainerMetric(
    "hotshelf_training_waiting_seconds",
    "gauge",
    "How long the training has waited that has waited longest; 0 where none waits.",
    "Grows: the one that runs takes long, or hangs until --limit-seconds; see `hotshelf trainings list`.",
    (),
    "seconds",
)
NEXT = TrainerMetric(
    "hotshelf_schedule_next_timestamp_seconds",
    "gauge",
    "When a schedule is due next, in seconds since the epoch.",
    "In the past: its last training still runs, the queue is full, or the trainer can't reach its database.",
    ("schedule",),
    "seconds",
)
BUILD = TrainerMetric(
    "hotshelf_trainer_build",
    "info",
    "Version of the trainer.",
    "Differs from the servers': trained bundles may need a library that they don't have.",
    ("version",),
)

TRAINER_METRICS = (TRAININGS, ENDED, DURATION, SUCCESS, WAITING, NEXT, BUILD)
