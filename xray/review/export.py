"""Reviewed films as a data set: gray PNGs and the table that `evaluate` reads.

No patient data leave: pictures without a header, hashes for patients, and no film
whose header says that text is burned in.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DatasetError, XrayError
from ..explanation.render import encode_png, thumbnail
from ..header.elements import careful
from ..reading.files import make_folder, write_file
from ..reading.reader import read_radiograph
from .audited import AuditedFilm, Report
from .opinion import Choice, Opinion
from .queue import Queue
from .standing import Standings

SAMPLE, CHOSEN = "local-sample", "local-review"  # sources of the manifest
SIDE = 2048  # pixels, the longer side of a picture
FOLDS = 5
STRANGERS = "strangers"  # folder of what is no radiograph, as `evaluate` takes it
COLUMNS = ("file", "target", "group", "fold", "source", "suspect_label", "license")


@dataclass(slots=True)
class Exported:
    """What was exported, and what was not."""

    films: int = 0
    sample: int = 0  # of them drawn at random
    undecided: int = 0  # of the sample: skipped, disputed or passed over
    strangers: int = 0
    burned_in: int = 0  # left out
    unread: int = 0  # gone, changed or damaged
    without_part: int = 0  # the header is right, and no class is its


@dataclass(slots=True)
class _Row:
    film: AuditedFilm
    name: str
    targets: Sequence[int]
    patient: str
    study: str


@dataclass(slots=True)
class _Work:
    report: Report
    out: Path
    counts: Exported = field(default_factory=Exported)
    rows: list[_Row] = field(default_factory=list)


def export(report: Report, standings: Standings, out: Path) -> Exported:
    """Write what was decided as a data set; an earlier one there is written anew.

    Raises:
        DatasetError: Nothing was decided.
        ImageError: The folder can't be written to.
    """
    work = _Work(report, out)
    films = {film.key: film for film in report.every_film()}
    sampled = _sampled(films, standings)
    for key, film in films.items():
        opinion = standings.final(key)
        if opinion is not None:
            _take(work, film, opinion)
    if not work.rows:
        raise DatasetError(
            f"Expected decisions in {report.folder} that name a part, found none. "
            "Review some films first: `xray review REPORT`."
        )
    exported = {row.film.key for row in work.rows}
    work.counts.films = len(work.rows)
    work.counts.sample = len(sampled & exported)
    work.counts.undecided = sum(standings.final(key) is None for key in sampled)
    _write_manifest(work, sampled)
    return work.counts


def _sampled(films: dict[str, AuditedFilm], standings: Standings) -> set[str]:
    """Find the films drawn at random: all up to the last one decided as such.

    Those before it that are missing there were decided in another queue.
    """
    drawn = [
        key
        for key in films
        for opinion in standings.decisions(key).values()
        if opinion.queue == Queue.SAMPLE.value
    ]
    last = max(drawn, default="")
    return {key for key in films if key <= last}


def _take(work: _Work, film: AuditedFilm, opinion: Opinion) -> None:
    """Write a film's picture and keep its row."""
    stranger = opinion.choice is Choice.NOT_RADIOGRAPH
    if not stranger and not opinion.parts:
        work.counts.without_part += 1
        return
    try:
        data = work.report.read(film, opinion.sha256)
        radiograph = read_radiograph(data)
        patient, study = _patient(data)
    except XrayError:
        work.counts.unread += 1
        return
    if any(notice.key == "burned_in" for notice in radiograph.notices):
        work.counts.burned_in += 1
        return
    name = f"{STRANGERS}/reviewed" if stranger else "images"
    path = work.out / name / f"{film.key}.png"
    make_folder(path.parent)
    write_file(path, encode_png(thumbnail(radiograph.pixels, SIDE)))
    if stranger:
        work.counts.strangers += 1
        return
    hashed = work.report.names.hashed
    work.rows.append(
        _Row(
            film,
            f"{name}/{path.name}",
            opinion.parts,
            hashed(patient) if patient else "",
            hashed(study) if study else film.key,
        )
    )


def _write_manifest(work: _Work, sampled: set[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    common = _placeholder(work.rows)
    for row in work.rows:
        known = row.patient and row.patient != common
        group = row.patient if known else row.study
        source = SAMPLE if row.film.key in sampled else CHOSEN
        targets = " ".join(map(str, row.targets))
        fold = int(work.report.names.hashed(group), 16) % FOLDS
        writer.writerow((row.name, targets, group, fold, source, "", ""))
    write_file(work.out / "manifest.csv", text.getvalue().encode())


def _placeholder(rows: Sequence[_Row]) -> str:
    """Find the Patient ID that stands for none: that of half of all films."""
    counts = Counter(row.patient for row in rows)
    (patient, number), *_ = counts.most_common(1)
    return patient if len(rows) > 10 and number > len(rows) / 2 else ""


def _patient(data: bytes) -> tuple[str, str]:
    """Read Patient ID (0010,0020) and Study Instance UID (0020,000D), to be hashed."""
    from pydicom import dcmread

    from ..reading.dicom.file import looks_like_dicom

    if not looks_like_dicom(data):
        return "", ""
    tags = ["PatientID", "StudyInstanceUID"]
    with careful():
        header = dcmread(
            io.BytesIO(data), force=True, stop_before_pixels=True, specific_tags=tags
        )
        return str(header.get(tags[0]) or ""), str(header.get(tags[1]) or "")
