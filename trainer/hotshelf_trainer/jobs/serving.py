"""A trainer that runs trainings for others: put together here, started and stopped in this order."""

import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2_grpc
from sqlalchemy import Engine

from hotshelf.training.v1 import training_pb2_grpc
from hotshelf_store import open_store
from hotshelf_trainer.jobs.attempt import Terms
from hotshelf_trainer.jobs.database import locked, open_database
from hotshelf_trainer.jobs.errors import DatabaseUnavailable, PortTaken
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.health import Health
from hotshelf_trainer.jobs.intake import Intake
from hotshelf_trainer.jobs.metrics import EndedCounts, TrainerCollector, metrics_endpoint
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.runner import Places, Runner
from hotshelf_trainer.jobs.scheduler import Scheduler
from hotshelf_trainer.jobs.schedules import Schedules
from hotshelf_trainer.jobs.service import Streams, TrainingService
from hotshelf_trainer.jobs.summary import summary
from hotshelf_trainer.jobs.training import Limits
from hotshelf_trainer.jobs.trainings import Trainings
from hotshelf_trainer.publishing import version_of

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=6 * 3600.0, memory_bytes=4 << 30)
WORKER = (sys.executable, "-m", "hotshelf_trainer.jobs.worker")
CALL_THREADS = 8
MAX_STREAMS = 64
"""Streams that are open at once: of watchers, of trainings and of health."""

SPARE_CALLS = 256
"""Calls that wait for a thread; gRPC refuses what comes beyond them."""

CALL_GRACE_SECONDS = 5.0
"""That calls have which still run when the trainer stops."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a trainer needs to know. Limits are those of one training."""

    store: Path
    data_root: Path
    work_dir: Path
    """For temporary files, and for the database where none is named."""
    database: str = ""
    host: str = "[::]"
    port: int = 0
    metrics_port: int = 0
    concurrent: int = 1
    limits: Limits = LIMITS
    drain_seconds: float = 30.0
    grace_seconds: float = 10.0
    look_seconds: float = 1.0
    worker: Sequence[str] = WORKER


class Trainer:
    """A trainer that serves. ``port`` is where, ``metrics`` is what it tells Prometheus."""

    def __init__(self, settings: Settings, engine: Engine, now: Callable[[], float]) -> None:
        """Put it together, and bind the port. Raises `PortTaken` and the store's errors."""
        store = open_store(settings.store)
        scratch = _emptied(settings.work_dir / "scratch")
        studies = settings.work_dir / "studies"
        studies.mkdir(exist_ok=True)
        self._settings = settings
        self.metrics_port = 0
        self._draining = threading.Event()
        self._pulse = pulse = Pulse()
        events = Events(engine)
        counts = EndedCounts()
        trainings = Trainings(engine, events, now, counts)
        schedules = Schedules(engine, now)
        intake = Intake(trainings, settings.data_root, settings.limits, pulse, self._draining.is_set)
        self._runner = Runner(
            trainings,
            events,
            pulse,
            concurrent=settings.concurrent,
            terms=Terms(settings.worker, scratch, settings.grace_seconds, settings.look_seconds),
            places=Places(settings.store.resolve(), settings.data_root.resolve(), studies.resolve()),
            collect=store.collect,
            now=now,
        )
        self._scheduler = Scheduler(schedules, trainings, intake, now)
        streams = Streams(MAX_STREAMS)
        service = TrainingService(
            intake,
            trainings,
            events,
            schedules,
            pulse=pulse,
            streams=streams,
            draining=self._draining.is_set,
            now=now,
        )
        health = Health(lambda: not self._draining.is_set(), pulse, streams)
        self.metrics = TrainerCollector(lambda: summary(engine), schedules, counts, now, version=version_of("hotshelf"))
        self._server, self.port = _listening(settings, service, health)

    def start(self) -> None:
        """Find what was lost, run what waits, then answer."""
        self._runner.start()
        self._scheduler.start()
        self._server.start()

    def stop(self) -> None:
        """Take nothing new, let trainings end in the drain time, give up the others, then end the calls."""
        self._draining.set()
        self._pulse.beat()
        self._scheduler.stop()
        self._runner.stop(self._settings.drain_seconds)
        self._pulse.beat()
        self._server.stop(CALL_GRACE_SECONDS).wait()


@contextmanager
def trainer(settings: Settings, now: Callable[[], float] = time.time) -> Iterator[Trainer]:
    """A trainer that serves for as long as the context lasts, and its metrics until it has stopped.

    Raises `JobError` and the store's errors.
    """
    taken = DatabaseUnavailable(f"{settings.work_dir}: another trainer works there; give each a --work-dir of its own")
    database = settings.database or f"sqlite:///{settings.work_dir / 'jobs.sqlite'}"
    with locked(settings.work_dir / "lock", taken), open_database(database) as engine:
        made = Trainer(settings, engine, now)
        with metrics_endpoint(settings.host, settings.metrics_port, made.metrics) as made.metrics_port:
            made.start()
            try:
                yield made
            finally:
                made.stop()


def _listening(settings: Settings, service: TrainingService, health: Health) -> tuple[grpc.Server, int]:
    """The server, and the port that it is bound to."""
    server = grpc.server(
        ThreadPoolExecutor(CALL_THREADS + MAX_STREAMS, thread_name_prefix="call"),
        options=[("grpc.so_reuseport", 0)],  # grpcio shares a taken port silently by default
        maximum_concurrent_rpcs=CALL_THREADS + MAX_STREAMS + SPARE_CALLS,
    )
    training_pb2_grpc.add_TrainingServiceServicer_to_server(service, server)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    address = f"{settings.host}:{settings.port}"
    try:
        return server, server.add_insecure_port(address)
    except RuntimeError as error:
        raise PortTaken(f"can't listen on {address}: the port is taken, or may not be bound; try another") from error


def _emptied(folder: Path) -> Path:
    """What a former trainer's attempts left there belongs to nobody any more."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder.resolve()
