"""The node between real programs: DCMTK sends, Orthanc receives."""

import io
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.servers.nodes import (
    ANYBODY,
    end,
    log_of,
    pacs,
    referred,
    rule,
    running,
    send,
    settings,
    small_films,
)
from tests.servers.waiting import free_port, wait_until
from xray.spool.folder import Spool
from xray.spool.item import State

FILMS = 200
ASSOCIATIONS = 4
PATIENCE = 900.0  # seconds, on a machine that others use as well

pytestmark = pytest.mark.skipif(
    shutil.which("storescu") is None, reason="needs DCMTK: apt-get install dcmtk"
)


def _errors_in(path: Path) -> str:
    said = subprocess.run(
        ["dciodvfy", path], capture_output=True, text=True, check=True
    )
    lines = (said.stdout + said.stderr).splitlines()
    return "\n".join(line for line in lines if line.startswith("Error"))


def test_killed_twice_and_its_pacs_down_every_film_has_one_report(tmp_path, orthanc):
    port = free_port()
    store = orthanc(xray=("XRAY", port))
    config = settings(
        tmp_path,
        ANYBODY,
        pacs(store.dicom, commitment=True, commitment_seconds=20),
        rule(["sr"], ["pacs"]),
        port=port,
    )
    paths = small_films(tmp_path / "films", FILMS)
    uids = {dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in paths}

    def send_share(number: int) -> None:
        """As a modality does: again until each film is answered with success."""
        while send(port, paths[number::ASSOCIATIONS]).returncode:
            pass

    with (
        ThreadPoolExecutor(ASSOCIATIONS) as senders,
        Spool(tmp_path / "spool", 0) as spool,
    ):

        def wait_for(state: State, count: int) -> None:
            wait_until(lambda: spool.items.count()[state] >= count, PATIENCE)

        with running(config) as node:
            sending = [senders.submit(send_share, n) for n in range(ASSOCIATIONS)]
            wait_for(State.DELIVERED, 10)
            node.kill()
        store.stop()
        with running(config) as node:
            for each in sending:
                each.result()
            wait_for(State.CLASSIFIED, 20)
            node.kill()
        with running(config) as node:
            store.start()
            wait_for(State.DELIVERED, FILMS)
            assert end(node) == 0
    log = log_of(config).read_text()
    assert "Secret" not in log
    assert "S3CRET" not in log
    reports = store.instances("SR")
    assert len(reports) == FILMS
    about: Counter[str] = Counter()
    for report in reports:
        data = store.read(f"/instances/{report}/file")
        about.update(referred(dcmread(io.BytesIO(data))))
        path = tmp_path / f"{report}.dcm"
        path.write_bytes(data)
    assert about.keys() == uids
    assert set(about.values()) == {1}
    with ThreadPoolExecutor(ASSOCIATIONS) as checkers:
        said = checkers.map(_errors_in, tmp_path.glob("*.dcm"))
        assert list(said) == [""] * FILMS
