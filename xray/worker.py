"""The decoding process: reads files from a pipe, writes pictures to another.

Started by `sandbox` as `python -m xray.worker`. It limits its own memory and
time, can write no file, and says nothing but pictures and typed errors.
"""

import io
import logging
import os
import signal
import sys

from .decoding import decode
from .errors import ImageError
from .limits import LIMITS
from .wire import READY, REPLY, REQUEST, pack, pack_error, read_exactly, write_all

# What libraries freed may stay with the process: one that held more than this is
# replaced, so that a rare huge picture costs no memory for ever.
_MOST_KEPT = 512 * 2**20


def serve(requests: io.FileIO, replies: io.FileIO) -> None:
    """Answer requests until the pipe closes."""
    write_all(replies, READY)
    while True:
        try:
            length, frame = REQUEST.unpack(read_exactly(requests, REQUEST.size))
            data = bytes(read_exactly(requests, length))
        except EOFError:
            return  # the app is gone
        samples = memoryview(b"")
        try:
            head, samples = pack(decode(data, None if frame < 0 else frame))
        except ImageError as error:
            head = pack_error(error)
        sizes = REPLY.pack(len(head), len(samples), _peak_bytes() > _MOST_KEPT)
        write_all(replies, sizes + head)
        write_all(replies, samples)


def limit_resources() -> None:
    """Cap address space, forbid writing files and dumping core, where it works."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, LIMITS.decode_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _peak_bytes() -> int:
    """Measure the most memory this process ever held; 0 where that is unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    logging.disable()
    # Ctrl-C reaches the whole terminal: the app decides when to end us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Native decoders print to the standard streams: keep the pipe to ourselves.
    answers = io.FileIO(os.dup(1), "w")
    os.dup2(2, 1)
    limit_resources()
    serve(io.FileIO(0), answers)
