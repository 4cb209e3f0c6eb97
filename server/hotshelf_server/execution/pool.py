"""The threads that compute calls, and the bound on the calls that wait for them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class CallPool(ThreadPoolExecutor):
    """Runs so many calls at once and lets others wait, up to a bound.

    What comes beyond it is run at once, on a thread where `refusing` is true, and ends there with word of when
    to come again, ahead of the calls that it would have had to wait for.
    """

    def __init__(self, threads: int, max_calls: int) -> None:
        """``max_calls``: calls that run or wait."""
        super().__init__(threads, thread_name_prefix="call")
        self._max_calls = max_calls
        self._lock = threading.Lock()
        self._calls = 0
        self._place = threading.local()
        self._refusals = ThreadPoolExecutor(1, thread_name_prefix="refusal", initializer=self._mark)

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
