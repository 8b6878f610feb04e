"""The review's sidebar: who looks, at which films."""

import os
import re

import streamlit as st

from ..classify.verdict import Verdict
from ..labels import BODY_PARTS
from ..review.audited import NO_HEADER
from ..review.desk import Desk, Seat
from ..review.queue import Queue, QueueFilter
from ..text import printable
from .language import language, namer, say
from .review import REVIEWER
from .sidebar import choose_any

_LONGEST = 60  # letters of a name
_TOKEN = re.compile("[0-9a-f]{8}")


def seat_of_tab() -> Seat:
    """The seat of the tab that this script runs for.

    Its token stands in the address, so that a reloaded page gets its film again.
    """
    known = st.query_params.get("tab", "")
    if "seat" not in st.session_state:
        seat = Seat(os.environ.get(REVIEWER) or "reviewer")
        if _TOKEN.fullmatch(known):
            seat.token = known
        st.session_state["seat"] = seat
    found: Seat = st.session_state["seat"]
    if known != found.token:
        st.query_params["tab"] = found.token
    return found


def controls(desk: Desk, seat: Seat) -> None:
    """Draw the controls, and set the seat by them."""
    with st.sidebar:
        name = st.text_input(
            say("review_who"),
            seat.who,
            max_chars=_LONGEST,
            key="reviewer",
            persist_state="session",
        )
        seat.who = printable(name.strip()) or seat.who
        queue = st.segmented_control(
            say("review_queue"),
            list(Queue),
            default=Queue.LOOK,
            required=True,
            format_func=namer("queue_{}"),
            key="review-queue",
            persist_state="session",
        )
        chosen = _filter(desk, queue or Queue.LOOK)
    if (queue, chosen) != (seat.queue, seat.filter):
        seat.queue, seat.filter, seat.current = queue or Queue.LOOK, chosen, None


def _filter(desk: Desk, queue: Queue) -> QueueFilter:
    words = language()
    verdicts = st.pills(
        say("review_verdict"),
        [*(each.value for each in Verdict), NO_HEADER],
        selection_mode="multi",
        format_func=_verdict,
        key="review-verdicts",
        persist_state="session",
        help=say("review_verdict_help"),
    )
    films = desk.films(queue, QueueFilter(frozenset(verdicts)))
    present = {part for film in films for part in (film.answer, *film.claimed)}
    parts = choose_any(
        "parts", "review-parts", present, lambda part: BODY_PARTS[part].name(words)
    )
    stations, months = {each.station for each in films}, {each.month for each in films}
    return QueueFilter(
        frozenset(verdicts),
        parts,
        choose_any("review_station", "review-stations", stations - {""}),
        choose_any("review_month", "review-months", months - {""}),
    )


def _verdict(value: str) -> str:
    if value == NO_HEADER:
        return say("review_no_header")
    verdict = Verdict(value)
    return f":{verdict.color}[{verdict.icon} {verdict.word(language())}]"
