"""An audit's report as material for review: its rows, and the films they are of."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ..audit.compare import Options
from ..audit.home import PLAN_NAME, Home
from ..audit.merging import is_report
from ..audit.origin import read_origin
from ..audit.parts import STATE_NAME, rows_in
from ..audit.plan import missing, read_plan
from ..audit.run import read_state
from ..audit.table import CSV_NAME
from ..classify.verdict import Verdict
from ..errors import DatasetError, ImageError
from ..labels import BODY_PARTS
from ..reading.archive import Data, find
from ..reading.files import read_file

NO_HEADER = ""  # verdict of a picture that has no header to judge
_IDS = {part.english: part.id for part in BODY_PARTS}


@dataclass(frozen=True, slots=True)
class AuditedFilm:
    """What a review needs of an audit's row."""

    key: str
    path: str  # below the archive; empty where paths were to be hidden
    uid: str  # as the audit wrote it
    station: str
    month: str
    header_source: str
    header_term: str
    header_parts: str
    part: str
    probability: float
    rejected: str
    verdict: str
    model: str

    @property
    def name(self) -> str:
        """What to call it."""
        return self.path or self.key

    @property
    def answer(self) -> int:
        """Class number of what the network saw."""
        return _IDS[self.part]

    @property
    def claimed(self) -> tuple[int, ...]:
        """Class numbers of what the header names; not what it only touches on."""
        names = self.header_parts.split("|") if self.header_parts else ()
        return tuple(_IDS[name] for name in names if name in _IDS)

    @property
    def has_claim(self) -> bool:
        """Whether the header says anything of the part."""
        return bool(self.header_source)


_COLUMNS = list(AuditedFilm.__slots__)


class Report:
    """The folder of one audit.

    Args:
        folder: As given to `xray audit --out`.

    Raises:
        DatasetError: It holds no finished audit, or only rows that were merged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not is_report(folder):
            raise DatasetError(
                f"Expected the report of an audit. Received: {folder}, which holds no "
                f"{CSV_NAME}. Name the folder given to `xray audit --out`."
            )
        self.names = _names(folder)
        self.archive = Path(self.names.folder)
        if "://" in self.names.folder:
            raise DatasetError(
                f"Expected an audit of a folder. Received: {folder}, of the server or "
                f"store {self.names.folder}. Audit a copy of the films to review them."
            )
        self._paths: dict[str, str] | None = None  # by key, of a walk
        self._walking = Lock()

    def films(self, verdicts: Collection[str]) -> list[AuditedFilm]:
        """Read the films that have one of these verdicts, in no order."""
        marks = ", ".join("?" for _ in verdicts)
        asked = f"SELECT {', '.join(_COLUMNS)} FROM rows WHERE problem = ''"
        with rows_in(self.folder) as connection:
            found = connection.execute(
                f"{asked} AND verdict IN ({marks})", list(verdicts)
            ).fetchall()
        return [AuditedFilm(*values) for values in found]

    def every_film(self) -> list[AuditedFilm]:
        """Read every film that was classified."""
        return self.films([*(each.value for each in Verdict), NO_HEADER])

    def read(self, film: AuditedFilm, sha256: str = "") -> bytes:
        """Read a film's file, and make sure that it is the one that was audited.

        Args:
            film: Whose file to read.
            sha256: Of the file that was reviewed; empty where none was.

        Raises:
            ImageError: It is gone, can't be read, or is another by now.
        """
        data = self._open(film)
        if isinstance(data, ImageError):
            raise data
        uid = read_origin(data).uid
        if uid and not self.names.keep_uids:
            uid = self.names.hashed(uid)
        if uid != film.uid or (sha256 and digest(data) != sha256):
            raise ImageError("film_changed")
        return data

    def _open(self, film: AuditedFilm) -> Data:
        for path in self._likely_paths(film):
            container, bang, _ = path.partition("!/")
            whole = self._below(path)
            if whole.is_file():
                return read_file(whole)
            if bang and self._below(container).is_file():
                for found in find(self._below(container)):
                    # A zip's own name stands before its member's.
                    if found.path.partition("!/")[2] == path.partition("!/")[2]:
                        return found.read()
        raise ImageError("film_gone")

    def _likely_paths(self, film: AuditedFilm) -> Iterator[str]:
        """Give the row's path if it is what the key was made of, else a walk's."""
        if film.path and self.names.key(film.path) == film.key:
            yield film.path
            return
        with self._walking:  # paths are hidden, or had to be written otherwise
            if self._paths is None:
                walked = (each.path for each in find(self.archive, self.folder))
                self._paths = {self.names.key(path): path for path in walked}
        if film.key in self._paths:
            yield self._paths[film.key]

    def _below(self, path: str) -> Path:
        return self.archive if self.archive.is_file() else self.archive / path


def _names(folder: Path) -> Options:
    """Read where an audit's films lie, and how its rows name them.

    Raises:
        DatasetError: Nothing says so, or chunks of a plan are missing.
    """
    if (folder / PLAN_NAME).exists():
        plan = read_plan(folder)
        if left := len(missing(Home(folder), plan)):
            raise DatasetError(
                f"Expected a finished audit. Received: {folder}, of whose "
                f"{plan.chunks:,} chunks {left:,} are missing. Make them with "
                "`xray audit --run`."
            )
        return plan.options
    if not (folder / STATE_NAME).exists():
        raise DatasetError(
            f"Expected {STATE_NAME} of an audit in {folder}, which says where its "
            "films lie. Reports that were merged have none: review those that "
            "they were merged from, one by one."
        )
    return read_state(folder)


def digest(data: bytes) -> str:
    """Name a file by its content."""
    return hashlib.sha256(data).hexdigest()
