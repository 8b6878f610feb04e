"""What an enhanced image says of each frame (PS3.3 C.7.6.16).

Rescale, window, shutter and body part then lie in macros: sequences of one item
inside the item of Per-frame Functional Groups Sequence (5200,9230) that belongs
to the frame, or inside the only item of Shared Functional Groups Sequence
(5200,9229), which belongs to all.
"""

import struct
from dataclasses import dataclass

from pydicom import DataElement, Dataset
from pydicom.charset import default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_sequence_item

from ...header.bounded import Budget, HeaderBytes
from ...header.charset import declared
from ...header.elements import BROKEN, drop_malformed, items

SHARED = 0x52009229
PER_FRAME = 0x52009230

_ITEM = 0xFFFEE000
_UNDEFINED = 0xFFFFFFFF
# Elements of each macro. Those at the top level, which enhanced images have no
# right to, give way to a macro as a whole.
_MACROS = (
    (
        "PixelValueTransformationSequence",  # C.7.6.16.2.9
        ("RescaleIntercept", "RescaleSlope", "ModalityLUTSequence"),
    ),
    (
        "FrameVOILUTSequence",  # C.7.6.16.2.10
        ("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
    ),
    ("PixelMeasuresSequence", ("PixelSpacing",)),  # C.7.6.16.2.1
    ("FramePixelDataPropertiesSequence", ("ImagerPixelSpacing",)),  # C.8.19.6.4
    ("FrameAnatomySequence", ("AnatomicRegionSequence",)),  # C.7.6.16.2.8
    ("FrameAnatomySequence", ("FrameLaterality",)),  # the other may be missing
    (
        "FrameDisplayShutterSequence",  # C.7.6.16.2.16
        (
            *("ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
            *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge"),
        ),
    ),
)

_Element = RawDataElement | DataElement


@dataclass(frozen=True, slots=True)
class FunctionalGroups:
    """The two sequences as they were found, not yet looked into."""

    shared: _Element | None
    per_frame: _Element | None

    def apply(self, dataset: Dataset, frame: int, budget: Budget) -> Dataset:
        """Put a frame's macros in the place of a header's own elements.

        Args:
            dataset: The header; left as it is.
            frame: From 0. One that no item is there for has the shared macros.
            budget: What reading them may cost.

        Returns:
            A header with the frame's macro where it has a usable one, else the
            shared one, else the header's own elements.
        """
        changed = dataset[:]
        groups = []
        for tag, element, index in (
            (PER_FRAME, self.per_frame, frame),
            (SHARED, self.shared, 0),
        ):
            item = _read_item(element, index, budget)
            if item is not None:
                # Put where it tells the item whether values are signed.
                changed[tag] = DataElement(tag, "SQ", [item])
                drop_malformed(item, budget, declared(dataset))
                groups.append(item)
        for macro, keywords in _MACROS:
            found = _find_macro(groups, macro, keywords)
            if found is None:
                continue
            for keyword in keywords:
                if keyword in changed:
                    del changed[keyword]
                if keyword in found:
                    changed[keyword] = found[keyword]
        return changed


def take_groups(dataset: Dataset) -> FunctionalGroups:
    """Take the functional groups out of a header, as they are."""
    return FunctionalGroups(dataset.pop(SHARED, None), dataset.pop(PER_FRAME, None))


def _find_macro(
    groups: list[Dataset], macro: str, keywords: tuple[str, ...]
) -> Dataset | None:
    for group in groups:
        for item in items(group, macro)[:1]:
            if any(keyword in item for keyword in keywords):
                return item
    return None


def _read_item(element: _Element | None, index: int, budget: Budget) -> Dataset | None:
    """Read one item of a sequence; None where it isn't there."""
    if element is None:
        return None
    if isinstance(element, RawDataElement):
        try:
            return _seek_item(element, index, budget)
        except BROKEN:
            return None
    found: list[Dataset] = element.value[index : index + 1]
    return found[0] if found else None


def _seek_item(raw: RawDataElement, index: int, budget: Budget) -> Dataset | None:
    """Skip to an item of a sequence of defined length, and parse that alone."""
    stream = HeaderBytes(raw.value or b"", budget)
    head = struct.Struct("<HHI" if raw.is_little_endian else ">HHI")
    for position in range(index + 1):
        start = stream.tell()
        found = stream.read(head.size)
        if len(found) < head.size:
            return None
        group, number, length = head.unpack(found)
        if group << 16 | number != _ITEM:
            return None
        if position < index and length != _UNDEFINED:
            stream.seek(length, 1)
            continue
        stream.seek(start)
        item = read_sequence_item(
            stream, raw.is_implicit_VR, raw.is_little_endian, default_encoding
        )
    return item
