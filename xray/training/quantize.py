"""8-bit integers, calibrated on training films: the light variant, the second reader.

The light variant is the trunk after post-training quantization by NNCF, which is needed
here only: the result is one .npz that runs without it. The tail stays in half
precision, so that maps keep their exact gradient.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..classifier import Classifier
from ..errors import ModelError
from ..image import GrayImage, fit_square, stretch_contrast
from ..network.architecture import EXPLAINED_LAYER, cut
from ..network.card import Card, card_path, read_card, write_card
from ..network.openvino_engine import OpenVinoEngine
from ..network.tail import Tail
from ..network.trunk import build_trunk, pack_trunk
from ..network.weights import RANGE, Weights, read_weights, sha256, write_weights
from ..reading.files import make_folder
from ..reading.reading import read_image
from ..threads import in_order
from .agreement import Agreement, compare, compare_answers
from .dataset import Film
from .ranges import answers, measure_ranges

if TYPE_CHECKING:
    import openvino as ov

MOST_LOST_ACCURACY = 0.005
LEAST_SAME_ANSWERS = 0.99
HIDDEN_STEPS = np.float32(2048)  # levels from 0 to 1 of the hidden layer's weights


def quantize(
    weights: Path, calibration: Sequence[Film], validation: Sequence[Film], out: Path
) -> Agreement:
    """Make the light variant of a network, and its card with measured figures.

    Args:
        weights: The full network, with its card beside it.
        calibration: Films it was trained on, a few hundred of every class.
        validation: Films it has never seen, to measure on.
        out: Where to write the light weights (.npz); the card goes beside them.

    Returns:
        How the light variant follows the full one in float32.

    Raises:
        ModelError: NNCF isn't installed, or the weights can't be read.
    """
    card = read_card(weights)
    arrays = read_weights(weights)
    trunk = pack_trunk(_quantized_trunk(arrays, _squares(calibration)))
    if card.known is not None and out.parent.resolve() != weights.parent.resolve():
        make_folder(out.parent)
        shutil.copy(card.known, out.parent)
    write_weights(out, {**trunk, **_tail_weights(arrays)})
    light_arrays = read_weights(out)
    light = Classifier(OpenVinoEngine(light_arrays), Tail(light_arrays), card)
    full = Classifier(OpenVinoEngine(arrays, exact=True), Tail(arrays), card)
    pictures = list(_pictures(validation))
    found = compare(light, full, pictures, [film.targets for film in validation])
    write_card(_light_card(card, out, found, len(calibration)))
    return found


def quantize_second(
    weights: Path, calibration: Sequence[Film], validation: Sequence[Film], out: Path
) -> Agreement:
    """Let a second reader compute in 8 bits, and write down how it follows itself.

    Unlike the light variant, the file keeps its kernels: it can be trained further.

    Args:
        weights: An Xception, with its card beside it.
        calibration: Films it was trained on.
        validation: Films it has never seen, to measure on.
        out: Where to write the weights with their ranges; may be the same file.

    Raises:
        ModelError: The weights can't be read.
    """
    card = read_card(weights)
    full = {
        name: array
        for name, array in read_weights(weights).items()
        if not name.endswith(RANGE)
    }
    ranges = measure_ranges(full, [*_squares(calibration)])
    write_weights(out, {**full, **ranges}, small=True)
    squares = [*_squares(validation)]
    found = compare_answers(
        answers(read_weights(out), squares),
        answers(full, squares),
        [film.targets for film in validation],
    )
    made = {
        "sha256": sha256(out),
        "light": found.to_json() | {"calibration_films": len(calibration)},
    }
    write_card(Card(card_path(out), card.content | made))
    return found


def _light_card(card: Card, out: Path, found: Agreement, calibration: int) -> Card:
    """Make the light variant's card of the full one's and of what was measured."""
    lost = found.reference_accuracy - found.accuracy
    light = found.to_json() | {
        "calibration_films": calibration,
        "qualifies": lost <= MOST_LOST_ACCURACY
        and found.same_answer >= LEAST_SAME_ANSWERS,
    }
    made = {"sha256": sha256(out), "made_from": card.content["sha256"], "light": light}
    return Card(card_path(out), card.content | made)


def _quantized_trunk(weights: Weights, squares: Iterable[GrayImage]) -> "ov.Model":
    try:
        import nncf
    except ImportError as error:
        raise ModelError(
            "Expected NNCF, which makes the light variant, to be installed. "
            "Run `pip install -r requirements-bench.txt`."
        ) from error
    inputs = [square[None, None] * 2 - 1 for square in squares]
    return nncf.quantize(
        build_trunk(weights),
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
    )


def _tail_weights(weights: Weights) -> Weights:
    prefixes = [f"{step.prefix}_" for step in cut(EXPLAINED_LAYER)[1]]
    prefixes += ["bn/", "dense_1024/", "logits/"]
    kept = {
        name: array
        for name, array in weights.items()
        if name.startswith(tuple(prefixes))
    }
    # The largest array, as exact as 8-bit integers: its zero bits compress away.
    hidden = "dense_1024/kernel"
    kept[hidden] = np.rint(kept[hidden] * HIDDEN_STEPS) / HIDDEN_STEPS
    return kept


def _pictures(films: Sequence[Film]) -> Iterable[GrayImage]:
    return in_order(lambda film: read_image(film.path), films)


def _squares(films: Sequence[Film]) -> Iterable[GrayImage]:
    return (stretch_contrast(fit_square(picture)) for picture in _pictures(films))
