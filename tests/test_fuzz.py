"""500 seeded cases of the fuzz, and what earlier runs found."""

import pytest

from tests.dicom_files import make_dicom, phantom
from tests.fuzz import SLOWEST, make_case, run
from xray.errors import ImageError
from xray.reading.decoding import decode
from xray.reading.reader import read_radiograph


def test_damaged_files_end_in_pictures_or_typed_errors() -> None:
    findings = run(0, 500)
    assert findings.bad == []
    assert findings.slowest < SLOWEST
    assert findings.outcomes["read"] > 50
    assert sum(findings.outcomes.values()) > 500


def test_cases_are_the_same_every_time() -> None:
    for number in range(20):
        assert make_case(number) == make_case(number)


# Cases whose exceptions once went past the typed errors.
@pytest.mark.parametrize(
    "number",
    [
        27,  # BytesLengthException of pydicom, which is no ValueError
        174,  # the same in the file meta information
        256,  # struct.error in a basic offset table that is cut short
        602,  # GDCM returns nothing for a broken 12-bit JPEG
    ],
)
def test_findings_stay_fixed(number: int) -> None:
    _, data = make_case(number)
    with pytest.raises(ImageError):
        decode(data)


@pytest.mark.parametrize("number", [563, 3014, 4964])
def test_native_crash_is_an_error_of_that_file(number: int) -> None:
    # GDCM 3.2.6 aborts over these; in a process of their own, as always.
    _, data = make_case(number)
    with pytest.raises(ImageError):
        read_radiograph(data)
    assert read_radiograph(make_dicom(phantom())).facts.kind == "DICOM"
