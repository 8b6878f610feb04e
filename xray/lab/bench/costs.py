"""What reading, starting and growing folders cost in time and memory."""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

from ...classify.classifier import Classifier
from ...classify.pipeline import classify_all
from ...image import fit_square
from ...reading.reader import read_radiograph
from .dicom import big_dicom, decoding_memory
from .machine import PeakMemory, own_memory, peak_memory
from .turns import FEW_TURNS, TURNS, Measurement, take_turns, to_sources

FEW_FILES, MANY_FILES = 100, 10_000


def dicom_rows() -> Iterable[Measurement]:
    """Read and letterbox a large DICOM file, and the memory that takes."""
    data = big_dicom()
    found = take_turns(
        {"ours": lambda: fit_square(read_radiograph(data).pixels)}, TURNS
    )
    milliseconds = 1000 * found["ours"]
    yield Measurement(
        "one 3,000 × 2,500 16-bit DICOM: read and letterbox, ms",
        "≤ 60",
        round(milliseconds, 1),
        milliseconds <= 60,
        {},
    )
    times = decoding_memory()
    yield Measurement(
        "the same: memory in times its bytes", "≤ 8", round(times, 2), times <= 8, {}
    )


def start_rows(path: Path) -> Iterable[Measurement]:
    """Run the whole command on one file, and the memory that takes."""
    found = take_turns(
        {
            "xray predict": lambda: _run("-m", "xray", "predict", str(path)),
            "import tensorflow": lambda: _run("-c", "import tensorflow"),
        },
        FEW_TURNS,
    )
    ratio = found["xray predict"] / found["import tensorflow"]
    yield Measurement(
        "predict one.png from a cold start, against `import tensorflow`",
        "≤ 0.8",
        round(ratio, 3),
        ratio <= 0.8,
        {f"{name}, s": round(each, 2) for name, each in found.items()},
    )
    command = [sys.executable, "-m", "xray", "predict", str(path)]
    most = peak_memory(command) / 1e6
    yield Measurement(
        "peak memory of that command and its decoder, MB",
        "≤ 600",
        round(most),
        most <= 600,
        {},
    )


def growth_rows(classifier: Classifier, paths: Sequence[Path]) -> Iterable[Measurement]:
    """Classify some files, then many more."""
    few, many = paths[:FEW_FILES], list(islice(cycle(paths), MANY_FILES))
    found: dict[int, tuple[float, int]] = {}
    for files in (few, few, many):
        begun = time.perf_counter()
        with PeakMemory() as peak:
            for _ in classify_all(classifier, to_sources(files), top=0):
                pass
        found[len(files)] = time.perf_counter() - begun, peak.bytes
    (short, before), (long, after) = found[len(few)], found[len(many)]
    ratio = long / len(many) / (short / len(few))
    yield Measurement(
        f"time of a file among {len(many):,} against one among {len(few)}",
        "≤ 1.1",
        round(ratio, 3),
        ratio <= 1.1,
        {},
    )
    grown = (after - before) / 1e6
    yield Measurement(
        f"memory gained from {len(few)} to {len(many):,} files, MB",
        "≤ 30",
        round(grown, 1),
        grown <= 30,
        {"memory, MB": round(own_memory() / 1e6)},
    )


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
