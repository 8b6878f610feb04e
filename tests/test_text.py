import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.audit.parts import database
from xray.text import RUNS, guard, sureness, unguard

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@given(st.text(max_size=30))
def test_guard_can_be_undone(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("space", ["", " ", "\N{NO-BREAK SPACE}", " \t "])
@pytest.mark.parametrize("start", STARTS)
def test_nothing_begins_a_formula(start: str, space: str) -> None:
    assert guard(f"{space}{start}1+1").startswith("'")


def test_merged_tables_are_guarded_as_others_are() -> None:
    starts = [chr(code) for code in range(1, 0x3100) if chr(code).isspace()] + ["x", ""]
    cells = [f"{start}{sign}1+1" for start in starts for sign in (*STARTS, "a", "'")]
    with database() as (connection, _):
        rows = connection.execute(
            "SELECT regexp_matches(unnest(?), ?)", [cells, RUNS]
        ).fetchall()
    assert [found for (found,) in rows] == [guard(cell) != cell for cell in cells]


def test_white_space_is_all_that_python_knows() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    spaces = [char for char in every if char.isspace()]
    assert all(guard(f"{char}=1") != f"{char}=1" for char in spaces)
    assert guard("\N{ZERO WIDTH SPACE}=1")[0] != "'"


@pytest.mark.parametrize("text", ["", "film.png", "a=b", "1-2", " x"])
def test_other_text_stays(text: str) -> None:
    assert guard(text) == text


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.696, "69 %"),  # red: below 70 %
        (0.7, "70 %"),
        (0.899, "89 %"),  # orange: up to 90 %
        (0.29, "29 %"),  # in floating point a little less
        (0.996, "> 99 %"),
        (0.002, "< 1 %"),
        (1.0, "100 %"),
    ],
)
def test_probabilities_are_not_rounded_up_over_a_color(probability, shown) -> None:
    assert sureness(probability) == shown
