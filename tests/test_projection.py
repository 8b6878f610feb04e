import pytest
from pydicom import Dataset

from tests.archives import code
from xray.header.claim import read_claim
from xray.header.projection import ProjectionClaim, understand_views

F, L, Q, X = "frontal", "lateral", "oblique", "other"

# Texts as they stand in real headers, and the projections each names.
TEXTS = {
    (F,): "CHEST PA|CHESTPA|THORAXAP|Thorax p.a.|Hand re. a.p.|THORAX FACE|GENOU FACE|"
    "Genou de face|RODILLA ANTEROPOSTERIOR|Fuß bds. dorsoplantar|MANO DORSO-PALMAR|"
    "RX CADERA FRENTE|AP/PA|KNEE_AP_WB|ginocchio antero-posteriore|Pé frente",
    (L,): "KNEE LAT|kneelat|RODILLA PERFIL|JOELHO PERFIL E|GENOU PROFIL|Knie seitl.|"
    "GINOCCHIO LATERALE|XR KNEE LEFT LATERAL|L LAT ANKLE|coude de profil|"
    "Ellenbogen latero-medial",
    (Q,): "FOOT OBL|PIE DCHO OBLICUA|MÃO OBLÍQUA|pied trois quarts|Hand schräg|"
    "HAND SCHRAEG|PIEDE OBLIQUA|OBLS|RAO RIBS|Zitherspieler",
    (F, L): "RX TORAX PA E PERFIL|KNEE AP/LAT|APLAT|GENOU F+P|GENOU FACE PROFIL|"
    "Handgelenk dors.-pal. und seitl.|"
    "JOELHO AP + P|RODILLA AP Y L|TORACE AP LL|Knie a.p. seitl.",
    (F, Q): "HAND PA OBL|MANO IZQ DP Y OBL",
    (F, L, X): "KNEE AP LAT SUNRISE|ANKLE AP LAT MORTISE",
    (
        X,
    ): "PATELLA SKYLINE|SHOULDER Y VIEW|Hüfte n. Lauenstein|TOWNE|WATERS|ROTULA AXIAL|"
    "PATELLA AXIALE|CHEST LEFT LATERAL DECUBITUS|TUNNEL KNEE|KNEE 30 DEGREES MERCHANT|"
    "FROG LEG HIP|SHOULDER AXILLARY|DECUBITO LATERAL|défilé fémoro-patellaire",
    (): "KNEE|PORTABLE CHEST 1 VIEW|FACE|SINUS DE LA FACE|SINUS FRONTAL|"
    "BILATERAL KNEES|"
    "bi-lateral hands|LATERAL MALLEOLUS|UNILATERAL|PLATE|APPENDIX|PALM|OBLATE",
}


@pytest.mark.parametrize(
    ("text", "named"),
    [(text, set(named)) for named, texts in TEXTS.items() for text in texts.split("|")],
)
def test_text_names_its_projections(text, named):
    dataset = Dataset()
    dataset.SeriesDescription = text
    parts = read_claim(dataset).parts
    assert understand_views(text, parts).named == named


@pytest.mark.parametrize(
    "text",
    ["KNEE 2 VIEWS", "Knie 2 Ebenen", "TORACE 2P", "HAND 3V", "tres proyecciones",
     "two views", "RX 2 incidencias", "WRIST AP 3 VIEWS"],
)  # fmt: skip
def test_more_views_than_are_named_leave_room(text):
    assert understand_views(text).more


@pytest.mark.parametrize("text", ["CHEST 1 VIEW", "CHEST 2 VIEWS PA LAT", "L2 L3 AP"])
def test_what_names_all_it_counts_leaves_none(text):
    assert not understand_views(text).more


def header(**tags: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("position", "named", "view"),
    [
        ("AP", {F}, "AP"),
        ("PA", {F}, "PA"),
        ("LL", {L}, "LL"),
        ("RL", {L}, "RL"),
        ("LATERAL", {L}, "LATERAL"),
        ("RLO", {L, Q}, "RLO"),
        ("LLD", {X}, "LLD"),
        ("CC", {X}, "CC"),
        ("POSTEROANTERIOR", {F}, "POSTEROANTERIOR"),
        ("XTABLE LATERAL", {L}, "LATERAL"),
        ("AP LLD", {F, X}, "AP LLD"),  # lies on the side, seen from the front
        ("SWIMMERS", {L, Q, X}, "SWIMMERS"),
        ("SMITH AP", {F}, "AP"),
        ("SMITH", set(), None),
    ],
)
def test_view_position_claims_a_projection(position, named, view):
    claim = read_claim(header(ViewPosition=position)).projection
    assert claim == ProjectionClaim(frozenset(named), "(0018,5101)", view)


@pytest.mark.parametrize("position", ["", "--", "UNKNOWN", "N/A"])
def test_placeholder_claims_no_projection(position):
    dataset = Dataset()
    dataset.add_new(0x00185101, "LO", position)
    assert read_claim(dataset).projection == ProjectionClaim()


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (code("399348003", "whatever"), {F}),
        (code("R-10206", "", "SRT"), {F}),
        (code("272479007", "postero-anterior"), {F}),
        (code("399067008", "lateral"), {L}),
        (code("399260004", "medial-lateral"), {L}),
        (code("399182000", "oblique"), {Q}),
        (code("399061009", "axial"), {X}),
        (code("V7", "Knie seitlich", "99LOCAL"), {L}),
        (code("399348003", "lateral", "99LOCAL"), {L}),
    ],
)
def test_view_code_beats_view_position(item, named):
    claim = read_claim(header(ViewCodeSequence=[item], ViewPosition="RLD")).projection
    assert claim.projections == named
    assert claim.source == "(0054,0220)"


def test_view_position_not_understood_yields_to_a_description():
    claim = read_claim(header(ViewPosition="SMITH", SeriesDescription="KNEE LAT"))
    assert claim.projection == ProjectionClaim(frozenset({L}), "(0008,103E)", hint=True)


def test_words_of_a_description_are_never_repeated():
    claim = read_claim(header(SeriesDescription="WATERS, JANE: KNEE AP"))
    assert claim.projection.view is None
    assert "JANE" not in repr(claim)


@pytest.mark.parametrize(
    "keyword",
    ["StudyDescription", "RequestedProcedureDescription",
     "PerformedProcedureStepDescription"],
)  # fmt: skip
def test_description_of_a_study_leaves_room_for_other_films(keyword):
    claim = read_claim(header(**{keyword: "RX TORAX PA"}))
    assert claim.projection.projections == {F, X}


def test_series_that_counts_views_opens_what_the_study_names():
    tags = {"SeriesDescription": "KNEE 2 VIEWS", "ProtocolName": "KNEE AP"}
    claim = read_claim(header(**tags)).projection
    assert claim.projections == {F, X}
    assert claim.source == "(0018,1030)"


def test_count_alone_is_a_claim_that_leaves_room():
    claim = read_claim(header(SeriesDescription="KNEE 2 VIEWS")).projection
    assert claim == ProjectionClaim(frozenset({X}), "(0008,103E)", hint=True)


def test_body_part_examined_may_name_the_view():
    dataset = Dataset()
    dataset.BodyPartExamined = "CHEST LAT"
    assert read_claim(dataset).projection.projections == {L}
