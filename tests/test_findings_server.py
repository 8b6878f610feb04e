"""`?findings=true` over HTTP: predictions, explanations, jobs, the model, refusals."""

import io
from collections.abc import Iterator

import httpx2
import numpy as np
import pytest
from PIL import Image

from tests.archives import FILMS
from tests.findings_network import COVERED, make_findings_network
from tests.http_server import asking
from tests.servers.waiting import wait_until
from xray.classify.classifier import Classifier
from xray.network.findings.answer import PROJECTIONS
from xray.network.findings.points import POINTS
from xray.reading.reader import read_radiograph
from xray.spool.folder import Spool

HAND, CHEST = ((FILMS / f"{name}.jpg").read_bytes() for name in ("hand", "chest"))
KEYS = {"fracture", "hardware", "projection"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Iterator[httpx2.Client]:
    folder = tmp_path_factory.mktemp("server")
    classifier = Classifier.load(findings=make_findings_network(folder))
    with (
        Spool(folder / "spool", keep_free=0) as spool,
        asking(classifier, spool) as asked,
    ):
        yield asked


def test_prediction_has_findings_only_where_asked(asked) -> None:
    record = asked.post("/v1/predictions?findings=true", content=HAND).json()
    assert record["fracture"]["flag"] is False
    assert record["projection"]["name"] in PROJECTIONS
    assert not KEYS & set(asked.post("/v1/predictions", content=HAND).json())


def test_prediction_flags_by_the_operating_point(asked) -> None:
    flags = [
        asked.post(
            f"/v1/predictions?findings=true&operating_point={point}", content=HAND
        ).json()["fracture"]["flag"]
        for point in POINTS
    ]
    assert flags == [True, False, False]


def test_part_that_the_network_does_not_know_is_null(asked) -> None:
    files = [("files", ("a.jpg", CHEST)), ("files", ("b.jpg", HAND))]
    chest, hand = asked.post("/v1/predictions?findings=true", files=files).json()
    assert [chest[key] for key in sorted(KEYS)] == [None] * 3
    assert hand["hardware"]["probability"] > 0


@pytest.mark.parametrize(
    "query",
    ["operating_point=specific", "findings=true&operating_point=lenient"],
    ids=["alone", "unknown"],
)
def test_operating_point_that_can_not_be_is_refused(query, asked) -> None:
    answer = asked.post(f"/v1/predictions?{query}", content=HAND)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad_parameter"


def test_explanation_says_below_the_picture_what_was_found(asked) -> None:
    pixels = read_radiograph(HAND).pixels
    pictures = [
        np.asarray(Image.open(io.BytesIO(asked.post(url, content=HAND).content)))
        for url in ("/v1/explanations", "/v1/explanations?findings=true")
    ]
    assert pictures[0].shape[0] == len(pixels) < pictures[1].shape[0]
    assert np.array_equal(pictures[0], pictures[1][: len(pixels)])  # not flagged
    url = "/v1/explanations?findings=true&operating_point=sensitive"
    flagged = np.asarray(Image.open(io.BytesIO(asked.post(url, content=HAND).content)))
    assert not np.array_equal(pictures[0], flagged[: len(pixels)])
    animated = asked.post(
        "/v1/explanations?findings=true", content=HAND, headers={"Accept": "image/gif"}
    )
    assert animated.status_code == 422


def test_job_keeps_its_own_wish_beside_others(asked) -> None:
    queries = ("", "?findings=true", "?findings=true&operating_point=sensitive")
    jobs = [
        asked.post(f"/v1/jobs{query}", files={"files": ("a.jpg", HAND)}).headers
        for query in queries
    ]
    found = [_result(asked, each["location"]) for each in jobs]
    assert not KEYS & set(found[0])
    assert [each["fracture"]["flag"] for each in found[1:]] == [False, True]


def test_same_key_with_another_wish_is_a_conflict(asked) -> None:
    key = {"Idempotency-Key": "a wish"}
    body = {"files": ("a.jpg", HAND)}
    assert asked.post("/v1/jobs", files=body, headers=key).status_code == 202
    answer = asked.post("/v1/jobs?findings=true", files=body, headers=key)
    assert answer.status_code == 409


def test_model_tells_parts_and_operating_points(asked) -> None:
    told = asked.get("/v1/model").json()["findings"]
    assert told["parts"] == list(COVERED)
    assert list(told["operating_points"]) == list(POINTS)
    assert told["operating_points"]["sensitive"] == {
        "threshold": 0.2,
        "sensitivity": 0.8,
        "specificity": 0.2,
    }
    assert told["license"] == "CC BY 4.0"


def test_server_without_the_network_says_so(classifier, tmp_path) -> None:
    bare = Classifier.load(findings=tmp_path / "none.npz")
    with asking(bare) as asked:
        assert asked.get("/v1/model").json()["findings"] is None
        assert asked.post("/v1/predictions", content=HAND).status_code == 200


def _result(asked: httpx2.Client, job: str) -> dict:
    wait_until(lambda: asked.get(job).json()["state"] == "done")
    return asked.get(f"{job}/results").json()


@pytest.mark.parametrize(
    "path", ["/v1/predictions", "/v1/explanations", "/v1/jobs"], ids=lambda path: path
)
def test_findings_without_their_network_are_refused_in_words(path, tmp_path) -> None:
    classifier = Classifier.load(findings=tmp_path / "none.npz")
    with (
        Spool(tmp_path / "spool", keep_free=0) as spool,
        asking(classifier, spool) as asked,
    ):
        answer = asked.post(f"{path}?findings=true", content=HAND)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad_parameter"
    assert "findings" in answer.json()["detail"]
