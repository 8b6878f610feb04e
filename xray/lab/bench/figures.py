"""How fast this machine is: every row of the table, one after the other."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, cycle
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
from . import GROUPS
from .costs import dicom_rows, growth_rows, start_rows
from .speed import (
    against_bare,
    against_keras_vis,
    fast_rows,
    findings_rows,
    session_rows,
    unknown_rows,
)
from .turns import Measurement, to_png

FOLDER = 500  # files
UNKNOWN = 120  # files


def run_bench(
    films: Sequence[Path],
    labeled: Sequence[Film] = (),
    unknown: Sequence[Path] = (),
    only: Sequence[str] = GROUPS,
) -> Iterable[Measurement]:
    """Measure row by row.

    Args:
        films: A few radiographs; they stand for all files, as PNG.
        unknown: Radiographs that the networks have not learned from; without any,
            the same ones changed beyond what they know.
        labeled: Films to measure exactness on; that row is left out without them.
        only: Of `GROUPS`.
    """
    pngs = [to_png(read_image(path)) for path in films]
    others = [to_png(read_image(path)) for path in unknown] or _changed(films)
    classifier = Classifier.load(card="")
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(pngs, FOLDER, Path(folder))
        less = paths[:UNKNOWN]
        unknown_paths = _write(others, UNKNOWN, Path(folder), "u")
        groups: dict[str, Callable[[], Iterable[Measurement]]] = {
            "map": lambda: against_keras_vis(classifier, pngs),
            "folder": lambda: against_bare(classifier, paths, pngs),
            "unknown": lambda: unknown_rows(classifier, less, unknown_paths),
            "fast": lambda: chain(
                fast_rows(classifier, less, "known", 3),
                fast_rows(classifier, unknown_paths, "unknown", 6),
            ),
            "findings": lambda: findings_rows(classifier, less),
            "dicom": dicom_rows,
            "start": lambda: start_rows(paths[0]),
            "sessions": lambda: session_rows(classifier, pngs),
            "growth": lambda: growth_rows(classifier, paths),
            "exactness": lambda: _exactness(labeled) if labeled else (),
        }
        for name in GROUPS:
            if name in only:
                yield from groups[name]()


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
