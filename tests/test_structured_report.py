import io
import shutil
import subprocess
import warnings
from dataclasses import astuple
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes

from tests.archives import film, put_raw, radiograph
from tests.predictions import predicts
from xray import __version__
from xray.errors import ImageError
from xray.labels import BODY_PARTS
from xray.records.correction import read_whole, require_new, save_new
from xray.records.structured_report import make_heatmap, make_report
from xray.records.uids import DerivedUids


@pytest.fixture
def image() -> Dataset:
    return radiograph(film("hand"), BodyPartExamined="CHEST", StudyID="1")


def read_group(path):
    report: Any = highdicom.sr.srread(path)
    (group,) = report.content.get_image_measurement_groups()
    return report, group


def test_report_reads_back_with_highdicom(image, tmp_path):
    save_new(make_report(image, predicts("Hand", 0.9731), "net 1.0"), tmp_path / "sr")
    report, group = read_group(tmp_path / "sr")
    (region,) = group.get_qualitative_evaluations(name=codes.DCM.TargetRegion)
    assert (region.name.value, region.name.scheme_designator) == ("123014", "DCM")
    assert (region.value.value, region.value.scheme_designator) == ("85562004", "SCT")
    assert region.value.meaning == "Hand"
    (certainty,) = group.get_measurements(name=codes.DCM.CertaintyOfFinding)
    assert certainty.value == pytest.approx(97.31)
    assert certainty.unit == codes.UCUM.Percent
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.CompletionFlag == "COMPLETE"
    (template,) = report.ContentTemplateSequence
    assert template.TemplateIdentifier == "1500"


def test_report_refers_to_the_image_in_its_own_study(image, tmp_path):
    save_new(make_report(image, predicts("Hand"), "net 1.0"), tmp_path / "sr")
    report, group = read_group(tmp_path / "sr")
    assert report.StudyInstanceUID == image.StudyInstanceUID
    assert report.PatientID == image.PatientID
    assert report.SeriesInstanceUID != image.SeriesInstanceUID
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    (series,) = evidence.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert instance.ReferencedSOPInstanceUID == image.SOPInstanceUID
    assert group.source_images[0].referenced_sop_instance_uid == image.SOPInstanceUID


def test_report_names_algorithm_and_version(image, tmp_path):
    save_new(make_report(image, predicts("Hand"), "net 1.0"), tmp_path / "sr")
    texts = _texts(dcmread(tmp_path / "sr"))
    assert texts["111001"] == "xray body part classifier"
    assert texts["111003"] == f"{__version__}, net 1.0"


def _texts(dataset: Dataset) -> dict[str, str]:
    found = {}
    for item in dataset.get("ContentSequence", ()):
        if item.ValueType == "TEXT":
            found[item.ConceptNameCodeSequence[0].CodeValue] = item.TextValue
        found |= _texts(item)
    return found


@pytest.mark.parametrize(
    "part", [part for part in BODY_PARTS if part.snomed_code], ids=lambda p: p.english
)
def test_every_part_can_be_reported(part, image):
    report = make_report(image, predicts(part.english), "net 1.0")
    assert part.snomed_code in str(report)


def errors_in(path: Path) -> list[str]:
    """Validate with dciodvfy of Debian's dicom3tools where it is installed."""
    validator = shutil.which("dciodvfy")
    if validator is None:
        return [] if dcmread(path).SOPInstanceUID else ["not readable"]
    done = subprocess.run([validator, path], capture_output=True, text=True, check=True)
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if line.startswith("Error")]


def test_report_and_heat_map_pass_the_validator(image, tmp_path):
    save_new(make_report(image, predicts("Hand"), "net 1.0"), tmp_path / "sr.dcm")
    picture = np.zeros((40, 30, 3), np.uint8)
    save_new(make_heatmap(image, picture), tmp_path / "sc.dcm")
    assert errors_in(tmp_path / "sr.dcm") == []
    assert errors_in(tmp_path / "sc.dcm") == []


def test_comprehensive_3d_report_passes_the_validator_and_says_the_same(
    image, tmp_path
):
    report = make_report(image, predicts("Hand"), "net 1.0", form="comprehensive-3d")
    save_new(report, tmp_path / "sr.dcm")
    assert errors_in(tmp_path / "sr.dcm") == []
    read, group = read_group(tmp_path / "sr.dcm")
    assert read.SOPClassUID.name == "Comprehensive 3D SR Storage"
    (region,) = group.get_qualitative_evaluations(name=codes.DCM.TargetRegion)
    assert region.value.meaning == "Hand"


def test_stable_uids_follow_from_source_and_model_and_differ_by_object(image):
    def uids(what: str = "sr", model: str = "sha") -> DerivedUids:
        return DerivedUids.stable(
            what, image.SeriesInstanceUID, image.SOPInstanceUID, model
        )

    report = make_report(image, predicts("Hand"), "net 1.0", uids=uids())
    assert (report.SOPInstanceUID, report.SeriesInstanceUID) == (
        uids().instance,
        uids().series,
    )
    different = {*astuple(uids()), *astuple(uids("heatmap")), *astuple(uids("sr", "x"))}
    assert len(different) == 9
    fresh = make_report(image, predicts("Hand"), "net 1.0")
    assert fresh.SOPInstanceUID != report.SOPInstanceUID


def test_heat_map_is_a_secondary_capture_of_the_same_study(image, tmp_path):
    numbers = np.arange(40 * 30 * 3, dtype=np.uint32).astype(np.uint8)
    picture = numbers.reshape(40, 30, 3)
    save_new(make_heatmap(image, picture), tmp_path / "sc.dcm")
    capture = dcmread(tmp_path / "sc.dcm")
    assert capture.SOPClassUID.name == "Secondary Capture Image Storage"
    assert capture.StudyInstanceUID == image.StudyInstanceUID
    assert (capture.pixel_array == picture).all()


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
)
def test_image_without_identifiers_is_refused(keyword, image):
    delattr(image, keyword)
    with pytest.raises(ImageError) as raised:
        make_report(image, predicts("Hand"), "net 1.0")
    assert raised.value.key == "needs_tag"


def test_others_has_no_code_to_report(image):
    with pytest.raises(ImageError) as raised:
        make_report(image, predicts("Others"), "net 1.0")
    assert raised.value.key == "no_code"


def test_absent_patient_module_is_written_empty(image):
    for keyword in ("PatientName", "PatientID", "StudyDate", "AccessionNumber"):
        delattr(image, keyword)
    report = make_report(image, predicts("Hand"), "net 1.0")
    assert not report.PatientID


def test_odd_values_of_the_patient_are_left_out(image):
    put_raw(image, 0x00080020, "DA", b"17/05/2024  ")
    put_raw(image, 0x00100040, "CS", b"male")
    image = dcmread(io.BytesIO(encoded(image)))
    for derived in (
        make_report(image, predicts("Hand"), "net 1.0"),
        make_heatmap(image, np.zeros((4, 4, 3), np.uint8)),
    ):
        assert not derived.StudyDate
        assert not derived.PatientSex


def encoded(dataset: Dataset) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom finds odd values odd
        dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def test_rejected_picture_is_not_reported(image):
    cat = predicts("Hand", rejected="rejected_colored")
    with pytest.raises(ImageError, match="color picture"):
        make_report(image, cat, "net 1.0")


def test_nothing_is_written_where_one_path_is_taken(tmp_path):
    taken = tmp_path / "sc.dcm"
    taken.touch()
    with pytest.raises(ImageError, match="exists"):
        require_new(tmp_path / "sr.dcm", None, taken)
    require_new(tmp_path / "sr.dcm", None)


@pytest.mark.parametrize("said", [None, "NO", "YES"])
def test_heat_map_says_of_burned_in_text_what_its_film_says(said, image):
    if said:
        image.BurnedInAnnotation = said
    capture = make_heatmap(image, np.zeros((8, 8, 3), np.uint8))
    assert capture.get("BurnedInAnnotation") == said


@pytest.mark.parametrize("mistake", [AttributeError, TypeError, KeyError])
def test_mistake_of_ours_is_not_told_as_damage(image, mistake):
    class Slip:
        label, rejected = 9, None

        def __getattr__(self, _name):
            raise mistake("ours")

    prediction: Any = Slip()
    with pytest.raises(mistake, match="ours"):
        make_report(image, prediction, "net 1.0")


def test_heat_map_of_pixels_that_are_not_square_has_square_ones(image, tmp_path):
    image.PixelSpacing = [0.4, 0.2]
    image.PixelAspectRatio = [2, 1]
    rows, columns = 2 * image.Rows, image.Columns
    capture = make_heatmap(image, np.zeros((rows, columns, 3), np.uint8))
    assert (capture.Rows, capture.Columns) == (rows, columns)
    assert not {"PixelSpacing", "PixelAspectRatio"} & {e.keyword for e in capture}


_NAMES = {
    "": "Roe^Jane",
    "ISO_IR 100": "Müller^Zoë",
    "ISO 2022 IR 100": "Müller^Zoë",
    "\\ISO 2022 IR 149": "Hong^Gildong=洪^吉洞=홍^길동",
    "\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "ISO 2022 IR 13\\ISO 2022 IR 87": "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    "ISO_IR 144": "Люкceмбypг",
    "ISO_IR 166": "นามสกุล",
    "GB18030": "Wang^XiaoDong=王^小东",
    "GBK": "Wang^XiaoDong=王^小东",
    "ISO_IR 192": "Wang^XiaoDong=王^小東",
    "ISO IR 192": "Wang^XiaoDong=王^小東",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("charset", _NAMES)
def test_names_in_any_character_set_reach_the_report(charset, image, tmp_path):
    image.SpecificCharacterSet = charset.split("\\")
    image.PatientName = _NAMES[charset]
    image = dcmread(io.BytesIO(encoded(image)))
    made = (
        make_report(image, predicts("Hand"), "net 1.0"),
        make_heatmap(image, np.zeros((4, 4, 3), np.uint8)),
    )
    for number, dataset in enumerate(made):
        save_new(dataset, tmp_path / f"{number}.dcm")
        found = dcmread(tmp_path / f"{number}.dcm")
        assert str(found.PatientName) == _NAMES[charset]
        is_ascii = _NAMES[charset].isascii()
        assert found.get("SpecificCharacterSet") == (None if is_ascii else "ISO_IR 192")


def with_name(image: Dataset, charset: bytes, name: bytes) -> Dataset:
    """Put the bytes of a name, and what they are said to be, into a file."""
    image.PatientName = "~" * (len(name) + len(name) % 2)
    image.SpecificCharacterSet = "X" * 10
    padded = name.ljust(len(str(image.PatientName)))
    data = encoded(image).replace(b"~" * len(padded), padded, 1)
    return read_whole(data.replace(b"X" * 10, charset.ljust(10), 1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        (b"ISO_IR 192", "Müller^Zoë".encode("latin-1"), "Müller^Zoë"),
        (b"ISO_IR 100", "Müller^Zoë".encode(), "Müller^Zoë"),
        (b"", "Müller^Zoë".encode("latin-1"), "Müller^Zoë"),
        (b"FOO ", b"Roe^Jane", "Roe^Jane"),
    ],
)
def test_names_in_another_character_set_than_said_reach_the_report(
    charset, name, shown, image, tmp_path
):
    image = with_name(image, charset, name)
    save_new(make_report(image, predicts("Hand"), "net 1.0"), tmp_path / "sr.dcm")
    assert str(dcmread(tmp_path / "sr.dcm").PatientName) == shown


def test_image_of_no_known_kind_is_refused(image):
    image.SOPClassUID = "1.2.3.4.5"
    with pytest.raises(ImageError, match="0008,0016"):
        make_report(image, predicts("Hand"), "net 1.0")


@pytest.mark.filterwarnings("ignore")
def test_names_in_an_unknown_character_set_are_named(image):
    image = with_name(image, b"FOO ", b"M\xfcller ")
    with pytest.raises(ImageError, match=r"\(0008,0005\)"):
        make_report(image, predicts("Hand"), "net 1.0")
