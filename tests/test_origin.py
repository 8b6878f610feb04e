import io

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tests.archives import film, put_raw, radiograph, write
from tests.hostile_files import many_items
from xray.audit.origin import Origin, read_origin

PIXELS = film("hand")[:8, :8]


def encoded(**tags: object) -> bytes:
    file = io.BytesIO()
    radiograph(PIXELS, **tags).save_as(file, enforce_file_format=True)
    return file.getvalue()


def test_origin_tells_where_a_radiograph_was_made():
    origin = read_origin(encoded(BodyPartExamined="HAND"))
    assert origin.dicom
    assert (origin.modality, origin.manufacturer) == ("CR", "Maker")
    assert (origin.station, origin.month) == ("ROOM1", "2024-05")
    assert origin.claim is not None
    assert origin.claim.parts == {9}


def test_bytes_and_file_give_the_same(tmp_path):
    dataset = radiograph(PIXELS)
    path = write(tmp_path / "x", dataset)
    assert read_origin(path) == read_origin(path.read_bytes())


@pytest.mark.parametrize(
    ("date", "month"),
    [("20240517", "2024-05"), ("2024.05.17", "2024-05"), ("", ""), ("nonsense", "")],
)
def test_month_is_read_from_the_study_date(date, month):
    dataset = radiograph(PIXELS)
    put_raw(dataset, 0x00080020, "DA", date.encode())
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    assert read_origin(file.getvalue()).month == month


def test_month_falls_back_on_the_acquisition():
    data = encoded(StudyDate="", AcquisitionDate="20231201")
    assert read_origin(data).month == "2023-12"


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"hello" * 100])
def test_other_files_have_no_origin(data):
    assert read_origin(data) == Origin()


def test_missing_file_has_no_origin(tmp_path):
    assert read_origin(tmp_path / "no") == Origin()


def test_damaged_header_is_still_a_dicom_file():
    data = encoded()
    assert read_origin(data[:200]).dicom


def test_deflated_file_is_not_inflated_twice():
    dataset = radiograph(PIXELS)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    assert read_origin(file.getvalue()) == Origin(dicom=True)


def test_unknown_modality_is_not_repeated():
    assert read_origin(encoded(Modality="SMITH")).modality == ""


@pytest.mark.parametrize("on_disk", [False, True])
def test_header_without_end_is_given_up(tmp_path, on_disk) -> None:
    data = many_items(500_000)
    path = tmp_path / "endless.dcm"
    path.write_bytes(data)
    assert read_origin(path if on_disk else data) == Origin(dicom=True)
