"""A moment of work between two drawings of the page, with a progress bar."""

import time
from collections.abc import Callable

from streamlit.delta_generator import DeltaGenerator

# The page is drawn anew after so many seconds of work, so many times the seconds that
# drawing took, and with so many times the results: browsers draw longer than servers.
_REDRAW, _TIMES_DRAWING, _TIMES_SHOWN = 2.0, 4, 4
_BAR = 0.2  # seconds between two steps of the progress bar


def spend(
    place: DeltaGenerator,
    drawing: float,
    *,
    step: Callable[[], bool],
    done: Callable[[], int],
    progress: Callable[[], tuple[float, str]],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Work until the page is worth drawing anew, or until nothing is left.

    That is first after two seconds, then with four times as many results.

    Args:
        place: For the progress bar.
        drawing: Seconds that the page has just taken to draw.
        step: Waits for a result and keeps it; False where there is none to come.
        done: Counts the results.
        progress: Share that is done, [0, 1], and what to say beside the bar.
        clock: Tells the seconds.
    """
    stepped = clock()
    until = stepped + max(_REDRAW, _TIMES_DRAWING * drawing)
    enough = max(1, _TIMES_SHOWN * done())
    bar = place.progress(*progress())
    while step():
        now = clock()
        if now >= until and done() >= enough:
            break
        if now >= stepped + _BAR:
            bar.progress(*progress())
            stepped = now
    # Drawing lets a click in. None may wait when this ends: the rerun that follows
    # would put the page it runs for in the place of the page that was clicked.
    bar.progress(*progress())
