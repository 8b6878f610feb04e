"""The grid: one card a film, 24 cards a page."""

from collections.abc import Sequence

import streamlit as st

from ..history import Entry
from ..messages import MESSAGES
from .badges import confidence_badge, verdict_badge
from .language import count, language, percent, plain, say
from .pictures import Look, card_picture
from .selection import parts_of
from .session import Session
from .sidebar import View, open_large

PAGE = 24  # cards
_NARROWEST = 170  # pixels of a card before the grid drops a column


def grid(tab: Session, films: Sequence[Entry], view: View) -> None:
    """Draw a page of cards, with the way to the others."""
    pages = -(-len(films) // PAGE)
    page = 1
    if pages > 1:
        key = "grid-page"
        if st.session_state.get(key, 1) > pages:
            st.session_state[key] = pages
        page = st.pagination(pages, key=key, persist_state="session")
    cells = st.grid(view.columns, min_column_width=_NARROWEST, gap="small", key="cards")
    for film in films[(page - 1) * PAGE : page * PAGE]:
        with cells.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            _card(tab, film, view)


def summary(tab: Session, visible: Sequence[Entry], films: Sequence[Entry]) -> None:
    """Say how many films there are, and how many of them are not to be seen."""
    words = [count("films", len(films))]
    if filtered := len(visible) - len(films):
        words.append(count("filtered", filtered))
    if hidden := len(tab.hidden):
        words.append(count("hidden", hidden))
    st.caption(" · ".join(words))


def headline(entry: Entry) -> None:
    """Write body part, confidence and the header's verdict of a film."""
    words, rejected = language(), entry.prediction.rejected
    if rejected is None:
        st.markdown(f"**{parts_of(entry, words)}**")
    else:
        st.markdown(f":material/block: **{say('rejected')}**")
        st.caption(MESSAGES[rejected].text(words))
    with st.container(horizontal=True, gap="xsmall"):
        confidence_badge(entry)
        verdict_badge(entry)


def describe(entry: Entry, mapped: bool) -> str:
    """Say what a film's picture shows, for those who can't see it."""
    words = language()
    part = entry.part.name(words)
    if mapped:
        return say("alt_map", file=entry.file, part=part)
    number = percent(entry.prediction.confidence)
    word = entry.band.word(words)
    return say("alt", file=entry.file, part=part, percent=number, word=word)


def _card(tab: Session, film: Entry, view: View) -> None:
    mapped = view.maps != (film.key in tab.turned)
    look: Look | None = view.look if mapped else None
    st.image(card_picture(film, look), width="stretch", alt=describe(film, mapped))
    headline(film)
    with st.container(key=f"file-{film.key[:12]}"):
        st.caption(plain(film.file))
    with st.container(horizontal=True, gap="xsmall", key=f"tools-{film.key[:12]}"):
        st.button(
            say("card_map"),
            icon=":material/layers_clear:" if mapped else ":material/layers:",
            key=f"map-{film.key}",
            help=say("card_map"),
            type="tertiary",
            on_click=_turn,
            args=(tab, film.key),
        )
        st.button(
            say("card_open"),
            icon=":material/open_in_full:",
            key=f"open-{film.key}",
            help=say("card_open"),
            type="tertiary",
            on_click=open_large,
            args=(tab, film.key),
        )
        st.button(
            say("card_hide"),
            icon=":material/visibility_off:",
            key=f"hide-{film.key}",
            help=say("card_hide"),
            type="tertiary",
            on_click=tab.hidden.add,
            args=(film.key,),
        )


def _turn(tab: Session, key: str) -> None:
    tab.turned.symmetric_difference_update((key,))
