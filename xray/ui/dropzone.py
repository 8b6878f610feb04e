"""Where files come in, and the lists of those that didn't."""

import streamlit as st

from ..limits import LIMITS
from ..pipeline import Source
from .demo import examples
from .intake import take
from .language import count, language, plain, say
from .session import Session


def dropzone(tab: Session) -> None:
    """Take files, folders and zips in; their bytes leave the uploader at once."""
    folder = bool(st.session_state.get("folder"))
    uploads = st.file_uploader(
        say("drop_folder" if folder else "drop_files"),
        accept_multiple_files="directory" if folder else True,
        key=f"upload-{tab.drops}-{folder}",
        max_upload_size=LIMITS.file_bytes // 2**20,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(say("whole_folder"), key="folder", persist_state="session")
        st.button(
            say("example"),
            icon=":material/radiology:",
            key="example",
            on_click=lambda: take(tab, examples()),
        )
    if uploads:
        take(tab, [Source(each.name, each.getvalue()) for each in uploads])
        tab.drops += 1
        st.rerun()


def notes(tab: Session) -> None:
    """List the files that could not be read, and those that were here before."""
    if tab.left_out:
        limit = f"{LIMITS.upload_files:,}"
        received = f"{LIMITS.upload_files + tab.left_out:,}"
        st.warning(say("too_many_files", limit=limit, received=received))
    if tab.problems:
        _problems(tab)
    if tab.repeats:
        title = count("repeats", len(tab.repeats))
        with st.expander(title, icon=":material/content_copy:"):
            for repeat in tab.repeats:
                st.text(say("repeat", file=repeat.file, first=repeat.first))
    if tab.left_out or tab.problems or tab.repeats:
        st.button(say("dismiss"), key="dismiss", on_click=tab.clear_notes)


def _problems(tab: Session) -> None:
    title = count("problems", len(tab.problems))
    with st.expander(title, icon=":material/error:", expanded=True, key="problems"):
        for problem in tab.problems:
            reason = plain(problem.error.text(language()))
            st.markdown(f":red[**{plain(problem.file)}**]  \n{reason}")
