"""The rows of an audit on disk: CSV as they come, Parquet in parts behind.

The CSV is the record: a row is flushed as soon as it is known, and one cut short
by a kill is dropped when the audit goes on. Parquet parts of a fixed number of
rows are derived from it, so that the two can't disagree and any number of rows
costs the same memory.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..reading.files import make_folder, unwritable
from .parts import PARTS_NAME, write_part
from .table import (
    CSV_NAME,
    HEADER,
    Row,
    drop_torn_line,
    read_rows,
    require_own,
    to_line,
)

PART_ROWS = 10_000


class RowStore:
    """Rows of one audit, kept through kills.

    Args:
        folder: Made if absent. What an earlier run left there is continued.
        part_rows: Rows of a Parquet part.

    Raises:
        DatasetError: The folder's CSV has other columns, or rows of another program.
        ImageError: The folder can't be written to.
    """

    def __init__(self, folder: Path, part_rows: int = PART_ROWS) -> None:
        self.path = folder / CSV_NAME
        self._parts = folder / PARTS_NAME
        self._part_rows = part_rows
        make_folder(self._parts)
        if self.path.exists():
            require_own(self.path)
            drop_torn_line(self.path)
        self._rest.unlink(missing_ok=True)
        self._written = _count_parts(self._parts)  # full parts
        self._pending: list[Row] = []  # rows of the next part
        self._keys = self._resume()
        self._file = self.path.open("a", encoding="utf-8", newline="")
        if not self._file.tell():
            self._file.write(HEADER)

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        """Whether an earlier run has written the row of this key."""
        number = np.uint64(int(str(key), 16))
        index = int(np.searchsorted(self._keys, number))
        return index < len(self._keys) and bool(self._keys[index] == number)

    def append(self, row: Row) -> None:
        """Write a row; it survives a kill from here on."""
        row = row.on_one_line()
        try:
            self._file.write(to_line(row))
            self._file.flush()
            self._pending.append(row)
            self._write_full_parts()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def close(self) -> None:
        """Write the rows of the last, smaller part."""
        try:
            self._file.close()
            if self._pending:
                write_part(self._rest, self._pending)
        except OSError as error:
            raise unwritable(self.path, error) from error

    @property
    def _rest(self) -> Path:
        return self._parts / "rest.parquet"

    def _resume(self) -> NDArray[np.uint64]:
        """Read which keys are there, and write the parts a kill left out."""
        keys = np.empty(1024, np.uint64)
        count = 0
        skip = self._written * self._part_rows
        for row in read_rows(self.path) if self.path.exists() else ():
            if count == len(keys):
                keys = np.resize(keys, 2 * count)
            keys[count] = int(row.key, 16)
            count += 1
            if count > skip:
                self._pending.append(row)
                self._write_full_parts()
        return np.sort(keys[:count])

    def _write_full_parts(self) -> None:
        if len(self._pending) == self._part_rows:
            path = self._parts / f"part-{self._written:06d}.parquet"
            write_part(path, self._pending)
            self._written += 1
            self._pending.clear()


def _count_parts(folder: Path) -> int:
    count = 0
    while (folder / f"part-{count:06d}.parquet").exists():
        count += 1
    return count
