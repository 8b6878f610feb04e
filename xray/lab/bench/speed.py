"""How many pictures a second: against tf-keras-vis, ONNX Runtime, the bare trunk."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path
from threading import Thread

import numpy as np

from ...classify.classifier import Classifier
from ...classify.pipeline import Source, classify_all
from ...network.weights import DEFAULT_WEIGHTS, read_weights
from ...reading.reader import read_radiograph
from ...threads import in_order
from .rivals import keras_vis, onnx_runtime
from .turns import (
    FEW_TURNS,
    Measurement,
    at_least,
    at_most,
    faster_row,
    missing_row,
    predict_files,
    take_turns,
    to_channel,
)

MANY = 64
BARE = 96  # pictures a turn of what runs the network alone
SESSIONS = 8
SESSION = 32  # pictures of each


def against_keras_vis(
    classifier: Classifier, pngs: Sequence[bytes]
) -> Iterable[Measurement]:
    """Prediction and map from PNG bytes, alone and many."""
    alone = "one picture, PNG bytes to prediction and map, against tf-keras-vis"
    many = f"{MANY} pictures, against tf-keras-vis in batches of 8"
    try:
        rival = keras_vis(read_weights(DEFAULT_WEIGHTS))
    except ImportError:
        yield missing_row(alone, "≥ 25×", "tf-keras-vis")
        yield missing_row(many, "≥ 15×", "tf-keras-vis")
        return
    found = take_turns(
        {
            "ours": lambda: classifier.explain(pngs[0]),
            "tf-keras-vis": lambda: rival(pngs[:1]),
        }
    )
    yield faster_row(alone, 25, found["tf-keras-vis"], found["ours"], 1)
    files = list(islice(cycle(pngs), MANY))
    sources = [Source(str(number), data) for number, data in enumerate(files)]
    found = take_turns(
        {
            "ours": lambda: list(classify_all(classifier, sources)),
            "tf-keras-vis": lambda: rival(files),
        },
        FEW_TURNS,
    )
    yield faster_row(many, 15, found["tf-keras-vis"], found["ours"], MANY)


def against_bare(
    classifier: Classifier, paths: Sequence[Path], pngs: Sequence[bytes]
) -> Iterable[Measurement]:
    """Predict a folder, against running the network and nothing else."""
    what = f"{len(paths)} PNG files, prediction of each, "
    bare = f"{what}pictures/s against the bare compiled trunk"
    onnx = f"{what}against ONNX Runtime float32's bare forward"
    squares = np.stack(
        [to_channel(read_radiograph(data).pixels) for data in islice(cycle(pngs), BARE)]
    )
    activations = classifier.engine.activations
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: [*predict_files(classifier, paths)],
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
    yield at_least(bare, 0.85, ratio, **details)
    if missing:
        yield missing_row(onnx, "≥ 2×", rival)
        return
    yield faster_row(onnx, 2, 1 / speeds[rival], 1 / speeds["ours"], 1)


def unknown_rows(
    classifier: Classifier, known: Sequence[Path], unknown: Sequence[Path]
) -> Iterable[Measurement]:
    """Predict films that the networks are less sure of, against those they know."""
    found = take_turns(
        {
            "known": lambda: [*predict_files(classifier, known)],
            "unknown": lambda: [*predict_files(classifier, unknown)],
        },
        FEW_TURNS,
    )
    speeds = {name: len(known) / seconds for name, seconds in found.items()}
    details = {
        f"{name} films, pictures/s": round(speed, 1) for name, speed in speeds.items()
    }
    yield at_least(
        f"{len(unknown)} PNG files that are unknown (changed, or --unknown), "
        "pictures/s against known ones",
        0.65,
        speeds["unknown"] / speeds["known"],
        **details,
    )


def fast_rows(
    classifier: Classifier, paths: Sequence[Path], kind: str, least: float
) -> Iterable[Measurement]:
    """Predict films of a kind the fast way, at least so many times as fast as both."""
    what = f"{len(paths)} PNG files that are {kind}, predict --fast against predict"
    if classifier.card.fast is None:
        yield missing_row(what, f"≥ {least:g}×", "a card with thresholds for it")
        return
    alone = 0

    def fast() -> None:
        nonlocal alone
        outcomes = predict_files(classifier, paths, fast=True)
        found = [each.explanation for each in outcomes if each.explanation is not None]
        alone = sum(each.prediction.networks == 1 for each in found)

    found = take_turns(
        {"both": lambda: [*predict_files(classifier, paths)], "fast": fast},
        FEW_TURNS,
    )
    row = faster_row(what, least, found["both"], found["fast"], len(paths))
    row.details["answered by one network"] = round(alone / len(paths), 3)
    yield row


def findings_rows(
    classifier: Classifier, paths: Sequence[Path]
) -> Iterable[Measurement]:
    """Look for findings too, against naming the body part alone."""
    asked = 0

    def findings() -> None:
        nonlocal asked
        outcomes = predict_files(classifier, paths, findings=True)
        found = [each.explanation for each in outcomes if each.explanation is not None]
        asked = sum(
            each.prediction.findings is not None
            and each.prediction.findings.answer is not None
            for each in found
        )

    found = take_turns(
        {"alone": lambda: [*predict_files(classifier, paths)], "findings": findings},
        FEW_TURNS,
    )
    details: dict[str, float | str] = {"asked about": round(asked / len(paths), 3)}
    for name, seconds in found.items():
        details[f"{name}, ms a film"] = round(1000 * seconds / len(paths), 1)
    what = f"{len(paths)} PNG files, predict --findings: times as long as predict"
    yield at_most(what, 2, found["findings"] / found["alone"], 2, **details)


def session_rows(
    classifier: Classifier, pngs: Sequence[bytes]
) -> Iterable[Measurement]:
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
    yield Measurement(
        f"{SESSIONS} sessions at once: pictures/s against one",
        "≥ 0.9, none 10× slower",
        round(ratio, 3),
        ratio >= 0.9 and slowest <= 10,
        {"slowest session, times alone": round(slowest, 2)},
    )
