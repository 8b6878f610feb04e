"""The single view: one film large, with all that is known about it."""

from collections.abc import Sequence

import streamlit as st

from ..history import Entry
from ..labels import BODY_PARTS
from ..messages import MESSAGES
from ..render import encode_jpeg, to_rgb
from .badges import confidence_badge, verdict_badge
from .cards import describe
from .charts import likeliest_chart
from .language import language, namer, percent, plain, say
from .pictures import LARGE_SIDE, Look, decompress, draw
from .session import Session
from .sidebar import View, open_grid

_LAYOUTS = ("over", "beside", "off")


def view(tab: Session, films: Sequence[Entry], settings: View) -> None:
    """Draw the current film and the ways to its neighbors."""
    keys = [film.key for film in films]
    if tab.current not in keys:
        tab.current = keys[0]
    position = keys.index(tab.current)
    film = films[position]
    _steps(tab, keys, position)
    picture, facts = st.columns([3, 2], gap="medium")
    with facts:
        _findings(film)
        label = _map_label(film)
    with picture:
        _picture(tab, film, label, settings.look, settings.maps)
    with facts:
        _facts(film)


def _steps(tab: Session, keys: Sequence[str], position: int) -> None:
    def go(step: int) -> None:
        tab.current = keys[position + step]

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("previous"),
            icon=":material/arrow_back:",
            shortcut="Left",
            key="previous",
            disabled=position == 0,
            on_click=go,
            args=(-1,),
        )
        st.button(
            say("next"),
            icon=":material/arrow_forward:",
            icon_position="right",
            shortcut="Right",
            key="next",
            disabled=position == len(keys) - 1,
            on_click=go,
            args=(1,),
        )
        st.text(say("position", position=position + 1, total=len(keys)))
        st.space("stretch")
        st.button(
            say("back_to_grid"),
            icon=":material/grid_view:",
            key="back",
            on_click=open_grid,
        )


def _findings(film: Entry) -> None:
    words = language()
    st.subheader(film.part.name(words), anchor=False)
    with st.container(horizontal=True, gap="xsmall"):
        confidence_badge(film)
        verdict_badge(film)
    st.text(film.file)
    if film.prediction.rejected is not None:
        st.warning(MESSAGES[film.prediction.rejected].text(words))
    for notice in film.notices:
        st.warning(plain(MESSAGES[notice.key].text(words).format(**notice.values)))
    parts = ", ".join(
        f"{part.name(words)} {percent(share)}" for part, share in film.prediction.top(5)
    )
    st.markdown(f"**{say('five')}**")
    st.altair_chart(likeliest_chart(film), alt=say("five_alt", parts=parts))


def _map_label(film: Entry) -> int:
    words = language()
    label = st.selectbox(
        say("map_of"),
        list(film.explanation.maps),
        format_func=lambda each: BODY_PARTS[each].name(words),
        key=f"map-of-{film.key}",
    )
    return int(label)


def _picture(tab: Session, film: Entry, label: int, look: Look, maps: bool) -> None:
    layout = st.segmented_control(
        say("layout"),
        _LAYOUTS,
        default="over" if maps else "off",
        required=True,
        format_func=namer(),
        key="layout",
        persist_state="session",
    )
    kept = tab.history.picture(film.key)
    picture = decompress(film.thumbnail if kept is None else kept, LARGE_SIDE)
    heatmap = film.explanation.heatmap_of(label, *picture.shape)
    bare = encode_jpeg(to_rgb(picture))
    if layout == "off":
        st.image(bare, width="stretch", alt=describe(film, mapped=False))
    elif layout == "over":
        shown = encode_jpeg(draw(picture, heatmap, look))
        st.image(shown, width="stretch", alt=describe(film, mapped=True))
    else:
        shown = encode_jpeg(draw(picture, heatmap, look))
        left, right = st.columns(2, gap="small")
        left.image(bare, width="stretch", alt=describe(film, mapped=False))
        right.image(shown, width="stretch", alt=describe(film, mapped=True))
    if kept is None:
        st.info(say("only_thumbnail"))


def _facts(film: Entry) -> None:
    facts, claim = film.facts, film.claim
    rows = {
        "fact_kind": facts.kind,
        "fact_size": say("fact_pixels", width=facts.width, height=facts.height),
        "fact_bytes": f"{facts.bytes / 1024:,.0f} KB",
        "fact_photometric": facts.photometric,
        "fact_modality": facts.modality,
        "fact_bits": facts.bits_stored,
        "fact_syntax": facts.transfer_syntax,
    }
    if facts.frames > 1:
        rows["fact_frame"] = say(
            "fact_frame_of", frame=facts.frame + 1, frames=facts.frames
        )
    if claim is not None:
        rows["fact_header"] = claim.term or say("fact_header_none")
    st.markdown(f"**{say('facts')}**")
    cells = st.grid(2, min_column_width=140, gap=("xsmall", "small"), key="facts")
    for key, value in rows.items():
        if value is not None:
            cells.markdown(f":gray[:small[{say(key)}]]  \n{plain(str(value))}")
