"""Corrected copies sent to a PACS of the node's settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ComputedRadiographyImageStorage
from pynetdicom import AE, evt

from tests.reviews import decide, make_report
from tests.servers.nodes import ANYBODY, pacs, settings
from tests.servers.waiting import free_port
from xray.cli import main
from xray.review.opinion import Choice


@pytest.fixture
def archive() -> Iterator[tuple[int, list[Dataset]]]:
    """A PACS that keeps what it gets."""
    kept: list[Dataset] = []

    def store(event: evt.Event) -> int:
        kept.append(event.dataset)
        return 0x0000

    ae = AE("ORTHANC")
    ae.add_supported_context(ComputedRadiographyImageStorage)
    port = free_port()
    server = ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)]
    )
    assert server is not None
    yield port, kept
    server.shutdown()
    server.server_close()


def fix(report: Path, *words: str) -> int:
    out = str(report.with_name("copies"))
    return main(["fix", "--reviewed", str(report), "--out", out, *words])


def test_copies_arrive_with_the_part_that_was_decided(
    tmp_path: Path,
    archive: tuple[int, list[Dataset]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    port, kept = archive
    report = make_report(tmp_path)
    decide(report, "surest", Choice.PICTURE, 9)
    decide(report, "sure", Choice.HEADER, 3)
    node = str(settings(tmp_path, ANYBODY, pacs(port)))
    assert fix(report, "--write", "--send", node, "pacs") == 0
    (film,) = kept
    assert film.BodyPartExamined == "HAND"
    copy = dcmread(tmp_path / "copies" / "surest.dcm")
    assert film.SOPInstanceUID == copy.SOPInstanceUID
    assert "1  sent" in capsys.readouterr().out


# pynetdicom leaves its socket open where nobody listens.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("sockets_let_go")
def test_archive_that_is_away_leaves_the_copies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = make_report(tmp_path)
    decide(report, "surest", Choice.PICTURE, 9)
    node = str(settings(tmp_path, ANYBODY, pacs(free_port())))
    assert fix(report, "--write", "--send", node, "pacs") == 1
    assert "run the same again" in capsys.readouterr().err
    assert (tmp_path / "copies" / "surest.dcm").is_file()


def test_destination_that_is_not_there_is_said_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = make_report(tmp_path)
    decide(report, "surest", Choice.PICTURE, 9)
    node = str(settings(tmp_path, ANYBODY, pacs(104)))
    assert fix(report, "--write", "--send", node, "nowhere") == 1
    assert "Received: nowhere" in capsys.readouterr().err
    assert not (tmp_path / "copies").exists()


def test_nothing_is_sent_in_a_dry_run(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        fix(make_report(tmp_path), "--send", "node.toml", "pacs")
