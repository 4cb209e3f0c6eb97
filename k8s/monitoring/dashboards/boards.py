"""All dashboards."""

from collections.abc import Iterator

from k8s.monitoring.dashboards.fleet import fleet
from k8s.monitoring.dashboards.model import one_model
from k8s.monitoring.dashboards.recommender import recommender
from k8s.monitoring.dashboards.rollout import rollout
from k8s.monitoring.dashboards.spec import Board
from k8s.monitoring.dashboards.trainer import trainer
from k8s.monitoring.objectives import Objectives


def boards(objectives: Objectives) -> Iterator[Board]:
    """In the order in which one would read them."""
    for make in (fleet, one_model, rollout, recommender, trainer):
        yield make(objectives)
