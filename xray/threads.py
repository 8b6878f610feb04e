"""Processor cores and how many threads may fight for them."""

import os
from functools import lru_cache


def count_cores() -> int:
    """Count the cores that the scheduler gives this process, at least 1."""
    if hasattr(os, "sched_getaffinity"):  # Linux: containers often get a share
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def keep_products_single() -> None:
    """Let every matrix product of this process run on the thread that asks.

    NumPy's threads spin while they wait; beside OpenVINO's on the same cores they
    make small products ten times slower.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")
