"""Turns what the database and the counts hold into Prometheus families, when Prometheus asks."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from hotshelf_trainer.jobs.cron import following
from hotshelf_trainer.jobs.metrics import catalogue
from hotshelf_trainer.jobs.metrics.catalogue import DURATION_BUCKETS, TrainerMetric
from hotshelf_trainer.jobs.metrics.ended import EndedCounts
from hotshelf_trainer.jobs.schedules import MAX_SCHEDULES, Schedules
from hotshelf_trainer.jobs.summary import Summary

BOUNDS = (*(f"{bound:g}" for bound in DURATION_BUCKETS), "+Inf")


class TrainerCollector(Collector):
    """One scrape: a look at the trainings and schedules."""

    def __init__(
        self,
        summary: Callable[[], Summary],
        schedules: Schedules,
        counts: EndedCounts,
        now: Callable[[], float],
        *,
        version: str,
    ) -> None:
        """``now``: seconds since the epoch; ``version`` is the trainer's own."""
        self._summary = summary
        self._schedules = schedules
        self._counts = counts
        self._now = now
        self._version = version

    def collect(self) -> Iterator[Metric]:
        """Every family of the catalogue."""
        summary = self._summary()
        yield _family(catalogue.TRAININGS, [((state.value,), count) for state, count in summary.states.items()])
        yield _family(
            catalogue.ENDED, [((model, state.value), count) for (model, state), count in self._counts.states().items()]
        )
        yield self._durations()
        yield _family(catalogue.SUCCESS, [((model,), at) for model, at in summary.successes.items()])
        waiting = 0.0 if summary.waiting_since is None else max(0.0, self._now() - summary.waiting_since)
        yield _family(catalogue.WAITING, [((), waiting)])
        yield _family(
            catalogue.NEXT,
            [
                ((str(one.number),), following(one.cron, one.seen))
                for one in self._schedules.before(None, MAX_SCHEDULES)
            ],
        )
        yield InfoMetricFamily(catalogue.BUILD.name, catalogue.BUILD.help, {"version": self._version})

    def _durations(self) -> Metric:
        metric = catalogue.DURATION
        family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels, unit=metric.unit)
        for model, one in self._counts.durations().items():
            buckets = list(zip(BOUNDS, accumulate(one.counts), strict=True))
            family.add_metric((model,), buckets=buckets, sum_value=one.sum)
        return family


def _family(metric: TrainerMetric, points: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    made = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = made(metric.name, metric.help, labels=metric.labels, unit=metric.unit)
    for values, number in points:
        family.add_metric(values, number)
    return family
