"""Answers added to a file, line by line: JSON Lines, or CSV for a spreadsheet."""

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ...reading.files import TAIL, drop_torn_line
from ...text import guard
from ..rules import RECORD
from ..table import Table
from .base import DONE, Answer, Destination, Parcel, UnreachableError

COLUMNS = (
    *("id", "study", "series", "instance", "source", "model", "label"),
    *("confidence", "band", "verdict", "rejected", "dicom_term", "snomed_code"),
)


@dataclass(frozen=True, slots=True)
class FilesDestination(Destination):
    """A file to which records are added; a line that a crash left isn't torn."""

    takes = (RECORD,)
    batch = 64
    path: Path
    format: str  # "jsonl" or "csv"

    @classmethod
    def read(cls, name: str, table: Table, *_: object) -> Self:
        """Read path and format."""
        format_ = table.choice("format", ("jsonl", "csv"), "jsonl")
        return cls(name, table.path("path"), format_)

    def describe(self) -> str:
        """Say where that is."""
        return f"{self.path} ({self.format})"

    def send(self, parcels: Sequence[Parcel], *_: object) -> list[Answer]:
        """Add them, and flush the file to the disk."""
        is_csv = self.format == "csv"
        write = _csv_line if is_csv else _json_line
        records = [parcel.path.read_text(encoding="utf-8") for parcel in parcels]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _open(self.path) as file:
                size = drop_torn_line(file)
                file.seek(max(0, size - TAIL))
                tail = file.read()
                lines = [_csv(COLUMNS)] if is_csv and not size else []
                for parcel, record in zip(parcels, records, strict=True):
                    if parcel.delivery.about["uid"].encode() not in tail:
                        lines.append(write(json.loads(record)))
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
