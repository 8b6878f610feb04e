import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xray.header.synonyms import understand
from xray.labels import BODY_PARTS, OTHERS

IDS = {part.english: part.id for part in BODY_PARTS}

# Texts as they stand in real headers, and the part each names.
TEXTS = {
    "Abdomen": "ABDOMEN AP|ABD 1V|RX ABDOMEN SIMPLE|ABDOME AGUDO|Bauch i. St.|ASP|"
    "ADDOME DIRETTO|RX DE ABDOMEN EN BIPEDESTACION|Abdomen sans préparation",
    "Ankle": "ANKLE LT|TOBILLO DCHO|TORNOZELO D|CHEVILLE FACE PROFIL|OSG re.|"
    "Sprunggelenk 2 Ebenen|CAVIGLIA DX|L ANKLE MORTISE|Knöchel|KNOECHEL",
    "Cervical spine": "C-SPINE|CSPINE LAT|CERVICAL SPINE|C_SPINE|COL. CERVICAL|HWS|"
    "Halswirbelsäule|RACHIS CERVICAL|COLONNA CERVICALE|COLUNA CERVICAL|"
    "columna vertebral cervical|Cerv. Spine AP|RX COL CERV",
    "Chest": "CHEST|CHEST PA AND LATERAL|PORTABLE CHEST 1 VIEW|CHESTPA|"
    "RXTORAX|THORAXAP|RX TORAX|CXR|CHEST 6FT|"
    "RX TORAX PA E PERFIL|TÓRAX AP|Thorax p.a.|THORAX FACE|Thorax de face|TORACE 2P|"
    "TELE DE TORAX|TORAX DE PIE|PECHO|TÃ³RAX",
    "Clavicles": "CLAVICLE|CLAVICULA IZQ|CLAVICULE|Schlüsselbein|SCHLUESSELBEIN|"
    "CLAVICOLA|Clavículas|Klavikula",
    "Elbow": "ELBOW LAT|CODO|COTOVELO E|COUDE G|Ellenbogen|Ellbogen|GOMITO SN",
    "Feet": "FOOT|FEET WB|PIE DERECHO|PIES|PE ESQUERDO|PÉ|PIED D|Fuß links|FUSS|"
    "PIEDE|RFOOT|RX DE PIE DERECHO|PIEDI",
    "Finger": "FINGER|FINGER 2|DEDO|DEDOS DE LA MANO|DEDO DA MÃO|DOIGT|DITO MANO|"
    "Zeigefinger",
    "Forearm": "FOREARM|FORE ARM|ANTEBRAZO|ANTEBRAÇO|ANTEBRACO|Avant-bras gauche|"
    "Unterarm|AVAMBRACCIO",
    "Hand": "HAND PA|HANDS|MANO DX|MANO_DX|MÃO|MAO D|MAIN D|MAIN GAUCHE|Hände|HAENDE|"
    "RTHAND|LHAND|HAND 3V",
    "Hip": "HIP|CADERA|CADERAS AP|QUADRIL|HANCHE|Hüfte rechts|HUEFTE|ANCA|"
    "COL DU FÉMUR|CUELLO DE FEMUR|Hüftgelenk|neck of femur|Schenkelhals",
    "Knee": "KNEE|KNIE|KNEE 3V|KNEEJOINT|BILATKNEES|"
    "RODILLA|JOELHO|GENOU|GINOCCHIO|Kniegelenk|LKNEE|"
    "RODILLA AP DE PIE|JOELHO EM PE|GENOUX DEBOUT|Knee Standing",
    "Lower leg": "LOWER LEG|LOWER_LEG|LOWERLEG|PIERNA|PERNA|JAMBE|Unterschenkel|GAMBA",
    "Lumbar spine": "L-SPINE AP|LSPINE|LUMBAR|LWS|COLONNA LOMBARE|RACHIS LOMBAIRE|"
    "COLUMNA LUMBAR|COLUNA LOMBAR|L SPINE|Lendenwirbelsäule|"
    "SPINE LUMBAR|LUMBARSPINE|COLUMNALUMBAR|COL LOMB",
    "Others": "MAMMOGRAPHY|BREAST|MAMOGRAFIA|DXA|DENSITOMETRIA OSEA|WHOLE BODY",
    "Pelvis": "PELVIS AP|BACIA|BASSIN|Becken|BECKENÜBERSICHT|BACINO|BACINO IN PIEDI|"
    "PELVE|BUES",
    "Shoulder": "SHOULDER|HOMBRO|OMBRO D|ÉPAULE|Schulter|SPALLA SX|SHLDR",
    "Sinus": "SINUS|SINUSES|PARANASAL SINUSES|PNS|NNH|SENI PARANASALI|SEIOS DA FACE|"
    "SENOS PARANASALES|Nasennebenhöhlen|SPN|Sinus de la face",
    "Skull": "SKULL LAT|CRANEO|CRÁNEO|CRANIO|CRÂNIO|CRANE|Schädel|SCHAEDEL AP",
    "Thigh": "THIGH|MUSLO|COXA|CUISSE|Oberschenkel|COSCIA|UPPER LEG",
    "Thoracic spine": "T-SPINE|TSPINE|THORACIC SPINE|DORSAL SPINE|D SPINE|BWS|DORSAL|"
    "COLUMNA DORSAL|COLUNA DORSAL|COL. DORSAL AP/LAT|RACHIS DORSAL|THORACIC_SPINE|"
    "COLONNA DORSALE|coluna torácica|Brustwirbelsäule",
    "Wrist": "WRIST|MUÑECA|MUNECA|PUNHO|POIGNET|POLSO|HANDGELENK|Handgelenk 2 Eb.",
}

# Words narrower or broader than a class: never a contradiction, never a proof.
NEAR = {
    "Abdomen": "KUB",
    "Ankle": "CALCANEUS|TALON",
    "Cervical spine": "NECK|ODONTOID|SOFT TISSUE NECK",
    "Chest": "RIBS LT|COSTILLAS|RIPPEN|STERNUM|GRIL COSTAL",
    "Clavicles": "ACJOINT|SC JOINT",
    "Elbow": "HUMERUS|RADIAL HEAD",
    "Feet": "TOES|DEDOS DEL PIE|DEDOS DE PIE|DEDOS PIE|ORTEIL|ZEHE|HEEL|AVANT-PIED",
    "Finger": "THUMB|PULGAR|Daumen",
    "Forearm": "RADIUS|ULNA|RADIUS/ULNA",
    "Hand": "THUMB|METACARPALS",
    "Hip": "ACETABULUM",
    "Knee": "PATELLA|ROTULA|Kniescheibe",
    "Lower leg": "TIB/FIB|TIBIA|TIBIA Y PERONE|LEG|TIBIAFIBULA",
    "Lumbar spine": "LSSPINE|COLUNA LOMBO-SACRA|LUMBO-SACRAL|SACRUM|SPINE",
    "Pelvis": "SIJOINT|SACROILIAC JOINTS|COCCYX",
    "Shoulder": "SCAPULA|OMOPLATO|ACJOINT",
    "Sinus": "HEAD|FACIAL BONES",
    "Skull": "MANDIBLE|ORBITS|HEAD|NASAL BONES",
    "Thigh": "FEMUR|FÉMUR",
    "Thoracic spine": "TLSPINE|THORACO-LUMBAR SPINE|COLUNA DORSO-LOMBAR",
    "Wrist": "SCAPHOID|ESCAFOIDES",
}

# Defined Terms of Body Part Examined in PS3.16 Annex L, as of 2024.
DEFINED = """
    ABDOMEN ABDOMENPELVIS ACJOINT ADRENAL ANKLE AORTA ARM AXILLA BACK BLADDER BRAIN
    BREAST BRONCHUS BUTTOCK CALCANEUS CALF CHEEK CHEST CHESTABDOMEN CHESTABDPELVIS
    CLAVICLE COCCYX COLON CSPINE CTSPINE DUODENUM EAR ELBOW ESOPHAGUS EXTREMITY EYE
    EYELID FACE FEMUR FIBULA FINGER FOOT FOREARM GALLBLADDER HAND HEAD HEADNECK HEART
    HIP HUMERUS IAC ILEUM ILIUM JAW JEJUNUM KIDNEY KNEE LARYNX LEG LIVER LOWERLEG
    LSPINE LSSPINE LUNG MANDIBLE MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST
    NECKCHESTABDOMEN NECKCHESTABDPELV NOSE ORBIT OVARY PANCREAS PAROTID PATELLA
    PELVIS PENIS PHARYNX PROSTATE RADIUS RADIUSULNA RECTUM RIB SCALP SCAPULA SCJOINT
    SCROTUM SELLA SHOULDER SIJOINT SKULL SPINE SPLEEN SSPINE STERNUM STOMACH THIGH
    THUMB THYMUS THYROID TIBIA TIBIAFIBULA TLSPINE TMJ TOE TONGUE TRACHEA TSPINE
    ULNA UPPERARM URETER URETHRA UTERUS WHOLEBODY WRIST ZYGOMA
"""

# Words that stand in descriptions beside the part, and are none.
BESIDE = """
    PORTABLE SERIES EXAM LATERAL OBLIQUE STANDING SUPINE ERECT AXIAL SKYLINE VIEWS
    ROUTINE PEDIATRIC TRAUMA GRID CONTROL BEDSIDE EMERGENCY DEFAULT DIGITAL IMAGE
    ADULT CHILD LARGE SMALL TABLE WALL DETECTOR FREE CASSETTE POSTERIOR ANTERIOR
    FRONTAL PERFIL INCIDENCIA PROYECCION DERECHA IZQUIERDA ESQUERDA DIREITA LINKS
    RECHTS GAUCHE DROITE DESTRA SINISTRA HOSPITAL CENTRO SALUD PAIN DOLOR DOR SCHMERZ
    UNFALL CONTRAST DOSE LONG UPRIGHT DECUBITUS TUNNEL NOTCH OUTLET INLET SWIMMERS
    FLEXION EXTENSION NEUTRAL ROTATION BILATERAL COMPLETE LIMITED ROOM WARD ICU BDS
    PROTESIS KONTROLLE AUFNAHME EBENEN SEITLICH STEHEND LIEGEND RADIO RADIOGRAFIA
    RADIOGRAPHIE RONTGEN SCREENING REPEAT MARKER CALIBRATION SCOUT TEMPORAL ARMY
    LEGAL HANDLE FOOTAGE CHESTER COLLAR BACKUP REAR
"""

SILENT = (
    "",
    "AP",
    "LATERAL",
    "RX",
    "L",
    "POST OP CONTROL",
    "REAR",
    "STANDING",
    "2 VIEWS",
    "#?",
)


@pytest.mark.parametrize(
    ("part", "text"),
    [(part, text) for part, texts in TEXTS.items() for text in texts.split("|")],
)
def test_text_names_exactly_one_part(part, text):
    meaning = understand(text)
    assert meaning is not None
    assert (meaning.parts, meaning.near) == (frozenset({IDS[part]}), frozenset())


@pytest.mark.parametrize(
    ("part", "text"),
    [(part, text) for part, texts in NEAR.items() for text in texts.split("|")],
)
def test_narrower_or_broader_word_is_only_near(part, text):
    meaning = understand(text)
    assert meaning is not None
    assert IDS[part] in meaning.near


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("CHEST ABDOMEN", {"Chest", "Abdomen"}),
        ("HAND AND WRIST", {"Hand", "Wrist"}),
        ("THORACIC AND LUMBAR SPINE", {"Thoracic spine", "Lumbar spine"}),
        ("Rodilla y tobillo", {"Knee", "Ankle"}),
        ("MÃO E PUNHO", {"Hand", "Wrist"}),
    ],
)
def test_text_that_names_two_parts_means_both(text, parts):
    meaning = understand(text)
    assert meaning is not None
    assert meaning.parts - meaning.near == {IDS[part] for part in parts}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("HANDGELENK", "Hand"),
        ("FOREARM", "Shoulder"),
        ("DEDOS DEL PIE", "Finger"),
        ("DEDOS DE LOS PIES", "Finger"),
        ("Dita del piede", "Finger"),
        ("COL DU FÉMUR", "Thigh"),
        ("COL DU FÉMUR", "Cervical spine"),
        ("TORAX DE PIE", "Feet"),
        ("BACINO IN PIEDI", "Feet"),
        ("JOELHO EM PÉ", "Feet"),
        ("THORAX FACE", "Sinus"),
        ("MAIN BUILDING CHEST", "Hand"),
        ("CHEST PE", "Feet"),
        ("BRUSTWIRBELSÄULE", "Chest"),
        ("Avant-bras", "Shoulder"),
        ("Unterarm", "Shoulder"),
        ("SEIOS DA FACE", "Skull"),
        ("HAND DORSAL", "Thoracic spine"),
        ("LEFT HAND", "Thigh"),
        ("SENO PARANASAL", "Others"),
    ],
)
def test_part_of_a_longer_name_is_not_read_alone(text, wrong):
    meaning = understand(text)
    assert meaning is not None
    assert IDS[wrong] not in meaning.parts


def test_thoraco_abdominal_is_no_plain_abdomen():
    meaning = understand("THORACO-ABDOMINAL")
    assert meaning is not None
    assert meaning.parts == meaning.near == {IDS["Chest"], IDS["Abdomen"]}


@pytest.mark.parametrize("term", DEFINED.split())
def test_defined_term_of_the_standard_is_understood(term):
    assert understand(term) is not None


def test_words_beside_the_part_name_none():
    assert [word for word in BESIDE.split() if understand(word)] == []


@pytest.mark.parametrize("text", SILENT)
def test_text_without_a_part_says_nothing(text):
    assert understand(text) is None


def test_every_own_name_and_term_means_its_part():
    for part in BODY_PARTS:
        for name in (part.english, part.spanish, part.dicom_term, part.snomed_meaning):
            if name and part.id != OTHERS:
                meaning = understand(name)
                assert meaning is not None, name
                assert meaning.parts - meaning.near == {part.id}, name


@given(st.sampled_from([t for texts in TEXTS.values() for t in texts.split("|")]))
def test_case_makes_no_difference(text):
    assume("Ã" not in text)  # upper case of mojibake is other mojibake
    assert understand(text.upper()) == understand(text.lower())


@given(st.text(max_size=400))
def test_any_text_is_read_without_error(text):
    meaning = understand(text)
    assert meaning is None or meaning.near <= meaning.parts <= set(range(22))
