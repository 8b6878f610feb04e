"""The decoding process: reads files from a pipe, writes pictures to another.

Started by `sandbox` as `python -m xray.reading.worker MOST KEPT`, which limits its
time. It limits its own memory, writes no file, and leaves the network where Linux lets
it. It is the same user as the app, and can read what that one can.
"""

import ctypes
import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..errors import ImageError
from .radiograph import Decoded
from .wire import READY, REPLY, REQUEST, pack, pack_error, read_exactly, write_all

Decode = Callable[[bytes], Decoded]

# What pydicom imports wherever it is: GDCM, 17 MB, and what fetches its test files.
_LATER = ("gdcm", "requests", "tqdm")
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # sched.h


def import_decode() -> Decode:
    """Import what decodes, and not what hardly any file needs.

    Once for a fresh process. GDCM comes with the first stream that asks for it, see
    `codecs`.
    """
    for name in _LATER:
        sys.modules[name] = None  # type: ignore[assignment]  # as if not installed
    from .decoding import decode

    for name in _LATER:
        del sys.modules[name]
    return decode


def serve(decode: Decode, requests: io.FileIO, replies: io.FileIO, kept: int) -> None:
    """Answer requests until the pipe closes.

    Args:
        decode: Makes a picture of a file.
        requests: Where files come from.
        replies: Where pictures go.
        kept: Bytes this process may hold. What libraries free may stay with it;
            above this it asks to be replaced, so that a rare huge picture costs
            no memory for ever.
    """
    write_all(replies, READY)
    while True:
        try:
            (length,) = REQUEST.unpack(read_exactly(requests, REQUEST.size))
            data = bytes(read_exactly(requests, length))
        except EOFError:
            return  # the app is gone
        samples = memoryview(b"")
        try:
            head, samples = pack(decode(data))
        except ImageError as error:
            head = pack_error(error)
        except Exception as error:  # noqa: BLE001  # no other file may pay for a mistake
            head = pack_error(ImageError("program_error", kind=type(error).__name__))
        sizes = REPLY.pack(len(head), len(samples), _resident_bytes() > kept)
        write_all(replies, sizes + head)
        write_all(replies, samples)


def limit_resources(memory: int) -> None:
    """Cap address space, forbid writing files and dumping core, where it works."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def leave_network() -> bool:
    """Move to a network of its own, without any connection; False where that can't be.

    Before any thread: Linux moves no process with several into a namespace of users.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    move = getattr(library, "unshare", None)
    return move is not None and move(_NEW_USER | _NEW_NETWORK) == 0


def _resident_bytes() -> int:
    """Measure the memory this process holds; 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    logging.disable()
    # Ctrl-C reaches the whole terminal: the app decides when to end us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Native decoders print to the standard streams: keep the pipe to ourselves.
    answers = io.FileIO(os.dup(1), "w")
    os.dup2(2, 1)
    decoding = import_decode()  # before the limits: Python keeps what it compiles
    leave_network()
    limit_resources(int(sys.argv[1]))
    serve(decoding, io.FileIO(0), answers, int(sys.argv[2]))
