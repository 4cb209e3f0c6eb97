"""What calls answer with: values without any trace of the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hotshelf_client.tensors import Array

Parameter = bool | int | float | str


class RepeatPolicy(StrEnum):
    """Whether products that the customer bought before may be recommended."""

    MIXED = "mixed"
    NEW_ONLY = "new_only"
    BUY_AGAIN = "buy_again"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One inference: the outputs by name, and which version of which model computed them."""

    outputs: Mapping[str, Array]
    model: str
    version: int
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a product was chosen.

    ``source`` is ``bought_before``, ``because_you_bought`` or ``popular``; ``text`` one line for people.
    ``times_bought`` is 0 for a product that the customer never bought, and then ``days_since_bought`` is None.
    ``because_of`` are the products that speak most for it.
    """

    source: str
    text: str
    times_bought: int
    days_since_bought: float | None
    because_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One product. ``score`` is comparable within one answer only: higher is better."""

    product: str
    title: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The products for one customer, best first.

    ``fallback`` is ``none``, or why the answer is less personal than asked for (``unknown_customer``). ``as_of`` is the
    moment (UTC) that ages were counted from. ``id`` names this answer in feedback.
    """

    items: tuple[Recommendation, ...]
    model: str
    version: int
    fallback: str
    as_of: datetime | None
    id: str


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output of a model: its datatype, and its shape with -1 where the size is free."""

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What a model takes and gives, what runs it, and the versions that can answer now."""

    name: str
    versions: tuple[int, ...]
    platform: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """The newest entry of a model's alias log: for each alias, the relative share of traffic by version."""

    revision: int
    aliases: Mapping[str, Mapping[int, int]]
    changed_at: datetime | None
    change: str
    author: str
    reason: str
    forced: bool


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """What the replica that answered made of a version.

    ``state`` is ``pending``, ``loading``, ``ready``, ``unloading``, ``failed`` or ``not_loaded``; ``reason`` says why
    it failed or what it waits for.
    """

    version: int
    state: str
    reason: str
    since: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model as one replica tells of it.

    ``routing`` is what the store asks for (None when the model is served without a store), ``routes`` what holds on
    this replica by now: for each alias, the relative share of traffic by version. ``replica`` is the replica's random
    name, new with each start.
    """

    name: str
    routing: Routing | None
    versions: tuple[VersionStatus, ...]
    routes: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    replica: str = ""


@dataclass(frozen=True, slots=True)
class VersionTraffic:
    """Calls of one version on one replica since it started, by how they ended.

    ``failed`` is the server's or the model's fault, ``refused`` the caller's or overload. ``latency`` counts answered
    calls by the upper end of their bucket in seconds, infinity for the last. ``scores`` are counts by bucket as the
    registry's contract describes them, taken while an alias is split over several versions.
    """

    version: int
    ok: int
    failed: int
    refused: int
    latency: Mapping[float, int]
    scores: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the replica that answered counted of a model's calls."""

    replica: str
    versions: tuple[VersionTraffic, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a training run, taken on the part ``scope`` of the data.

    ``subject`` says whose it is: ``candidate``, ``champion`` or a baseline's name. ``low`` and ``high`` are the ends of
    its 95 % interval, None where none was computed.
    """

    name: str
    scope: str
    subject: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the store. ``passed`` is the gate's verdict, None where no gate judged it."""

    version: int
    created_at: datetime | None
    runtime: str
    author: str
    description: str
    passed: bool | None
    metrics: tuple[Metric, ...]
    aliases: tuple[str, ...]
    status: VersionStatus
