"""Loads and unloads models on all workers, whichever of them is asked."""

import json
from collections.abc import Callable, Mapping

from hotshelf_server.core.answers import Ask
from hotshelf_server.core.model_settings import ModelBook, ModelSettings
from hotshelf_server.models.held import Held
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.repository import Repository
from hotshelf_server.models.sources import ControlledSource
from hotshelf_server.workers.deeds import LOAD, UNLOAD
from hotshelf_server.workers.link import Deed


class SharedRepository(Repository):
    """A repository whose word counts on every worker. All hear the words of operators in the same order."""

    def __init__(self, source: ControlledSource, manager: Manager, book: ModelBook, held: Held, ask: Ask) -> None:
        super().__init__(source, manager, book, held)
        self._ask = ask

    @property
    def deeds(self) -> Mapping[str, Deed]:
        """What this worker does when any of them is asked."""
        return {LOAD: self._load_here, UNLOAD: self._unload_here}

    def load(self, model: str, settings: ModelSettings | None, seconds: float | None) -> None:
        """Load on all workers, and wait for it. Raises as the base does, naming workers that could not."""
        self.require(model)
        self._ask(LOAD, written(model, settings, seconds), seconds).require(f"load of model {model!r}", model=model)

    def unload(self, model: str, seconds: float | None = None) -> None:
        """Let a model go on all workers. Raises as the base does."""
        self.require(model)
        self._ask(UNLOAD, written(model, None, seconds), seconds).require(f"unload of model {model!r}", model=model)

    def _load_here(self, request: str) -> Callable[[], str]:
        model, settings, seconds = _read(request)
        self.let_in(model, settings)

        def finish() -> str:
            self.wait_for(model, seconds)
            return ""

        return finish

    def _unload_here(self, request: str) -> Callable[[], str]:
        model, _, seconds = _read(request)
        self.let_go(model)

        def finish() -> str:
            self.settle(model, seconds)
            return ""

        return finish


def written(model: str, settings: ModelSettings | None, seconds: float | None) -> str:
    """An operator's word, as it goes from worker to worker."""
    said = settings.model_dump(mode="json") if settings is not None else None
    return json.dumps({"model": model, "settings": said, "seconds": seconds})


def _read(request: str) -> tuple[str, ModelSettings | None, float | None]:
    found = json.loads(request)
    settings = found["settings"]
    return found["model"], None if settings is None else ModelSettings.model_validate(settings), found["seconds"]
