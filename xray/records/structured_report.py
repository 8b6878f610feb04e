"""What the picture shows, as a DICOM SR (TID 1500) and a Secondary Capture.

The report is of the image level: body part as (123014, DCM, "Target Region"),
its probability as (111012, DCM, "Certainty of Finding") in percent, algorithm
name and version, the same study, unverified. It is not signed by a person.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from .. import __version__
from ..classify.prediction import Prediction
from ..errors import ImageError
from ..header.elements import careful, quiet
from ..labels import OTHERS
from .answer import PROGRAM, SCHEME
from .uids import DerivedUids

if TYPE_CHECKING:
    from highdicom.sr import MeasurementsAndQualitativeEvaluations, ObservationContext
    from pydicom import DataElement, Dataset

    from ..explanation.render import RGB

MANUFACTURER = "xray"
ReportForm = Literal["enhanced", "comprehensive-3d"]  # the latter for IHE AIR

REPORT_SERIES = 9001  # Series Number (0020,0011), out of the way of a scanner's
HEATMAP_SERIES = 9002

_NEEDED = (
    ("StudyInstanceUID", "Study Instance UID (0020,000D)"),
    ("SeriesInstanceUID", "Series Instance UID (0020,000E)"),
    ("SOPInstanceUID", "SOP Instance UID (0008,0018)"),
    ("SOPClassUID", "SOP Class UID (0008,0016)"),
)
# Type 2 of the patient and study modules, which highdicom expects to be there.
_EMPTY_IF_ABSENT = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID"),
    *("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"),
)


@quiet()
def make_report(
    image: "Dataset",
    prediction: Prediction,
    model: str,
    *,
    form: ReportForm = "enhanced",
    uids: DerivedUids | None = None,
) -> "Dataset":
    """Write an SR document about one image.

    Args:
        image: The radiograph's dataset.
        prediction: What its picture shows.
        model: Name and version of the weights, as their card states it.
        form: Enhanced SR, or Comprehensive 3D SR as IHE's AI Results profile wants.
        uids: Of the report; None makes new ones.

    Raises:
        ImageError: The header lacks what a report refers to, the part has no code,
            or the picture was rejected.
    """
    from highdicom import sr
    from pydicom.sr.codedict import codes

    if prediction.label == OTHERS:
        raise ImageError("no_code")
    if prediction.rejected is not None:
        raise ImageError(prediction.rejected)
    image = _complete(image)
    uids = uids or DerivedUids.fresh()
    content = sr.MeasurementReport(
        observation_context=_observer(model),
        procedure_reported=codes.SCT.PlainRadiography,
        imaging_measurements=[_finding(image, prediction, model, uids.tracking)],
    )
    document = sr.EnhancedSR if form == "enhanced" else sr.Comprehensive3DSR
    return document(
        evidence=[image],
        content=content,
        series_instance_uid=uids.series,
        series_number=REPORT_SERIES,
        sop_instance_uid=uids.instance,
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_verified=False,
        series_description="Body part by xray, unverified",
        software_versions=PROGRAM,
        manufacturer_model_name=model[:64],
        device_serial_number="none",
    )


@quiet()
def make_heatmap(
    image: "Dataset", picture: "RGB", *, uids: DerivedUids | None = None
) -> "Dataset":
    """Write a heat map (H, W, 3) over its radiograph as a Secondary Capture.

    Raises:
        ImageError: The header lacks what the capture refers to.
    """
    from highdicom.sc import SCImage

    image = _complete(image)
    uids = uids or DerivedUids.fresh()
    capture = SCImage.from_ref_dataset(
        ref_dataset=image,
        pixel_array=picture,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        series_instance_uid=uids.series,
        series_number=HEATMAP_SERIES,
        sop_instance_uid=uids.instance,
        instance_number=1,
        manufacturer=MANUFACTURER,
        patient_orientation=("L", "F"),  # replaced below: often unknown
        transfer_syntax_uid="1.2.840.10008.1.2.1",
    )
    capture.PatientOrientation = image.get("PatientOrientation") or []
    capture.Laterality = image.get("Laterality") or ""
    capture.SeriesDescription = "Heat map by xray, not for diagnosis"
    if image.get("BurnedInAnnotation"):  # nobody else has looked
        capture.BurnedInAnnotation = image.BurnedInAnnotation
    return capture


def _finding(
    image: "Dataset", prediction: Prediction, model: str, tracking: str
) -> "MeasurementsAndQualitativeEvaluations":
    """Say what the image shows, how sure that is, and which algorithm says it."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    part = prediction.part
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=tracking, identifier="Body part shown"
        ),
        algorithm_id=sr.AlgorithmIdentification(
            name="xray body part classifier", version=f"{__version__}, {model}"
        ),
        measurements=[
            sr.Measurement(
                name=codes.DCM.CertaintyOfFinding,
                value=round(100 * prediction.confidence, 2),
                unit=codes.UCUM.Percent,
            )
        ],
        qualitative_evaluations=[
            sr.QualitativeEvaluation(
                name=codes.DCM.TargetRegion,
                value=sr.CodedConcept(part.snomed_code, SCHEME, part.snomed_meaning),
            )
        ],
        source_images=[
            sr.SourceImageForMeasurementGroup(
                referenced_sop_class_uid=image.SOPClassUID,
                referenced_sop_instance_uid=image.SOPInstanceUID,
            )
        ],
    )


def _observer(model: str) -> "ObservationContext":
    """Name the program and its weights as the device that looked."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    device = sr.DeviceObserverIdentifyingAttributes(
        uid=_device_uid(model),
        name="xray",
        manufacturer_name=MANUFACTURER,
        model_name=model,
    )
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(
            observer_type=codes.DCM.Device, observer_identifying_attributes=device
        )
    )


def _complete(image: "Dataset") -> "Dataset":
    """Copy the elements a derived object takes over, empty ones where absent."""
    from pydicom import Dataset
    from pydicom._uid_dict import UID_dictionary as UIDS

    copy = Dataset()
    with careful():
        texts = _texts(image)
        for element in image:
            if element.tag in texts:
                copy[element.tag] = texts[element.tag]
            elif element.VR not in ("SQ", "OW", "OB", "OB or OW"):
                copy.add(element)
        _set_charset(image, copy)
    for keyword, tag_name in _NEEDED:
        value = str(copy.get(keyword) or "")
        if not value or (keyword == "SOPClassUID" and value not in UIDS):
            raise ImageError("needs_tag", tag=tag_name)
    for keyword in _EMPTY_IF_ABSENT:
        if not _is_valid(keyword, str(copy.get(keyword, ""))):
            setattr(copy, keyword, "")
    return copy


def _texts(image: "Dataset") -> "dict[int, DataElement]":
    """Decode the texts that are not plain ASCII, before pydicom does.

    Raises:
        ImageError: The character set they are in is none that is known.
    """
    from pydicom import DataElement

    from ..header.charset import declared, encodings, raw_text, read_text

    names, are_known = encodings(declared(image))
    found = {}
    for tag in list(image.keys()):
        text = raw_text(image, tag)
        if text is None or (text[1].isascii() and b"\x1b" not in text[1]):
            continue
        if not are_known:
            raise ImageError("unknown_charset")
        value = read_text(text[1], names)
        found[int(tag)] = DataElement(tag, text[0], value)
    return found


def _set_charset(image: "Dataset", copy: "Dataset") -> None:
    """Name a character set that holds every text; none where all is ASCII.

    What was in Latin-1 without saying so stays that: the same bytes as the image's.
    """
    from ..header.charset import UTF8, declared

    texts = [str(each.value) for each in copy if each.VR in ("LO", "LT", "PN", "SH")]
    copy.pop("SpecificCharacterSet", None)
    if not all(text.isascii() for text in texts) and declared(image):
        copy.SpecificCharacterSet = UTF8


def _is_valid(keyword: str, value: str) -> bool:
    """Whether an element is there, with a value that a new object may hold."""
    from pydicom.valuerep import DA, TM

    checks: dict[str, Callable[[str], object]] = {"Date": DA, "Time": TM}
    if keyword == "PatientSex":
        return value in ("M", "F", "O")
    try:
        checks.get(keyword[-4:], str)(value)
    except ValueError:
        return False
    return value != ""


def _device_uid(model: str) -> str:
    """The same UID for the same version of program and weights."""
    from pydicom.uid import generate_uid

    return generate_uid(entropy_srcs=["xray", __version__, model])
