"""The review of an audit: one film, large, and a key for each thing to say of it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from ..classify.verdict import Verdict
from ..errors import XrayError
from ..labels import BODY_PARTS
from ..messages import MESSAGES
from ..review.audited import AuditedFilm, Report
from ..review.desk import Desk, Progress, Seat
from ..review.opinion import Choice
from ..review.prepare import Prepared, prepare
from ..review.queue import Queue
from . import marking
from .language import count, language, plain, say, sureness
from .marking import Marking
from .model import classifier
from .pictures import address

REVIEWER = "XRAY_REVIEWER"  # who looks, until they say otherwise
MAP = "review-map"  # key: whether the map is shown
_ERROR = "review-error"  # key: what went wrong with the last key
_LISTED = 50  # films of a list


def open_desk(folder: Path) -> Desk:
    """Open the desk of a report, shared by all tabs.

    Raises:
        XrayError: The folder holds no report, or the model can't be loaded.
    """
    classifier()  # with its word while it loads
    return _open_desk(folder)


@st.cache_resource(show_spinner=False)
def _open_desk(folder: Path) -> Desk:
    report = Report(folder)
    return Desk(report, partial(prepare, report, classifier()))


@st.fragment
def desk_top(desk: Desk, seat: Seat) -> None:
    """Draw a film and its keys; a key draws this alone anew."""
    if (failed := st.session_state.pop(_ERROR, None)) is not None:
        st.error(plain(failed.text(language())), icon=":material/error:")
    try:
        shown = desk.take(seat)
        progress = desk.progress(seat)
    except XrayError as error:
        st.error(plain(error.text(language())), icon=":material/error:")
        _button("retry", None, desk.retry, seat)
        return
    _position(seat, progress)
    _passed(desk, seat)
    if shown is None:
        _end(desk, seat, progress)
        return
    picture, words = st.columns([3, 2], gap="medium")
    with picture, st.container(key="review-film"):
        _picture(shown)
    with words:
        _compared(shown.film)
        _opinions(desk, seat, shown.film)
        _keys(desk, seat, shown)
    _notices(shown)
    desk.look_ahead(seat)


def _position(seat: Seat, progress: Progress) -> None:
    at = progress.total - progress.left
    words = [
        say(
            "review_position",
            position=f"{min(at + 1, progress.total):,}",
            total=f"{progress.total:,}",
        ),
        count("review_left", progress.left),
    ]
    if (rate := seat.rate()) is not None:
        words.append(say("review_rate", rate=f"{rate:,.0f}"))
    st.markdown(f"**{words[0]}** · {' · '.join(words[1:])}")


def _picture(shown: Prepared) -> None:
    mapped = st.session_state.get(MAP, True)
    film = shown.film
    alt = say(
        "alt_map" if mapped else "alt_plain",
        file=film.name,
        part=BODY_PARTS[film.answer].name(language()),
    )
    jpeg = shown.mapped if mapped else shown.picture
    st.image(address(jpeg), width="stretch", alt=alt)
    st.caption(plain(" · ".join(filter(None, (film.name, film.station, film.month)))))


def _compared(film: AuditedFilm) -> None:
    """Set the header's words against the network's answer."""
    words = language()
    verdict = Verdict(film.verdict) if film.verdict else None
    header = " + ".join(BODY_PARTS[part].name(words) for part in film.claimed)
    term = film.header_term or film.header_parts.replace("~", "").replace("|", ", ")
    if not film.has_claim:
        header = say("fact_header_none")
    lines = [
        f":gray[{say('review_header')}] **{header or plain(term) or '–'}** "
        f":gray[:small[{plain(' '.join((term, film.header_source)))}]]",
        f":gray[{say('review_picture')}] **{BODY_PARTS[film.answer].name(words)}** "
        f"{sureness(film.probability)}",
    ]
    if verdict is not None:
        lines.append(f":{verdict.color}-badge[{verdict.icon} {verdict.word(words)}]")
    st.markdown("  \n".join(lines))


def _opinions(desk: Desk, seat: Seat, film: AuditedFilm) -> None:
    """Say what others decided, where that is what is asked about."""
    standings = desk.store.standings
    if seat.queue is Queue.DISPUTED:
        for opinion in standings.decisions(film.key).values():
            mark = marking.name_mark(opinion.choice, opinion.parts)
            st.markdown(f"{plain(opinion.who)}: **{mark}**")
    elif standings.wants_second(film.key):
        st.caption(say("review_second_asked"))


def _keys(desk: Desk, seat: Seat, shown: Prepared) -> None:
    film = shown.film
    keys = Marking(
        film.key,
        film.answer,
        shown.likeliest,
        film.claimed,
        film.has_claim,
        lambda choice, parts: _decide(desk, seat, shown, choice, parts),
    )
    marking.draw(keys)
    cells = st.grid(2, min_column_width=150, gap="xsmall", key="review-more")
    with cells.cell():
        _button("skip", "S", _decide, desk, seat, shown, Choice.SKIP, film=film.key)
    with cells.cell():
        _undo(desk, seat)
    with cells.cell():
        _button("second", "O", _decide, desk, seat, shown, Choice.SECOND, film=film.key)
    with cells.cell():
        _button("map", "M", _turn_map)


def _undo(desk: Desk, seat: Seat) -> None:
    said = any(
        each.who == seat.who
        for film in desk.store.standings
        for each in desk.store.standings.said(film)
    )
    _button("undo", "U", desk.undo, seat, disabled=not said)


def _decide(
    desk: Desk,
    seat: Seat,
    shown: Prepared,
    choice: Choice,
    parts: Sequence[int] = (),
) -> None:
    _safely(desk.decide, seat, shown, choice, parts)


def _safely(action: Callable[..., None], *args: object) -> None:
    """Do what a key asks for; what goes wrong is said in the run that follows."""
    try:
        action(*args)
    except XrayError as error:
        st.session_state[_ERROR] = error


def _turn_map() -> None:
    st.session_state[MAP] = not st.session_state.get(MAP, True)


_ICONS = {
    "skip": "skip_next",
    "undo": "undo",
    "second": "group",
    "map": "layers",
    "retry": "refresh",
    "unskip": "replay",
}


def _button(
    word: str,
    shortcut: str | None,
    action: Callable[..., None],
    *args: object,
    film: str = "",
    disabled: bool = False,
) -> None:
    st.button(
        say(f"review_{word}"),
        key=f"review-{word}-{film}",
        shortcut=shortcut,
        icon=f":material/{_ICONS[word]}:",
        disabled=disabled,
        width="stretch",
        on_click=_safely,
        args=(action, *args),
    )


def _notices(shown: Prepared) -> None:
    for notice in shown.notices:
        text = MESSAGES[notice.key].text(language()).format(**notice.values)
        st.caption(plain(text))


def _passed(desk: Desk, seat: Seat) -> None:
    """List the films that could not be shown, with why."""
    if not seat.passed:
        return
    title = count("review_passed", len(seat.passed))
    with st.expander(title, icon=":material/error:"):
        for key, error in list(seat.passed.items())[:_LISTED]:
            film = desk.film(key)
            name = key if film is None else film.name
            st.markdown(f"**{plain(name)}**  \n{plain(error.text(language()))}")
        _button("retry", None, desk.retry, seat)


def _end(desk: Desk, seat: Seat, progress: Progress) -> None:
    st.success(say(f"review_end_{seat.queue.value}"), icon=":material/task_alt:")
    if progress.elsewhere:
        st.info(count("review_elsewhere", progress.elsewhere))
    for word, number in (
        ("review_waiting", progress.second),
        ("review_disputes", progress.disputed),
    ):
        if number:
            st.info(count(word, number))
    with st.container(horizontal=True, gap="small"):
        if skipped := len(desk.skipped(seat)):
            st.button(
                count("review_skipped", skipped),
                key="review-unskip",
                icon=":material/replay:",
                on_click=_safely,
                args=(desk.unskip, seat),
            )
        _undo(desk, seat)
    if seat.queue is Queue.LOOK:
        st.caption(say("review_then"))
