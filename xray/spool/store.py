"""Files of the spool: on disk for good before anybody is told that they arrived.

A file is written beside its place, flushed to the disk, renamed, and its folder is
flushed as well. Only then may a row of the queue name it; a file that no row names
is what a crash left, and is swept away later.
"""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from ..errors import SpoolError, SpoolFullError
from ..limits import LIMITS
from ..reading.files import sync_folder

KEEP_FREE = 2**30  # bytes of the disk that the spool leaves to others
SWEEP_AFTER = 3600.0  # seconds; a file younger than that may yet get its row

_CHUNK = 2**20
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is on the disk for good, and that no row names yet."""

    file: str  # its name in the store
    digest: str  # SHA-256, hexadecimal
    bytes: int


class Store:
    """A folder of files that survive whatever happens to the process.

    Args:
        folder: Made if absent; all on one file system.
        keep_free: Bytes of the disk that must stay free.
    """

    def __init__(self, folder: Path, keep_free: int = KEEP_FREE) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"  # half-written files, of no worth
        self._files = folder / "files"
        self._keep_free = keep_free
        with _explained(folder):
            self.incoming.mkdir(parents=True, exist_ok=True)
            self._files.mkdir(exist_ok=True)
            # What others receive is no business of other users of the machine.
            folder.chmod(0o700)

    def enough_room(self) -> bool:
        """Say whether the disk has as much room as is to stay free."""
        return shutil.disk_usage(self.folder).free >= self._keep_free

    def require_room(self) -> None:
        """Refuse before anything is read where the disk is nearly full.

        Raises:
            SpoolFullError: It is.
        """
        if not self.enough_room():
            raise SpoolFullError(
                f"Expected {self._keep_free:,} bytes to stay free on the disk of "
                f"{self.folder}. Received: fewer. Make room, or wait until what waits "
                "has been delivered."
            )

    def stage(self, chunks: Iterable[bytes], most: int = LIMITS.file_bytes) -> Staged:
        """Write bytes as they come in; on return they are on the disk for good.

        Raises:
            SpoolError: It is longer than `most`.
            SpoolFullError: The disk is full, or nearly.
        """
        path = self.write(chunks, most)
        try:
            return self.adopt(path)
        finally:
            path.unlink()

    def write(self, chunks: Iterable[bytes], most: int = LIMITS.file_bytes) -> Path:
        """Write bytes to a file of `incoming`, to be looked at and then adopted.

        Returns:
            The caller's to remove.

        Raises:
            SpoolError: It is longer than `most`.
            SpoolFullError: The disk is full, or nearly.
        """
        self.require_room()
        path, total = self.incoming / uuid4().hex, 0
        with _explained(path), _removed_on_error(path), path.open("xb") as file:
            for chunk in chunks:
                total += len(chunk)
                if total > most:
                    raise SpoolError(
                        f"Expected at most {most:,} bytes. Received: more. Send a "
                        "smaller file."
                    )
                file.write(chunk)
        return path

    def adopt(self, path: Path, skip: int = 0) -> Staged:
        """Take a whole file over by a link, without copying it.

        Args:
            path: On the spool's file system, as in `incoming`; stays where it is.
            skip: Bytes at its beginning that the digest leaves out.

        Raises:
            SpoolFullError: The disk is full.
        """
        name = uuid4().hex
        digest = hashlib.sha256()
        with _explained(path):
            with path.open("rb") as file:
                os.fsync(file.fileno())
                total = file.seek(skip) - skip
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    total += len(chunk)
            os.link(path, self._files / name)
            sync_folder(self._files)
        return Staged(name, digest.hexdigest(), total + skip)

    def path(self, file: str) -> Path:
        """Say where a file lies."""
        return self._files / file

    def read(self, file: str) -> bytes:
        """Read a file whole."""
        return self.path(file).read_bytes()

    def remove(self, *files: str) -> None:
        """Remove files that no row names any more; those gone already are no error."""
        for file in files:
            if file:
                self.path(file).unlink(missing_ok=True)

    def sweep(self, named: frozenset[str], older: float = SWEEP_AFTER) -> int:
        """Remove what crashes left: old files that no row names.

        Args:
            named: Names of the files that rows name.
            older: Seconds since a file was last written.

        Returns:
            How many were removed.
        """
        before, removed = time.time() - older, 0
        for folder in (self.incoming, self._files):
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):  # another process sweeps as well
                    if entry.name not in named and entry.stat().st_mtime < before:
                        Path(entry.path).unlink()
                        removed += 1
        return removed


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the disk says into an error of xray."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise SpoolFullError(
                f"Expected room on the disk of {path}. Received: {error.strerror}. "
                "Make room, and send it again."
            ) from error
        raise SpoolError(
            f"Expected to write to {path}. Received: {error.strerror}. Check the "
            "folder and its permissions."
        ) from error


@contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
