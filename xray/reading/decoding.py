"""One file's bytes to one gray picture, whatever kind of file they are.

Runs in the decoding process (see `worker`). Content decides, never a name.
"""

import warnings

from ..errors import ImageError, UnsupportedImageError
from .deep_jpeg import decode_deep_jpeg, is_deep_jpeg
from .dicom.decode import decode_dicom
from .dicom.file import looks_like_dicom
from .radiograph import Decoded
from .raster import decode_raster, looks_like_raster


def decode(data: bytes) -> Decoded:
    """Decode a DICOM, PNG or JPEG file; of several frames the middle one.

    Raises:
        UnsupportedImageError: The bytes are of no kind read here.
        ImageError: The file is damaged, without pixels or over a limit.
    """
    # Libraries warn of odd values by quoting them, and a value may be a name.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # First: the preamble of a DICOM file may hold any other kind's beginning.
            if looks_like_dicom(data):
                return decode_dicom(data)
            if is_deep_jpeg(data):
                return decode_deep_jpeg(data)
            if looks_like_raster(data):
                return decode_raster(data)
        except MemoryError as error:
            raise ImageError("too_much_memory") from error
    raise UnsupportedImageError("unsupported")
