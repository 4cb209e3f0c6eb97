"""Every database that jobs may be kept in.

PostgreSQL takes part where HOTSHELF_TEST_POSTGRESQL holds the URL of a database that tests may empty.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotshelf_trainer.jobs import tables
from hotshelf_trainer.jobs.database import open_database
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.metrics import EndedCounts
from hotshelf_trainer.jobs.schedules import Schedules
from hotshelf_trainer.jobs.trainings import Trainings
from tests.fakes.clock import FakeClock

POSTGRESQL = "HOTSHELF_TEST_POSTGRESQL"
KEPT = 5
"""Events of a training, trainings that wait, trainings that have ended, schedules."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    if not (found := os.environ.get(POSTGRESQL)):
        pytest.skip(f"no PostgreSQL: set {POSTGRESQL} to the URL of a database that tests may empty")
    return found


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with open_database(url) as engine:
        yield engine
        tables.metadata.drop_all(engine)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def events(engine: Engine) -> Events:
    return Events(engine, most=KEPT)


@pytest.fixture
def counts() -> EndedCounts:
    return EndedCounts()


@pytest.fixture
def trainings(engine: Engine, events: Events, clock: FakeClock, counts: EndedCounts) -> Trainings:
    return Trainings(engine, events, clock.now, counts, max_queued=KEPT, max_ended=KEPT)


@pytest.fixture
def schedules(engine: Engine, clock: FakeClock) -> Schedules:
    return Schedules(engine, clock.now, most=KEPT)
