"""The large picture of the single view: map over it, beside it, against another."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from ..explanation.caption import add_caption, caption_lines
from ..explanation.fracture import outline_fracture
from ..explanation.render import (
    RGB,
    difference,
    difference_legend,
    encode_jpeg,
    encode_png,
    to_rgb,
)
from ..image import GrayImage
from ..labels import BODY_PARTS
from ..messages import MESSAGES
from .cards import describe
from .history import Entry
from .language import language, namer, say
from .model import classifier
from .pictures import MapStyle, decompress, draw
from .session import Session
from .sidebar import Display, color_bar

_LAYOUTS = ("over", "beside", "versus", "off")


def large_picture(tab: Session, film: Entry, label: int, settings: Display) -> None:
    """Draw a film as large as the page allows, with the map of a class number."""
    layout = st.segmented_control(
        say("layout"),
        _LAYOUTS,
        default="over" if settings.maps else "off",
        required=True,
        format_func=namer(),
        key="layout",
        persist_state="session",
    )
    kept = tab.history.picture(film.key)
    data = film.thumbnail if kept is None else kept
    picture = tab.pictures.large(data)
    map_style = settings.map_style
    mapped = partial(_mapped, film, picture, label, map_style)
    if layout == "versus":
        _versus(film, picture, label, map_style)
    elif layout == "beside":
        left, right = st.columns(2, gap="small")
        with left:
            _show(to_rgb(picture), describe(film, mapped=False, outlined=False))
        with right:
            shown = outline_fracture(mapped(), film.explanation)
            _show(shown, describe(film, mapped=True))
    elif layout == "over":
        shown = outline_fracture(mapped(), film.explanation)
        _show(shown, describe(film, mapped=True))
    else:
        shown = outline_fracture(to_rgb(picture), film.explanation)
        _show(shown, describe(film, mapped=False))
    if film.fractured and layout != "versus":
        st.caption(say("outline_legend"))
    if layout != "off" and not film.explanation.maps[label].any():
        text = MESSAGES["map_empty"].text(language())
        st.warning(text, icon=":material/visibility:")
    if kept is None:
        st.info(say("only_thumbnail"))
    # Drawn when it is asked for, outside of this run: what depends on it is read now.
    lines = caption_lines(film.prediction, label, classifier().version, language())
    st.download_button(
        say("download_picture"),
        lambda: _export(film, data, label, map_style, lines),
        file_name="xray.png",
        mime="image/png",
        icon=":material/download:",
        key="download-picture",
        help=say("download_picture_help"),
        on_click="ignore",
    )


def _versus(film: Entry, picture: GrayImage, label: int, map_style: MapStyle) -> None:
    """Show the winner's map, the other's, and where they differ."""
    first = film.prediction.label
    second = label
    if second == first:
        second = next(each for each in film.explanation.maps if each != first)
    words = language()
    names = {
        "first": BODY_PARTS[first].name(words),
        "second": BODY_PARTS[second].name(words),
    }
    st.markdown(f"**{say('versus_title', **names)}**")
    cells = st.grid(3, min_column_width=130, key="versus")
    for part, name in ((first, names["first"]), (second, names["second"])):
        with cells.cell():
            alt = say("alt_map", file=film.file, part=name)
            _show(_mapped(film, picture, part, map_style), alt)
            st.caption(say("speaks_for", part=name))
    with cells.cell():
        size = picture.shape
        heatmap = film.explanation.heatmap_of
        shown = difference(picture, heatmap(first, *size), heatmap(second, *size))
        _show(shown, say("difference_alt", **names))
        colors = difference_legend(width=512)
        alt = say("difference_legend_alt", **names)
        color_bar("difference-legend", colors, alt, names["second"], names["first"])


def _mapped(film: Entry, picture: GrayImage, label: int, map_style: MapStyle) -> RGB:
    heatmap = film.explanation.heatmap_of(label, *picture.shape)
    return draw(picture, heatmap, map_style)


def _show(picture: RGB, alt: str) -> None:
    st.image(encode_jpeg(picture), width="stretch", alt=alt)


def _export(
    film: Entry, data: bytes, label: int, map_style: MapStyle, lines: Sequence[str]
) -> bytes:
    """Draw a film at its original size with its map, the caption burnt in."""
    shown = _mapped(film, decompress(data), label, map_style)
    shown = outline_fracture(shown, film.explanation)
    return encode_png(add_caption(shown, lines))
