"""What each header claims, against what its picture shows: a row for each file.

One pass over any number of files with flat memory: files are drawn one by one,
rows leave as soon as they are known. No global state: shards of an archive can be
audited apart and their rows put together.
"""

import hashlib
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hmac import digest
from typing import Any

from ..classify.findings import Findings
from ..classify.pipeline import Outcome, Source
from ..errors import ImageError, XrayError
from ..header.claim import HeaderClaim
from ..header.synonyms import keep_known
from ..labels import BODY_PARTS
from ..reading.archive import Found
from ..reading.dicom.modality import PLAIN
from ..records.answer import as_record, claimed, findings_columns
from .origin import Origin, read_origin
from .table import Row

_OF_RECORD = (
    *("dicom_term", "snomed_code", "snomed_meaning"),
    *("band", "rejected", "verdict", "networks"),
)

Classify = Callable[[Iterable[Source]], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Options:
    """What an audit is of, and how it names things."""

    folder: str  # or address; part of the keys, so that shards don't share any
    model: str  # name and version of the weights
    keep_uids: bool = False
    hide_paths: bool = False
    fast: bool = False  # whether the small network may answer alone
    salt: str = field(default_factory=partial(secrets.token_hex, 16))

    def key(self, path: str) -> str:
        """Name a file by a number of 64 bits, in hexadecimal."""
        return self.hashed(f"{self.folder}\0{path}")[:16]

    def hashed(self, text: str) -> str:
        """Hash an identifier with the salt (HMAC-SHA-256, 128 bits)."""
        named = text.encode("utf-8", "surrogatepass")
        return digest(bytes.fromhex(self.salt), named, hashlib.sha256).hex()[:32]


def compare(
    found: Iterable[Found],
    classify: Classify,
    options: Options,
) -> Iterator[tuple[Row, Outcome]]:
    """Compare headers with pictures, file by file.

    Args:
        found: Any number of files.
        classify: Gives one outcome a source, in their order, and may draw sources
            ahead.
        options: How to name things.

    Yields:
        A row for each file, with what it came from. One that can't be read, or is no
        radiograph, has a row with an error.
    """
    waiting: deque[tuple[Found, Origin]] = deque()
    for outcome in classify(_sources(found, waiting)):
        file, origin = waiting.popleft()
        yield make_row(file.path, origin, outcome, options), outcome


def make_row(path: str, origin: Origin, outcome: Outcome, options: Options) -> Row:
    """Put into a row what is known of a file."""
    claim = origin.claim
    if outcome.radiograph is not None and outcome.radiograph.claim is not None:
        claim = outcome.radiograph.claim
    return Row(
        key=options.key(path),
        path="" if options.hide_paths else path,
        uid=_uid(origin, options),
        kind="DICOM" if origin.dicom else "other",
        modality=origin.modality,
        manufacturer=origin.manufacturer,
        station=origin.station,
        month=origin.month,
        header_source=(claim and claim.source) or "",
        header_term=keep_known((claim and claim.term) or ""),
        header_parts=_names(claim),
        header_hint="yes" if claim and claim.hint else "",
        model=options.model,
        **_claimed(claim),
        **_answer(outcome),
    )


def _claimed(claim: HeaderClaim | None) -> dict[str, Any]:
    """Give a row's columns on projection and side: those of the record."""
    return {name: said or "" for name, said in claimed(claim).items()}


def _answer(outcome: Outcome) -> dict[str, Any]:
    """Give a row's columns on the picture: those of the record, or what is wrong."""
    if outcome.explanation is None:
        problem = getattr(outcome.error, "key", type(outcome.error).__name__)
        return {"problem": problem, "error": str(outcome.error)}
    prediction = outcome.explanation.prediction
    record = as_record(prediction, outcome.verdict)
    columns: dict[str, Any] = {name: str(record[name] or "") for name in _OF_RECORD}
    columns |= {"part": record["label"], "probability": prediction.confidence}
    return columns | _findings(outcome, prediction.findings)


def _findings(outcome: Outcome, findings: Findings | None) -> dict[str, Any]:
    """Give a row's columns on findings, where they were asked for and there are any."""
    found = findings_columns(findings)
    if found["projection"] is None:
        return {}
    verdict = outcome.projection_verdict
    flags = {
        name: "yes" if flag else "no"
        for name, flag in found.items()
        if name.endswith("flag")
    }
    said = {"projection_verdict": verdict.value if verdict else ""}
    return found | flags | said


def _sources(
    found: Iterable[Found], waiting: deque[tuple[Found, Origin]]
) -> Iterator[Source]:
    for file in found:
        data: bytes | XrayError = file.read()
        origin = Origin() if isinstance(data, XrayError) else read_origin(data)
        if origin.modality and origin.modality not in PLAIN:
            data = ImageError("other_modality", modality=origin.modality)
        waiting.append((file, origin))
        yield Source(file.path, data)


def _uid(origin: Origin, options: Options) -> str:
    if options.keep_uids or not origin.uid:
        return origin.uid
    return options.hashed(origin.uid)


def _names(claim: HeaderClaim | None) -> str:
    if claim is None:
        return ""
    return "|".join(
        ("~" if part in claim.near else "") + BODY_PARTS[part].english
        for part in sorted(claim.parts)
    )
