"""Look-up tables of a header: what values they are for, and what they give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from ...header.elements import numbers

Values = NDArray[np.float64]  # any shape

_MOST_LUT_ENTRIES = 1 << 16


@dataclass(frozen=True, slots=True)
class Lut:
    """A look-up table of PS3.3 C.11.1.1: entries for values from `first` on."""

    first: int
    entries: Values  # (N,)
    top: float  # the highest value an entry may have

    def apply(self, values: Values) -> Values:
        """Look values up; those outside take the first or the last entry."""
        last = len(self.entries) - 1
        # Values before the table take its first entry, those after it the last.
        position = np.clip(np.rint(values) - self.first, 0, last)
        return np.asarray(self.entries[position.astype(np.intp)])


def read_lut(item: Dataset, values: Values) -> Lut | None:
    """Read LUT Descriptor (0028,3002) and LUT Data (0028,3006); None if broken.

    Args:
        item: Of a Modality LUT or VOI LUT Sequence.
        values: (N,) what will be looked up, of any size: whether the table begins at
            a negative number or a large one follows from what it is for. They are
            the same 16 bits, and implicit VR leaves open which is meant.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3:
        return None
    count = int(descriptor[0]) % _MOST_LUT_ENTRIES or _MOST_LUT_ENTRIES
    first = _first(int(descriptor[1]), count, values)
    entries = _lut_entries(item, count)
    if entries is None or not np.isfinite(entries).all():
        return None
    entries = entries % _MOST_LUT_ENTRIES  # unsigned, whatever their VR
    # The descriptor says how many bits they have too, and often too many.
    top = float((1 << int(entries.max()).bit_length()) - 1)
    return Lut(first, entries, top) if top else None


def _lut_entries(item: Dataset, count: int) -> Values | None:
    data = item.get("LUTData")
    if isinstance(data, bytes):
        # Entries of 8 bits, or of 16; an odd number of bytes is padded.
        kind = "u1" if len(data) in (count, count + 1) else "u2"
        order = "<" if item.original_encoding[1] is not False else ">"
        whole = len(data) - len(data) % np.dtype(kind).itemsize
        entries = np.frombuffer(data[:whole], np.dtype(order + kind))
    else:
        try:
            entries = np.asarray(data, np.float64).reshape(-1)
        except (TypeError, ValueError):
            return None
    if len(entries) < count:
        return None
    return entries[:count].astype(np.float64)


def _first(first: int, count: int, values: Values) -> int:
    """Choose between the two numbers that 16 bits may stand for."""
    other = first - _MOST_LUT_ENTRIES if first >= 0 else first + _MOST_LUT_ENTRIES

    def share(start: int) -> float:
        inside = (values >= start) & (values < start + count)
        return float(inside.mean()) if values.size else 0.0

    return other if share(other) > share(first) else first
