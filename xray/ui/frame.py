"""What every page has: its set-up, the language switch, the last word on errors."""

from pathlib import Path
from typing import Any

import streamlit as st

from ..confidence import Band
from ..errors import XrayError
from .badges import band_badge
from .language import NAMES, SWITCH, language, plain, say

_FRAMED = "framed"  # key: this run of the script began in app.py
_STYLE = Path(__file__).parent / "style.css"
_DARK = Path(__file__).parent / "dark.js"


def set_up() -> None:
    """Set the page up and let people choose a language."""
    st.set_page_config(
        page_title="xray",
        page_icon=":material/radiology:",
        layout="wide",
        menu_items={"About": say("not_a_device")},
    )
    st.html(_STYLE)
    script = _DARK.read_text(encoding="utf-8")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    with st.sidebar:
        st.segmented_control(
            say("language"),
            list(NAMES),
            default=language(),
            required=True,
            format_func=lambda each: NAMES[each],
            key=SWITCH,
            label_visibility="collapsed",
            width="stretch",
            persist_state="session",
        )


def navigation() -> Any:
    """Draw the ways between the pages: the page to run."""
    pages = {
        "radiographs": ":material/radiology:",
        "history": ":material/history:",
        "about": ":material/info:",
    }
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=say(name),
                icon=icon,
                default=name == "radiographs",
            )
            for name, icon in pages.items()
        ],
        position="top",
    )


def enter() -> None:
    """Begin a page: makes sure that it runs inside the frame.

    Until `st.navigation` was called once, a server runs what lies in `pages/` by
    itself when someone opens a page's address; calling it here ends that.
    """
    if not st.session_state.pop(_FRAMED, False):
        navigation()
        st.rerun()


def run(page: Any) -> None:
    """Run a page; what goes wrong in it is said in words, never as a traceback."""
    st.session_state[_FRAMED] = True
    try:
        page.run()
    except XrayError as error:
        st.error(plain(error.text(language())), icon=":material/error:")
    st.caption(say("not_a_device"))


def lead() -> None:
    """Say what the app does."""
    st.title(say("lead"), anchor=False)
    st.caption(say("local"))


def explain_colors() -> None:
    """Say what the colors of a confidence mean."""
    words = language()
    cells = st.grid(3, min_column_width=240, key="bands-explained")
    for band in Band:
        with cells.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            band_badge(band, band.word(words))
            st.markdown(say(f"band_{band.value}"))
