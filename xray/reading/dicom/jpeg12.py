"""JPEG Extended with 12-bit samples, the one codec pydicom has no plugin for."""

import numpy as np
from numpy.typing import NDArray

from ...errors import ImageError
from .layout import Layout


def decode_jpeg12(source: bytes, layout: Layout) -> NDArray[np.uint16]:
    """Decode one 12-bit JPEG (process 4) with GDCM.

    Args:
        source: The codestream.
        layout: One sample per pixel, 9 to 12 bits stored.

    Returns:
        (H, W).

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
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    )
    image.SetTransferSyntax(
        gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4)
    )
    image.SetPixelFormat(
        gdcm.PixelFormat(1, 16, layout.stored, layout.stored - 1, layout.signed)
    )
    # GDCM hands its bytes out as text.
    values = (image.GetBuffer() or "").encode("utf-8", "surrogateescape")
    if layout.samples != 1 or len(values) != 2 * layout.values:
        raise ImageError("undecodable", syntax="JPEG Extended (12 bit)")
    return np.frombuffer(values, "<u2").reshape(layout.rows, layout.columns)
