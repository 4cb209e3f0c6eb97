"""Between a model's settings and Triton's ``ModelConfig``."""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import json_format
from pydantic import ValidationError

from hotshelf.inference import model_config_pb2 as pb
from hotshelf_server.core.engines import DIFFERENCE, Choice, always
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.model_settings import (
    BatchingSettings,
    Latest,
    ModelSettings,
    QueueSettings,
    Specific,
)
from hotshelf_server.core.types import Signature, TensorSpec

DATA_TYPES: Mapping[str, pb.DataType.ValueType] = {
    **{name: pb.DataType.Value(f"TYPE_{name}") for name in ("BOOL", "FP16", "FP32", "FP64", "BF16")},
    **{
        f"{sign}INT{bits}": pb.DataType.Value(f"TYPE_{sign}INT{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)
    },
    "BYTES": pb.TYPE_STRING,
}

IGNORED = frozenset({"name", "platform", "backend", "runtime", "input", "output", "default_model_filename"})
"""What a model's bundle says, whatever a configuration says."""

SERVED = frozenset({"max_batch_size", "dynamic_batching", "instance_group", "version_policy"})

TOLD = frozenset({*always("", "default").properties(), DIFFERENCE})
"""Parameters that say which engines compute."""

DEFAULT_MAX_ROWS = 64
"""Rows of a batch for a configuration that asks for batching without saying how large."""


def config_of(
    model: str, signature: Signature, settings: ModelSettings, choice: Choice | None = None
) -> pb.ModelConfig:
    """How a model is served. Dimensions leave the batch out where calls are joined, as Triton writes them.

    ``choice``: the engines that compute it, told as parameters.
    """
    batched = settings.batching is not None and signature.by_row
    config = pb.ModelConfig(
        name=model,
        platform="hotshelf",
        backend="hotshelf",
        max_batch_size=settings.batching.max_rows if settings.batching is not None and batched else 0,
        input=[_input(spec, batched=batched) for spec in signature.inputs],
        output=[
            pb.ModelOutput(name=spec.name, data_type=DATA_TYPES[spec.datatype], dims=_dims(spec, batched=batched))
            for spec in signature.outputs
        ],
    )
    if batched and settings.batching is not None:
        config.dynamic_batching.CopyFrom(_batching(settings.batching, settings.queue))
    if settings.concurrency is not None:
        config.instance_group.add(kind=pb.ModelInstanceGroup.KIND_CPU, count=settings.concurrency)
    _write_policy(settings, config.version_policy)
    for name, value in (choice.properties() if choice else {}).items():
        config.parameters[name].string_value = value
    return config


def read_config(text: str, stated: ModelSettings) -> ModelSettings:
    """The settings that a configuration in JSON asks for; what it leaves out, but for batching, is as ``stated``.

    Raises `InvalidInput` naming what can't be served.
    """
    try:
        config = json_format.Parse(text, pb.ModelConfig())
    except json_format.ParseError as error:
        raise InvalidInput(f"parameter 'config' is no ModelConfig in JSON: {error}", parameter="config") from error
    for name in _unserved(config):
        raise InvalidInput(
            f"parameter 'config' sets {name}, which is not served; expected some of {', '.join(sorted(SERVED))}",
            parameter="config",
            expected=", ".join(sorted(SERVED)),
            found=name,
        )
    try:
        return ModelSettings.model_validate(
            {
                "versions": stated.versions,
                "concurrency": stated.concurrency,
                "engine": stated.engine,
                "engine_tolerance": stated.engine_tolerance,
                **_values(config, stated.queue),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"parameter 'config': {where}: {first['msg']}", parameter="config") from error


def _unserved(config: pb.ModelConfig) -> Iterator[str]:
    """What a configuration asks for that would be ignored."""
    yield from (field.name for field, _ in config.ListFields() if field.name not in IGNORED | SERVED | {"parameters"})
    # What `config_of` tells may come back.
    yield from (f"parameters {name}" for name in sorted(config.parameters) if name not in TOLD)
    batching = config.dynamic_batching
    if batching.priority_queue_policy:
        yield "dynamic_batching.priority_queue_policy"
    if batching.default_queue_policy.timeout_action != pb.ModelQueuePolicy.REJECT:
        yield "dynamic_batching.default_queue_policy.timeout_action DELAY"
    if any(group.kind == pb.ModelInstanceGroup.KIND_GPU for group in config.instance_group):
        yield "instance_group.kind KIND_GPU"


def _values(config: pb.ModelConfig, stated: QueueSettings) -> dict[str, Any]:
    values: dict[str, Any] = {"queue": stated}
    if config.HasField("dynamic_batching"):
        asked = config.dynamic_batching
        values["batching"] = {
            "max_rows": config.max_batch_size or DEFAULT_MAX_ROWS,
            "max_delay_seconds": asked.max_queue_delay_microseconds / 1e6,
            "preferred_rows": tuple(asked.preferred_batch_size),
        }
        values["queue"] = {**stated.model_dump(), **_queue(asked)}
    if config.instance_group:
        values["concurrency"] = sum(group.count or 1 for group in config.instance_group)
    match config.version_policy.WhichOneof("policy_choice"):
        case "latest":
            values["versions"] = {"latest": config.version_policy.latest.num_versions or 1}
        case "all":
            values["versions"] = "all"
        case "specific":
            values["versions"] = {"specific": tuple(config.version_policy.specific.versions)}
    return values


def _queue(asked: pb.ModelDynamicBatching) -> Mapping[str, Any]:
    """What is said of the queue; 0 says nothing."""
    policy = asked.default_queue_policy
    queue = {
        "priority_levels": asked.priority_levels,
        "default_priority": asked.default_priority_level or (asked.priority_levels + 1) // 2,
        "max_waiting": policy.max_queue_size,
        "timeout_seconds": policy.default_timeout_microseconds / 1e6,
    }
    return {name: value for name, value in queue.items() if value}


def _dims(spec: TensorSpec, *, batched: bool) -> tuple[int, ...]:
    return spec.shape[1:] if batched else spec.shape


def _input(spec: TensorSpec, *, batched: bool) -> pb.ModelInput:
    return pb.ModelInput(
        name=spec.name,
        data_type=DATA_TYPES[spec.datatype],
        dims=_dims(spec, batched=batched),
        optional=spec.optional,
    )


def _batching(batching: BatchingSettings, queue: QueueSettings) -> pb.ModelDynamicBatching:
    return pb.ModelDynamicBatching(
        preferred_batch_size=batching.preferred_rows,
        max_queue_delay_microseconds=round(batching.max_delay_seconds * 1e6),
        priority_levels=queue.priority_levels,
        default_priority_level=queue.default_priority,
        default_queue_policy=pb.ModelQueuePolicy(
            default_timeout_microseconds=round((queue.timeout_seconds or 0) * 1e6),
            allow_timeout_override=True,
            max_queue_size=queue.max_waiting,
        ),
    )


def _write_policy(settings: ModelSettings, policy: pb.ModelVersionPolicy) -> None:
    """An alias-driven model has none: Triton knows no aliases."""
    match settings.versions:
        case Latest():
            policy.latest.num_versions = settings.versions.latest
        case Specific():
            policy.specific.versions.extend(settings.versions.specific)
        case "all":
            policy.all.SetInParent()
