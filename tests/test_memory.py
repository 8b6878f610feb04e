"""What is alive is left out of searches for garbage, and garbage is not kept so."""

import gc
import subprocess
import sys
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


_FREED = """
import sys
import numpy as np
from pathlib import Path
from xray.ui.memory import keep_heap_small

if sys.argv[1] == "small":
    keep_heap_small()
large = np.ones(3_500_000)
del large  # glibc sees 28 MB freed
arrays = [np.ones(125_000) for _ in range(100)]
behind = np.ones(2_000)  # what the heap can't be cut before
arrays.clear()
print(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_pictures_go_back_to_the_system() -> None:
    kept, small = (
        int(
            subprocess.run(
                [sys.executable, "-c", _FREED, how],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for how in ("as it is", "small")
    )
    assert kept - small > 25_000_000
