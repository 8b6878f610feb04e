"""What reading, starting and growing folders cost in time and memory."""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

from ...classify.classifier import Classifier
from ...image import fit_square
from ...reading.reader import read_radiograph
from .dicom import big_dicom, decoding_memory
from .machine import PeakMemory, own_memory, peak_memory
from .turns import FEW_TURNS, TURNS, Measurement, at_most, predict_files, take_turns

FEW_FILES, MANY_FILES = 100, 10_000


def dicom_rows() -> Iterable[Measurement]:
    """Read and letterbox a large DICOM file, and the memory that takes."""
    data = big_dicom()
    found = take_turns(
        {"ours": lambda: fit_square(read_radiograph(data).pixels)}, TURNS
    )
    what = "one 3,000 × 2,500 16-bit DICOM: read and letterbox, ms"
    yield at_most(what, 60, 1000 * found["ours"], 1)
    yield at_most("the same: memory in times its bytes", 8, decoding_memory(), 2)


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
    what = "predict one.png from a cold start, against `import tensorflow`"
    seconds = {f"{name}, s": round(each, 2) for name, each in found.items()}
    yield at_most(what, 0.8, ratio, 3, **seconds)
    command = [sys.executable, "-m", "xray", "predict", str(path)]
    what = "peak memory of that command and its decoder, MB"
    yield at_most(what, 600, peak_memory(command) / 1e6, 0)


def growth_rows(classifier: Classifier, paths: Sequence[Path]) -> Iterable[Measurement]:
    """Classify some files, then many more."""
    few, many = paths[:FEW_FILES], list(islice(cycle(paths), MANY_FILES))
    found: dict[int, tuple[float, int]] = {}
    for files in (few, few, many):
        begun = time.perf_counter()
        with PeakMemory() as peak:
            for _ in predict_files(classifier, files):
                pass
        found[len(files)] = time.perf_counter() - begun, peak.bytes
    (short, before), (long, after) = found[len(few)], found[len(many)]
    what = f"time of a file among {len(many):,} against one among {len(few)}"
    yield at_most(what, 1.1, long / len(many) / (short / len(few)), 3)
    what = f"memory gained from {len(few)} to {len(many):,} files, MB"
    memory = {"memory, MB": round(own_memory() / 1e6)}
    yield at_most(what, 30, (after - before) / 1e6, 1, **memory)


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
