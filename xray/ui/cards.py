"""The grid: one card a film, 24 cards a page."""

from collections.abc import Callable, Sequence

import streamlit as st

from ..messages import MESSAGES
from .badges import badges, finding_badges
from .history import Entry
from .language import count, language, plain, say, sureness
from .pictures import MapStyle
from .session import Session
from .sidebar import Display, open_large

PAGE = 24  # cards
_NARROWEST = 150  # pixels of a card before the grid drops a column


def grid(tab: Session, films: Sequence[Entry], view: Display) -> None:
    """Draw a page of cards, with the way to the others."""
    shown = page_of(films, "grid-page")
    cells = st.grid(view.columns, min_column_width=_NARROWEST, gap="small", key="cards")
    for film in shown:
        key = f"card-{film.key[:12]}"
        with cells.container(border=True, height="stretch", key=key):
            _card(tab, film, view)


def page_of(films: Sequence[Entry], key: str) -> Sequence[Entry]:
    """Take the films of the chosen page, with the way to the others if there are."""
    pages = -(-len(films) // PAGE)
    if pages <= 1:
        return films
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    page = st.pagination(pages, key=key, persist_state="session")
    return films[(page - 1) * PAGE : page * PAGE]


def summary(tab: Session, visible: Sequence[Entry], films: Sequence[Entry]) -> None:
    """Say how many films there are, and how many of them are not to be seen."""
    words = [count("films", len(films))]
    if filtered := len(visible) - len(films):
        words.append(count("filtered", filtered))
    if hidden := len(tab.hidden):
        words.append(count("hidden", hidden))
    st.caption(" · ".join(words))


def describe(entry: Entry, mapped: bool, outlined: bool = True) -> str:
    """Say what a film's picture shows, for those who can't see it.

    Args:
        entry: The film.
        mapped: Its map is drawn over it.
        outlined: A fracture that is flagged is outlined.
    """
    said = _described(entry, mapped)
    return f"{said}. {say('outline_alt')}" if outlined and entry.fractured else said


def _described(entry: Entry, mapped: bool) -> str:
    words = language()
    part = entry.part.name(words)
    if (rejected := entry.prediction.rejected) is not None:
        reason = MESSAGES[rejected].text(words)
        return say("alt_rejected", file=entry.file, reason=reason)
    if mapped:
        return say("alt_map", file=entry.file, part=part)
    number = sureness(entry.prediction.confidence)
    word = entry.band.word(words)
    return say("alt", file=entry.file, part=part, percent=number, word=word)


def _card(tab: Session, film: Entry, view: Display) -> None:
    # What shows no radiograph has a map of a guess only: for those who ask for it.
    usual = view.maps and film.prediction.rejected is None
    mapped = usual != (film.key in tab.turned)
    map_style: MapStyle | None = view.map_style if mapped else None
    picture = tab.pictures.card(film, map_style)
    st.image(picture, width="stretch", alt=describe(film, mapped))
    st.markdown(_words(film))
    icon = "layers_clear" if mapped else "layers"
    _tool("map", icon, film, _turn, tab, film.key)
    _tool("open", "open_in_full", film, open_large, tab, film.key)
    _tool("hide", "visibility_off", film, tab.hidden.add, film.key)


def _words(film: Entry) -> str:
    """Write body part, badges and file of a film, a paragraph each."""
    words, rejected = language(), film.prediction.rejected
    if rejected is None:
        title = [f"**{film.prediction.named(words)}**"]
    else:
        reason = MESSAGES[rejected].text(words)
        title = [f":material/block: **{say('rejected')}**", _quiet(reason)]
    found = finding_badges(film)
    said = (badges(film), found) if found else (badges(film),)
    return "\n\n".join((*title, *said, _quiet(plain(film.file))))


def _quiet(text: str) -> str:
    return f":gray[:small[{text}]]"


def _tool(
    name: str, icon: str, film: Entry, action: Callable[..., None], *args: object
) -> None:
    """Draw one of a card's buttons: an icon, with the word for those who ask."""
    word = say(f"card_{name}")
    st.button(
        word,
        icon=f":material/{icon}:",
        key=f"{name}-{film.key}",
        help=word,
        type="tertiary",
        on_click=action,
        args=args,
    )


def _turn(tab: Session, key: str) -> None:
    tab.turned.symmetric_difference_update((key,))
