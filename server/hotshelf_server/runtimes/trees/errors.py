"""Why a model is not scored here."""

from hotshelf_server.core.errors import HotshelfError


class Unsupported(HotshelfError):
    """The tree engine can't score a model, or isn't there. LightGBM's own can."""

    reason = "UNSUPPORTED_BY_TREE_ENGINE"


class Broken(Unsupported):
    """A model's trees are none: LightGBM, which doesn't look, would read beyond its memory, or walk for ever."""

    reason = "BROKEN_TREES"
