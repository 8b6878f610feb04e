"""The desk: films handed out one by one, decisions taken in.

One desk a report serves every browser of a server. It knows no widgets: the page draws
what it gives.
"""

import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from ..errors import XrayError
from .ahead import Ahead
from .audited import AuditedFilm, Report
from .opinion import Choice, Opinion
from .prepare import Prepared
from .queue import NEEDS_A_LOOK, Queue, QueueFilter, arrange, is_due
from .standing import ReviewStatus, Standings
from .store import OpinionStore
from .table import write_table

AHEAD = 6  # films that are made ready before they are asked for
_LISTS = 8  # queues with their filters that are kept sorted
_PAUSE = 0.2  # seconds that a page has to draw before the next film is made ready
_GIVE_UP = 5  # films in a row that can't be read: their disk is away


@dataclass
class Seat:
    """What one browser tab is doing at the desk."""

    who: str
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    queue: Queue = Queue.LOOK
    filter: QueueFilter = field(default_factory=QueueFilter)
    current: str | None = None  # key of the film shown
    back: str | None = None  # key of the film to show next, after an undo
    passed: dict[str, XrayError] = field(default_factory=dict)  # can't be read
    begun: float = 0.0  # monotonic time of the first film
    decided: int = 0  # in this tab

    def rate(self) -> float | None:
        """Count decisions an hour; None while they are too few to say."""
        hours = (time.monotonic() - self.begun) / 3600
        return self.decided / hours if self.begun and self.decided >= 3 else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a queue is."""

    total: int
    left: int
    elsewhere: int  # of those left: before other browsers just now
    second: int  # films that wait for a second opinion
    disputed: int


class Desk:
    """Films of one report, for any number of browser tabs.

    Args:
        report: Of an audit.
        prepare: Makes a film ready; called on other threads.
    """

    def __init__(
        self, report: Report, prepare: Callable[[AuditedFilm], Prepared]
    ) -> None:
        self.report = report
        self.store = OpinionStore(report.folder)
        # One thread: the page that is drawn meanwhile needs the other cores.
        self.ahead: Ahead[AuditedFilm, Prepared] = Ahead(
            prepare, threads=1, pause=_PAUSE
        )
        self._films: dict[frozenset[str], list[AuditedFilm]] = {}  # by their verdicts
        self._every: dict[str, AuditedFilm] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="xray-reviews")
        self._writing: Future[None] | None = None
        self._lists: dict[
            tuple[Queue, QueueFilter], tuple[list[AuditedFilm], frozenset[str]]
        ] = {}
        if any(True for _ in self.store.standings):
            self._write_soon()  # a crash may have come between decision and table

    def films(self, queue: Queue, chosen: QueueFilter) -> Sequence[AuditedFilm]:
        """List a queue's films in order, whatever was said of them."""
        return self._list(queue, chosen)[0]

    def take(self, seat: Seat) -> Prepared | None:
        """Hand a tab the film it has, or the next one; None at the end of its queue.

        Raises:
            XrayError: Many films in a row can't be read, or the folder not written to.
        """
        unread = 0
        while (film := self._claim(seat)) is not None:
            prepared = self.ahead.get(film)
            if prepared.error is None:
                seat.begun = seat.begun or time.monotonic()
                return prepared
            seat.passed[film.key] = prepared.error
            unread += 1
            if unread == _GIVE_UP:
                raise prepared.error
        return None

    def look_ahead(self, seat: Seat) -> None:
        """Begin with the films that come next; when the page is drawn, not before."""
        films, _ = self._list(seat.queue, seat.filter)
        due = self._due(seat, self.store.standings)
        coming = (f for f in films if due(f.key) and f.key != seat.current)
        self.ahead.want(itertools.islice(coming, AHEAD))

    def retry(self, seat: Seat) -> None:
        """Try again the films that couldn't be read."""
        self.ahead.forget([f for f in self._every.values() if f.key in seat.passed])
        seat.passed.clear()

    def decide(
        self, seat: Seat, shown: Prepared, choice: Choice, parts: Sequence[int] = ()
    ) -> None:
        """Keep what a person says of the film before them.

        A second press of a key, sent before the next film was there, says nothing.

        Raises:
            XrayError: It can't be written.
        """
        film = shown.film
        if film.key != seat.current:
            return
        if choice is Choice.HEADER:
            parts = film.claimed
        elif choice is Choice.PICTURE:
            parts = (film.answer,)
        self.store.append(
            Opinion(
                film.key,
                choice,
                seat.who,
                tuple(parts),
                film.model,
                shown.sha256,
                seat.queue.value,
                seat.token,
            )
        )
        self._write_soon()
        if choice is not Choice.SECOND:
            seat.current = None
        seat.decided += choice.decides

    def undo(self, seat: Seat) -> None:
        """Take back what a person said last, and show them that film again.

        Raises:
            XrayError: It can't be written.
        """
        last = self.store.refresh().last_of(seat.who, seat.token)
        if last is None:
            return
        self._take_back(seat, last)
        seat.back = last.film
        seat.current = None
        seat.decided = max(0, seat.decided - last.choice.decides)
        self._write_soon()

    def unskip(self, seat: Seat) -> None:
        """Take back whatever a person skipped.

        Raises:
            XrayError: It can't be written.
        """
        for opinion in self.skipped(seat):
            self._take_back(seat, opinion)

    def skipped(self, seat: Seat) -> list[Opinion]:
        """List what a person skipped of their queue and nobody has decided since."""
        standings, (_, keys) = self.store.standings, self._list(seat.queue, seat.filter)
        return [
            opinion
            for film in standings
            if film in keys and standings.status(film) is not ReviewStatus.DECIDED
            for opinion in standings.said(film)
            if opinion.who == seat.who and opinion.choice is Choice.SKIP
        ]

    def progress(self, seat: Seat) -> Progress:
        """Say how far a tab's queue is."""
        standings = self.store.standings
        films, keys = self._list(seat.queue, seat.filter)
        due = self._due(seat, standings)
        touched = {key for key in standings if key in keys} | (
            seat.passed.keys() & keys
        )
        left = len(films) - sum(not due(key) for key in touched)
        elsewhere = sum(
            key in keys and due(key) for key in self.store.claimed(seat.token)
        )
        second, disputed = (
            sum(is_of(standings, key) for key in standings) for is_of in _IS_OF.values()
        )
        return Progress(len(films), left, elsewhere, second, disputed)

    def _take_back(self, seat: Seat, opinion: Opinion) -> None:
        undo = Opinion(
            opinion.film, Choice.UNDO, seat.who, tab=seat.token, undoes=opinion.id
        )
        self.store.append(undo)

    def _claim(self, seat: Seat) -> AuditedFilm | None:
        """Give a tab its film, and begin with those that come after it."""
        standings = self.store.refresh()
        films, _ = self._list(seat.queue, seat.filter)
        due = self._due(seat, standings)
        # Said of one queue and taken back in another: it need not be in this one.
        wanted = [
            key
            for key in (seat.back, seat.current)
            if key and due(key) and self.film(key) is not None
        ]
        rest = (film.key for film in films if due(film.key))
        seat.current = self.store.claim(itertools.chain(wanted, rest), seat.token)
        seat.back = None
        return None if seat.current is None else self._every[seat.current]

    def film(self, key: str) -> AuditedFilm | None:
        """Look a film up; None where the report has none of this key."""
        if key not in self._every:
            self._every.update({film.key: film for film in self.report.every_film()})
        return self._every.get(key)

    def _due(self, seat: Seat, standings: Standings) -> Callable[[str], bool]:
        due = is_due(seat.queue, standings, seat.who)
        return lambda key: key not in seat.passed and due(key)

    def _list(
        self, queue: Queue, chosen: QueueFilter
    ) -> tuple[list[AuditedFilm], frozenset[str]]:
        if queue in _IS_OF:  # few, and others every time
            standings = self.store.standings
            keys = [key for key in standings if _IS_OF[queue](standings, key)]
            known = filter(None, map(self.film, keys))
            films = [film for film in known if chosen.passes(film)]
            return arrange(films, queue), frozenset(film.key for film in films)
        if (queue, chosen) not in self._lists:
            films = [
                film for film in self._loaded(queue, chosen) if chosen.passes(film)
            ]
            films = arrange(films, queue)
            if len(self._lists) >= _LISTS:
                self._lists.clear()
            self._lists[queue, chosen] = films, frozenset(film.key for film in films)
        return self._lists[queue, chosen]

    def _loaded(self, queue: Queue, chosen: QueueFilter) -> Iterator[AuditedFilm]:
        """Read the films of a queue from disk, the first time."""
        verdicts = chosen.verdicts or frozenset(NEEDS_A_LOOK)
        if queue is Queue.SAMPLE:
            if frozenset() not in self._films:
                self._films[frozenset()] = self.report.every_film()
            verdicts = frozenset()
        if verdicts not in self._films:
            self._films[verdicts] = self.report.films(verdicts)
        for film in self._films[verdicts]:
            self._every.setdefault(film.key, film)
            yield film

    def _write_soon(self) -> None:
        """Write the table behind the page's back, once for many decisions."""
        if self._writing is None or self._writing.done() or self._writing.running():
            self._writing = self._writer.submit(self._write)

    def finish(self) -> None:
        """Wait until the table holds every decision."""
        if self._writing is not None:
            self._writing.result()

    def _write(self) -> None:
        with suppress(XrayError):  # decisions are safe: the next one tries again
            write_table(self.report, self.store, self._every)


def _is_disputed(standings: Standings, key: str) -> bool:
    return standings.status(key) is ReviewStatus.DISPUTED


# Whether a film is of a queue that what was said decides, not the audit.
_IS_OF = {Queue.SECOND: Standings.lacks_second, Queue.DISPUTED: _is_disputed}
