"""Drawn metal: plates, nails, wires and prostheses laid over training films.

Of real implants the films hold few, and nearly all in shoulders. A network that learned
from those calls metal a shoulder; with metal on every part it tells nothing.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage

_Mask = NDArray[np.uint8]  # (S, S), 255 where there is metal
_Point = NDArray[np.float64]  # (x, y)
_FINE = 4  # bits of a pixel's fraction that OpenCV draws with


def add_metal(square: GrayImage, random: np.random.Generator) -> GrayImage:
    """Lay one piece of metal, sometimes two, over a film (S, S) in [0, 1].

    Metal is nearly white, its edges blurred, the rest darker.
    """
    size = len(square)
    mask = np.zeros((size, size), np.uint8)
    for _ in range(1 + int(random.random() < 0.25)):
        draw = _KINDS[int(random.integers(len(_KINDS)))]
        draw(mask, _on_the_body(square, random), size, random)
    soft = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.5, 1.5))
    opaque = soft.astype(np.float32) / np.float32(255 / random.uniform(0.85, 1))
    darker = square * np.float32(random.uniform(0.6, 1))  # metal takes the white
    brightness = np.float32(random.uniform(0.93, 1))
    laid = darker + (np.maximum(brightness, darker) - darker) * opaque
    return np.asarray(laid, np.float32)


def _on_the_body(square: GrayImage, random: np.random.Generator) -> _Point:
    """Draw a place in the middle, rather where it is bright."""
    size = len(square)
    places = random.uniform(0.25, 0.75, (6, 2)) * size
    brightness = [square[int(y), int(x)] for x, y in places]
    return np.asarray(places[int(np.argmax(brightness))])


def _plate(mask: _Mask, center: _Point, size: int, random: np.random.Generator) -> None:
    """Draw a plate, its holes, and the screws in some of them."""
    along, across = _axes(random)
    half, width = random.uniform(0.08, 0.3) * size, random.uniform(0.012, 0.03) * size
    bend = across * random.uniform(-0.15, 0.15) * half
    ends = center - along * half, center + bend, center + along * half
    _line(mask, ends, 2 * width)
    screws = int(random.integers(3, 9))
    side = random.choice([-1.0, 1.0])
    is_seen_flat = random.random() < 0.5
    for step in np.linspace(-0.9, 0.9, screws):
        head = center + along * half * step + bend * (1 - abs(step))
        if is_seen_flat:
            _disk(mask, head, width * 0.5, 0)
        if random.random() < 0.7:
            turned = _turned(across * side, random.normal(0, 0.12))
            tip = head + turned * random.uniform(2, 7) * width
            _line(mask, (head, tip), width * random.uniform(0.5, 0.9))


def _nail(mask: _Mask, center: _Point, size: int, random: np.random.Generator) -> None:
    """Draw a nail in a long bone, with locking screws across its ends."""
    along, across = _axes(random)
    half, width = random.uniform(0.15, 0.45) * size, random.uniform(0.015, 0.035) * size
    ends = center - along * half, center + along * half
    _line(mask, ends, 2 * width)
    for end in ends:
        for _ in range(int(random.integers(0, 3))):
            middle = end + (center - end) * random.uniform(0.03, 0.25)
            reach = across * width * random.uniform(2, 4)
            _line(mask, (middle - reach, middle + reach), width * 0.8)
    if random.random() < 0.3:  # a screw up into the neck of the femur
        oblique = _turned(-along, random.choice([-1, 1]) * random.uniform(0.6, 1))
        _line(mask, (ends[0], ends[0] + oblique * half * 0.6), width * 1.6)


def _wires(mask: _Mask, center: _Point, size: int, random: np.random.Generator) -> None:
    """Draw thin wires: straight pins, loops, leads with their clips."""
    for _ in range(int(random.integers(1, 5))):
        along, across = _axes(random)
        near = center + random.normal(0, 0.06, 2) * size
        width = random.uniform(0.004, 0.012) * size
        reach = along * random.uniform(0.06, 0.3) * size
        if random.random() < 0.5:
            _line(mask, (near - reach, near + reach), width)
        elif random.random() < 0.5:
            radii = (random.uniform(0.02, 0.08, 2) * size).astype(int)
            middle = tuple(int(each) for each in near)
            angle = random.uniform(0, 180)
            arc = random.uniform(200, 360)
            width = max(1, round(width))
            cv2.ellipse(mask, middle, radii.tolist(), angle, 0, arc, (255,), width)
        else:
            sag = near + across * random.uniform(-0.2, 0.2) * size
            path = [_curve(near - reach, sag, near + reach, t) for t in _STEPS]
            _line(mask, path, width)
            _disk(mask, near + reach, 3 * width, 255)


def _ball_and_stem(
    mask: _Mask, center: _Point, size: int, random: np.random.Generator
) -> None:
    """Draw a hip's or shoulder's prosthesis: ball, neck, stem, sometimes a cup."""
    along, _ = _axes(random)
    radius = random.uniform(0.035, 0.09) * size
    side = random.choice([-1.0, 1.0])
    neck = _turned(-along, side * random.uniform(0.5, 1.1))
    _disk(mask, center, radius, 255)
    shoulder = center - neck * radius * random.uniform(1.4, 2.4)
    width = radius * random.uniform(0.5, 0.9)
    _line(mask, (center, shoulder), width)
    if random.random() < 0.8:
        length = random.uniform(3, 8) * radius
        across = np.array([-along[1], along[0]])
        top, tip = across * width * 0.9, across * width * random.uniform(0.2, 0.5)
        end = shoulder + along * length
        _fill(mask, (shoulder - top, shoulder + top, end + tip, end - tip))
        _disk(mask, end, float(np.linalg.norm(tip)), 255)
        _disk(mask, shoulder, width * 0.9, 255)
    if random.random() < 0.6:  # the cup: a thick arc beyond the ball
        angle = float(np.rad2deg(np.arctan2(neck[1], neck[0])))
        outer = round(radius * random.uniform(1.25, 1.7))
        middle = tuple(int(each) for each in center)
        thick = max(1, round(radius * random.uniform(0.15, 0.5)))
        cv2.ellipse(mask, middle, (outer, outer), angle, -90, 90, (255,), thick)
        for _ in range(int(random.integers(0, 3))):
            out = _turned(neck, random.uniform(-0.6, 0.6)) * outer
            _line(mask, (center + out, center + 2 * out), radius * 0.25)


def _condyles_and_tray(
    mask: _Mask, center: _Point, size: int, random: np.random.Generator
) -> None:
    """Draw a knee's prosthesis, from the front or from the side."""
    along, across = _axes(random)
    width = random.uniform(0.1, 0.26) * size  # half of the joint's
    gap = along * width * random.uniform(0.1, 0.3)
    if random.random() < 0.5:  # from the front: two condyles joined above
        for side in (-1, 1):
            place = center - gap - along * width * 0.3 + side * across * width * 0.5
            _ellipse(mask, place, across, (width * 0.48, width * 0.4))
        above = center - gap - along * width * 0.8
        notch = along * width * random.uniform(0.2, 0.5)
        reach = across * width * 0.8
        _fill(
            mask,
            (
                above - reach,
                above + reach,
                above + reach + notch,
                above - reach + notch,
            ),
        )
    else:  # from the side: a C around the femur's end
        middle = tuple(int(each) for each in center - gap - along * width * 0.5)
        angle = float(np.rad2deg(np.arctan2(along[1], along[0])))
        axes = round(width * 0.6), round(width * random.uniform(0.6, 0.8))
        thick = max(2, round(width * random.uniform(0.2, 0.35)))
        arc = random.uniform(90, 130)
        cv2.ellipse(mask, middle, axes, angle, -arc, arc, (255,), thick)
    top, deep = center + gap, along * width * random.uniform(0.1, 0.22)
    reach = across * width
    _fill(mask, (top - reach, top + reach, top + reach + deep, top - reach + deep))
    if random.random() < 0.85:  # the stem or keel below the tray
        foot = top + along * width * random.uniform(0.5, 1.6)
        _line(mask, (top, foot), width * random.uniform(0.2, 0.4))
    if random.random() < 0.2:  # revised: a stem in the femur too
        head = center - gap - along * width * random.uniform(1.2, 2.4)
        _line(mask, (center - gap - along * width * 0.5, head), width * 0.3)


_KINDS: tuple[Callable[[_Mask, _Point, int, np.random.Generator], None], ...] = (
    _plate,
    _plate,
    _nail,
    _wires,
    _ball_and_stem,
    _ball_and_stem,
    _condyles_and_tray,
    _condyles_and_tray,
)
_STEPS = np.linspace(0, 1, 12)


def _axes(random: np.random.Generator) -> tuple[_Point, _Point]:
    """Draw a direction, rather along the film than across it, and its normal."""
    angle = random.choice([random.normal(0, 0.35), random.uniform(-np.pi, np.pi)])
    along = np.array([-np.sin(angle), np.cos(angle)])
    return along, np.array([-along[1], along[0]])


def _turned(direction: _Point, angle: float) -> _Point:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray([[cosine, -sine], [sine, cosine]] @ direction)


def _curve(start: _Point, middle: _Point, end: _Point, t: float) -> _Point:
    return start * (1 - t) ** 2 + 2 * middle * t * (1 - t) + end * t**2


def _line(mask: _Mask, points: "tuple[_Point, ...] | list[_Point]", w: float) -> None:
    path = [np.round(np.stack(points) * 2**_FINE).astype(np.int32)]
    thick = max(1, round(w))
    cv2.polylines(mask, path, False, (255,), thick, cv2.LINE_AA, _FINE)


def _fill(mask: _Mask, corners: tuple[_Point, ...]) -> None:
    path = [np.round(np.stack(corners) * 2**_FINE).astype(np.int32)]
    cv2.fillPoly(mask, path, (255,), cv2.LINE_AA, _FINE)


def _disk(mask: _Mask, center: _Point, radius: float, value: int) -> None:
    middle = tuple(int(each) for each in np.round(center * 2**_FINE))
    reach = max(1, round(radius * 2**_FINE))
    cv2.circle(mask, middle, reach, (value,), -1, cv2.LINE_AA, _FINE)


def _ellipse(
    mask: _Mask, center: _Point, axis: _Point, radii: tuple[float, float]
) -> None:
    middle = tuple(int(each) for each in center)
    angle = float(np.rad2deg(np.arctan2(axis[1], axis[0])))
    reach = max(1, round(radii[0])), max(1, round(radii[1]))
    cv2.ellipse(mask, middle, reach, angle, 0, 360, (255,), -1, cv2.LINE_AA)
