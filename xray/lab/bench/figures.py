"""How fast this machine is: every row of the table, one after the other."""

import tempfile
from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path

from ...classify.classifier import Classifier
from ...network.card import read_card
from ...network.densenet.tail import Tail
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import DEFAULT_WEIGHTS, read_weights
from ...reading.reader import read_image
from ..evaluation.changes import border, crop, invert, metal
from ..reference import TensorFlowEngine
from ..training.agreement import compare
from ..training.dataset import Film
from .costs import cold_memory, cold_start, dicom_memory, dicom_time, growth_rows
from .speed import against_bare, against_keras_vis, fast_row, session_row, unknown_row
from .turns import Measurement, to_png

FOLDER = 500  # files
UNKNOWN = 120  # files


def run_bench(
    films: Sequence[Path],
    labeled: Sequence[Film] = (),
    unknown: Sequence[Path] = (),
) -> Iterable[Measurement]:
    """Measure everything, row by row.

    Args:
        films: A few radiographs; they stand for all files, as PNG.
        unknown: Radiographs that the networks have not learned from; without any,
            the same ones changed beyond what they know.
        labeled: Films to measure exactness on; that row is left out without them.
    """
    pngs = [to_png(read_image(path)) for path in films]
    others = [to_png(read_image(path)) for path in unknown] or _changed(films)
    classifier = Classifier.load(card="")
    yield from against_keras_vis(classifier, pngs)
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(pngs, FOLDER, Path(folder))
        yield from against_bare(classifier, paths, pngs)
        less = paths[:UNKNOWN]
        unknown_paths = _write(others, UNKNOWN, Path(folder), "u")
        yield unknown_row(classifier, less, unknown_paths)
        yield fast_row(classifier, less, "known", 3)
        yield fast_row(classifier, unknown_paths, "unknown", 6)
        yield dicom_time()
        yield dicom_memory()
        yield cold_start(paths[0])
        yield cold_memory(paths[0])
        yield session_row(classifier, pngs)
        yield from growth_rows(classifier, paths)
    if labeled:
        yield from _exactness(labeled)


def _exactness(films: Sequence[Film]) -> Iterable[Measurement]:
    """Compare what is compiled with Keras in float32."""
    card = read_card(DEFAULT_WEIGHTS)
    arrays = read_weights(DEFAULT_WEIGHTS)
    keras = Classifier(TensorFlowEngine(arrays), Tail(arrays), card)
    pictures = [read_image(film.path) for film in films]
    targets = [film.targets for film in films]
    engines = {
        "float32": (OpenVinoEngine(arrays, exact=True), 0.995),
        "8 bits, as served": (OpenVinoEngine(arrays), 0.99),
    }
    for name, (engine, least) in engines.items():
        tested = Classifier(engine, Tail(arrays), card)
        found = compare(tested, keras, pictures, targets)
        yield Measurement(
            f"exactness in {name}, against Keras float32, top-1 agreement",
            f"≥ {least}",
            round(found.same_answer, 4),
            found.same_answer >= least
            and found.probability_difference <= 0.02
            and found.map_correlation >= 0.98,
            dict(found.to_json()),
        )


def _changed(films: Sequence[Path]) -> list[bytes]:
    """Lay metal, borders and negatives over films, each cut to its middle."""
    ways = (metal, border, invert)
    pictures = [crop(read_image(path)) for path in films]
    return [to_png(way(picture)) for way in ways for picture in pictures]


def _write(
    pngs: Sequence[bytes], count: int, folder: Path, name: str = ""
) -> list[Path]:
    paths = [folder / f"{name}{number:04}.png" for number in range(count)]
    for path, data in zip(paths, cycle(pngs), strict=False):
        path.write_bytes(data)
    return paths
