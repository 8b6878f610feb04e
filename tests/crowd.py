"""Eight people at once on one running app: `python -m tests.crowd`.

A real server and a real browser. One tab alone uploads its films and waits until all
are answered, then eight tabs do so at the same time, in turns. Printed are the pictures
a second of all eight against one, and how much longer the slowest tab waited.
"""

import argparse
import io
import os
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, sync_playwright

from tests.browser.conftest import ROOT, Tab, launch, serve
from tests.saying import say
from xray.lab.training.dataset import IMAGE_SUFFIXES

TABS = 8
FILMS = 32  # of each tab
MOST_SECONDS = 600  # for all tabs of a turn
LEAST_RATIO, MOST_TIMES_ALONE = 0.9, 10
# Each tab notes by itself when all is answered (milliseconds since 1970): to be asked
# many times a second cost the eight browsers a tenth of the two processors.
_WATCH = """words => {
  const app = document.querySelector('[data-testid="stApp"]');
  let answered = null;
  window.xrayAnswered = () => {
    const idle = app.getAttribute("data-test-script-state") === "notRunning";
    const main = document.querySelector('[data-testid="stMain"]');
    if (idle && main.innerText.includes(words)) answered ??= Date.now();
    return answered;
  };
  const states = { attributeFilter: ["data-test-script-state"] };
  new MutationObserver(window.xrayAnswered).observe(app, states);
}"""


def read_films(folder: Path) -> list[bytes]:
    """Read the films of a folder as PNG files."""
    paths = sorted(each for each in folder.rglob("*") if each.suffix in IMAGE_SUFFIXES)
    return [_as_png(path) for path in paths]


def _as_png(path: Path) -> bytes:
    file = io.BytesIO()
    with Image.open(path) as picture:
        picture.save(file, "PNG")
    return file.getvalue()


def make_drop(films: Sequence[bytes], count: int, drop: int) -> list[FilePayload]:
    """Take films for one upload; a few bytes behind each make it a file of its own."""
    return [
        {
            "name": f"{drop:03}-{number:03}.png",
            "mimeType": "image/png",
            "buffer": data + drop.to_bytes(2) + number.to_bytes(2),
        }
        for number, data in enumerate(islice(cycle(films), count))
    ]


def upload(
    browser: Browser, address: str, drops: Sequence[list[FilePayload]]
) -> list[float]:
    """Upload a drop in each of as many tabs: the seconds until each was answered."""
    tabs = [Tab(browser, address) for _ in drops]
    for tab, drop in zip(tabs, drops, strict=True):
        tab.open()
        tab.page.evaluate(_WATCH, f"{len(drop)} radiographs")
    begun = time.time()
    for tab, drop in zip(tabs, drops, strict=True):
        dropzone = tab.page.get_by_test_id("stFileUploaderDropzoneInput")
        dropzone.set_input_files(drop)
    waiting = list(tabs)
    seconds = []
    while waiting:
        for tab in list(waiting):
            if (answered := tab.page.evaluate("xrayAnswered()")) is not None:
                seconds.append(answered / 1000 - begun)
                waiting.remove(tab)
        if time.time() - begun > MOST_SECONDS:
            raise TimeoutError(f"Expected all answers within {MOST_SECONDS} s.")
        time.sleep(1)
    for tab in tabs:
        tab.close()
    return seconds


def measure(films: Sequence[bytes], count: int, turns: int) -> bool:
    """Let one tab and eight take turns; say whether the targets are met."""
    alone: list[float] = []
    together: list[float] = []
    slowest: list[float] = []
    drop = 0
    with serve() as address, sync_playwright() as running:
        browser = launch(running)
        upload(browser, address, [make_drop(films, 4, drop)])  # starts the decoders
        for _ in range(turns):
            for tabs in (1, TABS):
                drops = [make_drop(films, count, drop + 1 + tab) for tab in range(tabs)]
                drop += tabs
                seconds = upload(browser, address, drops)
                (alone if tabs == 1 else together).append(max(seconds))
            slowest.append(together[-1] / alone[-1])
            say(f"alone {alone[-1]:.1f} s, {TABS} tabs {together[-1]:.1f} s")
        browser.close()
    ratio = TABS * statistics.median(alone) / statistics.median(together)
    worst = statistics.median(slowest)
    say(
        f"{TABS} tabs of {count} films: {ratio:.2f} of one tab's pictures/s (at least "
        f"{LEAST_RATIO}), the slowest {worst:.1f} times as long as alone (at most "
        f"{MOST_TIMES_ALONE}); load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    )
    return ratio >= LEAST_RATIO and worst <= MOST_TIMES_ALONE


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.crowd", description=__doc__)
    parser.add_argument("--films", type=Path, default=ROOT / "tests" / "films")
    parser.add_argument("--count", type=int, default=FILMS, help="films of a tab")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args(arguments)
    return int(not measure(read_films(options.films), options.count, options.turns))


if __name__ == "__main__":
    sys.exit(main())
