"""The GIF of how attention gathers: built on demand, kept for the session."""

import streamlit as st

from ..explanation.animation import animate
from ..explanation.render import Palette
from ..labels import BODY_PARTS
from .history import Entry
from .language import language, say
from .model import classifier
from .pictures import decompress
from .session import MovieKey, Session

_KEPT = 4  # GIFs of a session, 2 MB each at most


def movie(tab: Session, film: Entry, label: int, palette: Palette) -> None:
    """Offer the GIF of a film, and show it once it is there."""
    words = language()
    key = (film.key, label, palette, words)
    known = tab.movies.get(key)
    if known is None:
        st.button(
            say("gif"),
            icon=":material/animation:",
            key="gif",
            help=say("gif_hint"),
            on_click=_ask,
            args=(tab, key),
        )
        if tab.movie_asked != key:
            return
        kept = tab.history.picture(film.key)
        picture = decompress(film.thumbnail if kept is None else kept)
        tab.movie_asked = None  # also where it fails: a redraw doesn't try again
        with st.spinner(say("gif_working")):
            gif = animate(classifier(), picture, label, words, palette)
        with tab.lock:
            if film.key in tab.history:  # deleted while it was drawn: nothing stays
                tab.movies[key] = gif
            while len(tab.movies) > _KEPT:
                tab.movies.popitem(last=False)
        st.rerun()
    st.image(known, alt=say("gif_alt", part=BODY_PARTS[label].name(words)))
    st.caption(say("gif_hint"))
    st.download_button(
        say("download_gif"),
        known,
        file_name="xray.gif",
        mime="image/gif",
        icon=":material/download:",
        key="download-gif",
        on_click="ignore",
    )


def _ask(tab: Session, key: MovieKey) -> None:
    tab.movie_asked = key
