"""Files on disk: found below folders, read whole within the limits, written."""

import errno
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ImageError
from ..limits import LIMITS

PAUSES = (0.2, 1.0, 3.0)  # seconds before further tries to read
# What no second try changes.
_FINAL = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP}
)
_LONGEST_NAME = 255  # bytes, as file systems have it
TAIL = 2**18  # bytes at the end of a file of lines, in which the last one begins


def read_file(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        ImageError: The file can't be opened, or is larger than the limit.
    """
    require_regular(path)
    return _within_limit(read_patiently(lambda: _read_whole(path)), path)


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to look at its beginning and then, perhaps, to read it.

    Raises:
        ImageError: It can't be opened, or is no file.
    """
    require_regular(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise ImageError("unreadable", reason=_reason(error)) from error
    with file:
        yield file


def read_opened(file: io.BufferedReader, path: Path) -> bytes:
    """Read the whole of a file that was opened.

    Raises:
        ImageError: As `read_file`, which has another try where reading fails.
    """
    try:
        data = _read(file)
    except OSError:
        return read_file(path)
    return _within_limit(data, path)


def _read(file: io.BufferedReader) -> bytes:
    """Read a file, at most a byte more than the limit."""
    # To ask for the limit would set that much aside, which costs a millisecond.
    size = min(os.fstat(file.fileno()).st_size, LIMITS.file_bytes)
    data = file.read(size + 1)
    if len(data) > size:  # it has grown, or is one whose size nobody knows
        data += file.read(LIMITS.file_bytes + 1 - len(data))
    return data


def _within_limit(data: bytes, path: Path) -> bytes:
    if len(data) > LIMITS.file_bytes:
        raise too_large(path.stat().st_size)
    return data


def too_large(received: int | None = None, limit: int | None = None) -> ImageError:
    """Make the error for a file over a limit in bytes, that of all files if None.

    How large it is may be unknown, where reading ended at the limit.
    """
    most = f"{LIMITS.file_bytes if limit is None else limit:,} bytes"
    size = f"> {most}" if received is None else f"{received:,} bytes"
    return ImageError("file_too_large", limit=most, received=size)


def read_patiently(
    read: Callable[[], bytes], pause: Callable[[float], None] = time.sleep
) -> bytes:
    """Read what a share or a store may fail to give for a moment.

    Tries again after longer and longer pauses, where trying may help.

    Raises:
        ImageError: It failed each time, or in a way that no second try changes.
    """
    for seconds in (*PAUSES, None):
        try:
            return read()
        except OSError as error:
            if seconds is None or error.errno in _FINAL:
                raise ImageError("unreadable", reason=_reason(error)) from error
            pause(seconds)
    raise AssertionError  # the last try returns or raises


def _read_whole(path: Path) -> bytes:
    with path.open("rb") as file:
        return _read(file)


def require_regular(path: Path) -> None:
    """Make sure that a path leads to a file; a pipe could be waited for for ever.

    Raises:
        ImageError: It leads to nothing, or to something else.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ImageError("unreadable", reason=_reason(error)) from error
    except ValueError as error:  # a null character
        raise ImageError("unreadable", reason="No name that a file can have") from error
    if not stat.S_ISREG(mode):
        raise ImageError("unreadable", reason="Not a regular file")


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file beside its place and rename it: never half a file.

    Raises:
        ImageError: The file can't be written.
    """
    # Of its own length: a name may be as long as the file system lets it be.
    number = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    partial = path.with_name(f".{number}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        remove(partial)
        raise unwritable(path, error) from error


def remove(path: Path) -> None:
    """Remove what is left of a file that could not be written, if it can be."""
    with suppress(OSError):
        path.unlink()


def is_same(first: Path, second: Path) -> bool:
    """Say whether two paths lead to one file or folder, there or not, through links."""
    try:
        return first.samefile(second)
    except OSError:  # one of them isn't there, or a link runs in a circle
        return os.path.realpath(first) == os.path.realpath(second)


def fitting_name(stem: str, ending: str) -> str:
    """Put an ending to a name, which is cut where file systems would refuse it."""
    while stem and len(os.fsencode(stem + ending)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending


def make_folder(path: Path) -> None:
    """Make a folder for results, and those it lies in.

    Raises:
        ImageError: It can't be made, as where a file is in the way.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> ImageError:
    """Make the error for what can't be written, with the system's reason."""
    return ImageError("unwritable", path=path, reason=_reason(error))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def drop_torn_line(file: io.BufferedRandom) -> int:
    """Cut a last line off that has no end; the size of what remains."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        size -= len(tail) - (tail.rfind(b"\n") + 1)
        file.truncate(size)
    return size


def walk(
    paths: Iterable[Path], without: Path | None = None, hidden: bool = False
) -> Iterator[Path]:
    """List files, and those below folders, folder by folder in order of name.

    Lazy: ten thousand files cost no more memory than ten. Links to folders are left
    out, as they may run in circles.
    A path that isn't a folder is passed on as it is, also if it doesn't exist, and
    so is a folder that can't be listed: reading it says why, and the counts add up.

    Args:
        paths: Files and folders.
        without: A folder to leave out where it lies below another: that of the
            results.
        hidden: Whether files and folders whose names begin with a dot are listed
            too, as an audit counts every file.
    """
    left_out = None if without is None else os.path.realpath(without)
    for path in paths:
        if not is_folder(path):
            yield path
            continue
        closed: list[str] = []
        for folder, below, names in os.walk(path, onerror=_noting(closed)):
            below[:] = sorted(
                name
                for name in below
                if (hidden or not name.startswith("."))
                and os.path.realpath(Path(folder, name)) != left_out
            )
            for name in sorted(names):
                if hidden or not name.startswith("."):
                    yield Path(folder, name)
        yield from map(Path, closed)


def is_folder(path: Path) -> bool:
    """Say whether a path leads to a folder; not where that can't be known."""
    try:
        return path.is_dir()
    except OSError:
        return False  # reading it meets the same error, and reports it


def _noting(folders: list[str]) -> Callable[[OSError], None]:
    return lambda error: folders.append(str(error.filename))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
