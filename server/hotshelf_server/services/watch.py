"""Lets streams follow the models of this replica: each gets the newest state, and no queue grows behind a slow one."""

import threading
from collections.abc import Callable, Container, Iterator, Mapping

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_server.core.errors import ServerDraining


class ModelWatch:
    """Looks once for all followers after each change; what lies between two looks is told to nobody."""

    def __init__(self, look: Callable[[], Mapping[str, pb.Model]]) -> None:
        """``look`` gives the models by name as they are now."""
        self._look = look
        self._changed = threading.Condition()
        self._changes = 0
        self._closed = False
        self._looking = threading.Lock()
        self._seen: tuple[int, Mapping[str, pb.Model]] = (-1, {})

    def changed(self) -> None:
        """Something may be different by now."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def close(self) -> None:
        """End every follower, and those to come, with `ServerDraining`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Let every follower see whether its reader has left."""
        with self._changed:
            self._changed.notify_all()

    def follow(self, names: Container[str], left: Callable[[], bool]) -> Iterator[pb.Model]:
        """Each model now, then each that has changed, until the reader has left. Raises `ServerDraining`, `StoreError`.

        ``left`` is asked again after `wake`.
        """
        sent: dict[str, pb.Model] = {}
        change = -1
        while self._wait(change, left):
            change, models = self._newest()
            for name in models:
                # The reader may have taken its time over the last one: look at the newest again.
                model = self._newest()[1].get(name)
                if model is not None and name in names and sent.get(name) != model:
                    sent[name] = model
                    yield model

    def _wait(self, change: int, left: Callable[[], bool]) -> bool:
        """Wait for a later change; False once the reader has left."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._changes != change or left())
            if self._closed:
                raise ServerDraining("the server is stopping; another replica can tell")
            return not left()

    def _newest(self) -> tuple[int, Mapping[str, pb.Model]]:
        with self._looking:
            change = self._changes  # before the look: what changes meanwhile is looked at again
            if change != self._seen[0]:
                self._seen = change, self._look()
            return self._seen
