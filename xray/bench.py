"""How fast this machine is: ours against the common ways, in one run.

Contenders take turns within a row, and the median of several turns counts: other
work on the machine then slows all of them, and ratios stay what they are.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from threading import Thread

import cv2
import numpy as np

from .agreement import compare
from .bench_dicom import big_dicom, decoding_memory
from .bench_machine import PeakMemory, own_memory, peak_memory
from .bench_rivals import keras_vis, onnx_runtime
from .card import choose_weights, read_card
from .classifier import Classifier
from .dataset import Film
from .engine import OpenVinoEngine, TensorFlowEngine
from .image import GrayImage, fit_square, stretch_contrast
from .pipeline import Source, classify_all
from .reading import read_image, read_radiograph
from .tail import Tail
from .threads import in_order
from .weights import DEFAULT_WEIGHTS, read_weights

MANY = 64
FOLDER = 500
BARE = 96  # pictures a turn of what runs the network alone
SESSIONS = 8
SESSION = 32  # pictures of each
FEW_FILES, MANY_FILES = 100, 2000
TURNS = 5
FEW_TURNS = 3  # of what takes long


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    value: float | None  # None: could not be measured here
    met: bool | None
    details: dict[str, float | str]


def run_bench(films: Sequence[Path], labeled: Sequence[Film] = ()) -> Iterable[Row]:
    """Measure everything, row by row.

    Args:
        films: A few radiographs; they stand for all files, as PNG.
        labeled: Films to measure exactness on; that row is left out without them.
    """
    pngs = [_png(read_image(path)) for path in films]
    classifier = Classifier.load()
    yield from _against_keras_vis(classifier, pngs)
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(pngs, FOLDER, Path(folder))
        yield from _against_bare(classifier, paths, pngs)
        yield _dicom_time()
        yield _dicom_memory()
        yield _cold_start(paths[0])
        yield _cold_memory(paths[0])
        yield _sessions(classifier, pngs)
        yield from _growth(classifier, paths)
    if labeled:
        yield from _exactness(labeled)


def take_turns(
    contenders: dict[str, Callable[[], object]], turns: int = TURNS
) -> dict[str, float]:
    """Median seconds of each contender, each turn running all of them once."""
    for contender in contenders.values():
        contender()  # whatever is compiled or opened on first use
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, contender in contenders.items():
            begun = time.perf_counter()
            contender()
            seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) for name, each in seconds.items()}


def _against_keras_vis(classifier: Classifier, pngs: Sequence[bytes]) -> Iterable[Row]:
    alone = "one picture, PNG bytes to prediction and map, against tf-keras-vis"
    many = f"{MANY} pictures, against tf-keras-vis in batches of 8"
    try:
        rival = keras_vis(read_weights(DEFAULT_WEIGHTS))
    except ImportError:
        yield _missing(alone, "≥ 25×", "tf-keras-vis")
        yield _missing(many, "≥ 15×", "tf-keras-vis")
        return
    found = take_turns(
        {
            "ours": lambda: classifier.explain(pngs[0]),
            "tf-keras-vis": lambda: rival(pngs[:1]),
        }
    )
    yield _faster(alone, 25, found["tf-keras-vis"], found["ours"], 1)
    files = list(islice(cycle(pngs), MANY))
    sources = [Source(str(number), data) for number, data in enumerate(files)]
    found = take_turns(
        {
            "ours": lambda: list(classify_all(classifier, sources)),
            "tf-keras-vis": lambda: rival(files),
        },
        FEW_TURNS,
    )
    yield _faster(many, 15, found["tf-keras-vis"], found["ours"], MANY)


def _against_bare(
    classifier: Classifier, paths: Sequence[Path], pngs: Sequence[bytes]
) -> Iterable[Row]:
    what = f"{FOLDER} PNG files, prediction of each, "
    bare = f"{what}pictures/s against the bare compiled trunk"
    onnx = f"{what}against ONNX Runtime float32's bare forward"
    squares = np.stack(
        [_square(read_radiograph(data).pixels) for data in islice(cycle(pngs), BARE)]
    )
    activations = classifier.engine.activations
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: [*classify_all(classifier, _sources(paths), top=0)],
        "trunk alone": lambda: [activations(each[None]) for each in squares],
        "trunk in batches": lambda: [
            activations(squares[start : start + 8]) for start in range(0, BARE, 8)
        ],
        "trunk from threads": lambda: [
            *in_order(lambda each: activations(each[None], busy=True).shape, squares)
        ],
    }
    rival = "ONNX Runtime"
    try:
        forward = onnx_runtime(read_weights(DEFAULT_WEIGHTS))
    except ImportError:
        missing = True
    else:
        missing = False
        three = np.repeat(squares[:, None, None], 3, axis=2)
        contenders[rival] = lambda: [forward(each) for each in three]
    found = take_turns(contenders, FEW_TURNS)
    speeds = {name: BARE / seconds for name, seconds in found.items()}
    speeds["ours"] = len(paths) / found["ours"]
    best = max(speed for name, speed in speeds.items() if name.startswith("trunk"))
    ratio = speeds["ours"] / best
    details: dict[str, float | str] = {
        f"{name}, pictures/s": round(speed, 1) for name, speed in speeds.items()
    }
    yield Row(bare, "≥ 0.85", round(ratio, 3), ratio >= 0.85, details)
    if missing:
        yield _missing(onnx, "≥ 2×", rival)
        return
    yield _faster(onnx, 2, 1 / speeds[rival], 1 / speeds["ours"], 1)


def _dicom_time() -> Row:
    data = big_dicom()
    found = take_turns({"ours": lambda: fit_square(read_radiograph(data).pixels)}, 9)
    milliseconds = 1000 * found["ours"]
    return Row(
        "one 3,000 × 2,500 16-bit DICOM: read and letterbox, ms",
        "≤ 60",
        round(milliseconds, 1),
        milliseconds <= 60,
        {},
    )


def _dicom_memory() -> Row:
    times = decoding_memory()
    return Row(
        "the same: memory in times its bytes", "≤ 8", round(times, 2), times <= 8, {}
    )


def _cold_start(path: Path) -> Row:
    found = take_turns(
        {
            "xray predict": lambda: _run("-m", "xray", "predict", str(path)),
            "import tensorflow": lambda: _run("-c", "import tensorflow"),
        },
        FEW_TURNS,
    )
    ratio = found["xray predict"] / found["import tensorflow"]
    return Row(
        "predict one.png from a cold start, against `import tensorflow`",
        "≤ 0.8",
        round(ratio, 3),
        ratio <= 0.8,
        {f"{name}, s": round(each, 2) for name, each in found.items()},
    )


def _cold_memory(path: Path) -> Row:
    command = [sys.executable, "-m", "xray", "predict", str(path)]
    most = peak_memory(command) / 1e6
    return Row(
        "peak memory of that command and its decoder, MB",
        "≤ 600",
        round(most),
        most <= 600,
        {},
    )


def _sessions(classifier: Classifier, pngs: Sequence[bytes]) -> Row:
    """Run as many users at once as a small server has."""
    files = list(islice(cycle(pngs), SESSION))
    ends: list[float] = []

    def session() -> None:
        begun = time.perf_counter()
        sources = [Source(str(number), data) for number, data in enumerate(files)]
        list(classify_all(classifier, sources))
        ends.append(time.perf_counter() - begun)

    def together() -> None:
        threads = [Thread(target=session) for _ in range(SESSIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = take_turns({"alone": session, "together": together}, FEW_TURNS)
    ratio = SESSIONS * found["alone"] / found["together"]
    slowest = max(ends) / found["alone"]
    return Row(
        f"{SESSIONS} sessions at once: pictures/s against one",
        "≥ 0.9, none 10× slower",
        round(ratio, 3),
        ratio >= 0.9 and slowest <= 10,
        {"slowest session, times alone": round(slowest, 2)},
    )


def _growth(classifier: Classifier, paths: Sequence[Path]) -> Iterable[Row]:
    """Classify some files, then many more."""
    few, many = paths[:FEW_FILES], list(islice(cycle(paths), MANY_FILES))
    found: dict[int, tuple[float, int]] = {}
    for files in (few, few, many):
        begun = time.perf_counter()
        with PeakMemory() as peak:
            for _ in classify_all(classifier, _sources(files), top=0):
                pass
        found[len(files)] = time.perf_counter() - begun, peak.bytes
    (short, before), (long, after) = found[len(few)], found[len(many)]
    ratio = long / len(many) / (short / len(few))
    yield Row(
        f"time of a file among {len(many):,} against one among {len(few)}",
        "≤ 1.1",
        round(ratio, 3),
        ratio <= 1.1,
        {},
    )
    grown = (after - before) / 1e6
    yield Row(
        f"memory gained from {len(few)} to {len(many):,} files, MB",
        "≤ 30",
        round(grown, 1),
        grown <= 30,
        {"memory, MB": round(own_memory() / 1e6)},
    )


def _exactness(films: Sequence[Film]) -> Iterable[Row]:
    """Compare each compiled variant with Keras in float32."""
    card = read_card(DEFAULT_WEIGHTS)
    arrays = read_weights(DEFAULT_WEIGHTS)
    keras = Classifier(TensorFlowEngine(arrays), Tail(arrays), card)
    pictures = [read_image(film.path) for film in films]
    targets = [film.targets for film in films]
    for path in dict.fromkeys((DEFAULT_WEIGHTS, choose_weights())):
        light = path != DEFAULT_WEIGHTS
        ours = read_weights(path)
        tested = Classifier(OpenVinoEngine(ours), Tail(ours), card)
        found = compare(tested, keras, pictures, targets)
        least = 0.99 if light else 0.995
        yield Row(
            f"exactness of {path.name} against Keras float32, top-1 agreement",
            f"≥ {least}",
            round(found.same_answer, 4),
            found.same_answer >= least
            and found.probability_difference <= 0.02
            and found.map_correlation >= 0.98,
            dict(found.to_json()),
        )


def _faster(what: str, least: float, theirs: float, ours: float, pictures: int) -> Row:
    ratio = theirs / ours
    return Row(
        what,
        f"≥ {least:g}×",
        round(ratio, 1),
        ratio >= least,
        {
            "ours, ms a picture": round(1000 * ours / pictures, 1),
            "theirs, ms a picture": round(1000 * theirs / pictures, 1),
        },
    )


def _missing(what: str, target: str, package: str) -> Row:
    return Row(what, target, None, None, {"left out": f"{package} is not installed"})


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True)


def _png(pixels: GrayImage) -> bytes:
    return cv2.imencode(".png", np.rint(pixels * 255).astype(np.uint8))[1].tobytes()


def _write(pngs: Sequence[bytes], count: int, folder: Path) -> list[Path]:
    paths = [folder / f"{number:04}.png" for number in range(count)]
    for path, data in zip(paths, cycle(pngs), strict=False):
        path.write_bytes(data)
    return paths


def _sources(paths: Iterable[Path]) -> Iterable[Source]:
    return (Source(path.name, path) for path in paths)


def _square(pixels: GrayImage) -> GrayImage:
    return stretch_contrast(fit_square(pixels)) * 2 - 1
