"""The drawn cards of one session: found again, let go of, and forgotten."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.predictions import explains, predicts
from xray.reading.radiograph import Facts
from xray.ui import pictures as pictures_module
from xray.ui.history import Entry
from xray.ui.pictures import DrawnPictures, MapStyle, compress
from xray.ui.session import Session

STYLE = MapStyle()


def make_entry(key: str = "a") -> Entry:
    explanation = explains(predicts("Hand"), 30, 20)
    thumbnail = compress(np.full((30, 20), 0.5, np.float32))
    time = datetime(2026, 1, 2, tzinfo=UTC)
    return Entry(key, "film.png", time, Facts("PNG", 9, 20, 30), explanation, thumbnail)


@pytest.fixture
def unpacked(monkeypatch) -> list[bytes]:
    """Thumbnails that were unpacked, in order."""
    found: list[bytes] = []
    real = pictures_module.decompress

    def counting(data: bytes, side: int | None = None):
        found.append(data)
        return real(data, side)

    monkeypatch.setattr(pictures_module, "decompress", counting)
    return found


def test_card_is_drawn_once_for_each_style_and_unpacked_once(unpacked) -> None:
    cards, entry = DrawnPictures(), make_entry()
    bare, mapped = cards.card(entry, None), cards.card(entry, STYLE)
    assert bare.startswith("data:image/jpeg;base64,")
    assert bare != mapped
    assert cards.card(entry, None) is bare
    assert cards.card(entry, STYLE) is mapped
    assert len(unpacked) == 1


def test_only_the_latest_films_stay_unpacked(unpacked) -> None:
    cards = DrawnPictures(cards=1, layers=2)
    for key in "abcb":
        cards.card(make_entry(key), None)
    assert len(unpacked) == 3  # b was still there
    cards.card(make_entry("a"), None)
    assert len(unpacked) == 4


def test_deleted_films_leave_no_drawn_picture(unpacked) -> None:
    tab = Session()
    for key in "ab":
        tab.pictures.card(make_entry(key), STYLE)
    tab.pictures.forget("a")
    tab.pictures.card(make_entry("b"), STYLE)
    assert len(unpacked) == 2
    tab.pictures.card(make_entry("a"), STYLE)
    assert len(unpacked) == 3
    tab.forget_all()
    tab.pictures.card(make_entry("b"), STYLE)
    assert len(unpacked) == 4


def test_large_picture_is_unpacked_once_for_any_number_of_redraws(unpacked) -> None:
    pictures, first = DrawnPictures(), make_entry().thumbnail
    second = compress(np.full((40, 20), 0.5, np.float32))
    assert pictures.large(first) is pictures.large(first)
    assert len(unpacked) == 1
    pictures.large(second)
    pictures.large(first)
    assert len(unpacked) == 3  # one at a time is kept: they are large
    pictures.forget("a")
    pictures.large(first)
    assert len(unpacked) == 4
