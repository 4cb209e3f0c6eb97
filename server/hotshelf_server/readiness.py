"""Whether the server may be sent traffic: after the first loads were tried, until it drains. Never flickers between."""

import threading
from collections.abc import Callable, Mapping, Sequence

from hotshelf_server.models.manager import Manager
from hotshelf_server.services.health import Health

Agree = Callable[[bool, Mapping[str, bool]], tuple[bool, Mapping[str, bool]]]
"""Makes of what holds in this process, whether it has settled and which models answer, what holds of the server."""


class Readiness:
    """Derives readiness from the manager's states and feeds it to health checks and metrics."""

    def __init__(self, manager: Manager, health: Health, *, required: Sequence[str], agree: Agree) -> None:
        """``required``: models that must answer before the server says that it is ready."""
        self._required = required
        self._agree = agree
        self._manager = manager
        self._health = health
        self._lock = threading.Lock()
        self._settled = False
        self._agreed = False
        self._draining = False

    def __call__(self) -> bool:
        """Whether the server may be sent traffic."""
        return self._agreed and not self._draining

    def update(self) -> None:
        """Look at the manager again; called after each change."""
        with self._lock:  # who looked first must not tell last
            tables = self._manager.tables()
            answering = {model: table.answers for model, table in tables.items()}
            # Once settled for good: a version that loads later leaves readiness alone.
            self._settled = self._settled or (
                self._manager.settled() and all(answering.get(model) for model in self._required)
            )
            self._agreed, answering_all = self._agree(self._settled, answering)
            self._health.update(server=self(), models=answering_all)

    def drain(self) -> None:
        """Not ready, for good."""
        self._draining = True
        self._health.drain()
