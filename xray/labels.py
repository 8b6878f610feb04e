"""The 22 body parts: names in two languages, DICOM terms, codes, neighbors.

Terms are the Defined Terms of Body Part Examined (0018,0015), codes those of
SNOMED CT in DICOM PS3.16 Annex L and CID 4031. Class numbers are those of the
UNIFESP X-ray Body Part Classification data set.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "es"]


@dataclass(frozen=True, slots=True)
class BodyPart:
    """One class of the classifier, and what the standard calls it."""

    id: int
    english: str
    spanish: str
    dicom_term: str  # (0018,0015), CS; empty where the standard defines none
    snomed_code: str  # empty where there is none
    snomed_meaning: str

    def name(self, language: Language = "en") -> str:
        """Name the part in a language of the app."""
        return self.spanish if language == "es" else self.english


BODY_PARTS: tuple[BodyPart, ...] = (
    BodyPart(0, "Abdomen", "Abdomen", "ABDOMEN", "818981001", "Abdomen"),
    BodyPart(1, "Ankle", "Tobillo", "ANKLE", "70258002", "Ankle joint"),
    BodyPart(
        2, "Cervical spine", "Columna cervical", "CSPINE", "122494005", "Cervical spine"
    ),
    BodyPart(3, "Chest", "Tórax", "CHEST", "816094009", "Chest"),
    BodyPart(4, "Clavicles", "Clavículas", "CLAVICLE", "51299004", "Clavicle"),
    BodyPart(5, "Elbow", "Codo", "ELBOW", "16953009", "Elbow joint"),
    BodyPart(6, "Feet", "Pies", "FOOT", "56459004", "Foot"),
    BodyPart(7, "Finger", "Dedo", "FINGER", "7569003", "Finger"),
    BodyPart(8, "Forearm", "Antebrazo", "FOREARM", "14975008", "Forearm"),
    BodyPart(9, "Hand", "Mano", "HAND", "85562004", "Hand"),
    BodyPart(10, "Hip", "Cadera", "HIP", "24136001", "Hip joint"),
    BodyPart(11, "Knee", "Rodilla", "KNEE", "72696002", "Knee"),
    BodyPart(12, "Lower leg", "Pierna", "LOWERLEG", "30021000", "Lower leg"),
    BodyPart(
        13, "Lumbar spine", "Columna lumbar", "LSPINE", "122496007", "Lumbar spine"
    ),
    BodyPart(14, "Others", "Otros", "", "", ""),
    BodyPart(15, "Pelvis", "Pelvis", "PELVIS", "816092008", "Pelvis"),
    BodyPart(16, "Shoulder", "Hombro", "SHOULDER", "16982005", "Shoulder"),
    BodyPart(17, "Sinus", "Senos paranasales", "", "2095001", "Paranasal sinus"),
    BodyPart(18, "Skull", "Cráneo", "SKULL", "89546000", "Skull"),
    BodyPart(19, "Thigh", "Muslo", "THIGH", "68367000", "Thigh"),
    BodyPart(
        20, "Thoracic spine", "Columna dorsal", "TSPINE", "122495006", "Thoracic spine"
    ),
    BodyPart(21, "Wrist", "Muñeca", "WRIST", "74670003", "Wrist joint"),
)

OTHERS, SINUS, SKULL = 14, 17, 18
# Parts of which there is a left and a right: clavicle, shoulder, arm and leg.
SIDED = frozenset({1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 19, 21})

# Parts that one film often shows together, so that a reader may name either.
_NEIGHBORS: tuple[tuple[int, int], ...] = (
    (0, 15),  # abdomen, pelvis
    (0, 13),  # abdomen, lumbar spine
    (1, 6),  # ankle, feet
    (1, 12),  # ankle, lower leg
    (2, 18),  # cervical spine, skull
    (2, 20),  # cervical spine, thoracic spine
    (3, 4),  # chest, clavicles
    (3, 20),  # chest, thoracic spine
    (4, 16),  # clavicles, shoulder
    (5, 8),  # elbow, forearm
    (7, 9),  # finger, hand
    (8, 21),  # forearm, wrist
    (9, 21),  # hand, wrist
    (10, 15),  # hip, pelvis
    (10, 19),  # hip, thigh
    (11, 12),  # knee, lower leg
    (11, 19),  # knee, thigh
    (13, 15),  # lumbar spine, pelvis
    (13, 20),  # lumbar spine, thoracic spine
    (15, 19),  # pelvis, thigh
    (17, 18),  # sinus, skull
)
NEIGHBORS: frozenset[frozenset[int]] = frozenset(map(frozenset, _NEIGHBORS))


def are_neighbors(first: int, second: int) -> bool:
    """Say whether two different parts often share one film."""
    return frozenset((first, second)) in NEIGHBORS


def find_label(word: str) -> int | None:
    """Find a class number by name, DICOM term or the number; None where unknown."""
    wanted = word.casefold()
    for part in BODY_PARTS:
        names = {part.english, part.spanish, part.dicom_term, str(part.id)} - {""}
        if wanted in {name.casefold() for name in names}:
            return part.id
    return None
