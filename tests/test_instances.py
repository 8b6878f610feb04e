import io
from pathlib import Path

import pytest
from pydicom import uid as uids

from tests.archives import film, radiograph
from tests.dicom_files import make_dataset, phantom
from xray.errors import ImageError
from xray.spool.folder import Spool
from xray.spool.instances import put_instance, read_identity

IDS = {"StudyInstanceUID": "1.2.5", "SeriesInstanceUID": "1.2.6"}


def _write(path: Path, **elements) -> Path:
    syntax = elements.pop("syntax", uids.ExplicitVRLittleEndian)
    dataset = make_dataset(phantom(), syntax, **{**IDS, **elements})
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize(
    "syntax",
    [
        uids.ImplicitVRLittleEndian,
        uids.ExplicitVRLittleEndian,
        uids.ExplicitVRBigEndian,
        uids.DeflatedExplicitVRLittleEndian,
        uids.JPEGLosslessSV1,
    ],
    ids=lambda uid: uid.name,
)
def test_an_instance_says_what_it_is_in_every_encoding(syntax, tmp_path):
    found = read_identity(_write(tmp_path / "film", syntax=syntax))
    assert found.sop_instance == "1.2.3.4"
    assert (found.study, found.series) == ("1.2.5", "1.2.6")


@pytest.mark.parametrize(
    ("elements", "key"),
    [
        ({"PixelData": None}, "no_pixels"),
        ({"StudyInstanceUID": None}, "needs_tag"),
        ({"SOPInstanceUID": ""}, "needs_tag"),
    ],
)
def test_an_instance_that_lacks_what_is_needed_is_refused(elements, key, tmp_path):
    image = radiograph(film("hand"), **elements)
    image.save_as(tmp_path / "film", enforce_file_format=False)
    with pytest.raises(ImageError) as refused:
        read_identity(tmp_path / "film")
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "needs_dicom"),
        (b"no DICOM at all" * 20, "needs_dicom"),
        (
            b"\0" * 128 + b"DICM" + b"\x08\x00\x16\x00UI\xff\xff" + b"1" * 90,
            "no_pixels",
        ),
    ],
)
def test_what_is_no_instance_is_refused(data, key, tmp_path):
    (tmp_path / "film").write_bytes(data)
    with pytest.raises(ImageError) as refused:
        read_identity(tmp_path / "film")
    assert refused.value.key == key


def test_a_deflated_instance_that_can_not_be_inflated_is_damaged(tmp_path):
    path = _write(tmp_path / "film", syntax=uids.DeflatedExplicitVRLittleEndian)
    offset = read_identity(path).offset
    path.write_bytes(path.read_bytes()[:offset] + b"\xff" * 100)
    with pytest.raises(ImageError) as refused:
        read_identity(path)
    assert refused.value.key == "damaged"


def test_one_data_set_behind_two_senders_heads_is_there_once(tmp_path):
    image = radiograph(film("hand"))
    with Spool(tmp_path, keep_free=0) as spool:
        added = []
        for sender in ("FIRST", "SECOND"):
            image.file_meta.ImplementationVersionName = sender
            buffer = io.BytesIO()
            image.save_as(buffer, enforce_file_format=True)
            path = spool.store.write([buffer.getvalue()])
            added.append(put_instance(spool, path, {"ae": sender}, read_identity(path)))
        assert [each.is_new for each in added] == [True, False]
        (item,) = spool.items.list()
        assert item.key == image.SOPInstanceUID
        assert item.source["ae"] == "FIRST"
        assert item.source["study"] == image.StudyInstanceUID


def test_other_bytes_under_one_uid_are_marked(tmp_path):
    with Spool(tmp_path, keep_free=0) as spool:
        for name in ("hand", "foot"):
            path = spool.store.incoming / name
            radiograph(film(name), SOPInstanceUID="1.2.3").save_as(path)
            put_instance(spool, path, {}, read_identity(path))
        assert [item.conflict for item in spool.items.list()] == [False, True]
