"""Followers get the newest state of each model, and end when they or the server leave."""

import threading

import pytest

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_server.core.errors import ServerDraining
from hotshelf_server.services.watch import ModelWatch

ALL = {"a", "b"}


class Models:
    """What there is to see, and how often it was looked at."""

    def __init__(self) -> None:
        self.looks = 0
        self.failures = {"a": 0, "b": 0}
        self.watch = ModelWatch(self.look)

    def look(self) -> dict[str, pb.Model]:
        self.looks += 1
        return {
            name: pb.Model(name=name, versions=[pb.VersionStatus(failures=failures)])
            for name, failures in self.failures.items()
        }

    def change(self, name: str) -> None:
        self.failures[name] += 1
        self.watch.changed()


def seen(model: pb.Model) -> tuple[str, int]:
    return model.name, model.versions[0].failures


@pytest.fixture
def models() -> Models:
    return Models()


def test_first_comes_all_that_is_then_what_changed(models: Models) -> None:
    stream = models.watch.follow(ALL, lambda: False)
    assert [seen(next(stream)), seen(next(stream))] == [("a", 0), ("b", 0)]
    models.watch.changed()  # for nothing
    models.change("b")
    assert seen(next(stream)) == ("b", 1)


def test_a_slow_reader_gets_the_newest_state_and_no_queue_of_all(models: Models) -> None:
    stream = models.watch.follow(ALL, lambda: False)
    assert seen(next(stream)) == ("a", 0)
    for _ in range(1_000):
        models.change("a")
        models.change("b")
    assert [seen(next(stream)), seen(next(stream))] == [("b", 1_000), ("a", 1_000)]
    assert models.looks == 2


def test_models_that_were_not_asked_for_are_not_told(models: Models) -> None:
    stream = models.watch.follow({"b", "unknown"}, lambda: False)
    assert seen(next(stream)) == ("b", 0)
    models.change("a")
    models.change("b")
    assert seen(next(stream)) == ("b", 1)


def test_many_followers_cost_one_look_a_change(models: Models) -> None:
    streams = [models.watch.follow(ALL, lambda: False) for _ in range(20)]
    for stream in streams:
        next(stream)
        next(stream)
    assert models.looks == 1


def test_a_reader_that_leaves_ends_its_stream_alone(models: Models) -> None:
    left = threading.Event()
    staying = models.watch.follow(ALL, lambda: False)
    leaving = models.watch.follow(ALL, left.is_set)
    got: list[pb.Model] = []
    thread = threading.Thread(target=lambda: got.extend(leaving))
    thread.start()
    left.set()
    models.watch.wake()
    thread.join(10)
    assert not thread.is_alive()
    assert len(got) <= 2
    assert seen(next(staying)) == ("a", 0)


def test_when_the_server_leaves_all_streams_end_and_no_new_one_begins(models: Models) -> None:
    stream = models.watch.follow(ALL, lambda: False)
    next(stream), next(stream)
    closing = threading.Timer(0.05, models.watch.close)
    closing.start()
    with pytest.raises(ServerDraining):
        next(stream)
    with pytest.raises(ServerDraining):
        next(models.watch.follow(ALL, lambda: False))
