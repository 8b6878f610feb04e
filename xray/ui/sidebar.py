"""The sidebar's controls over all films; none of them touches the network."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from ..classify.trust.confidence import Band
from ..classify.verdict import Verdict
from ..explanation.render import RGB, Palette, encode_jpeg, legend
from ..labels import BODY_PARTS
from .finding_controls import choose_fractured, sorts, switch
from .history import Entry
from .language import language, namer, say
from .pictures import Drawing, MapStyle, address
from .selection import Filter, Sort
from .session import Session

MODE = "mode"  # key of the view, so that a card can open itself large
Item = TypeVar("Item")

_MODES = ("grid", "single")
_PALETTES: tuple[Palette, ...] = tuple(Palette)


@dataclass(frozen=True, slots=True)
class Display:
    """What the sidebar says about the page."""

    single: bool
    columns: int
    maps: bool
    map_style: MapStyle
    filter: Filter
    sort: Sort


def controls(tab: Session) -> Display:
    """Draw the controls and read them."""
    with st.sidebar:
        mode = st.segmented_control(
            say("view"),
            _MODES,
            default="grid",
            required=True,
            format_func=namer(),
            key=MODE,
            persist_state="session",
            width="stretch",
        )
        columns = st.slider(
            say("columns"),
            1,
            6,
            4,
            key="columns",
            persist_state="session",
            disabled=mode != "grid",
        )
        maps = st.toggle(
            say("maps"),
            True,
            key="maps",
            persist_state="session",
            on_change=tab.turned.clear,
        )
        map_style = _map_style()
        switch(tab)
        chosen = _filter(tab)
        sort = st.selectbox(
            say("sort"),
            sorts(tab),
            index=0,
            format_func=namer("sort_{}"),
            key="sort",
            persist_state="session",
        )
        _buttons(tab)
    return Display(mode == "single", columns, maps, map_style, chosen, sort)


def open_large(tab: Session, key: str) -> None:
    """Show a film in the single view; for a button's callback."""
    tab.current = key
    st.session_state[MODE] = "single"


def open_grid() -> None:
    """Go back to the grid; for a button's callback."""
    st.session_state[MODE] = "grid"


def _map_style() -> MapStyle:
    opacity = st.slider(
        say("opacity"),
        0,
        100,
        50,
        5,
        format="%d %%",
        key="opacity",
        persist_state="session",
    )
    with st.expander(say("map_colors"), icon=":material/palette:"):
        style = st.segmented_control(
            say("style"),
            list(Drawing),
            default=Drawing.COLOR,
            required=True,
            format_func=namer(),
            key="style",
            persist_state="session",
        )
        palette = st.selectbox(
            say("palette"),
            _PALETTES,
            index=0,
            format_func=namer("palette_{}"),
            key="palette",
            persist_state="session",
            disabled=style is Drawing.CONTOUR,
        )
    map_style = MapStyle(opacity / 100, palette, style or Drawing.COLOR)
    _legend(map_style)
    return map_style


def _legend(map_style: MapStyle) -> None:
    """Show what the colors of a map mean."""
    if map_style.drawing is Drawing.CONTOUR:
        st.caption(say("contour_legend"))
        return
    colors = legend(map_style.palette, max(map_style.opacity, 0.3), 512, 16)
    color_bar("legend", colors, say("legend_alt"), say("low"), say("high"))


def color_bar(key: str, colors: RGB, alt: str, low: str, high: str) -> None:
    """Draw a bar of colors with a word below either end."""
    with st.container(key=key):
        st.image(address(encode_jpeg(colors)), width="stretch", alt=alt)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(low, width="content")
        st.caption(high, width="content")


def choose_bands(key: str) -> frozenset[Band]:
    """Let people choose colors; none chosen means all."""
    words = language()
    chosen = st.pills(
        say("bands"),
        list(Band),
        selection_mode="multi",
        format_func=lambda each: f":{each.color}[{each.icon} {each.word(words)}]",
        key=key,
        persist_state="session",
    )
    return frozenset(chosen)


def choose_parts(key: str, films: Iterable[Entry]) -> frozenset[int]:
    """Let people choose among the body parts that films show; none means all."""
    words = language()
    present = {part.id for film in films for part in film.parts}
    present.update(st.session_state.get(key, ()))
    return choose_any("parts", key, present, lambda part: BODY_PARTS[part].name(words))


def choose_any(
    word: str, key: str, options: Iterable[Item], name: Callable[[Item], str] = str
) -> frozenset[Item]:
    """Let people choose among options, listed by name; none chosen means all."""
    chosen = st.multiselect(
        say(word),
        sorted(options, key=name),
        format_func=name,
        placeholder=say("any"),
        key=key,
        persist_state="session",
    )
    return frozenset(chosen)


def _filter(tab: Session) -> Filter:
    bands, parts = choose_bands("bands"), choose_parts("parts", tab.films)
    number = sum(film.verdict is Verdict.DISAGREE for film in tab.films)
    disagreeing = st.toggle(
        say("header_disagrees", number=number),
        key="disagreeing",
        help=say("header_help"),
        persist_state="session",
    )
    fractured = choose_fractured("fractured", tab, tab.films)
    return Filter(bands, parts, disagreeing, fractured)


def _buttons(tab: Session) -> None:
    with st.container(gap="xsmall"):
        for name, icon, action in (
            ("hide_all", "visibility_off", tab.hide_all),
            ("show_all", "visibility", tab.hidden.clear),
            ("clear", "delete_sweep", tab.clear_page),
        ):
            st.button(
                say(name),
                icon=f":material/{icon}:",
                key=name.replace("_", "-"),
                width="stretch",
                help=say("clear_help") if name == "clear" else None,
                on_click=action,
            )
