"""Answers added to a file, line by line: JSON Lines, or CSV for a spreadsheet."""

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ...reading.files import TAIL, drop_torn_line
from ...text import guard
from ..config import FilesDestination
from .sender import DONE, Answer, Parcel, UnreachableError

COLUMNS = (
    *("id", "study", "series", "instance", "source", "model", "label"),
    *("confidence", "band", "verdict", "rejected", "dicom_term", "snomed_code"),
)


class FilesSender:
    """Adds records to a file; a line that a crash left is neither torn nor twice.

    Args:
        destination: Path and format.
    """

    batch = 64

    def __init__(self, destination: FilesDestination) -> None:
        self._path = destination.path
        self._line = _csv_line if destination.format == "csv" else _json_line
        self._head = _csv(COLUMNS) if destination.format == "csv" else ""

    def send(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """Add them, and flush the file to the disk."""
        records = [parcel.path.read_text(encoding="utf-8") for parcel in parcels]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _open(self._path) as file:
                size = drop_torn_line(file)
                file.seek(max(0, size - TAIL))
                tail = file.read()
                lines = [] if size else [self._head]
                for parcel, record in zip(parcels, records, strict=True):
                    if parcel.delivery.about["uid"].encode() not in tail:
                        lines.append(self._line(json.loads(record)))
                file.seek(size)
                file.write("".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnreachableError("unwritable") from error
        return [DONE] * len(parcels)


def _open(path: Path) -> io.BufferedRandom:
    # Neither "a", which writes at the end only, nor "w", which empties it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    return os.fdopen(handle, "r+b")


def _json_line(record: dict[str, object]) -> str:
    return json.dumps(record) + "\n"


def _csv_line(record: dict[str, object]) -> str:
    return _csv(
        "" if record.get(name) is None else guard(str(record[name])) for name in COLUMNS
    )


def _csv(cells: "Sequence[str] | object") -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)  # type: ignore[arg-type]
    return line.getvalue()
