"""Servers that tests talk to: on loopback, on free ports, gone when a test ends."""

import http.client
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.waiting import free_port, wait_until

_PLUGINS = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


class Orthanc:
    """A PACS in a folder of its own; it may be stopped and started again."""

    def __init__(self, folder: Path, **modalities: Any) -> None:
        self.title, self.http, self.dicom = "ORTHANC", free_port(), free_port()
        settings = {
            "Name": "test",
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "storage"),
            "Plugins": [str(_PLUGINS)],
            "HttpPort": self.http,
            "DicomPort": self.dicom,
            "DicomAet": self.title,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomModalities": modalities,
            "DicomAlwaysAllowStore": True,
            "OverwriteInstances": False,
            "StableAge": 1,
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "orthanc.json"
        self._path.write_text(json.dumps(settings))
        self._log = folder / "orthanc.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def dicom_web(self) -> str:
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["Orthanc", str(self._path)], stdout=log, stderr=log
            )
        wait_until(self._is_ready)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def get(self, path: str) -> Any:
        """Ask the REST interface."""
        return json.loads(self.read(path))

    def read(self, path: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=30)
        try:
            connection.request("GET" if body is None else "POST", path, body)
            reply = connection.getresponse()
            data = reply.read()
            assert reply.status == 200, data
            return data
        finally:
            connection.close()

    def instances(self, modality: str) -> list[str]:
        """List Orthanc's ids of what it holds of a modality."""
        found = self.read(
            "/tools/find",
            json.dumps({"Level": "Instance", "Query": {"Modality": modality}}).encode(),
        )
        return list(json.loads(found))

    def _is_ready(self) -> bool:
        try:
            return bool(self.get("/system"))
        except OSError:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()
            return False


@pytest.fixture
def orthanc(tmp_path) -> Iterator[Callable[..., Orthanc]]:
    """Start a PACS: `orthanc(xray=("XRAY", port))` knows that modality."""
    if shutil.which("Orthanc") is None or not _PLUGINS.exists():
        pytest.skip("needs Orthanc: apt-get install orthanc orthanc-dicomweb")
    started: list[Orthanc] = []

    def start(**modalities: tuple[str, int]) -> Orthanc:
        known = {
            name: {
                "AET": title,
                "Host": "127.0.0.1",
                "Port": port,
                "AllowStorageCommitment": True,
            }
            for name, (title, port) in modalities.items()
        }
        started.append(Orthanc(tmp_path / f"orthanc{len(started)}", **known))
        return started[-1]

    yield start
    for each in started:
        each.stop()
