"""JPEG files of more than 8 bits, or without losses, beside those of 8."""

import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless

from tests.dicom_files import make_dataset, phantom
from tests.jpeg_streams import lossless_jpeg, lossy_jpeg
from xray.errors import ImageError
from xray.reading.decoding import decode


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_lossless_jpeg_keeps_its_values(bits: int) -> None:
    found = decode(lossless_jpeg(phantom(bits=bits), bits))
    wanted = phantom(bits=bits) / ((1 << bits) - 1)
    np.testing.assert_allclose(found.samples / 65535, wanted, atol=1e-5)
    assert (found.facts.kind, found.facts.width, found.facts.height) == ("JPEG", 40, 48)
    assert not found.facts.colored


def test_jpeg_of_twelve_bits_comes_close_to_its_values() -> None:
    found = decode(lossy_jpeg(phantom())).samples / 65535
    np.testing.assert_allclose(found, phantom() / 4095, atol=0.01)


def test_jpeg_ls_keeps_its_values() -> None:
    stream = make_dataset(phantom(), JPEGLSLossless, bits=12).PixelData[20:]
    found = decode(stream).samples / 65535
    np.testing.assert_allclose(found, phantom() / 4095, atol=1e-5)


def test_lossless_color_turns_gray_by_its_luminance() -> None:
    red = phantom(bits=8)
    color = np.stack([red, red[::-1], red[:, ::-1]], axis=-1)
    found = decode(lossless_jpeg(color, 8))
    wanted = color @ np.array([0.299, 0.587, 0.114]) / 255
    np.testing.assert_allclose(found.samples / 65535, wanted, atol=1e-3)
    assert found.facts.colored


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_cut_file_is_damaged(part: float) -> None:
    stream = make_dataset(phantom(), JPEGLSLossless, bits=12).PixelData[20:]
    with pytest.raises(ImageError) as caught:
        decode(stream[: int(len(stream) * part)])
    assert caught.value.key == "damaged"


def test_picture_over_the_limit_is_refused_before_it_is_decoded() -> None:
    stream = bytearray(lossless_jpeg(phantom(), 12))
    place = stream.index(b"\xff\xc3")
    stream[place + 5 : place + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(ImageError) as caught:
        decode(bytes(stream))
    assert caught.value.key == "too_many_pixels"
