"""Each known threat (hang, crash, fill, fool) as a file, through the real door."""

import io
import logging
import struct
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom import uid as uids
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests import hostile_files as hostile
from tests.dicom_files import make_dataset, make_dicom, make_lut, phantom, to_bytes
from xray.errors import ImageError
from xray.limits import LIMITS
from xray.reading.decoding import decode
from xray.reading.dicom.codecs import DECODERS
from xray.reading.reader import read_radiograph
from xray.reading.wire import pack

_MARKER = "ZQXSECRETQZ"


def _refusal(data: bytes) -> str:
    """Read a file that must be refused, soon; return the message's key."""
    read_radiograph(make_dicom(phantom()))  # the process has started
    start = time.monotonic()
    with pytest.raises(ImageError) as caught:
        read_radiograph(data)
    assert time.monotonic() - start < 10
    assert caught.value.text("en")
    assert caught.value.text("es")
    return caught.value.key


@pytest.mark.parametrize("depth", [200, 100_000])
def test_sequences_nested_without_end(depth: int) -> None:
    assert _refusal(hostile.nested_sequences(depth)) == "too_nested"


def test_millions_of_elements() -> None:
    assert _refusal(hostile.many_elements(500_000)) == "too_many_elements"


def test_millions_of_items() -> None:
    assert _refusal(hostile.many_items(500_000)) == "too_many_elements"


@pytest.mark.parametrize("count", [100_000, 2_000_000])
def test_millions_of_items_of_defined_length(count: int) -> None:
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * count
    head = struct.pack("<HH2sHI", 0x0008, 0x2218, b"SQ", 0, len(items))
    data = hostile.insert(make_dicom(phantom()), head + items)
    start = time.process_time()
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert caught.value.key == "too_many_elements"
    assert time.process_time() - start < 5


@pytest.mark.parametrize("tag", [0x00181702, 0x00281050, 0x00180015, 0x00283006])
def test_millions_of_values_in_one_element(tag: int) -> None:
    body = b"1\\" * 2_000_000
    head = struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(body))
    data = hostile.insert(
        make_dicom(phantom(), uids.ImplicitVRLittleEndian), head + body
    )
    if tag == 0x00283006:  # means nothing outside a sequence, and is skipped
        assert read_radiograph(data).facts.kind == "DICOM"
    else:
        assert _refusal(data) == "too_many_elements"


def test_one_long_value_counts_as_absent() -> None:
    body = b"HAND" * 100_000
    head = struct.pack("<HHI", 0x0018, 0x0015, len(body))
    data = hostile.insert(
        make_dicom(phantom(), uids.ImplicitVRLittleEndian), head + body
    )
    claim = read_radiograph(data).claim
    assert claim is not None
    assert claim.missing


def test_many_elements_of_an_honest_file_are_read() -> None:
    data = hostile.many_elements(5_000)
    assert read_radiograph(data).pixels.shape == (48, 40)


@pytest.mark.parametrize(
    ("elements", "key"),
    [
        ({"Rows": 65535, "Columns": 65535}, "too_many_pixels"),
        ({"Rows": 9999, "Columns": 9999}, "short_pixels"),
        ({"NumberOfFrames": 2**31 - 1}, "short_pixels"),
        ({"NumberOfFrames": -3}, "bad_tag"),
        ({"NumberOfFrames": 10**11}, "bad_tag"),
        ({"Rows": 0}, "bad_tag"),
        ({"Columns": None}, "bad_tag"),
        ({"BitsAllocated": 12}, "bad_tag"),
        ({"BitsAllocated": 0}, "bad_tag"),
        ({"BitsStored": 17}, "bad_tag"),
        ({"SamplesPerPixel": 3}, "bad_tag"),
        ({"SamplesPerPixel": 65535}, "bad_tag"),
        ({"PhotometricInterpretation": "CMYK"}, "bad_tag"),
        ({"BitsAllocated": 64, "BitsStored": 64}, "short_pixels"),
    ],
)
def test_header_that_promises_what_is_not_there(
    elements: dict[str, Any], key: str
) -> None:
    assert _refusal(make_dicom(phantom(), **elements)) == key


@pytest.mark.parametrize(
    "syntax",
    [
        uids.RLELossless,
        uids.JPEGLosslessSV1,
        uids.JPEGLSLossless,
        uids.JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.keyword,
)
@pytest.mark.parametrize(
    "elements", [{"Rows": 9999, "Columns": 9999}, {"NumberOfFrames": 2**31 - 1}]
)
def test_compressed_picture_smaller_than_its_header(
    syntax: UID, elements: dict[str, int]
) -> None:
    data = make_dicom(phantom(), syntax, bits=12, **elements)
    assert _refusal(data) in ("codestream_size", "undecodable")


def test_numbers_of_300_digits_are_not_repeated() -> None:
    body = struct.pack("<HH2sHd", 0x0028, 0x0008, b"FD", 8, 1e300)
    with pytest.raises(ImageError) as caught:
        read_radiograph(hostile.insert(make_dicom(phantom()), body))
    assert "received 1e+300" in str(caught.value)


def test_compressed_color_that_is_called_gray_and_the_other_way_round() -> None:
    gray = phantom(bits=8).astype(np.uint8)
    color = np.stack([gray] * 3, axis=-1)
    for inside, outside, photometric in (
        (color, gray, "MONOCHROME2"),
        (gray, color, "RGB"),
    ):
        file = io.BytesIO()
        Image.fromarray(inside).save(file, "JPEG")
        dataset = make_dataset(outside, uids.JPEGBaseline8Bit, photometric=photometric)
        dataset.PixelData = encapsulate([file.getvalue()])
        assert _refusal(to_bytes(dataset)) == "bad_tag"


_CHUNK = struct.pack("<HHI", 0xFFFE, 0xE000, 16)
_NO_OFFSETS = struct.pack("<HHI", 0xFFFE, 0xE000, 0)


@pytest.mark.parametrize("syntax", [s for s in DECODERS if s.is_encapsulated])
@pytest.mark.parametrize(
    "value",
    [
        b"",
        _NO_OFFSETS,
        _NO_OFFSETS * 2,
        _NO_OFFSETS + _CHUNK + b"A" * 16,
        struct.pack("<HHIi", 0xFFFE, 0xE000, 4, -1) + _CHUNK + b"\xff\xd8\xff\xc0" * 4,
    ],
)
def test_pixels_without_a_picture_in_them(syntax: UID, value: bytes) -> None:
    dataset = make_dataset(phantom(bits=8).astype(np.uint8), PixelData=None)
    dataset.file_meta.TransferSyntaxUID = syntax
    head = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    assert _refusal(to_bytes(dataset) + head + value + end) == "undecodable"


def test_codestream_larger_than_its_header() -> None:
    jpeg = hostile.make_jpeg_of_size(65500, 65500) + b"\0"
    dataset = make_dataset(phantom(bits=8).astype(np.uint8), uids.JPEGBaseline8Bit)
    dataset.PixelData = struct.pack("<HHI", 0xFFFE, 0xE000, 0) + (
        struct.pack("<HHI", 0xFFFE, 0xE000, len(jpeg)) + jpeg
    )
    assert _refusal(to_bytes(dataset)) == "codestream_size"


@pytest.mark.parametrize("keep", [0.6, 0.9, 0.99])
@pytest.mark.parametrize(
    "syntax",
    [
        uids.RLELossless,
        uids.JPEGLosslessSV1,
        uids.JPEGLSLossless,
        uids.JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.keyword,
)
def test_compressed_file_that_is_cut_short_is_no_half_picture(
    syntax: UID, keep: float
) -> None:
    data = make_dicom(phantom(), syntax, bits=12)
    assert _refusal(data[: int(len(data) * keep)]) == "damaged"


def test_millions_of_fragments() -> None:
    assert _refusal(hostile.many_fragments(1_000_000)) == "undecodable"


def test_deflated_bomb() -> None:
    limit = LIMITS.inflated_bytes >> 20
    assert _refusal(hostile.deflate_bomb(limit + 50)) == "file_too_large"


def test_deflated_zeros_within_the_limit() -> None:
    assert _refusal(hostile.deflate_bomb(20)) == "too_many_elements"


@pytest.mark.parametrize("size", [(65500, 65500), (9000, 9000)])
def test_jpeg_that_promises_a_size(size: tuple[int, int]) -> None:
    key = _refusal(hostile.make_jpeg_of_size(*size))
    assert key == ("too_many_pixels" if size[0] > 10_000 else "damaged")


def test_png_of_400_megapixels() -> None:
    rows = (b"\0" + bytes(2500)) * 20_000
    assert _refusal(hostile.make_png(20_000, 20_000, rows, 1)) == "too_many_pixels"


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_png_with_a_bomb_in_its_texts(kind: bytes) -> None:
    import zlib

    head = {b"iTXt": b"key\0\1\0\0\0"}.get(kind, b"key\0\0")
    body = head + zlib.compress(bytes(100 << 20), 9)
    data = hostile.make_png(1, 1, b"\0\0", extra=hostile.make_chunk(kind, body))
    try:
        assert read_radiograph(data).pixels.shape == (1, 1)
    except ImageError as error:
        assert error.key == "damaged"


@pytest.mark.parametrize(
    "descriptor", [[0, 0, 16], [65535, 0, 16], [1, 65535, 255], [256], []]
)
def test_impossible_look_up_tables_are_passed_over(descriptor: list[int]) -> None:
    item = make_lut(0, np.arange(16, dtype=np.uint16))
    item.LUTDescriptor = descriptor
    item["LUTDescriptor"].VR = "US"
    data = make_dicom(phantom(), ModalityLUTSequence=[item], VOILUTSequence=[item])
    assert np.isfinite(read_radiograph(data).pixels).all()


_ODD = {"US": b"\1\2\3", "IS": b"x\0", "DS": b"1e999\\nan", "SQ": b"??"}


@pytest.mark.parametrize(
    "keyword",
    [
        *("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"),
        *("PixelPaddingValue", "HighBit", "PixelRepresentation", "PlanarConfiguration"),
        *("NumberOfFrames", "Modality", "BurnedInAnnotation", "VOILUTFunction"),
        *("VOILUTSequence", "ModalityLUTSequence", "AnatomicRegionSequence"),
        *("BodyPartExamined", "SeriesDescription", "ShutterLeftVerticalEdge"),
    ],
)
def test_malformed_element_counts_as_absent(keyword: str) -> None:
    plain = make_dicom(phantom())
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    tag = tag_for_keyword(keyword)
    assert tag is not None
    vr = dictionary_VR(tag)[:2]
    body = _ODD.get(vr, b"\xff\xfe\xfd")
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    size = struct.pack(*(("<HI", 0) if vr == "SQ" else ("<H",)), len(body))
    data = hostile.insert(plain, head + size + body)
    wanted = decode(plain).samples
    np.testing.assert_array_equal(decode(data).samples, wanted)


def test_program_in_the_preamble_is_only_a_picture(tmp_path: Path) -> None:
    # CVE-2019-11687: a file that is a DICOM image and a Windows program at once.
    data = b"MZ" + bytes(126) + make_dicom(phantom())[128:]
    assert read_radiograph(data).facts.kind == "DICOM"


def test_dicomdir_follows_no_path() -> None:
    # CVE-2026-32711: Referenced File ID leads out of the folder.
    record = Dataset()
    record.DirectoryRecordType = "IMAGE"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record.ReferencedFileID = ["..", "..", "etc", "passwd"]
    dataset = make_dataset(phantom(), PixelData=None, DirectoryRecordSequence=[record])
    dataset.SOPClassUID = UID("1.2.840.10008.1.3.10")
    assert _refusal(to_bytes(dataset)) == "dicomdir"


def test_huge_window_lists_are_cheap() -> None:
    many = ["100"] * 8000
    data = make_dicom(phantom(), WindowCenter=many, WindowWidth=["400"] * 8000)
    start = time.monotonic()
    read_radiograph(data)
    assert time.monotonic() - start < 10


def test_nothing_identifying_leaves_the_decoder(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    data = hostile.marked_file(_MARKER)
    assert data.count(_MARKER.encode()) > 1000
    caplog.set_level(logging.DEBUG)
    radiograph = read_radiograph(data)
    said = repr((radiograph.facts, radiograph.claim, radiograph.notices))
    head, _ = pack(decode(data))
    captured = capfd.readouterr()
    for place in (said, head.decode(), captured.out, captured.err, caplog.text):
        assert _MARKER not in place
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "keyword", ["PhotometricInterpretation", "Modality", "BodyPartExamined"]
)
def test_refusal_repeats_no_text_of_the_file(keyword: str) -> None:
    data = make_dicom(phantom(), Rows=0, **{keyword: _MARKER})
    with pytest.raises(ImageError) as caught:
        read_radiograph(data)
    for language in ("en", "es"):
        assert _MARKER not in caught.value.text(language)
    assert _MARKER not in repr(caught.value)


def test_memory_of_the_app_stays_bounded_over_many_bad_files() -> None:
    import resource

    bad = [
        hostile.nested_sequences(200),
        make_dicom(phantom(), Rows=65535, Columns=65535),
        hostile.make_jpeg_of_size(65500, 65500),
        make_dicom(phantom(), uids.RLELossless)[:-200],
    ]
    for data in bad:
        _refusal(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in bad * 50:
        with pytest.raises(ImageError):
            read_radiograph(data)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20 * 1024


def test_exif_and_comments_of_a_jpeg_stay_unread() -> None:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = _MARKER
    file = io.BytesIO()
    Image.fromarray(phantom(bits=8).astype(np.uint8)).save(
        file, "JPEG", exif=exif, comment=_MARKER.encode()
    )
    assert _MARKER in file.getvalue().decode("latin-1")
    radiograph = read_radiograph(file.getvalue())
    assert _MARKER not in repr((radiograph.facts, radiograph.notices))
