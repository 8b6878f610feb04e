"""The sidebar's controls for findings: switch, operating point, filter."""

from collections.abc import Sequence

import streamlit as st

from ..messages import MESSAGES
from ..network.findings.card import OperatingPoint
from ..network.findings.points import BALANCED, POINTS, Point
from . import model
from .history import Entry
from .language import language, namer, percent, say
from .selection import Sort
from .session import Session


def switch(tab: Session) -> None:
    """Draw switch and operating point, and tell the tab what they say.

    Raises:
        ModelError: The network of findings or its card is missing or damaged.
    """
    on = st.toggle(
        say("findings"),
        key="findings",
        help=say("findings_help"),
        persist_state="session",
    )
    tab.looking.turn(on, _point() if on else tab.looking.point)


def choose_fractured(key: str, tab: Session, films: Sequence[Entry]) -> bool:
    """Let people see flagged films only, where findings are looked for."""
    if not tab.looking.on:
        return False
    number = sum(film.fractured for film in films)
    return bool(
        st.toggle(say("fractured", number=number), key=key, persist_state="session")
    )


def sorts(tab: Session) -> tuple[Sort, ...]:
    """What films can be sorted by: by fracture, only where it is looked for."""
    if tab.looking.on:
        return tuple(Sort)
    if st.session_state.get("sort") is Sort.FRACTURE:
        st.session_state["sort"] = Sort.DROPPED
    return tuple(each for each in Sort if each is not Sort.FRACTURE)


def _point() -> Point:
    """Draw the operating points, each with what it costs."""
    card = model.findings_card()
    st.caption(MESSAGES["findings_research"].text(language()))
    chosen = st.radio(
        say("point"),
        POINTS,
        index=POINTS.index(BALANCED),
        format_func=namer("point_{}"),
        captions=[_costs(card.points[each]) for each in POINTS],
        key="point",
        persist_state="session",
    )
    if films := card.figures.get("films"):
        st.caption(say("point_measured", films=f"{films:,}"))
    return chosen or BALANCED


def _costs(point: OperatingPoint) -> str:
    alarms = percent(1 - point.specificity)
    return say("point_costs", sensitivity=percent(point.sensitivity), alarms=alarms)
