"""Decode files in processes of their own: fault isolation, with memory and time limits.

A file that crashes, hangs or fills its decoder costs that decoder and gives an
error for that file; the next file gets a fresh one. Processes start when they are
needed, one a core at most, are kept, and end with the app. Safe to use from many
threads. It is no prison: a decoder runs as the same user, and who takes it over can
read what that user can (see `worker` for what is taken from it).
"""

import atexit
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from ..errors import ImageError
from ..limits import LIMITS
from ..threads import count_cores
from .deadline import Deadline
from .radiograph import Decoded
from .wire import (
    MOST_HEAD_BYTES,
    READY,
    REPLY,
    REQUEST,
    read_exactly,
    unpack,
    write_all,
)

_Result = TypeVar("_Result")

_PACKAGE_HOME = str(Path(__file__).resolve().parents[2])
_START_SECONDS = 60.0
_PIPE_BYTES = 1 << 20
# A file that ended so may have left its process short of memory, or dead.
_FATAL = frozenset({"too_slow", "decoder_died", "too_much_memory"})


def decode_in_process(data: bytes) -> Decoded:
    """Decode a file in another process; see `decoding.decode`.

    Raises:
        ImageError: As `decode`, or the file took too long or broke the decoder.
    """
    with _slots:
        decoder = _take()
        try:
            decoded = decoder.decode(data)
        except ImageError as error:
            if error.key in _FATAL:
                decoder.close()
            else:
                _give_back(decoder)
            raise
        except BaseException:
            decoder.close()  # interrupted: its pipe may hold half an answer
            raise
        _give_back(decoder)
        return decoded


def close_decoders() -> None:
    """End every decoding process that waits for a file."""
    with _lock:
        while _idle:
            _idle.pop().close()


def waiting_processes() -> list[int]:
    """List the numbers of the decoding processes that wait for a file."""
    with _lock:
        return [decoder.pid for decoder in _idle]


class Decoder:
    """One decoding process; not to be used by two threads at once."""

    def __init__(self) -> None:
        most, kept = LIMITS.decode_bytes, LIMITS.decode_kept_bytes
        paths = (_PACKAGE_HOME, os.environ.get("PYTHONPATH", ""))
        changes = {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            # -P: a folder in the working directory must not shadow a module.
            [sys.executable, "-P", "-m", "xray.reading.worker", str(most), str(kept)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=os.environ | changes,
        )
        self._requests = cast("io.FileIO", self._process.stdin)
        self._answers = cast("io.FileIO", self._process.stdout)
        _widen(self._requests)
        _widen(self._answers)
        self._is_ready = False
        self._has_grown = False

    @property
    def pid(self) -> int:
        """Process number, for those who watch its memory."""
        return self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether the process can take another file."""
        return not self._has_grown and self._process.poll() is None

    def decode(self, data: bytes) -> Decoded:
        """Send one file and wait for its picture, within the time limit.

        Raises:
            ImageError: The file can't be decoded, or its decoding was ended.
        """
        if not self._is_ready:
            self._within(_START_SECONDS, self._wait_until_ready)
        seconds = min(
            LIMITS.decode_seconds,
            LIMITS.decode_seconds_start + len(data) / LIMITS.decode_bytes_second,
        )
        return self._within(seconds, lambda: self._ask(data))

    def close(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()

    def _within(self, seconds: float, action: Callable[[], _Result]) -> _Result:
        """Run an exchange, and end the process if it takes too long."""
        deadline = Deadline(self._process, seconds)
        try:
            return action()
        except (
            OSError,
            EOFError,
            LookupError,
            RecursionError,
            ValueError,
            TypeError,
        ) as error:
            if deadline.is_missed:
                raise ImageError("too_slow", seconds=f"{seconds:.1f}") from error
            raise ImageError("decoder_died") from error
        finally:
            deadline.cancel()

    def _wait_until_ready(self) -> None:
        if read_exactly(self._answers, len(READY)) != READY:
            raise ValueError("expected the decoding process to say it is ready")
        self._is_ready = True

    def _ask(self, data: bytes) -> Decoded:
        write_all(self._requests, REQUEST.pack(len(data)))
        write_all(self._requests, data)
        sizes = REPLY.unpack(read_exactly(self._answers, REPLY.size))
        head_bytes, samples_bytes, self._has_grown = sizes
        if head_bytes > MOST_HEAD_BYTES or samples_bytes > 2 * LIMITS.pixels:
            raise ValueError("expected an answer within the limits")
        head = read_exactly(self._answers, head_bytes)
        return unpack(head, read_exactly(self._answers, samples_bytes))


_slots = threading.BoundedSemaphore(count_cores())
_lock = threading.Lock()
_idle: list[Decoder] = []


def _take() -> Decoder:
    while True:
        with _lock:
            if not _idle:
                break
            decoder = _idle.pop()
        if decoder.is_fit:
            return decoder
        decoder.close()
    return Decoder()


def _give_back(decoder: Decoder) -> None:
    if decoder.is_fit:
        with _lock:
            _idle.append(decoder)
    else:
        decoder.close()


def _forget() -> None:
    """Leave the decoders to the parent process after a fork."""
    global _slots, _lock  # noqa: PLW0603
    _slots = threading.BoundedSemaphore(count_cores())
    _lock = threading.Lock()
    _idle.clear()


def _widen(pipe: io.FileIO) -> None:
    """Let a pipe hold more at a time, where the system knows how."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except PermissionError:
            return  # the user's quota is spent: slower, and no worse


atexit.register(close_decoders)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
