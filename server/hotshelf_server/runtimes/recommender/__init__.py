"""The runtime of recommenders: candidates, features and two rankers, shared by trainer and server."""

from hotshelf_server.runtimes.recommender.servable import RecommenderServable, load

LIBRARIES = ("lightgbm",)

__all__ = ["LIBRARIES", "RecommenderServable", "load"]
