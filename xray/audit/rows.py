"""The rows of an audit on disk: CSV as they come, Parquet in parts behind.

The CSV is the record: a row is flushed as soon as it is known, and one cut short
by a kill is dropped when the audit goes on. Parquet parts of a fixed number of
rows are derived from it, so that the two can't disagree and any number of rows
costs the same memory.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from ..reading.files import make_folder, unwritable
from ..records.cells import guard, unguard

if TYPE_CHECKING:
    import pyarrow as pa

CSV_NAME = "results.csv"
PARTS_NAME = "results"  # the folder of Parquet parts, one table
PART_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One audited file. Empty text where there is nothing to say."""

    key: str  # 16 hexadecimal digits: salted hash of folder and path
    path: str  # below the audited folder; empty where paths are to be hidden
    uid: str  # SOP Instance UID, a salted hash unless asked otherwise
    kind: str  # "DICOM" or "other"
    modality: str
    manufacturer: str
    station: str
    month: str  # "YYYY-MM"
    header_source: str  # tag of the claim
    header_term: str
    header_parts: str  # English names, "|" between; "~" before those only near
    header_hint: str  # "yes" where read from a description
    part: str  # English name of what the picture shows
    dicom_term: str
    snomed_code: str
    snomed_meaning: str
    probability: float | None  # [0, 1]
    band: str
    rejected: str  # key of the message why not to believe the answer, or empty
    verdict: str  # value of Verdict; empty where there was nothing to judge
    problem: str  # kind of error, as "no_pixels"; empty where classified
    error: str  # what it says
    model: str


_KEY = re.compile("[0-9a-f]{16}")
_NAMES = [field.name for field in fields(Row)]


class RowStore:
    """Rows of one audit, kept through kills.

    Args:
        folder: Made if absent. What an earlier run left there is continued.
        part_rows: Rows of a Parquet part.

    Raises:
        DatasetError: The folder's CSV has other columns.
        ImageError: The folder can't be written to.
    """

    def __init__(self, folder: Path, part_rows: int = PART_ROWS) -> None:
        self.path = folder / CSV_NAME
        self._parts = folder / PARTS_NAME
        self._part_rows = part_rows
        make_folder(self._parts)
        self._rest.unlink(missing_ok=True)
        _drop_torn_line(self.path)
        self._written = _count_parts(self._parts)  # full parts
        self._pending: list[Row] = []  # rows of the next part
        self._keys = self._resume()
        self._file = self.path.open("a", encoding="utf-8", newline="")
        if not self._file.tell():
            self._file.write(_line(_NAMES))

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        row = replace(row, **{n: _on_one_line(v) for n, v in asdict(row).items()})
        line = _line([_to_cell(value) for value in asdict(row).values()])
        try:
            self._file.write(line)
            self._file.flush()
            self._pending.append(row)
            self._write_full_parts()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def close(self) -> None:
        """Write the rows of the last, smaller part."""
        self._file.close()
        if self._pending:
            _write_part(self._rest, self._pending)

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
            _write_part(path, self._pending)
            self._written += 1
            self._pending.clear()


def read_rows(path: Path) -> Iterator[Row]:
    """Read the rows of an audit's CSV one by one.

    Raises:
        DatasetError: It has other columns, or rows that no audit writes.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, _NAMES)
        if header != _NAMES:
            raise DatasetError(
                f"Expected the columns of this version in {path}. "
                f"Received: {', '.join(header)[:200]}. Choose another --out."
            )
        try:
            for cells in reader:
                yield _row(cells)
        except (ValueError, csv.Error) as error:
            raise DatasetError(
                f"Expected rows as an audit writes them in {path}, line "
                f"{reader.line_num} is another, as after saving it with a spreadsheet "
                "program. Restore the file, or choose another --out."
            ) from error


def _row(cells: Iterable[str]) -> Row:
    texts = dict(zip(_NAMES, map(unguard, cells), strict=True))
    if not _KEY.fullmatch(texts["key"]):
        raise ValueError(texts["key"])
    probability = texts.pop("probability")
    return Row(probability=float(probability) if probability else None, **texts)


def schema() -> "pa.Schema":
    """The columns of the Parquet parts."""
    import pyarrow as pa

    return pa.schema(
        (name, pa.float32() if name == "probability" else pa.string())
        for name in _NAMES
    )


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _to_cell(value: str | float | None) -> str:
    """Write a value that no spreadsheet runs."""
    if not isinstance(value, str):
        return "" if value is None else f"{value:.6f}"
    return guard(value)


def _on_one_line(value: str | float | None) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(char if char.isprintable() else " " for char in value)


def _drop_torn_line(path: Path) -> None:
    """Cut off what stands after the last line break."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        end = file.seek(0, io.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                file.truncate(start + found + 1)
                return
            end = start
        file.truncate(0)


def _count_parts(folder: Path) -> int:
    count = 0
    while (folder / f"part-{count:06d}.parquet").exists():
        count += 1
    return count


def _write_part(path: Path, rows: list[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([asdict(row) for row in rows], schema())
    partial = path.with_suffix(".partial")
    pq.write_table(table, partial)
    partial.replace(path)
