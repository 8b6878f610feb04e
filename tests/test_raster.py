"""PNG and JPEG of every depth, color and orientation."""

import io
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.dicom_files import phantom
from tests.hostile_files import make_chunk, make_png
from xray.errors import ImageError, UnsupportedImageError
from xray.reading.decoding import decode

_PICTURE = phantom(bits=8).astype(np.uint8)
_DEEP = phantom(bits=16)


def _save(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _gray(data: bytes) -> NDArray[np.float64]:
    samples = decode(data).samples
    return samples / np.iinfo(samples.dtype).max


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_png_of_eight_bits_keeps_its_values(mode: str) -> None:
    gray = _gray(_save(Image.fromarray(_PICTURE).convert(mode)))
    np.testing.assert_allclose(gray, _PICTURE / 255, atol=1e-6)


def test_png_of_sixteen_bits_keeps_its_values() -> None:
    np.testing.assert_array_equal(decode(_save(Image.fromarray(_DEEP))).samples, _DEEP)


@pytest.mark.parametrize("channels", [3, 4])
def test_png_of_sixteen_bits_in_color_keeps_its_values(channels: int) -> None:
    deep = np.repeat(_DEEP[..., None], channels, axis=-1)
    if channels == 4:
        deep[..., 3] = 65535
    data = cv2.imencode(".png", deep)[1].tobytes()
    np.testing.assert_array_equal(decode(data).samples, _DEEP)


def test_png_of_sixteen_bits_gray_with_transparency_keeps_its_values() -> None:
    alpha = np.full_like(_DEEP, 65535)
    alpha[:10] = 0
    alpha[10:20] = 32768
    values = np.dstack([_DEEP, alpha]).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    samples = decode(make_png(40, 48, rows, 16, color_type=4)).samples
    assert samples.dtype == np.uint16
    wanted = _DEEP * (alpha / 65535)
    np.testing.assert_allclose(samples, wanted, atol=1)


def test_color_of_sixteen_bits_turns_gray_by_its_luminance() -> None:
    deep = np.dstack([_DEEP, _DEEP[::-1], _DEEP[:, ::-1]])  # blue, green, red
    decoded = decode(cv2.imencode(".png", deep)[1].tobytes())
    wanted = deep @ np.array([0.114, 0.587, 0.299])
    np.testing.assert_allclose(decoded.samples, wanted, atol=2)
    assert decoded.facts.colored
    gray = cv2.imencode(".png", np.dstack([_DEEP] * 3))[1].tobytes()
    assert not decode(gray).facts.colored


def test_color_of_sixteen_bits_that_stands_for_transparent_shows_black() -> None:
    values = np.dstack([np.where(_DEEP > 30000, 7, _DEEP)] * 3).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    key = make_chunk(b"tRNS", bytes([0, 7] * 3))
    samples = decode(make_png(40, 48, rows, 16, key, color_type=2)).samples
    assert not samples[_DEEP > 30000].any()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_png_of_few_bits_spans_black_to_white(depth: int) -> None:
    top = (1 << depth) - 1
    values = np.arange(64).reshape(8, 8) % (top + 1)
    bits = np.unpackbits(values.astype(np.uint8)[..., None], axis=-1)[..., -depth:]
    packed = np.packbits(bits.reshape(8, -1), axis=-1)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    np.testing.assert_allclose(_gray(make_png(8, 8, rows, depth)), values / top)


def test_transparency_shows_black() -> None:
    alpha = np.full(_PICTURE.shape, 255, np.uint8)
    alpha[:10] = 0
    rgba = np.dstack([_PICTURE] * 3 + [alpha])
    gray = _gray(_save(Image.fromarray(rgba)))
    assert not gray[:10].any()
    np.testing.assert_allclose(gray[10:], _PICTURE[10:] / 255, atol=1e-6)


def test_color_that_stands_for_transparent_shows_black() -> None:
    picture = Image.fromarray(np.where(_PICTURE > 127, 255, _PICTURE).astype(np.uint8))
    gray = _gray(_save(picture, transparency=255))
    assert not gray[_PICTURE > 127].any()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_jpeg_comes_close_to_its_values(mode: str, options: dict[str, bool]) -> None:
    picture = Image.fromarray(_PICTURE).convert(mode)
    gray = _gray(_save(picture, "JPEG", quality=95, **options))
    assert np.abs(gray - _PICTURE / 255).mean() < 0.01


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda upright: upright),
        (2, lambda upright: upright[:, ::-1]),
        (3, lambda upright: upright[::-1, ::-1]),
        (4, lambda upright: upright[::-1]),
        (5, lambda upright: upright.T),
        (6, np.rot90),
        (7, lambda upright: upright[::-1, ::-1].T),
        (8, lambda upright: np.rot90(upright, -1)),
    ],
)
@pytest.mark.parametrize("deep", [False, True])
def test_exif_orientation_is_applied(
    kind: str, orientation: int, turn: Any, deep: bool
) -> None:
    upright = _DEEP if deep and kind == "PNG" else _PICTURE
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turn(upright)))
    gray = _gray(_save(stored, kind, exif=exif))
    assert gray.shape == upright.shape
    assert np.abs(gray - upright / np.iinfo(upright.dtype).max).mean() < 0.02


def test_exif_orientation_is_applied_to_color_of_sixteen_bits() -> None:
    rows = b"".join(
        b"\0" + row.tobytes() for row in np.dstack([np.rot90(_DEEP)] * 3).astype(">u2")
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = make_chunk(b"eXIf", exif.tobytes()[6:])
    samples = decode(make_png(48, 40, rows, 16, turned, color_type=2)).samples
    np.testing.assert_array_equal(samples, _DEEP)


@pytest.mark.parametrize("exif", [b"\xff" * 50, b"", b"II*\0\xff\xff\xff\xff"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_broken_exif_costs_no_picture(kind: str, exif: bytes) -> None:
    if kind == "PNG":
        rows = b"".join(b"\0" + row.tobytes() for row in _PICTURE)
        data = make_png(40, 48, rows, extra=make_chunk(b"eXIf", exif))
    else:
        data = _save(Image.fromarray(_PICTURE), "JPEG", exif=b"Exif\0\0" + exif)
    assert np.abs(_gray(data) - _PICTURE / 255).mean() < 0.01


@pytest.mark.parametrize("default", [False, True])
def test_first_picture_of_several_is_read(default: bool) -> None:
    frames = [Image.fromarray(np.roll(_PICTURE, turn, axis=0)) for turn in range(3)]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    png = _save(frames[0], default_image=default, **options)
    np.testing.assert_allclose(_gray(png), _PICTURE / 255, atol=1e-6)
    mpo = _gray(_save(frames[0], "MPO", **options))
    assert np.abs(mpo - _PICTURE / 255).mean() < 0.01


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_cut_file_of_sixteen_bits_in_color_is_damaged(part: float) -> None:
    data = cv2.imencode(".png", np.dstack([_DEEP] * 3))[1].tobytes()
    with pytest.raises(ImageError) as caught:
        decode(data[: int(len(data) * part)])
    assert caught.value.key == "damaged"


def test_facts_describe_the_picture_as_shown() -> None:
    facts = decode(_save(Image.fromarray(_PICTURE), "JPEG")).facts
    assert (facts.kind, facts.width, facts.height) == ("JPEG", 40, 48)
    assert facts.modality is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_cut_file_is_damaged(kind: str, part: float) -> None:
    data = _save(Image.fromarray(_PICTURE), kind)
    with pytest.raises(ImageError, match=kind) as caught:
        decode(data[: int(len(data) * part)])
    assert caught.value.key == "damaged"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "WEBP", "PPM"])
def test_other_formats_are_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedImageError):
        decode(_save(Image.fromarray(_PICTURE), kind))


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    rows = (b"\0" + bytes(2500)) * 20000  # 400 Mpixel of one bit, 49 KB packed
    data = make_png(20000, 20000, rows, depth=1)
    assert len(data) < 60_000
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert caught.value.key == "too_many_pixels"


def test_picture_just_within_the_limit_is_read() -> None:
    rows = (b"\0" + bytes(1250)) * 9990  # 99.9 Mpixel, above Pillow's own warning
    assert decode(make_png(10000, 9990, rows, depth=1)).samples.shape == (9990, 10000)
