"""Compressed frames whose header and codestream differ: the bytes decide."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import uid as uids
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes
from tests.jpeg_streams import lossy_jpeg
from xray.errors import ImageError
from xray.reading.decoding import decode
from xray.reading.radiograph import Samples

_WHOLE_WORDS = (
    uids.RLELossless,
    uids.JPEGLosslessSV1,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
)
_ANY_DEPTH = (uids.JPEGLosslessSV1, uids.JPEGLSLossless, uids.JPEG2000Lossless)
_RANDOM = np.random.default_rng(24)


def _name(syntax: UID) -> str:
    return syntax.keyword


def _shown(data: bytes) -> Samples:
    return decode(data).samples


def _window(bits: int, signed: bool) -> dict[str, Any]:
    top = 1 << bits
    return {"WindowCenter": 0 if signed else top // 2, "WindowWidth": top}


# Kind 1: nothing may be assumed of the bits beside the stored ones (PS3.5 8.1.1).


@pytest.mark.parametrize("syntax", _WHOLE_WORDS, ids=_name)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("stored", "high"), [(12, 11), (12, 15), (10, 12), (8, 7)])
def test_bits_beside_the_stored_ones_of_whole_words_are_cut(
    syntax: UID, signed: bool, stored: int, high: int
) -> None:
    values = phantom(bits=stored).astype(np.uint16)
    shift = high + 1 - stored
    beside = ~np.uint16(((1 << stored) - 1) << shift)
    noise = _RANDOM.integers(0, 1 << 16, values.shape, dtype=np.uint16) & beside
    words = (values << shift) | noise
    header = {"BitsStored": stored, "HighBit": high, "PixelRepresentation": signed}
    window = _window(stored, signed)
    packed = make_dicom(words, syntax, bits=16, **header, **window)
    clean = make_dicom((values << shift), bits=16, **header, **window)
    np.testing.assert_array_equal(_shown(packed), _shown(clean))


@pytest.mark.parametrize("syntax", _ANY_DEPTH, ids=_name)
@pytest.mark.parametrize("stored", [8, 10, 12, 15])
def test_signed_values_without_their_sign_bits_are_signed(
    syntax: UID, stored: int
) -> None:
    values = phantom(bits=stored).astype(np.int16) - (1 << (stored - 1))
    bare = (values.astype(np.int16).view(np.uint16) & ((1 << stored) - 1)).astype(
        np.uint16
    )
    window = _window(stored, signed=True)
    plain = make_dicom(values, bits=stored, **window)
    packed = make_dicom(bare, syntax, bits=stored, PixelRepresentation=1, **window)
    np.testing.assert_array_equal(_shown(packed), _shown(plain))


@pytest.mark.parametrize("syntax", _ANY_DEPTH, ids=_name)
def test_stream_of_fewer_bits_than_the_word_holds_real_values(syntax: UID) -> None:
    window = _window(12, signed=False)
    packed = make_dicom(phantom(), syntax, bits=12, BitsStored=10, HighBit=9, **window)
    np.testing.assert_array_equal(
        _shown(packed), _shown(make_dicom(phantom(), bits=12, **window))
    )


@pytest.mark.parametrize("syntax", _ANY_DEPTH, ids=_name)
def test_overlay_that_the_header_tells_of_is_cut_from_any_stream(syntax: UID) -> None:
    marked = phantom() | np.uint16(1 << 12)
    dataset = make_dataset(
        marked, syntax, bits=13, BitsStored=12, HighBit=11, **_window(12, signed=False)
    )
    dataset.add_new(0x60000102, "US", 12)
    clean = make_dicom(phantom(), bits=12, **_window(12, signed=False))
    np.testing.assert_array_equal(_shown(to_bytes(dataset)), _shown(clean))


def test_losses_past_the_highest_value_stay_white() -> None:
    values = np.where(phantom() > 2000, 4095, 0).astype(np.uint16)
    data = make_dicom(
        np.minimum(values + 1, 4097).astype(np.uint16),  # as NEAR = 1 may leave it
        uids.JPEGLSNearLossless,
        bits=16,
        BitsStored=12,
        HighBit=11,
        **_window(12, signed=False),
    )
    assert _shown(data)[values == 4095].min() > 60_000


# Kind 2: Planar Configuration means nothing beside a codestream (PS3.5 8.2).


@pytest.mark.parametrize(
    "syntax",
    [
        uids.RLELossless,
        uids.JPEGBaseline8Bit,
        uids.JPEGLosslessSV1,
        uids.JPEGLSLossless,
        uids.JPEG2000Lossless,
    ],
    ids=_name,
)
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_planar_configuration_is_the_codestreams(syntax: UID, photometric: str) -> None:
    red = phantom(bits=8).astype(np.uint8)
    color = np.stack([red, red[::-1], red[:, ::-1]], axis=-1)
    one, two = (
        make_dicom(color, syntax, photometric=photometric, PlanarConfiguration=by_plane)
        for by_plane in (0, 1)
    )
    np.testing.assert_array_equal(_shown(one), _shown(two))


# Kind 10: GDCM cuts values to the bits it is told of.


@pytest.mark.parametrize("stored", [9, 10, 11, 12])
def test_overshoot_of_a_lossy_jpeg_stays_white(stored: int) -> None:
    top = (1 << stored) - 1
    values = np.where(phantom(96, 80) > 2000, top, 0).astype(np.uint16)
    dataset = make_dataset(values, uids.JPEGExtended12Bit, bits=12)
    dataset.PixelData = encapsulate([lossy_jpeg(values, step=24 << (stored - 9))])
    dataset.BitsStored, dataset.HighBit = stored, stored - 1
    dataset.WindowCenter, dataset.WindowWidth = 1 << (stored - 1), 1 << stored
    shown = _shown(to_bytes(dataset))
    assert shown[values == top].min() > 40_000
    assert shown[values == 0].max() < 25_000


# Kind 11: a stream may have fewer bits than the words that the header allocates.


@pytest.mark.parametrize(
    "syntax",
    [uids.RLELossless, uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit, *_ANY_DEPTH],
    ids=_name,
)
@pytest.mark.parametrize("allocated", [16, 32])
def test_bytes_in_larger_words_are_read(syntax: UID, allocated: int) -> None:
    if syntax in (uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit):
        file = io.BytesIO()
        Image.fromarray(phantom(bits=8).astype(np.uint8)).save(
            file, "JPEG", quality=100, subsampling=0
        )
        dataset = make_dataset(phantom(bits=8).astype(np.uint8), uids.JPEGBaseline8Bit)
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.PixelData = encapsulate([file.getvalue()])
    else:
        dataset = make_dataset(phantom(bits=8).astype(np.uint8), syntax)
    dataset.BitsAllocated = allocated
    dataset.WindowCenter, dataset.WindowWidth = 128, 256
    plain = make_dicom(
        phantom(bits=8).astype(np.uint8), WindowCenter=128, WindowWidth=256
    )
    np.testing.assert_allclose(
        _shown(to_bytes(dataset)) / 65535, _shown(plain) / 65535, atol=0.02
    )


@pytest.mark.parametrize("syntax", _ANY_DEPTH, ids=_name)
@pytest.mark.parametrize("precision", [8, 10, 12])
def test_stream_of_fewer_bits_than_stored_is_read(syntax: UID, precision: int) -> None:
    pixels: NDArray[Any] = phantom(bits=precision)
    if precision == 8:
        pixels = pixels.astype(np.uint8)
    window = _window(precision, signed=False)
    packed = make_dicom(
        pixels,
        syntax,
        bits=precision,
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        **window,
    )
    plain = make_dicom(phantom(bits=precision), bits=16, **window)
    np.testing.assert_array_equal(_shown(packed), _shown(plain))


@pytest.mark.parametrize("syntax", _ANY_DEPTH, ids=_name)
def test_stream_of_more_bits_than_allocated_is_read(syntax: UID) -> None:
    packed = make_dicom(
        phantom(), syntax, bits=12, BitsAllocated=8, BitsStored=8, HighBit=7
    )
    np.testing.assert_array_equal(_shown(packed), _shown(make_dicom(phantom())))


def test_rle_of_another_number_of_samples_is_refused() -> None:
    data = make_dicom(
        phantom(bits=8).astype(np.uint8),
        uids.RLELossless,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
    )
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert caught.value.key == "undecodable"
