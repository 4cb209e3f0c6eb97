"""Gauges of several workers become one by what they mean."""

import pytest

from hotshelf_server.models.states import State
from hotshelf_server.observability.catalogue import Over
from hotshelf_server.workers.families import Number, Part, Series
from hotshelf_server.workers.merging import LEAST_FIRST, merged

PART = Part("gauge")


def gauge(**values: float) -> Series:
    return {(("model", model),): {PART: Number(value)} for model, value in values.items()}


@pytest.mark.parametrize(
    ("over", "one", "other"),
    [(Over.SUM, 5.0, 7.0), (Over.MEAN, 2.5, 7.0), (Over.HIGHEST, 4.0, 7.0), (Over.LOWEST, 1.0, 7.0)],
)
def test_gauge_over_workers(over: Over, one: float, other: float) -> None:
    found = merged([gauge(a=1), gauge(a=4, b=7)], over)
    assert found == gauge(a=one, b=other)


def states(state: str) -> Series:
    return {
        (("model", "m"), ("state", each), ("version", "1")): {PART: Number(float(each == state))}
        for each in LEAST_FIRST
    }


@pytest.mark.parametrize(
    ("of_workers", "together"),
    [
        (("ready", "ready"), "ready"),
        (("ready", "loading"), "loading"),
        (("loading", "failed", "ready"), "failed"),
        (("not_loaded", "ready"), "ready"),
    ],
)
def test_a_version_is_in_the_one_state_that_keeps_it_longest_from_being_ready(
    of_workers: tuple[str, ...], together: str
) -> None:
    assert merged([states(one) for one in of_workers], Over.LEAST_ADVANCED) == states(together)


def test_a_version_that_one_worker_alone_knows_is_in_its_state() -> None:
    assert merged([{}, states("loading")], Over.LEAST_ADVANCED) == states("loading")


def test_every_state_has_its_place() -> None:
    assert sorted(LEAST_FIRST) == sorted(state.value for state in State)
