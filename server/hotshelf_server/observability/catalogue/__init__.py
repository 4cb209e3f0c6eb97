"""Every metric of the server. Nothing is exported that is not named here, and docs/metrics.md is made of it."""

from hotshelf_server.observability.catalogue.calls import CALL_METRICS
from hotshelf_server.observability.catalogue.data import DATA_METRICS
from hotshelf_server.observability.catalogue.models import MODEL_METRICS
from hotshelf_server.observability.catalogue.process import PROCESS_METRICS
from hotshelf_server.observability.catalogue.spec import Kind, MetricSpec, Over
from hotshelf_server.observability.catalogue.triton import TRITON_METRICS
from hotshelf_server.observability.catalogue.workers import WORKER_METRICS

CATALOGUE = (*CALL_METRICS, *DATA_METRICS, *MODEL_METRICS, *PROCESS_METRICS, *WORKER_METRICS, *TRITON_METRICS)

__all__ = [
    "CALL_METRICS",
    "CATALOGUE",
    "DATA_METRICS",
    "MODEL_METRICS",
    "PROCESS_METRICS",
    "TRITON_METRICS",
    "WORKER_METRICS",
    "Kind",
    "MetricSpec",
    "Over",
]
