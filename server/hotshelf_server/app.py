"""The composition root: builds every object, passes it in, decides nothing."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from hotshelf_server import lifecycle
from hotshelf_server.company import alone, seated
from hotshelf_server.core.busy import Busy
from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.memory import share_arenas
from hotshelf_server.core.model_settings import ModelBook
from hotshelf_server.core.types import VersionId
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.dataplane.at_once import AtOnce
from hotshelf_server.dataplane.plans import Plans
from hotshelf_server.dataplane.shadow import Shadow
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.executor import Executor
from hotshelf_server.execution.pool import CallPool
from hotshelf_server.models.budget import Budget
from hotshelf_server.models.loader import Loader
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.source import Bundle, Source
from hotshelf_server.models.sources import ControlledSource, FolderSource, JoinedSource, StoreSource
from hotshelf_server.models.states import State
from hotshelf_server.models.trial import Trial, Tried
from hotshelf_server.models.warm_process import WarmProcess, trial_process
from hotshelf_server.observability.access_log import AccessLog
from hotshelf_server.observability.collector import ServerCollector
from hotshelf_server.observability.ended_call import Witness
from hotshelf_server.observability.endpoint import MetricsEndpoint
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.observability.records import Records
from hotshelf_server.readiness import Readiness
from hotshelf_server.reloading import Reloading
from hotshelf_server.runtimes import RuntimePolicy, load, prepare, replay
from hotshelf_server.runtimes.engines import Kept, Measurer, Rest, machine
from hotshelf_server.sampling import Sampling
from hotshelf_server.services.calls import Calls
from hotshelf_server.services.health import Health
from hotshelf_server.services.inference import InferenceService
from hotshelf_server.services.introspection import Introspection
from hotshelf_server.services.recommend import RecommendationService
from hotshelf_server.services.registry import RegistryService
from hotshelf_server.services.replica import Replica
from hotshelf_server.services.repository import RepositoryCalls
from hotshelf_server.services.shortcut import InferShortcut
from hotshelf_server.services.streams import Streams
from hotshelf_server.services.watch import ModelWatch
from hotshelf_server.settings import Settings, SettingsError
from hotshelf_server.transport.listener import Listener, ListenerSettings, Services
from hotshelf_server.workers.seat import Seat
from hotshelf_store import Store, open_store

if TYPE_CHECKING:
    from hotshelf_server.observability.spans import Spans

SWITCH_SECONDS = 0.0005
"""After so long a thread that computes in Python lets another go on. With the usual 5 ms, each of the few times that a
call needs the interpreter's lock could cost it as much while a version loads."""


def build(settings: Settings, seat: Seat | None = None, trials: WarmProcess | None = None) -> lifecycle.Server:
    """A server, bound to its ports but not started. Raises `StoreError`, `PortTaken`, `OSError`, `SettingsError`.

    ``seat``: its place among several workers. Such a one is not bound yet, and the parent has the port of its metrics.
    ``trials``: the process that versions are tried in, where one was begun.
    """
    clock = SystemClock()
    store = open_store(settings.store) if settings.store else None
    book = ModelBook(settings.model_settings)
    source = _source(settings, store, book)
    trials = trials or trial_process(seat.trials if seat else None)
    loading = Busy()
    measurer = Measurer(
        Kept(settings.engine_folder), machine(settings.model_threads), pauses=partial(Rest, busy=loading)
    )
    loader = _loader(settings, source, trials, book=book, measurer=measurer, loading=loading)
    manager = Manager(
        source,
        loader,
        clock,
        poll_seconds=settings.poll_seconds,
        load_threads=settings.load_threads,
        budget=Budget(settings.max_loaded, settings.max_loaded_bytes),
    )
    pool = CallPool(settings.max_calls, "call")
    streams = CallPool(settings.max_streams, "stream")
    admission = Admission(lambda: pool.refusing)
    records = Records()
    spans = _spans(settings)
    levels = LogLevels(settings.log_level)
    executor = Executor(book.of, settings.threads, clock, records.statistics)
    shadow = Shadow(manager, executor, records.shadows)
    dataplane = Dataplane(
        manager, admission, executor, shadow, scores=records.traffic.scores, offer=records.values.offer
    )
    access_logs = [AccessLog(settings.access_log)] if settings.access_log else []
    witnesses: list[Witness] = [*access_logs, *spans]
    plans = Plans(
        manager,
        admission,
        executor,
        clock,
        tallies=records.tallies,
        offer=records.values.offer,
        traced=lambda: bool(witnesses) or records.tracer.on,
    )
    health = Health()
    company = alone if seat is None else partial(seated, seat=seat)
    mates = company(manager, source, book, records, levels)
    readiness = Readiness(manager, health, required=settings.required_models, agree=mates.everyone.agree)
    sampling = Sampling(
        manager=manager,
        readiness=readiness,
        admission=admission,
        executor=executor,
        streams=streams,
        clock=clock,
        limit=settings.max_calls,
        choice=measurer.choice,
    )
    for listeners in (manager.listeners, mates.everyone.listeners):
        listeners.append(readiness.update)
    manager.listeners.append(lambda: records.keep((one.id for one in manager.statuses()), clock.monotonic()))
    calls = Calls(records, clock, manager.tables, witnesses)
    replica = Replica(mates.everyone, store, mates.everyone.replica_id)
    watch = ModelWatch(replica.models)
    for listeners in (manager.listeners, mates.everyone.listeners):
        listeners.append(watch.changed)
    services = Services(
        InferenceService(
            dataplane,
            manager,
            calls,
            readiness,
            able=mates.everyone.able,
            version=code_version(),
            introspection=Introspection(dataplane, manager, book.of, mates.statistics, measurer.choice),
            repository=RepositoryCalls(mates.repository),
            operating=mates.operating,
            streams=Streams(dataplane, calls, lambda: streams.refusing),
        ),
        RecommendationService(dataplane, calls, records.recommendations),
        RegistryService(
            replica,
            store,
            calls,
            watch=watch,
            traffic=mates.traffic,
            refusing=lambda: streams.refusing,
            writable=settings.registry_writes,
            written=mates.written,
        ),
        health,
        AtOnce(manager, executor),
        InferShortcut(plans, clock),
    )
    listener = Listener(_listener_settings(settings), services, pool, streams)
    if seat is None:
        listener.bind()
    collector = ServerCollector(
        records,
        sampling,
        clock,
        version=code_version(),
        states=[state.value for state in State],
        triton=settings.triton_metrics,
    )
    metrics = (
        MetricsEndpoint(settings.host.strip("[]"), settings.metrics_port, collector)
        if seat is None
        else seat.exports(collector, settings.port)
    )
    return lifecycle.Server(
        manager=manager,
        trials=trials,
        readiness=readiness,
        sampling=sampling,
        pool=pool,
        admission=admission,
        shadow=shadow,
        watch=watch,
        book=book,
        levels=levels,
        health=health,
        listener=listener,
        metrics=metrics,
        spans=spans,
        drain_delay=settings.drain_delay,
        drain_seconds=settings.drain_seconds,
    )


def run(settings: Settings, file: Path | None, read: Callable[[], Settings], trials: WarmProcess) -> None:
    """Serve until a signal, then drain. Settings of models are read anew when ``file`` changes, or on SIGHUP."""
    with interpreter(settings):
        server = build(settings, trials=trials)
        server.levels.install(logging.getLogger())
        lifecycle.start(server)
        reloading = Reloading(settings, read, server.book.state, file)
        lifecycle.wait_for_signal(reloading)
        lifecycle.stop(server)


@contextmanager
def interpreter(settings: Settings) -> Iterator[None]:
    """This process, set up to answer calls. To be entered before there are threads."""
    sys.setswitchinterval(SWITCH_SECONDS)
    share_arenas()
    # Matrices of single calls are small: BLAS threads would wait for each other longer than they compute.
    with threadpool_limits(settings.model_threads, "blas"):
        yield


def code_version() -> str:
    """The version of this distribution; "unknown" when it runs from a plain checkout."""
    try:
        return version("hotshelf")
    except PackageNotFoundError:
        return "unknown"


def _source(settings: Settings, store: Store | None, book: ModelBook) -> ControlledSource:
    sources: list[Source] = [FolderSource(settings.models)] if settings.models else []
    if store is not None:
        sources.append(StoreSource(store, book.of))
    return ControlledSource(JoinedSource(sources), settings.model_control)


def _loader(
    settings: Settings, source: Source, trials: WarmProcess, *, book: ModelBook, measurer: Measurer, loading: Busy
) -> Loader:
    policy = RuntimePolicy(
        python_modules=settings.allow_python,
        skops_types=settings.skops_types,
        threads=settings.model_threads,
        tree_engine=settings.tree_engine,
        call_seconds=settings.call_seconds,
        worker_memory_bytes=settings.worker_memory_bytes,
        load_seconds=settings.trial_seconds,
        allow_library_drift=settings.allow_library_drift,
    )
    limits = {"policy": asdict(policy), "memory_bytes": settings.trial_memory_bytes}
    trial = Trial(trials, settings.trial_seconds, limits)

    def load_here(version: VersionId, bundle: Bundle, tried: Tried) -> Servable:
        said = book.of(version.model)
        own = replace(policy, engine=said.engine, engine_tolerance=said.engine_tolerance, proved=tried.proved)
        return load(bundle.folder, bundle.manifest, own)

    return Loader(source, trial, load_here, replay, measurer, prepare=prepare, loading=loading)


def _spans(settings: Settings) -> "Sequence[Spans]":
    """One that spans are made by, or none. Raises `SettingsError`."""
    if settings.tracing_endpoint is None:
        return ()
    try:
        from hotshelf_server.observability.spans import spans  # noqa: PLC0415 - an extra that few install
    except ModuleNotFoundError as error:
        raise SettingsError("tracing_endpoint needs OpenTelemetry: pip install 'hotshelf[tracing]'") from error
    return (spans(settings.tracing_endpoint, settings.tracing_share, code_version()),)


def _listener_settings(settings: Settings) -> ListenerSettings:
    return ListenerSettings(
        settings.host,
        settings.port,
        settings.max_calls,
        settings.max_streams,
        settings.max_message_bytes,
        settings.compression,
        settings.max_connection_age,
        settings.max_connection_age_grace,
        settings.fast_lane,
        settings.workers > 1,
    )
