"""The grayscale pipeline against closed forms, pydicom and its own symmetries."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.dicom_files import (
    make_dataset,
    make_dicom,
    make_lut,
    phantom,
    to_bytes,
    windowed_by_pydicom,
)
from tests.hostile_files import insert
from xray.reading.decoding import decode
from xray.reading.dicom.grayscale import apply_window
from xray.reading.dicom.tables import read_lut

_STEP = 1 / 65535  # samples are whole numbers of 16 bits


def _gray(data: bytes) -> NDArray[np.float64]:
    samples = decode(data).samples
    return samples / np.iinfo(samples.dtype).max


def _keys(data: bytes) -> list[str]:
    return [notice.key for notice in decode(data).notices]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_window_matches_pydicom(function: str, bits: int, signed: bool) -> None:
    pixels = phantom(bits=bits)
    if signed:
        pixels = (pixels.astype(np.int32) - (1 << (bits - 1))).astype(np.int16)
    dataset = make_dataset(
        pixels,
        bits=bits,
        WindowCenter=float(np.median(pixels)),
        WindowWidth=float(1 << (bits - 1)),
        VOILUTFunction=function,
        RescaleSlope=2,
        RescaleIntercept=-100,
    )
    dataset.WindowCenter = float(np.median(pixels)) * 2 - 100
    dataset.WindowWidth = float(1 << bits)
    data = to_bytes(dataset)
    assert _keys(data) == []
    np.testing.assert_allclose(_gray(data), windowed_by_pydicom(dataset), atol=_STEP)


def test_first_of_several_windows_is_used() -> None:
    pixels = phantom()
    one = make_dicom(pixels, WindowCenter=1500, WindowWidth=2000)
    many = make_dicom(pixels, WindowCenter=[1500, 40], WindowWidth=[2000, 80])
    np.testing.assert_array_equal(decode(many).samples, decode(one).samples)


def test_sixteen_bits_survive_a_window() -> None:
    pixels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    data = make_dicom(pixels, WindowCenter=32768, WindowWidth=65536)
    assert len(np.unique(decode(data).samples)) == 65536


@given(
    st.floats(-2000, 2000), st.floats(2, 4000), st.sampled_from(["LINEAR", "SIGMOID"])
)
@settings(max_examples=50)
def test_window_never_falls_and_stays_in_range(
    center: float, width: float, function: str
) -> None:
    shown = apply_window(np.linspace(-4000, 4000, 500), center, width, function)
    assert (np.diff(shown) >= 0).all()
    assert shown.min() >= 0
    assert shown.max() <= 1


@pytest.mark.parametrize("extra", [{}, {"WindowCenter": 2000, "WindowWidth": 3000}])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_monochrome1_equals_monochrome2_of_the_negative(
    extra: dict[str, float], bits: int
) -> None:
    top = (1 << bits) - 1
    pixels = phantom(bits=bits)
    if extra:
        extra = {"WindowCenter": top * 0.5 + 0.5, "WindowWidth": top * 0.7}
    first = make_dicom(pixels, photometric="MONOCHROME1", bits=bits, **extra)
    second = make_dicom((top - pixels).astype(pixels.dtype), bits=bits, **extra)
    np.testing.assert_allclose(_gray(first), _gray(second), atol=2 * _STEP)


def test_inverse_presentation_shape_inverts_once() -> None:
    pixels = phantom()
    plain = _gray(make_dicom(pixels))
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        data = make_dicom(
            pixels, photometric=photometric, PresentationLUTShape="INVERSE"
        )
        np.testing.assert_allclose(_gray(data), 1 - plain, atol=_STEP)


def test_modality_lut_comes_before_the_window() -> None:
    pixels = phantom(bits=8).astype(np.uint8)
    entries = (np.arange(256) ** 2 // 2).astype(np.uint16)
    dataset = make_dataset(pixels, WindowCenter=10000, WindowWidth=18000)
    dataset.ModalityLUTSequence = [make_lut(0, entries)]
    dataset.ModalityLUTSequence[0].ModalityLUTType = "US"
    wanted = apply_window(entries[pixels].astype(np.float64), 10000, 18000)
    np.testing.assert_allclose(_gray(to_bytes(dataset)), wanted, atol=_STEP)


def test_voi_lut_goes_before_a_window() -> None:
    pixels = phantom(bits=8).astype(np.uint8)
    entries = np.rint(np.sqrt(np.arange(256) / 255) * 4095).astype(np.uint16)
    dataset = make_dataset(pixels, WindowCenter=100, WindowWidth=50)
    dataset.VOILUTSequence = [make_lut(0, entries, bits=12)]
    wanted = entries[pixels] / 4095
    np.testing.assert_allclose(_gray(to_bytes(dataset)), wanted, atol=_STEP)


def test_lut_outside_its_range_takes_its_ends() -> None:
    lut = read_lut(make_lut(10, np.array([100, 200, 300])), np.arange(10.0, 13))
    assert lut is not None
    shown = lut.apply(np.array([-5.0, 10.0, 11.0, 12.0, 99.0]))
    assert shown.tolist() == [100, 100, 200, 300, 300]


@pytest.mark.parametrize(
    "item",
    [
        Dataset(),
        make_lut(0, np.zeros(16, np.uint16)),
        make_lut(0, np.array([], np.uint16)),
    ],
    ids=["empty", "all zero", "no entries"],
)
def test_broken_lut_is_passed_over_with_a_notice(item: Dataset) -> None:
    pixels = phantom()
    plain = decode(make_dicom(pixels)).samples
    for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
        data = make_dicom(pixels, **{keyword: [item]})
        assert _keys(data) == ["lut_ignored"]
        np.testing.assert_array_equal(decode(data).samples, plain)


def test_lut_with_wrong_count_or_bits_is_still_bright() -> None:
    item = make_lut(0, np.arange(256, dtype=np.uint16), bits=16)
    data = make_dicom(phantom(bits=8).astype(np.uint8), VOILUTSequence=[item])
    assert _gray(data).max() == 1


@pytest.mark.parametrize(
    ("center", "width"),
    [(0, 0), (2000, -5), (1e9, 100), (2000, 1e9), (2000, 0.5), (-9999, 10)],
)
def test_absurd_window_gives_way_to_percentiles(center: float, width: float) -> None:
    pixels = phantom()
    data = make_dicom(pixels, WindowCenter=center, WindowWidth=width)
    assert _keys(data) == ["window_ignored"]
    plain = make_dicom(pixels)
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [
        *[("1e308", "0"), ("-1e308", "5"), ("1e-320", "0"), ("0", "0")],
        *[("1", "1e308"), ("1", "-1e200"), ("0.5", "1e14")],
    ],
)
@pytest.mark.parametrize("extra", [{}, {"WindowCenter": 2000, "WindowWidth": 3000}])
def test_absurd_rescale_is_left_out(
    slope: str, intercept: str, extra: dict[str, float]
) -> None:
    pixels = phantom()
    data = make_dicom(pixels, RescaleSlope=slope, RescaleIntercept=intercept, **extra)
    assert _keys(data) == ["rescale_ignored"]
    plain = decode(make_dicom(pixels, **extra)).samples
    np.testing.assert_array_equal(decode(data).samples, plain)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400"])
def test_number_that_is_none_counts_as_absent(value: str) -> None:
    plain = make_dicom(phantom())
    for element in (0x1050, 0x1051, 0x1052, 0x1053):
        body = value.encode().ljust(6)
        head = struct.pack("<HH2sH", 0x0028, element, b"DS", len(body))
        data = insert(plain, head + body)
        assert _keys(data) == []
        np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


@pytest.mark.parametrize("window", [{}, {"WindowCenter": -2048, "WindowWidth": 4096}])
def test_falling_rescale_turns_the_picture_over(window: dict[str, float]) -> None:
    pixels = phantom()
    falling = make_dicom(pixels, RescaleSlope=-1, RescaleIntercept=0, **window)
    # The center of LINEAR lies half a value off, on either side of the mirror.
    rising = {"WindowCenter": 2049, "WindowWidth": 4096} if window else {}
    plain = _gray(make_dicom(pixels, **rising))
    np.testing.assert_allclose(_gray(falling), 1 - plain, atol=2 * _STEP)


def test_lut_of_no_numbers_is_passed_over() -> None:
    item = make_lut(0, np.arange(4096))
    item.add_new("LUTData", "FD", [float("nan")] * 4096)
    for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
        data = make_dicom(phantom(), **{keyword: [item]})
        assert _keys(data) == ["lut_ignored"]


def test_lut_an_entry_short_is_no_lut_of_bytes() -> None:
    item = make_lut(0, np.arange(4096))
    item.add_new("LUTData", "OW", np.arange(4095, dtype="<u2").tobytes() + b"\0")
    assert read_lut(item, np.zeros(1)) is None
    for entries in (255, 256):
        item = make_lut(0, np.arange(entries), 8)
        item.add_new("LUTData", "OW", np.arange(256, dtype=np.uint8).tobytes())
        lut = read_lut(item, np.zeros(1))
        assert lut is not None
        assert lut.entries.tolist() == list(range(entries))


def test_percentiles_ignore_what_the_collimator_hides() -> None:
    inner = phantom(200, 200).astype(np.int64) // 8 + 1000
    shadowed = np.full((300, 300), 4095)
    shadowed[50:250, 50:250] = inner
    alone = _gray(make_dicom(inner.astype(np.uint16)))
    framed = _gray(make_dicom(shadowed.astype(np.uint16)))
    assert np.abs(framed[50:250, 50:250] - alone).max() < 0.02


def test_percentiles_heed_the_shutter_of_the_header() -> None:
    rng = np.random.default_rng(5)
    pixels = rng.integers(30000, 60000, (300, 300)).astype(np.uint16)
    inner = phantom(200, 200)
    pixels[50:250, 50:250] = inner
    data = make_dicom(
        pixels,
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge=50,
        ShutterRightVerticalEdge=250,
        ShutterUpperHorizontalEdge=50,
        ShutterLowerHorizontalEdge=250,
    )
    alone = _gray(make_dicom(inner))
    assert np.abs(_gray(data)[50:250, 50:250] - alone).max() < 0.02


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_moves_no_percentile(photometric: str) -> None:
    pixels = phantom() // 4 + 1000
    padded = pixels.astype(np.uint16)
    padded[:20] = 4095
    padded[20:22] = 4090
    data = make_dicom(
        padded,
        photometric=photometric,
        PixelPaddingValue=4095,
        PixelPaddingRangeLimit=4090,
    )
    gray = _gray(data)
    assert (gray[:22] == 0).all()
    rest = _gray(make_dicom(pixels[22:].astype(np.uint16), photometric=photometric))
    assert np.abs(gray[22:] - rest).max() < 0.03


def test_padding_of_everything_is_no_padding() -> None:
    pixels = phantom()
    data = make_dicom(pixels, PixelPaddingValue=0, PixelPaddingRangeLimit=65535)
    np.testing.assert_array_equal(
        decode(data).samples, decode(make_dicom(pixels)).samples
    )


def test_flat_picture_is_black() -> None:
    data = make_dicom(np.full((30, 30), 700, np.uint16))
    assert not decode(data).samples.any()


def test_overlay_bits_above_the_stored_ones_are_masked() -> None:
    pixels = phantom()
    marked = pixels | np.uint16(0x4000)
    extra = {"WindowCenter": 2048, "WindowWidth": 4096}
    np.testing.assert_array_equal(
        decode(make_dicom(marked, bits=12, **extra)).samples,
        decode(make_dicom(pixels, bits=12, **extra)).samples,
    )


def test_high_bit_above_the_stored_ones_shifts() -> None:
    pixels = phantom()
    extra = {"WindowCenter": 2048, "WindowWidth": 4096}
    high = make_dicom((pixels << 4).astype(np.uint16), bits=12, HighBit=15, **extra)
    plain = make_dicom(pixels, bits=12, **extra)
    np.testing.assert_array_equal(decode(high).samples, decode(plain).samples)


@pytest.mark.parametrize("width", [0.25, 0.5, 1])
@pytest.mark.parametrize("slope", [1 / 4095, 1 / 16380])
def test_narrow_window_over_parts_of_one_is_applied_as_it_stands(
    width: float, slope: float
) -> None:
    extra = {
        "WindowCenter": 0.5 * slope * 4095,
        "WindowWidth": width * slope * 4095,
        "RescaleSlope": slope,
        "RescaleIntercept": 0,
    }
    linear = make_dicom(phantom(), bits=12, **extra)
    exact = make_dicom(phantom(), bits=12, VOILUTFunction="LINEAR_EXACT", **extra)
    assert _keys(linear) == []
    np.testing.assert_array_equal(decode(linear).samples, decode(exact).samples)


def test_window_of_one_over_whole_numbers_is_a_threshold() -> None:
    pixels = (phantom() > 2000).astype(np.uint16)
    data = make_dicom(pixels, bits=12, WindowCenter=1, WindowWidth=1)
    np.testing.assert_array_equal(_gray(data), pixels)


@pytest.mark.parametrize(
    ("centers", "widths", "used"),
    [
        (b"\\2048", b"100\\4096", ("2048", "4096")),
        (b"40\\2048", b"\\4096", ("2048", "4096")),
        (b"\\\\1000 ", b"\\80\\500", ("1000", "500")),
        (b"1000\\", b"500\\80 ", ("1000", "500")),
        (b"1000", b"500\\80 ", ("1000", "500")),
        (b"1000,5", b"500,25", ("1000.5", "500.25")),
        (b"1000,5\\2", b"500\\80 ", ("1000.5", "500")),
    ],
)
def test_first_window_with_center_and_width_is_used(
    centers: bytes, widths: bytes, used: tuple[str, str]
) -> None:
    body = b""
    for element, value in ((0x1050, centers), (0x1051, widths)):
        padded = value + b" " * (len(value) % 2)
        body += struct.pack("<HH2sH", 0x0028, element, b"DS", len(padded)) + padded
    data = insert(make_dicom(phantom(), bits=12), body)
    center, width = used
    plain = make_dicom(phantom(), bits=12, WindowCenter=center, WindowWidth=width)
    assert _keys(data) == []
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


def test_decimal_comma_is_read_in_a_rescale_too() -> None:
    window = {"WindowCenter": 1000, "WindowWidth": 1500}
    value = b"0,5 "
    body = struct.pack("<HH2sH", 0x0028, 0x1053, b"DS", len(value)) + value
    data = insert(make_dicom(phantom(), bits=12, **window), body)
    plain = make_dicom(phantom(), bits=12, RescaleSlope="0.5", **window)
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("vr", ["US", "SS"])
@pytest.mark.parametrize("intercept", [-1024, 0])
def test_first_value_of_a_voi_lut_is_the_number_that_fits(
    syntax: UID, vr: str, intercept: int
) -> None:
    entries = np.rint(np.sqrt(np.arange(4096) / 4095) * 65535).astype(np.uint16)
    item = make_lut(intercept % 65536 if vr == "US" else intercept, entries)
    item["LUTDescriptor"].VR = vr
    data = make_dicom(
        phantom(),
        syntax,
        bits=12,
        RescaleSlope=1,
        RescaleIntercept=intercept,
        VOILUTSequence=[item],
    )
    assert _keys(data) == []
    np.testing.assert_allclose(_gray(data), entries[phantom()] / 65535, atol=_STEP)


def test_first_value_of_a_voi_lut_may_be_large() -> None:
    pixels = phantom(bits=12) + np.uint16(50_000)
    item = make_lut(50_000 - 65536, np.arange(4096, dtype=np.uint16), 12)
    item["LUTDescriptor"].VR = "SS"
    data = make_dicom(pixels, VOILUTSequence=[item])
    np.testing.assert_allclose(_gray(data), phantom() / 4095, atol=_STEP)


def test_first_value_of_a_modality_lut_is_the_number_that_fits() -> None:
    pixels = phantom().astype(np.int16) - 2048
    item = make_lut(65536 - 2048, np.arange(4096, dtype=np.uint16), 12)
    item.ModalityLUTType = "US"
    window = {"WindowCenter": 2048, "WindowWidth": 4096}
    data = make_dicom(pixels, bits=12, ModalityLUTSequence=[item], **window)
    plain = make_dicom(phantom(), bits=12, **window)
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


@pytest.mark.parametrize(
    ("real", "said"),
    [(8, 10), (10, 12), (12, 16), (13, 16), (14, 16), (15, 16), (12, 8)],
)
def test_entries_of_another_depth_than_said_span_black_to_white(
    real: int, said: int
) -> None:
    entries = np.rint(np.linspace(0, (1 << real) - 1, 4096)).astype(np.uint16)
    shown = [
        _gray(
            make_dicom(phantom(), bits=12, VOILUTSequence=[make_lut(0, entries, bits)])
        )
        for bits in (real, said)
    ]
    np.testing.assert_array_equal(shown[0], shown[1])
    assert shown[0].max() == 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("bits", "padding"), [(16, -2000), (12, -2000), (12, -2048)])
@pytest.mark.parametrize("vr", ["US", "SS"])
def test_padding_is_the_number_that_signed_pixels_have(
    photometric: str, bits: int, padding: int, vr: str
) -> None:
    pixels = phantom(bits=11).astype(np.int16) - 1000
    pixels[:10] = padding
    window: dict[str, Any] = {"WindowCenter": 0, "WindowWidth": 2000}
    dataset = make_dataset(pixels, photometric=photometric, bits=bits, **window)
    written = padding % 65536 if vr == "US" else padding
    dataset.add_new("PixelPaddingValue", vr, written)
    gray = _gray(to_bytes(dataset))
    assert (gray[:10] == 0).all()
    assert gray[10:].max() > 0.9


def test_padding_is_the_number_that_unsigned_pixels_have() -> None:
    pixels = phantom(bits=16) // 2
    pixels[:10] = 63536
    dataset = make_dataset(pixels, photometric="MONOCHROME1")
    dataset.add_new("PixelPaddingValue", "SS", 63536 - 65536)
    dataset.add_new("PixelPaddingRangeLimit", "SS", 63540 - 65536)
    assert (_gray(to_bytes(dataset))[:10] == 0).all()
