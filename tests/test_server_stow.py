"""STOW-RS: good and broken instances into the queue, answered one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from dicomweb_client import DICOMwebClient

from tests.archives import film, radiograph
from tests.dicom_files import to_bytes
from tests.full_disk import full_queue
from tests.http_server import asking
from xray.spool.folder import Spool
from xray.spool.instances import KIND

RELATED = 'multipart/related; type="application/dicom"; boundary=b'


@contextmanager
def stow(folder: Path, keep_free: int = 0) -> Iterator[tuple[str, Spool]]:
    with Spool(folder, keep_free) as spool, asking(spool=spool) as asked:
        yield f"{str(asked.base_url).rstrip('/')}/dicom-web", spool


def related(*parts: bytes, kind: str = "application/dicom") -> bytes:
    head = f"--b\r\nContent-Type: {kind}\r\n\r\n".encode()
    return b"".join(head + part + b"\r\n" for part in parts) + b"--b--\r\n"


def post(url: str, body: bytes, kind: str = RELATED) -> httpx2.Response:
    headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
    return httpx2.post(f"{url}/studies", content=body, headers=headers, timeout=60)


def values(item: dict, tag: str) -> object:
    return item[tag].get("Value", [None])[0]


def test_instances_of_another_program_are_in_the_queue(tmp_path: Path) -> None:
    films = [radiograph(film(name)) for name in ("hand", "knee")]
    with stow(tmp_path) as (url, spool):
        answer = DICOMwebClient(url).store_instances(films)
        assert len(answer.ReferencedSOPSequence) == 2
        assert "FailedSOPSequence" not in answer
        items = spool.items.list(KIND)
        assert [item.key for item in items] == [each.SOPInstanceUID for each in films]
        assert [item.source["via"] for item in items] == ["stow", "stow"]
        # The same again is the same instance.
        DICOMwebClient(url).store_instances(films)
        assert len(spool.items.list(KIND)) == 2


def test_broken_parts_fail_alone_with_reasons(tmp_path: Path) -> None:
    good = radiograph(film("hand"))
    blind = radiograph(film("knee"))
    del blind.PixelData
    nameless = radiograph(film("knee"), StudyInstanceUID=None)
    body = related(to_bytes(good), b"no film", to_bytes(blind), to_bytes(nameless))
    with stow(tmp_path) as (url, spool):
        answer = post(url, body)
        assert answer.status_code == 202
        assert answer.headers["content-type"] == "application/dicom+json"
        (stored,) = answer.json()["00081199"]["Value"]
        assert values(stored, "00081155") == good.SOPInstanceUID
        failed = answer.json()["00081198"]["Value"]
        reasons = [values(each, "00081197") for each in failed]
        assert reasons == [0xC000, 0x0122, 0xA900]
        assert len(spool.items.list(KIND)) == 1
        assert not list(spool.store.incoming.iterdir())


def test_nothing_that_can_be_stored_is_a_conflict(tmp_path: Path) -> None:
    with stow(tmp_path) as (url, spool):
        answer = post(url, related(b"no film"))
        assert answer.status_code == 409
        assert "00081199" not in answer.json()
        assert not spool.items.list(KIND)


def test_other_bytes_under_one_uid_are_both_kept_and_told(
    tmp_path: Path, caplog
) -> None:
    first = radiograph(film("hand"))
    second = radiograph(film("knee"), SOPInstanceUID=first.SOPInstanceUID)
    with stow(tmp_path) as (url, spool):
        for each in (first, second):
            assert post(url, related(to_bytes(each))).status_code == 200
        assert len(spool.items.list(KIND)) == 2
    assert "ALARM" in caplog.text and "both are kept" in caplog.text
    assert first.SOPInstanceUID not in caplog.text


def test_full_disk_refuses_before_it_reads(tmp_path: Path) -> None:
    with stow(tmp_path, keep_free=2**60) as (url, spool):
        answer = post(url, related(to_bytes(radiograph(film("hand")))))
        assert answer.status_code == 507
        assert not list(spool.store.incoming.iterdir())


def test_queue_without_room_is_507_and_nothing_is_lost(tmp_path: Path) -> None:
    films = [to_bytes(radiograph(film("hand")[::8, ::8].copy())) for _ in range(20)]
    with stow(tmp_path) as (url, spool):
        with full_queue(spool):
            answers = [post(url, related(each)).status_code for each in films]
        assert set(answers) == {200, 507}
        assert len(spool.items.list(KIND)) == answers.count(200)
        assert not list(spool.store.incoming.iterdir())
        for each in films:
            assert post(url, related(each)).status_code == 200
        assert len(spool.items.list(KIND)) == len(films)
        assert len(list((tmp_path / "files").iterdir())) == len(films)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/dicom", b"x", 415),
        ('multipart/related; type="application/dicom+json"; boundary=b', b"x", 415),
        ('multipart/related; type="application/dicom"', b"x", 400),
        (RELATED, b"--b\r\nContent-Type: application/dicom\r\n\r\nx", 400),
        (RELATED, b"--b--\r\n", 400),
    ],
)
def test_what_is_no_stow_request_is_refused(
    tmp_path: Path, kind: str, body: bytes, status: int
) -> None:
    with stow(tmp_path) as (url, spool):
        answer = post(url, body, kind)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert not list(spool.store.incoming.iterdir())
