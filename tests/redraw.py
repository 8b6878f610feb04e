"""What a move of a slider costs with 24 cards on the page: `python -m tests.redraw`.

A real server and a real browser. Several checkouts take turns, move by move, so that
a busy machine is as busy for each: `python -m tests.redraw . ../before`.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, expect, sync_playwright

from tests.browser.conftest import ROOT, Tab, launch, serve
from tests.saying import say
from tests.timed_streamlit import LOG
from xray.lab.training.dataset import IMAGE_SUFFIXES

CARDS = 24
_CONTROL = "Opacity of the maps"
_STEPS = 20  # of this slider


class Page:
    """One checkout's page with 24 cards, and what its redraws cost.

    Args:
        tab: Open on the checkout's server.
        log: Where the server writes what each run of its script costs.
    """

    def __init__(self, tab: Tab, log: Path, films: list[FilePayload]) -> None:
        self._tab, self._log = tab, log
        page = tab.open()
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(films)
        cards = page.locator('[class*="st-key-cards"] img')
        expect(cards).to_have_count(len(films))
        tab.settle()
        self._slider = page.get_by_role("slider", name=_CONTROL)
        self._slider.focus()

    def move(self, key: str) -> dict[str, float]:
        """Press a key on the slider: what the redraw cost."""
        seen = len(self._costs())
        self._slider.press(key)
        while len(self._costs()) == seen:
            self._tab.page.wait_for_timeout(100)
        self._tab.settle()
        return self._costs()[seen]

    def _costs(self) -> list[dict[str, float]]:
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def opened(
    browser: Browser, root: Path, films: list[FilePayload], folder: Path
) -> Iterator[Page]:
    """Serve a checkout and fill its page."""
    log = folder / f"{len(list(folder.iterdir()))}.jsonl"
    log.touch()
    timed = ROOT / "tests" / "timed_streamlit.py"
    with serve(
        root, (sys.executable, str(timed), "run", "app.py"), {LOG: str(log)}
    ) as address:
        tab = Tab(browser, address)
        yield Page(tab, log, films)
        tab.close()


def choose(folder: Path) -> list[FilePayload]:
    """Take 24 films from all over a folder; where it holds fewer, some again."""
    files = sorted(each for each in folder.rglob("*") if each.suffix in IMAGE_SUFFIXES)
    step = max(1, len(files) // CARDS)
    return [
        {
            "name": f"{number}-{each.name}",
            "mimeType": "image/jpeg",
            # A byte behind the picture: the same file twice would be one card.
            "buffer": each.read_bytes() + bytes([number]),
        }
        for number, each in enumerate(islice(cycle(files[::step]), CARDS))
    ]


def measure(roots: list[Path], films: list[FilePayload]) -> None:
    """Move the sliders of all checkouts in turn, and say the medians."""
    with ExitStack() as stack:
        running = stack.enter_context(sync_playwright())
        browser = launch(running)
        stack.callback(browser.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pages = [
            stack.enter_context(opened(browser, root, films, folder)) for root in roots
        ]
        sweep = ["ArrowRight"] * (_STEPS - 1)  # maps of a new opacity at each
        turns = ["ArrowLeft", "ArrowRight"] * 8  # the same two again and again
        for name, keys in (("pictures drawn anew", sweep), ("as they were", turns)):
            for page in pages:
                page.move("Home" if keys is sweep else "ArrowRight")
            costs = [[page.move(key) for page in pages] for key in keys]
            for number, root in enumerate(roots):
                say(f"{root}, {name}: {_medians([cost[number] for cost in costs])}")
    say(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _medians(costs: list[dict[str, float]]) -> str:
    names = {
        "messages": "messages",
        "script_ms": "ms processor of the script",
        "server_ms": "ms of the whole server",
        "wall_ms": "ms wall",
    }
    middle = {key: statistics.median(each[key] for each in costs) for key in names}
    least = min(each["wall_ms"] for each in costs)
    words = [f"{middle[key]:.0f} {name}" for key, name in names.items()]
    return f"{', '.join(words)} (at least {least:.0f}), {len(costs)} moves"


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.redraw", description=__doc__)
    parser.add_argument("roots", nargs="*", type=Path, default=[ROOT])
    parser.add_argument("--films", type=Path, default=ROOT / "tests" / "films")
    options = parser.parse_args(arguments)
    measure(options.roots, choose(options.films))


if __name__ == "__main__":
    main()
