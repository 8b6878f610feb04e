"""8-bit integers, calibrated on training films: what lets a network compute in them.

The ranges of what enters its convolutions lie beside a network's kernels, which stay as
they are: the file can still be trained, cut, and computed in full. The tail that maps
are made of always is, so that they keep their exact gradient.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...classify.classifier import Classifier
from ...errors import ModelError
from ...image import GrayImage, to_square
from ...network.backbones import DENSENET201
from ...network.card import Card, card_path, read_card
from ...network.densenet.tail import Tail
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import Weights, read_weights, sha256, without_ranges
from ...reading.reader import read_image
from ...threads import in_order
from ..writing import write_card, write_weights
from .agreement import Agreement, compare, compare_answers
from .dataset import Film
from .log import LOG, keep_log
from .ranges import answers, measure_ranges

MOST_LOST_ACCURACY = 0.005
LEAST_SAME_ANSWERS = 0.99


def quantize(
    weights: Sequence[Path],
    calibration: Sequence[Film],
    validation: Sequence[Film],
    out: Path,
) -> Agreement:
    """Let a network compute in 8 bits, and write down how it follows itself in full.

    A first network that loses too much by it gets its file without the ranges: it goes
    on computing in full, and the card says why.

    Args:
        weights: Of either backbone, each with its card beside it; several that were
            trained alike are averaged.
        calibration: Films it was trained on, a few hundred of every class.
        validation: Films it has never seen, to measure on.
        out: Where to write the weights (.npz), their card beside them; may be the
            same file.

    Raises:
        ModelError: Weights can't be read, or weren't trained alike.
    """
    card, full = _averaged(weights)
    ranges = measure_ranges(full, [*_squares(calibration)])
    # Beside the old file until all is measured: weights never lie with another's card.
    new = out.with_suffix(".new.npz")
    write_weights(new, {**full, **ranges}, small=True)
    is_first = card.backbone == DENSENET201
    follow = _follow_first if is_first else _follow_second
    found = follow(card, read_weights(new), validation)
    qualifies = not is_first or is_as_good(found)
    if not qualifies:
        write_weights(new, full, small=True)
    measured = {"calibration_films": len(calibration), "qualifies": qualifies}
    written = replace(
        card.with_figures(in_8_bits=found.to_json() | measured),
        path=card_path(out),
        name=f"xray-{out.stem}",
        sha256=sha256(new),
    )
    new.replace(out)
    if (weights[0].parent / LOG).is_file():  # straight from a run
        written = keep_log(written, weights[0].parent)
    write_card(written)
    return found


def _averaged(weights: Sequence[Path]) -> tuple[Card, Weights]:
    """Average networks that were trained alike, or take the only one.

    Wortsman et al. 2022, "Model soups", arXiv 2203.05482: uniform, of runs from one
    start that differ in their seed.
    """
    cards = [read_card(path) for path in weights]
    first = cards[0]
    of_first = first.backbone, first.training.protocol
    for card in cards[1:]:
        received = card.backbone, card.training.protocol
        if received != of_first:
            raise ModelError(
                f"Expected networks trained alike ({', '.join(of_first)}), received "
                f"{card.weights.name} ({', '.join(received)}). Name runs of one start."
            )
    full = [without_ranges(read_weights(path)) for path in weights]
    if len(full) == 1:
        return first, full[0]
    how = dict(first.training.how)
    how.pop("seed", None)
    seeds = ", ".join(str(card.training.how.get("seed")) for card in cards)
    how["average of"] = f"{len(full)} runs, seeds {seeds}"
    mean = {name: np.mean([each[name] for each in full], axis=0) for name in full[0]}
    return replace(first, training=replace(first.training, how=how)), mean


def is_as_good(found: Agreement) -> bool:
    """Say whether a network in 8 bits follows itself closely enough to be served."""
    lost = found.reference_accuracy - found.accuracy
    return lost <= MOST_LOST_ACCURACY and found.same_answer >= LEAST_SAME_ANSWERS


def _follow_first(card: Card, weights: Weights, films: Sequence[Film]) -> Agreement:
    tail = Tail(weights)
    eight = Classifier(OpenVinoEngine(weights), tail, card)
    full = Classifier(OpenVinoEngine(weights, exact=True), tail, card)
    pictures = list(_pictures(films))
    return compare(eight, full, pictures, [film.targets for film in films])


def _follow_second(_card: Card, weights: Weights, films: Sequence[Film]) -> Agreement:
    squares = [*_squares(films)]
    return compare_answers(
        answers(weights, squares),
        answers(without_ranges(weights), squares),
        [film.targets for film in films],
    )


def _pictures(films: Sequence[Film]) -> Iterable[GrayImage]:
    return in_order(lambda film: read_image(film.path), films)


def _squares(films: Sequence[Film]) -> Iterable[GrayImage]:
    return map(to_square, _pictures(films))
