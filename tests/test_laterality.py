import pytest
from pydicom import Dataset

from tests.archives import code, radiograph
from tests.test_origin import PIXELS, encoded
from tests.test_projection import header
from xray.audit.origin import read_origin
from xray.header.claim import read_claim
from xray.header.laterality import LateralityClaim, understand_side
from xray.reading.decoding import decode
from xray.reading.wire import pack, unpack

TEXTS = {
    "L": "KNEE LT|L KNEE|LKNEE|TOBILLO IZQ|CODO IZQUIERDO|PE ESQUERDO|MAIN GAUCHE|"
    "PIED G|Fuß links|Handgelenk li. d.p.|GOMITO SN|SPALLA SX 2P|GINOCCHIO SIN|"
    "COTOVELO E|JOELHO AP + P ESQ|XR KNEE LEFT LATERAL",
    "R": "RIGHT HAND|RTHAND|ANKLE_R|TOBILLO DCHO|RODILLA DER AP Y LAT|OMBRO D|"
    "MAIN DROITE|L'épaule droite|OSG re.|Knie re. 2 Ebenen|CAVIGLIA DX|MANO DX|"
    "PIE DERECHO",
    "B": "BILATERAL KNEES|bi-lateral hands|BOTH FEET|Hände bds.|AMBOS PIES|"
    "LEFT AND RIGHT HAND|KNEES R/L|mani bilaterali",
    None: "KNEE|L SPINE|L-SPINE AP|L5 S1|C/T/L SPINE|DX KNEE 2 VIEWS|UPRIGHT CHEST|"
    "RODILLA SIN CARGA|Röntgen der Hand|JOELHO AP E LAT|r/o fracture hand|"
    "TIBIAL PLATEAU|ULNAR|FIBULAR|L'anca|CONTRALATERAL|D SPINE|LEFTOVER|",
}


@pytest.mark.parametrize(
    ("text", "side"),
    [(text, side) for side, texts in TEXTS.items() for text in texts.split("|")],
)
def test_text_names_its_side(text, side):
    assert understand_side(text) == side


@pytest.mark.parametrize("side", ["L", "R", "B", "U"])
def test_element_is_reported_as_it_stands(side):
    claim = read_claim(header(Laterality=side)).laterality
    assert claim == LateralityClaim(side, "(0020,0060)")
    assert not claim.missing


def test_image_laterality_goes_before_that_of_the_series():
    claim = read_claim(header(Laterality="L", ImageLaterality="R")).laterality
    assert (claim.side, claim.source) == ("R", "(0020,0062)")


def test_frame_laterality_is_that_of_its_frame():
    anatomy, group = Dataset(), Dataset()
    anatomy.FrameLaterality = "R"
    group.FrameAnatomySequence = [anatomy]
    shared = {"SharedFunctionalGroupsSequence": [group], "ImageLaterality": "L"}
    claim = decode(encoded(**shared, BodyPartExamined="HAND")).claim
    assert claim is not None
    assert (claim.laterality.side, claim.laterality.source) == ("R", "(0020,9072)")
    assert claim.parts == {9}


def test_modifier_of_the_region_may_hold_the_side():
    region = code("72696002", "Knee")
    region.AnatomicRegionModifierSequence = [code("G-A100", "", "SRT")]
    claim = read_claim(header(AnatomicRegionSequence=[region])).laterality
    assert (claim.side, claim.source) == ("R", "(0008,2220)")


@pytest.mark.parametrize("value", ["", "X", "SMITH"])
def test_other_values_state_nothing(value):
    dataset = Dataset()
    dataset.add_new(0x00200060, "LO", value)
    assert read_claim(dataset).laterality == LateralityClaim()


def test_element_and_description_are_told_apart():
    tags = {"Laterality": "R", "SeriesDescription": "Smith: KNEE LEFT"}
    claim = read_claim(header(**tags)).laterality
    assert claim == LateralityClaim("R", "(0020,0060)", "L", "(0008,103E)")


def test_two_procedures_of_both_sides_describe_both():
    items = [code("1", "Knee left", "99L"), code("2", "Knee right", "99L")]
    assert read_claim(header(ProcedureCodeSequence=items)).laterality.described == "B"


def test_audit_and_decoding_process_read_the_same():
    tags = {"ViewPosition": "AP", "ImageLaterality": "L", "BodyPartExamined": "KNEE"}
    data = encoded(**tags, SeriesDescription="RODILLA IZQ AP")
    decoded = decode(data)
    head, samples = pack(decoded)
    assert unpack(head, bytearray(samples)).claim == decoded.claim
    assert decoded.claim == read_origin(data).claim
    assert decoded.claim is not None
    assert decoded.claim.projection.view == "AP"
    assert decoded.claim.laterality.described == "L"


def test_film_without_such_elements_states_nothing():
    dataset = radiograph(PIXELS)
    assert read_claim(dataset).laterality.missing
    assert read_claim(dataset).projection.missing
