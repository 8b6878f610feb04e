"""What one browser tab knows: its history, the films on the page, work to do."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock

import streamlit as st

from ..errors import XrayError
from .history import Entry, History, Mark
from .looking import Looking
from .memory import UnreadFile, WaitingFiles, settle
from .pictures import DrawnPictures

# Key of a film, class number, palette and language of a GIF.
MovieKey = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a file: an entry with its full-size picture, or an error."""

    entry: Entry | None = None
    picture: bytes = b""  # gray JPEG
    error: XrayError | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A file whose content is on the page already."""

    file: str
    first: str


@dataclass
class Session:
    """The state of one browser tab."""

    lock: RLock = field(default_factory=RLock)  # held while what follows changes
    history: History = field(default_factory=History)
    shown: list[str] = field(default_factory=list)  # keys, as they were dropped
    hidden: set[str] = field(default_factory=set)
    turned: set[str] = field(default_factory=set)  # maps that differ from the rest
    chosen: list[str] = field(default_factory=list)  # to compare, in the history
    movies: OrderedDict[MovieKey, bytes] = field(default_factory=OrderedDict)
    pictures: DrawnPictures = field(default_factory=DrawnPictures)
    movie_asked: MovieKey | None = None  # the GIF to build next
    current: str | None = None  # key of the film in the single view

    looking: Looking = field(default_factory=Looking)  # for findings
    waiting: WaitingFiles = field(default_factory=WaitingFiles)
    outcomes: Iterator[Finished] | None = None  # of those waiting, under way
    total: int = 0  # files of the drop being worked on
    drops: int = 0  # so far; each empties the uploader
    dropped: list[tuple[str, bytes]] = field(default_factory=list)  # still to be queued
    problems: list[UnreadFile] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    @property
    def films(self) -> list[Entry]:
        """The films on the page, in the order they were dropped."""
        return self.entries(self.shown)

    def entries(self, keys: Iterable[str]) -> list[Entry]:
        """Entries of the history, but those that another run deletes meanwhile."""
        found = (self.history.get(key) for key in tuple(keys))
        return [self.looking.seen(each) for each in found if each is not None]

    @property
    def past(self) -> list[Entry]:
        """Every film of the session, in the order they came."""
        return [self.looking.seen(each) for each in self.history]

    def show(self, key: str) -> None:
        """Put a film of the history on the page."""
        if key not in self.shown:
            self.shown.append(key)

    def forget(self, key: str) -> None:
        """Delete a film from page and history."""
        with self.lock:
            self.history.remove(key)
            self.shown = [other for other in self.shown if other != key]
            self.chosen = [other for other in self.chosen if other != key]
            self.hidden.discard(key)
            self.turned.discard(key)
            self.pictures.forget(key)
            self.looking.forget(key)
            for movie in [each for each in self.movies if each[0] == key]:
                del self.movies[movie]

    def forget_all(self) -> None:
        """Delete every film from page and history."""
        with self.lock:
            self.clear_page()
            self.history.clear()
            self.chosen.clear()
            self.movies.clear()
            self.pictures.forget_all()
            self.looking.forget_all()

    def clear_page(self) -> None:
        """Empty the page and stop what is waiting; the history stays."""
        with self.lock:
            self.shown.clear()
            self.hidden.clear()
            self.turned.clear()
            self.dropped.clear()
            self.waiting.clear()
            self.outcomes = None
            self.looking.stop()
            self.clear_notes()
            self.current = None

    def clear_notes(self) -> None:
        """Forget what went wrong with the last drop."""
        with self.lock:
            self.problems.clear()
            self.repeats.clear()

    def mark(self, key: str, mark: Mark | None) -> None:
        """Keep what a person says of a film; None takes it back."""
        with self.lock:  # else a run that keeps an answer could put the old film back
            self.history.mark(key, mark)

    def hide_all(self) -> None:
        """Hide every film on the page."""
        with self.lock:
            self.hidden.update(self.shown)


def session() -> Session:
    """The session of the tab that this script runs for."""
    if "session" not in st.session_state:
        settle()  # before what this tab holds can be taken for what stays
        st.session_state["session"] = Session()
    found: Session = st.session_state["session"]
    return found
