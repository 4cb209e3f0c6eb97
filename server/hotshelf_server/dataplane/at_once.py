"""Whether a call may be answered on the thread that all calls come by: soon done, and sure not to wait."""

from hotshelf_server.execution.executor import Executor
from hotshelf_server.models.leases import ModelTable, is_number
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import State

MAX_SECONDS = 0.0005
"""What computing may have taken on average lately. A thread hop costs about a tenth of it."""

MAX_BYTES = 8 << 10
"""Size of a request beyond which it may have so many rows that the average says nothing of it."""


class AtOnce:
    """Looks at routes and paces; decides nothing for good: who is let on and would have to wait after all, says so."""

    def __init__(self, manager: Manager, executor: Executor) -> None:
        self._manager = manager
        self._executor = executor

    def __call__(self, model: str, version: str, size: int) -> bool:
        """Of a request of so many bytes for a model's version, alias, or default (empty)."""
        if size > MAX_BYTES or self._manager.loads_on_call:
            return False
        table = self._manager.tables().get(model)
        if table is None:
            return True  # it is refused, which takes no time
        return all(self._is_soon_done(table, number) for number in _numbers(table, version))

    def _is_soon_done(self, table: ModelTable, number: int) -> bool:
        harness = table.harnesses.get(number)
        if harness is None or harness.status.state is not State.READY:
            return True  # as above
        return not harness.elsewhere and self._executor.is_soon_done(harness.id, MAX_SECONDS)


def _numbers(table: ModelTable, version: str) -> "list[int]":
    if is_number(version):
        return [int(version)]
    return list(table.routes.get(version, ()) if version else table.default)
