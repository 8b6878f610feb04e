"""Files of a request on their way into the spool: written as they come in."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import uuid4

from fastapi import Request

from ..errors import SpoolFullError
from ..limits import LIMITS
from ..spool.store import Store
from .problems import RequestError
from .settings import Settings
from .uploads import UNNAMED, MediaType, Multipart, Take, receive

_OFTEN = 16 << 20  # bytes between two looks at the disk


@dataclass(slots=True)
class StoredFile:
    """A file of a request, on the spool's disk."""

    name: str
    media_type: str
    path: Path
    file: IO[bytes]
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    bytes: int = 0

    @property
    def is_too_large(self) -> bool:
        """Whether it is longer than any file that is read; its end isn't kept."""
        return self.bytes > LIMITS.file_bytes


class Incoming:
    """The files of one request, removed at its end: the queue links what it keeps."""

    def __init__(self, store: Store) -> None:
        self.files: list[StoredFile] = []
        self._store = store
        self._unchecked = 0

    def begin(self, name: str, media_type: str) -> Take:
        """Open a file; gives what takes its pieces."""
        self.close()
        path = self._store.incoming / uuid4().hex
        opened = StoredFile(name, media_type, path, path.open("xb"))
        self.files.append(opened)

        def take(piece: bytes) -> None:
            opened.bytes += len(piece)
            if opened.is_too_large:
                return
            self._check_room(len(piece))
            opened.digest.update(piece)
            opened.file.write(piece)

        return take

    def close(self) -> None:
        """Write what is open to its end."""
        if self.files:
            self.files[-1].file.close()

    def remove(self) -> None:
        """Remove every file from where it came in."""
        self.close()
        for each in self.files:
            each.path.unlink(missing_ok=True)

    def _check_room(self, count: int) -> None:
        self._unchecked += count
        if self._unchecked >= _OFTEN:
            self._store.require_room()
            self._unchecked = 0


@contextmanager
def incoming(store: Store) -> Iterator[Incoming]:
    """Take files in for as long as a request lasts.

    Raises:
        RequestError: The disk is full, or nearly.
    """
    files = Incoming(store)
    try:
        store.require_room()
        yield files
    except (SpoolFullError, OSError) as error:
        raise RequestError("disk_full") from error
    finally:
        files.remove()


async def receive_files(
    request: Request, files: Incoming, settings: Settings, multipart: str
) -> None:
    """Read the files of a request onto the spool's disk.

    Args:
        request: Its body is one file, unless it is multipart.
        files: Where to.
        settings: Of the server.
        multipart: Which type of multipart: "multipart/form-data" or "…/related".

    Raises:
        RequestError: The body is broken, too long or too slow.
    """
    kind = MediaType.of(request.headers.get("content-type"))
    parts = None
    if kind.name == multipart:
        parts = Multipart(kind, files.begin, settings.stored_files)
    take = parts.feed if parts else files.begin(UNNAMED, kind.name)
    await receive(request, settings.stored_bytes, settings.stored_seconds, take)
    if parts:
        parts.finish()
    files.close()
