"""Work on all cores by threads, in order, with bounded memory.

One set of threads serves every caller, first come first served, so that several
sessions share the processor fairly.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from threading import Lock, Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2  # results that may wait for the consumer, beside those in work


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item]
) -> Generator[Result, None, None]:
    """Do work on items, as many at once as there are cores.

    Items are drawn one by one, a few ahead of the results; closing the iterator
    early drops what hasn't begun.

    Args:
        work: Called with each item, several at once on other threads.
        items: Any number, also without end.

    Yields:
        What `work` returned, in the order of the items.
    """
    return _in_order(_workers(), _count_threads(), work, items)


def wait_at_once(
    work: Callable[[Item], Result], items: Iterable[Item], count: int
) -> Generator[Result, None, None]:
    """Do as `in_order` does, for work that waits for others, as a server.

    Args:
        work: Called with each item, on threads of its own.
        items: Any number, also without end.
        count: How many at once.

    Yields:
        What `work` returned, in the order of the items.
    """
    with ThreadPoolExecutor(count, "xray-waits") as threads:
        yield from _in_order(threads, count, work, items)


def _in_order(
    threads: ThreadPoolExecutor,
    count: int,
    work: Callable[[Item], Result],
    items: Iterable[Item],
) -> Generator[Result, None, None]:
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(threads.submit(work, item))
            if len(pending) >= count + AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def count_cores() -> int:
    """Count the cores that this process may use, at least 1.

    OMP_NUM_THREADS says so where several share a machine, as Ray's actors do.
    """
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said) > 0:
        return min(int(said), _count_scheduled())
    return _count_scheduled()


def _count_scheduled() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: containers often get a share
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def once(work: Callable[[], Result]) -> Callable[[], Result]:
    """Decorate a function to run once, also where several threads call at once."""
    lock = Lock()
    results: list[Result] = []

    @wraps(work)
    def first() -> Result:
        with lock:
            if not results:
                results.append(work())
        return results[0]

    return first


@once
def keep_products_single() -> None:
    """Let every matrix product of this process run on the thread that asks.

    NumPy's threads spin while they wait; beside OpenVINO's on the same cores they
    make small products ten times slower.
    """
    # threadpoolctl never lets go of the thread that asks; that of a page holds all
    # that its browser tab knows.
    asking = Thread(target=_limit_products)
    asking.start()
    asking.join()


def _limit_products() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


def _count_threads() -> int:
    # Two more than cores: while all compute, others wait for disks and decoders.
    return count_cores() + 2


@once
def _workers() -> ThreadPoolExecutor:
    keep_products_single()
    return ThreadPoolExecutor(_count_threads(), thread_name_prefix="xray")
