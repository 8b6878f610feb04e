"""Work done ahead on threads: the next film is there when it is asked for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Ahead(Generic[Key, Value]):
    """Makes values before they are needed, and keeps the latest.

    Args:
        make: Makes the value of a key, on another thread; should not raise.
        kept: Values that stay.
        threads: Values that are made at once.
        pause: Seconds before each, so that the page that was just answered is drawn
            first; not where somebody waits for a value.
    """

    def __init__(
        self,
        make: Callable[[Key], Value],
        kept: int = 32,
        threads: int = 2,
        pause: float = 0.0,
    ) -> None:
        self._make = make
        self._kept = kept
        self._pause = pause
        self._hurry = Event()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="xray-ahead")
        self._futures: OrderedDict[Key, Future[Value]] = OrderedDict()
        self._lock = Lock()

    def want(self, keys: Iterable[Key]) -> None:
        """Begin with what will be needed soon, the soonest first."""
        for key in keys:
            self._begin(key)

    def get(self, key: Key) -> Value:
        """Give a value, as soon as it is made."""
        future = self._begin(key)
        if not future.done():
            self._hurry.set()
        try:
            return future.result()
        finally:
            self._hurry.clear()

    def forget(self, keys: Iterable[Key]) -> None:
        """Drop values, so that they are made anew."""
        with self._lock:
            for key in keys:
                self._futures.pop(key, None)

    def _work(self, key: Key) -> Value:
        self._hurry.wait(self._pause)
        return self._make(key)

    def _begin(self, key: Key) -> Future[Value]:
        with self._lock:
            future = self._futures.get(key)
            if future is None:
                future = self._futures[key] = self._pool.submit(self._work, key)
            self._futures.move_to_end(key)
            while len(self._futures) > self._kept:
                _, oldest = self._futures.popitem(last=False)
                oldest.cancel()
            return future
