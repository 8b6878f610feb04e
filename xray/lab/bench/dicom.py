"""A large DICOM radiograph made in code, and what decoding it takes."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np

HEIGHT, WIDTH = 3000, 2500

_CODE = """
import sys
from xray.lab.bench.dicom import big_dicom, most_memory
from xray.image import fit_square
from xray.reading.reader import read_radiograph
data = sys.stdin.buffer.read()
fit_square(read_radiograph(big_dicom(64, 64)).pixels)
before = most_memory()
fit_square(read_radiograph(data).pixels)
print(most_memory() - before)
"""


def big_dicom(height: int = HEIGHT, width: int = WIDTH) -> bytes:
    """Make an uncompressed 16-bit radiograph: MONOCHROME1, with a window."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import (
        DigitalXRayImageStorageForPresentation,
        ExplicitVRLittleEndian,
        generate_uid,
    )

    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 50_000, height * width).reshape(height, width)
    pixels = (ramp + rng.integers(0, 4_000, ramp.shape)).astype("<u2")
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = generate_uid()
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = height, width
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = 27_000, 50_000
    dataset.PixelData = pixels.tobytes()
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def most_memory() -> int:
    """The most bytes this process and its decoders have taken so far (Linux)."""
    # Not ru_maxrss: that one starts with what the parent process had.
    children = Path("/proc/self/task").glob("*/children")
    pids = ["self", *(pid for each in children for pid in each.read_text().split())]
    statuses = [Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in pids]
    peaks = [int(status.split("VmHWM:")[1].split()[0]) for status in statuses]
    return 1024 * sum(peaks)


def decoding_memory() -> float:
    """Memory that reading and letterboxing `big_dicom` takes, in times its bytes.

    Measured in a process of its own, which has decoded a small file before.
    """
    data = big_dicom()
    done = subprocess.run(
        [sys.executable, "-c", _CODE],
        input=data,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    return int(done.stdout) / len(data)
