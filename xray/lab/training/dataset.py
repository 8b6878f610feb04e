"""Labeled radiographs on disk, in the two layouts xray trains on.

manifest   a folder with `manifest.csv`: file, target, group, fold, source,
           suspect_label (target: class numbers, space-separated)
Kaggle     a folder with `train.csv` (SOPInstanceUID,Target) and the films, DICOM
           or PNG, named by their SOPInstanceUID, in any sub-folder
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import DatasetError
from ...labels import BODY_PARTS

FOLDS = 5
HOME = "unifesp"  # the source whose films have folds
IMAGE_SUFFIXES = (".dcm", ".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Film:
    """One labeled radiograph."""

    path: Path
    targets: tuple[int, ...]  # class numbers; several where it shows several parts
    group: str  # films of one group (a patient) never stand on both sides
    fold: int | None  # None: for training only
    source: str
    suspect: bool = False  # the published label seems wrong
    license: str = ""  # as the data set states it

    @property
    def single(self) -> bool:
        """Whether the film has one label only."""
        return len(self.targets) == 1


def read_dataset(folder: Path) -> list[Film]:
    """List the films of a data set folder, whichever of the two layouts it has.

    Raises:
        DatasetError: The folder has neither layout, or a row can't be used.
    """
    if (folder / "manifest.csv").is_file():
        return list(_read_manifest(folder))
    if (folder / "train.csv").is_file():
        return list(_read_kaggle(folder))
    raise DatasetError(
        f"Expected manifest.csv or train.csv in {folder}, found neither. "
        "Name the folder that holds one of them."
    )


def split(
    films: Sequence[Film], fold: int | None, sources: Sequence[str] | None = None
) -> tuple[list[Film], list[Film]]:
    """Split films, of some sources or all, into training and validation by the fold.

    Returns:
        Training films (suspect labels left out) and validation films (all of
        the fold, suspect labels included; none where the fold is None).
    """
    validation = [film for film in films if fold is not None and film.fold == fold]
    held_out = {film.group for film in validation}
    training = [
        film
        for film in films
        if film.group not in held_out
        and not film.suspect
        and (sources is None or film.source in sources)
    ]
    return training, validation


def _read_manifest(folder: Path) -> Iterator[Film]:
    for number, row in _rows(folder / "manifest.csv", ("file", "target")):
        yield Film(
            path=folder / row["file"],
            targets=_targets(row["target"], folder / "manifest.csv", number),
            group=row.get("group") or row["file"],
            fold=_fold(row.get("fold") or "", folder / "manifest.csv", number),
            source=row.get("source") or HOME,
            suspect=bool(row.get("suspect_label")),
            license=row.get("licence") or row.get("license") or "",
        )


def _read_kaggle(folder: Path) -> Iterator[Film]:
    # Kaggle's own DICOM files carry a "-c" after the SOPInstanceUID.
    paths = {
        path.stem.removesuffix("-c"): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES
    }
    table = folder / "train.csv"
    for number, row in _rows(table, ("SOPInstanceUID", "Target")):
        uid = row["SOPInstanceUID"].strip()
        if uid not in paths:
            raise DatasetError(
                f"Expected a film named {uid}.dcm or .png below {folder} "
                f"(line {number} of {table.name}), found none."
            )
        group = _study(paths[uid]) or uid
        yield Film(
            path=paths[uid],
            targets=_targets(row["Target"], table, number),
            group=group,
            fold=int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS,
            source=HOME,
        )


def _rows(table: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            _require_columns(table, needed, reader.fieldnames or ())
            for number, row in enumerate(reader, start=2):
                # A short row lacks its last columns.
                yield number, {name: row[name] or "" for name in row if name}
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"Expected a table in UTF-8 at {table}, could not read it: {error}. "
            "Save it again as CSV in UTF-8."
        ) from error


def _require_columns(table: Path, needed: Sequence[str], there: Sequence[str]) -> None:
    missing = set(needed) - set(there)
    if missing:
        raise DatasetError(
            f"Expected the columns {', '.join(needed)} in {table}, "
            f"missing: {', '.join(sorted(missing))}."
        )


def _fold(text: str, table: Path, number: int) -> int | None:
    if text and not text.isdecimal():
        raise DatasetError(
            f"Expected a fold from 0, or none, in line {number} of {table}. "
            f"Received: {text!r}"
        )
    return int(text) if text else None


def _targets(text: str, table: Path, number: int) -> tuple[int, ...]:
    try:
        targets = tuple(int(word) for word in text.split())
    except ValueError:
        targets = ()
    if not targets or not all(0 <= target < len(BODY_PARTS) for target in targets):
        raise DatasetError(
            f"Expected class numbers 0 to {len(BODY_PARTS) - 1}, separated by "
            f"spaces, in line {number} of {table}. Received: {text!r}"
        )
    return targets


def _study(path: Path) -> str | None:
    """Read Study Instance UID (0020,000D): the closest thing to a patient."""
    if path.suffix.lower() != ".dcm":
        return None
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        header = pydicom.dcmread(path, specific_tags=["StudyInstanceUID"])
    except InvalidDicomError:
        return None
    return str(header.get("StudyInstanceUID", "")) or None
