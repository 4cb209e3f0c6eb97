"""What a trainer tells Prometheus."""

from hotshelf_trainer.jobs.metrics.catalogue import TRAINER_METRICS, TrainerMetric
from hotshelf_trainer.jobs.metrics.collector import TrainerCollector
from hotshelf_trainer.jobs.metrics.ended import EndedCounts
from hotshelf_trainer.jobs.metrics.endpoint import metrics_endpoint

__all__ = ["TRAINER_METRICS", "EndedCounts", "TrainerCollector", "TrainerMetric", "metrics_endpoint"]
