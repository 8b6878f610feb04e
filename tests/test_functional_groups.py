"""Enhanced multi-frame images: what is said of the frame that is shown."""

import struct
import time
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_rescale, apply_voi_lut
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tests.archives import code
from tests.dicom_files import make_dataset, make_lut, phantom, to_bytes
from tests.hostile_files import insert
from xray.errors import ImageError
from xray.labels import BODY_PARTS
from xray.reading.decoding import decode
from xray.reading.reader import read_radiograph

_STEP = 1 / 65535
_FRAMES = np.stack([np.roll(phantom(), 7 * turn, axis=0) for turn in range(3)])
_ENHANCED_XA = UID("1.2.840.10008.5.1.4.1.1.12.1.1")


def _group(**macros: dict[str, Any]) -> Dataset:
    """Make an item of functional groups: macro's keyword, and its elements."""
    item = Dataset()
    for macro, elements in macros.items():
        inner = Dataset()
        for keyword, value in elements.items():
            setattr(inner, keyword, value)
        setattr(item, macro, [inner])
    return item


def _rescale(slope: float, intercept: float) -> dict[str, dict[str, Any]]:
    elements = {"RescaleSlope": slope, "RescaleIntercept": intercept}
    return {"PixelValueTransformationSequence": elements | {"RescaleType": "US"}}


def _window(center: float, width: float, **more: object) -> dict[str, dict[str, Any]]:
    elements = {"WindowCenter": center, "WindowWidth": width}
    return {"FrameVOILUTSequence": elements | more}


def _enhanced(
    shared: Dataset | None = None,
    per_frame: list[Dataset] | None = None,
    pixels: NDArray[Any] = _FRAMES,
    **elements: Any,
) -> Dataset:
    dataset = make_dataset(pixels, bits=12, **elements)
    dataset.SOPClassUID = _ENHANCED_XA
    if shared is not None:
        dataset.SharedFunctionalGroupsSequence = [shared]
    if per_frame is not None:
        dataset.PerFrameFunctionalGroupsSequence = per_frame
    return dataset


def _gray(dataset: Dataset) -> NDArray[np.float64]:
    return decode(to_bytes(dataset)).samples / 65535


def _linear(values: NDArray[Any], center: float, width: float) -> NDArray[np.float64]:
    """PS3.3 C.11.2.1.2.1, written out."""
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def test_each_frame_has_its_own_rescale_and_window() -> None:
    per_frame = [
        _group(**_rescale(1 + turn, -50 * turn), **_window(900 + turn, 3000))
        for turn in range(3)
    ]
    dataset = _enhanced(per_frame=per_frame)
    rescale = per_frame[1].PixelValueTransformationSequence[0]
    wanted = _linear(apply_rescale(_FRAMES[1], rescale), 901, 3000)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_shared_groups_match_pydicom(function: str) -> None:
    window = _window(2000, 3000, VOILUTFunction=function)
    dataset = _enhanced(_group(**_rescale(2, -100), **window))
    header = make_dataset(_FRAMES, bits=12)
    for macro in dataset.SharedFunctionalGroupsSequence[0]:
        header.update(macro.value[0])
    values = apply_rescale(_FRAMES[1], header)
    shown = apply_voi_lut(values, header)
    low, high = -100, 2 * 4095 - 100
    wanted = (shown - low) / (high - low)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


def test_frames_match_highdicom(tmp_path: Any) -> None:
    # LINEAR_EXACT: for LINEAR, highdicom takes the 1 off after undoing the slope.
    exact = {"VOILUTFunction": "LINEAR_EXACT"}
    per_frame = [
        _group(**_window(500 * turn + 500, 1800, **exact)) for turn in range(3)
    ]
    dataset = _enhanced(_group(**_rescale(3, -700)), per_frame)
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(to_bytes(dataset))
    image = hd.imread(path)
    wanted = image.get_frame(2, apply_voi_transform=True, voi_output_range=(0.0, 1.0))
    np.testing.assert_allclose(_gray(dataset), wanted, atol=1e-4)


def test_the_frames_own_macro_goes_before_the_shared_one_and_the_top_level() -> None:
    dataset = _enhanced(
        _group(**_rescale(2, 0), **_window(4000, 5000)),
        [Dataset(), _group(**_window(3000, 6000)), Dataset()],
        WindowCenter=7,
        WindowWidth=9,
        RescaleSlope=50,
        RescaleIntercept=3,
    )
    own = _linear(_FRAMES[1] * 2.0, 3000, 6000)
    np.testing.assert_allclose(_gray(dataset), own, atol=_STEP)


def test_a_macro_replaces_the_top_level_as_a_whole() -> None:
    lut = make_lut(0, np.arange(4096, dtype=np.uint16)[::-1], 12)
    dataset = _enhanced(
        _group(**_window(2000, 3000)), VOILUTFunction="SIGMOID", VOILUTSequence=[lut]
    )
    wanted = _linear(_FRAMES[1], 2000, 3000)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


def test_without_groups_the_top_level_counts() -> None:
    extra: dict[str, Any] = {"WindowCenter": 2000, "WindowWidth": 3000}
    plain = _gray(make_dataset(_FRAMES, bits=12, **extra))
    for empty in (Dataset(), _group(FrameVOILUTSequence={})):
        dataset = _enhanced(empty, [empty] * 3, **extra)
        np.testing.assert_array_equal(_gray(dataset), plain)


@pytest.mark.parametrize("count", [0, 1])
def test_frame_without_an_item_has_the_shared_macros(count: int) -> None:
    per_frame = [_group(**_window(9, 9)) for _ in range(count)]
    dataset = _enhanced(_group(**_window(2000, 3000)), per_frame)
    wanted = _linear(_FRAMES[1], 2000, 3000)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=lambda syntax: syntax.keyword,
)
def test_voi_lut_of_a_frame_is_read_in_every_encoding(
    syntax: UID, signed: bool, undefined: bool
) -> None:
    pixels: NDArray[Any] = _FRAMES
    first = 0
    if signed:
        pixels, first = pixels.astype(np.int16) - 2048, -2048
    entries = np.rint(np.sqrt(np.arange(4096) / 4095) * 4095).astype(np.uint16)
    lut = make_lut(first, entries, 12)
    lut["LUTDescriptor"].VR = "SS" if signed else "US"
    item = _group(FrameVOILUTSequence={"VOILUTSequence": [lut]})
    dataset = _enhanced(None, [Dataset(), item, Dataset()], pixels, syntax=syntax)
    if undefined:
        _make_undefined(dataset)
    decoded = decode(to_bytes(dataset))
    assert [notice.key for notice in decoded.notices] == ["middle_frame"]
    wanted = entries[_FRAMES[1]] / 4095
    np.testing.assert_allclose(decoded.samples / 65535, wanted, atol=_STEP)


def _make_undefined(dataset: Dataset) -> None:
    """Let every sequence and item end with a delimiter, instead of a length."""
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _make_undefined(item)


def test_frame_after_items_of_undefined_length_is_found() -> None:
    per_frame = [_group(**_window(500 * turn + 500, 3000)) for turn in range(3)]
    for item in per_frame:
        item.is_undefined_length_sequence_item = True
    dataset = _enhanced(None, per_frame)
    wanted = _linear(_FRAMES[1], 1000, 3000)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


def test_body_part_of_a_frame_is_claimed() -> None:
    region = [code("85562004", "Hand")]
    anatomy = {"FrameAnatomySequence": {"AnatomicRegionSequence": region}}
    claim = decode(to_bytes(_enhanced(_group(**anatomy)))).claim
    assert claim is not None
    assert [BODY_PARTS[part].english for part in claim.parts] == ["Hand"]
    assert claim.source == "(0008,2218)"


def test_shutter_of_a_frame_bounds_the_percentiles() -> None:
    noise = np.random.default_rng(5).integers(30000, 60000, (300, 300))
    pixels = noise.astype(np.uint16)
    pixels[50:250, 50:250] = phantom(200, 200)
    edges = {
        "ShutterLeftVerticalEdge": 50,
        "ShutterRightVerticalEdge": 250,
        "ShutterUpperHorizontalEdge": 50,
        "ShutterLowerHorizontalEdge": 250,
    }
    dataset = make_dataset(pixels)
    dataset.SharedFunctionalGroupsSequence = [_group(FrameDisplayShutterSequence=edges)]
    alone = _gray(make_dataset(phantom(200, 200)))
    assert np.abs(_gray(dataset)[50:250, 50:250] - alone).max() < 0.02


def test_many_frames_with_many_macros_are_read() -> None:
    pixels = np.repeat(phantom(8, 8)[None], 1000, axis=0)
    per_frame = [
        _group(**_rescale(1, turn), **_window(turn, 900)) for turn in range(1000)
    ]
    dataset = _enhanced(None, per_frame, pixels)
    wanted = _linear(pixels[500] + 500.0, 500, 900)
    np.testing.assert_allclose(_gray(dataset), wanted, atol=_STEP)


_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)


def _raw_group(tag: int, vr: bytes, body: bytes) -> bytes:
    head = struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, len(body))
    plain = make_dataset(_FRAMES, bits=12)
    return insert(to_bytes(plain), head + body)


@pytest.mark.parametrize("tag", [0x52009229, 0x52009230])
@pytest.mark.parametrize(
    ("vr", "body"),
    [
        (b"SQ", b""),
        (b"SQ", b"??"),
        (b"SQ", _ITEM[:5]),
        (b"SQ", bytes(64)),
        (b"SQ", struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0) + bytes(8)),
        (b"SQ", struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) * 9),
        (b"OB", bytes(64)),
        (b"UT", b"no sequence"),
        (b"SQ", _ITEM * 2 + b"\xfe\xff\x00\xe0" + b"\x04\0\0\0" + b"junk"),
    ],
)
def test_damaged_groups_count_as_absent(tag: int, vr: bytes, body: bytes) -> None:
    plain = _gray(make_dataset(_FRAMES, bits=12))
    shown = decode(_raw_group(tag, vr, body)).samples / 65535
    np.testing.assert_array_equal(shown, plain)


def test_millions_of_frames_cost_no_more_than_the_one_that_is_shown() -> None:
    start = time.process_time()
    data = _raw_group(0x52009230, b"SQ", _ITEM * 2_000_000)
    assert decode(data).facts.frames == 3
    assert time.process_time() - start < 5


def test_macro_with_a_million_items_is_refused_soon() -> None:
    macro = struct.pack("<HH2sHI", 0x0028, 0x9132, b"SQ", 0, 8_000_000)
    body = macro + _ITEM * 1_000_000
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body
    start = time.process_time()
    with pytest.raises(ImageError) as caught:
        decode(_raw_group(0x52009229, b"SQ", item))
    assert caught.value.key == "too_many_elements"
    assert time.process_time() - start < 5


def test_macros_nested_without_end_are_refused() -> None:
    level = struct.pack("<HH2sHI", 0x0028, 0x9132, b"SQ", 0, 0xFFFFFFFF)
    open_item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    head = struct.pack("<HH2sHI", 0x5200, 0x9229, b"SQ", 0, 0xFFFFFFFF)
    body = head + open_item + (level + open_item) * 50_000
    with pytest.raises(ImageError) as caught:
        read_radiograph(insert(to_bytes(make_dataset(_FRAMES)), body))
    assert caught.value.key == "too_nested"
