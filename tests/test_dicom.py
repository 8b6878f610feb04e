"""DICOM files of every kind, against pydicom, DCMTK and the pixels they hold."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom import uid as uids
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID

from tests.dicom_files import (
    UNCOMPRESSED,
    make_dataset,
    make_dicom,
    phantom,
    to_bytes,
    wedge,
    windowed_by_pydicom,
)
from xray.errors import ImageError, UnsupportedImageError
from xray.reading.decoding import decode
from xray.reading.dicom.codecs import DECODERS

_LOSSLESS = (
    uids.RLELossless,
    uids.JPEGLossless,
    uids.JPEGLosslessSV1,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
)
# How far a lossy codec may be off, in parts of the whole range.
_TOLERANCE = {
    uids.JPEGBaseline8Bit: 0.02,
    uids.JPEGExtended12Bit: 0.01,
    uids.JPEGLSNearLossless: 0.001,
    uids.JPEG2000: 0.02,
    uids.HTJ2K: 0.001,
}
_HTJ2K = (uids.HTJ2KLossless, uids.HTJ2KLosslessRPCL, uids.HTJ2K)
_WIDE: dict[str, Any] = {"WindowCenter": 2048, "WindowWidth": 4096}


def _color() -> NDArray[np.uint8]:
    red = phantom(bits=8)
    return np.stack([red, red[::-1], red[:, ::-1]], axis=-1).astype(np.uint8)


def _gray(data: bytes) -> NDArray[np.float64]:
    samples = decode(data).samples
    return samples / np.iinfo(samples.dtype).max


@pytest.mark.parametrize("syntax", DECODERS, ids=lambda syntax: syntax.keyword)
def test_every_transfer_syntax_gives_the_uncompressed_pixels(syntax: UID) -> None:
    pixels: NDArray[Any] = wedge() if syntax in _HTJ2K else phantom()
    bits = 12
    if syntax == uids.JPEGBaseline8Bit:
        pixels, bits = phantom(bits=8).astype(np.uint8), 8
    plain = _gray(make_dicom(pixels, bits=bits))
    packed = decode(make_dicom(pixels, syntax, bits=bits))
    assert packed.facts.transfer_syntax == syntax.name
    gray = packed.samples / np.iinfo(packed.samples.dtype).max
    np.testing.assert_allclose(gray, plain, atol=_TOLERANCE.get(syntax, 0))


@pytest.mark.parametrize("syntax", _LOSSLESS, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_lossless_syntaxes_keep_every_bit(syntax: UID, bits: int, signed: bool) -> None:
    pixels: NDArray[Any] = phantom(bits=bits)
    if signed:
        pixels = (pixels.astype(np.int32) - (1 << (bits - 1))).astype(np.int16)
    if bits == 8:
        pixels = pixels.astype(np.int8 if signed else np.uint8)
    extra = {
        "WindowCenter": 0 if signed else 1 << (bits - 1),
        "WindowWidth": 1 << bits,
    }
    plain = make_dicom(pixels, bits=bits, **extra)
    packed = make_dicom(pixels, syntax, bits=bits, **extra)
    np.testing.assert_array_equal(decode(packed).samples, decode(plain).samples)


@pytest.mark.parametrize(
    "syntax", [*UNCOMPRESSED, *_LOSSLESS], ids=lambda syntax: syntax.keyword
)
def test_color_turns_gray_by_its_luminance(syntax: UID) -> None:
    color = _color()
    wanted = color @ np.array([0.299, 0.587, 0.114]) / 255
    gray = _gray(make_dicom(color, syntax, photometric="RGB"))
    np.testing.assert_allclose(gray, wanted, atol=1e-3)


@pytest.mark.parametrize("bits", [8, 16])
def test_palette_turns_gray_by_its_colors(bits: int) -> None:
    indices = phantom(bits=8).astype(np.uint8)
    table = np.arange(256)[::-1] * (1 if bits == 8 else 257)
    dataset = make_dataset(indices, photometric="PALETTE COLOR")
    for color in ("Red", "Green", "Blue"):
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [256, 0, bits])
        data = table.astype(np.uint8 if bits == 8 else "<u2").tobytes()
        setattr(dataset, f"{color}PaletteColorLookupTableData", data)
    gray = _gray(to_bytes(dataset))
    np.testing.assert_allclose(gray, 1 - indices / 255, atol=1e-4)


def test_palette_without_tables_is_refused() -> None:
    data = make_dicom(phantom(bits=8).astype(np.uint8), photometric="PALETTE COLOR")
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert caught.value.key == "palette"


def test_ybr_gives_its_luminance() -> None:
    pixels = np.stack([phantom(bits=8)] * 3, axis=-1).astype(np.uint8)
    pixels[:, :, 1:] = 77
    gray = _gray(make_dicom(pixels, photometric="YBR_FULL"))
    np.testing.assert_allclose(gray, pixels[:, :, 0] / 255, atol=1e-4)


def test_color_is_unsigned_whatever_the_header_says() -> None:
    color = _color()
    plain = _gray(make_dicom(color, photometric="RGB"))
    signed = make_dicom(color, photometric="RGB", PixelRepresentation=1)
    np.testing.assert_array_equal(_gray(signed), plain)


def test_signed_indices_of_a_palette_are_counted_from_its_first_value() -> None:
    values = np.arange(-128, 128, dtype=np.int8).reshape(16, 16)
    dataset = make_dataset(values, photometric="PALETTE COLOR")
    for color in ("Red", "Green", "Blue"):
        keyword = f"{color}PaletteColorLookupTable"
        setattr(dataset, f"{keyword}Descriptor", [256, -128, 8])
        setattr(dataset, f"{keyword}Data", np.arange(256, dtype=np.uint8).tobytes())
    wanted = np.arange(256).reshape(16, 16) / 255
    np.testing.assert_allclose(_gray(to_bytes(dataset)), wanted, atol=1e-4)


@pytest.mark.parametrize("rows", [47, 48])
def test_subsampled_ybr_in_odd_columns_is_refused(rows: int) -> None:
    dataset = make_dataset(_color()[:rows, :39].copy(), photometric="YBR_FULL_422")
    dataset.PixelData = bytes(rows * 39 * 2 + rows % 2)
    with pytest.raises(ImageError, match=r"an even number.*\(0028,0011\)"):
        decode(to_bytes(dataset))


@pytest.mark.parametrize("columns", [39, 40])
def test_ybr_that_is_called_subsampled_and_is_not_is_read(columns: int) -> None:
    color = np.stack([_color()[:, :columns]] * 3)
    whole = _gray(make_dicom(color, photometric="YBR_FULL"))
    called = _gray(make_dicom(color, photometric="YBR_FULL_422"))
    np.testing.assert_array_equal(called, whole)


def test_subsampled_ybr_gives_its_luminance() -> None:
    luma = phantom(bits=8).astype(np.uint8)
    dataset = make_dataset(np.stack([luma] * 3, -1), photometric="YBR_FULL_422")
    packed = np.full((luma.size // 2, 4), 128, np.uint8)
    packed[:, :2] = luma.reshape(-1, 2)
    dataset.PixelData = packed.tobytes()
    np.testing.assert_allclose(_gray(to_bytes(dataset)), luma / 255, atol=1e-4)


def test_color_by_plane_equals_color_by_pixel() -> None:
    color = _color()
    dataset = make_dataset(color, photometric="RGB", PlanarConfiguration=1)
    dataset.PixelData = color.transpose(2, 0, 1).tobytes()
    by_pixel = make_dicom(color, photometric="RGB")
    np.testing.assert_array_equal(_gray(to_bytes(dataset)), _gray(by_pixel))


@pytest.mark.parametrize(
    "syntax",
    [*UNCOMPRESSED, uids.RLELossless, uids.JPEG2000Lossless],
    ids=lambda syntax: syntax.keyword,
)
def test_middle_frame_is_shown(syntax: UID) -> None:
    frames = np.stack([np.roll(phantom(), 5 * turn, axis=0) for turn in range(5)])
    data = make_dicom(frames, syntax, bits=12, **_WIDE)
    alone = make_dicom(frames[2], bits=12, **_WIDE)
    np.testing.assert_array_equal(_gray(data), _gray(alone))
    shown = decode(data)
    assert (shown.facts.frame, shown.facts.frames) == (2, 5)
    assert [notice.key for notice in shown.notices] == ["middle_frame"]


def test_odd_frames_of_single_bits_lie_back_to_back() -> None:
    frames = np.random.default_rng(1).integers(0, 2, (3, 5, 7)).astype(np.uint8)
    dataset = make_dataset(frames)
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    dataset.PixelData = np.packbits(frames, bitorder="little").tobytes() + b"\0"
    np.testing.assert_array_equal(_gray(to_bytes(dataset)), frames[1])


@pytest.mark.parametrize("keyword", ["FloatPixelData", "DoubleFloatPixelData"])
def test_float_pixels_are_read(keyword: str) -> None:
    pixels = phantom().astype("<f4" if keyword == "FloatPixelData" else "<f8")
    dataset = make_dataset(phantom(), PixelData=None, **_WIDE)
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    del dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    setattr(dataset, keyword, pixels.tobytes())
    wanted = _gray(make_dicom(phantom(), **_WIDE))
    np.testing.assert_allclose(_gray(to_bytes(dataset)), wanted, atol=1e-4)


def test_not_finite_floats_do_no_harm() -> None:
    pixels = phantom().astype("<f4")
    pixels[0, :3] = np.nan, np.inf, -np.inf
    dataset = make_dataset(phantom(), PixelData=None, **_WIDE)
    dataset.BitsAllocated = 32
    dataset.FloatPixelData = pixels.tobytes()
    gray = _gray(to_bytes(dataset))
    assert np.isfinite(gray).all()


def test_wide_integers_are_read() -> None:
    pixels = phantom().astype(np.uint32) * 1000
    extra = {"WindowCenter": 2048000, "WindowWidth": 4096000}
    wanted = _gray(make_dicom(phantom(), **_WIDE))
    np.testing.assert_allclose(_gray(make_dicom(pixels, **extra)), wanted, atol=1e-3)


@pytest.mark.parametrize("dtype", ["<u1", "<u2"])
def test_big_endian_words_and_bytes_are_put_right(dtype: str) -> None:
    frames = np.random.default_rng(2).integers(0, 255, (3, 5, 7)).astype(dtype)
    dataset = make_dataset(
        frames, uids.ExplicitVRBigEndian, WindowCenter=128, WindowWidth=256
    )
    plain = make_dicom(frames, WindowCenter=128, WindowWidth=256)
    data = to_bytes(dataset)
    if dtype == "<u1":
        # The same bytes as OW: pairs are swapped.
        pairs = np.frombuffer(dataset.PixelData, ">u2").byteswap().tobytes()
        dataset.PixelData = pairs
        dataset["PixelData"].VR = "OW"
        data = to_bytes(dataset)
    np.testing.assert_array_equal(_gray(data), _gray(plain))


@pytest.mark.parametrize("modality", ["CR", "DX", "RG", "RF", "XA", "OT"])
def test_radiographs_of_any_modality_raise_no_notice(modality: str) -> None:
    decoded = decode(make_dicom(phantom(), Modality=modality))
    assert decoded.facts.modality == modality
    assert not decoded.notices


@pytest.mark.parametrize("modality", ["CT", "MR", "US", "NM", "MG", "PT"])
def test_other_modalities_are_read_and_flagged(modality: str) -> None:
    (notice,) = decode(make_dicom(phantom(), Modality=modality)).notices
    assert notice.key == "not_radiograph"
    assert notice.values == {"modality": modality}


def test_burned_in_annotation_is_flagged() -> None:
    (notice,) = decode(make_dicom(phantom(), BurnedInAnnotation="YES")).notices
    assert notice.key == "burned_in"
    assert not decode(make_dicom(phantom(), BurnedInAnnotation="NO")).notices


def test_header_claim_is_read() -> None:
    claim = decode(make_dicom(phantom(), BodyPartExamined="HAND")).claim
    assert claim is not None
    assert claim.parts == {9}


def test_unknown_terms_of_the_header_stay_unsaid() -> None:
    decoded = decode(
        make_dicom(phantom(), BodyPartExamined="JANE ROE", Modality="JANE ROE")
    )
    assert "JANE" not in repr(decoded.claim)
    assert "JANE" not in repr(decoded.facts)


@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.keyword)
def test_file_without_preamble_is_read(syntax: UID) -> None:
    data = make_dicom(phantom(), syntax)
    np.testing.assert_array_equal(_gray(data[132:]), _gray(data))


@pytest.mark.parametrize(
    ("implicit", "little"), [(True, True), (False, True), (False, False)]
)
def test_file_without_meta_information_is_read(implicit: bool, little: bool) -> None:
    dataset = make_dataset(phantom() if little else phantom().byteswap())
    del dataset.file_meta
    file = io.BytesIO()
    dataset.save_as(file, implicit_vr=implicit, little_endian=little)
    np.testing.assert_array_equal(_gray(file.getvalue()), _gray(make_dicom(phantom())))


def test_missing_pixels_are_named() -> None:
    with pytest.raises(ImageError, match=r"\(7FE0,0010\)"):
        decode(make_dicom(phantom(), PixelData=None))


def test_dicomdir_is_named() -> None:
    dataset = make_dataset(phantom(), PixelData=None)
    dataset.SOPClassUID = UID("1.2.840.10008.1.3.10")
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    with pytest.raises(ImageError, match="DICOMDIR"):
        decode(to_bytes(dataset))


@pytest.mark.parametrize(
    ("uid", "shown"), [("1.2.840.10008.1.2.4.100", "MPEG2"), ("1.2.3.9", r"\\?")]
)
def test_transfer_syntax_that_is_not_read_is_named(uid: str, shown: str) -> None:
    dataset = make_dataset(phantom(), uids.RLELossless)
    file = io.BytesIO()
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    dataset.save_as(file, implicit_vr=False, little_endian=True)
    with pytest.raises(ImageError, match=rf"\(0002,0010\), received {shown}"):
        decode(file.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(200),
        b"\x08\0 a text that begins as a DICOM file without preamble may",
        b"\x02\0" * 500,
        b"\x08\0",
        "ein Befund".encode("utf-16"),
    ],
)
def test_what_is_no_dicom_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedImageError):
        decode(data)


def test_stump_of_a_file_is_damaged() -> None:
    with pytest.raises(ImageError) as caught:
        decode(make_dicom(phantom())[:132])
    assert caught.value.key == "damaged"


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0"])
def test_preamble_decides_nothing(start: bytes) -> None:
    data = make_dicom(phantom())
    changed = start + data[len(start) :]
    np.testing.assert_array_equal(_gray(changed), _gray(data))


# Files of pydicom and pydicom-data, radiographs first. Debian's DCMTK can't read
# JPEG 2000.
_WINDOWED = (
    "RG1_UNCR.dcm",
    "RG3_UNCR.dcm",
    "693_UNCR.dcm",
    "MR_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_RLE.dcm",
    "MR-SIEMENS-DICOM-WithOverlays.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
    "vlut_04.dcm",
    "examples_overlay.dcm",
)
_JPEG2000 = ("RG1_J2KR.dcm", "RG3_J2KR.dcm", "MR2_J2KR.dcm")
_COLORED = (
    "US1_UNCR.dcm",
    "SC_rgb.dcm",
    "SC_rgb_16bit.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "OT-PAL-8-face.dcm",
    "examples_palette.dcm",
    "color-pl.dcm",
)


def _by_pydicom(path: Path) -> NDArray[np.float64]:
    dataset = dcmread(path, force=True)
    dataset.file_meta.setdefault("TransferSyntaxUID", uids.ImplicitVRLittleEndian)
    if dataset.PhotometricInterpretation.startswith("MONOCHROME"):
        shown = windowed_by_pydicom(dataset)
        inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
        return 1 - shown if inverted else shown
    pixels, top = dataset.pixel_array, (1 << dataset.BitsStored) - 1
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        top = 255 if pixels.max() <= 255 else 0xFF00
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114]) / top)


def _by_dcmtk(path: Path) -> NDArray[np.float64]:
    dataset = dcmread(path, force=True, stop_before_pixels=True)
    syntax = dataset.file_meta.get("TransferSyntaxUID", uids.ImplicitVRLittleEndian)
    tool = "dcmj2pnm" if "JPEG" in syntax.name else "dcm2pnm"
    options = ["--no-overlays"]
    if "VOILUTSequence" in dataset:
        options += ["+Wl", "1"]
    elif "WindowWidth" in dataset:
        options += ["+Wi", "1"]
    with TemporaryDirectory() as folder:
        output = Path(folder) / "shown.pnm"
        subprocess.run([tool, *options, path, output], check=True, capture_output=True)
        with Image.open(output) as picture:
            return np.asarray(picture.convert("L"), np.float64) / 255


_CASES = [(_by_pydicom, name) for name in _WINDOWED + _JPEG2000 + _COLORED]
_READERS = [_by_pydicom]
if shutil.which("dcm2pnm"):  # Debian package dcmtk
    _CASES += [(_by_dcmtk, name) for name in _WINDOWED + _COLORED]
    _READERS += [_by_dcmtk]


@pytest.mark.parametrize(("reader", "name"), _CASES)
def test_real_files_match_outside_readers(
    reader: Callable[[Path], NDArray[np.float64]], name: str
) -> None:
    path = Path(str(get_testdata_file(name, download=False)))
    # DCMTK cuts to whole gray levels; pydicom turns YBR into RGB and back.
    is_exact = reader is _by_pydicom and name not in _COLORED
    shown, wanted = _gray(path.read_bytes()), reader(path)
    if shown.shape != wanted.shape:  # its pixels are not square
        size = shown.shape[1], shown.shape[0]
        resized = cv2.resize(wanted, size, interpolation=cv2.INTER_LINEAR)
        wanted = resized.astype(np.float64)
    np.testing.assert_allclose(shown, wanted, atol=2e-5 if is_exact else 2 / 255)


@pytest.mark.parametrize("reader", _READERS)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
def test_made_files_match_outside_readers(
    reader: Callable[[Path], NDArray[np.float64]],
    photometric: str,
    signed: bool,
    tmp_path: Path,
) -> None:
    pixels: NDArray[Any] = phantom()
    if signed:
        pixels = pixels.astype(np.int16) - 2048
    data = make_dicom(
        pixels,
        photometric=photometric,
        bits=12,
        RescaleSlope=2,
        RescaleIntercept=-300,
        WindowCenter=float(np.median(pixels)) * 2 - 300,
        WindowWidth=4000,
    )
    path = tmp_path / "made.dcm"
    path.write_bytes(data)
    np.testing.assert_allclose(_gray(data), reader(path), atol=1 / 255)


@pytest.mark.parametrize("bits", [8, 16])
def test_color_photographs_are_told_from_gray_in_rgb(bits: int) -> None:
    scale = (1 << bits) - 1
    rows, columns = np.mgrid[0:1:60j, 0:1:80j]
    photograph = np.stack([rows, columns, 1 - columns], axis=-1)
    gray = np.repeat(phantom(60, 80, 8)[..., None] / 255, 3, axis=-1)
    kind = np.uint8 if bits == 8 else np.uint16
    for picture, colored in ((photograph, True), (gray, False)):
        data = make_dicom((picture * scale).astype(kind), photometric="RGB")
        assert decode(data).facts.colored is colored


def test_color_photographs_are_told_from_gray_in_ybr() -> None:
    rows, columns = np.mgrid[0:255:60j, 0:255:80j]
    photograph = np.stack([rows, columns, 255 - columns], axis=-1).astype(np.uint8)
    gray = photograph.copy()
    gray[..., 1:] = 128
    for picture, colored in ((photograph, True), (gray, False)):
        data = make_dicom(picture, photometric="YBR_FULL")
        assert decode(data).facts.colored is colored


def test_photographs_by_a_camera_are_no_radiographs() -> None:
    found = decode(make_dicom(phantom(), Modality="XC"))
    assert found.facts.modality == "XC"
    assert "not_radiograph" in {notice.key for notice in found.notices}


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
@pytest.mark.parametrize("syntax", UNCOMPRESSED[:2], ids=lambda syntax: syntax.keyword)
def test_last_byte_of_an_odd_number_may_be_missing(
    shape: tuple[int, ...], syntax: UID
) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, shape).astype(np.uint8)
    data = make_dicom(pixels, syntax, **_WIDE)
    np.testing.assert_array_equal(_gray(data[:-1]), _gray(data))
    one_less = _gray(data[:-2]).reshape(-1)
    np.testing.assert_array_equal(one_less[:-1], _gray(data).reshape(-1)[:-1])
    with pytest.raises(ImageError) as caught:
        decode(data[:-3])
    assert caught.value.key == "short_pixels"


@pytest.mark.parametrize("declared", ["ISO_IR 192", "ISO_IR 100", "", None])
@pytest.mark.parametrize("written", ["utf-8", "latin-1"])
@pytest.mark.parametrize("syntax", UNCOMPRESSED[:2], ids=lambda syntax: syntax.keyword)
def test_description_is_read_in_the_set_it_was_written_in(
    declared: str | None, written: str, syntax: UID
) -> None:
    text = "MUÑECA IZQ".encode(written)
    text += b" " * (len(text) % 2)
    dataset = make_dataset(phantom(), syntax, SeriesDescription="~" * len(text))
    if declared is not None:
        dataset.SpecificCharacterSet = declared
    claim = decode(to_bytes(dataset).replace(b"~" * len(text), text)).claim
    assert claim is not None
    assert claim.parts == {21}
    assert claim.hint
