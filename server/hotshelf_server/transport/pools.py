"""Gives chosen methods a thread pool of their own: probes never wait for calls, calls never for streams."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Pooled:
    """A servicer, as gRPC's registration sees it, with some of its methods on other pools."""

    def __init__(self, servicer: object, pools: Mapping[str, ThreadPoolExecutor], *, callbacks: tuple[str, ...] = ()):
        """``callbacks``: streaming methods that send through a callback and hold no thread while they are open."""
        self._servicer = servicer
        self._pools = pools
        self._callbacks = callbacks

    def __getattr__(self, method: str) -> Callable[..., Any]:
        behavior = getattr(self._servicer, method)
        if method not in self._pools:
            return behavior  # type: ignore[no-any-return]  # gRPC asks for methods alone

        def on_pool(*arguments: Any) -> Any:
            return behavior(*arguments)

        # Attributes by which grpcio chooses where and how a behaviour runs.
        on_pool.experimental_thread_pool = self._pools[method]  # type: ignore[attr-defined]  # a function takes any
        on_pool.experimental_non_blocking = method in self._callbacks  # type: ignore[attr-defined]  # as above
        return on_pool
