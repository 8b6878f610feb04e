"""JPEG Extended with 12-bit samples, the one codec pydicom has no plugin for."""

import numpy as np
from numpy.typing import NDArray

from ...errors import ImageError
from .codestream import Promise
from .layout import Layout


def decode_jpeg12(
    source: bytes, promise: Promise, layout: Layout
) -> NDArray[np.uint16]:
    """Decode one 12-bit JPEG (process 4) with GDCM.

    Args:
        source: The codestream.
        promise: What it says of itself. GDCM cuts values to the bits it is told of,
            and losses go past what the header says: white would turn black.
        layout: What the header says of size and color.

    Returns:
        (H, W) or (H, W, 3).

    Raises:
        ImageError: GDCM can't read it.
    """
    import gdcm  # slow to load, and seldom needed

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(source)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((layout.columns, layout.rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(
        "MONOCHROME2" if layout.samples == 1 else "RGB"
    )
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(
        gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4)
    )
    bits = promise.precision
    image.SetPixelFormat(gdcm.PixelFormat(layout.samples, 16, bits, bits - 1, 0))
    # GDCM hands its bytes out as text.
    values = (image.GetBuffer() or "").encode("utf-8", "surrogateescape")
    if len(values) != 2 * layout.values:
        raise ImageError("undecodable", syntax="JPEG Extended (12 bit)")
    shape = (layout.rows, layout.columns, layout.samples)
    words = np.frombuffer(values, "<u2").reshape(shape)
    return words[..., 0] if layout.samples == 1 else words
