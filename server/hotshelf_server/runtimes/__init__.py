"""How each kind of model is loaded and run. The trainer proves its candidates in these very runtimes."""

from hotshelf_server.core.errors import BadBundle, HotshelfError
from hotshelf_server.core.recommendation import RepeatPolicy
from hotshelf_server.core.types import Response, Signature, Tensors, TensorSpec
from hotshelf_server.runtimes.loading import load, prepare
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.replay import replay

__all__ = [
    "BadBundle",
    "HotshelfError",
    "RepeatPolicy",
    "Response",
    "RuntimePolicy",
    "Signature",
    "TensorSpec",
    "Tensors",
    "load",
    "prepare",
    "replay",
]
