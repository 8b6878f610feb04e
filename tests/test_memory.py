"""What is alive is left out of searches for garbage, and garbage is not kept so."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from xray.ui.memory import settle


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
