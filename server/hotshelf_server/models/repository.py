"""What operators may do by hand: see every model, load one, unload one."""

from collections.abc import Sequence
from dataclasses import dataclass

from hotshelf_server.core.errors import FailedPrecondition, ModelNotFound
from hotshelf_server.core.model_settings import ModelBook, ModelSettings
from hotshelf_server.models.held import Held
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.sources import Control, ControlledSource
from hotshelf_server.models.states import State, Status

HEAR_SECONDS = 5.0
"""How long a call for an unknown model waits for word from the source: it may just have been published."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that could be served; ``status`` is that of one of its versions, None for a model without any here."""

    model: str
    status: Status | None


class Repository:
    """The models of the sources, and the word of operators on them."""

    def __init__(self, source: ControlledSource, manager: Manager, book: ModelBook, held: Held | None = None) -> None:
        """``held`` knows of more than the manager, where there is more than this process."""
        self._source = source
        self._manager = manager
        self._book = book
        self._held: Held = held or manager

    def index(self) -> Sequence[Entry]:
        """Every version that is here or wanted, and every model that isn't, sorted."""
        statuses = self._held.statuses()
        here = {status.id.model for status in statuses}
        entries = [Entry(status.id.model, status) for status in statuses]
        entries += [Entry(model, None) for model in self._source.known - here]
        return sorted(entries, key=lambda entry: (entry.model, entry.status.id.version if entry.status else 0))

    def stated(self, model: str) -> ModelSettings:
        """The settings that hold for a model when operators say nothing."""
        return self._book.stated(model)

    def load(self, model: str, settings: ModelSettings | None, seconds: float | None) -> None:
        """Load what is wanted of a model, under the settings given or else those stated, and wait for it.

        Raises `FailedPrecondition` when operators have no say here, or nothing of the model could be loaded;
        `ModelNotFound`.
        """
        self.require(model)
        self.let_in(model, settings)
        self.wait_for(model, seconds)

    def unload(self, model: str, seconds: float | None = None) -> None:
        """Let a model go. Returns when no new call reaches it; those that run come to their end. Raises as `load`."""
        self.require(model)
        self.let_go(model)
        self.settle(model, seconds)

    def let_in(self, model: str, settings: ModelSettings | None) -> None:
        """Want a model from now on, under these settings or else those stated."""
        self._book.change(model, settings)
        self._source.allow(model, allowed=True)

    def let_go(self, model: str) -> None:
        """Want a model no more."""
        self._source.allow(model, allowed=False)
        self._book.change(model, None)

    def settle(self, model: str, seconds: float | None) -> None:
        """Wait until what is wanted of a model was tried."""
        self._manager.refresh(model, seconds)

    def wait_for(self, model: str, seconds: float | None) -> None:
        """Wait until a model can be called. Raises `FailedPrecondition` when it can't be, saying why."""
        statuses = self._manager.refresh(model, seconds)
        able = (State.READY, State.NOT_LOADED)
        if any(status.state in able for status in statuses):
            return
        reasons = "; ".join(f"version {one.id.version} is {one.state.value}: {one.reason}" for one in statuses)
        raise FailedPrecondition(f"model {model!r} could not be loaded: {reasons or 'it has no version'}", model=model)

    def require(self, model: str) -> None:
        """Raise `FailedPrecondition` where operators have no say, and `ModelNotFound` for a model of no source."""
        if self._source.control is Control.NONE:
            raise FailedPrecondition(
                "which models are loaded is not for calls to say here; an operator allows it with --model-control "
                "explicit or both"
            )
        if model not in self._source.known:
            self._manager.refresh(model, HEAR_SECONDS)
        if model not in self._source.known:
            raise ModelNotFound(f"model {model!r} is in no source of this server", model=model)
