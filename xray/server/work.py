"""How much is done at a time: places, bytes and threads, all bounded.

A request takes a place before its body is read and is refused at once where there is
none, so that a busy server says so early and holds no bodies that nobody looks at.
What computes runs on threads; the event loop only waits.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from ..threads import count_cores
from .problems import RequestError
from .settings import Settings

Result = TypeVar("Result")


class Place:
    """One request's share of the server."""

    def __init__(self, work: "Work") -> None:
        self._work = work
        self.settings = work.settings
        self._bytes = 0
        self.running: Future[object] | None = None

    def hold(self, count: int) -> None:
        """Count bytes that are about to be held in memory.

        Raises:
            RequestError: All requests together hold too many.
        """
        if self._work.held + count > self._work.settings.held_bytes:
            raise RequestError("queue_full")
        self._bytes += count
        self._work.held += count

    async def run(self, task: Callable[[], Result]) -> Result:
        """Do something on a thread, when its turn comes.

        Raises:
            RequestError: It took too long; a thread that has begun goes on to its
                end, and keeps the place until then.
        """
        seconds = self._work.settings.work_seconds
        future = self._work.threads.submit(task)
        self.running = future  # type: ignore[assignment]  # whatever it returns
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError as error:
            raise RequestError("work_too_slow", seconds=f"{seconds:g}") from error

    def leave(self) -> None:
        """Give the place back."""
        self._work.inside -= 1
        self._work.held -= self._bytes


class Work:
    """The places of a server, and the threads that work for those who have one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.inside = 0  # places taken
        self.held = 0  # bytes in memory
        self.threads = ThreadPoolExecutor(count_cores() + 2, "xray-serve")

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Take a place for as long as a request, or the thread of it, lasts.

        Raises:
            RequestError: All are taken.
        """
        if self.inside >= self.settings.places:
            raise RequestError("queue_full")
        self.inside += 1
        place = Place(self)
        try:
            yield place
        finally:
            if place.running is None or place.running.done():
                place.leave()
            else:
                loop = asyncio.get_running_loop()
                place.running.add_done_callback(
                    lambda _: loop.call_soon_threadsafe(place.leave)
                )

    def close(self) -> bool:
        """Begin nothing new; say whether all has ended."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        return self.inside == 0
