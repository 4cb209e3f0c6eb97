"""Gives chosen unary methods other functions between bytes and messages than the generated code does."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc

Codec = tuple[Callable[[bytes], Any], Callable[[Any], bytes]]
"""Reads requests, and writes responses."""


class Recoded:
    """A server, as gRPC's generated registration sees it."""

    def __init__(self, server: grpc.Server, codecs: Mapping[str, Codec]) -> None:
        """``codecs`` by the method's name."""
        self._server = server
        self._codecs = codecs
        self.add_generic_rpc_handlers = server.add_generic_rpc_handlers

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Register methods, which take precedence over generic handlers."""
        recoded = {name: self._recoded(name, handler) for name, handler in handlers.items()}
        self._server.add_registered_method_handlers(service, recoded)

    def _recoded(self, name: str, handler: Any) -> Any:
        if name not in self._codecs:
            return handler
        read, write = self._codecs[name]
        return grpc.unary_unary_rpc_method_handler(handler.unary_unary, read, write)
