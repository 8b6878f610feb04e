"""What the commands share at the terminal: progress, Ctrl-C, safe text."""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

Item = TypeVar("Item")


class Stop:
    """Turns the first Ctrl-C into a request to finish what has begun.

    >>> with Stop() as stop:
    ...     for result in work(stop.until(items)):
    ...         ...

    The second Ctrl-C raises KeyboardInterrupt as usual.
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Stop":
        # Python lets only the main thread catch signals.
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)

    def until(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pass items on until Ctrl-C is pressed."""
        for item in items:
            if self.asked:
                return
            yield item

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        sys.stderr.write("\nstopping after the files in work; Ctrl-C again: at once\n")


def make_progress(files: Callable[[], Iterable[object]]) -> "tqdm[None]":
    """Make a progress bar on stderr, silent where that is no terminal.

    Args:
        files: Lists what is to be done; only asked where there is a terminal.
    """
    from tqdm import tqdm

    shown = sys.stderr.isatty()
    total = sum(1 for _ in files()) if shown else None
    return tqdm(total=total, unit="file", disable=not shown)


def summarize(failed: int, total: int, verb: str = "read") -> int:
    """Say on stderr how many files failed, if any, and give the exit status."""
    if not total:
        sys.stderr.write("no file found: name files, or folders that hold some\n")
    if failed:
        files = "file" if total == 1 else "files"
        sys.stderr.write(f"{failed:,} of {total:,} {files} could not be {verb}\n")
    return 1 if failed else 0
