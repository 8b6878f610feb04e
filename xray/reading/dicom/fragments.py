"""Encapsulated pixel data (PS3.5 A.4): from fragments to the codestream of a frame.

The Basic Offset Table is only believed where it can be true: archives hold tables
of other files, and tables with an offset for each fragment.
"""

from itertools import pairwise

from ...errors import ImageError
from ...limits import LIMITS
from .codestream import read_promise, read_rle_promise
from .layout import Layout

ITEM = b"\xfe\xff\x00\xe0"
_HEAD = 8  # bytes before an item's value

Span = tuple[int, int]  # where an item's value starts and ends


def read_frame(value: bytes, layout: Layout, frame: int, refusal: ImageError) -> bytes:
    """Join the fragments of one frame, from 0, out of the value of Pixel Data.

    Raises:
        ImageError: The last one isn't whole; or what was given as `refusal`: there are
            none or too many, or nothing tells which of them belong to the frame.
    """
    table, *fragments = _read_items(value, refusal) or [(0, 0)]
    if not fragments:
        raise refusal
    first, last = 0, len(fragments)
    if layout.frames > 1:
        starts = _find_starts(value, table, fragments, layout)
        if len(starts) != layout.frames:
            raise refusal
        first, last = (*starts, len(fragments))[frame : frame + 2]
    return b"".join(value[start:end] for start, end in fragments[first:last])


def _read_items(value: bytes, refusal: ImageError) -> list[Span]:
    """Find the items: the Basic Offset Table, then the fragments."""
    spans: list[Span] = []
    position = 0
    while value[position : position + 4] == ITEM:
        if len(spans) >= LIMITS.fragments:
            raise refusal
        start = position + _HEAD
        position = start + int.from_bytes(value[position + 4 : start], "little")
        # An odd last byte is only padding, and was dropped by some.
        if position > len(value) + 1:
            raise ImageError("damaged", kind="DICOM")
        spans.append((start, position))
    return spans


def _find_starts(
    value: bytes, table: Span, fragments: list[Span], layout: Layout
) -> list[int]:
    """Find which fragment each frame starts with; several frames."""
    if len(fragments) == layout.frames:
        return list(range(layout.frames))
    words = value[slice(*table)]
    offsets = [
        int.from_bytes(words[i : i + 4], "little") for i in range(0, len(words), 4)
    ]
    origin = table[1] + _HEAD
    numbers = {start - origin: number for number, (start, _) in enumerate(fragments)}
    is_rising = all(before < after for before, after in pairwise(offsets))
    if len(offsets) == layout.frames and offsets[0] == 0 and is_rising:
        starts = [numbers.get(offset, -1) for offset in offsets]
        if -1 not in starts:
            return starts
    return [
        number
        for number, (start, end) in enumerate(fragments)
        if _begins(value[start:end], layout)
    ]


def _begins(fragment: bytes, layout: Layout) -> bool:
    """Say whether a fragment is the beginning of a codestream."""
    return (
        read_promise(fragment) is not None
        or read_rle_promise(fragment, layout) is not None
    )
