"""Transfer syntax against bytes: read what is certain, or name what contradicts."""

import struct
from typing import Any

import gdcm
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import uid as uids
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes
from tests.jpeg_streams import lossy_jpeg
from xray.errors import ImageError
from xray.reading.decoding import decode
from xray.reading.dicom.codecs import DECODERS
from xray.reading.dicom.codestream import codec_of
from xray.reading.radiograph import Decoded

_LOSSLESS = (
    uids.RLELossless,
    uids.JPEGLosslessSV1,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
)
_COMPRESSED = [syntax for syntax in DECODERS if syntax.is_encapsulated]
_WINDOW: dict[str, Any] = {"WindowCenter": 2048, "WindowWidth": 4096}


def _name(syntax: UID) -> str:
    return syntax.keyword


def _read(stored: UID, said: UID, pixels: NDArray[Any] | None = None) -> Decoded:
    """Read pixels stored as one syntax under the name of another."""
    bits = 12 if pixels is None else 8
    made = make_dataset(
        phantom() if pixels is None else pixels, stored, bits=bits, **_WINDOW
    )
    return decode(_renamed(to_bytes(made), stored, said))


def _renamed(data: bytes, stored: UID, said: UID) -> bytes:
    def padded(uid: UID) -> bytes:
        return uid.encode() + b"\0" * (len(uid) % 2)

    old, new = (
        b"\x02\0\x10\0UI" + struct.pack("<H", len(padded(uid))) + padded(uid)
        for uid in (stored, said)
    )
    (length,) = struct.unpack_from("<I", data, 140)
    longer = struct.pack("<I", length + len(new) - len(old))
    return data[:140] + longer + data[144:].replace(old, new, 1)


@pytest.mark.parametrize("stored", _LOSSLESS, ids=_name)
@pytest.mark.parametrize("said", [*_COMPRESSED, uids.ExplicitVRLittleEndian], ids=_name)
def test_codec_is_that_of_the_bytes(stored: UID, said: UID) -> None:
    found = _read(stored, said)
    plain = decode(make_dicom(phantom(), bits=12, **_WINDOW))
    np.testing.assert_array_equal(found.samples, plain.samples)
    is_as_said = said in _COMPRESSED and codec_of(said) is codec_of(stored)
    keys = [notice.key for notice in found.notices]
    assert keys == ([] if is_as_said else ["read_compressed"])


@pytest.mark.parametrize(
    "said", [uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit], ids=_name
)
def test_twelve_bits_of_a_lossy_jpeg_are_read_under_either_name(said: UID) -> None:
    dataset = make_dataset(phantom(), uids.JPEGExtended12Bit, bits=12, **_WINDOW)
    dataset.PixelData = encapsulate([lossy_jpeg(phantom())])
    found = decode(_renamed(to_bytes(dataset), uids.JPEGExtended12Bit, said))
    plain = decode(make_dicom(phantom(), bits=12, **_WINDOW))
    np.testing.assert_allclose(found.samples / 65535, plain.samples / 65535, atol=0.01)
    assert not found.notices


@pytest.mark.parametrize("said", _COMPRESSED, ids=_name)
@pytest.mark.parametrize("columns", [40, 39])
def test_uncompressed_pixels_of_the_right_length_are_read(
    said: UID, columns: int
) -> None:
    picture = phantom(47, columns, 8).astype(np.uint8)
    found = _read(uids.ExplicitVRLittleEndian, said, picture)
    plain = decode(make_dicom(picture, bits=8, **_WINDOW))
    np.testing.assert_array_equal(found.samples, plain.samples)
    assert [notice.key for notice in found.notices] == ["read_uncompressed"]


@pytest.mark.parametrize("said", _COMPRESSED, ids=_name)
@pytest.mark.parametrize("change", [-300, 300])
def test_uncompressed_pixels_of_another_length_are_named(
    said: UID, change: int
) -> None:
    dataset = make_dataset(phantom(), **_WINDOW)
    dataset.PixelData = (dataset.PixelData + bytes(300))[: 48 * 40 * 2 + change]
    with pytest.raises(ImageError) as caught:
        decode(_renamed(to_bytes(dataset), uids.ExplicitVRLittleEndian, said))
    assert caught.value.key == "not_encapsulated"
    assert said.name in str(caught.value)


@pytest.mark.parametrize(
    "syntax", [s for s in _LOSSLESS if s != uids.RLELossless], ids=_name
)
@pytest.mark.parametrize("said", [uids.ExplicitVRLittleEndian, None])
def test_codestream_without_an_item_around_it_is_read(
    syntax: UID, said: UID | None
) -> None:
    dataset = make_dataset(phantom(), syntax, bits=12, **_WINDOW)
    plain = decode(to_bytes(dataset)).samples
    stream = dataset.PixelData[20:]  # after the table and the item's head
    dataset.PixelData = stream + b"\0" * (len(stream) % 2)
    dataset.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    dataset["PixelData"].is_undefined_length = False
    data = _renamed(to_bytes(dataset), uids.ExplicitVRLittleEndian, said or syntax)
    if said is not None:
        with pytest.raises(ImageError) as caught:
            decode(data)
        assert caught.value.key == "short_pixels"
        return
    np.testing.assert_array_equal(decode(data).samples, plain)


def test_encapsulated_bytes_of_no_codec_under_a_native_name_are_named() -> None:
    dataset = make_dataset(phantom(), uids.JPEG2000Lossless, bits=12)
    dataset.PixelData = encapsulate([b"no picture at all."])
    said = uids.ExplicitVRLittleEndian
    with pytest.raises(ImageError, match="Explicit VR Little Endian") as caught:
        decode(_renamed(to_bytes(dataset), uids.JPEG2000Lossless, said))
    assert caught.value.key == "not_native"


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_private_syntax_of_ge_has_pixels_of_the_other_byte_order(
    bits: int, tmp_path
) -> None:
    pixels: NDArray[Any] = phantom(bits=bits)
    pixels = pixels.astype(np.uint8) if bits == 8 else pixels
    plain = make_dicom(pixels, uids.ImplicitVRLittleEndian, bits=bits, **_WINDOW)
    swapped = make_dicom(
        pixels.byteswap(), uids.ImplicitVRLittleEndian, bits=bits, **_WINDOW
    )
    said = UID("1.2.840.113619.5.2")
    found = decode(_renamed(swapped, uids.ImplicitVRLittleEndian, said))
    np.testing.assert_array_equal(found.samples, decode(plain).samples)
    assert found.facts.transfer_syntax == "Implicit VR Big Endian (GE private)"
    path = tmp_path / "ge.dcm"
    path.write_bytes(_renamed(swapped, uids.ImplicitVRLittleEndian, said))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    by_gdcm = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    assert by_gdcm == pixels.tobytes()
