"""What is promised of every model, and the limits of the alerts: objectives.yaml, and nowhere else."""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator

from hotshelf_server.observability.catalogue.calls import DURATION_BUCKETS

FILE = Path(__file__).with_name("objectives.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Latency(_Strict):
    """A share of calls that is answered within a bound in seconds."""

    objective: Share
    seconds: float

    @field_validator("seconds")
    @classmethod
    def _is_a_bucket(cls, seconds: float) -> float:
        if seconds not in DURATION_BUCKETS:
            raise ValueError(f"{seconds:g} is no bucket of the durations: expected one of {DURATION_BUCKETS}")
        return seconds


class Limits(_Strict):
    """From which on the alerts fire; the file says of each what it is."""

    page_calls: PositiveInt
    loading_seconds: PositiveInt
    load_failures: PositiveInt
    convergence_seconds: PositiveInt
    store_silence_seconds: PositiveInt
    refused_ratio: Share
    full_ratio: Share
    memory_ratio: Share
    restarts: PositiveInt
    drift_psi: PositiveFloat
    drift_rows: PositiveInt
    data_days: PositiveFloat
    version_days: PositiveFloat
    training_wait_seconds: PositiveInt
    schedule_late_seconds: PositiveInt


class Objectives(_Strict):
    """The whole file."""

    runbooks: str
    availability: Share
    latency: Latency
    limits: Limits


def read(text: str) -> Objectives:
    """The objectives in a YAML text. Raises pydantic's `ValidationError`, which names what is wrong."""
    return Objectives.model_validate(yaml.safe_load(text))
