"""Metrics of models, their versions and routes, and of the store that they come from."""

from hotshelf_server.observability.catalogue.spec import VERSION, Kind, MetricSpec, Over

STATE = MetricSpec(
    "hotshelf_version_state",
    Kind.GAUGE,
    "1 for the state that a version is in on this replica, 0 for the others.",
    "failed: `hotshelf status` and the log say why. loading for long: see the setting trial_seconds.",
    (*VERSION, "state"),
    over=Over.LEAST_ADVANCED,
)
LOAD_SECONDS = MetricSpec(
    "hotshelf_version_load_seconds",
    Kind.GAUGE,
    "Time that the last load took, checks, trial and replay included.",
    "Grows with the bundle, a slow store, or a busy processor: trials wait for idle time.",
    VERSION,
    "seconds",
    over=Over.HIGHEST,
)
LOAD_FAILURES = MetricSpec(
    "hotshelf_version_load_failures",
    Kind.COUNTER,
    "Attempts to load a version that failed since it was last loaded.",
    "The bundle is bad, or this machine lacks what it needs: the log says which. The version before it serves on.",
    VERSION,
    over=Over.HIGHEST,
)
GOLDEN_FAILURES = MetricSpec(
    "hotshelf_version_golden_failures",
    Kind.COUNTER,
    "Attempts to load a version that failed because it answers its golden requests otherwise than where it was made.",
    "Compare the library versions in the manifest with those here; train or publish again.",
    VERSION,
    over=Over.HIGHEST,
)
MEMORY = MetricSpec(
    "hotshelf_version_memory_bytes",
    Kind.GAUGE,
    "Memory that a version took in its trial.",
    "Compare the sum with the memory limit of the container; the setting max_loaded_bytes bounds it.",
    VERSION,
    "bytes",
    over=Over.SUM,
)
ENGINE = MetricSpec(
    "hotshelf_engine",
    Kind.INFO,
    "1 for the engine that computes a version's calls of about so many rows, where there are several to choose from.",
    "lightgbm or scikit-learn: our own engine was slower, or not equal to the bit; the log says which.",
    (*VERSION, "rows", "engine"),
    over=Over.HIGHEST,
)
ENGINE_SECONDS = MetricSpec(
    "hotshelf_engine_row_seconds",
    Kind.GAUGE,
    "What an engine took for a row, in batches of so many of a version's golden rows, when engines were compared.",
    "Compare engines, and machines. Absent: not measured yet, nothing to choose from, or a choice that was configured.",
    (*VERSION, "rows", "engine"),
    "seconds",
    over=Over.MEAN,
)
ENGINE_DIFFERENCE = MetricSpec(
    "hotshelf_engine_difference",
    Kind.GAUGE,
    "How far an engine's answers were found to be from the library's, on golden rows or others, relative above 1.",
    "Only of engines that a model's engine_tolerance admits though they aren't equal to the last bit.",
    (*VERSION, "engine"),
    over=Over.HIGHEST,
)
CREATED = MetricSpec(
    "hotshelf_version_created_timestamp_seconds",
    Kind.GAUGE,
    "When a version was committed to the store, in seconds since the epoch.",
    "A champion that is old for your business is due for a training: see `hotshelf schedules`.",
    VERSION,
    "seconds",
    over=Over.HIGHEST,
)
DATA_END = MetricSpec(
    "hotshelf_version_data_end_timestamp_seconds",
    Kind.GAUGE,
    "Time of the latest data that a version learned from, in seconds since the epoch.",
    "Old though the version is new: the data that trainings read has stopped to grow.",
    VERSION,
    "seconds",
    over=Over.HIGHEST,
)
PARKED = MetricSpec(
    "hotshelf_versions_parked",
    Kind.COUNTER,
    "Versions that left memory for others, where memory is bounded, to be loaded again when they are called.",
    "A steady rate: more models are called than fit. Raise max_loaded or max_loaded_bytes, or split the models.",
)
ROUTE = MetricSpec(
    "hotshelf_route_weight",
    Kind.GAUGE,
    "Share of an alias's traffic that a version takes on this replica, relative to the alias's other versions.",
    "Differs from what was promoted: see hotshelf_convergence_age_seconds.",
    ("model", "alias", "version"),
    over=Over.MEAN,
)
ALIAS = MetricSpec(
    "hotshelf_alias",
    Kind.INFO,
    "1 for each version that an alias of the newest alias revision names, whether or not it can answer yet.",
    "Join it by model and version to see a metric by alias.",
    ("model", "alias", "version"),
    over=Over.HIGHEST,
)
CANARIES = MetricSpec(
    "hotshelf_canaries_ended",
    Kind.COUNTER,
    "Splits of the champion that ended, as this replica heard: its newest version was promoted, or taken_back.",
    "taken_back: see why by `hotshelf history`, and compare the versions' metrics.",
    ("model", "outcome"),
    over=Over.COUNTED_ALIKE,
)
ALIAS_REVISION = MetricSpec(
    "hotshelf_alias_revision",
    Kind.GAUGE,
    "Number of the newest alias revision that this replica has read.",
    "Differs between replicas for longer than poll_seconds: some can't read the store.",
    ("model",),
    over=Over.LOWEST,
)
CONVERGENCE_AGE = MetricSpec(
    "hotshelf_convergence_age_seconds",
    Kind.GAUGE,
    "0 while the newest alias revision that was read is applied, else the time since it was written.",
    "Grows: a version that it names doesn't load; `hotshelf status` says why.",
    ("model",),
    "seconds",
    over=Over.HIGHEST,
)
READY = MetricSpec(
    "hotshelf_ready",
    Kind.GAUGE,
    "1 while the server may be sent traffic.",
    "0 for long after a start: a required model or a champion has not been tried yet.",
    over=Over.LOWEST,
)
STORE_ERRORS = MetricSpec(
    "hotshelf_store_errors",
    Kind.COUNTER,
    "Failures to read the store.",
    "The store can't be reached, or something in it can't be read: the log names it. What is loaded serves on.",
)
STORE_READ = MetricSpec(
    "hotshelf_store_read_timestamp_seconds",
    Kind.GAUGE,
    "When the wanted versions were last read, in seconds since the epoch; 0 for never.",
    "Older than some poll_seconds: the store is unreachable, and nothing new is heard of.",
    unit="seconds",
    over=Over.LOWEST,
)
BUILD = MetricSpec(
    "hotshelf_build",
    Kind.INFO,
    "Version of the server.",
    "Several over a fleet for long: an update of the image is stuck.",
    ("version",),
    over=Over.HIGHEST,
)

MODEL_METRICS = (
    STATE,
    LOAD_SECONDS,
    LOAD_FAILURES,
    GOLDEN_FAILURES,
    MEMORY,
    ENGINE,
    ENGINE_SECONDS,
    ENGINE_DIFFERENCE,
    CREATED,
    DATA_END,
    PARKED,
    ROUTE,
    ALIAS,
    CANARIES,
    ALIAS_REVISION,
    CONVERGENCE_AGE,
    READY,
    STORE_ERRORS,
    STORE_READ,
    BUILD,
)
