"""Where files come in, and the lists of those that didn't."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ..limits import LIMITS
from .intake import take
from .language import count, language, plain, say
from .memory import UnreadFile
from .session import Session

_EXAMPLES = Path(__file__).parent / "examples"  # credits in CREDITS.md
EXAMPLE_NAMES = ("hand.jpg", "pelvis.jpg", "knee.jpg")
_MEGABYTES = LIMITS.file_bytes // 2**20
_LARGE = Path(__file__).parent / "dropzone.css"
_FEW = 3  # unreadable files that are told of above the results


def dropzone(tab: Session) -> None:
    """Draw where files, folders and zips come in; `collect` fetches them."""
    folder = bool(st.session_state.get("folder"))
    _style_uploader(folder, is_large=not tab.shown)
    # This key never changes: the browser would put a new uploader into a new container,
    # and what the old one was uploading would be lost.
    with st.container(key="drop"):
        st.file_uploader(
            say("drop_folder" if folder else "drop_files"),
            accept_multiple_files="directory" if folder else True,
            key=_key(tab, folder),
            max_upload_size=_MEGABYTES,
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(say("whole_folder"), key="folder", persist_state="session")
        st.button(
            say("example"),
            icon=":material/radiology:",
            key="example",
            on_click=lambda: take(tab, examples()),
        )


def examples() -> list[tuple[str, bytes]]:
    """Read the bundled radiographs, as if someone had dropped them."""
    return [(name, (_EXAMPLES / name).read_bytes()) for name in EXAMPLE_NAMES]


def collect(tab: Session) -> None:
    """Fetch what was dropped since the last run, also if the page was left meanwhile.

    It is read before anything is drawn, and the uploader drawn next is a new one, so
    that its bytes leave Streamlit. Reading it later would leave time for a second drop
    into the old one, and that would go with it.
    """
    for folder in (False, True):
        key = _key(tab, folder)
        uploads: list[UploadedFile] = st.session_state.get(key) or []
        if uploads:
            with tab.lock:
                tab.dropped += [(each.name, each.getvalue()) for each in uploads]
                tab.drops += 1
            return


def notes(tab: Session) -> None:
    """List the files that could not be read, and those that were here before."""
    if tab.problems:
        _problems(tab)
    if tab.repeats:
        title = count("repeats", len(tab.repeats))
        with st.expander(title, icon=":material/content_copy:"):
            for repeat in tab.repeats:
                st.text(say("repeat", file=repeat.file, first=repeat.first))
    if tab.problems or tab.repeats:
        st.button(say("dismiss"), key="dismiss", on_click=tab.clear_notes)


def _key(tab: Session, folder: bool) -> str:
    return f"upload-{tab.drops}-{folder}"


def _style_uploader(folder: bool, is_large: bool) -> None:
    """Put the uploader's own words, always English, into the chosen language."""
    zone = '[data-testid="stFileUploaderDropzone'
    button = say("choose_folder" if folder else "choose_files")
    hint = say("or_drop", limit=_MEGABYTES)
    size = _LARGE.read_text(encoding="utf-8") if is_large else ""
    st.html(
        f"""<style>{size}
        {zone}"] button p::after {{ content: "{button}"; }}
        {zone}Instructions"] span::after {{ content: "{hint}"; }}
        </style>"""
    )


def _problems(tab: Session) -> None:
    """Tell why files could not be read; many only if asked, lest they hide the rest."""
    title = count("problems", len(tab.problems))
    is_open = len(tab.problems) <= _FEW or not tab.shown
    with st.expander(title, icon=":material/error:", expanded=is_open, key="problems"):
        # One text: a message to the browser for each would slow every redraw.
        st.markdown("\n\n".join(map(_told, tab.problems)))


def _told(problem: UnreadFile) -> str:
    reason = plain(problem.error.text(language()))
    return f":red[**{plain(problem.file)}**]  \n{reason}"
