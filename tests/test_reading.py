"""The one door for bytes: content decides, limits are stated, pixels are floats."""

from pathlib import Path

import numpy as np
import pytest

from tests.dicom_files import make_dicom, phantom
from xray.errors import ImageError, UnsupportedImageError
from xray.reading.reader import read_image, read_radiograph


def test_dicom_gives_pixels_facts_and_claim() -> None:
    data = make_dicom(
        phantom(), bits=12, photometric="MONOCHROME1", BodyPartExamined="KNEE"
    )
    radiograph = read_radiograph(data)
    assert radiograph.pixels.dtype == np.float32
    assert radiograph.pixels.shape == (48, 40)
    assert radiograph.pixels.min() == 0
    assert radiograph.pixels.max() == 1
    facts = radiograph.facts
    assert (facts.kind, facts.bytes) == ("DICOM", len(data))
    assert (facts.width, facts.height) == (40, 48)
    assert (facts.photometric, facts.bits_stored) == ("MONOCHROME1", 12)
    assert (facts.modality, facts.transfer_syntax) == (
        "DX",
        "Explicit VR Little Endian",
    )
    assert radiograph.claim is not None
    assert radiograph.claim.parts == {11}


def test_film_gives_pixels_and_no_claim(films: dict[str, bytes]) -> None:
    radiograph = read_radiograph(films["hand"])
    assert radiograph.claim is None
    assert radiograph.facts.kind == "JPEG"
    assert 0 <= radiograph.pixels.min() < radiograph.pixels.max() <= 1


def test_name_plays_no_part(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    path.write_bytes(make_dicom(phantom()))
    assert read_image(path).shape == (48, 40)


def test_same_bytes_give_the_same_pixels(films: dict[str, bytes]) -> None:
    for data in films.values():
        first, second = read_radiograph(data), read_radiograph(data)
        np.testing.assert_array_equal(first.pixels, second.pixels)


def test_empty_file_is_named() -> None:
    with pytest.raises(ImageError, match="empty"):
        read_radiograph(b"")


def test_file_over_the_limit_is_refused_before_it_is_decoded(limits) -> None:
    limits(file_bytes=100)
    with pytest.raises(ImageError, match="at most 100 bytes, received 101 bytes"):
        read_radiograph(bytes(101))


@pytest.mark.parametrize("data", [b"\0", b"GIF89a", b"%PDF-1.7\n", b"<html>", b"MZ"])
def test_other_files_are_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedImageError, match="DICOM, PNG or JPEG"):
        read_radiograph(data * 200)
