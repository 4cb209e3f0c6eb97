"""Metrics of the process, which prometheus_client makes. Those named process_* exist on Linux alone."""

from hotshelf_server.observability.catalogue.spec import Kind, MetricSpec, Over

GENERATION = ("generation",)

PROCESS_METRICS = (
    MetricSpec(
        "process_cpu_seconds",
        Kind.COUNTER,
        "Processor time of the server, without its child processes.",
        "At the container's limit: add replicas. Much of it without calls: see the loads.",
        unit="seconds",
    ),
    MetricSpec(
        "process_resident_memory_bytes",
        Kind.GAUGE,
        "Memory that the server holds.",
        "Near the container's limit: it is about to be killed. Bound it by max_loaded_bytes.",
        unit="bytes",
        over=Over.SUM,
    ),
    MetricSpec(
        "process_virtual_memory_bytes",
        Kind.GAUGE,
        "Address space that the server has reserved.",
        "Says little by itself.",
        unit="bytes",
        over=Over.SUM,
    ),
    MetricSpec(
        "process_start_time_seconds",
        Kind.GAUGE,
        "When the process was started, in seconds since the epoch.",
        "Changes often: the server restarts; look at its last log lines.",
        unit="seconds",
        over=Over.LOWEST,
    ),
    MetricSpec(
        "process_open_fds",
        Kind.GAUGE,
        "File descriptors that are open: connections above all.",
        "Near process_max_fds: new connections fail. Clients that open one for each call are the usual cause.",
        over=Over.SUM,
    ),
    MetricSpec(
        "process_max_fds", Kind.GAUGE, "File descriptors that may be open.", "Raise it by ulimit -n.", over=Over.SUM
    ),
    MetricSpec(
        "python_gc_objects_collected",
        Kind.COUNTER,
        "Objects that the garbage collector freed.",
        "Says little by itself.",
        GENERATION,
    ),
    MetricSpec(
        "python_gc_objects_uncollectable",
        Kind.COUNTER,
        "Objects that the garbage collector could not free.",
        "Grows: memory leaks; report it.",
        GENERATION,
    ),
    MetricSpec(
        "python_gc_collections",
        Kind.COUNTER,
        "Runs of the garbage collector.",
        "Many of the oldest generation: calls wait for them; report it with the model's runtime.",
        GENERATION,
    ),
    MetricSpec(
        "python_info",
        Kind.GAUGE,
        "Version of Python.",
        "Differs over a fleet: so do the images.",
        ("version", "implementation", "major", "minor", "patchlevel"),
        over=Over.HIGHEST,
    ),
)
