import itertools

import numpy as np
import pytest

from xray.classify.prediction import Prediction
from xray.classify.verdict import Verdict, judge, judge_projection
from xray.header.claim import HeaderClaim, read_claim
from xray.header.projection import ProjectionClaim
from xray.labels import BODY_PARTS, OTHERS, are_neighbors

IDS = {part.english: part.id for part in BODY_PARTS}
HIGH, MEDIUM, LOW = 0.95, 0.8, 0.5


def shows(label: int, confidence: float = HIGH, rejected: str | None = None):
    rest = (1 - confidence) / 21
    probabilities = np.full(22, rest, np.float32)
    probabilities[label] = confidence
    return Prediction(probabilities, rejected)


def claims(*parts: int, near: tuple[int, ...] = (), hint: bool = False):
    return HeaderClaim(
        frozenset(parts) | set(near), "(0018,0015)", "X", hint, frozenset(near)
    )


HAND, WRIST, KNEE = IDS["Hand"], IDS["Wrist"], IDS["Knee"]
CLAIMS = {
    "no header": None,
    "nothing": HeaderClaim(),
    "foreign": HeaderClaim(source="(0018,0015)", term="ZZTOP"),
    "same": claims(HAND),
    "same, of several": claims(HAND, KNEE),
    "same, as a hint": claims(HAND, hint=True),
    "near": claims(near=(HAND,)),
    "neighbor": claims(WRIST),
    "neighbor of near": claims(near=(WRIST,)),
    "other": claims(KNEE),
    "other, near": claims(near=(KNEE,)),
}
CLEAR = {
    "no header": Verdict.MISSING,
    "nothing": Verdict.MISSING,
    "foreign": Verdict.NOT_UNDERSTOOD,
    "same": Verdict.AGREE,
    "same, of several": Verdict.AGREE,
    "same, as a hint": Verdict.AGREE,
    "near": Verdict.NEIGHBORING,
    "neighbor": Verdict.NEIGHBORING,
    "neighbor of near": Verdict.NEIGHBORING,
    "other": Verdict.DISAGREE,
    "other, near": Verdict.DISAGREE,
}


@pytest.mark.parametrize("confidence", [HIGH, MEDIUM])
@pytest.mark.parametrize("name", CLAIMS)
def test_clear_picture_is_compared_with_every_kind_of_claim(name, confidence):
    assert judge(CLAIMS[name], shows(HAND, confidence)) is CLEAR[name]


@pytest.mark.parametrize("picture", [shows(HAND, LOW), shows(HAND, HIGH, "unlike")])
@pytest.mark.parametrize("name", CLAIMS)
def test_unclear_picture_is_uncertain_whatever_is_claimed(name, picture):
    header_says = CLEAR[name] not in (Verdict.MISSING, Verdict.NOT_UNDERSTOOD)
    expected = Verdict.UNCERTAIN if header_says else CLEAR[name]
    assert judge(CLAIMS[name], picture) is expected


def test_every_pair_of_parts_is_judged_by_the_neighbor_table():
    for claimed in range(22):
        for shown in range(22):
            verdict = judge(claims(claimed), shows(shown))
            if claimed == shown:
                assert verdict is Verdict.AGREE
            elif are_neighbors(claimed, shown):
                assert verdict is Verdict.NEIGHBORING
            else:
                assert verdict is Verdict.DISAGREE


# DICOM's defined terms (PS3.16 Annex L) that lie in or around a part.
AROUND = {
    "Abdomen": "ABDOMENPELVIS KUB PELVIS LSPINE",
    "Ankle": "FOOT LOWERLEG CALCANEUS",
    "Cervical spine": "NECK CTSPINE",
    "Chest": "RIB LUNG TSPINE",
    "Clavicles": "SHOULDER ACJOINT SCJOINT",
    "Elbow": "FOREARM HUMERUS",
    "Feet": "TOE CALCANEUS ANKLE",
    "Finger": "THUMB HAND",
    "Forearm": "RADIUS ULNA RADIUSULNA WRIST ELBOW",
    "Hand": "FINGER THUMB WRIST",
    "Hip": "PELVIS THIGH",
    "Knee": "PATELLA",
    "Lower leg": "LEG TIBIA FIBULA TIBIAFIBULA KNEE ANKLE",
    "Lumbar spine": "LSSPINE TLSPINE SSPINE ABDOMEN",
    "Pelvis": "HIP SIJOINT ABDOMENPELVIS",
    "Shoulder": "SCAPULA CLAVICLE HUMERUS",
    "Sinus": "SKULL HEAD FACE",
    "Skull": "HEAD MANDIBLE ORBIT SINUS",
    "Thigh": "FEMUR HIP KNEE",
    "Thoracic spine": "TLSPINE CTSPINE CHEST",
    "Wrist": "HAND FOREARM",
}


@pytest.mark.parametrize(
    ("part", "term"),
    [(part, term) for part, terms in AROUND.items() for term in terms.split()],
)
def test_term_around_the_part_is_neighboring(part, term):
    from pydicom import Dataset

    dataset = Dataset()
    dataset.BodyPartExamined = term
    assert judge(read_claim(dataset), shows(IDS[part])) is Verdict.NEIGHBORING


def test_the_word_for_chest_in_four_languages_agrees():
    from pydicom import Dataset

    dataset = Dataset()
    dataset.BodyPartExamined = "THORAX"
    assert judge(read_claim(dataset), shows(IDS["Chest"])) is Verdict.AGREE


def test_others_disagrees_with_a_named_part():
    assert judge(claims(HAND), shows(OTHERS)) is Verdict.DISAGREE


def test_verdicts_differ_in_words_and_icons():
    for language in ("en", "es"):
        assert len({verdict.word(language) for verdict in Verdict}) == len(Verdict)
    assert len({verdict.icon for verdict in Verdict}) == len(Verdict)
    assert all(verdict.color for verdict in Verdict)


def names(*projections: str):
    return ProjectionClaim(frozenset(projections), "(0018,5101)", "X")


# Claim, what the picture shows, and what the two say together.
PROJECTIONS = [
    (None, "frontal", Verdict.MISSING),
    (ProjectionClaim(), "frontal", Verdict.MISSING),
    (names(), "frontal", Verdict.NOT_UNDERSTOOD),
    (names("other"), "frontal", Verdict.NOT_UNDERSTOOD),
    (names("frontal"), "frontal", Verdict.AGREE),
    (names("frontal"), "lateral", Verdict.DISAGREE),
    (names("lateral"), "frontal", Verdict.DISAGREE),
    (names("frontal"), "oblique", Verdict.NEIGHBORING),
    (names("oblique"), "lateral", Verdict.NEIGHBORING),
    (names("frontal"), "several", Verdict.UNCERTAIN),
    (names("frontal", "lateral"), "lateral", Verdict.AGREE),
    (names("frontal", "lateral"), "several", Verdict.AGREE),
    (names("frontal", "lateral"), "oblique", Verdict.NEIGHBORING),
    (names("frontal", "oblique"), "lateral", Verdict.NEIGHBORING),
    (names("frontal", "other"), "frontal", Verdict.AGREE),
    (names("frontal", "other"), "lateral", Verdict.NOT_UNDERSTOOD),
    (names("other"), "several", Verdict.NOT_UNDERSTOOD),
]


@pytest.mark.parametrize(("claim", "seen", "verdict"), PROJECTIONS)
def test_projections_are_compared(claim, seen, verdict):
    assert judge_projection(claim, seen, HIGH) is verdict


@pytest.mark.parametrize(("claim", "seen", "verdict"), PROJECTIONS)
def test_unclear_projection_is_uncertain_whatever_is_claimed(claim, seen, verdict):
    lacks = (Verdict.MISSING, Verdict.NOT_UNDERSTOOD)
    named = claim is not None and claim.projections - {"other"}
    expected = Verdict.UNCERTAIN if named else verdict
    assert named or verdict in lacks
    assert judge_projection(claim, seen, LOW) is expected


def test_only_frontal_and_lateral_ever_disagree():
    shown = ("frontal", "lateral", "oblique")
    claims_ = [
        names(*chosen)
        for count in range(4)
        for chosen in itertools.combinations((*shown, "other"), count)
    ]
    disagree = {
        (*claim.projections, seen)
        for claim in claims_
        for seen in (*shown, "several")
        if judge_projection(claim, seen, HIGH) is Verdict.DISAGREE
    }
    assert disagree == {("frontal", "lateral"), ("lateral", "frontal")}


def test_verdicts_on_the_projection_differ_in_words():
    for language in ("en", "es"):
        words = {verdict.word_of_projection(language) for verdict in Verdict}
        assert len(words) == len(Verdict)
