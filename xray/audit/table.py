"""The rows of an audit as text: a CSV that only an audit writes.

What another program saved is refused before anything is changed. Spreadsheet
programs make numbers of keys and dates of months, each in its own way.
"""

import csv
import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..errors import DatasetError
from ..text import guard, printable

CSV_NAME = "results.csv"


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
    header_projection: str = ""  # "frontal", "lateral" …, "|" between; or "other"
    header_view: str = ""  # known words of View Position or View Code
    header_projection_source: str = ""
    header_laterality: str = ""  # of an element: L, R, B (both) or U (unpaired)
    header_laterality_source: str = ""
    described_laterality: str = ""  # of a description: L, R or B
    part: str = ""  # English name of what the picture shows
    dicom_term: str = ""
    snomed_code: str = ""
    snomed_meaning: str = ""
    probability: float | None = None  # [0, 1]
    band: str = ""
    rejected: str = ""  # key of the message why not to believe the answer, or empty
    verdict: str = ""  # value of Verdict; empty where there was nothing to judge
    networks: str = ""  # how many read it: "1" where --fast left it to the small one
    fracture_probability: float | None = None  # [0, 1]; of findings, as asked for
    fracture_flag: str = ""  # "yes", "no"; empty where not asked for
    hardware_probability: float | None = None
    hardware_flag: str = ""
    projection: str = ""  # what the picture shows; empty where not asked for
    projection_probability: float | None = None  # [0, 1]
    projection_verdict: str = ""
    problem: str = ""  # kind of error, as "no_pixels"; empty where classified
    error: str = ""  # what it says
    model: str = ""


NAMES = [field.name for field in fields(Row)]
NUMBERS = [name for name in NAMES if name.endswith("probability")]
HEADER = ",".join(NAMES) + "\n"


def to_line(row: Row) -> str:
    """Write a row as one line of the CSV, with no cell that a spreadsheet runs."""
    line = io.StringIO()
    cells = map(_to_cell, asdict(row).values())
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def not_own(path: Path) -> DatasetError:
    """Make the error for rows that another program has saved."""
    return DatasetError(
        f"Expected rows as an audit of this version writes them in {path}. Received: "
        "others, as after saving it with a spreadsheet program. Restore the file, or "
        "choose another --out."
    )


def require_own(path: Path) -> None:
    """Make sure that a CSV is an audit's; its first line may be cut short by a kill.

    Raises:
        DatasetError: It has other columns, or another program has saved it.
    """
    header = HEADER.encode()
    with path.open("rb") as file:
        line = file.readline(len(header) + 1)
    if not header.startswith(line) and line != header[:-1] + b"\r\n":
        raise not_own(path)


def _to_cell(value: str | float | None) -> str:
    if not isinstance(value, str):
        return "" if value is None else f"{value:.6f}"
    return guard(printable(value))  # no line breaks, and what a text file holds
