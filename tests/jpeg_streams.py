"""JPEG streams of any precision, encoded here: no library at hand writes them.

GDCM gives all it writes 16 bits. Huffman codes all have one length, so that each
code is its symbol's number in the table.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_LOSSLESS_CODE, _DC_CODE, _AC_CODE = 5, 5, 8  # bits of a code
_AC_SYMBOLS = bytes(
    [0x00, 0xF0] + [run << 4 | size for run in range(16) for size in range(1, 15)]
)
_ZIGZAG = sorted(
    ((row, column) for row in range(8) for column in range(8)),
    key=lambda place: (
        sum(place),
        place[0] if sum(place) % 2 else place[1],
    ),
)


def lossless_jpeg(pixels: NDArray[np.integer], precision: int) -> bytes:
    """Encode words as JPEG lossless, selection value 1 (ISO 10918-1 H).

    Args:
        pixels: (H, W) or (H, W, 3), unsigned, below 2 ** precision.
        precision: Bits that the stream says a sample has.
    """
    planes = np.atleast_3d(pixels).astype(np.int64)
    left = np.roll(planes, 1, axis=1)
    left[1:, 0] = planes[:-1, 0]
    left[0, 0] = 1 << (precision - 1)
    steps = (planes - left + (1 << 15)) % (1 << 16) - (1 << 15)
    bits = "".join(_coded(int(step), _LOSSLESS_CODE) for step in steps.reshape(-1))
    table = _table(0x00, bytes(range(17)), _LOSSLESS_CODE)
    frame = _frame(0xC3, planes.shape, precision)
    return _stream(frame + table, planes.shape[2], bits, spectral=(1, 0))


def lossy_jpeg(
    pixels: NDArray[np.integer], precision: int = 12, step: int = 4
) -> bytes:
    """Encode words as JPEG Extended (process 4).

    Args:
        pixels: (H, W), unsigned.
        precision: 8 or 12.
        step: Of every coefficient, in 4 ... 255 levels.
    """
    height, width = pixels.shape
    pixels = np.pad(pixels, ((0, -height % 8), (0, -width % 8)), "edge")
    basis = np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(8) + 1) / 16) / 2
    basis[0] /= np.sqrt(2)
    shifted = pixels.astype(np.float64) - (1 << (precision - 1))
    rows, columns = shifted.shape
    blocks = shifted.reshape(rows // 8, 8, columns // 8, 8).swapaxes(1, 2)
    levels = np.rint(basis @ blocks @ basis.T / step).astype(int).reshape(-1, 8, 8)
    before, bits = 0, []
    for block in levels:
        bits.append(_coded(int(block[0, 0]) - before, _DC_CODE))
        before = int(block[0, 0])
        bits.extend(_coded_ac([int(block[place]) for place in _ZIGZAG[1:]]))
    tables = (
        _segment(0xDB, b"\0" + bytes([step] * 64))
        + _frame(0xC1, (height, width, 1), precision)
        + _table(0x00, bytes(range(16)), _DC_CODE)
        + _table(0x10, _AC_SYMBOLS, _AC_CODE)
    )
    return _stream(tables, 1, "".join(bits), spectral=(0, 63))


def _coded(value: int, code_bits: int) -> str:
    """Write a difference: how many bits it has, then those."""
    size = min(abs(value).bit_length(), 16)
    code = f"{size:0{code_bits}b}"
    return code + (_magnitude(value, size) if 0 < size < 16 else "")


def _coded_ac(values: list[int]) -> Iterator[str]:
    last = max((number for number, value in enumerate(values) if value), default=-1)
    run = 0
    for value in values[: last + 1]:
        if value == 0:
            run += 1
            continue
        for _ in range(run // 16):
            yield f"{_AC_SYMBOLS.index(0xF0):0{_AC_CODE}b}"
        size = abs(value).bit_length()
        symbol = _AC_SYMBOLS.index(run % 16 << 4 | size)
        yield f"{symbol:0{_AC_CODE}b}" + _magnitude(value, size)
        run = 0
    if last < len(values) - 1:
        yield f"{_AC_SYMBOLS.index(0):0{_AC_CODE}b}"


def _magnitude(value: int, size: int) -> str:
    return f"{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body


def _table(place: int, symbols: bytes, code_bits: int) -> bytes:
    counts = [0] * 16
    counts[code_bits - 1] = len(symbols)
    return _segment(0xC4, bytes([place, *counts]) + symbols)


def _frame(marker: int, shape: tuple[int, ...], precision: int) -> bytes:
    height, width, samples = shape
    parts = b"".join(bytes([number + 1, 0x11, 0]) for number in range(samples))
    head = bytes([precision]) + height.to_bytes(2) + width.to_bytes(2)
    return _segment(marker, head + bytes([samples]) + parts)


def _stream(tables: bytes, samples: int, bits: str, spectral: tuple[int, int]) -> bytes:
    parts = b"".join(bytes([number + 1, 0]) for number in range(samples))
    scan = _segment(0xDA, bytes([samples]) + parts + bytes([*spectral, 0]))
    bits += "1" * (-len(bits) % 8)
    packed = int(bits, 2).to_bytes(len(bits) // 8)
    values = packed.replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + tables + scan + values + b"\xff\xd9"
