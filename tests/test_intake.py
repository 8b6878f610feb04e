"""Work on what was dropped, a moment at a time."""

from collections.abc import Callable
from contextlib import nullcontext
from itertools import count
from types import SimpleNamespace

import pytest

from xray.classify.pipeline import Source
from xray.ui import intake
from xray.ui.session import Session, Waiting

FILMS = 100
Moment = Callable[[Session], list[str]]


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    """Work for a moment, each film a second: what was done."""
    done: list[str] = []

    class Bar(nullcontext):
        def progress(self, *_words: object) -> "Bar":
            done.append("drawn")
            return self

    def step(tab: Session) -> bool:
        if not tab.waiting:
            return False
        tab.waiting.popleft()
        done.append("step")
        return True

    def work(tab: Session) -> list[str]:
        done.clear()
        intake.work(tab, Bar(), drawing=0.0)  # type: ignore[arg-type]
        return done

    seconds = count()
    clock = SimpleNamespace(monotonic=lambda: float(next(seconds)))
    monkeypatch.setattr(intake, "time", clock)
    monkeypatch.setattr(intake, "classifier", lambda: None)
    monkeypatch.setattr(intake, "classify_all", lambda *_words, **_named: iter(()))
    monkeypatch.setattr(intake, "_step", step)
    return work


@pytest.fixture
def tab() -> Session:
    waiting = [Waiting(str(key), Source("film.png", b"")) for key in range(FILMS)]
    tab = Session(total=FILMS)
    tab.waiting.extend(waiting)
    return tab


def test_moment_of_work_ends_with_a_drawing(moment: Moment, tab: Session) -> None:
    # Drawing lets a click in; one that waited then would lose its page to the rerun.
    while tab.waiting:
        assert moment(tab)[-1] == "drawn"


def test_page_is_drawn_anew_when_there_is_far_more_to_show(
    moment: Moment, tab: Session
) -> None:
    shown = []
    while tab.waiting:
        moment(tab)
        shown.append(FILMS - len(tab.waiting))
    assert shown[0] <= 3  # seconds
    assert [*shown[1:-1]] == [4 * each for each in shown[:-2]]
    assert shown[-1] == FILMS


def test_progress_bar_moves_with_every_film_that_takes_a_second(
    moment: Moment, tab: Session
) -> None:
    moment(tab)
    done = moment(tab)
    assert done.count("drawn") > done.count("step") > 1
