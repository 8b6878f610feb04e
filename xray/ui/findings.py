"""Findings on the films that were there before somebody asked for them.

They are looked for in the pictures that the session keeps, on the same threads as
everything else, and the body part isn't asked for again.
"""

from collections.abc import Callable, Sequence

from streamlit.delta_generator import DeltaGenerator

from ..classify.classifier import Classifier
from ..classify.findings import Findings
from ..classify.pipeline import FEW
from ..errors import program_error
from ..threads import in_order
from .history import Entry
from .language import say
from .looking import Looked
from .memory import UnreadFile
from .model import classifier
from .moment import spend
from .pictures import decompress
from .session import Session


def are_missing(tab: Session) -> bool:
    """Say whether films on the page wait to be looked at for findings."""
    return tab.looking.on and bool(_missing(tab))


def catch_up(tab: Session, place: DeltaGenerator, drawing: float) -> None:
    """Look for findings for a moment, with a progress bar in `place`.

    Args:
        tab: Whose films they are.
        place: For the progress bar.
        drawing: Seconds that the page has just taken to draw.

    Raises:
        ModelError: The network of findings or its card is missing or damaged.
    """
    with place:  # it may have to load
        model = classifier()
    model.require_findings()
    looking = tab.looking
    with tab.lock:
        if looking.found is None:  # else another run has begun meanwhile
            films = _missing(tab)
            looking.total, looking.done = len(films), 0
            looking.found = in_order(_asking(tab, model, len(films) > FEW), films)
    spend(
        place,
        drawing,
        step=lambda: _step(tab),
        done=lambda: looking.done,
        progress=lambda: _progress(tab),
    )


def _asking(tab: Session, model: Classifier, busy: bool) -> Callable[[Entry], Looked]:
    """Make what looks for findings on one film, on a thread of the workers."""

    def ask(film: Entry) -> Looked:
        picture, explanation = tab.history.picture(film.key), film.explanation
        if picture is None:  # let go of meanwhile
            return Looked(film.key, explanation)
        try:
            pixels, point = decompress(picture), tab.looking.point
            (found,) = model.add_findings([pixels], [explanation], point, busy)
        except Exception as error:  # noqa: BLE001  # no other film may pay for a mistake
            found = explanation.with_findings(Findings(model.findings_card, None))
            return Looked(film.key, found, UnreadFile(film.file, program_error(error)))
        return Looked(film.key, found)

    return ask


def _missing(tab: Session) -> Sequence[Entry]:
    """Films on the page without findings, as far as their pictures are there."""
    return [
        film
        for film in tab.films
        if film.prediction.findings is None and tab.history.picture(film.key)
    ]


def _step(tab: Session) -> bool:
    """Wait for the next findings and keep them; False where there are none to come."""
    with tab.lock:
        looking = tab.looking
        answer = None if looking.found is None else next(looking.found, None)
        if answer is None:
            looking.stop()
            return False
        looking.done += 1
        if answer.problem is not None:
            tab.problems.append(answer.problem)
        tab.history.find(answer.key, answer.explanation)
        return True


def _progress(tab: Session) -> tuple[float, str]:
    done, total = tab.looking.done, max(1, tab.looking.total)
    return min(1.0, done / total), say("looking", done=done, total=total)
