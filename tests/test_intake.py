"""Work on what was dropped, a moment at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.predictions import explains, predicts
from tests.test_history import make_entry
from xray.classify.pipeline import Outcome
from xray.classify.trust.pose import BORDERED
from xray.classify.verdict import Verdict
from xray.errors import ImageError
from xray.header.claim import HeaderClaim
from xray.messages import MESSAGES
from xray.reading.radiograph import Facts, Notice, Radiograph
from xray.review.opinion import Choice
from xray.ui import findings, intake
from xray.ui.history import Mark
from xray.ui.intake import finish, keep, take
from xray.ui.memory import Waiting, WaitingFiles
from xray.ui.pictures import compress, decompress
from xray.ui.session import Finished, Session

FILM = (Path(__file__).parent / "films" / "hand.jpg").read_bytes()
FILMS = 100
Moment = Callable[[Session], list[str]]


@pytest.fixture
def moment() -> Moment:
    """Work for a moment, each film a second: what was done."""
    done: list[str] = []
    seconds = count()

    class Bar(nullcontext):
        def progress(self, *_words: object) -> "Bar":
            done.append("drawn")
            return self

    def refuse(files: int) -> Iterator[Finished]:
        for _ in range(files):
            done.append("step")
            yield Finished(error=ImageError("empty"))

    def work(tab: Session) -> list[str]:
        done.clear()
        tab.outcomes = tab.outcomes or refuse(len(tab.waiting))
        intake.work(tab, Bar(), 0.0, lambda: float(next(seconds)))  # type: ignore[arg-type]
        return done

    return work


@pytest.fixture
def tab() -> Session:
    tab = Session(total=FILMS)
    for key in range(FILMS):
        tab.waiting.append(Waiting(str(key), "film.png", b""))
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


# What a session keeps of a film


def outcome(name: str = "film.dcm") -> Outcome:
    pixels = np.linspace(0, 1, 1600 * 1200, dtype=np.float32).reshape(1600, 1200)
    claim = HeaderClaim(frozenset({18}), "(0018,0015)", "SKULL")
    facts = Facts("DICOM", 9, 1200, 1600)
    radiograph = Radiograph(pixels, facts, claim, (Notice("burned_in"),))
    prediction = replace(predicts("Knee"), pose=BORDERED)
    return Outcome(name, radiograph, explains(prediction, 1600, 1200))


def test_finished_film_has_its_picture_thumbnail_verdict_and_notices() -> None:
    tab, finished = Session(), finish(outcome())
    for key in "ab":
        keep(tab, Waiting(key, "film.dcm", b""), finished)
    first, second = tab.films
    assert [first.key, second.key] == ["a", "b"]
    assert [first.file, second.file] == ["film.dcm", "film (2).dcm"]
    assert first.verdict is Verdict.DISAGREE
    assert [each.key for each in first.notices] == ["burned_in", "read_bordered"]
    whole = tab.history.picture("a")
    assert whole is not None
    assert decompress(whole).shape == (1600, 1200)
    assert decompress(first.thumbnail).shape == (288, 216)


def test_large_pictures_are_compressed_by_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = []
    real = compress

    def watched(*words):
        threads.append(threading.current_thread())
        return real(*words)

    monkeypatch.setattr(intake, "compress", watched)
    tab = Session()
    take(tab, [("hand.jpg", FILM)])

    class Bar(nullcontext):
        def progress(self, *_words: object) -> "Bar":
            return self

    intake.work(tab, Bar(), 0.0)  # type: ignore[arg-type]
    assert [film.file for film in tab.films] == ["hand.jpg"]
    assert len(threads) == 2  # thumbnail and full size
    assert threading.current_thread() not in threads


# What waits, and how much of it


@pytest.fixture
def small_server(limits: Callable[..., None]) -> None:
    limits(waiting_bytes=100)


def test_files_that_wait_have_one_bound_for_all_tabs(small_server: None) -> None:
    first, second = Session(), Session()
    take(first, [("a", b"a" * 60)])
    take(second, [("b", b"b" * 30), ("c", b"c" * 30), ("d", b"d")])
    assert [each.name for each in second.waiting] == ["b"]
    (problem,) = second.problems  # one for all that was left out
    assert problem.file == "c"
    assert isinstance(problem.error, ImageError)
    assert problem.error.key == "server_full"
    for code in ("en", "es"):
        assert "100 bytes" in problem.error.text(code)
        assert MESSAGES["server_full"].text(code)


@pytest.mark.parametrize("how", ["done", "cleared", "closed"])
def test_what_waits_no_more_makes_room(small_server: None, how: str) -> None:
    first, second = Session(), Session()
    first.itself = first  # type: ignore[attr-defined]  # as Streamlit's circles hold it
    take(first, [("a", b"a" * 100)])
    if how == "done":
        first.waiting.popleft()
    elif how == "cleared":
        first.clear_page()
    else:
        del first
    take(second, [("b", b"b" * 100)])
    assert [each.name for each in second.waiting] == ["b"]
    assert not second.problems


def test_queue_tells_its_files_in_order_and_counts_their_bytes() -> None:
    files = WaitingFiles()
    for name in "abc":
        files.append(Waiting(name, name, name.encode() * 10))
    assert [each.name for each in files] == ["a", "b", "c"]
    assert files.popleft().name == "a"
    assert (len(files), files.bytes) == (2, 20)
    files.clear()
    assert (len(files), files.bytes) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda tab: tab.mark("a", Mark(Choice.PICTURE, (9,))),
        lambda tab: tab.hide_all(),
        lambda tab: tab.clear_notes(),
    ],
    ids=["mark", "hide all", "clear notes"],
)
def test_click_waits_for_the_run_that_keeps_a_result(
    change: Callable[[Session], None],
) -> None:
    tab, changed = Session(), threading.Event()

    def click() -> None:
        change(tab)
        changed.set()

    clicked = threading.Thread(target=click)
    with tab.lock:  # as `_step` holds it
        clicked.start()
        assert not changed.wait(0.1)
    clicked.join(10)
    assert changed.is_set()


def test_worker_that_looks_for_findings_changes_nothing_of_the_tab() -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    tab = Session()
    tab.history.add(make_entry("a"), compress(np.zeros((9, 9), np.float32)))
    model = SimpleNamespace(add_findings=fail, findings_card=None)
    ask = findings._asking(tab, model, busy=False)  # type: ignore[arg-type]
    looked = ask(tab.history["a"])
    assert not tab.problems
    tab.looking.found = iter([looked])
    assert findings._step(tab)
    assert [each.file for each in tab.problems] == [tab.history["a"].file]
