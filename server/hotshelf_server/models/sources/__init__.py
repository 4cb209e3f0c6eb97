"""Where versions come from: a store, folders, several of them as one, and what operators let through."""

from hotshelf_server.core.control import Control
from hotshelf_server.models.sources.controlled import ControlledSource
from hotshelf_server.models.sources.folder import FolderSource
from hotshelf_server.models.sources.joined import JoinedSource
from hotshelf_server.models.sources.store import StoreSource

__all__ = ["Control", "ControlledSource", "FolderSource", "JoinedSource", "StoreSource"]
