"""What is alive is left out of searches for garbage, and garbage is not kept so."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from xray.ui.memory import settle

APP = Path(__file__).parents[1] / "app.py"


class Node:
    """Refers to itself: only a search for garbage finds that nobody else does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_alive_is_not_searched_again() -> None:
    settle()
    searched = len(gc.get_objects())
    assert gc.get_freeze_count() > 10 * searched


def test_what_dies_later_goes_the_next_time() -> None:
    node = Node()
    seen = weakref.ref(node)
    settle()
    del node
    gc.collect()
    assert seen() is not None
    settle()
    assert seen() is None


def test_new_tab_lets_go_of_what_died_and_settles() -> None:
    node = Node()
    seen = weakref.ref(node)
    settle()
    del node
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert seen() is None
    assert gc.get_freeze_count() > 0
