"""The drawn cards of one session: found again, let go of, and forgotten."""

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from tests.predictions import explains, predicts
from xray.reading.radiograph import Facts
from xray.ui.history import Entry
from xray.ui.pictures import DrawnPictures, MapStyle, compress
from xray.ui.session import Session

STYLE = MapStyle()


def make_entry(key: str = "a") -> Entry:
    explanation = explains(predicts("Hand"), 30, 20)
    thumbnail = compress(np.full((30, 20), 0.5, np.float32))
    time = datetime(2026, 1, 2, tzinfo=UTC)
    return Entry(key, "film.png", time, Facts("PNG", 9, 20, 30), explanation, thumbnail)


def seen_before(key: str) -> Entry:
    """Make an entry that can't be drawn any more, unless it is still unpacked."""
    return replace(make_entry(key), thumbnail=b"")


def test_card_is_drawn_once_for_each_style_and_unpacked_once() -> None:
    cards, entry = DrawnPictures(), make_entry()
    bare = cards.card(entry, None)
    mapped = cards.card(seen_before("a"), STYLE)
    assert bare.startswith("data:image/jpeg;base64,")
    assert bare != mapped
    assert cards.card(entry, None) is bare
    assert cards.card(entry, STYLE) is mapped


def test_only_the_latest_films_stay_unpacked() -> None:
    cards = DrawnPictures(cards=1, layers=2)
    for key in "abc":
        cards.card(make_entry(key), None)
    cards.card(seen_before("b"), None)
    with pytest.raises(cv2.error):
        cards.card(seen_before("a"), None)


def test_deleted_films_leave_no_drawn_picture() -> None:
    tab = Session()
    for key in "ab":
        tab.pictures.card(make_entry(key), STYLE)
    tab.pictures.forget("a")
    tab.pictures.card(seen_before("b"), STYLE)
    with pytest.raises(cv2.error):
        tab.pictures.card(seen_before("a"), STYLE)
    tab.forget_all()
    with pytest.raises(cv2.error):
        tab.pictures.card(seen_before("b"), STYLE)


def test_large_picture_is_unpacked_once_for_any_number_of_redraws() -> None:
    pictures, first = DrawnPictures(), make_entry().thumbnail
    second = compress(np.full((40, 20), 0.5, np.float32))
    unpacked = pictures.large(first)
    assert pictures.large(first) is unpacked
    pictures.large(second)
    again = pictures.large(first)
    assert again is not unpacked  # one at a time is kept: they are large
    pictures.forget("a")
    assert pictures.large(first) is not again
