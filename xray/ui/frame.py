"""What every page has: its set-up, the language switch, the last word on errors."""

import os
import time
from pathlib import Path
from typing import Any

import streamlit as st

from .. import __version__
from ..classify.trust.confidence import Band
from ..errors import XrayError
from . import findings
from .badges import band_badge
from .dropzone import collect
from .intake import take_dropped, work
from .language import NAMES, SWITCH, keep_choices, language, percent, plain, say
from .memory import keep_heap_small
from .model import local_card
from .session import session

REPORT = "XRAY_REVIEW"  # of the environment: the report's folder

_navigated: list[bool] = []  # not empty once `st.navigation` was called
_FRAMED = "framed"  # key: this run of the script began in app.py
_STYLE = Path(__file__).parent / "style.css"
_SCRIPTS = tuple(
    Path(__file__).parent / f"{name}.js" for name in ("dark", "narrow", "slash")
)
_ICON = Path(__file__).parent / "icon.svg"


def set_up() -> None:
    """Set the page up and let people choose a language."""
    keep_heap_small()
    _configure()
    if not _navigated:
        # The server's very first run is still one of a `pages/` folder: what it
        # draws would stand twice on the page during the next one.
        navigation()
        st.rerun()
    st.html(_STYLE)
    script = "".join(each.read_text(encoding="utf-8") for each in _SCRIPTS)
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    with st.sidebar:
        st.segmented_control(
            say("language"),
            list(NAMES),
            default=language(),
            required=True,
            format_func=lambda each: NAMES[each],
            key=SWITCH,
            on_change=keep_choices,
            label_visibility="collapsed",
            width="stretch",
            persist_state="session",
        )


def report_folder() -> Path | None:
    """The folder that the app was started on; None where on none."""
    given = os.environ.get(REPORT)
    return Path(given) if given else None


def navigation() -> Any:
    """Draw the ways between the pages: the page to run."""
    _navigated[:] = [True]
    pages = {
        "radiographs": ":material/radiology:",
        "history": ":material/history:",
        "about": ":material/info:",
    }
    first = "radiographs"
    if report_folder() is not None:
        first = "review"
        pages = {first: ":material/rule:", **pages}
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=say(name),
                icon=icon,
                default=name == first,
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
        _configure()
        navigation()
        st.rerun()


def run(page: Any) -> None:
    """Run a page, then for a moment what is waiting to be classified.

    What goes wrong is said in words, never as a traceback.
    """
    st.session_state[_FRAMED] = True
    tab = session()
    progress = st.empty()
    try:
        # One place of its own: while work goes on, what the last run drew beyond
        # the end of this one would stay on the page.
        collect(tab)
        begun = time.monotonic()
        with st.container():
            page.run()
        st.caption(" ".join((say("not_a_device"), _calibration())).strip())
        drawing = time.monotonic() - begun
        if tab.dropped:
            with progress, st.spinner(say("opening")):
                take_dropped(tab)
            if not tab.waiting:
                st.rerun()
        if tab.waiting:
            work(tab, progress, drawing)
            st.rerun()
        if findings.are_missing(tab):
            findings.catch_up(tab, progress, drawing)
            st.rerun()
    except XrayError as error:
        st.error(plain(error.text(language())), icon=":material/error:")


def _calibration() -> str:
    """Name the local card, where one changes what the colors mean."""
    card = local_card()
    if card is None:
        return ""
    return say("local_card", name=plain(card.name), above=percent(card.green_above))


def lead() -> None:
    """Say what the app does."""
    st.title(say("lead"), anchor=False)
    st.caption(say("local"))


def explain_colors() -> None:
    """Say what the colors of a confidence mean."""
    words = language()
    cells = st.grid(3, min_column_width=240, key="bands-explained")
    for band in Band:
        with cells.container(border=True, gap="xsmall", height="stretch"):
            st.markdown(band_badge(band, band.word(words)))
            st.markdown(say(f"band_{band.value}"))


def _configure() -> None:
    st.set_page_config(
        page_title="xray",
        page_icon=str(_ICON),  # a Material icon would come from another host
        layout="wide",
        menu_items={"About": f"xray {__version__}. {say('not_a_device')}"},
    )
