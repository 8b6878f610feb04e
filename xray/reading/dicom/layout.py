"""The Image Pixel module: how a DICOM file says its pixels are stored."""

from collections.abc import Container
from dataclasses import dataclass

from pydicom import Dataset

from ...errors import ImageError
from ...header.elements import code_string, first_number
from ...limits import LIMITS

GRAY = frozenset({"MONOCHROME1", "MONOCHROME2"})
PALETTE = "PALETTE COLOR"
COLOR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})

# (60xx,0102): where an overlay that has no Overlay Data of its own lies, as
# PS3.5 8.1.2 had it until 2004; 0 where it does.
OVERLAY_BIT_POSITIONS = tuple(range(0x60000102, 0x60200102, 0x20000))

_FRAMES = range(1, 1 << 31)


@dataclass(frozen=True, slots=True)
class Layout:
    """The checked values of the Image Pixel module (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    frames: int
    samples: int  # per pixel: 1 or 3
    allocated: int  # bits: 1, 8, 16, 32 or 64
    stored: int  # bits
    high_bit: int
    signed: bool  # only gray and palette may be
    by_plane: bool  # Planar Configuration (0028,0006) is 1
    photometric: str
    overlaid: bool = False  # an overlay lies in bits beside the stored ones

    @property
    def values(self) -> int:
        """How many values one frame holds."""
        return self.rows * self.columns * self.samples

    @property
    def is_subsampled(self) -> bool:
        """Whether two pixels share their color, as in uncompressed 4:2:2."""
        return self.photometric == "YBR_FULL_422"

    @property
    def frame_bits(self) -> int:
        """Bits of one uncompressed frame."""
        values = self.values // 3 * 2 if self.is_subsampled else self.values
        return values * self.allocated


def read_layout(dataset: Dataset, is_float: bool = False) -> Layout:
    """Read and check the Image Pixel module, before any pixel is touched.

    Pixels that are floats have no Bits Stored.

    Raises:
        ImageError: A value is missing, impossible or over the limits.
    """
    rows = _size(dataset, "Rows", "Rows (0028,0010)")
    columns = _size(dataset, "Columns", "Columns (0028,0011)")
    if rows * columns > LIMITS.pixels:
        raise ImageError(
            "too_many_pixels",
            limit=f"{LIMITS.pixels:,}",
            received=f"{columns:,} × {rows:,}",
        )
    photometric = _photometric(dataset)
    samples = 3 if photometric in COLOR else 1
    _expect(
        f"{samples} ({photometric})",
        "Samples per Pixel (0028,0002)",
        first_number(dataset, "SamplesPerPixel") or samples,
        (samples,),
    )
    allocated, stored, high_bit = _bits(dataset, is_float)
    frames = first_number(dataset, "NumberOfFrames") or 1
    _expect("1–2,147,483,647", "Number of Frames (0028,0008)", int(frames), _FRAMES)
    return Layout(
        rows=rows,
        columns=columns,
        frames=int(frames),
        samples=samples,
        allocated=allocated,
        stored=stored,
        high_bit=high_bit,
        signed=photometric not in COLOR
        and first_number(dataset, "PixelRepresentation") == 1,
        by_plane=first_number(dataset, "PlanarConfiguration") == 1,
        photometric=photometric,
        overlaid=_is_overlaid(dataset, stored, high_bit),
    )


def _is_overlaid(dataset: Dataset, stored: int, high_bit: int) -> bool:
    """Say whether an overlay is said to lie among the pixels' unused bits."""
    used = range(high_bit + 1 - stored, high_bit + 1)
    found = [dataset[tag].value for tag in OVERLAY_BIT_POSITIONS if tag in dataset]
    return any(isinstance(bit, int) and bit not in used for bit in found)


def _bits(dataset: Dataset, is_float: bool) -> tuple[int, int, int]:
    """Read Bits Allocated, Bits Stored and High Bit."""
    allocated = int(first_number(dataset, "BitsAllocated") or 0)
    sizes = (32, 64) if is_float else (1, 8, 16, 32, 64)
    shown = ", ".join(map(str, sizes))
    _expect(shown, "Bits Allocated (0028,0100)", allocated, sizes)
    stored = first_number(dataset, "BitsStored")
    if stored is None or is_float:
        stored = allocated
    possible = range(1, allocated + 1)
    _expect(f"1–{allocated}", "Bits Stored (0028,0101)", stored, possible)
    high_bit = first_number(dataset, "HighBit")
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    return allocated, int(stored), int(high_bit)


def _photometric(dataset: Dataset) -> str:
    value = code_string(dataset, "PhotometricInterpretation")
    if not value:
        # Absent: what Samples per Pixel suggests.
        return "RGB" if first_number(dataset, "SamplesPerPixel") == 3 else "MONOCHROME2"
    if value not in GRAY | COLOR | {PALETTE}:
        # Never repeated: an unknown value may hold anything, a name included.
        raise ImageError(
            "bad_tag",
            expected="MONOCHROME1, MONOCHROME2, RGB, YBR_FULL or PALETTE COLOR",
            tag="Photometric Interpretation (0028,0004)",
            received="?",
        )
    return value


def _size(dataset: Dataset, keyword: str, tag: str) -> int:
    value = first_number(dataset, keyword)
    _expect("1–65,535", tag, value, range(1, 65536))
    return int(value or 0)


def _expect(
    expected: str, tag: str, received: float | None, allowed: Container[float]
) -> None:
    if received not in allowed:
        raise ImageError(
            "bad_tag", expected=expected, tag=tag, received=_show(received)
        )


def _show(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}" if abs(number) < 1e12 else f"{number:.0e}"
