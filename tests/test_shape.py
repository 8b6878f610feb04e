"""Pixels that are not square: the picture is stretched, maps and exports with it."""

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes
from xray.limits import LIMITS
from xray.reading.decoding import decode
from xray.reading.dicom.shape import make_square

_KEYWORDS = (
    "PixelAspectRatio",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
)
_WINDOW: dict[str, Any] = {"WindowCenter": 2048, "WindowWidth": 4096}
_SIDE = 96
_PICTURE = phantom(_SIDE, _SIDE)


def _squashed(down: int, across: int) -> NDArray[np.uint16]:
    """Make the picture with fewer rows and columns, as wider pixels would."""
    size = _SIDE // across, _SIDE // down
    return np.asarray(cv2.resize(_PICTURE, size, interpolation=cv2.INTER_AREA))


def _keys(data: bytes) -> list[str]:
    return [notice.key for notice in decode(data).notices]


@pytest.mark.parametrize("keyword", _KEYWORDS)
@pytest.mark.parametrize(
    ("down", "across"), [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3), (3, 2)]
)
def test_picture_is_stretched_to_its_real_shape(
    keyword: str, down: int, across: int
) -> None:
    unit = 1 if keyword == "PixelAspectRatio" else 0.2
    sizes = {keyword: [down * unit, across * unit]}
    found = decode(make_dicom(_squashed(down, across), bits=12, **sizes, **_WINDOW))
    height, width = found.samples.shape
    assert height == width
    assert (found.facts.height, found.facts.width) == (height, width)
    wanted = cv2.resize(_PICTURE, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(found.samples / 65535 - wanted / 4095).mean() < 0.01
    keys = [notice.key for notice in found.notices]
    assert keys == ([] if down == across else ["not_square"])


@pytest.mark.parametrize(
    "sizes",
    [
        {"PixelSpacing": ["0.143", "0.1435"]},
        {"PixelSpacing": ["0", "0.2"]},
        {"PixelSpacing": ["-0.4", "0.2"]},
        {"PixelSpacing": ["0.4"]},
        {"PixelSpacing": []},
        {"PixelAspectRatio": [1000, 1]},
        {"PixelAspectRatio": [0, 0]},
        {"PixelSpacing": ["0.2", "0.2"], "PixelAspectRatio": [2, 1]},
    ],
)
def test_sizes_that_are_the_same_or_impossible_stretch_nothing(
    sizes: dict[str, list[str]],
) -> None:
    found = decode(make_dicom(_PICTURE, **sizes))
    assert found.samples.shape == (_SIDE, _SIDE)
    assert not found.notices


def test_unusable_size_gives_way_to_the_next() -> None:
    sizes = {"PixelSpacing": [], "ImagerPixelSpacing": [0.4, 0.2]}
    assert _keys(make_dicom(_squashed(2, 1), **sizes)) == ["not_square"]


@pytest.mark.parametrize(
    ("macro", "keyword"),
    [
        ("PixelMeasuresSequence", "PixelSpacing"),
        ("FramePixelDataPropertiesSequence", "ImagerPixelSpacing"),
    ],
)
def test_size_of_an_enhanced_image_lies_in_its_macro(macro: str, keyword: str) -> None:
    measures, group = Dataset(), Dataset()
    setattr(measures, keyword, [0.4, 0.2])
    setattr(group, macro, [measures])
    dataset = make_dataset(_squashed(2, 1), SharedFunctionalGroupsSequence=[group])
    found = decode(to_bytes(dataset))
    assert found.samples.shape == (_SIDE, _SIDE)


def test_color_is_stretched_too() -> None:
    color = np.stack([_squashed(2, 1) // 16] * 3, axis=-1).astype(np.uint8)
    data = make_dicom(color, photometric="RGB", PixelAspectRatio=[2, 1])
    assert decode(data).samples.shape == (_SIDE, _SIDE)


def test_stretched_picture_stays_within_the_limit() -> None:
    header = Dataset()
    header.PixelAspectRatio = [4, 1]
    rows = LIMITS.pixels // 20_000 // 2
    stretched, (notice,) = make_square(header, np.zeros((rows, 20_000), np.uint8))
    assert stretched.size <= LIMITS.pixels
    assert stretched.shape[0] / stretched.shape[1] == pytest.approx(
        4 * rows / 20_000, rel=0.01
    )
    assert notice.values["tag"] == "Pixel Aspect Ratio (0028,0034)"
