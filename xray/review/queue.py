"""Which films to review, and in what order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..classify.verdict import Verdict
from .audited import NO_HEADER, AuditedFilm
from .opinion import Choice
from .standing import DISPUTES, ReviewStatus, Standings

# What is the more worth looking at, the earlier.
_ORDER = (
    Verdict.DISAGREE.value,
    Verdict.NEIGHBORING.value,
    Verdict.NOT_UNDERSTOOD.value,
    Verdict.MISSING.value,
    Verdict.UNCERTAIN.value,
    NO_HEADER,
    Verdict.AGREE.value,
)
NEEDS_A_LOOK = _ORDER[:5]
_RANKS = {verdict: rank for rank, verdict in enumerate(_ORDER)}


class Queue(StrEnum):
    """What films are taken from."""

    LOOK = "look"  # whose header and picture don't agree
    SECOND = "second"  # somebody asked for a second opinion
    DISPUTED = DISPUTES  # two people decided differently: the last word
    SAMPLE = "sample"  # drawn at random, to know how good the network is here


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which films pass; an empty set lets all pass."""

    verdicts: frozenset[str] = frozenset()
    parts: frozenset[int] = frozenset()  # class numbers, of header or picture
    stations: frozenset[str] = frozenset()
    months: frozenset[str] = frozenset()

    def passes(self, film: AuditedFilm) -> bool:
        """Say whether a film passes."""
        return (
            (not self.verdicts or film.verdict in self.verdicts)
            and (not self.stations or film.station in self.stations)
            and (not self.months or film.month in self.months)
            and (
                not self.parts
                or film.answer in self.parts
                or not self.parts.isdisjoint(film.claimed)
            )
        )


def arrange(films: Iterable[AuditedFilm], queue: Queue) -> list[AuditedFilm]:
    """Sort films: the surest disagreements first; a sample at random.

    Keys are hashes with a secret, so that their order is a draw, and any number of
    films from the start of it is a sample.
    """
    if queue is Queue.SAMPLE:
        return sorted(films, key=lambda film: film.key)
    return sorted(
        films,
        key=lambda film: (
            _RANKS[film.verdict],
            bool(film.rejected),
            -film.probability,
            film.key,
        ),
    )


def is_due(queue: Queue, standings: Standings, who: str) -> Callable[[str], bool]:
    """Make the test whether a person should look at a film now.

    Args:
        queue: Which films are taken.
        standings: What was said so far.
        who: May not give the second opinion on what they decided themselves.
    """

    def test(film: str) -> bool:
        status = standings.status(film)
        if queue is Queue.DISPUTED:
            return status is ReviewStatus.DISPUTED
        if any(
            each.who == who and each.choice is Choice.SKIP
            for each in standings.said(film)
        ):
            return False
        if queue is Queue.SECOND:
            return standings.lacks_second(film) and who not in standings.decisions(film)
        return status is ReviewStatus.OPEN

    return test
