"""Thousands of uploads through one running app: `python -m tests.soak`.

A real server and a real browser. Every tenth file is bad. After each drop the page
must have answered every good file and explained every bad one; the memory of the
server, its decoding processes included, must stay bounded.
"""

import argparse
import io
import re
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, sync_playwright
from pydicom.uid import JPEG2000Lossless, RLELossless

from tests import hostile_files as hostile
from tests.browser.conftest import Tab, launch, serve
from tests.dicom_files import make_dicom
from tests.saying import say

FILMS = sorted((Path(__file__).parent / "films").glob("*.jpg"))
BAD_EVERY = 10
_MOST_GROWTH = 1.25  # memory at the end, compared with that after a third


def make_file(number: int) -> tuple[FilePayload, bool]:
    """Make an upload that no other equals, and say whether it can be read."""
    rng = np.random.default_rng(number)
    with Image.open(FILMS[number % len(FILMS)]) as picture:
        film = np.asarray(picture.convert("L"))
    noisy = np.clip(film + rng.normal(0, 2, film.shape), 0, 255).astype(np.uint8)
    good = number % BAD_EVERY != 0
    if good:
        data = _GOOD[number // 3 % len(_GOOD)](noisy)
    else:
        # A few bytes more, so that no two bad files are the same either.
        data = _BAD[number // BAD_EVERY % len(_BAD)](noisy) + rng.bytes(4)
    name = f"{number:05}.{'dcm' if good else 'bad'}"
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}, good


def _save(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


_GOOD = (
    lambda pixels: _save(pixels, "PNG"),
    lambda pixels: _save(pixels, "JPEG"),
    lambda pixels: make_dicom(pixels.astype(np.uint16) * 16, bits=12),
    lambda pixels: make_dicom(pixels, RLELossless),
    lambda pixels: make_dicom(pixels, JPEG2000Lossless),
)
_BAD = (
    lambda pixels: _save(pixels, "PNG")[:2000],
    lambda pixels: _save(pixels, "JPEG")[:2000],
    lambda pixels: make_dicom(pixels)[:3000],
    lambda _: hostile.nested_sequences(300),
    lambda pixels: make_dicom(pixels, Rows=65535, Columns=65535),
    lambda _: hostile.make_jpeg_of_size(65500, 65500),
    lambda _: hostile.many_elements(200_000),
    lambda _: b"%PDF-1.7 not a picture",
    lambda pixels: make_dicom(pixels, PixelData=None),
)


def memory_of_server() -> int:
    """Add up the memory of the app's processes, in bytes."""
    pages = 0
    for process in _descendants("self"):
        words = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"streamlit" in words or b"xray.reading.worker" in words:
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096


def _descendants(process: str) -> list[str]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [child, *_descendants(child)]
    return found


def soak(files: int, drop: int) -> bool:
    """Upload, drop by drop; say whether all counts add up and memory is bounded."""
    fine, memory = True, []
    answered = explained = 0
    start = time.monotonic()
    with serve() as address, sync_playwright() as running:
        browser = launch(running)
        tab = Tab(browser, address)
        page = tab.open()
        for first in range(1, files + 1, drop):
            made = [
                make_file(each)
                for each in range(first, min(files, first + drop - 1) + 1)
            ]
            good = sum(is_good for _, is_good in made)
            page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
                [payload for payload, _ in made]
            )
            shown, refused = _wait(tab, good, len(made) - good)
            answered, explained = answered + shown, explained + refused
            fine &= (shown, refused) == (good, len(made) - good)
            memory.append(memory_of_server())
            say(
                f"{first + len(made) - 1:6,} files, {time.monotonic() - start:5.0f} s: "
                f"{answered:,} answered, {explained:,} explained, "
                f"{memory[-1] / 2**20:,.0f} MiB"
            )
            page.get_by_role("button", name="Clear", exact=True).click()
            tab.settle()
        tab.close()
        browser.close()
    early = max(memory[: max(1, len(memory) // 3)])
    return fine and memory[-1] < _MOST_GROWTH * early


def _wait(tab: Tab, good: int, bad: int) -> tuple[int, int]:
    """Wait until the drop is worked through: radiographs shown, files refused."""
    found = (0, 0)
    until = time.monotonic() + 600
    while found != (good, bad) and time.monotonic() < until:
        tab.page.wait_for_timeout(500)
        text = tab.page.locator('[data-testid="stMain"]').inner_text()
        found = (
            _count(r"([\d,]+) radiographs?", text),
            _count(r"([\d,]+) files? could not be read", text),
        )
    return found


def _count(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where anything didn't add up."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--drop", type=int, default=100, help="files at a time")
    options = parser.parse_args(arguments)
    return int(not soak(options.files, options.drop))


if __name__ == "__main__":
    sys.exit(main())
