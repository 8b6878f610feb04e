"""Where each film stands after all that was said of it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from .opinion import Choice, Opinion

DISPUTES = "disputed"  # the queue whose opinions are the last word


class ReviewStatus(StrEnum):
    """How far the review of a film is."""

    OPEN = "open"  # nobody has decided
    WAITING = "waiting"  # decided once, and a second opinion was asked for
    DISPUTED = "disputed"  # two people decided differently
    DECIDED = "decided"


class Standings:
    """What was said of films, and where that leaves them."""

    def __init__(self) -> None:
        self._said: dict[str, list[Opinion]] = {}  # what was not taken back
        self._status: dict[str, ReviewStatus] = {}

    def add(self, opinion: Opinion) -> None:
        """Take in one more line, in the order of the file."""
        said = self._said.setdefault(opinion.film, [])
        if opinion.choice is Choice.UNDO:
            said[:] = [each for each in said if each.id != opinion.undoes]
        else:
            said.append(opinion)
        self._status[opinion.film] = _status(said)

    def status(self, film: str) -> ReviewStatus:
        """How far the review of a film is."""
        return self._status.get(film, ReviewStatus.OPEN)

    def __iter__(self) -> Iterator[str]:
        """The keys of the films that anything was said of."""
        return iter(list(self._said))

    def said(self, film: str) -> tuple[Opinion, ...]:
        """All opinions on a film that were not taken back."""
        return tuple(self._said.get(film, ()))

    def decisions(self, film: str) -> dict[str, Opinion]:
        """The last decision of each person."""
        return _decisions(self._said.get(film, ()))

    def final(self, film: str) -> Opinion | None:
        """The decision that counts; None before there is one."""
        if self.status(film) is not ReviewStatus.DECIDED:
            return None
        return list(self.decisions(film).values())[-1]

    def wants_second(self, film: str) -> bool:
        """Whether somebody asked for a second opinion."""
        return any(each.choice is Choice.SECOND for each in self.said(film))

    def lacks_second(self, film: str) -> bool:
        """Whether a second opinion was asked for, and may still change something."""
        undecided = self.status(film) in (ReviewStatus.OPEN, ReviewStatus.WAITING)
        return undecided and self.wants_second(film)

    def last_of(self, who: str, tab: str) -> Opinion | None:
        """What a person said last: in this browser tab, else anywhere."""
        mine = [
            each for said in self._said.values() for each in said if each.who == who
        ]
        here = [each for each in mine if each.tab == tab]
        return max(here or mine, key=lambda each: each.at, default=None)


def _decisions(said: Iterable[Opinion]) -> dict[str, Opinion]:
    found: dict[str, Opinion] = {}
    for each in said:
        if each.choice.decides:
            found.pop(each.who, None)  # so that the latest stands last
            found[each.who] = each
    return found


def _status(said: list[Opinion]) -> ReviewStatus:
    decisions = list(_decisions(said).values())
    if not decisions:
        return ReviewStatus.OPEN
    if decisions[-1].queue == DISPUTES:
        return ReviewStatus.DECIDED
    if len({each.answer for each in decisions}) > 1:
        return ReviewStatus.DISPUTED
    asked = any(each.choice is Choice.SECOND for each in said)
    return (
        ReviewStatus.WAITING if asked and len(decisions) < 2 else ReviewStatus.DECIDED
    )
