"""Files dropped on the page: queued, classified, kept in the history.

The work goes on wherever it was when the script is interrupted: by a click, by a
change of page or of language. What waits is in the session, and a file leaves the
queue only with its result.
"""

import hashlib
import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime

from streamlit.delta_generator import DeltaGenerator

from ..classify.pipeline import Outcome, Source, classify_all
from ..errors import ImageError
from ..reading.archive import expand_all
from .history import Entry
from .language import plain, say
from .model import classifier
from .pictures import THUMBNAIL_SIDE, compress
from .session import Problem, Repeat, Session, Waiting

EXPLAINED = 5  # likeliest parts that get a map each
# The page is drawn anew after so many seconds of work, so many times the seconds that
# drawing took, and with so many times the results: browsers draw longer than servers.
_REDRAW, _TIMES_DRAWING, _TIMES_SHOWN = 2.0, 4, 4
_BAR = 0.2  # seconds between two steps of the progress bar


def take(tab: Session, uploads: Iterable[tuple[str, bytes]]) -> None:
    """Queue files, those inside zips too; what was here before isn't done again.

    It is where its full-size picture had to go: that is how to get it back.

    Args:
        tab: Where they were dropped.
        uploads: Name and content of each.
    """
    with tab.lock:
        if not tab.waiting:
            tab.total = 0
            tab.clear_notes()
        queued = {each.key: each.source.name for each in tab.waiting}
        for name, data in expand_all(uploads):
            if isinstance(data, ImageError):
                tab.problems.append(Problem(name, data))
                continue
            key = hashlib.sha256(data).hexdigest()
            if key in queued:
                tab.repeats.append(Repeat(name, queued[key]))
            elif key in tab.history and tab.history.picture(key) is not None:
                if key in tab.shown:
                    tab.repeats.append(Repeat(name, tab.history[key].file))
                tab.show(key)
            else:
                queued[key] = name
                tab.waiting.append(Waiting(key, Source(name, data)))
                tab.total += 1


def take_dropped(tab: Session) -> None:
    """Queue what was dropped: it may take a while to unpack and to hash."""
    with tab.lock:
        dropped, tab.dropped = tab.dropped, []
        take(tab, dropped)


def work(tab: Session, place: DeltaGenerator, drawing: float) -> None:
    """Classify for a moment of what waits, with a progress bar in `place`.

    The page is drawn anew between moments, with what has come so far: first after two
    seconds, then with four times as many results. A click starts a new run of the
    script while the old one may still be in here: the lock lets it finish the picture
    it is at.

    Args:
        tab: Whose files wait.
        place: For the progress bar.
        drawing: Seconds that the page has just taken to draw.
    """
    with place:  # it may have to load
        model = classifier()
    stepped = time.monotonic()
    until = stepped + max(_REDRAW, _TIMES_DRAWING * drawing)
    enough = max(1, _TIMES_SHOWN * _done(tab))
    bar = place.progress(_share(tab), _progress(tab))
    with tab.lock:
        if tab.outcomes is None:
            undrawn = deque(each.source for each in tab.waiting)
            tab.outcomes = classify_all(model, _drain(undrawn), top=EXPLAINED)
    while _step(tab):
        now = time.monotonic()
        if now >= until and _done(tab) >= enough:
            break
        if now >= stepped + _BAR:
            bar.progress(_share(tab), _progress(tab))
            stepped = now
    # Drawing lets a click in. None may wait when this ends: the rerun that follows
    # would put the page it runs for in the place of the page that was clicked.
    bar.progress(_share(tab), _progress(tab))


def keep(tab: Session, key: str, outcome: Outcome) -> None:
    """Put a result into the history and on the page, or list its problem."""
    if outcome.error is not None:
        tab.problems.append(Problem(outcome.name, outcome.error))
    if outcome.radiograph is None or outcome.explanation is None:
        return
    radiograph = outcome.radiograph
    known = key in tab.history
    entry = Entry(
        key=key,
        file=tab.history[key].file if known else tab.history.free_name(outcome.name),
        time=datetime.now().astimezone(),
        facts=radiograph.facts,
        explanation=outcome.explanation,
        thumbnail=compress(radiograph.pixels, THUMBNAIL_SIDE),
        claim=radiograph.claim,
        verdict=outcome.verdict,
        notices=outcome.notices,
    )
    tab.history.add(entry, compress(radiograph.pixels))
    tab.show(key)


def _step(tab: Session) -> bool:
    """Wait for the next result and keep it; False where there is none to come."""
    with tab.lock:
        outcome = None if tab.outcomes is None else next(tab.outcomes, None)
        if outcome is None:
            tab.outcomes = None
            return False
        keep(tab, tab.waiting.popleft().key, outcome)
        return True


def _drain(sources: deque[Source]) -> Iterator[Source]:
    while sources:
        yield sources.popleft()


def _done(tab: Session) -> int:
    return tab.total - len(tab.waiting)


def _share(tab: Session) -> float:
    return 1 - len(tab.waiting) / max(1, tab.total, len(tab.waiting))


def _progress(tab: Session) -> str:
    waiting = list(tab.waiting)
    if not waiting:
        return say("finishing")
    return say(
        "working",
        done=_done(tab),
        total=tab.total,
        file=plain(waiting[0].source.name),
    )
