"""Files dropped on the page: queued, classified, kept in the history.

The work goes on wherever it was when the script is interrupted: by a click, by a
change of page or of language. What waits is in the session, and a file leaves the
queue only with its result.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from streamlit.delta_generator import DeltaGenerator

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome, Source, process_all
from ..errors import ImageError
from ..reading.archive import expand_all
from .history import Entry
from .language import plain, say
from .memory import UnreadFile, Waiting
from .model import classifier
from .moment import spend
from .pictures import THUMBNAIL_SIDE, compress
from .session import Finished, Repeat, Session

EXPLAINED = 5  # likeliest parts that get a map each


def take(tab: Session, uploads: Iterable[tuple[str, bytes]]) -> None:
    """Queue files, those inside zips too; what was here before isn't done again.

    It is where its full-size picture had to go: that is how to get it back.
    """
    with tab.lock:
        if not tab.waiting:
            tab.total = 0
            tab.clear_notes()
        queued = {each.key: each.name for each in tab.waiting}
        for name, data in expand_all(uploads):
            if isinstance(data, ImageError):
                tab.problems.append(UnreadFile(name, data))
                continue
            key = hashlib.sha256(data).hexdigest()
            if key in queued:
                tab.repeats.append(Repeat(name, queued[key]))
            elif key in tab.history and tab.history.picture(key) is not None:
                if key in tab.shown:
                    tab.repeats.append(Repeat(name, tab.history[key].file))
                tab.show(key)
            else:
                try:
                    tab.waiting.append(Waiting(key, name, data))
                except ImageError as error:
                    tab.problems.append(UnreadFile(name, error))
                    break
                queued[key] = name
                tab.total += 1


def take_dropped(tab: Session) -> None:
    """Queue what was dropped: it may take a while to unpack and to hash."""
    with tab.lock:
        dropped, tab.dropped = tab.dropped, []
        take(tab, dropped)


def work(
    tab: Session,
    place: DeltaGenerator,
    drawing: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Classify for a moment of what waits, with a progress bar in `place`.

    A click starts a new run of the script while the old one may still be in here: the
    lock lets it finish the picture it is at.
    """
    if tab.outcomes is None:
        with place:  # it may have to load
            model = classifier()
        _begin(tab, model)
    spend(
        place,
        drawing,
        step=lambda: _step(tab),
        done=lambda: _done(tab),
        progress=lambda: (_share(tab), _progress(tab)),
        clock=clock,
    )


def finish(outcome: Outcome) -> Finished:
    """Make of an outcome what a session keeps; on the thread that classified it.

    To compress a large film takes as long as to classify it.
    """
    radiograph, explanation = outcome.radiograph, outcome.explanation
    if radiograph is None or explanation is None:
        return Finished(error=outcome.error)
    entry = Entry(
        key="",
        file=outcome.name,
        time=datetime.now().astimezone(),
        facts=radiograph.facts,
        explanation=explanation,
        thumbnail=compress(radiograph.pixels, THUMBNAIL_SIDE),
        claim=radiograph.claim,
        verdict=outcome.verdict,
        notices=outcome.notices,
    )
    return Finished(entry, compress(radiograph.pixels), outcome.error)


def keep(tab: Session, waiting: Waiting, finished: Finished) -> None:
    """Put a result into the history and on the page, or list its problem."""
    if finished.error is not None:
        tab.problems.append(UnreadFile(waiting.name, finished.error))
    if finished.entry is None:
        return
    key, file = waiting.key, finished.entry.file
    known = tab.history.get(key)
    file = tab.history.free_name(file) if known is None else known.file
    entry = replace(finished.entry, key=key, file=file)
    if known is not None and entry.prediction.findings is None:
        explanation = known.explanation  # answers are the same; findings may be there
        entry = replace(entry, explanation=explanation)
    tab.history.add(entry, finished.picture)
    tab.show(key)


def _begin(tab: Session, model: Classifier) -> None:
    with tab.lock:
        if tab.outcomes is None:  # else another run has begun meanwhile
            undrawn = deque(each.source for each in tab.waiting)
            sources = _drain(tab, undrawn)
            tab.outcomes = process_all(model, sources, finish, top=EXPLAINED)


def _step(tab: Session) -> bool:
    """Wait for the next result and keep it; False where there is none to come."""
    with tab.lock:
        finished = None if tab.outcomes is None else next(tab.outcomes, None)
        if finished is None:
            tab.outcomes = None
            return False
        keep(tab, tab.waiting.popleft(), finished)
        return True


def _drain(tab: Session, sources: deque[Source]) -> Iterator[Source]:
    while sources:
        yield replace(sources.popleft(), findings=tab.looking.wanted)


def _done(tab: Session) -> int:
    return tab.total - len(tab.waiting)


def _share(tab: Session) -> float:
    return 1 - len(tab.waiting) / max(1, tab.total, len(tab.waiting))


def _progress(tab: Session) -> str:
    first = next(iter(tab.waiting), None)
    if first is None:
        return say("finishing")
    return say(
        "working",
        done=_done(tab),
        total=tab.total,
        file=plain(first.name),
    )
