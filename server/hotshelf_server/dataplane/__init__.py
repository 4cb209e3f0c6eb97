"""What a request means: admit → route → lease → validate → execute. Free of wire and transport."""

from hotshelf_server.dataplane.plane import Dataplane
from hotshelf_server.dataplane.requests import Caller, InferRequest, InferResult, RecommendResult

__all__ = ["Caller", "Dataplane", "InferRequest", "InferResult", "RecommendResult"]
