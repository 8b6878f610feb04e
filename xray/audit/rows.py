"""The rows of an audit on disk: a CSV, written as they come.

It is the record: a row is flushed as soon as it is known, and one cut short by a kill
is dropped when the audit goes on. Parquet is made of it, see `parts`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..reading.files import drop_torn_line, make_folder, unwritable
from .parts import PARTS_NAME, database, of_csv
from .table import CSV_NAME, HEADER, Row, require_own, to_line


class RowStore:
    """Rows of one audit, kept through kills.

    Args:
        folder: Made if absent. What an earlier run left there is continued; Parquet
            that was made of it goes, as it is about to be outdated.

    Raises:
        DatasetError: The folder's CSV has other columns, or rows of another program.
        ImageError: The folder can't be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / CSV_NAME
        make_folder(folder)
        if self.path.exists():
            require_own(self.path)
            with self.path.open("r+b") as file:
                drop_torn_line(file)
        self._keys = self._known()
        for part in (folder / PARTS_NAME).glob("*.parquet"):
            part.unlink()
        self._file = self.path.open("a", encoding="utf-8", newline="")
        if not self._file.tell():
            self._file.write(HEADER)

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        """Whether an earlier run has written the row of this key."""
        number = np.uint64(int(str(key), 16))
        index = int(np.searchsorted(self._keys, number))
        return index < len(self._keys) and bool(self._keys[index] == number)

    def append(self, row: Row) -> None:
        """Write a row; it survives a kill from here on."""
        try:
            self._file.write(to_line(row))
            self._file.flush()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _known(self) -> NDArray[np.uint64]:
        """Read which keys are there, in order."""
        if not (self.path.exists() and self.path.stat().st_size):
            return np.empty(0, np.uint64)
        with database() as (rows, plain):
            table = of_csv(rows, plain, self.path)
            found = rows.execute(f"SELECT ('0x' || key)::UBIGINT AS key FROM {table}")
            return np.sort(found.fetchnumpy()["key"])
