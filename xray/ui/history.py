"""What a session has seen: results that stay, pictures as far as memory allows.

Nothing in here identifies a patient but the name of the file itself.
"""

import csv
import io
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ..classify.prediction import Explanation, Prediction
from ..classify.trust.confidence import Band
from ..classify.verdict import Verdict, judge_findings
from ..header.claim import HeaderClaim
from ..labels import BODY_PARTS, BodyPart
from ..limits import LIMITS
from ..messages import MESSAGES
from ..reading.radiograph import Facts, Notice
from ..records.answer import as_record, claimed, findings_columns
from ..review.opinion import Choice
from ..text import guard


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person says that a film shows."""

    choice: Choice
    parts: tuple[int, ...] = ()  # class numbers

    @property
    def names(self) -> list[str]:
        """The parts in English."""
        return [BODY_PARTS[part].english for part in self.parts]


@dataclass(frozen=True, eq=False)
class Entry:
    """One radiograph of the session, classified and explained."""

    key: str  # SHA-256 of the file: the same content is the same entry
    file: str  # name to show; told apart where two files share one
    time: datetime  # when it was classified, with its time zone
    facts: Facts
    explanation: Explanation
    thumbnail: bytes  # gray JPEG
    claim: HeaderClaim | None = None
    verdict: Verdict | None = None  # None: no DICOM file, so no header to judge
    notices: tuple[Notice, ...] = ()
    mark: Mark | None = None  # what a person said of it; the answer stays as it is

    @property
    def prediction(self) -> Prediction:
        """What the classifier answered."""
        return self.explanation.prediction

    @property
    def part(self) -> BodyPart:
        """The likeliest body part."""
        return self.prediction.part

    @cached_property
    def parts(self) -> tuple[BodyPart, ...]:
        """Every part the film shows; filters ask for those of all films each time."""
        return self.prediction.parts

    @property
    def band(self) -> Band:
        """How far to trust the likeliest part."""
        return self.prediction.band

    @property
    def fractured(self) -> bool:
        """Whether findings flag a fracture."""
        findings = self.prediction.findings
        fracture = findings and findings.fracture
        return bool(fracture and fracture.flag)

    @cached_property
    def projection_verdict(self) -> Verdict | None:
        """On the header's projection; None: no header, or no findings to judge by."""
        return judge_findings(self.claim, self.prediction)


class History:
    """Every entry of a session in the order it came, and the pictures it may keep.

    Args:
        picture_bytes: Cap on all full-size pictures together; the oldest go
            first, their entries and thumbnails stay.
    """

    def __init__(self, picture_bytes: int = LIMITS.session_bytes) -> None:
        self._entries: dict[str, Entry] = {}
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self.limit = picture_bytes

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> Entry:
        return self._entries[key]

    def get(self, key: str) -> Entry | None:
        """An entry, if it is there."""
        return self._entries.get(key)

    def add(self, entry: Entry, picture: bytes) -> None:
        """Keep an entry, and its compressed full-size picture while there is room."""
        known = self._entries.get(entry.key)
        if known is not None and known.mark is not None:
            entry = replace(entry, mark=known.mark)
        self._entries[entry.key] = entry
        self._pictures[entry.key] = picture
        self._pictures.move_to_end(entry.key)
        while self.picture_bytes > self.limit:
            self._pictures.popitem(last=False)

    def mark(self, key: str, mark: Mark | None) -> None:
        """Keep what a person says of an entry; None takes it back."""
        if key in self._entries:
            self._entries[key] = replace(self._entries[key], mark=mark)

    def find(self, key: str, explanation: Explanation) -> None:
        """Keep what was found on an entry, if it is still there."""
        if key in self._entries:
            self._entries[key] = replace(self._entries[key], explanation=explanation)

    def picture(self, key: str) -> bytes | None:
        """The full-size picture of an entry; None where it had to go."""
        return self._pictures.get(key)

    @property
    def picture_bytes(self) -> int:
        """Bytes that the full-size pictures take."""
        return sum(map(len, self._pictures.values()))

    def remove(self, key: str) -> None:
        """Forget one entry with all that belongs to it."""
        self._entries.pop(key, None)
        self._pictures.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._pictures.clear()

    def free_name(self, name: str) -> str:
        """Tell a file apart from another of the same name: "film (2).png"."""
        taken = {entry.file for entry in self}
        stem, dot, extension = name.rpartition(".")
        if not stem:
            stem, dot, extension = name, "", ""
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{stem} ({number}){dot}{extension}"
        return free


def to_csv(entries: Iterable[Entry], model: str) -> str:
    """Export entries as CSV with a header line, safe to open in a spreadsheet.

    Args:
        entries: In the order of the export; with columns for findings where they
            were looked for in any.
        model: Name and version of the model.
    """
    table = io.StringIO()
    entries = list(entries)
    columns: tuple[str, ...] = _COLUMNS
    if any(entry.prediction.findings is not None for entry in entries):
        columns = (*_COLUMNS, *findings_columns(None))
    writer = csv.DictWriter(table, columns, lineterminator="\r\n")
    writer.writeheader()
    for entry in entries:
        row = _record(entry, model) | _in_words(entry)
        row |= findings_columns(entry.prediction.findings)
        writer.writerow({name: _as_cell(row[name]) for name in columns})
    return table.getvalue()


def to_json(entries: Iterable[Entry], model: str) -> str:
    """Export entries as a JSON list of what `predict --json` says, and some more."""
    records = [_record(entry, model) for entry in entries]
    return json.dumps(records, ensure_ascii=False, indent=2)


_COLUMNS = (
    *("file", "time", "label", "class", "confidence", "band", "parts", "rejected"),
    *("pose", "networks"),
    *("verdict", "header_term", "header_source", *claimed(None)),
    *("mark", "marked_parts"),
    *("dicom_term", "snomed_code", "snomed_meaning"),
    *("kind", "width", "height", "model", "probabilities"),
)


def _record(entry: Entry, model: str) -> dict[str, object]:
    claim, mark = entry.claim, entry.mark
    return {
        "file": entry.file,
        "time": entry.time.isoformat(timespec="seconds"),
        **as_record(entry.prediction, entry.verdict, claim),
        "header_term": claim.term if claim else None,
        "header_source": claim.source if claim else None,
        **claimed(claim),
        "mark": mark.choice.value if mark else None,
        "marked_parts": mark.names if mark else [],
        "kind": entry.facts.kind,
        "width": entry.facts.width,
        "height": entry.facts.height,
        "model": model,
    }


def _in_words(entry: Entry) -> dict[str, object]:
    """Write for people what JSON writes for programs."""
    prediction, mark = entry.prediction, entry.mark
    reason = prediction.rejected
    return {
        "marked_parts": " + ".join(mark.names if mark else ()),
        "parts": prediction.named(),
        "rejected": None if reason is None else MESSAGES[reason].english,
        "probabilities": " ".join(f"{each:.6f}" for each in prediction.probabilities),
    }


def _as_cell(value: object) -> str:
    return "" if value is None else guard(str(value))
