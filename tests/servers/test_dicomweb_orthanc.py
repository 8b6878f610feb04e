"""Orthanc as source: the audit over DICOMweb is that of the same films in a folder."""

import csv
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import pytest
from dicomweb_client import DICOMwebClient

from tests.archives import film, radiograph, write
from tests.fake_classifier import FakeClassifier
from xray.audit.run import run_audit
from xray.classify.pipeline import Outcome, Source, classify_all
from xray.reading.dicomweb import DicomWeb

_OWN = {"key", "path"}  # what folder and server each call a film


def classify(sources: Iterable[Source]) -> Iterable[Outcome]:
    return classify_all(FakeClassifier(), sources)


def rows(report: Path) -> list[dict[str, str]]:
    with (report / "results.csv").open(encoding="utf-8", newline="") as file:
        found = [
            {name: value for name, value in row.items() if name not in _OWN}
            for row in csv.DictReader(file)
        ]
    return sorted(found, key=lambda row: row["uid"])


@pytest.fixture
def server(orthanc: Callable, tmp_path: Path) -> str:
    """Films in Orthanc, and the same in the folder `films`."""
    films = [
        radiograph(film(name)[::2, ::2].copy(), StationName=f"ROOM{number}", **tags)
        for number, (name, tags) in enumerate(
            [
                ("knee", {"BodyPartExamined": "KNEE", "Modality": "DX"}),
                ("hand", {"BodyPartExamined": "HAND"}),
                ("foot", {"BodyPartExamined": "MANO DX", "StudyDate": "19991231"}),
                ("chest", {"Manufacturer": "Müller"}),
                ("ankle", {"SeriesDescription": "RX TOBILLO"}),
            ]
        )
    ]
    films[1].StudyInstanceUID = films[0].StudyInstanceUID  # two of one study
    for number, each in enumerate(films):
        write(tmp_path / "films" / f"{number}.dcm", each)
    url = orthanc().dicom_web
    # No radiograph: not asked for.
    other = radiograph(film("hand")[::4, ::4].copy(), Modality="CT")
    DICOMwebClient(url).store_instances([*films, other])
    return url


def test_audit_of_a_server_equals_that_of_the_folder(server, tmp_path: Path) -> None:
    for place in (server, tmp_path / "films"):
        out = tmp_path / ("folder" if isinstance(place, Path) else "server")
        run_audit(place, out, keep_uids=True, classify=classify, model="fake")
    found = rows(tmp_path / "server")
    assert len(found) == 5
    assert found == rows(tmp_path / "folder")
    assert {row["verdict"] for row in found} >= {"agree", "disagree", "missing"}


def test_interrupted_audit_of_a_server_goes_on(server, tmp_path: Path) -> None:
    seen: list[str] = []

    def counting(sources: Iterable[Source]) -> Iterable[Outcome]:
        def noted() -> Iterable[Source]:
            for source in sources:
                seen.append(source.name)
                yield source

        return classify(noted())

    for until in (lambda found: islice(found, 2), iter):
        run_audit(
            server, tmp_path / "out", until=until, classify=counting, model="fake"
        )
    assert len(rows(tmp_path / "out")) == len(seen) == len(set(seen)) == 5


def test_report_of_a_server_names_no_uid(server, tmp_path: Path) -> None:
    run_audit(server, tmp_path / "out", classify=classify, model="fake")
    report = tmp_path / "out"
    written = (report / "results.csv").read_text() + (
        report / "report.html"
    ).read_text()
    for instance in DicomWeb(server).instances():
        for uid in (instance.study, instance.series, instance.uid):
            assert uid not in written
