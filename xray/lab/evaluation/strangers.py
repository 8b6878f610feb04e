"""Out-of-distribution pictures, made in code: what must never come out sure."""

import string
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...image import GrayImage

SIDE = 320  # pixels
COPIES = 8  # of each kind that is drawn at random


def make_strangers() -> dict[str, list[GrayImage]]:
    """Make pictures of each kind, the same each time: (H, W), [0, 1]."""
    random = np.random.default_rng(0)
    return {
        "blank": [np.full((SIDE, SIDE), level, np.float32) for level in (0, 0.5, 1)],
        "noise": list(_noise(random)),
        "clouds": list(_clouds(random)),
        "gradients": list(_gradients()),
        "patterns": list(_patterns()),
        "printed text": list(_pages(random)),
    }


def _noise(random: np.random.Generator) -> Iterator[GrayImage]:
    for spread in np.linspace(0.02, 0.4, COPIES):
        noise = random.normal(0.5, spread, (SIDE, SIDE))
        yield np.clip(noise, 0, 1).astype(np.float32)
        yield random.random((SIDE, SIDE)).astype(np.float32)


def _clouds(random: np.random.Generator) -> Iterator[GrayImage]:
    for cells in range(4, 4 + 2 * COPIES, 2):
        coarse = random.random((cells, cells)).astype(np.float32)
        smooth = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        yield np.clip(smooth, 0, 1).astype(np.float32)


def _gradients() -> Iterator[GrayImage]:
    rows, columns = (np.indices((SIDE, SIDE)) / (SIDE - 1)).astype(np.float32)
    radius = np.hypot(rows - 0.5, columns - 0.5).astype(np.float32)
    yield from (rows, columns, (rows + columns) / 2, radius, 1 - radius)


def _patterns() -> Iterator[GrayImage]:
    rows, columns = np.indices((SIDE, SIDE))
    for cell in (8, 16, 32, 64):
        yield ((rows // cell + columns // cell) % 2).astype(np.float32)
        yield (0.5 + 0.5 * np.sin(2 * np.pi * rows / cell)).astype(np.float32)
    distance = np.hypot(rows - SIDE / 2, columns - SIDE / 2)
    yield (distance < SIDE / 3).astype(np.float32)


def _pages(random: np.random.Generator) -> Iterator[GrayImage]:
    letters = list(string.ascii_lowercase)
    for size in range(10, 10 + COPIES):
        page = Image.new("L", (420, 594), 255)
        draw = ImageDraw.Draw(page)
        for line in range(30, 560, size + 6):
            words = (
                "".join(random.choice(letters, random.integers(2, 9)))
                for _ in range(12)
            )
            font = ImageFont.load_default(size)
            draw.text((25, line), " ".join(words), fill=0, font=font)
        white = np.asarray(page, np.float32) / np.float32(255)
        yield from (white, 1 - white)
