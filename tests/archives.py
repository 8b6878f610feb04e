"""Real radiographs as DICOM files, with whatever header a test asks for."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

FILMS = Path(__file__).parent / "films"


def film(name: str) -> NDArray[np.uint8]:
    """Read a real film of tests/films: (H, W), bone bright."""
    with Image.open(FILMS / f"{name}.jpg") as picture:
        return np.asarray(picture.convert("L"))


def radiograph(pixels: NDArray[np.uint8], **tags: object) -> FileDataset:
    """Make a CR image of 8 bits; None leaves a tag out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.PatientName = "Secret^Patient"
    dataset.PatientID = "S3CRET"
    dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.StudyDate, dataset.StudyTime = "20240517", "101112"
    dataset.StudyID = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.Modality = "CR"
    dataset.Manufacturer, dataset.StationName = "Maker", "ROOM1"
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.SamplesPerPixel = 1
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    for keyword, value in tags.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def put_raw(dataset: Dataset, tag: int, vr: str, value: bytes) -> None:
    """Put bytes into an element as a careless writer would."""
    key = Tag(tag)
    dataset[key] = RawDataElement(key, vr, len(value), value, 0, False, True)


def code(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    """Make a code sequence item."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = value, scheme
    item.CodeMeaning = meaning
    return item


def write(path: Path, dataset: FileDataset) -> Path:
    """Write a DICOM file, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
