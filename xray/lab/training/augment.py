"""Random changes to training films, as one turn of the geometry and one of the light.

Every function takes its own random generator, so that a run can be repeated.
"""

import cv2
import numpy as np

from ...image import GrayImage, fit_square, resize, stretch_contrast
from .metal import add_metal
from .recipes import Augmentation

CANVAS = 320  # pixels; films are turned at this size, then shrunk by area
TONES = 6  # knots of a random curve from gray to gray


def augment_twice(
    image: GrayImage, size: int, how: Augmentation, random: np.random.Generator
) -> tuple[GrayImage, GrayImage]:
    """Change a film for a teacher, who sees it turned only, and for its pupil.

    Args:
        image: (H, W), [0, 1].
        size: Side of the results in pixels.
        how: Which changes, and how far.
        random: Source of every random choice.

    Returns:
        The same part of the film twice: (size, size), [0, 1], contrast stretched as
        `preprocess` does.
    """
    if random.random() < how.invert:
        image = 1 - image  # before it is fitted: the padding stays black
    turned = _turn(fit_square(image, CANVAS), how, random)
    square = add_metal(turned, random) if random.random() < how.metal else turned
    square = _light(square, how, random)
    square = _cover(square, how, random)
    plain, changed = (
        stretch_contrast(resize(each, size, size)) for each in (turned, square)
    )
    return plain, changed


def augment_marked(
    image: GrayImage,
    marks: GrayImage,
    size: int,
    how: Augmentation,
    random: np.random.Generator,
) -> tuple[GrayImage, GrayImage, bool]:
    """Change a film at random, and what is marked on it alike.

    Args:
        image: (H, W), [0, 1].
        marks: (H, W), 1 where something is marked, else 0.
        size: Side of the results in pixels.
        how: Which changes, and how far.
        random: Source of every random choice.

    Returns:
        The film as `augment_twice` gives it, the marks (size, size), and whether metal
        was drawn.
    """
    if random.random() < how.invert:
        image = 1 - image
    canvas = round(size * 7 / 6)
    both = np.dstack([fit_square(each, canvas) for each in (image, marks)])
    turned = _turn(both, how, random)
    square, turned_marks = (np.ascontiguousarray(turned[..., i]) for i in (0, 1))
    has_metal = random.random() < how.metal
    if has_metal:
        square = add_metal(square, random)
    square = _cover(_light(square, how, random), how, random)
    changed = stretch_contrast(resize(square, size, size))
    return changed, resize(turned_marks, size, size), has_metal


def _turn(
    square: GrayImage, how: Augmentation, random: np.random.Generator
) -> GrayImage:
    canvas = len(square)
    if random.random() < how.mirror:
        square = np.fliplr(square)
    if random.random() < how.right_angles:
        square = np.rot90(square, int(random.integers(1, 4)))
    angle = np.deg2rad(random.uniform(-how.rotation, how.rotation))
    shear = random.uniform(-how.shear, how.shear)
    zoom = np.exp(random.uniform(*np.log(how.zoom)))
    stretch = np.exp(random.uniform(-0.5, 0.5) * np.log(how.aspect))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1, shear], [0, 1]]) @ np.diag([stretch, 1 / stretch])
    linear *= zoom
    center = np.full(2, (canvas - 1) / 2)
    shift = random.uniform(-how.shift, how.shift, 2) * canvas
    matrix = np.column_stack([linear, center + shift - linear @ center])
    turned = cv2.warpAffine(
        np.ascontiguousarray(square), matrix, (canvas, canvas), flags=cv2.INTER_LINEAR
    )
    return np.asarray(turned, dtype=np.float32)


def _light(
    square: GrayImage, how: Augmentation, random: np.random.Generator
) -> GrayImage:
    square = square ** np.float32(how.gamma ** random.uniform(-1, 1))
    square = _export(square, how, random)
    if random.random() < how.contrast:
        # Beside a large bright marker the anatomy is left with few gray levels.
        levels = np.float32(random.uniform(80, 255))
        square = np.asarray(np.round(square * levels), np.float32) / np.float32(255)
        height, width = (random.uniform(0.04, 0.2, 2) * len(square)).astype(int)
        top = random.integers(0, len(square) - height)
        square[top : top + height, :width] = 1
    if random.random() < how.blur:
        blurred = cv2.GaussianBlur(square, (0, 0), random.uniform(0.4, 1.6))
        square = np.asarray(blurred, dtype=np.float32)
    if how.noise:
        noise = random.standard_normal(square.shape, np.float32)
        square = square + noise * np.float32(random.uniform(0, how.noise))
    return np.clip(square, 0, 1).astype(np.float32)


def _export(
    square: GrayImage, how: Augmentation, random: np.random.Generator
) -> GrayImage:
    """Imitate what other makers' processing does before a film is exported."""
    if random.random() < how.tone:
        knots = np.sort(random.random(TONES)).astype(np.float32)
        knots[0], knots[-1] = 0, 1
        straight = np.linspace(0, 1, TONES, dtype=np.float32)
        curve = (straight + knots) / 2
        square = np.interp(square, straight, curve).astype(np.float32)
    if random.random() < how.equalize:
        equalizer = cv2.createCLAHE(random.uniform(1.5, 4), (6, 6))
        levels = equalizer.apply(np.round(square * 255).astype(np.uint8))
        square = levels.astype(np.float32) / np.float32(255)
    if random.random() < how.sharpen:
        smooth = cv2.GaussianBlur(square, (0, 0), random.uniform(2, 8))
        edges = np.float32(random.uniform(0.3, 1.5)) * (square - smooth)
        square = np.clip(square + edges, 0, 1)
    return square


def _cover(
    square: GrayImage, how: Augmentation, random: np.random.Generator
) -> GrayImage:
    canvas = len(square)
    if random.random() < how.collimate:
        border = random.choice([0.0, 0.0, 1.0])
        top, bottom, left, right = (random.uniform(0, 0.2, 4) * canvas).astype(int)
        square[:top] = square[canvas - bottom :] = border
        square[:, :left] = square[:, canvas - right :] = border
    if random.random() < how.erase:
        side = int(random.uniform(0.1, 0.35) * canvas)
        row, column = random.integers(0, canvas - side, 2)
        square[row : row + side, column : column + side] = random.random()
    return square
