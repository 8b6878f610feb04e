from typing import Any

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts as typed_concepts
from pydicom.sr._snomed_dict import mapping

from xray.header.anatomy_codes import phrase_of_code
from xray.header.synonyms import understand
from xray.labels import BODY_PARTS

concepts: Any = typed_concepts
# pydicom's own tables, generated from PS3.16: the oracle.
REGIONS = {
    code: meaning
    for keyword in cid_concepts[4031]["SCT"]
    for code, (meaning, _) in concepts["SCT"][keyword].items()
}


def test_codes_of_the_standard_mean_what_it_says():
    known = {code: phrase_of_code(code) for code in REGIONS}
    for code, phrase in known.items():
        if phrase is not None:
            assert understand(phrase) == understand(REGIONS[code]), code
    assert sum(phrase is not None for phrase in known.values()) >= 60


def test_older_codes_mean_the_same_as_their_successors():
    for old, new in mapping["SRT"].items():
        if new in REGIONS and phrase_of_code(new) is not None:
            assert phrase_of_code(old) == phrase_of_code(new)


@pytest.mark.parametrize(
    "part", [part for part in BODY_PARTS if part.snomed_code], ids=lambda p: p.english
)
def test_every_code_that_is_written_is_read_back(part):
    meaning = understand(phrase_of_code(part.snomed_code) or "")
    assert meaning is not None
    assert meaning.parts - meaning.near == {part.id}


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("113345001", 0),
        ("T-D4000", 0),
        ("51185008", 3),
        ("t-d3000", 3),
        ("12921003", 15),
        ("T-D6000", 15),
    ],
)
def test_retired_codes_are_read(code, part):
    meaning = understand(phrase_of_code(code) or "")
    assert meaning is not None
    assert meaning.parts == {part}


def test_foreign_code_says_nothing():
    assert phrase_of_code("12345") is None
