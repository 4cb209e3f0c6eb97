"""An engine of our own for ensembles of trees, equal to LightGBM's to the last bit."""

from hotshelf_server.runtimes.trees.engine import Trees, build_trees, compile_trees
from hotshelf_server.runtimes.trees.errors import Broken, Unsupported
from hotshelf_server.runtimes.trees.library import Instructions

__all__ = ["Broken", "Instructions", "Trees", "Unsupported", "build_trees", "compile_trees"]
