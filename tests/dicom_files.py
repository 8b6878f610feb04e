"""DICOM files made in code: one call a file, every byte of it known."""

import io
from base64 import b64decode
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom import uid as uids
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import UID

from tests.jpeg_streams import lossless_jpeg, lossy_jpeg

UNCOMPRESSED = (
    uids.ImplicitVRLittleEndian,
    uids.ExplicitVRLittleEndian,
    uids.DeflatedExplicitVRLittleEndian,
    uids.ExplicitVRBigEndian,
)
DX_IMAGE = UID("1.2.840.10008.5.1.4.1.1.1.1")

# Two codestreams of `wedge()`, encoded once with OpenJPH 0.9 (BSD): nothing that
# can be installed from PyPI encodes HTJ2K. Resolution-position order (RPCL).
_HTJ2K_LOSSLESS = (
    "/0//UQApQAAAAAAYAAAAFAAAAAAAAAAAAAAAGAAAABQAAAAAAAAAAAABCwEB/1AACAACAAAAB/9SAAwA"
    "AgABAAIEBEAB/1wACiBweHh4cHB4/2QAFgABT3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAAmgAB/5PA"
    "AXbA/3/vT/ukTz977x1f+Q4DGPnvPz/lEz75OQc4xJe+xRDGtrfyPclI3Dz8J/Z/nQXMFhkAUbwAwACt"
    "gAFcokSJEiXq3II6cgJ3AI6Ojo6OjvQQ3iEBvrgAwAFpwAFrgCoqKioqKioqKirz+np6enGCeQC+9957"
    "7733/v9MAAAe/YAAe/YAAey/AP/Z"
)
_HTJ2K_LOSSY = (
    "/0//UQApQAAAAAAYAAAAFAAAAAAAAAAAAAAAGAAAABQAAAAAAAAAAAABCwEB/1AACAACAAAAJf9SAAwA"
    "AgABAAIEBEAA/1wAESJ35mg1aDVoeGAaYBpvv/9kABYAAU9wZW5KUEggVmVyIDAuOS4wLv+QAAoAAAAA"
    "ANoAAf+TwAF3IJmdv/frFm0zZ3GLDm9xHexDxYFO4DM5B0c5dR4gIU4ptEKDU/M15TMlQ2KNdQT+3+dB"
    "c4QhQFG8AMAC3oAFsQAIwGyWIMaM8eCBZQlizBgPHlhiDA8OdP8mgcgVhEmbAJSIiObMzMhlWS7LAT0k"
    "9zz3yey81Wo9APwDAMAF0sAF0ICiyDLfF2KW+b4Qs8z3hZhlvi/ELPP9c/JX8lfyV/JX4QrAC38ABAAA"
    "Bg88OHhw8ODgwcGDg3/A5KdPkp0+Sm7WtVrVajEB/9k="
)


def wedge() -> NDArray[np.uint16]:
    """Make the (20, 24) 12-bit picture that the HTJ2K codestreams hold."""
    rows, columns = np.mgrid[0:20, 0:24]
    return (columns * 150 + rows * 32).astype(np.uint16)


def phantom(height: int = 48, width: int = 40, bits: int = 12) -> NDArray[np.uint16]:
    """Make a smooth picture with detail in it, over the whole range of `bits`."""
    rows, columns = np.mgrid[0:height, 0:width]
    waves = np.sin(rows / 5) * np.cos(columns / 7) + (rows + columns) / (height + width)
    scaled = (waves - waves.min()) / (waves.max() - waves.min())
    return np.rint(scaled * ((1 << bits) - 1)).astype(np.uint16)


def make_dataset(
    pixels: NDArray[Any],
    syntax: UID = uids.ExplicitVRLittleEndian,
    photometric: str = "MONOCHROME2",
    bits: int | None = None,
    **elements: Any,
) -> Dataset:
    """Make a data set around pixels.

    Args:
        pixels: (H, W), (H, W, 3), (F, H, W) or (F, H, W, 3), integers.
        syntax: Transfer syntax; the pixels are encoded for it.
        photometric: Photometric Interpretation (0028,0004).
        bits: Bits Stored (0028,0101); None takes all allocated.
        elements: More elements by keyword; None leaves one out.
    """
    samples = 3 if pixels.shape[-1] == 3 and pixels.ndim > 2 else 1
    frames = pixels.reshape(-1, *pixels.shape[-3:][-2 if samples == 1 else -3 :])
    allocated = 8 * pixels.dtype.itemsize
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = DX_IMAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    dataset.SOPClassUID = DX_IMAGE
    dataset.SOPInstanceUID = UID("1.2.3.4")
    dataset.Modality = "DX"
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = photometric
    if samples == 3:
        dataset.PlanarConfiguration = 0
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.BitsAllocated = allocated
    dataset.BitsStored = bits or allocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    if syntax in UNCOMPRESSED:
        order: Literal[">", "<"] = ">" if syntax == uids.ExplicitVRBigEndian else "<"
        data = frames.astype(frames.dtype.newbyteorder(order)).tobytes()
        dataset.PixelData = data + b"\0" * (len(data) % 2)
        dataset["PixelData"].VR = "OB" if allocated == 8 else "OW"
    else:
        encoded = [_encode(frame, dataset, syntax) for frame in frames]
        dataset.PixelData = encapsulate(encoded)
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    for keyword, value in elements.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def make_dicom(pixels: NDArray[Any], *args: Any, **elements: Any) -> bytes:
    """Make a DICOM file; see `make_dataset`."""
    return to_bytes(make_dataset(pixels, *args, **elements))


def to_bytes(dataset: Dataset) -> bytes:
    """Write a data set with its file meta information."""
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def make_lut(first: int, entries: NDArray[Any], bits: int = 16) -> Dataset:
    """Make an item of a Modality LUT or VOI LUT Sequence."""
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    item.LUTData = [int(entry) for entry in entries]
    item["LUTDescriptor"].VR = "US"
    item["LUTData"].VR = "US"
    return item


def windowed_by_pydicom(dataset: Dataset) -> NDArray[np.float64]:
    """Run pydicom's own pipeline up to the window, and scale it to [0, 1]."""
    shown = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)
    if "VOILUTSequence" in dataset:
        bits = dataset.VOILUTSequence[0].LUTDescriptor[2]
        return np.asarray(shown / ((1 << bits) - 1))
    low, high = 0.0, float((1 << dataset.BitsStored) - 1)
    if dataset.PixelRepresentation:
        low, high = low - (high + 1) // 2, (high - 1) // 2
    slope = float(dataset.get("RescaleSlope", 1))
    intercept = float(dataset.get("RescaleIntercept", 0))
    low, high = low * slope + intercept, high * slope + intercept
    return np.asarray((shown - low) / (high - low))


def _encode(frame: NDArray[Any], dataset: Dataset, syntax: UID) -> bytes:
    if syntax == uids.JPEGBaseline8Bit:
        file = io.BytesIO()
        Image.fromarray(frame).save(file, "JPEG", quality=95)
        return file.getvalue()
    if syntax in (uids.HTJ2KLossless, uids.HTJ2KLosslessRPCL, uids.HTJ2K):
        assert np.array_equal(frame, wedge()), "the one picture there is in HTJ2K"
        return b64decode(_HTJ2K_LOSSY if syntax == uids.HTJ2K else _HTJ2K_LOSSLESS)
    if syntax == uids.JPEGExtended12Bit:
        return lossy_jpeg(frame, max(8, dataset.BitsStored))
    if syntax in (uids.JPEGLossless, uids.JPEGLosslessSV1):
        # Process 14 with selection value 1: valid for both UIDs.
        words = frame.view(frame.dtype.str.replace("i", "u"))
        return lossless_jpeg(
            words & ((1 << dataset.BitsStored) - 1), dataset.BitsStored
        )
    return _encode_with_pydicom(frame, dataset, syntax)


def _encode_with_pydicom(frame: NDArray[Any], dataset: Dataset, syntax: UID) -> bytes:
    from pydicom.pixels.encoders.base import get_encoder

    every: dict[UID, dict[str, Any]] = {
        uids.RLELossless: {},
        uids.JPEGLSNearLossless: {"jls_error": 1},
        uids.JPEG2000: {"j2k_cr": [4]},
    }
    options = every.get(syntax, {})
    photometric = dataset.PhotometricInterpretation
    return get_encoder(syntax).encode(
        frame,
        rows=dataset.Rows,
        columns=dataset.Columns,
        number_of_frames=1,
        samples_per_pixel=dataset.SamplesPerPixel,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsStored,
        pixel_representation=dataset.PixelRepresentation,
        photometric_interpretation=photometric,
        pixel_keyword="PixelData",
        planar_configuration=0,
        **options,
    )
