"""An archive to plan an audit of: a folder, a mounted share, or an object store."""

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import DatasetError, ImageError
from ..limits import LIMITS
from ..reading.archive import Found, open_file, open_zip, refused
from ..reading.dicomweb import DicomWeb, Instance, is_url
from ..reading.files import read_patiently, too_large
from ..reading.zips import ZIP_MAGIC

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WALKERS = 8  # threads that list folders: a share answers each after a while
UNLISTED = -1  # size of a folder that can't be listed; reading it says why


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, as its folder lists it."""

    path: bytes  # below the archive, with "/"; as the system has it, UTF-8 or not
    size: int  # bytes
    modified: int  # nanoseconds since 1970; 0 where the store doesn't say


class Archive(Protocol):
    """A place that holds files."""

    def is_there(self) -> bool:
        """Say whether the place itself can be listed now."""

    def walk(self) -> Iterator[Listed]:
        """List every file, in no order, those of any name; not links to folders."""

    def open(self, path: bytes) -> Iterator[Found]:
        """Give a listed file, or each member if it is a zip."""


def open_archive(place: str, without: Path | None = None) -> Archive:
    """Open a folder, a DICOMweb server, or a store that fsspec knows.

    Args:
        place: A path, an address as `https://pacs.example/dicom-web`, or a URL as
            `s3://bucket/films`.
        without: A folder to leave out where it lies below another: the report's.

    Raises:
        DatasetError: There is nothing, or fsspec lacks what the URL needs.
    """
    if is_url(place):
        return _DicomWeb(DicomWeb(place))
    archive = _Store(place) if "://" in place else _Folder(Path(place), without)
    if not archive.is_there():
        raise DatasetError(
            f"Expected a folder or store that can be listed. Received: {place}. "
            "Connect it, or name another."
        )
    return archive


class _Folder:
    def __init__(self, root: Path, without: Path | None) -> None:
        # No link to a folder is followed below it: each has this one path.
        self._root = Path(os.path.realpath(root))
        self._without = without and Path(os.path.realpath(without))

    def is_there(self) -> bool:
        try:
            with os.scandir(self._root):
                return True
        except OSError:
            return False

    def walk(self) -> Iterator[Listed]:
        with ThreadPoolExecutor(WALKERS) as walkers:
            waiting: set[Future[tuple[list[Listed], list[bytes]]]] = set()
            waiting.add(walkers.submit(self._list, b""))
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    files, folders = future.result()
                    waiting |= {walkers.submit(self._list, each) for each in folders}
                    yield from files

    def open(self, path: bytes) -> Iterator[Found]:
        name = os.fsdecode(path)
        return open_file(self._root / name, name)

    def _list(self, folder: bytes) -> tuple[list[Listed], list[bytes]]:
        """List one folder: its files, and the folders in it."""
        files: list[Listed] = []
        folders: list[bytes] = []
        try:
            with os.scandir(os.path.join(os.fsencode(self._root), folder)) as entries:  # noqa: PTH118  # bytes
                for entry in entries:
                    path = folder + b"/" + entry.name if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if Path(os.fsdecode(entry.path)) != self._without:
                            folders.append(path)
                    elif not entry.is_dir():
                        files.append(_listed(path, entry))
        except OSError:
            files.append(Listed(folder, UNLISTED, 0))
        return files, folders


def _listed(path: bytes, entry: "os.DirEntry[bytes]") -> Listed:
    try:
        found = entry.stat()
    except OSError:  # a link to nothing; reading it says so
        return Listed(path, 0, 0)
    return Listed(path, found.st_size, found.st_mtime_ns)


class _DicomWeb:
    def __init__(self, server: DicomWeb) -> None:
        self._server = server

    def is_there(self) -> bool:
        return next(self._server.instances(), None) is not None

    def walk(self) -> Iterator[Listed]:
        for instance in self._server.instances():
            yield Listed(instance.path.encode(), 0, 0)

    def open(self, path: bytes) -> Iterator[Found]:
        _, study, _, series, _, uid = path.decode().split("/")
        instance = Instance(study, series, uid)
        yield self._server.found(instance)


class _Store:
    def __init__(self, place: str) -> None:
        from fsspec.core import url_to_fs

        try:
            self._system: AbstractFileSystem
            self._system, self._root = url_to_fs(place)
        except (ImportError, ValueError) as error:
            raise DatasetError(
                f"Expected what fsspec needs for {place}, received: {error}. "
                "Install it, as with `pip install s3fs`."
            ) from error

    def is_there(self) -> bool:
        try:
            return bool(self._system.exists(self._root))
        except OSError:
            return False

    def walk(self) -> Iterator[Listed]:
        start = len(self._root.rstrip("/")) + 1
        for folder, _, files in self._system.walk(self._root, detail=True):
            inside = folder[start:]
            for name, about in files.items():
                path = f"{inside}/{name}" if inside else name
                yield Listed(os.fsencode(path), about.get("size") or 0, 0)

    def open(self, path: bytes) -> Iterator[Found]:
        name = os.fsdecode(path)
        data = self._read(name)
        if isinstance(data, ImageError):
            yield refused(name, data)
        elif data.startswith(ZIP_MAGIC):
            yield from open_zip(data, name)
        else:
            yield Found(name, lambda: data)

    def _read(self, name: str) -> bytes | ImageError:
        whole = f"{self._root.rstrip('/')}/{name}"
        most = LIMITS.file_bytes
        try:
            data = read_patiently(
                lambda: bytes(self._system.cat_file(whole, 0, most + 1))
            )
        except ImageError as error:
            return error
        return too_large() if len(data) > most else data
