import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from tests.archives import code, film, put_raw, radiograph
from tests.dicom_files import to_bytes
from tests.predictions import predicts
from xray import __version__
from xray.errors import ImageError
from xray.header.claim import read_claim
from xray.reading.dicom.decode import decode_dicom
from xray.records.correction import Correction, plan, plan_part, write

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def wrong():
    return radiograph(
        film("hand"),
        BodyPartExamined="CHEST",
        AnatomicRegionSequence=[code("T-D3000", "Chest", "SRT")],
    )


def test_plan_says_what_would_change(wrong):
    correction = plan(to_bytes(wrong), predicts("Hand"))
    assert [(c.name, c.before, c.after) for c in correction.changes] == [
        ("Body Part Examined (0018,0015)", "CHEST", "HAND"),
        (
            "Anatomic Region Sequence (0008,2218)",
            "T-D3000 SRT Chest",
            "85562004 SCT Hand",
        ),
    ]


def test_copy_has_the_new_part_and_keeps_the_old_values(wrong, tmp_path):
    data = to_bytes(wrong)
    uid = write(plan(data, predicts("Hand")), tmp_path / "new.dcm", NOW)
    copy = dcmread(tmp_path / "new.dcm")
    assert copy.SOPInstanceUID == copy.file_meta.MediaStorageSOPInstanceUID == uid
    assert uid != wrong.SOPInstanceUID
    assert read_claim(copy).parts == {9}
    assert copy.BodyPartExamined == "HAND"
    (original,) = copy.OriginalAttributesSequence
    (before,) = original.ModifiedAttributesSequence
    assert before.BodyPartExamined == "CHEST"
    assert before.AnatomicRegionSequence[0].CodeValue == "T-D3000"
    assert before.SOPInstanceUID == wrong.SOPInstanceUID
    assert original.ModifyingSystem == f"xray {__version__}"
    assert original.ReasonForTheAttributeModification == "CORRECT"
    assert original.AttributeModificationDateTime == "20260102030405+0000"


def test_nothing_else_changes(wrong, tmp_path):
    write(plan(to_bytes(wrong), predicts("Hand")), tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    changed = {
        "SOPInstanceUID",
        "BodyPartExamined",
        "AnatomicRegionSequence",
        "OriginalAttributesSequence",
    }
    assert {e.keyword for e in copy} - {e.keyword for e in wrong} == {
        "OriginalAttributesSequence"
    }
    for element in wrong:
        if element.keyword not in changed:
            assert copy[element.tag].value == element.value


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_pixels_stay_byte_identical(syntax, tmp_path):
    dataset = radiograph(film("hand"))
    if syntax.is_encapsulated:
        dataset.compress(syntax, generate_instance_uid=False)
    dataset.file_meta.TransferSyntaxUID = syntax
    data = to_bytes(dataset)
    write(plan(data, predicts("Hand")), tmp_path / "new.dcm")
    copy = (tmp_path / "new.dcm").read_bytes()
    assert dcmread(io.BytesIO(copy)).file_meta.TransferSyntaxUID == syntax
    assert dcmread(io.BytesIO(copy)).PixelData == dataset.PixelData
    tail = data[data.rindex(dataset.PixelData) :]
    assert copy.endswith(tail)


def test_big_endian_copy_shows_the_same_picture(tmp_path):
    dataset = radiograph(film("hand"))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset.set_original_encoding(False, False)
    data = to_bytes(dataset)
    write(plan(data, predicts("Hand")), tmp_path / "new.dcm")
    assert (
        dcmread(tmp_path / "new.dcm").PixelData == dcmread(io.BytesIO(data)).PixelData
    )


def test_file_without_preamble_and_meta_is_corrected(wrong, tmp_path):
    wrong.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    bare = to_bytes(wrong)
    bare = bare[bare.index(b"\x08\x00\x16\x00") :]
    write(plan(bare, predicts("Hand")), tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    assert copy.PixelData == wrong.PixelData
    assert copy.BodyPartExamined == "HAND"


def test_corrected_twice_keeps_both_histories(wrong, tmp_path):
    write(plan(to_bytes(wrong), predicts("Hand")), tmp_path / "1.dcm")
    first = (tmp_path / "1.dcm").read_bytes()
    write(plan(first, predicts("Wrist")), tmp_path / "2.dcm")
    copy = dcmread(tmp_path / "2.dcm")
    before = [
        item.ModifiedAttributesSequence[0].BodyPartExamined
        for item in copy.OriginalAttributesSequence
    ]
    assert before == ["CHEST", "HAND"]


def test_header_that_agrees_needs_no_change(wrong, tmp_path):
    write(plan(to_bytes(wrong), predicts("Hand")), tmp_path / "new.dcm")
    again = plan((tmp_path / "new.dcm").read_bytes(), predicts("Hand"))
    assert again.changes == ()


def test_sinus_empties_the_term_it_has_none_for(wrong, tmp_path):
    write(plan(to_bytes(wrong), predicts("Sinus")), tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    assert not copy.BodyPartExamined
    assert read_claim(copy).parts == {17}


@pytest.mark.parametrize(
    ("prediction", "key"),
    [
        (predicts("Hand", 0.89), "too_unsure"),
        (predicts("Hand", 0.95, "rejected_blank"), "rejected_blank"),
        (predicts("Others"), "no_code"),
    ],
)
def test_unsure_picture_corrects_nothing(wrong, prediction, key):
    with pytest.raises(ImageError) as raised:
        plan(to_bytes(wrong), prediction)
    assert raised.value.key == key


@pytest.mark.parametrize(
    "groups", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]
)
def test_part_of_each_frame_is_not_left_behind(wrong, groups):
    item, anatomy = Dataset(), Dataset()
    anatomy.AnatomicRegionSequence = [code("51185008", "Chest")]
    item.FrameAnatomySequence = [anatomy]
    setattr(wrong, groups, [item])
    with pytest.raises(ImageError) as raised:
        plan(to_bytes(wrong), predicts("Hand"))
    assert raised.value.key == "frame_anatomy"


def test_threshold_can_be_chosen(wrong):
    data = to_bytes(wrong)
    assert plan(data, predicts("Hand", 0.6), 0.5).changes
    assert plan(data, predicts("Hand", 0.75), 0.75).changes
    with pytest.raises(ImageError):
        plan(data, predicts("Hand", 0.95), 0.99)


def test_without_a_threshold_it_has_to_be_green_as_a_local_card_has_it(wrong):
    data, just = to_bytes(wrong), predicts("Hand", 0.75)
    assert plan(data, replace(just, high_above=0.7)).changes
    for border in (0.75, 0.8):
        with pytest.raises(ImageError, match=rf"of > {100 * border:g} %, received 75"):
            plan(data, replace(just, high_above=border))


def test_existing_file_is_never_replaced(wrong, tmp_path):
    path = tmp_path / "there.dcm"
    path.write_bytes(b"mine")
    with pytest.raises(ImageError) as raised:
        write(plan(to_bytes(wrong), predicts("Hand")), path)
    assert raised.value.key == "file_exists"
    assert path.read_bytes() == b"mine"


def test_disk_that_fills_up_leaves_no_half_file(wrong, tmp_path):
    resource = pytest.importorskip("resource")
    correction = plan(to_bytes(wrong), predicts("Hand"))
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    try:
        with pytest.raises(ImageError, match="Expected to write"):
            write(correction, tmp_path / "new.dcm")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    assert not (tmp_path / "new.dcm").exists()


def test_missing_folder_is_a_typed_error(wrong, tmp_path):
    with pytest.raises(ImageError) as raised:
        write(plan(to_bytes(wrong), predicts("Hand")), tmp_path / "no" / "x.dcm")
    assert raised.value.key == "unwritable"


def test_jpeg_has_no_header_to_correct():
    with pytest.raises(ImageError) as raised:
        plan(b"\xff\xd8\xff\xe0 no dicom", predicts("Hand"))
    assert raised.value.key == "needs_dicom"


def test_odd_values_are_corrected_without_a_word(tmp_path, recwarn):
    dataset = radiograph(film("hand"))
    put_raw(dataset, 0x00180015, "CS", b"Mano dcha. \xf3 muy larga larga ")
    put_raw(dataset, 0x00080020, "DA", b"17/05/2024")
    write(plan(to_bytes(dataset), predicts("Hand")), tmp_path / "new.dcm")
    assert not recwarn.list
    copy = dcmread(tmp_path / "new.dcm")
    assert copy.BodyPartExamined == "HAND"
    assert copy.get_item(0x00080020).value == b"17/05/2024"


def test_corrected_copy_is_read_as_the_same_picture(wrong, tmp_path):
    data = to_bytes(wrong)
    write(plan(data, predicts("Hand")), tmp_path / "new.dcm")
    copy = decode_dicom((tmp_path / "new.dcm").read_bytes())
    original = decode_dicom(data)
    assert (copy.samples == original.samples).all()


@pytest.mark.parametrize("mistake", [AttributeError, TypeError, KeyError])
def test_mistake_of_ours_is_not_told_as_damage(wrong, tmp_path, mistake):
    class Slip:
        id = 9

        def __getattr__(self, _name):
            raise mistake("ours")

    part: Any = Slip()
    with pytest.raises(mistake, match="ours"):
        plan_part(to_bytes(wrong), part)
    with pytest.raises(mistake, match="ours"):
        write(Correction(to_bytes(wrong), part, ()), tmp_path / "new.dcm")
    assert not (tmp_path / "new.dcm").exists()


def with_side(item: Dataset, *sides: Dataset) -> Dataset:
    item.AnatomicRegionModifierSequence = list(sides)
    return item


LEFT = ("7771000", "Left", "SCT")


@pytest.mark.parametrize(
    "side",
    [
        LEFT,
        ("24028007", "Right", "SCT"),
        ("G-A102", "Bilateral", "SRT"),
        ("L", "Left", "99LOCAL"),
    ],
)
def test_side_stays_when_the_region_is_replaced(side, wrong, tmp_path):
    region = with_side(
        code("56459004", "Foot"), code(*side), code("261089000", "Inferior")
    )
    wrong.AnatomicRegionSequence = [region]
    correction = plan(to_bytes(wrong), predicts("Hand"))
    value, meaning, scheme = side
    change = correction.changes[1]
    assert change.before == (
        f"56459004 SCT Foot [{value} {scheme} {meaning}, 261089000 SCT Inferior]"
    )
    assert change.after == f"85562004 SCT Hand [{value} {scheme} {meaning}]"
    write(correction, tmp_path / "new.dcm")
    (item,) = dcmread(tmp_path / "new.dcm").AnatomicRegionSequence
    (modifier,) = item.AnatomicRegionModifierSequence
    assert (modifier.CodeValue, modifier.CodeMeaning) == (value, meaning)


def test_right_region_stays_whole_when_only_the_term_is_wrong(wrong, tmp_path):
    region = with_side(code("85562004", "Hand"), code(*LEFT), code("1", "Whole"))
    wrong.AnatomicRegionSequence = [region]
    correction = plan(to_bytes(wrong), predicts("Hand"))
    assert [change.keyword for change in correction.changes] == ["BodyPartExamined"]
    write(correction, tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    assert copy.AnatomicRegionSequence == wrong.AnatomicRegionSequence
    (original,) = copy.OriginalAttributesSequence
    (before,) = original.ModifiedAttributesSequence
    assert "AnatomicRegionSequence" not in before


def test_primary_structure_that_contradicts_goes_and_is_kept_as_original(
    wrong, tmp_path
):
    structure = code("51185008", "Chest")
    structure.PrimaryAnatomicStructureModifierSequence = [code(*LEFT)]
    wrong.PrimaryAnatomicStructureSequence = [structure]
    correction = plan(to_bytes(wrong), predicts("Hand"))
    change = correction.changes[2]
    assert change.name == "Primary Anatomic Structure Sequence (0008,2228)"
    assert (change.before, change.after) == (
        "51185008 SCT Chest [7771000 SCT Left]",
        "",
    )
    write(correction, tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    assert "PrimaryAnatomicStructureSequence" not in copy
    (side,) = copy.AnatomicRegionSequence[0].AnatomicRegionModifierSequence
    assert side.CodeMeaning == "Left"
    before = copy.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert before.PrimaryAnatomicStructureSequence == [structure]


def test_primary_structure_that_agrees_stays(wrong, tmp_path):
    wrong.PrimaryAnatomicStructureSequence = [code("85562004", "Hand")]
    write(plan(to_bytes(wrong), predicts("Hand")), tmp_path / "new.dcm")
    copy = dcmread(tmp_path / "new.dcm")
    assert copy.PrimaryAnatomicStructureSequence[0].CodeMeaning == "Hand"


def test_signed_file_is_refused(wrong):
    wrong.add_new(0xFFFAFFFA, "SQ", [Dataset()])
    with pytest.raises(ImageError, match=r"\(FFFA,FFFA\)"):
        plan(to_bytes(wrong), predicts("Hand"))


def test_items_are_shown_whole(wrong):
    item = code("T-D3000", "Chest", "SRT")
    item.CodingSchemeVersion = "2.0"
    wrong.AnatomicRegionSequence = [item, code("1", "Other")]
    change = plan(to_bytes(wrong), predicts("Hand")).changes[1]
    assert change.before == (
        "T-D3000 SRT Chest [Coding Scheme Version: 2.0], 1 SCT Other"
    )


@pytest.mark.parametrize(
    ("charset", "meaning"),
    [
        (["ISO_IR 192"], "手"),
        (["", "ISO 2022 IR 149"], "손"),
        (["GB18030"], "手"),
        (["ISO_IR 144"], "Рука"),
    ],
)
def test_old_values_are_readable_in_any_character_set(charset, meaning, wrong):
    wrong.SpecificCharacterSet = charset
    wrong.AnatomicRegionSequence = [code("1", meaning, "99X")]
    change = plan(to_bytes(wrong), predicts("Hand")).changes[1]
    assert change.before == f"1 99X {meaning}"


@pytest.mark.parametrize("written", ["utf-8", "latin-1"])
def test_old_values_are_readable_where_the_character_set_is_wrong(written, wrong):
    meaning = "M\u00e1no".encode(written)
    padded = meaning + b" " * (len(meaning) % 2)
    wrong.SpecificCharacterSet = "ISO_IR 192" if written == "latin-1" else "ISO_IR 100"
    item = code("1", "~" * len(padded), "99X")
    wrong.AnatomicRegionSequence = [item]
    data = to_bytes(wrong).replace(b"~" * len(padded), padded)
    change = plan(data, predicts("Hand")).changes[1]
    assert change.before == "1 99X M\u00e1no"


def test_mistake_of_ours_is_not_called_damage(wrong, monkeypatch):
    def broken(*_: object) -> None:
        raise TypeError

    data = to_bytes(wrong)
    monkeypatch.setattr("xray.records.correction.Change", broken)
    with pytest.raises(TypeError):
        plan_part(data, predicts("Hand").part)
