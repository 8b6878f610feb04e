"""Is the map true? Deletion and insertion curves, confidence drop, randomization.

Deletion takes the picture's pixels away in the order of the map, insertion brings
them back in that order: a map that shows what the network looks at makes the
probability fall fast and rise fast (Petsiuk et al., "RISE", BMVC 2018). Average
drop shows the network only what the map covers (Chattopadhay et al. 2018, section
4.1). Randomization gives the network random weights, which has to change the map
(Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018).

Every figure is measured against two maps that know nothing of the network: random
ones as coarse as the real, and a bump in the middle, where films show their part.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .classifier import Classifier, Picture, to_pixels
from .confidence import softmax
from .engine import make_engine
from .gradcam import grad_cam_plus_plus
from .image import INPUT_SIZE, Letterbox, fit_square, resize, stretch_contrast
from .tail import Tail
from .weights import Weights

Array = NDArray[np.float32]
Scores = Callable[[Array], Array]  # (N, 256, 256) in [0, 1] to (N, 22) probabilities

STEPS = 8  # equal shares of the picture that are deleted or inserted one by one
BLUR = 16.0  # pixels of the square: sigma of what stands for deleted pixels
_HEAD = ("dense_1024/", "logits/")
_PARTS: dict[str, tuple[str, ...]] = {  # by the start of their layers' names
    "head": _HEAD,
    "tail": ("conv5_block31_", "conv5_block32_", "bn/", *_HEAD),
    "all": ("",),
}
_MAPS = ("map", "random", "gaussian")
_BATCH = 16


def check_explanations(
    classifier: Classifier,
    weights: Weights,
    pictures: Sequence[Picture],
    seed: int = 0,
    steps: int = STEPS,
) -> dict[str, Any]:
    """Measure the maps of each picture's likeliest part.

    Args:
        classifier: The one that is served.
        weights: What it was loaded from.
        pictures: As for `Classifier.predict`.
        seed: Of the random maps and the random weights.
        steps: How many points a curve has after its first.

    Returns:
        Figures ready for JSON: `films`; `deletion` and `insertion`, each with the
        mean area under the curve and the mean curve of `map`, `random` and
        `gaussian`, and the share of films where the map is better than each;
        `average_drop`, shares of the confidence; `randomization`, mean absolute
        rank correlation with the map of a network whose head, tail or everything
        is random.
    """
    rng = np.random.default_rng(seed)
    tail = Tail(weights)
    temperature = classifier.card.temperature

    def scores(squares: Array) -> Array:
        parts = [
            tail.logits(classifier.engine.activations(squares[i : i + _BATCH] * 2 - 1))
            for i in range(0, len(squares), _BATCH)
        ]
        return softmax(np.concatenate(parts), temperature)

    curves: dict[str, list[Array]] = {"deletion": [], "insertion": []}
    drops: list[Array] = []
    squares: list[Array] = []
    maps: list[Array] = []
    labels: list[int] = []
    for picture in pictures:
        pixels = to_pixels(picture)
        explanation = classifier.explain(pixels)
        label, coarse = next(iter(explanation.maps.items()))
        square = stretch_contrast(fit_square(pixels))
        height, width = pixels.shape
        inside = np.zeros(square.shape, bool)
        inside[Letterbox(height, width, INPUT_SIZE).box] = True
        rivals = np.stack([_grown(coarse), _grown(_noise(rng)), _bump(inside)])
        deletion, insertion = _curves(scores, square, inside, rivals, label, steps)
        curves["deletion"].append(deletion)
        curves["insertion"].append(insertion)
        drops.append(_drops(scores, square, rivals, label, deletion[0, 0]))
        squares.append(square)
        maps.append(coarse)
        labels.append(label)
    return {
        "films": len(pictures),
        "steps": steps,
        "deletion": _summary(np.stack(curves["deletion"]), lower_is_better=True),
        "insertion": _summary(np.stack(curves["insertion"]), lower_is_better=False),
        "average_drop": _named(np.stack(drops).mean(axis=0)),
        "randomization": {
            part: _correlation(
                maps, _random_maps(randomized(weights, part, rng), squares, labels)
            )
            for part in _PARTS
        },
    }


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation of two maps; 0 where one of them is flat."""
    ranks = [_ranks(each.ravel()) for each in (first, second)]
    centered = [each - each.mean() for each in ranks]
    scale = float(np.sqrt((centered[0] ** 2).sum() * (centered[1] ** 2).sum()))
    return float((centered[0] * centered[1]).sum()) / scale if scale > 0 else 0.0


def randomized(weights: Weights, part: str, rng: np.random.Generator) -> Weights:
    """Put a part of the network back to how it was before any training.

    Args:
        weights: Of the whole network.
        part: "head" (the two dense layers), "tail" (everything behind the
            explained layer) or "all".
        rng: Where the random kernels come from.
    """
    return {
        name: _untrained(name, array, rng) if name.startswith(_PARTS[part]) else array
        for name, array in weights.items()
    }


def _untrained(name: str, array: Array, rng: np.random.Generator) -> Array:
    variable = name.rpartition("/")[2]
    if variable in {"gamma", "moving_variance"}:
        return np.ones_like(array)
    if variable != "kernel":
        return np.zeros_like(array)
    # He et al. 2015: keeps the variance of what flows through ReLUs.
    spread = np.sqrt(2 / np.prod(array.shape[:-1]))
    return np.asarray(rng.normal(0, spread, array.shape), np.float32)


def _curves(
    scores: Scores,
    square: Array,
    inside: NDArray[np.bool_],
    maps: Array,
    label: int,
    steps: int,
) -> tuple[Array, Array]:
    """Delete and insert in the order of M maps: two times (M, steps + 1)."""
    filled = np.where(inside, cv2.GaussianBlur(square, (0, 0), BLUR), square)
    pictures: list[Array] = []
    for each in maps:
        rank = np.full(square.shape, np.inf, np.float32)
        order = np.argsort(-each[inside], kind="stable")
        places = np.empty(len(order), np.float32)
        places[order] = np.arange(len(order)) / len(order)
        rank[inside] = places  # share of the picture that goes before
        for step in range(1, steps):
            gone = rank < step / steps
            pictures += [np.where(gone, filled, square), np.where(gone, square, filled)]
    found = scores(np.stack([square, filled, *pictures]).astype(np.float32))[:, label]
    between = found[2:].reshape(len(maps), steps - 1, 2)
    whole = np.full((len(maps), 1), found[0], np.float32)
    nothing = np.full((len(maps), 1), found[1], np.float32)
    deletion = np.concatenate([whole, between[..., 0], nothing], axis=1)
    insertion = np.concatenate([nothing, between[..., 1], whole], axis=1)
    return deletion, insertion


def _drops(
    scores: Scores, square: Array, maps: Array, label: int, confidence: float
) -> Array:
    """Share of the confidence lost where only the map's part is shown: (M,)."""
    left = scores(square * maps)[:, label]
    return np.asarray(np.maximum(confidence - left, 0) / confidence, np.float32)


def _random_maps(
    weights: Weights, squares: Sequence[Array], labels: Sequence[int]
) -> list[Array]:
    engine, tail = make_engine("auto", weights), Tail(weights)
    found: list[Array] = []
    for first in range(0, len(squares), _BATCH):
        batch = np.stack(squares[first : first + _BATCH])
        activations = engine.activations(batch * 2 - 1)
        _, gradients = tail.gradients(activations, labels[first : first + _BATCH])
        found += list(grad_cam_plus_plus(activations, gradients))
    return found


def _correlation(first: Sequence[Array], second: Sequence[Array]) -> float:
    pairs = zip(first, second, strict=True)
    return _figure(np.mean([abs(rank_correlation(a, b)) for a, b in pairs]))


def _summary(curves: Array, lower_is_better: bool) -> dict[str, Any]:
    """Summarize (films, maps, points)."""
    areas = (curves[..., 1:] + curves[..., :-1]).mean(axis=-1) / 2  # (films, maps)
    lead = areas[:, 1:] - areas[:, :1]
    if not lower_is_better:
        lead = -lead
    return {
        **_named(areas.mean(axis=0)),
        "better_than_random": _figure((lead[:, 0] > 0).mean()),
        "better_than_gaussian": _figure((lead[:, 1] > 0).mean()),
        "curves": {
            name: [_figure(value) for value in curve]
            for name, curve in zip(_MAPS, curves.mean(axis=0), strict=True)
        },
    }


def _named(values: Array) -> dict[str, float]:
    return {name: _figure(each) for name, each in zip(_MAPS, values, strict=True)}


def _figure(value: Any) -> float:
    return round(float(value), 4)


def _noise(rng: np.random.Generator) -> Array:
    return rng.random((8, 8), np.float32)


def _grown(coarse: Array) -> Array:
    return resize(coarse, INPUT_SIZE, INPUT_SIZE)


def _bump(inside: NDArray[np.bool_]) -> Array:
    """Draw a Gaussian in the middle of the picture, a quarter of it in sigma."""
    rows, columns = np.nonzero(inside)
    across = [
        np.exp(-8 * ((np.arange(INPUT_SIZE) - lines.mean()) / (np.ptp(lines) + 1)) ** 2)
        for lines in (rows, columns)
    ]
    return np.outer(*across).astype(np.float32)


def _ranks(values: Array) -> NDArray[np.float64]:
    """Rank from 0; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts + 1) / 2)[group], np.float64)
