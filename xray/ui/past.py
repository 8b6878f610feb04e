"""The history page's pieces: filter, exports, comparison, rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from .badges import badges, finding_badges
from .cards import describe, page_of
from .finding_controls import choose_fractured
from .history import Entry, to_csv, to_json
from .language import count, language, plain, say, spoken
from .marking import name_mark
from .model import classifier
from .pictures import MapStyle
from .selection import Filter
from .session import Session
from .sidebar import choose_bands, choose_parts

_MAP_STYLE = MapStyle()


def controls(tab: Session) -> Filter:
    """Draw the filter over the history, in the sidebar, and read it."""
    with st.sidebar:
        text = st.text_input(
            say("search"),
            icon=":material/search:",
            key="past-text",
            persist_state="session",
        )
        bands = choose_bands("past-bands")
        parts = choose_parts("past-parts", tab.history)
        disagreeing = st.toggle(
            say("header_disagrees_only"),
            key="past-disagreeing",
            help=say("header_help"),
            persist_state="session",
        )
        fractured = choose_fractured("past-fractured", tab, tab.past)
        with st.popover(say("delete_all"), icon=":material/delete_forever:"):
            st.markdown(say("delete_all_sure"))
            st.button(
                say("delete_all_yes"),
                key="delete-all",
                on_click=tab.forget_all,
            )
    return Filter(bands, parts, disagreeing, fractured, text)


def exports(entries: Sequence[Entry]) -> None:
    """Offer the entries for download."""
    model = classifier().version
    stamp = f"{datetime.now():%Y-%m-%d-%H%M}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{count('films', len(entries))}**")
        st.space("stretch")
        # The mark at the start tells spreadsheets that this is UTF-8.
        for kind, mime, write, encoding in (
            ("csv", "text/csv", to_csv, "utf-8-sig"),
            ("json", "application/json", to_json, "utf-8"),
        ):
            st.download_button(
                say(kind),
                partial(_export, write, entries, model, encoding),
                file_name=f"xray-{stamp}.{kind}",
                mime=mime,
                icon=":material/download:",
                key=kind,
                help=say("export_help"),
                on_click="ignore",
                disabled=not entries,
            )


def comparison(tab: Session) -> None:
    """Show the selected films side by side with their maps."""
    chosen = tab.entries(tab.chosen)
    if len(chosen) < 2:
        st.caption(say("compare_hint"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(say("compare"), anchor=False, width="content")
        st.space("stretch")
        st.button(
            say("compare_clear"),
            icon=":material/close:",
            key="compare-clear",
            on_click=_choose_none,
            args=(tab,),
        )
    cells = st.grid(min(len(chosen), 4), min_column_width=220, key="compared")
    for entry in chosen:
        with cells.container(border=True, gap="xsmall", height="stretch"):
            bare, mapped = st.columns(2, gap="xsmall", wrap=False)
            bare.image(
                tab.pictures.card(entry, None),
                width="stretch",
                alt=describe(entry, False),
            )
            if entry.prediction.rejected is None:
                mapped.image(
                    tab.pictures.card(entry, _MAP_STYLE),
                    width="stretch",
                    alt=describe(entry, True),
                )
            _words(entry, "compared")


def rows(tab: Session, entries: Sequence[Entry]) -> None:
    """List entries, newest first, a page at a time."""
    if not entries:
        st.info(say("nothing_found"))
    for entry in page_of(entries, "past-page"):
        _row(tab, entry)


def _row(tab: Session, entry: Entry) -> None:
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        key=f"row-{entry.key[:12]}",
    ):
        key = f"chosen-{entry.key}"
        st.checkbox(
            say("select", file=spoken(entry.file)),
            value=entry.key in tab.chosen,
            key=key,
            label_visibility="collapsed",
            on_change=_choose,
            args=(tab, entry.key, key),
        )
        st.image(tab.pictures.card(entry, None), width=72, alt=describe(entry, False))
        with st.container(gap="xxsmall", width="stretch"):
            _words(entry, "row")
        with st.container(key=f"tools-{entry.key[:12]}", width="content"):
            st.button(
                say("delete", file=plain(entry.file)),
                icon=":material/delete:",
                key=f"delete-{entry.key}",
                type="tertiary",
                on_click=tab.forget,
                args=(entry.key,),
            )


def _words(entry: Entry, place: str) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        title = entry.prediction.named(language())
        if entry.prediction.rejected is not None:
            title = say("rejected")
        st.markdown(f"**{title}**", width="content")
        st.markdown(badges(entry), width="content")
        if (mark := entry.mark) is not None:
            said = say("marked", mark=name_mark(mark.choice, mark.parts))
            st.markdown(f":blue-badge[:material/edit: {said}]", width="content")
    if found := finding_badges(entry):
        st.markdown(found)
    with st.container(key=f"file-{entry.key[:12]}-{place}"):
        st.caption(f"{entry.time:%H:%M:%S} · {plain(entry.file)}")


def _export(
    write: Callable[[Sequence[Entry], str], str],
    entries: Sequence[Entry],
    model: str,
    encoding: str,
) -> bytes:
    return write(entries, model).encode(encoding)


def _choose_none(tab: Session) -> None:
    for entry in tab.chosen:
        st.session_state[f"chosen-{entry}"] = False
    tab.chosen.clear()


def _choose(tab: Session, entry: str, key: str) -> None:
    if st.session_state[key] and entry not in tab.chosen:
        tab.chosen.append(entry)
    elif not st.session_state[key] and entry in tab.chosen:
        tab.chosen.remove(entry)
