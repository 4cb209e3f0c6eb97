"""What can be told of the models that are held: by this process, or by all workers of a server together."""

from collections.abc import Sequence
from typing import Protocol

from hotshelf_server.models.routing import Routes
from hotshelf_server.models.states import Status


class Held(Protocol):
    """The state of every version, and where calls go."""

    def statuses(self) -> Sequence[Status]:
        """Every version that is here or wanted, sorted."""
        ...

    def routes(self, model: str) -> Routes:
        """The routes of a model that hold; none for a model that isn't served."""
        ...
