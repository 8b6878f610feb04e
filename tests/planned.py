"""Small archives and stand-ins for the network, for tests of planned audits."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.archives import radiograph, write
from tests.predictions import explains, predicts
from xray.audit import chunks
from xray.audit.archive import open_archive
from xray.audit.compare import Classify, Options
from xray.audit.home import Home
from xray.audit.plan import Plan, make_plan, missing, read_plan
from xray.audit.table import Row
from xray.classify.pipeline import Outcome, Source
from xray.errors import XrayError
from xray.reading.radiograph import Facts, Radiograph

PARTS = ("Hand", "Knee", "Chest")
FATAL = "fatal"  # a file of this name ends the program that opens it


def make_archive(root: Path, films: int) -> Path:
    """Make small DICOM files, every third with another part in its header."""
    square = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    for number in range(films):
        shown = PARTS[number % 3]
        claimed = shown if number % 9 else "Skull"
        pixels = (square % 251).astype(np.uint8)
        film = radiograph(pixels, BodyPartExamined=claimed.upper())
        write(root / f"study{number % 7}" / f"{shown}_{number:04d}.dcm", film)
    return root


def plan_of(archive: Path, out: Path | Home, chunk_files: int = 10) -> Plan:
    """Plan an audit of a folder."""
    return make_plan(
        open_archive(str(archive)).walk(),
        out if isinstance(out, Home) else Home(out),
        Options(str(archive), "stand-in 1"),
        chunk_files,
    )


def run_chunk(home: Home, number: int, classify: Classify, **more: Any) -> None:
    """Make the part of one chunk, in this process."""
    chunks.run_chunk(home, read_plan(home.folder), number, classify, **more)


def run_missing(
    out: Path,
    numbers: Iterable[int],
    classify: Classify,
    each: Callable[[Row], object] = lambda _row: None,
) -> None:
    """Make the parts of chunks that are missing, in this process."""
    home, plan = Home(out), read_plan(out)
    for number in missing(home, plan, numbers):
        chunks.run_chunk(home, plan, number, classify, each=each)


def classify(sources: Iterable[Source]) -> Iterator[Outcome]:
    """Answer by a file's name."""
    for source in sources:
        if isinstance(source.data, XrayError):
            yield Outcome(source.name, error=source.data)
            continue
        if FATAL in source.name:
            os.kill(os.getpid(), signal.SIGKILL)
        part = Path(source.name).stem.removeprefix(".").split("_")[0]
        pixels = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
        radiograph_ = Radiograph(pixels, Facts("DICOM", 4096, 64, 64))
        yield Outcome(source.name, radiograph_, explains(predicts(part), 64, 64))


def classify_slowly(sources: Iterable[Source]) -> Iterator[Outcome]:
    """Answer by a file's name, a fiftieth of a second each."""
    for outcome in classify(sources):
        time.sleep(0.02)
        yield outcome


def load(*_: object) -> Classify:
    """Make the stand-in, as an actor does once."""
    return classify


def load_slow() -> Classify:
    """Make the slow stand-in."""
    return classify_slowly
