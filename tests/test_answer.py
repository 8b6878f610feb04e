import pytest

from xray.header.claim import read_claim
from xray.labels import BODY_PARTS, OTHERS
from xray.records.answer import code_item, coded


def test_hand_has_term_code_and_meaning():
    assert coded(BODY_PARTS[9]) == {
        "dicom_term": "HAND",
        "snomed_code": "85562004",
        "snomed_meaning": "Hand",
    }


def test_others_has_no_code_to_write():
    assert set(coded(BODY_PARTS[OTHERS]).values()) == {None}
    with pytest.raises(ValueError, match="Others"):
        code_item(BODY_PARTS[OTHERS])


def test_sinus_has_a_code_but_no_defined_term():
    found = coded(BODY_PARTS[17])
    assert (found["dicom_term"], found["snomed_code"]) == (None, "2095001")


@pytest.mark.parametrize(
    "part", [part for part in BODY_PARTS if part.snomed_code], ids=lambda p: p.english
)
def test_written_code_is_read_back_as_its_part(part):
    from pydicom import Dataset

    dataset = Dataset()
    dataset.AnatomicRegionSequence = [code_item(part)]
    claim = read_claim(dataset)
    assert claim.parts == {part.id}
    assert not claim.near


@pytest.mark.parametrize(
    "part", [part for part in BODY_PARTS if part.dicom_term], ids=lambda p: p.english
)
def test_defined_terms_fit_their_value_representation(part):
    # CS: upper case, at most 16 characters (PS3.5 6.2).
    assert part.dicom_term == part.dicom_term.upper()
    assert len(part.dicom_term) <= 16
    assert part.dicom_term.isascii()
