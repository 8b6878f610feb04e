import pytest

from tests.predictions import finds, predicts
from tests.test_projection import header
from xray import __version__
from xray.header.claim import read_claim
from xray.labels import BODY_PARTS, OTHERS
from xray.records.answer import as_record, claimed, code_item, coded


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


CLAIM = read_claim(header(ViewPosition="AP", Laterality="L", SeriesDescription="OBL R"))


def test_projection_and_side_of_a_header_are_told_as_they_stand():
    assert claimed(CLAIM) == {
        "header_projection": "frontal",
        "header_view": "AP",
        "header_projection_source": "(0018,5101)",
        "header_laterality": "L",
        "header_laterality_source": "(0020,0060)",
        "described_laterality": "R",
    }
    assert set(claimed(None).values()) == {None}


def test_record_tells_of_the_header_only_beside_findings():
    plain = predicts("Hand")
    assert as_record(plain, None, CLAIM) == as_record(plain, None)
    record = as_record(finds(plain, "lateral"), None, CLAIM)
    assert record["projection_verdict"] == "disagree"
    assert record["header_projection"] == "frontal"
    assert record["header_laterality"] == "L"


@pytest.mark.parametrize(("seen", "claim"), [(None, CLAIM), ("lateral", None)])
def test_projection_without_answer_or_header_has_no_verdict(seen, claim):
    record = as_record(finds(predicts("Hand"), seen), None, claim)
    assert record["projection_verdict"] is None


def test_record_names_the_program_that_answered():
    assert as_record(predicts("Hand"), None)["program"] == f"xray {__version__}"
