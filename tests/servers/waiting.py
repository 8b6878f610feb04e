"""Free ports, and waiting for what other processes do."""

import socket
import time
from collections.abc import Callable

_SECONDS = 60.0


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Wait for something that another process does; a failure after a while."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not so within {seconds:.0f} seconds"
        time.sleep(0.05)
