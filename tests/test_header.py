import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from tests.archives import code, put_raw
from xray.header.claim import HeaderClaim, read_claim
from xray.labels import BODY_PARTS

IDS = {part.english: part.id for part in BODY_PARTS}


def header(**tags: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


def test_empty_header_claims_nothing():
    assert read_claim(Dataset()) == HeaderClaim()
    assert read_claim(Dataset()).missing


@pytest.mark.parametrize(
    "part", [part for part in BODY_PARTS if part.dicom_term], ids=lambda p: p.english
)
def test_defined_term_claims_its_part(part):
    claim = read_claim(header(BodyPartExamined=part.dicom_term))
    assert claim == HeaderClaim(
        frozenset({part.id}), "(0018,0015)", part.dicom_term, hint=False
    )


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (code("85562004", "Hand"), "Hand"),
        (code("T-D8700", "Hand", "SRT"), "Hand"),
        (code("T-D8700", "", "SNM3"), "Hand"),
        (code("T-D3000", "Chest", "SRT"), "Chest"),
        (code("113345001", "whatever it says"), "Abdomen"),
        (code("RXT", "RX TORAX", "99LOCAL"), "Chest"),
        (code("T-D8700", "", "99SDM"), "Hand"),
        (code("85562004", "", ""), "Hand"),
        (code("51185008", "Hand", "99ACME"), "Hand"),
        (code("T-D3000", "Hand", "99ACME"), "Hand"),
        (code("51185008", "Hand", "DCM"), "Hand"),
        (code("51185008", "Hand", "FMA"), "Hand"),
    ],
)
def test_anatomic_region_is_read_by_code_then_by_meaning(item, part):
    claim = read_claim(header(AnatomicRegionSequence=[item]))
    assert claim.parts == {IDS[part]}
    assert claim.source == "(0008,2218)"
    assert not claim.hint


def test_strongest_claim_wins():
    dataset = header(
        AnatomicRegionSequence=[code("85562004", "Hand")],
        PrimaryAnatomicStructureSequence=[code("72696002", "Knee")],
        BodyPartExamined="CHEST",
        SeriesDescription="Schädel",
    )
    sources = []
    for keyword in (
        "AnatomicRegionSequence",
        "PrimaryAnatomicStructureSequence",
        "BodyPartExamined",
        "SeriesDescription",
    ):
        claim = read_claim(dataset)
        sources.append((claim.source, *claim.parts))
        delattr(dataset, keyword)
    assert sources == [
        ("(0008,2218)", IDS["Hand"]),
        ("(0008,2228)", IDS["Knee"]),
        ("(0018,0015)", IDS["Chest"]),
        ("(0008,103E)", IDS["Skull"]),
    ]
    assert read_claim(dataset).missing


def test_claim_not_understood_yields_to_one_that_is():
    dataset = header(BodyPartExamined="ZZTOP", SeriesDescription="RX TORAX PA")
    claim = read_claim(dataset)
    assert claim.parts == {IDS["Chest"]}
    assert claim.hint


def test_claim_not_understood_is_not_missing():
    claim = read_claim(header(BodyPartExamined="ZZTOP"))
    assert claim == HeaderClaim(source="(0018,0015)", term="ZZTOP")
    assert not claim.missing


@pytest.mark.parametrize(
    "keyword",
    [
        "SeriesDescription",
        "ProtocolName",
        "PerformedProcedureStepDescription",
        "RequestedProcedureDescription",
        "StudyDescription",
    ],
)
def test_description_is_a_hint_and_never_repeated(keyword):
    claim = read_claim(header(**{keyword: "Smith, J: RX TORAX"}))
    assert claim.parts == {IDS["Chest"]}
    assert claim.hint
    assert claim.term is None


def test_procedure_code_is_a_hint():
    item = code("XR12", "XR Knee Left 2 Views", "99LOCAL")
    claim = read_claim(header(ProcedureCodeSequence=[item]))
    assert claim.parts == {IDS["Knee"]}
    assert claim.hint


def test_description_without_a_part_claims_nothing():
    assert read_claim(header(SeriesDescription="AP portable")).missing


@pytest.mark.parametrize("value", ["", "UNKNOWN", "OTHER", "N/A", "unknown"])
def test_placeholder_claims_nothing(value):
    dataset = Dataset()
    dataset.add_new(0x00180015, "LO", value)
    assert read_claim(dataset).missing


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"CR\xc2\xa8NEO", None),
        ("TÓRAX".encode("latin-1"), "Chest"),
        ("TÓRAX".encode(), "Chest"),
        ("MUÑECA".encode("latin-1"), "Wrist"),
        (b"HAND\0", "Hand"),
        (b"HAND\\WRIST ", "Hand"),
    ],
)
def test_bytes_of_either_character_set_are_read(raw, part):
    dataset = Dataset()
    put_raw(dataset, 0x00180015, "CS", raw)
    parts = read_claim(dataset).parts
    assert (IDS[part] in parts) if part else not parts


def test_damaged_sequence_is_passed_over():
    dataset = header(BodyPartExamined="HAND")
    put_raw(dataset, 0x00082218, "SQ", b"\xfe\xff\x00\xe0\xff\x00")
    assert read_claim(dataset).parts == {IDS["Hand"]}


def test_empty_sequence_claims_nothing():
    assert read_claim(header(AnatomicRegionSequence=Sequence())).missing
    assert read_claim(header(AnatomicRegionSequence=[Dataset()])).missing


@pytest.mark.parametrize("scheme", ["99ACME", "L", "FMA", "DCM", "RADLEX", "I10"])
def test_number_of_another_scheme_is_no_code_of_snomed(scheme):
    claim = read_claim(header(AnatomicRegionSequence=[code("51185008", "", scheme)]))
    assert claim.parts == frozenset()
    assert claim.source == "(0008,2218)"
