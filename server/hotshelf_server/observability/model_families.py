"""The families of models: their versions' states and loads, their aliases and routes, and the store behind them."""

import math
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.metrics_core import Metric

from hotshelf_server.core.engines import SIZES
from hotshelf_server.observability.catalogue import models as catalogue
from hotshelf_server.observability.families import Points, family, of_version
from hotshelf_server.observability.sample import AliasSample, Sample, VersionSample


def model_families(sample: Sample, states: Iterable[str]) -> Iterator[Metric]:
    """All of them; ``states`` are those that a version may be in."""
    yield from _version_families(sample.versions, tuple(states))
    yield from _engine_families(sample.versions)
    yield from _alias_families(sample.aliases)
    yield family(catalogue.CANARIES, [(labels, count) for labels, count in sample.canaries.items()])
    yield family(catalogue.PARKED, [((), sample.parked)])
    yield family(catalogue.READY, [((), sample.ready)])
    yield family(catalogue.STORE_ERRORS, [((), sample.store_errors)])
    yield family(catalogue.STORE_READ, [((), sample.store_read)])


def _version_families(versions: Iterable[VersionSample], states: tuple[str, ...]) -> Iterator[Metric]:
    yield family(
        catalogue.STATE, [(of_version(one.id, state), one.state == state) for one in versions for state in states]
    )
    yield family(
        catalogue.LOAD_SECONDS, [(of_version(one.id), one.load_seconds) for one in versions if one.load_seconds]
    )
    yield family(catalogue.MEMORY, [(of_version(one.id), one.memory_bytes) for one in versions if one.memory_bytes])
    yield family(catalogue.CREATED, [(of_version(one.id), one.created) for one in versions if one.created])
    yield family(catalogue.DATA_END, [(of_version(one.id), one.data_end) for one in versions if one.data_end])
    yield family(catalogue.LOAD_FAILURES, [(of_version(one.id), one.failures) for one in versions])
    yield family(catalogue.GOLDEN_FAILURES, [(of_version(one.id), one.golden_failures) for one in versions])


def _engine_families(versions: Iterable[VersionSample]) -> Iterator[Metric]:
    choices = [(one.id, one.choice) for one in versions if one.choice is not None]
    yield family(
        catalogue.ENGINE,
        [
            (of_version(version, str(rows), engine), 1)
            for version, choice in choices
            for rows, engine in zip(SIZES, choice.engines, strict=True)
        ],
    )
    yield family(
        catalogue.ENGINE_SECONDS,
        [
            (of_version(version, str(rows), engine), seconds)
            for version, choice in choices
            for engine, by_rows in choice.seconds.items()
            for rows, seconds in zip(SIZES, by_rows, strict=True)
            if math.isfinite(seconds)
        ],
    )
    yield family(
        catalogue.ENGINE_DIFFERENCE,
        [
            (of_version(version, engine), difference)
            for version, choice in choices
            for engine, difference in choice.differences.items()
        ],
    )


def _alias_families(aliases: Mapping[str, AliasSample]) -> Iterator[Metric]:
    yield family(catalogue.ROUTE, [point for model, one in aliases.items() for point in _weights(model, one.routes)])
    yield family(
        catalogue.ALIAS,
        [(labels, 1) for model, one in aliases.items() for labels, _ in _weights(model, one.asked)],
    )
    stored = {model: one for model, one in aliases.items() if one.revision}
    yield family(catalogue.ALIAS_REVISION, [((model,), one.revision) for model, one in stored.items()])
    yield family(catalogue.CONVERGENCE_AGE, [((model,), one.convergence_age) for model, one in stored.items()])


def _weights(model: str, routes: Mapping[str, Mapping[int, int]]) -> Points:
    return [
        ((model, alias, str(version)), weight)
        for alias, weights in routes.items()
        for version, weight in weights.items()
    ]
