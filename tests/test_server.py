"""The HTTP server by real requests: answers, refusals, limits, languages, privacy."""

import base64
import hashlib
import io
import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.archives import FILMS, film, radiograph
from tests.dicom_files import to_bytes
from tests.fake_classifier import FakeClassifier
from tests.http_server import asking, serving
from tests.predictions import a_local_card
from xray import __version__
from xray.cli import main
from xray.errors import XrayError
from xray.explanation.render import encode_png, overlay
from xray.messages import MESSAGES
from xray.reading.reader import read_radiograph
from xray.server.app import make_app
from xray.server.problems import STATUS, RequestError, preferred_language, problem
from xray.server.settings import Settings
from xray.server.tokens import Tokens, new_token
from xray.spool.folder import Spool

PROBLEM = "application/problem+json"
SECRET = "Secret^Patient"


@pytest.fixture(scope="module")
def real(classifier) -> Iterator[httpx2.Client]:
    """A server with the shipped network."""
    with asking(classifier) as asked:
        yield asked


@pytest.fixture(scope="module")
def fake() -> Iterator[httpx2.Client]:
    with asking() as asked:
        yield asked


@pytest.fixture
def line_of(loaded, capsys) -> Callable[[Path], dict[str, object]]:
    """What `predict --json` writes of a file."""

    def ask(path: Path) -> dict[str, object]:
        main(["predict", "--json", str(path)])
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", None])
def test_one_film_is_answered_with_the_record_of_predict(real, line_of, kind) -> None:
    path = FILMS / "hand.jpg"
    headers = {"Content-Type": kind} if kind else {}
    answer = real.post("/v1/predictions", content=path.read_bytes(), headers=headers)
    assert answer.status_code == 200
    expected = line_of(path) | {"file": "-"}
    assert answer.json() == expected
    assert list(answer.json()) == list(expected)


def test_dicom_film_is_judged_against_its_header(real, line_of, tmp_path) -> None:
    data = to_bytes(radiograph(film("knee"), BodyPartExamined="SKULL"))
    (tmp_path / "film").write_bytes(data)
    headers = {"Content-Type": "application/dicom"}
    answer = real.post("/v1/predictions", content=data, headers=headers).json()
    assert answer["verdict"] == "disagree"
    assert answer == line_of(tmp_path / "film") | {"file": "-"}


def test_several_films_are_answered_in_order_each_with_its_own_error(
    real, line_of
) -> None:
    names = ["knee.jpg", "notes.txt", "hand.jpg"]
    data = [
        (FILMS / names[0]).read_bytes(),
        b"no film",
        (FILMS / names[2]).read_bytes(),
    ]
    files = [("files", each) for each in zip(names, data, strict=True)]
    answer = real.post("/v1/predictions", files=files)
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert first == line_of(FILMS / "knee.jpg") | {"file": "knee.jpg"}
    assert third == line_of(FILMS / "hand.jpg") | {"file": "hand.jpg"}
    assert second == {"file": "notes.txt", "error": MESSAGES["unsupported"].english}


def test_explanation_is_the_overlay_of_the_chosen_part(real, classifier) -> None:
    data = (FILMS / "hand.jpg").read_bytes()
    pixels = read_radiograph(data).pixels
    for query, label in (("", None), ("?label=knee", 11), ("?label=11", 11)):
        answer = real.post(f"/v1/explanations{query}", content=data)
        assert answer.headers["content-type"] == "image/png"
        found = np.asarray(Image.open(io.BytesIO(answer.content)), np.int16)
        heatmap = classifier.explain(data, label).heatmap
        drawn = Image.open(io.BytesIO(encode_png(overlay(pixels, heatmap))))
        # Alone and beside others the network computes a little differently.
        assert np.abs(found - np.asarray(drawn, np.int16)).mean() < 1


def test_explanation_as_gif_moves(real) -> None:
    data = (FILMS / "hand.jpg").read_bytes()
    headers = {"Accept": "image/gif"}
    answer = real.post("/v1/explanations", content=data, headers=headers)
    assert answer.headers["content-type"] == "image/gif"
    gif = Image.open(io.BytesIO(answer.content))
    assert len(list(ImageSequence.Iterator(gif))) > 1


def test_model_says_what_answers_and_its_limits(real, classifier) -> None:
    said = real.get("/v1/model").json()
    assert said["sha256"] == classifier.card.sha256
    assert [each["class"] for each in said["classes"]] == list(range(22))
    assert said["classes"][9]["snomed_code"] == "85562004"
    assert said["limits"]["body_bytes"] == Settings().body_bytes
    assert said["program"] == __version__
    assert said["local_card"] is None
    assert real.get("/openapi.json").json()["info"]["version"] == __version__


def test_model_says_by_which_local_card_it_answers() -> None:
    fake = FakeClassifier()
    fake.local = a_local_card("clinic", fake.card.sha256)
    with asking(fake) as asked:
        assert asked.get("/v1/model").json()["local_card"] == "clinic"


@pytest.mark.parametrize(
    ("method", "path", "content", "kind", "status", "key"),
    [
        ("GET", "/nowhere", b"", None, 404, "unknown_path"),
        ("GET", "/problems/nothing", b"", None, 404, "unknown_path"),
        ("PUT", "/v1/predictions", b"", None, 405, "wrong_method"),
        ("POST", "/v1/predictions", b"", None, 422, "empty"),
        ("POST", "/v1/predictions", b"x", None, 415, "unsupported"),
        ("POST", "/v1/predictions", b"x", "text/plain", 415, "media_type"),
        ("POST", "/v1/predictions", b"\xff\xd8\xff\xe0x", None, 422, "damaged"),
        ("POST", "/v1/predictions", b"x", "multipart/form-data", 400, "bad_multipart"),
        (
            *("POST", "/v1/predictions", b"--b\r\n\r\nx"),
            *("multipart/form-data; boundary=b", 400, "bad_multipart"),
        ),
        (
            *("POST", "/v1/predictions", b"no multipart"),
            *("multipart/form-data; boundary=b", 400, "bad_multipart"),
        ),
        ("POST", "/v1/explanations?label=tail", b"x", None, 422, "bad_parameter"),
        ("POST", "/v1/predictions?fast=perhaps", b"x", None, 422, "bad_parameter"),
        ("POST", "/v1/explanations", b"x", None, 415, "unsupported"),
        ("POST", "/v1/jobs", b"x", None, 404, "unknown_path"),
    ],
)
def test_refusals_are_problem_documents_in_both_languages(  # noqa: PLR0917
    fake, method, path, content, kind, status, key
) -> None:
    details = set()
    for language in ("en", "es"):
        headers = {"Accept-Language": f"{language}-XX, en;q=0.1"}
        if kind:
            headers["Content-Type"] = kind
        answer = fake.request(method, path, content=content, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["content-language"] == language
        said = answer.json()
        assert said["type"] == f"/problems/{key}"
        assert said["status"] == status
        assert fake.get(said["type"]).json()["key"] == key
        details.add(said["detail"])
    assert len(details) == 2


def test_small_network_answers_alone_where_that_was_measured(real) -> None:
    hand = (FILMS / "hand.jpg").read_bytes()
    said = real.post("/v1/predictions?fast=true", content=hand).json()
    assert (said["label"], said["networks"]) == ("Hand", 1)
    fake = FakeClassifier()
    fake.card = replace(fake.card, fast=None)
    with asking(fake) as asked:
        answer = asked.post("/v1/predictions?fast=true", content=hand)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad_parameter"


def test_wrong_method_names_those_that_there_are(tmp_path: Path) -> None:
    with Spool(tmp_path, keep_free=0) as spool, asking(spool=spool) as asked:
        answer = asked.put(f"/v1/jobs/{'0' * 32}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


def test_too_large_is_refused_before_it_is_sent() -> None:
    with asking(body_bytes=1000) as asked:
        where = urlsplit(str(asked.base_url))
        with socket.create_connection((where.hostname, where.port), 30) as raw:
            head = (
                "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n"
            )
            raw.sendall(f"{head}\r\n".encode())
            answer = raw.makefile("rb")
            assert answer.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"


def test_too_large_without_a_length_is_refused_as_it_comes() -> None:
    pieces = (b"x" * 65536 for _ in range(100))
    with asking(body_bytes=100_000, held_bytes=200_000) as asked:
        answer = asked.post("/v1/predictions", content=pieces)
        assert answer.json()["type"] == "/problems/request_too_large"
        assert asked.get("/livez").status_code == 200


def test_too_many_files_and_too_much_at_once_are_refused() -> None:
    files = [("files", (f"{number}.png", b"x" * 40)) for number in range(3)]
    with asking(request_files=2) as asked:
        answer = asked.post("/v1/predictions", files=files)
        assert (answer.status_code, answer.json()["type"]) == (
            413,
            "/problems/too_many_parts",
        )
    with asking(held_bytes=100) as asked:
        answer = asked.post("/v1/predictions", files=files)
        assert answer.status_code == 429


def test_slow_body_is_not_waited_for() -> None:
    with asking(body_seconds=0.05) as asked:
        where = urlsplit(str(asked.base_url))
        with socket.create_connection((where.hostname, where.port), 30) as raw:
            head = "POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
            raw.sendall(f"{head}\r\nabc".encode())
            assert raw.recv(65536).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    ("before", "drip"),
    [(b"", b""), (b"", b"x"), (b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"x")],
)
def test_who_never_ends_the_head_of_a_request_is_cut(monkeypatch, before, drip) -> None:
    monkeypatch.setattr("xray.server.protocol.HEAD_SECONDS", 0.2)
    with asking() as asked:
        where = asked.base_url
        with socket.create_connection((where.host, where.port), 60) as line:
            line.sendall(before + drip)
            line.settimeout(0.05)
            received, until = b"", time.monotonic() + 60
            while time.monotonic() < until:
                with suppress(TimeoutError):
                    piece = line.recv(4096)
                    if not piece:
                        break
                    received += piece
                with suppress(OSError):
                    line.sendall(drip)
        assert time.monotonic() < until
        assert received.startswith(b"HTTP/1.1 200" if before else b"")
        assert asked.get("/livez").status_code == 200


def test_full_server_refuses_early_and_others_go_on() -> None:
    data = (FILMS / "hand.jpg").read_bytes()
    waiting = FakeClassifier(free=0)
    with asking(waiting, places=2) as asked, ThreadPoolExecutor(2) as threads:
        held = [
            threads.submit(asked.post, "/v1/predictions", content=data)
            for _ in range(2)
        ]
        while waiting.asked < 2:
            assert asked.get("/livez").status_code == 200  # the loop is free
        refused = asked.post("/v1/predictions", content=data)
        waiting.go.set()
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"] == "/problems/queue_full"
        assert [each.result().status_code for each in held] == [200, 200]
        assert asked.post("/v1/predictions", content=data).status_code == 200


def test_work_that_takes_too_long_keeps_its_place_until_it_ends() -> None:
    data = (FILMS / "hand.jpg").read_bytes()
    waiting = FakeClassifier(free=0)
    with asking(waiting, places=1, work_seconds=0.5) as asked:
        late = asked.post("/v1/predictions", content=data)
        assert (late.status_code, late.headers["retry-after"]) == (503, "10")
        assert asked.post("/v1/predictions", content=data).status_code == 429
        waiting.go.set()
        while asked.post("/v1/predictions", content=data).status_code == 429:
            pass


class Mistaken(FakeClassifier):
    """Meets a mistake in xray itself wherever findings are asked for."""

    def require_findings(self) -> None:
        raise KeyError(SECRET)


def test_mistake_costs_its_request_and_shows_nothing(caplog) -> None:
    data = (FILMS / "hand.jpg").read_bytes()
    with asking(Mistaken()) as asked:
        answer = asked.post("/v1/predictions?findings=true", content=data)
        assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
        assert answer.json()["type"] == "/problems/program_error"
        assert SECRET not in answer.text + caplog.text
        assert "KeyError" in caplog.text
        assert asked.post("/v1/predictions", content=data).status_code == 200


def test_tokens_are_asked_for_wherever_they_are_given(tmp_path: Path) -> None:
    token, line = new_token()
    path = tmp_path / "tokens"
    path.write_text(f"# of the ward\n\n{line}\nplain-token-of-mine\n")
    with asking(tokens=Tokens.read(path)) as asked:
        for open_path in ("/livez", "/readyz", "/openapi.json", "/"):
            assert asked.get(open_path).status_code == 200
        for closed in ("/v1/model", "/metrics"):
            for wrong in ({}, {"Authorization": "Bearer nothing"}):
                answer = asked.get(closed, headers=wrong)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.headers["content-type"] == PROBLEM
            for right in (token, "plain-token-of-mine"):
                headers = {"Authorization": f"Bearer {right}"}
                assert asked.get(closed, headers=headers).status_code == 200
        body = (FILMS / "hand.jpg").read_bytes()
        assert asked.post("/v1/predictions", content=body).status_code == 401


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"# none\n", b"short\n", b"sha256:12\n", b"SHA256:" + 40 * b"z"),
        b"a-token-of-mine and its name\n",
        "ficha-de-radiología\n".encode(),
        b"token-of-latin-1-\xe9\n",
    ],
)
def test_token_file_without_good_tokens_is_refused(tmp_path: Path, content) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content)
    with pytest.raises(XrayError, match="--new-token"):
        Tokens.read(path)


def test_token_file_of_an_editor_that_marks_utf_8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("plain-token-of-mine\n", encoding="utf-8-sig")
    assert Tokens.read(path).find("plain-token-of-mine")


def test_owners_differ_and_tell_nothing_of_their_tokens() -> None:
    hashes = [hashlib.sha256(each).digest() for each in (b"one", b"two")]
    tokens = Tokens(hashes)
    one, two = tokens.find("one"), tokens.find("two")
    assert one
    assert two
    assert one != two
    assert one not in hashes[0].hex()
    assert tokens.find("three") is None


def test_pages_of_others_are_refused_unless_named() -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    with asking(hosts=("127.0.0.1",)) as asked:
        own = {"Origin": str(asked.base_url).rstrip("/")}
        assert asked.get("/v1/model", headers=own).status_code == 200
        answer = asked.get("/v1/model", headers=foreign)
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "/problems/foreign_origin",
        )
        # A name that was made to lead here (DNS rebinding).
        rebound = {"Host": "elsewhere.example"}
        assert asked.get("/v1/model", headers=rebound).status_code == 403
        assert "access-control-allow-origin" not in asked.get("/v1/model").headers
    with asking(origins=("https://elsewhere.example",)) as asked:
        answer = asked.get("/v1/model", headers=foreign)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == foreign["Origin"]


def test_neither_log_nor_counts_hold_addresses_or_patients(caplog) -> None:
    caplog.set_level(logging.DEBUG)
    data = to_bytes(radiograph(film("knee")))
    with asking() as asked:
        asked.post(f"/v1/explanations?label={SECRET}", content=data)
        asked.get(f"/{SECRET}")
        asked.get("/problems/S3CRET")
        asked.post("/v1/predictions", files={"files": (f"{SECRET}.dcm", data)})
        assert asked.post("/v1/predictions", content=data).status_code == 200
        counts = asked.get("/metrics").text
    ours = " ".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("xray", "uvicorn", "fastapi", "python_multipart"))
    )
    for text in (counts, ours):
        assert "Secret" not in text
        assert "S3CRET" not in text
    assert "POST /v1/predictions 200" in ours
    assert 'xray_requests_total{method="GET",route="none",status="404"} 1.0' in counts
    assert 'xray_refusals_total{key="bad_parameter"} 1.0' in counts
    assert "xray_films_total 2.0" in counts


def test_refused_films_are_counted_whatever_was_asked_for(tmp_path: Path) -> None:
    with asking(FakeClassifier()) as asked:
        for kind in ("image/gif", "image/png"):
            answer = asked.post(
                "/v1/explanations", content=b"no film", headers={"Accept": kind}
            )
            assert answer.json()["type"] == "/problems/unsupported"
        counts = asked.get("/metrics").text
    assert 'xray_refusals_total{key="unsupported"} 2.0' in counts
    assert "xray_films_total 0.0" in counts


def test_readiness_ends_with_the_disk_and_with_the_server(tmp_path: Path) -> None:
    with Spool(tmp_path, keep_free=0) as spool:
        app = make_app(FakeClassifier(), Settings(), spool)
        with serving(app) as address:
            assert httpx2.get(f"{address}/readyz").json()["ready"] is True
            app.state.service.stop()
            answer = httpx2.get(f"{address}/readyz")
            assert (answer.status_code, answer.json()["running"]) == (503, False)
    with Spool(tmp_path, keep_free=2**60) as full, asking(spool=full) as asked:
        answer = asked.get("/readyz")
        assert (answer.status_code, answer.json()["disk"]) == (503, False)


def test_page_runs_no_script_but_its_own(fake) -> None:
    answer = fake.get("/")
    policy = answer.headers["content-security-policy"]
    script = re.search("<script>(.*)</script>", answer.text, re.DOTALL)
    assert script
    digest = hashlib.sha256(script[1].encode()).digest()
    encoded = base64.b64encode(digest).decode()
    assert f"script-src 'sha256-{encoded}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"(src|href)=.?https?://", answer.text)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en,es;q=0.5", "en"),
        ("de,fr", "en"),
        ("es;q=x", "en"),
    ],
)
def test_language_is_the_one_preferred(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


def test_every_key_with_a_status_has_a_message() -> None:
    assert set(STATUS) <= set(MESSAGES)
    assert problem(RequestError("queue_full")).headers["retry-after"] == "1"
