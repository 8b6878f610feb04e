"""The keys of a mark: what a person says that a film shows.

One key each, the same on every page. Streamlit's shortcuts don't fire while someone
types into a box.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from ..labels import BODY_PARTS
from ..review.opinion import Choice
from .language import language, say, sureness

Say = Callable[[Choice, Sequence[int]], None]


@dataclass(frozen=True, slots=True)
class Marking:
    """What can be said of one film, and who is told."""

    film: str  # its key: a press that was meant for another film finds no button
    answer: int  # class number of the network's answer
    likeliest: Sequence[tuple[int, float]]  # at most nine, with probabilities
    claimed: Sequence[int]  # what the header names
    has_claim: bool  # whether the header says anything of the part
    tell: Say


def draw(marking: Marking) -> None:
    """Draw the keys: header or picture is right, other parts, none of them."""
    header = " + ".join(map(_name, marking.claimed)) or "–"
    picture = _name(marking.answer)
    with st.container(gap="xsmall"):
        if marking.has_claim:
            _key(marking, Choice.HEADER, "mark_header", "H", "description", part=header)
        _key(marking, Choice.PICTURE, "mark_picture", "P", "radiology", part=picture)
    _likeliest(marking)
    _every_part(marking)
    with st.container(gap="xsmall"):
        _several(marking)
        _key(marking, Choice.NOT_RADIOGRAPH, "mark_not", "N", "block")


def name_mark(choice: Choice, parts: Sequence[int]) -> str:
    """Say what was said of a film."""
    if parts:
        return " + ".join(map(_name, parts))
    return say(f"said_{choice.value}")


def _key(
    marking: Marking,
    choice: Choice,
    word: str,
    shortcut: str,
    icon: str,
    *,
    part: str = "",
) -> None:
    st.button(
        say(word, part=part),
        key=f"{word}-{marking.film}",
        shortcut=shortcut,
        icon=f":material/{icon}:",
        type="primary" if choice is Choice.PICTURE else "secondary",
        width="stretch",
        on_click=_say,
        args=(marking, choice, ()),
    )


def _likeliest(marking: Marking) -> None:
    """Draw a digit for each of the likeliest parts."""
    collected = _collected(marking) or ()
    cells = st.grid(2, min_column_width=170, gap="xsmall", key="mark-parts")
    for digit, (part, share) in enumerate(marking.likeliest, start=1):
        chosen = part in collected
        number = sureness(share) if chosen else f":gray[{sureness(share)}]"
        cells.button(
            f"{_name(part)} {number}",
            key=f"mark-{digit}-{marking.film}",
            shortcut=str(digit),
            width="stretch",
            type="primary" if chosen else "secondary",
            on_click=_choose,
            args=(marking, part),
        )


def _every_part(marking: Marking) -> None:
    """Draw the box of all parts, which finds them as one types."""
    box = f"mark-other-{marking.film}-{len(_collected(marking) or ())}"
    with st.container(key="mark-other"):
        st.selectbox(
            say("mark_other"),
            sorted(range(len(BODY_PARTS)), key=lambda each: _name(each).casefold()),
            index=None,
            format_func=_name,
            placeholder=say("mark_other_hint"),
            label_visibility="collapsed",
            key=box,
            on_change=_choose_typed,
            args=(marking, box),
        )


def _several(marking: Marking) -> None:
    """Draw the key that begins to collect parts, and ends it."""
    collected = _collected(marking)
    if collected is None:
        label = say("mark_several")
    elif collected:
        label = say("mark_done", parts=" + ".join(map(_name, collected)))
    else:
        label = say("mark_collect")
    st.button(
        label,
        key=f"mark-several-{marking.film}",
        shortcut="V",
        icon=":material/library_add:",
        type="secondary" if collected is None else "primary",
        help=say("mark_several_help"),
        width="stretch",
        on_click=_collect,
        args=(marking,),
    )


def _say(marking: Marking, choice: Choice, parts: Sequence[int]) -> None:
    st.session_state.pop(f"several-{marking.film}", None)
    marking.tell(choice, parts)


def _collected(marking: Marking) -> list[int] | None:
    """The parts chosen so far of several; None where one is to be named."""
    found: list[int] | None = st.session_state.get(f"several-{marking.film}")
    return found


def _choose(marking: Marking, part: int) -> None:
    collected = _collected(marking)
    if collected is None:
        choice = Choice.PICTURE if part == marking.answer else Choice.PART
        _say(marking, choice, (part,))
    elif part in collected:
        collected.remove(part)
    else:
        collected.append(part)


def _choose_typed(marking: Marking, box: str) -> None:
    if (part := st.session_state[box]) is not None:
        _choose(marking, part)


def _collect(marking: Marking) -> None:
    """Begin to collect parts, or say those that were collected."""
    collected = _collected(marking)
    if collected is None:
        st.session_state[f"several-{marking.film}"] = []
    elif len(collected) == 1:
        st.session_state.pop(f"several-{marking.film}")
        _choose(marking, collected[0])
    elif collected:
        _say(marking, Choice.SEVERAL, tuple(collected))
    else:
        st.session_state.pop(f"several-{marking.film}")


def _name(part: int) -> str:
    return BODY_PARTS[part].name(language())
