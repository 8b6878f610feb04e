"""The single view: one film large, with all that is known about it.

The GIF of how attention gathers is built on demand, and kept for the session.
"""

from collections.abc import Sequence

import streamlit as st

from ..classify.prediction import Prediction
from ..classify.trust.confidence import Band
from ..explanation.animation import animate
from ..explanation.render import Palette
from ..header.claim import HeaderClaim
from ..header.laterality import LateralityClaim
from ..header.projection import ProjectionClaim
from ..labels import BODY_PARTS, SIDED
from ..messages import MESSAGES
from ..review.opinion import Choice
from . import marking
from .badges import badges, finding_badges
from .charts import LIKELIEST, likeliest_chart
from .history import Entry, Mark
from .language import file_size, language, plain, say, sureness
from .large import large_picture
from .model import classifier
from .pictures import decompress
from .session import MovieKey, Session
from .sidebar import Display, open_grid

_KEPT = 4  # GIFs of a session, 2 MB each at most


def view(tab: Session, films: Sequence[Entry], settings: Display) -> None:
    """Draw the current film and the ways to its neighbors."""
    keys = [film.key for film in films]
    if tab.current not in keys:
        tab.current = keys[0]
    position = keys.index(tab.current)
    film = films[position]
    _steps(tab, keys, position)
    _title(film)
    _findings(tab, film)
    _notices(film)
    picture, words = st.columns([3, 2], gap="medium")
    with words:
        _likeliest(film)
        label = _map_label(film)
        _facts(film)
        _mark(tab, film)
    with picture:
        with st.container(key="large"):
            large_picture(tab, film, label, settings)
        _movie(tab, film, label, settings.map_style.palette)


def _steps(tab: Session, keys: Sequence[str], position: int) -> None:
    def go(step: int) -> None:
        tab.current = keys[position + step]

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("previous"),
            shortcut="Left",
            key="previous",
            disabled=position == 0,
            on_click=go,
            args=(-1,),
        )
        st.button(
            say("next"),
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


def _title(film: Entry) -> None:
    rejected = film.prediction.rejected is not None
    title = say("rejected") if rejected else film.prediction.named(language())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, width="content")
        st.markdown(badges(film), width="content")
        st.caption(plain(film.file), width="content")


def _findings(tab: Session, film: Entry) -> None:
    """Say what was found, or why nothing was; nothing where nobody asks."""
    if not tab.looking.on:
        return
    findings = film.prediction.findings
    if findings is None:
        if tab.history.picture(film.key) is None:
            st.caption(say("findings_no_picture"))
    elif findings.answer is None:
        st.caption(findings.text(language()))
    else:
        st.markdown(finding_badges(film))


def _notices(film: Entry) -> None:
    words, rejected = language(), film.prediction.rejected
    if rejected is not None:
        st.warning(MESSAGES[rejected].text(words), icon=":material/block:")
    for notice in film.notices:
        message = MESSAGES[notice.key]
        text = plain(message.text(words).format(**notice.values))
        if message.warns:
            st.warning(text, icon=":material/warning:")
        else:
            st.info(text, icon=":material/info:")


def _likeliest(film: Entry) -> None:
    words = language()
    likeliest = film.prediction.top(LIKELIEST)
    parts = ", ".join(f"{part.name(words)} {sureness(p)}" for part, p in likeliest)
    st.markdown(f"**{say('five')}**")
    alt = say("five_alt", parts=parts)
    with st.container(key="likeliest"):
        st.altair_chart(likeliest_chart(film), alt=alt)


def _map_label(film: Entry) -> int:
    words = language()
    label = st.selectbox(
        say("map_of"),
        list(film.explanation.maps),
        format_func=lambda each: BODY_PARTS[each].name(words),
        key=f"map-of-{film.key}",
    )
    return int(label)


def _mark(tab: Session, film: Entry) -> None:
    """Let a person say what the film shows; the answer stays as it was."""

    def tell(choice: Choice, parts: Sequence[int]) -> None:
        said = {Choice.HEADER: claimed, Choice.PICTURE: (film.prediction.label,)}
        tab.mark(film.key, Mark(choice, tuple(said.get(choice, parts))))

    claim, mark = film.claim, film.mark
    claimed = tuple(sorted(claim.parts - claim.near)) if claim else ()
    st.markdown(f"**{say('mark_title')}**")
    if mark is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("marked", mark=marking.name_mark(mark.choice, mark.parts)))
            st.button(
                say("review_undo"),
                key="unmark",
                shortcut="U",
                icon=":material/undo:",
                on_click=tab.mark,
                args=(film.key, None),
            )
    likeliest = [(each.id, share) for each, share in film.prediction.top(LIKELIEST)]
    label, has_claim = film.prediction.label, bool(claim and not claim.missing)
    marking.draw(
        marking.Marking(film.key[:16], label, likeliest, claimed, has_claim, tell)
    )


def _facts(film: Entry) -> None:
    facts, claim = film.facts, film.claim
    rows = {
        "fact_kind": facts.kind,
        "fact_size": say("fact_pixels", width=facts.width, height=facts.height),
        "fact_bytes": file_size(facts.bytes),
        "fact_photometric": facts.photometric,
        "fact_modality": facts.modality,
        "fact_bits": facts.bits_stored,
        "fact_syntax": facts.transfer_syntax,
    }
    if facts.frames > 1:
        frame, frames = facts.frame + 1, facts.frames
        rows["fact_frame"] = say("fact_frame_of", frame=frame, frames=frames)
    if claim is not None:
        rows["fact_header"] = _claimed(claim)
        rows["fact_projection"] = _projection(claim.projection)
        rows["fact_side"] = _side(claim.laterality, film.prediction)
    st.markdown(f"**{say('facts')}**")
    cells = st.grid(2, min_column_width=140, gap=("xsmall", "small"), key="facts")
    for key, value in rows.items():
        if value is not None:
            cells.markdown(f":gray[:small[{say(key)}]]  \n{plain(str(value))}")


def _claimed(claim: HeaderClaim) -> str:
    if claim.missing:
        return say("fact_header_none")
    # The words of a description stay in the file: they may name the patient.
    return claim.term or say("fact_header_hint", tag=claim.source)


def _projection(claim: ProjectionClaim) -> str | None:
    """Say the header's projection; None where it has none to tell."""
    named = ", ".join(say(f"projection_{each}") for each in sorted(claim.projections))
    if not named:
        return None
    return " · ".join(filter(None, (named, claim.view, claim.source)))


def _side(claim: LateralityClaim, prediction: Prediction) -> str | None:
    """Say the side the header names, or that it should have; None: there is none."""
    if claim.missing:
        sided = prediction.label in SIDED and prediction.band is not Band.LOW
        return say("fact_header_none") if sided else None
    said = [
        f"{say(f'side_{side}')} {source}"
        for side, source in (
            (claim.side, claim.source),
            (claim.described, claim.described_in),
        )
        if side is not None
    ]
    return " · ".join(said)


def _movie(tab: Session, film: Entry, label: int, palette: Palette) -> None:
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
