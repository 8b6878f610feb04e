"""The page's language, and text made safe to show."""

import string
from collections.abc import Callable
from typing import cast

import streamlit as st

from .. import text
from ..labels import Language
from .texts import TEXTS

SWITCH = "language"  # key of the switch; it holds the choice
NAMES: dict[Language, str] = {"en": "English", "es": "Español"}
# Keys of the widgets whose options are words of the catalog.
_WORDED = frozenset(
    (
        *("sort", "point", "palette", "parts", "past-parts", "bands", "past-bands"),
        *("review-queue", "review-verdicts", "review-parts"),
    )
)
_ESCAPES = str.maketrans({sign: "\\" + sign for sign in string.punctuation})
_SPACES = str.maketrans(dict.fromkeys(string.punctuation, " "))


def language() -> Language:
    """The chosen language; the browser's at first, English where it is another."""
    chosen = st.session_state.get(SWITCH)
    if chosen is None:
        spanish = (st.context.locale or "").lower().startswith("es")
        chosen = "es" if spanish else "en"
    return cast("Language", chosen)


def keep_choices() -> None:
    """Choose again what was chosen, as the language changes; for a callback.

    The browser names a choice by its words: in another language no option has
    them, and the choice would fall back to its default.
    """
    for key in list(st.session_state):
        name = str(key)
        if name in _WORDED or name.startswith("map-of-"):
            st.session_state[key] = st.session_state[key]


def say(key: str, **values: object) -> str:
    """Say something of the catalog in the chosen language."""
    return TEXTS[key].text(language()).format(**values)


def namer(pattern: str = "{}") -> Callable[[str], str]:
    """Make a function that names a widget's options in the chosen language.

    Args:
        pattern: From an option to its key of the catalog.
    """
    chosen = language()
    return lambda option: TEXTS[pattern.format(option)].text(chosen)


def count(key: str, number: int, **values: object) -> str:
    """Say how many; the catalog has `key` for many and `key`_one for one."""
    return say(f"{key}_one" if number == 1 else key, number=f"{number:,}", **values)


def percent(share: float, digits: int = 0) -> str:
    """Write a share of 1 as `text.percent` does, kept on one line."""
    return text.percent(share, digits).replace(" ", "\N{NO-BREAK SPACE}")


def sureness(share: float) -> str:
    """Write a probability as `text.sureness` does, kept on one line."""
    return text.sureness(share).replace(" ", "\N{NO-BREAK SPACE}")


def file_size(size: int) -> str:
    """Write a number of bytes as people read it."""
    kilobytes = size / 1024
    if kilobytes < 1:
        return f"{size} B"
    if kilobytes < 1000:
        return f"{kilobytes:.0f} KB"
    return f"{kilobytes / 1024:.1f} MB"


def plain(text: str) -> str:
    """Escape outside text, so that Markdown shows it as it stands."""
    return " ".join(text.split()).translate(_ESCAPES)


def spoken(text: str) -> str:
    """Reduce outside text to its words, for a label that is read out as it stands.

    A screen reader is told a checkbox's label with all its Markdown, escapes too.
    """
    return " ".join(text.translate(_SPACES).split())
