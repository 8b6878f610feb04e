"""Decisions on disk: lines added one by one, each safe before the next film.

Any number of browsers and servers may work on one folder. What changes a file does so
under one lock; what reads needs none. A line that a crash cut short is passed over by
every reader, and the next line begins on its own.
"""

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DatasetError
from ..lock import hold
from ..reading.files import sync_folder, unwritable, write_file
from .opinion import Opinion, read_line, to_line
from .standing import Standings

FILE_NAME = "reviews.jsonl"
CLAIMS_NAME = "claims.json"
LOCK_NAME = "review.lock"
_PATIENCE = 20.0  # seconds to wait for others
LEASE = 600.0  # seconds that a film is kept for the browser it was given to


class OpinionStore:
    """The opinions in a report's folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self.standings = Standings()
        self._read = 0  # bytes taken in
        self._mutex = threading.RLock()
        self.refresh()

    def refresh(self) -> Standings:
        """Take in what others have said meanwhile."""
        with self._mutex:
            if self.path.exists() and self.path.stat().st_size > self._read:
                with self.path.open("rb") as file:
                    file.seek(self._read)
                    new = file.read()
                whole = new[: new.rfind(b"\n") + 1]
                self._read += len(whole)
                for line in whole.splitlines():
                    opinion = read_line(line)
                    if opinion is not None:
                        self.standings.add(opinion)
            return self.standings

    def append(self, opinion: Opinion) -> None:
        """Keep an opinion; it is on the disk when this returns.

        Raises:
            ImageError: It can't be written.
        """
        with self.alone():
            _append(self.path, to_line(opinion))
        self.refresh()

    def claim(self, films: Iterable[str], tab: str) -> str | None:
        """Give a browser tab the first film that no other one is looking at.

        Args:
            films: Keys, the most wanted first.
            tab: Whose earlier film is free from here on.

        Raises:
            ImageError: The folder can't be written to.
        """
        path = self.folder / CLAIMS_NAME
        now = time.time()
        with self.alone():
            others = {
                film: (whose, until)
                for film, (whose, until) in _read_claims(path).items()
                if whose != tab and until > now
            }
            found = next((film for film in films if film not in others), None)
            mine = {} if found is None else {found: (tab, now + LEASE)}
            write_file(path, json.dumps(others | mine).encode())
        return found

    def claimed(self, tab: str) -> set[str]:
        """Films that other browser tabs are looking at."""
        now = time.time()
        claims = _read_claims(self.folder / CLAIMS_NAME).items()
        return {key for key, (whose, until) in claims if whose != tab and until > now}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other browser and server out, for a moment.

        Raises:
            ImageError: The folder can't be written to.
        """
        path = self.folder / LOCK_NAME
        try:
            with hold(path, _PATIENCE) as is_ours:
                if not is_ours:
                    raise DatasetError(
                        f"Expected {path} to be free within a moment, somebody holds "
                        "it. Try again; if it lasts, restart the review."
                    )
                yield
        except OSError as error:
            raise unwritable(path, error) from error


def _append(path: Path, line: bytes) -> None:
    is_new = not path.exists()
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(number).st_size
        if size:
            os.lseek(number, size - 1, os.SEEK_SET)
            if os.read(number, 1) != b"\n":  # a crash cut the last line short
                line = b"\n" + line
        while line:
            line = line[os.write(number, line) :]
        os.fsync(number)
    finally:
        os.close(number)
    if is_new:
        sync_folder(path.parent)


def _read_claims(path: Path) -> dict[str, tuple[str, float]]:
    try:
        claims = json.loads(path.read_bytes())
        return {film: (str(tab), float(until)) for film, (tab, until) in claims.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # none, or damaged: a claim is worth a few minutes at most
