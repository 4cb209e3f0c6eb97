"""The model repository extension, and the settings that a load may bring along."""

import logging
from collections.abc import Mapping

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.models.repository import Entry, Repository
from hotshelf_server.models.states import State
from hotshelf_server.services.model_config import read_config

log = logging.getLogger(__name__)

STATES: Mapping[State, str] = {
    State.PENDING: "UNAVAILABLE",
    State.LOADING: "LOADING",
    State.READY: "READY",
    State.UNLOADING: "UNLOADING",
    State.FAILED: "UNAVAILABLE",
    State.NOT_LOADED: "UNAVAILABLE",
}
CONFIG = "config"
FILE_PREFIX = "file:"
IGNORED = ("unload_dependents",)
"""Parameters without effect: no model here depends on another."""

UNLOADED = "unloaded"


class RepositoryCalls:
    """Reads the messages, and has the repository do it."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def index(self, request: pb.RepositoryIndexRequest) -> pb.RepositoryIndexResponse:
        """Every version, or the ready ones."""
        entries = [_entry(entry) for entry in self._repository.index()]
        wanted = [entry for entry in entries if entry.state == "READY"] if request.ready else entries
        return pb.RepositoryIndexResponse(models=wanted)

    def load(self, request: pb.RepositoryModelLoadRequest, seconds_left: float | None) -> None:
        """Load a model. Raises `InvalidInput` for a parameter or configuration that can't be served."""
        model = _model(request)
        settings: ModelSettings | None = None
        for name, parameter in request.parameters.items():
            if name != CONFIG:
                raise InvalidInput(_unknown(name), parameter=name)
            settings = read_config(parameter.string_param, self._repository.stated(model))
        self._repository.load(model, settings, seconds_left)

    def unload(self, request: pb.RepositoryModelUnloadRequest, seconds_left: float | None) -> None:
        """Unload a model. Raises `InvalidInput` for an unknown parameter."""
        for name in request.parameters:
            if name not in IGNORED:
                raise InvalidInput(f"parameter {name!r}: expected {', '.join(IGNORED)}, or none", parameter=name)
        self._repository.unload(_model(request), seconds_left)


def _model(request: pb.RepositoryModelLoadRequest | pb.RepositoryModelUnloadRequest) -> str:
    """The model's name. KServe's client writes it where others write the repository's."""
    name = request.model_name or request.repository_name
    if not name:
        raise InvalidInput("model_name is empty, expected a model's name", field="model_name")
    return name


def _unknown(name: str) -> str:
    if name.startswith(FILE_PREFIX):
        return f"parameter {name!r}: files come from the store; publish a version instead"
    return f"parameter {name!r}: expected {CONFIG}, or none"


def _entry(entry: Entry) -> pb.RepositoryIndexResponse.ModelIndex:
    status = entry.status
    if status is None:
        return pb.RepositoryIndexResponse.ModelIndex(name=entry.model, state="UNAVAILABLE", reason=UNLOADED)
    return pb.RepositoryIndexResponse.ModelIndex(
        name=entry.model, version=str(status.id.version), state=STATES[status.state], reason=status.reason
    )
