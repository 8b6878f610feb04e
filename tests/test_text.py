import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.text import guard, unguard

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@given(st.text(max_size=30))
def test_guard_can_be_undone(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("space", ["", " ", "\N{NO-BREAK SPACE}", " \t "])
@pytest.mark.parametrize("start", STARTS)
def test_nothing_begins_a_formula(start: str, space: str) -> None:
    assert guard(f"{space}{start}1+1").startswith("'")


@pytest.mark.parametrize("text", ["", "film.png", "a=b", "1-2", " x"])
def test_other_text_stays(text: str) -> None:
    assert guard(text) == text
