"""Files made to hang, crash, fill or fool a reader: the threats, byte by byte."""

import io
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom._dicom_dict import DicomDictionary
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, RLELossless

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes

_FILM = Path(__file__).parent / "films" / "hand.jpg"
_TEXT = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
_KEPT = {"PhotometricInterpretation", "SpecificCharacterSet"}
_SEQUENCE = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)


def make_png(
    width: int,
    height: int,
    rows: bytes,
    depth: int = 8,
    extra: bytes = b"",
    *,
    color_type: int = 0,
) -> bytes:
    """Make a PNG chunk by chunk, gray if not told otherwise, sensible or not."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + make_chunk(b"IHDR", header)
        + extra
        + make_chunk(b"IDAT", zlib.compress(rows))
        + make_chunk(b"IEND", b"")
    )


def make_chunk(kind: bytes, body: bytes) -> bytes:
    """Make one chunk of a PNG."""
    size, check = struct.pack(">I", len(body)), zlib.crc32(kind + body)
    return size + kind + body + struct.pack(">I", check)


def make_jpeg_of_size(width: int, height: int) -> bytes:
    """Make a JPEG that promises a size and holds no data."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xd9"


def make_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a zip; names are taken as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def insert(data: bytes, body: bytes) -> bytes:
    """Put elements between the file meta information and the data set."""
    (length,) = struct.unpack_from("<I", data, 140)
    end = 144 + length
    return data[:end] + body + data[end:]


def nested_sequences(depth: int) -> bytes:
    """Nest sequences of undefined length, 20 bytes a level, without ends."""
    return insert(make_dicom(phantom()), (_SEQUENCE + _ITEM) * depth)


def many_elements(count: int) -> bytes:
    """Put that many empty private elements before the pixels."""
    numbers = np.arange(count, dtype=np.uint32)
    elements = np.zeros((count, 4), "<u2")
    elements[:, 0] = 0x0009 + 2 * (numbers >> 16).astype(np.uint16)
    elements[:, 1] = numbers & 0xFFFF
    elements[:, 2] = int.from_bytes(b"LO", "little")
    return insert(make_dicom(phantom()), elements.tobytes())


def many_items(count: int) -> bytes:
    """Put a sequence of that many empty items before the pixels."""
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return insert(make_dicom(phantom()), _SEQUENCE + item * count + end)


def deflate_bomb(megabytes: int) -> bytes:
    """Deflate a data set followed by zeros."""
    plain = make_dicom(phantom(), DeflatedExplicitVRLittleEndian)
    (length,) = struct.unpack_from("<I", plain, 140)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = [packer.compress(bytes(1 << 20)) for _ in range(megabytes)]
    return plain[: 144 + length] + b"".join(body) + packer.flush()


def huge_rle(side: int, allocated: int) -> bytes:
    """Promise a big flat picture, run-length encoded to 1/64 of its size."""
    dataset = make_dataset(phantom(), RLELossless)
    dataset.Rows = dataset.Columns = side
    dataset.BitsAllocated = dataset.BitsStored = allocated
    dataset.HighBit = allocated - 1
    planes = allocated // 8
    plane = b"\x81\x00" * (side * side // 128)
    offsets = [64 + index * len(plane) for index in range(planes)]
    header = struct.pack("<16I", planes, *offsets, *[0] * (15 - planes))
    dataset.PixelData = encapsulate([header + plane * planes])
    return to_bytes(dataset)


def many_fragments(count: int, syntax: UID = RLELossless) -> bytes:
    """Cut the pixel data into that many empty fragments."""
    dataset = make_dataset(phantom(), syntax)
    empty = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    dataset.PixelData = empty * count
    dataset["PixelData"].is_undefined_length = True
    return to_bytes(dataset)


def marked_file(marker: str) -> bytes:
    """Make a film with a marker in every text element of the dictionary."""
    with Image.open(_FILM) as film:
        pixels = np.asarray(film.convert("L"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that no such element may have
        dataset = make_dataset(pixels)
        for tag, (vr, *_, keyword) in DicomDictionary.items():
            if vr in _TEXT and tag >> 16 > 2 and keyword not in _KEPT:
                dataset.add_new(tag, vr, marker)
        for keyword in ("AnatomicRegionSequence", "ProcedureCodeSequence"):
            item = Dataset()
            item.CodeValue = item.CodingSchemeDesignator = item.CodeMeaning = marker
            setattr(dataset, keyword, [item])
        dataset.file_meta.SourceApplicationEntityTitle = marker
        return to_bytes(dataset)
