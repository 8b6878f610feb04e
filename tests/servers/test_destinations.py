"""Products on their way out, to real servers on loopback."""

import csv
import hmac
import io
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydicom import dcmread

from tests.archives import film, radiograph
from tests.servers.nodes import (
    ANYBODY,
    pacs,
    referred,
    rule,
    send,
    settings,
    small_films,
)
from tests.servers.quick_classifier import QuickClassifier
from tests.servers.waiting import free_port, wait_until
from xray.classify.verdict import Verdict
from xray.node.config import read_config
from xray.node.destinations.base import Fate, Parcel, UnreachableError
from xray.node.destinations.files import FilesDestination
from xray.node.destinations.stow import StowDestination, read_failures
from xray.node.destinations.webhook import WebhookDestination, sign
from xray.node.running import Node
from xray.records.answer import as_record
from xray.spool.deliveries import Delivery
from xray.spool.item import State

SECRET = b"0123456789abcdef"


@pytest.fixture
def http():
    """A server that answers as `status` and `body` say, and keeps what came."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((self.path, dict(self.headers), body))
            self.send_response(server.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(server.body)))
            self.end_headers()
            self.wfile.write(server.body)

        def log_message(self, *_: object) -> None:
            return

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.status, server.body = [], 200, b"{}"
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _parcel(folder, uid: str = "9.1", data: bytes = b'{"id": "9.1"}') -> Parcel:
    path = folder / f"parcel{uid}"
    path.write_bytes(data)
    about = {"uid": uid}
    return Parcel(Delivery(1, 1, "to", "record", "", about, "waiting", 1, "", ""), path)


def test_a_webhook_gets_the_record_with_a_signature_that_checks(http, tmp_path):
    (answer,) = WebhookDestination("app", http.url, SECRET).send([_parcel(tmp_path)])
    assert answer.fate is Fate.DONE
    ((path, headers, body),) = http.received
    assert (path, body) == ("/hook", b'{"id": "9.1"}')
    expected = sign(SECRET, headers["X-Xray-Timestamp"], body)
    assert hmac.compare_digest(headers["X-Xray-Signature"], expected)
    assert headers["Idempotency-Key"] == "9.1"
    assert sign(SECRET, "1", b"other") != expected


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_a_webhook_in_trouble_is_tried_later(status, http, tmp_path):
    http.status = status
    with pytest.raises(UnreachableError):
        WebhookDestination("app", http.url, SECRET).send([_parcel(tmp_path)])


@pytest.mark.parametrize("status", [302, 400, 410])
def test_a_webhook_that_refuses_or_points_elsewhere_is_refused(status, http, tmp_path):
    http.status = status
    (answer,) = WebhookDestination("app", http.url, SECRET).send([_parcel(tmp_path)])
    assert (answer.fate, answer.reason) == (Fate.REFUSED, f"http_{status}")
    assert len(http.received) == 1


def test_nobody_at_the_other_end_is_unreachable(tmp_path):
    with pytest.raises(UnreachableError, match="unreachable"):
        WebhookDestination("app", "http://127.0.0.1:1/", SECRET).send(
            [_parcel(tmp_path)]
        )


def test_stow_answers_for_each_instance(http, tmp_path):
    http.status = 202
    failed = [
        {"00081155": {"Value": ["9.2"]}, "00081197": {"Value": [0xC000]}},
        {"00081155": {"Value": ["9.3"]}, "00081197": {"Value": [0x0111]}},
    ]
    http.body = json.dumps({"00081198": {"Value": failed}}).encode()
    sender = StowDestination("web", http.url, b"t0ken")
    answers = sender.send([_parcel(tmp_path, uid) for uid in ("9.1", "9.2", "9.3")])
    assert [each.fate for each in answers] == [Fate.DONE, Fate.REFUSED, Fate.DONE]
    ((path, headers, body),) = http.received
    assert path == "/hook/studies"
    assert headers["Authorization"] == "Bearer t0ken"
    assert body.count(b"Content-Type: application/dicom") == 3


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"00081198": 3}'])
def test_an_answer_that_is_no_dicom_json_names_no_failure(body):
    assert read_failures(body) == {}


def _read_lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_file_gets_each_record_once_and_loses_a_torn_line(tmp_path):
    path = tmp_path / "out" / "answers.jsonl"
    sender = FilesDestination("log", path, "jsonl")
    first = _parcel(tmp_path, "9.1", b'{"id": "9.1"}')
    second = _parcel(tmp_path, "9.2", b'{"id": "9.2"}')
    sender.send([first])
    with path.open("a") as file:
        file.write('{"id": "9.2", "lab')  # the machine died here
    sender.send([first, second])
    assert _read_lines(path) == [{"id": "9.1"}, {"id": "9.2"}]


def test_a_table_has_a_head_and_no_formula(tmp_path):
    path = tmp_path / "answers.csv"
    sender = FilesDestination("log", path, "csv")
    for uid in ("9.1", "9.2"):
        record = {"id": uid, "source": "=RUN()", "rejected": None}
        sender.send([_parcel(tmp_path, uid, json.dumps(record).encode())])
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["id"] for row in rows] == ["9.1", "9.2"]
    assert rows[0]["source"] == "'=RUN()"
    assert rows[0]["rejected"] == ""


@pytest.mark.skipif(shutil.which("storescu") is None, reason="needs DCMTK")
def test_all_products_reach_their_destinations(tmp_path, orthanc, http, caplog):
    port = free_port()
    store = orthanc(xray=("XRAY", port))
    web = orthanc()
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    config = read_config(
        settings(
            tmp_path,
            ANYBODY,
            pacs(store.dicom, commitment=True),
            f'[[destination]]\nname = "web"\nkind = "stow"\nurl = "{web.dicom_web}"\n',
            f'[[destination]]\nname = "app"\nkind = "webhook"\nurl = "{http.url}"\n'
            'secret_file = "secret"\n',
            '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n',
            rule(["sr", "heatmap", "copy"], ["pacs"]),
            rule(["sr"], ["web"]),
            rule(["record"], ["app", "log"]),
            port=port,
            report="comprehensive-3d",
        )
    )
    (path,) = small_films(tmp_path / "films", 1)
    film_uid = dcmread(path).SOPInstanceUID
    with Node(config, QuickClassifier()) as node:
        assert send(node.port, [path]).returncode == 0
        wait_until(lambda: node.spool.items.count()[State.DELIVERED] == 1, 300)
        deliveries = node.spool.deliveries.count()
        wait_until(lambda: not list((tmp_path / "spool" / "files").iterdir()))
        # Its own heat map comes back: it ends here.
        (heatmap,) = (
            dcmread(io.BytesIO(store.read(f"/instances/{each}/file")))
            for each in store.instances("OT")
        )
        heatmap.save_as(tmp_path / "back.dcm", enforce_file_format=True)
        assert send(node.port, [tmp_path / "back.dcm"]).returncode == 0
        wait_until(lambda: node.spool.items.count()[State.DELIVERED] == 2, 300)
        assert node.spool.deliveries.count() == deliveries
    assert deliveries == {
        ("app", "done"): 1,
        ("log", "done"): 1,
        ("pacs", "done"): 3,
        ("web", "done"): 1,
    }
    (first,) = store.instances("SR")
    (second,) = web.instances("SR")
    sent = store.read(f"/instances/{first}/file")
    report = dcmread(io.BytesIO(sent))
    assert report == dcmread(io.BytesIO(web.read(f"/instances/{second}/file")))
    assert referred(report) == [film_uid]
    assert report.SOPClassUID.name == "Comprehensive 3D SR Storage"
    (copy,) = store.instances("CR")
    copied = dcmread(io.BytesIO(store.read(f"/instances/{copy}/file")))
    assert copied.BodyPartExamined == "HAND"
    (record,) = _read_lines(tmp_path / "log.jsonl")
    ((_, _, body),) = http.received
    assert json.loads(body) == record
    assert record["instance"] == film_uid
    assert "Secret" not in caplog.text + body.decode()
    assert "S3CRET" not in caplog.text + body.decode()


def test_a_film_without_a_code_is_answered_without_a_report(tmp_path):
    config = read_config(
        settings(
            tmp_path,
            ANYBODY,
            pacs(1),
            '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n',
            rule(["sr"], ["pacs"]),
            rule(["record"], ["log"]),
        )
    )
    with Node(config, QuickClassifier("Others")) as node:
        image = radiograph(film("hand"))
        path = tmp_path / "film.dcm"
        image.save_as(path, enforce_file_format=True)
        assert send(node.port, [path]).returncode == 0
        wait_until(lambda: node.spool.items.count()[State.DELIVERED] == 1, 300)
        (item,) = node.spool.items.list()
    assert item.result["no_sr"] == "no_code"
    assert len(_read_lines(tmp_path / "log.jsonl")) == 1


def test_the_nodes_answer_is_that_of_predict(tmp_path, classifier):
    config = read_config(
        settings(
            tmp_path,
            ANYBODY,
            '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n',
            rule(["record"], ["log"]),
        )
    )
    image = radiograph(film("hand"), BodyPartExamined="HAND")
    path = tmp_path / "film.dcm"
    image.save_as(path, enforce_file_format=True)
    with Node(config, classifier) as node:
        assert send(node.port, [path]).returncode == 0
        wait_until(lambda: node.spool.items.count()[State.DELIVERED] == 1, 300)
    (record,) = _read_lines(tmp_path / "log.jsonl")
    (prediction,) = classifier.predict([path])
    expected = as_record(prediction, Verdict.AGREE)
    assert {key: record[key] for key in expected} == expected
