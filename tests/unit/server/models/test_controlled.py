"""Operators say which models are loaded, where they are let."""

from collections.abc import Iterator

import pytest

from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.errors import BadBundle, FailedPrecondition, ModelNotFound
from hotshelf_server.core.model_settings import BatchingSettings, ModelBook, ModelSettings
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.repository import Repository
from hotshelf_server.models.sources import Control, ControlledSource
from tests.fakes.models import FakeLoader, FakeSource

WAIT = 10.0
BATCHED = ModelSettings(batching=BatchingSettings(max_rows=4))


class Bench:
    """A manager of two models under some control, and the repository on it."""

    def __init__(self, control: Control) -> None:
        self.loader = FakeLoader()
        self.book = ModelBook({})
        wanted = FakeSource()
        for model in ("a", "b"):
            wanted.want(model, {"champion": {1: 100}})
        source = ControlledSource(wanted, control)
        self.manager = Manager(source, self.loader, SystemClock(), poll_seconds=0.01, load_threads=2)
        self.repository = Repository(source, self.manager, self.book)
        self.manager.start()
        self.manager.refresh("a", WAIT)

    def index(self) -> list[tuple[str, str]]:
        """Models and the states of their versions."""
        return [
            (entry.model, entry.status.state.value if entry.status else "unloaded") for entry in self.repository.index()
        ]


@pytest.fixture
def explicit() -> Iterator[Bench]:
    bench = Bench(Control.EXPLICIT)
    yield bench
    bench.manager.stop()


@pytest.fixture
def both() -> Iterator[Bench]:
    bench = Bench(Control.BOTH)
    bench.manager.refresh("b", WAIT)
    yield bench
    bench.manager.stop()


def test_without_control_the_source_decides_alone() -> None:
    bench = Bench(Control.NONE)
    with pytest.raises(FailedPrecondition, match="--model-control explicit or both"):
        bench.repository.load("a", None, WAIT)
    with pytest.raises(FailedPrecondition, match="--model-control explicit or both"):
        bench.repository.unload("a")
    bench.manager.stop()


def test_explicit_control_begins_with_nothing(explicit: Bench) -> None:
    assert explicit.index() == [("a", "unloaded"), ("b", "unloaded")]
    with pytest.raises(ModelNotFound):
        explicit.manager.lease("a")


def test_a_load_waits_until_the_model_can_be_called(explicit: Bench) -> None:
    explicit.repository.load("b", None, WAIT)
    explicit.manager.lease("b").__exit__(None, None, None)
    assert explicit.index() == [("a", "unloaded"), ("b", "ready")]


def test_what_was_unloaded_cannot_be_called_and_may_come_back(both: Bench) -> None:
    assert both.index() == [("a", "ready"), ("b", "ready")]
    both.repository.unload("a")
    with pytest.raises(ModelNotFound):
        both.manager.lease("a")
    both.repository.load("a", None, WAIT)
    both.manager.lease("a").__exit__(None, None, None)


def test_a_load_that_fails_says_why_and_the_next_one_tries_again(explicit: Bench) -> None:
    def refuse() -> None:
        raise BadBundle("no golden answer")

    explicit.loader.behaviours[1] = refuse
    with pytest.raises(FailedPrecondition, match="'a' could not be loaded: version 1 is failed: no golden answer"):
        explicit.repository.load("a", None, WAIT)
    explicit.loader.behaviours.clear()
    explicit.repository.load("a", None, WAIT)


def test_a_load_may_bring_settings_which_an_unload_takes_away(both: Bench) -> None:
    both.repository.load("a", BATCHED, WAIT)
    assert (both.book.of("a"), both.book.of("b")) == (BATCHED, ModelSettings())
    both.repository.unload("a")
    assert both.book.of("a") == ModelSettings()


def test_a_model_of_no_source_is_not_found(both: Bench) -> None:
    with pytest.raises(ModelNotFound, match="'nobody' is in no source"):
        both.repository.load("nobody", None, WAIT)
