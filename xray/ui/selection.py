"""Which films the page shows, and in what order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..classify.trust.confidence import Band
from ..classify.verdict import Verdict
from ..labels import Language
from .history import Entry


class Sort(StrEnum):
    """What films are sorted by."""

    DROPPED = "dropped"
    DOUBTFUL = "doubtful"
    SURE = "sure"
    PART = "part"
    FILE = "file"
    FRACTURE = "fracture"  # where findings are looked for


@dataclass(frozen=True, slots=True)
class Filter:
    """Which films pass; an empty set lets all pass."""

    bands: frozenset[Band] = frozenset()
    parts: frozenset[int] = frozenset()  # class numbers
    disagreeing: bool = False  # only those whose header names another part
    fractured: bool = False  # only those flagged by the chosen operating point
    text: str = ""  # within the file's name or the body part's

    def passes(self, entry: Entry, language: Language = "en") -> bool:
        """Say whether an entry passes."""
        return (
            (not self.bands or entry.band in self.bands)
            and (
                not self.parts
                or not self.parts.isdisjoint(part.id for part in entry.parts)
            )
            and (not self.disagreeing or entry.verdict is Verdict.DISAGREE)
            and (not self.fractured or entry.fractured)
            and (not self.text.strip() or self._is_named(entry, language))
        )

    def _is_named(self, entry: Entry, language: Language) -> bool:
        parts = " + ".join(part.name(language) for part in entry.parts)
        return self.text.strip().casefold() in f"{entry.file} {parts}".casefold()


def arrange(films: Sequence[Entry], by: Sort, language: Language) -> list[Entry]:
    """Sort films; equal ones keep the order they came in."""
    if by is Sort.DOUBTFUL:
        return sorted(films, key=_doubt)
    if by is Sort.SURE:
        return sorted(films, key=_doubt, reverse=True)
    if by is Sort.PART:
        return sorted(films, key=lambda film: film.part.name(language).casefold())
    if by is Sort.FILE:
        return sorted(films, key=lambda film: film.file.casefold())
    if by is Sort.FRACTURE:
        return sorted(films, key=_fracture, reverse=True)
    return list(films)


def _fracture(entry: Entry) -> float:
    findings = entry.prediction.findings
    fracture = findings and findings.fracture
    return fracture.probability if fracture else -1.0


def _doubt(entry: Entry) -> tuple[bool, float]:
    return entry.prediction.rejected is None, entry.prediction.confidence
