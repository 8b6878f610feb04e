"""A DICOMweb server as source: paging, windows, refusals, and a made-up server."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.archives import film, radiograph
from tests.dicom_files import to_bytes
from xray.audit.archive import open_archive
from xray.cli import main
from xray.errors import DatasetError, ImageError
from xray.reading.dicomweb import (
    AT_ONCE,
    PASSWORD,
    TOKEN,
    USER,
    DicomWeb,
    Instance,
    read_ahead,
)

BASE = "/dicom-web"


class Pacs:
    """A made-up server of studies of one film each, with a server's odd habits."""

    def __init__(
        self,
        days: list[datetime],
        *,
        most: int = 10_000,
        obeys_offset: bool = True,
        knows_time: bool = True,
        timeless: int = 0,
        authorization: str | None = None,
        film: bytes = b"film",
    ) -> None:
        self.days = {f"1.2.{number}": day for number, day in enumerate(days)}
        # The last ones have no Study Time.
        self.timeless = set(list(self.days)[len(days) - timeless :])
        self.knows_time = knows_time
        self.most, self.obeys_offset = most, obeys_offset
        self.authorization, self.film = authorization, film
        self.asked: list[str] = []
        self.meet: Barrier | None = None  # of requests for films
        self.status: dict[str, int] = {}  # by end of the path

    def answer(self, path: str, query: dict[str, str], auth: str | None) -> object:
        self.asked.append(path)
        if self.authorization and auth != self.authorization:
            return 401
        for ending, status in self.status.items():
            if path.endswith(ending):
                return status
        if path == f"{BASE}/studies":
            return self._page(self._studies(query), query)
        if study := re.fullmatch(f"{BASE}/studies/([0-9.]+)/instances", path):
            return self._page([self._instance(study[1])], query)
        if self.meet is not None:
            self.meet.wait(30)
        return self.film

    def _studies(self, query: dict[str, str]) -> list[dict]:
        first, last = query.get("StudyDate", "00010101-99991231").split("-")
        begin, end = "000000", "240000"
        if self.knows_time and "StudyTime" in query:
            begin, end = query["StudyTime"].split("-")
        if query["ModalitiesInStudy"] != "DX":
            return []
        return [
            {"0020000D": {"vr": "UI", "Value": [uid]}}
            for uid, day in self.days.items()
            if first <= f"{day:%Y%m%d}" <= last
            and begin <= f"{day:%H%M%S.%f}" <= end
            and not (uid in self.timeless and end != "240000")
        ]

    def _instance(self, study: str) -> dict:
        return {
            "0020000E": {"vr": "UI", "Value": [f"{study}.1"]},
            "00080018": {"vr": "UI", "Value": [f"{study}.1.1"]},
            "00080060": {"vr": "CS", "Value": ["DX"]},
        }

    def _page(self, found: list[dict], query: dict[str, str]) -> list[dict]:
        start = int(query.get("offset", 0)) if self.obeys_offset else 0
        return found[start : start + min(self.most, int(query["limit"]))]


@contextmanager
def serving(pacs: Pacs) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            query = {name: each[0] for name, each in parse_qs(where.query).items()}
            found = pacs.answer(where.path, query, self.headers["Authorization"])
            status = found if isinstance(found, int) else 200 if found else 204
            body, kind = b"", "application/dicom+json"
            if isinstance(found, list) and found:
                body = json.dumps(found).encode()
            elif isinstance(found, bytes):
                head = b"--x\r\nContent-Type: application/dicom\r\n\r\n"
                body, kind = head + found + b"\r\n--x--", "multipart/related;boundary=x"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch) -> None:
    for name in (TOKEN, USER, PASSWORD):
        monkeypatch.delenv(name, raising=False)


def days(count: int, apart: timedelta = timedelta(days=3)) -> list[datetime]:
    return [datetime(2020, 1, 1, 8) + apart * each for each in range(count)]


@pytest.mark.parametrize("most", [10_000, 40])
@pytest.mark.parametrize("obeys_offset", [True, False])
def test_every_study_is_listed_once_whatever_the_server_does(
    most: int, obeys_offset: bool
) -> None:
    pacs = Pacs(days(150), most=most, obeys_offset=obeys_offset)
    with serving(pacs) as url:
        found = [instance.study for instance in DicomWeb(url).instances()]
    assert sorted(found) == sorted(pacs.days)
    assert len(pacs.asked) < 600


def test_more_in_a_day_than_a_server_gives_is_listed_by_time() -> None:
    day = days(120, timedelta(seconds=77.7))
    pacs = Pacs(day, most=40, obeys_offset=False)
    with serving(pacs) as url:
        found = [instance.study for instance in DicomWeb(url).instances()]
    assert sorted(found) == sorted(pacs.days)
    assert pacs.asked.count(f"{BASE}/studies") < 100


@pytest.mark.parametrize("knows_time", [True, False])
def test_more_at_one_time_than_a_server_gives_is_an_error_that_says_so(
    knows_time: bool,
) -> None:
    pacs = Pacs(
        days(50, timedelta()), most=40, obeys_offset=False, knows_time=knows_time
    )
    with serving(pacs) as url, pytest.raises(DatasetError, match="no more than 40"):
        list(DicomWeb(url).instances())
    assert len(pacs.asked) < 300


def test_studies_that_no_time_finds_are_told(caplog) -> None:
    day = days(60, timedelta(minutes=1))
    pacs = Pacs(day, most=40, obeys_offset=False, timeless=30)
    with serving(pacs) as url:
        found = [instance.study for instance in DicomWeb(url).instances()]
    assert len(found) == len(set(found)) == 40
    assert "10 studies of 127.0.0.1 have no Study Date or Time" in caplog.text
    assert "1.2." not in caplog.text


def test_films_are_read_several_at_once_and_given_in_order() -> None:
    pacs = Pacs(days(3 * AT_ONCE))
    pacs.meet = Barrier(AT_ONCE)  # it answers only so many together
    with serving(pacs) as url:
        server = DicomWeb(url)
        listed = [instance.path for instance in server.instances()]
        found = read_ahead(server.found(each) for each in server.instances())
        given = [(each.path, each.read()) for each in found]
    assert given == [(path, b"film") for path in listed]


def test_one_study_is_read_without_a_search_for_studies() -> None:
    pacs = Pacs(days(3), film=b"\r\nbytes\r\n--x\r\nof a film\r\n")
    with serving(pacs) as url:
        server = DicomWeb(f"{url}/studies/1.2.1")
        (instance,) = server.instances()
        assert instance == Instance("1.2.1", "1.2.1.1", "1.2.1.1.1")
        assert server.read(instance) == pacs.film
    assert f"{BASE}/studies" not in pacs.asked


@pytest.mark.parametrize(
    ("name", "expected"),
    [("token", "Bearer secret-token"), ("user", "Basic dXNlcjpwYXNz")],
)
def test_credentials_come_from_the_environment(monkeypatch, name, expected) -> None:
    pacs = Pacs(days(1), authorization=expected)
    with serving(pacs) as url:
        with pytest.raises(DatasetError, match=r"HTTP 401.*XRAY_DICOMWEB_TOKEN"):
            list(DicomWeb(url).instances())
        if name == "token":
            monkeypatch.setenv(TOKEN, "secret-token")
        else:
            monkeypatch.setenv(USER, "user")
            monkeypatch.setenv(PASSWORD, "pass")
        (instance,) = DicomWeb(url).instances()
        assert DicomWeb(url).read(instance) == b"film"


def test_credentials_in_the_address_are_refused() -> None:
    with pytest.raises(DatasetError, match=TOKEN) as refused:
        DicomWeb("https://someone:secret@pacs.example/dicom-web")
    assert "secret" not in str(refused.value)


def test_a_missing_film_is_its_own_error_and_a_locked_server_all_of_them() -> None:
    pacs = Pacs(days(2))
    pacs.status = {"1.2.0.1.1": 404, "1.2.1.1.1": 403}
    with serving(pacs) as url:
        server = DicomWeb(url)
        first, second = server.instances()
        missing = server.read(first)
        assert isinstance(missing, ImageError)
        assert "HTTP 404" in str(missing)
        with pytest.raises(DatasetError, match="HTTP 403"):
            server.read(second)


def test_a_server_that_is_not_there_is_told_without_its_path(loaded, capsys) -> None:
    with serving(Pacs([])) as url:
        pass  # gone again
    assert main(["predict", f"{url}/studies/1.2.3"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Expected 127.0.0.1 to answer as a DICOMweb server.")
    assert "1.2.3" not in said


def test_predict_refuses_a_whole_server(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["predict", "https://pacs.example/dicom-web"])
    assert ended.value.code == 2
    assert "xray audit" in capsys.readouterr().err


def test_predict_of_a_study_is_that_of_the_film(loaded, capsys, tmp_path) -> None:
    data = to_bytes(radiograph(film("hand"), BodyPartExamined="HAND"))
    (tmp_path / "film").write_bytes(data)
    with serving(Pacs(days(1), film=data)) as url:
        assert main(["predict", "--json", f"{url}/studies/1.2.0"]) == 0
    assert main(["predict", "--json", str(tmp_path / "film")]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first.pop("file").endswith("/instances/1.2.0.1.1")
    second.pop("file")
    assert first == second


def test_plan_lists_a_server_as_any_archive() -> None:
    with serving(Pacs(days(5))) as url:
        archive = open_archive(url)
        listed = list(archive.walk())
        assert len(listed) == 5
        (found,) = archive.open(listed[0].path)
        assert found.read() == b"film"
