"""Colored words with icons: how sure an answer is, what the header says of it."""

from typing import Literal, cast

import streamlit as st

from ..history import Entry
from ..trust.confidence import Band
from .language import language, percent, say

_Color = Literal["green", "orange", "red", "gray"]


def band_badge(band: Band, text: str) -> None:
    """Show a text in a band's color, its icon before it."""
    st.badge(f"{band.icon} {text}", color=cast("_Color", band.color))


def confidence_badge(entry: Entry) -> None:
    """Show the confidence as number, word, icon and color.

    A rejected picture has no color: its best guess stands there instead.
    """
    words, band = language(), entry.band
    number = percent(entry.prediction.confidence)
    if entry.prediction.rejected is not None:
        guess = say("guess", part=entry.part.name(words))
        st.badge(f"{guess} · {number}", color="gray")
        return
    band_badge(band, f"{number} · {band.word(words)}")


def verdict_badge(entry: Entry) -> None:
    """Show what header and picture say together; nothing where there is no header."""
    if entry.verdict is not None:
        verdict = entry.verdict
        text = f"{verdict.icon} {verdict.word(language())}"
        st.badge(text, color=cast("_Color", verdict.color))
