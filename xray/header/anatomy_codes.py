"""Codes of body parts, views and sides: SNOMED CT, and SNOMED RT before it.

From PS3.16 CID 4031 "Common Anatomic Region" and Annex L, where the regions of
the 22 parts are concerned; codes the standard has retired are read as well. Views are
those of CID 4010 "DX View" that tell a projection, sides those of CID 244. Each code
stands for a phrase that `synonyms`, `projection` or `laterality` understands, so that a
code and the same words in plain text can't be read differently.
"""

from functools import cache

# phrase | SNOMED CT code, SNOMED RT codes of earlier editions
_CODES = """
    Abdomen | 818981001
    Abdomen and Pelvis | 818982008
    Acromioclavicular joint | 85856004 T-15420
    Ankle joint | 70258002 T-15750
    Apex of Lung | 86598002 T-280A0
    Bone of lower limb | 72001000 T-12700
    Bone of upper limb | 371195002 T-D0821
    Breast | 76752008 T-04000
    Calcaneus | 80144004 T-12770
    Cervical spine | 122494005 T-11501
    Cervico-thoracic spine | 1217257000
    Chest | 816094009
    Chest and Abdomen | 416550000 R-FAB55
    Chest, Abdomen and Pelvis | 416775004 R-FAB56
    Clavicle | 51299004 T-12310
    Coccyx | 64688005 T-11BF0
    Elbow joint | 16953009 T-15430
    Extremity | 66019005 T-D0300
    Facial bones | 91397008 T-11196
    Femur | 71341001 T-12710
    Fibula | 87342007 T-12750
    Finger | 7569003 T-D8800
    Foot | 56459004 T-D9700
    Forearm | 14975008 T-D8500
    Hand | 85562004 T-D8700
    Head | 69536005 T-D1100
    Head and Neck | 774007 T-D1000
    Hip | 29836001 T-D2500
    Hip joint | 24136001 T-15710
    Humerus | 85050009 T-12410
    Ilium | 22356005 T-12340
    Jaw | 661005 T-D1213
    Knee | 72696002 T-D9200
    Lower leg | 30021000 T-D9400
    Lower limb | 61685007 T-D9000
    Lumbar spine | 122496007 T-11503
    Lumbo-sacral spine | 1217253001
    Mandible | 91609006 T-11180
    Mastoid bone | 59066005 T-11133
    Maxilla | 70925003 T-11170
    Nasal bone | 74386004 T-11149
    Neck | 45048000 T-D1600
    Neck and Chest | 417437006 R-FAB52
    Neck, Chest and Abdomen | 416152001 R-FAB53
    Neck, Chest, Abdomen and Pelvis | 416319003 R-FAB54
    Orbital structure | 363654007 T-D14AE
    Paranasal sinus | 2095001 T-22000
    Patella | 64234005 T-12730
    Pelvis | 816092008
    Pelvis and lower extremities | 1231522001
    Rib | 113197003 T-11300
    Sacro-coccygeal Spine | 1217254007
    Sacroiliac joint | 39723000 T-15680
    Sacrum | 54735007 T-11AD0
    Scapula | 79601000 T-12280
    Sella turcica | 42575006 T-D1460
    Sesamoid bones of foot | 58742003 T-12980
    Shoulder | 16982005 T-D2220
    Skull | 89546000 T-11100
    Spine | 421060004 T-D04FF
    Sternoclavicular joint | 7844006 T-15610
    Sternum | 56873002 T-11210
    Tarsal joint | 27949001 T-15770
    Temporomandibular joint | 53620006 T-15290
    Thigh | 68367000 T-D9100
    Thoracic spine | 122495006 T-11502
    Thoraco-lumbar spine | 1217256009
    Thumb | 76505004 T-D8810
    Toe | 29707007 T-D9800
    Upper arm | 40983000 T-D8200
    Upper limb | 53120007 T-D8000
    Wrist joint | 74670003 T-15460
    Zygoma | 13881006 T-11166
    Abdomen | 113345001 T-D4000
    Ankle | 344001 T-D9500
    Chest | 51185008 T-D3000
    Elbow | 127949000 T-D8300
    Knee | 49076000 T-15720
    Pelvis | 12921003 T-D6000
    Shoulder | 31398001 85537004
    Wrist | 8205005 T-D8600
    antero-posterior | 399348003 R-10206
    antero-posterior oblique | 399312000 R-10208
    axial | 399061009 R-10241
    dorsoplantar | 399335002 R-102C4
    frontal | 399033003 R-10202
    lateral | 399067008 R-102CD
    lateral oblique | 260427002 R-40783
    latero-medial | 399352003 R-10228
    left anterior oblique | 399135007 R-10220
    left lateral | 399173006 R-10236
    left oblique | 399184004 R-10238
    left posterior oblique | 399006002 R-10212
    medial oblique | 260426006 R-40782
    medio-lateral | 399260004 R-10224
    oblique | 399182000 R-102C1
    plantodorsal | 399071006 R-102C3
    postero-anterior | 272479007 R-40888
    postero-anterior oblique | 399059000 R-10216
    right anterior oblique | 399356000 R-40985
    right lateral | 399198007 R-10232
    right oblique | 399236003 R-10234
    right posterior oblique | 399038007 R-10210
    tangential | 399110001 R-102C2
    bilateral | 51440002 G-A102
    left | 7771000 G-A101
    right | 24028007 G-A100
"""


# Coding Scheme Designators of SNOMED, as written over the years (PS3.16 8). A scheme
# of one's own (99...) may use the same numbers for anything (PS3.3 8.2).
_SNOMED = frozenset({"SCT", "SRT", "SNM3", "99SDM", "SNOMED-CT", "SNOMED"})


def phrase_of_code(code: str, scheme: str = "SCT") -> str | None:
    """Say in English what a code stands for; None for codes that aren't listed.

    Args:
        code: Code Value (0008,0100), or its long or URN form.
        scheme: Coding Scheme Designator (0008,0102); empty where a file lacks it.
    """
    if scheme and scheme.upper() not in _SNOMED:
        return None
    return _phrases().get(code.upper())


@cache
def _phrases() -> dict[str, str]:
    rows = (line.split("|") for line in _CODES.strip().splitlines())
    return {code: phrase.strip() for phrase, codes in rows for code in codes.split()}
