"""A plan's chunks on this machine, in a process of its own.

What ends that process (a decoder's or a library's crash, the system out of memory) ends
no more than the chunk in work, which is done again.
"""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from ..errors import DatasetError, XrayError, program_error
from .attempts import Attempts, one_by_one
from .chunks import run_chunk
from .compare import Classify
from .home import open_home
from .plan import read_plan

_END_SECONDS = 10.0  # to clean up
_CONTEXT = multiprocessing.get_context("spawn")  # threads and a fork go ill together
_ROW, _BEGUN, _DONE, _ERROR = "row", "begun", "done", "error"


def run_here(
    place: str | Path,
    numbers: Iterable[int],
    load: Callable[[], Classify],
    each: Callable[[], object] = lambda: None,
) -> dict[int, str]:
    """Make the parts of chunks.

    Args:
        place: The report's folder or store.
        numbers: Of the chunks.
        load: Makes what classifies, in the other process: picklable.
        each: Called with each row.

    Returns:
        Why, for each chunk that could not be done.

    Raises:
        XrayError: The archive went away, or a part can't be written.
    """
    attempts = Attempts()
    waiting = deque(numbers)
    while waiting:
        with closing(_Worker(place, load)) as worker:
            while waiting:
                number = waiting.popleft()
                if worker.run(number, *attempts.how(number), each):
                    continue
                if attempts.died(number, worker.begun):
                    waiting.appendleft(number)
                break
    return attempts.failed


class _Worker:
    """The other process."""

    def __init__(self, place: str | Path, load: Callable[[], Classify]) -> None:
        self.begun: str | None = None  # the file in work, where read one by one
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_serve, args=(theirs, place, load), daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._listen(lambda: None):
            raise DatasetError(
                "Expected a process that loads the network. Received: its end, "
                f"{self._process.exitcode}. Make memory free, and run the same again."
            )

    def run(
        self,
        number: int,
        careful: bool,
        crashing: tuple[str, ...],
        each: Callable[[], object],
    ) -> bool:
        """Do a chunk; False where the process ended over it."""
        self.begun = None
        with suppress(OSError):  # it has ended: listening says so
            self._connection.send((number, careful, crashing))
        return self._listen(each)

    def close(self) -> None:
        """End the process, which cleans up."""
        self._connection.close()
        self._process.terminate()
        self._process.join(_END_SECONDS)
        self._process.kill()
        self._process.join()
        self._process.close()

    def _listen(self, each: Callable[[], object]) -> bool:
        while True:
            try:
                said, value = self._connection.recv()
            except (EOFError, OSError):
                return False
            if said == _ROW:
                each()
            elif said == _BEGUN:
                self.begun = value
            elif said == _ERROR:
                raise value
            else:
                return True


def _serve(
    connection: Connection, place: str | Path, load: Callable[[], Classify]
) -> None:
    """Do chunks as the other end asks for them, until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's: the other decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave no picture behind
    try:
        classify = load()
        slowly = one_by_one(classify, lambda name: connection.send((_BEGUN, name)))
        with open_home(place) as home:
            plan = read_plan(home.folder)
            connection.send((_DONE, None))
            while True:
                number, careful, crashing = connection.recv()
                run_chunk(
                    home,
                    plan,
                    number,
                    slowly if careful else classify,
                    each=lambda _row: connection.send((_ROW, None)),
                    crashing=crashing,
                )
                connection.send((_DONE, None))
    except (EOFError, BrokenPipeError):
        return  # who asked is gone
    except XrayError as error:
        connection.send((_ERROR, error))
    except Exception as error:  # noqa: BLE001  # a door, as the command line is
        connection.send((_ERROR, program_error(error)))
