"""Corrected copies of what was decided, under the guards of `records.correction`.

A film is corrected only while its file is, byte for byte, the one that was looked at.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TextIO

from ..errors import DatasetError, ImageError
from ..labels import BODY_PARTS
from ..reading.files import make_folder, remove, unwritable
from ..records.correction import Correction, plan_part, write
from ..text import guard, printable
from .audited import AuditedFilm, Report
from .opinion import Choice, Opinion
from .standing import Standings

TABLE_NAME = "fixes.csv"
COLUMNS = ("key", "path", "copy", "before", "after", "who", "when")


class CopyResult(StrEnum):
    """What comes of a decision."""

    CORRECT = "to correct"
    SAME = "nothing to change: the header says so already"
    HEADER = "nothing to change: the header was right"
    SEVERAL = "by hand: several parts, and the header names one"
    NOT_RADIOGRAPH = "by hand: not a radiograph"
    NO_CODE = "by hand: Others, which has no code"
    GONE = "passed over: gone, or can't be opened"
    CHANGED = "passed over: another file than was reviewed"
    REFUSED = "passed over: can't be corrected"
    UNDECIDED = "not decided: no opinion, or more than one"


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """One film, and what is to be done about it."""

    film: AuditedFilm
    result: CopyResult
    opinion: Opinion | None = None
    correction: Correction | None = None  # where there is something to correct
    reason: str = ""  # where it can't be


def plan_copies(report: Report, standings: Standings) -> Iterator[PlannedCopy]:
    """Say film by film what is to be done; one file is held at a time."""
    films = {film.key: film for film in report.every_film()}
    for key in standings:
        if key in films and standings.said(key):
            yield _plan(report, films[key], standings.final(key))


def require_apart(out: Path, report: Report) -> None:
    """Make sure that no copy comes to lie among the films.

    Raises:
        DatasetError: The folder is the archive's, or inside it.
    """
    archive = report.archive.resolve()
    folder = archive if archive.is_dir() else archive.parent
    if out.resolve().is_relative_to(folder):
        raise DatasetError(
            f"Expected --out beside the archive. Received: {out}, inside of it, where "
            "copies would be taken for films. Choose another folder."
        )


class Copies:
    """A folder of corrected copies, with a table of what was changed.

    Args:
        out: Made if absent; copies that are there already stay as they are.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        make_folder(out)
        path = out / TABLE_NAME
        try:
            self._file: TextIO = path.open("a", encoding="utf-8", newline="")
        except OSError as error:
            raise unwritable(path, error) from error
        self._writer = csv.writer(self._file, lineterminator="\n")
        if not self._file.tell():
            self._writer.writerow(COLUMNS)

    def __enter__(self) -> "Copies":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(
        self, film: AuditedFilm, opinion: Opinion | None, correction: Correction
    ) -> bool:
        """Write a film's copy as planned; False where it is there already.

        Raises:
            ImageError: It can't be written.
        """
        name = _name(film)
        path = self.out / name
        if path.exists():
            return False
        make_folder(path.parent)
        # A name of its own until it is whole: half a file would pass for a copy.
        partial = path.with_name(f".{film.key}.partial")
        remove(partial)
        write(correction, partial)
        partial.replace(path)
        before, after = named_by_header(film), correction.part.english
        who, when = (opinion.who, opinion.at) if opinion else ("", "")
        row = (film.key, film.path, name, before, after, who, when)
        self._writer.writerow(guard(printable(cell)) for cell in row)
        self._file.flush()
        return True


def named_by_header(film: AuditedFilm) -> str:
    """Say what a header named, for a table."""
    return film.header_term or film.header_parts.replace("~", "") or "(none)"


def _plan(report: Report, film: AuditedFilm, opinion: Opinion | None) -> PlannedCopy:
    if opinion is None:
        return PlannedCopy(film, CopyResult.UNDECIDED)
    if opinion.choice in _NOTHING_TO_DO:
        return PlannedCopy(film, _NOTHING_TO_DO[opinion.choice], opinion)
    if len(opinion.parts) != 1:
        return PlannedCopy(film, CopyResult.SEVERAL, opinion)
    try:
        data = report.read(film, opinion.sha256)
        correction = plan_part(data, BODY_PARTS[opinion.parts[0]])
    except ImageError as error:
        result = _REASONS.get(error.key, CopyResult.REFUSED)
        return PlannedCopy(film, result, opinion, reason=str(error))
    result = CopyResult.CORRECT if correction.changes else CopyResult.SAME
    return PlannedCopy(film, result, opinion, correction)


_NOTHING_TO_DO = {
    Choice.HEADER: CopyResult.HEADER,
    Choice.NOT_RADIOGRAPH: CopyResult.NOT_RADIOGRAPH,
}
_REASONS = {
    "no_code": CopyResult.NO_CODE,
    "film_gone": CopyResult.GONE,
    "unreadable": CopyResult.GONE,
    "film_changed": CopyResult.CHANGED,
}


def _name(film: AuditedFilm) -> str:
    """Name a copy as its film; by its key where that would say too much, or escape."""
    path = PurePosixPath(film.path)
    safe = film.path and not path.is_absolute() and ".." not in path.parts
    return film.path if safe and "!/" not in film.path else f"{film.key}.dcm"
