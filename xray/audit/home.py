"""Where a plan, its parts and its report lie: a folder, or an object store.

Of a store this machine keeps what it needs in a temporary folder, and writes each
object whole, in one request.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DatasetError
from ..reading.files import unwritable
from .examples import FOLDER_NAME
from .parts import PARTS_NAME

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PLAN_NAME = "plan.json"  # holds the salt: keep it as private as the archive
MANIFEST_NAME = "manifest.parquet"
_HERE = {"file", "local"}  # schemes of URLs that are folders


class Home:
    """A folder that all machines see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # what lies here, as far as this machine needs it

    def has(self, name: str) -> bool:
        """Say whether there is a file or folder of this name."""
        return (self.folder / name).exists()

    def parts(self) -> set[str]:
        """Name the parts that are there, without their endings."""
        return {path.stem for path in (self.folder / PARTS_NAME).glob("*.parquet")}

    def publish(self, *paths: Path) -> None:
        """Let all machines see files of `folder`, in this order.

        Raises:
            ImageError: One of them can't be written.
        """

    def fetch_all(self) -> None:
        """Bring every part and its pictures into `folder`."""


def refuse(home: Home, *names: str) -> None:
    """Make sure that a folder holds no other kind of audit.

    Raises:
        DatasetError: It has one of these files or folders.
    """
    for name in names:
        if home.has(name):
            raise DatasetError(
                f"Expected a folder of its own for the report. Received: {name} of an "
                "audit in it. Choose another --out; a plan goes on with --run."
            )


class _Store(Home):
    """Objects whose names begin alike."""

    def __init__(self, folder: Path, place: str) -> None:
        super().__init__(folder)
        from fsspec.core import url_to_fs

        self._system: AbstractFileSystem
        self._system, root = url_to_fs(place)
        self._root = root.rstrip("/")
        for name in (PLAN_NAME, MANIFEST_NAME):
            self._fetch(f"{self._root}/{name}")

    def has(self, name: str) -> bool:
        return bool(self._system.exists(f"{self._root}/{name}"))

    def parts(self) -> set[str]:
        return {Path(name).stem for name in self._find(PARTS_NAME)}

    def publish(self, *paths: Path) -> None:
        for path in paths:
            name = f"{self._root}/{path.relative_to(self.folder).as_posix()}"
            try:
                self._system.pipe_file(name, path.read_bytes())
            except OSError as error:
                raise unwritable(Path(name), error) from error

    def fetch_all(self) -> None:
        for folder in (PARTS_NAME, FOLDER_NAME):
            for name in self._find(folder):
                self._fetch(name)

    def _find(self, folder: str) -> list[str]:
        self._system.invalidate_cache()  # other machines write too
        return [str(name) for name in self._system.find(f"{self._root}/{folder}")]

    def _fetch(self, name: str) -> None:
        path = self.folder / name[len(self._root) + 1 :]
        if not path.exists() and self._system.exists(name):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._system.get_file(name, str(path))


@contextmanager
def open_home(place: str | Path) -> Iterator[Home]:
    """Open a folder, or a URL that fsspec knows, as `s3://bucket/report`.

    Raises:
        DatasetError: fsspec lacks what the URL needs, or the store can't be reached.
    """
    scheme, there, path = str(place).partition("://")
    if not there or scheme in _HERE:
        yield Home(Path(path or place))
        return
    with tempfile.TemporaryDirectory(prefix="xray-") as folder:
        try:
            home = _Store(Path(folder), str(place))
        except (ImportError, ValueError, OSError) as error:
            raise DatasetError(
                f"Expected what fsspec needs for {place}, received: {error}. "
                "Install it, as with `pip install s3fs`, and check the address."
            ) from error
        yield home
