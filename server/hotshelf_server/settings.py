"""The server's settings: a YAML file, the environment over it, flags over both. The environment is read here alone."""

import difflib
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hotshelf_server.core.control import Control
from hotshelf_server.core.model_settings import DEFAULTS, BatchingSettings, ModelSettings, QueueSettings
from hotshelf_server.observability.log_format import Form

log = logging.getLogger(__name__)

PREFIX = "HOTSHELF_"
"""Environment variables are the settings' names in capitals behind this, such as HOTSHELF_PORT."""

FOREIGN = frozenset({"HOTSHELF_SERVER", "HOTSHELF_TRAINER"})
"""Variables of the client."""

MIB = 1 << 20


MAPS = ("models", "model_settings")

Compression = Literal["none", "deflate", "gzip"]
TreeEngine = Literal["auto", "lightgbm"]


class SettingsError(Exception):
    """A setting is unknown or out of its range; the message names it and what was expected."""


class Settings(BaseModel):
    """Everything that can be set."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    store: Path | None = Field(default=None, description="directory of the store")
    models: dict[str, Path] = Field(default_factory=dict, description="bundles to serve without a store, by model name")
    host: str = Field(default="[::]", description="address to listen on")
    port: int = Field(default=8500, ge=0, le=65535, description="gRPC port; 0: any free one")
    metrics_port: int = Field(default=8501, ge=0, le=65535, description="port of /metrics; 0: any free one")
    workers: int = Field(
        default=1, ge=1, le=256, description="processes that answer on one port; docs/workers.md tells more"
    )
    threads: int = Field(default=8, ge=1, le=1024, description="calls computed at once, by each worker")
    max_streams: int = Field(default=64, ge=1, le=4096, description="streams open at once, beyond which are refused")
    max_calls: int = Field(
        default=1024, ge=1, le=1 << 16, description="calls that run or wait, beyond which they are refused"
    )
    max_message_bytes: int = Field(default=65 * MIB, ge=MIB, description="largest request or response, in bytes")
    max_connection_age: float = Field(
        default=0, ge=0, description="seconds after which a connection is renewed; 0: never (several workers: 120)"
    )
    max_connection_age_grace: float = Field(default=60, ge=0, description="seconds that its running calls then have")
    fast_lane: bool = Field(
        default=True, description="whether cheap calls are answered on gRPC's own thread, which takes a known grpcio"
    )
    triton_metrics: bool = Field(
        default=False, description="whether /metrics has Triton's nv_inference_* beside our own metrics"
    )
    poll_seconds: float = Field(default=0.5, gt=0, description="seconds between looks at the store")
    load_threads: int = Field(
        default=2, ge=1, le=64, description="versions loaded at once by each worker, twice that if loads take long"
    )
    model_threads: int = Field(default=1, ge=1, le=1024, description="threads that one call of a model may use")
    tree_engine: TreeEngine = Field(
        default="auto", description="for LightGBM models: auto (our own where it is proved equal), or lightgbm"
    )
    engine_folder: Path | None = Field(
        default=None, description="folder in which measured choices of engines are kept; none: until the process ends"
    )
    trial_seconds: float = Field(default=120, gt=0, description="limit of a trial load")
    trial_memory_bytes: int = Field(default=16 << 30, ge=256 * MIB, description="limit of a trial load's address space")
    call_seconds: float = Field(default=30, gt=0, description="limit of one call to a python model")
    worker_memory_bytes: int = Field(
        default=16 << 30, ge=256 * MIB, description="limit of the address space of a python model's process"
    )
    drain_delay: float = Field(default=1, ge=0, description="seconds from SIGTERM to the end of listening")
    drain_seconds: float = Field(default=30, ge=0, description="seconds that running calls have after that")
    allow_python: tuple[str, ...] = Field(default=(), description="modules whose classes the python runtime may run")
    skops_types: tuple[str, ...] = Field(default=(), description="types that skops may load beside the built-in ones")
    model_control: Control = Field(
        default=Control.NONE, description="who says which models are loaded: none (the store), explicit or both"
    )
    model_settings: dict[str, ModelSettings] = Field(
        default_factory=dict, description="versions, concurrency, queue and batching by model; * for all others"
    )
    required_models: tuple[str, ...] = Field(default=(), description="models without which the server is not ready")
    max_loaded: int | None = Field(
        default=None, ge=1, description="versions in memory at once, by each worker; none: all"
    )
    max_loaded_bytes: int | None = Field(default=None, ge=1, description="their memory in bytes; none: no bound")
    compression: Compression = Field(default="none", description="of answers: none, deflate or gzip")
    allow_library_drift: bool = Field(
        default=False, description="whether bundles of other major or minor versions of their libraries are served"
    )
    registry_writes: bool = Field(
        default=True, description="whether Promote, Rollback and SetAlias may write to the store"
    )
    log_format: Form = Field(default="text", description="of the log: text, or json, one object a line")
    access_log: float = Field(
        default=0,
        ge=0,
        le=1,
        description="share of the calls that the log has a line for, beside all faults; 0: none",
    )
    tracing_endpoint: str | None = Field(
        default=None,
        pattern="^https?://[^/]+$",
        description="OTLP collector that spans go to, such as http://collector:4317; none: no spans",
    )
    tracing_share: float = Field(
        default=0.01, ge=0, le=1, description="share of the calls that are traced though their callers trace none"
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level logged")

    @field_validator("model_settings", mode="before")
    @classmethod
    def _over_the_defaults(cls, by_model: Any) -> Any:
        """What a model's own settings don't say is as ``*`` says."""
        if not isinstance(by_model, dict) or not isinstance(by_model.get(DEFAULTS), dict):
            return by_model
        defaults = by_model[DEFAULTS]
        return {model: {**defaults, **own} if isinstance(own, dict) else own for model, own in by_model.items()}


def load_settings(file: Path | None, flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that hold. ``flags`` that are None were not given. Raises `SettingsError`."""
    values = _from_file(file) if file else {}
    values |= _from_environment(environment)
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(one) for one in error.errors())) from error
    if settings.store is None and not settings.models:
        raise SettingsError("nothing to serve: give --store DIR, or --model NAME=PATH")
    return settings


def _from_file(file: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - a start by flags alone needs none of it

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise SettingsError(f"can't read {file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: expected settings by name, found {type(content).__name__}")
    return content


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Variables that are set but empty count as not set."""
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    given = {variable: text for variable, text in environment.items() if variable.startswith(PREFIX) and text}
    for variable in sorted(set(given) - set(known) - FOREIGN):
        # Not refused: Kubernetes makes variables of a service's name.
        log.warning("environment variable %s is no setting%s", variable, _suggestion(variable, known))
    return {name: _parsed(variable, name, given[variable]) for variable, name in known.items() if variable in given}


def _parsed(variable: str, name: str, text: str) -> Any:
    """Maps are YAML, lists too or parts between commas; all else is taken by its letters, as in ``[::]``."""
    kind = Settings.model_fields[name].annotation
    is_list = kind == tuple[str, ...]
    if is_list and not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if not is_list and name not in MAPS:
        return text
    import yaml  # noqa: PLC0415 - as above

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"environment variable {variable}={text!r} is no YAML: {error}") from error


def _explain(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"setting {name}: {error['msg']}, found {error['input']!r}"
    return f"unknown setting {name}{_suggestion(str(error['loc'][-1]), KNOWN)}"


KNOWN = (
    *Settings.model_fields,
    *ModelSettings.model_fields,
    *QueueSettings.model_fields,
    *BatchingSettings.model_fields,
)
"""Every name that a setting may have."""


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def to_yaml(settings: Settings) -> str:
    """The settings as a file that says the same, each with what it means."""
    import yaml  # noqa: PLC0415 - as above

    values = settings.model_dump(mode="json")
    lines = []
    for name, field in Settings.model_fields.items():
        lines.append(f"# {field.description}")
        lines.append(yaml.safe_dump({name: values[name]}, sort_keys=False, default_flow_style=False).rstrip())
    return "\n".join(lines) + "\n"
