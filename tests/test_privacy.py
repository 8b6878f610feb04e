"""A file whose every text is a marker, and every place where it must not turn up.

The audit, which names devices on purpose, has a test of its own in test_audit.
"""

import logging
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_files import marked_file
from xray.cli import main
from xray.ui.history import to_csv, to_json

_ROOT = Path(__file__).parents[1]
_MARKER = "ZQXSECRETQZ"


@pytest.fixture(scope="module")
def marked() -> bytes:
    data = marked_file(_MARKER)
    assert data.count(_MARKER.encode()) > 1000
    return data


@pytest.fixture(autouse=True)
def own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Path:
    """Let temporary files go where they can be looked at, and log everything."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    caplog.set_level(logging.DEBUG)
    return folder


def _find(folder: Path) -> list[Path]:
    """List files that hold the marker, also inside zips."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                content += b"".join(map(packed.read, packed.namelist()))
        if _MARKER.encode() in content:
            found.append(path)
    return found


@pytest.mark.parametrize("page", ["radiographs", "history"])
def test_nothing_identifying_on_the_pages_in_history_or_exports(
    marked: bytes,
    own_folder: Path,
    page: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=60).run()
    upload = [("film.dcm", marked, "application/octet-stream")]
    app.file_uploader[0].set_value(upload).run()
    while app.session_state["session"].waiting:
        app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    tab = app.session_state["session"]
    assert len(tab.films) == 1
    captured = capfd.readouterr()
    places = {
        "page": "\n".join(map(repr, app)),
        "history": repr(list(tab.history)),
        "CSV": to_csv(tab.films, "model"),
        "JSON": to_json(tab.films, "model"),
        "output": captured.out + captured.err,
        "log": caplog.text,
    }
    assert [name for name, text in places.items() if _MARKER in text] == []
    assert _find(own_folder) == []


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "{film}"],
        ["predict", "{film}", "--json", "--heatmaps", "{out}/maps"],
        ["convert", "{folder}", "{out}/png"],
    ],
    ids=lambda words: " ".join(words[:1] + [word for word in words if "--" in word]),
)
def test_nothing_identifying_from_the_command_line(
    marked: bytes,
    own_folder: Path,
    tmp_path: Path,
    words: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder, out = tmp_path / "films", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "film.dcm").write_bytes(marked)
    paths = {"film": folder / "film.dcm", "folder": folder, "out": out}
    assert main([word.format(**paths) for word in words]) == 0
    captured = capfd.readouterr()
    assert _MARKER not in captured.out + captured.err
    assert _find(out) == []
    assert _find(own_folder) == []
