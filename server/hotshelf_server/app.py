"""The composition root: builds every object, passes it in, decides nothing."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from threadpoolctl import threadpool_limits

from hotshelf_server import lifecycle
from hotshelf_server.core.clock import SystemClock
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.pool import CallPool
from hotshelf_server.models.loader import Loader
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.source import FolderSource, JoinedSource, Source, StoreSource
from hotshelf_server.models.states import State
from hotshelf_server.models.trial import Trial
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.observability.collector import ServerCollector
from hotshelf_server.observability.endpoint import MetricsEndpoint
from hotshelf_server.observability.traffic import Traffic
from hotshelf_server.readiness import Readiness
from hotshelf_server.runtimes import RuntimePolicy, load, replay
from hotshelf_server.services.calls import Calls
from hotshelf_server.services.health import Health
from hotshelf_server.services.inference import InferenceService
from hotshelf_server.services.recommend import RecommendationService
from hotshelf_server.services.registry import RegistryService
from hotshelf_server.services.replica import Replica
from hotshelf_server.services.watch import ModelWatch
from hotshelf_server.settings import Settings
from hotshelf_server.transport.listener import Listener, ListenerSettings, Services
from hotshelf_store import Store, open_store

TRIAL_COMMAND: Sequence[str] = (sys.executable, "-m", "hotshelf_server.trial")


def build(settings: Settings) -> lifecycle.Server:
    """A server, bound to its ports but not started. Raises `StoreError`, `PortTaken`, `OSError`."""
    clock = SystemClock()
    store = open_store(settings.store) if settings.store else None
    pool = CallPool(settings.threads, settings.max_calls)
    streams = CallPool(settings.max_streams, settings.max_streams)
    admission = Admission(lambda: pool.refusing)
    health = Health()
    manager = _manager(settings, store, clock)
    readiness = Readiness(manager, admission, health)
    replica = Replica(manager, store)
    watch = ModelWatch(replica.models)
    manager.on_change += [readiness.update, watch.changed]
    counts = CallCounts()
    traffic = Traffic(lambda: {status.id for status in manager.statuses()})
    calls = Calls(counts, clock, manager.tables, traffic.record)
    dataplane = Dataplane(manager, admission, traffic.scores)
    services = Services(
        InferenceService(dataplane, manager, calls, readiness, code_version()),
        RecommendationService(dataplane, calls),
        RegistryService(
            replica,
            store,
            calls,
            watch=watch,
            traffic=traffic,
            refusing=lambda: streams.refusing,
            writable=settings.registry_writes,
        ),
        health,
    )
    listener = Listener(_listener_settings(settings), services, pool, streams)
    collector = ServerCollector(counts, readiness.sample, code_version(), [state.value for state in State])
    metrics = MetricsEndpoint(settings.host.strip("[]"), settings.metrics_port, collector)
    return lifecycle.Server(
        manager, readiness, pool, admission, watch, listener, metrics, settings.drain_delay, settings.drain_seconds
    )


def run(settings: Settings) -> None:
    """Serve until a signal, then drain."""
    # Matrices of single calls are small: BLAS threads would wait for each other longer than they compute.
    with threadpool_limits(settings.model_threads, "blas"):
        server = build(settings)
        lifecycle.start(server)
        lifecycle.wait_for_signal()
        lifecycle.stop(server)


def code_version() -> str:
    """The version of this distribution; "unknown" when it runs from a plain checkout."""
    try:
        return version("hotshelf")
    except PackageNotFoundError:
        return "unknown"


def _manager(settings: Settings, store: Store | None, clock: SystemClock) -> Manager:
    policy = RuntimePolicy(
        python_modules=settings.allow_python,
        skops_types=settings.skops_types,
        threads=settings.model_threads,
        call_seconds=settings.call_seconds,
        load_seconds=settings.trial_seconds,
    )
    sources: list[Source] = [FolderSource(settings.models)] if settings.models else []
    if store is not None:
        sources.append(StoreSource(store))
    source = JoinedSource(sources)
    limits = {"policy": asdict(policy), "memory_bytes": settings.trial_memory_bytes}
    trial = Trial(TRIAL_COMMAND, settings.trial_seconds, limits)
    loader = Loader(source, trial, lambda folder, manifest: load(folder, manifest, policy), replay)
    return Manager(source, loader, clock, poll_seconds=settings.poll_seconds, load_threads=settings.load_threads)


def _listener_settings(settings: Settings) -> ListenerSettings:
    return ListenerSettings(
        settings.host,
        settings.port,
        settings.max_calls,
        settings.max_message_bytes,
        settings.max_connection_age,
        settings.max_connection_age_grace,
    )
