"""How many processor cores this process may use."""

import os


def count_cores() -> int:
    """Count the cores that the scheduler gives this process, at least 1."""
    if hasattr(os, "sched_getaffinity"):  # Linux: containers often get a share
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
