"""Is the map true? Deletion and insertion curves, confidence drop, randomization.

Deletion blurs the picture's pixels away in the order of the map, insertion brings
them back in that order: a map that shows what the network looks at makes the
probability fall fast and rise fast (Petsiuk et al., "RISE", BMVC 2018, section
4.2). Average drop shows the network only what the map covers (Chattopadhay et al.
2018, section 4.1).

Figures stand beside those of two maps that know nothing of the network: random
ones as coarse as the real, and a bump in the middle, where films show their part.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture, to_pixels
from ...classify.trust.confidence import softmax
from ...image import INPUT_SIZE, Letterbox, resize, to_square
from ...network.densenet.tail import Tail
from ...network.weights import Weights
from .randomization import check_randomization

Array = NDArray[np.float32]
Scores = Callable[[Array], Array]  # (N, 256, 256) in [0, 1] to (N, 22) probabilities

RIVALS = ("map", "random", "gaussian")
STEPS = 8  # equal shares of the picture that are deleted or inserted one by one
BLUR = 16.0  # pixels of the square: sigma of what stands for deleted pixels
_BATCH = 16


def check_explanations(
    classifier: Classifier,
    weights: Weights,
    pictures: Iterable[Picture],
    steps: int = STEPS,
) -> dict[str, Any]:
    """Measure the maps of each picture's likeliest part.

    Args:
        classifier: The one that is served.
        weights: The full ones, that it was loaded or made from.
        pictures: As for `Classifier.predict`; at least one.
        steps: How many points a curve has after its first.

    Returns:
        Figures ready for JSON: `films`; `empty`, the share of films without a map;
        `deletion` and `insertion`, each with the mean area under the curve and the
        mean curve of `map`, `random` and `gaussian`, and the share of films where
        the map is better than each; `average_drop`, shares of the confidence; and
        `randomization`, see `check_randomization`.
    """
    rng = np.random.default_rng(0)
    scores = _scores(classifier, Tail(weights))
    found = [_check(classifier, scores, each, rng, steps) for each in pictures]
    squares = [each.square for each in found]
    maps = [each.coarse for each in found]
    labels = [each.label for each in found]
    return {
        "films": len(maps),
        "empty": _figure(np.mean([not each.any() for each in maps])),
        "steps": steps,
        "deletion": _summary(np.stack([each.deletion for each in found]), better=-1),
        "insertion": _summary(np.stack([each.insertion for each in found]), better=1),
        "average_drop": _named(np.mean([each.drops for each in found], axis=0)),
        "randomization": check_randomization(
            classifier.engine, weights, squares, maps, labels, rng=rng
        ),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """One picture's map beside its `RIVALS`."""

    square: Array  # (256, 256), [0, 1]
    coarse: Array  # (8, 8), the map
    label: int  # what it explains
    deletion: Array  # (3, steps + 1) probabilities
    insertion: Array  # (3, steps + 1) probabilities
    drops: Array  # (3,), shares of the confidence


def _check(
    classifier: Classifier,
    scores: Scores,
    picture: Picture,
    rng: np.random.Generator,
    steps: int,
) -> _Checked:
    pixels = to_pixels(picture)
    explanation = classifier.explain(pixels)
    label, coarse = next(iter(explanation.maps.items()))
    film = CheckedFilm.of(pixels)
    noise = rng.random(coarse.shape, np.float32)
    rivals = np.stack([_grown(coarse), _grown(noise), film.bump()])
    deletion, insertion = curves(scores, film, rivals, label, steps)
    whole = deletion[0, 0]
    covered = scores(film.square * rivals)[:, label]
    drops = np.maximum(whole - covered, 0) / whole
    return _Checked(film.square, coarse, label, deletion, insertion, drops)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedFilm:
    """A picture as the network sees it, and where in the square it lies."""

    square: Array  # (256, 256), [0, 1]
    inside: NDArray[np.bool_]  # (256, 256); False on the padding

    @classmethod
    def of(cls, pixels: Array) -> "CheckedFilm":
        """Prepare a picture (H, W) in [0, 1]."""
        height, width = pixels.shape
        inside = np.zeros((INPUT_SIZE, INPUT_SIZE), bool)
        inside[Letterbox(height, width, INPUT_SIZE).box] = True
        return cls(to_square(pixels), inside)

    def blurred(self) -> Array:
        """Blur the picture until its shapes are gone; the padding stays."""
        blurred = cv2.GaussianBlur(self.square, (0, 0), BLUR)
        return np.asarray(np.where(self.inside, blurred, self.square), np.float32)

    def bump(self) -> Array:
        """Draw a Gaussian in the middle of the picture, a quarter of it in sigma."""
        places = np.arange(INPUT_SIZE)
        across = [
            np.exp(-8 * ((places - lines.mean()) / (np.ptp(lines) + 1)) ** 2)
            for lines in np.nonzero(self.inside)
        ]
        return np.asarray(np.outer(*across), np.float32)


def curves(
    scores: Scores, film: CheckedFilm, maps: Array, label: int, steps: int = STEPS
) -> tuple[Array, Array]:
    """Delete a film's pixels in the order of maps, and insert them.

    Args:
        scores: Gives probabilities.
        film: What is changed.
        maps: (M, 256, 256), each an order of the film's pixels.
        label: Class number whose probability is followed.
        steps: Equal shares of the pixels.

    Returns:
        Two times (M, steps + 1) probabilities: deletion begins with the whole film
        and ends with the blurred one, insertion goes the other way.
    """
    square, blurred = film.square, film.blurred()
    changed = [square, blurred]
    for each in maps:
        before = _share_before(each, film.inside)
        for step in range(1, steps):
            done = before < step / steps
            changed.append(np.where(done, blurred, square))
            changed.append(np.where(done, square, blurred))
    found = scores(np.stack(changed))[:, label]
    between = found[2:].reshape(len(maps), steps - 1, 2)
    whole, gone = (np.full((len(maps), 1), end, np.float32) for end in found[:2])
    deletion = np.concatenate([whole, between[..., 0], gone], axis=1)
    insertion = np.concatenate([gone, between[..., 1], whole], axis=1)
    return deletion, insertion


def areas(curve: Array) -> Array:
    """Integrate curves over their last axis, which goes from 0 to 1."""
    return np.asarray((curve[..., 1:] + curve[..., :-1]).mean(axis=-1) / 2)


def _scores(classifier: Classifier, tail: Tail) -> Scores:
    def scores(squares: Array) -> Array:
        logits = [
            tail.logits(classifier.engine.activations(squares[i : i + _BATCH] * 2 - 1))
            for i in range(0, len(squares), _BATCH)
        ]
        return softmax(np.concatenate(logits), classifier.card.calibration.temperature)

    return scores


def _share_before(heatmap: Array, inside: NDArray[np.bool_]) -> Array:
    """Give each pixel the share of the film's pixels that are higher: [0, 1)."""
    values = heatmap[inside]
    shares = np.empty(values.size, np.float32)
    shares[np.argsort(-values, kind="stable")] = np.arange(values.size) / values.size
    before = np.full(heatmap.shape, np.inf, np.float32)
    before[inside] = shares
    return before


def _summary(points: Array, better: int) -> dict[str, Any]:
    """Summarize curves (films, maps, points); higher is better with 1, not -1."""
    area = areas(points)  # (films, maps)
    lead = (area[:, :1] - area[:, 1:]) * better
    return {
        **_named(area.mean(axis=0)),
        "better_than_random": _figure((lead[:, 0] > 0).mean()),
        "better_than_gaussian": _figure((lead[:, 1] > 0).mean()),
        "curves": {
            name: [_figure(point) for point in curve]
            for name, curve in zip(RIVALS, points.mean(axis=0), strict=True)
        },
    }


def _named(values: Array) -> dict[str, float]:
    return {name: _figure(each) for name, each in zip(RIVALS, values, strict=True)}


def _figure(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)


def _grown(coarse: Array) -> Array:
    return resize(coarse, INPUT_SIZE, INPUT_SIZE)
