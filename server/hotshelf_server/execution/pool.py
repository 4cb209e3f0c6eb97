"""The threads that calls run on, and the bound on their number."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class CallPool(ThreadPoolExecutor):
    """Runs calls, each on a thread of its own, up to a bound. Who computes when is not decided here.

    What comes beyond it is run on a thread where `refusing` is true, and ends there with word of when to come again.
    """

    def __init__(self, max_calls: int, name: str) -> None:
        """``max_calls``: calls that run or wait; ``name``: of its threads."""
        super().__init__(max_calls, thread_name_prefix=name)
        self._max_calls = max_calls
        self._lock = threading.Lock()
        self._calls = 0
        self._place = threading.local()
        self._refusals = ThreadPoolExecutor(1, thread_name_prefix=f"{name}-refusal", initializer=self._mark)

    @property
    def calls(self) -> int:
        """Calls that run or wait here now."""
        return self._calls

    @property
    def refusing(self) -> bool:
        """Whether the call on this thread is one too many."""
        return getattr(self._place, "refusing", False)

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Run a call, or refuse it."""
        with self._lock:
            if self._calls >= self._max_calls:
                return self._refusals.submit(fn, *args, **kwargs)
            self._calls += 1
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(self._ended)
        return future

    def after_queued(self, action: Callable[[], None], seconds: float) -> None:
        """Do something once every call that waits by now was begun, after so many seconds at the latest."""
        try:
            super().submit(action).result(seconds)
        except TimeoutError:
            action()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - inherited
        """Take no more."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        self._refusals.shutdown(wait, cancel_futures=cancel_futures)

    def _ended(self, _: Future[Any]) -> None:
        with self._lock:
            self._calls -= 1

    def _mark(self) -> None:
        self._place.refusing = True
