"""Jobs in SQLite, with a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotshelf_trainer.jobs.database import open_database
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.trainings import Trainings
from tests.fakes.clock import FakeClock


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_database(f"sqlite:///{tmp_path / 'jobs.sqlite'}") as engine:
        yield engine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_800_000_000.0)


@pytest.fixture
def events(engine: Engine) -> Events:
    return Events(engine)


@pytest.fixture
def trainings(engine: Engine, events: Events, clock: FakeClock) -> Trainings:
    return Trainings(engine, events, clock.now, max_queued=3)
